#include "model/validation/webhooks.hpp"

#include "model/go_text.hpp"
#include "model/label_names.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/label_selector.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/names.hpp"

namespace troupe::model {
namespace {

constexpr std::string_view review_versions = "v1, v1beta1";

void validate_review_versions(const json& hook, const field_path& hook_path, faults& out) {
  const field_path path = hook_path.child("admissionReviewVersions");
  const auto& versions = items_of(hook, "admissionReviewVersions");
  if (versions.empty())
    return out.required(path, "must specify one of " + std::string(review_versions));
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const auto version = as_text(versions[i]);
    if (!seen.insert(version).second)
      out.invalid(path.index(i), version, "duplicate version");
    else
      out.check(path.index(i), version, dns_1035_label_fault(version));
  }
  if (!seen.contains("v1") && !seen.contains("v1beta1"))
    out.invalid(path, go_strings(value_of(hook, "admissionReviewVersions")),
                "must include at least one of " + std::string(review_versions));
}

/// A domain of at least three parts.
void validate_full_name(std::string_view name, const field_path& path, faults& out) {
  if (name.empty()) return out.required(path);
  if (const auto fault = dns_subdomain_fault(name); !fault.empty())
    return out.check(path, name, fault);
  if (std::ranges::count(name, '.') < 2)
    out.invalid(path, name, "should be a domain with at least three segments separated by dots");
}

void validate_side_effects(const json& hook, const field_path& hook_path, faults& out) {
  const field_path path = hook_path.child("sideEffects");
  const json& effects = value_of(hook, "sideEffects");
  if (effects.is_null()) return out.required(path, "must specify one of None, NoneOnDryRun");
  if (effects != "None" && effects != "NoneOnDryRun")
    out.not_supported(path, as_text(effects), {"None", "NoneOnDryRun"});
}

void validate_hook(const json& hook, const field_path& path, faults& out) {
  validate_full_name(text_of(hook, "name"), path.child("name"), out);
  const field_path rules_path = path.child("rules");
  const auto& rules = items_of(hook, "rules");
  for (std::size_t i = 0; i < rules.size(); ++i)
    validate_rule_with_operations(rules[i], rules_path.index(i), out);
  validate_failure_policy(hook, path, out);
  validate_match_policy(hook, path, out);
  validate_side_effects(hook, path, out);
  if (const json& seconds = value_of(hook, "timeoutSeconds"); !seconds.is_null())
    if (seconds.get<std::int64_t>() < 1 || seconds.get<std::int64_t>() > 30)
      out.invalid(path.child("timeoutSeconds"), seconds,
                  "the timeout value must be between 1 and 30 seconds");
  for (const char* name : {"namespaceSelector", "objectSelector"})
    validate_label_selector(value_of(hook, name), path.child(name), out);
  if (const json& policy = value_of(hook, "reinvocationPolicy");
      !policy.is_null() && policy != "Never" && policy != "IfNeeded")
    out.not_supported(path.child("reinvocationPolicy"), as_text(policy), {"IfNeeded", "Never"});
  validate_client_config(value_of(hook, "clientConfig"), path.child("clientConfig"), out);
  validate_match_conditions(hook, {}, path, out);
}

/// Resources with their subresources, as far as wildcards leave room for them.
void validate_rule_resources(const json& rule, const field_path& rule_path, faults& out) {
  const field_path path = rule_path.child("resources");
  const auto& resources = items_of(rule, "resources");
  if (resources.empty()) out.required(path);
  std::set<std::string_view> all_below, all_above;
  bool plain = false;
  for (std::size_t i = 0; i < resources.size(); ++i) {
    const auto text = as_text(resources[i]);
    if (text.empty()) {
      out.required(path.index(i));
      continue;
    }
    const auto slash = text.find('/');
    if (slash == text.npos) {
      plain = text != "*";
      continue;
    }
    const auto resource = text.substr(0, slash);
    const auto sub = text.substr(slash + 1);
    const auto refuse = [&](const std::string& wildcard) {
      out.invalid(path.index(i), text,
                  "if '" + wildcard + "' is present, must not specify " + std::string(text));
    };
    if (all_below.contains(resource)) refuse(std::string(resource) + "/*");
    if (all_above.contains(sub)) refuse("*/" + std::string(sub));
    if (sub == "*") all_below.insert(resource);
    if (resource == "*") all_above.insert(sub);
  }
  const go_text list = go_strings(value_of(rule, "resources"));
  if (resources.size() > 1 && has_text(resources, "*/*"))
    out.invalid(path, list, "if '*/*' is present, must not specify other resources");
  if (plain && has_text(resources, "*"))
    out.invalid(path, list,
                "if '*' is present, must not specify other resources without subresources");
}

void validate_webhooks(const json& configuration, faults& out) {
  const field_path path("webhooks");
  const auto& hooks = items_of(configuration, "webhooks");
  distinct names;
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    const field_path here = path.index(i);
    validate_hook(hooks[i], here, out);
    validate_review_versions(hooks[i], here, out);
    if (const auto name = text_of(hooks[i], "name"); !name.empty())
      names.add(name, here.child("name"), out);
  }
}

}  // namespace

void validate_failure_policy(const json& owner, const field_path& path, faults& out) {
  const json& policy = value_of(owner, "failurePolicy");
  if (!policy.is_null() && policy != "Fail" && policy != "Ignore")
    out.not_supported(path.child("failurePolicy"), as_text(policy), {"Fail", "Ignore"});
}

void validate_match_policy(const json& owner, const field_path& path, faults& out) {
  const json& policy = value_of(owner, "matchPolicy");
  if (!policy.is_null() && policy != "Equivalent" && policy != "Exact")
    out.not_supported(path.child("matchPolicy"), as_text(policy), {"Equivalent", "Exact"});
}

void validate_rule_with_operations(const json& rule, const field_path& path, faults& out) {
  const field_path operations_path = path.child("operations");
  const auto& operations = items_of(rule, "operations");
  if (operations.empty()) out.required(operations_path);
  if (has_wildcard_and_more(operations))
    out.invalid(operations_path,
                go_list("admissionregistration.OperationType", value_of(rule, "operations")),
                "if '*' is present, must not specify other operations");
  constexpr std::string_view known[] = {"*", "CONNECT", "CREATE", "DELETE", "UPDATE"};
  for (std::size_t i = 0; i < operations.size(); ++i)
    if (std::ranges::find(known, as_text(operations[i])) == std::end(known))
      out.not_supported(operations_path.index(i), as_text(operations[i]), known);
  constexpr std::pair<const char*, std::string_view> lists[] = {
      {"apiGroups", "if '*' is present, must not specify other API groups"},
      {"apiVersions", "if '*' is present, must not specify other API versions"}};
  for (const auto& [name, why] : lists) {
    const auto& list = items_of(rule, name);
    if (list.empty()) out.required(path.child(name));
    if (has_wildcard_and_more(list))
      out.invalid(path.child(name), go_strings(value_of(rule, name)), why);
  }
  const field_path versions_path = path.child("apiVersions");
  const auto& versions = items_of(rule, "apiVersions");
  for (std::size_t i = 0; i < versions.size(); ++i)
    if (as_text(versions[i]).empty()) out.required(versions_path.index(i));
  validate_rule_resources(rule, path, out);
  if (const json& scope = value_of(rule, "scope");
      !scope.is_null() && scope != "*" && scope != "Cluster" && scope != "Namespaced")
    out.not_supported(path.child("scope"), as_text(scope), {"*", "Cluster", "Namespaced"});
}

cel::type_ptr validate_expression(const json& holder, const char* member,
                                  const expression_scope& scope,
                                  std::initializer_list<cel::type_kind> results,
                                  const field_path& path, faults& out) {
  const std::string text(text_of(holder, member));
  if (trimmed(text).empty()) return nullptr;
  const auto found = cel::check(text, admission_variables(scope));
  if (!found.result) {
    out.invalid(path.child(member), text, "compilation failed: " + found.faults);
    return nullptr;
  }
  if (results.size() == 0 ||
      std::ranges::find(results, found.result->kind) != std::ranges::end(results))
    return found.result;
  std::string wanted;
  for (const auto kind : results)
    wanted += (wanted.empty() ? "" : " ") + cel::printed_type(*cel::plain_type(kind));
  out.invalid(path.child(member), text,
              results.size() == 1 ? "must evaluate to " + wanted
                                  : "must evaluate to one of [" + wanted + "]");
  return nullptr;
}

void validate_match_conditions(const json& owner, const expression_scope& scope,
                               const field_path& owner_path, faults& out) {
  constexpr std::size_t most = 64;
  const field_path path = owner_path.child("matchConditions");
  const auto& conditions = items_of(owner, "matchConditions");
  if (conditions.size() > most) out.too_many(path, conditions.size(), most);
  distinct names;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const field_path here = path.index(i);
    if (trimmed(text_of(conditions[i], "expression")).empty())
      out.required(here.child("expression"));
    validate_expression(conditions[i], "expression", scope, {cel::type_kind::boolean}, here, out);
    const auto name = text_of(conditions[i], "name");
    if (name.empty()) {
      out.required(here.child("name"));
    } else {
      out.check(here.child("name"), name, qualified_name_fault(name));
      names.add(name, here.child("name"), out);
    }
  }
}

void validate_webhook_service(const json& service, const field_path& path, faults& out) {
  for (const char* name : {"name", "namespace"})
    if (text_of(service, name).empty()) out.required(path.child(name));
  const auto port = integer_of(service, "port");
  if (const auto fault = port_fault(port); !fault.empty())
    out.invalid(path.child("port"), port, "port is not valid: " + fault);
  const field_path here = path.child("path");
  const auto text = text_of(service, "path");
  if (text.empty() || text == "/") return;
  if (text == "//") return out.invalid(here, text, "segment[0] may not be empty");
  if (!text.starts_with('/')) out.invalid(here, text, "must start with a '/'");
  auto rest = text.substr(1);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  for (std::size_t i = 0;; ++i) {
    const auto slash = rest.find('/');
    const auto segment = rest.substr(0, slash);
    const std::string name = "segment[" + std::to_string(i) + "]";
    if (segment.empty())
      out.invalid(here, text, name + " may not be empty");
    else if (const auto fault = dns_subdomain_fault(segment); !fault.empty())
      out.invalid(here, text, name + ": " + fault);
    if (slash == rest.npos) return;
    rest.remove_prefix(slash + 1);
  }
}

void validate_webhook_url(std::string_view url, const field_path& path, faults& out) {
  constexpr std::string_view form = "; desired format: https://host[/path]";
  const auto scheme_end = std::min(url.find("://"), url.size());
  const auto scheme = scheme_end == url.size() ? std::string_view() : url.substr(0, scheme_end);
  if (scheme != "https")
    out.invalid(path, scheme, std::string("'https' is the only allowed URL scheme").append(form));
  auto rest = scheme.empty() ? url : url.substr(scheme_end + 3);
  const auto split_off = [&](char mark) {
    const auto at = std::min(rest.find(mark), rest.size());
    const auto tail = rest.substr(std::min(at + 1, rest.size()));
    rest = rest.substr(0, at);
    return tail;
  };
  const auto fragment = split_off('#');
  const auto query = split_off('?');
  auto host = scheme.empty() ? std::string_view() : rest.substr(0, rest.find('/'));
  const auto at_sign = host.rfind('@');
  const auto user = at_sign == host.npos ? std::string_view() : host.substr(0, at_sign);
  if (at_sign != host.npos) host.remove_prefix(at_sign + 1);
  if (host.empty()) out.invalid(path, host, std::string("host must be specified").append(form));
  if (at_sign != std::string_view::npos && !user.empty())
    out.invalid(path, user, "user information is not permitted in the URL");
  if (!fragment.empty()) out.invalid(path, fragment, "fragments are not permitted in the URL");
  if (!query.empty()) out.invalid(path, query, "query parameters are not permitted in the URL");
}

void validate_client_config(const json& config, const field_path& path, faults& out) {
  const json& url = value_of(config, "url");
  const json& service = value_of(config, "service");
  if (url.is_null() == service.is_null())
    out.required(path, "exactly one of url or service is required");
  else if (!url.is_null())
    validate_webhook_url(as_text(url), path.child("url"), out);
  else
    validate_webhook_service(service, path.child("service"), out);
}

void validate_webhook_configuration(const json& configuration, faults& out) {
  validate_webhooks(configuration, out);
}

}  // namespace troupe::model
