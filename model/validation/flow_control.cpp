#include "model/go_text.hpp"
#include "model/label_names.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/names.hpp"

#include <cmath>

namespace troupe::model {
namespace {

constexpr std::int64_t most_precedence = 10000;
constexpr std::int64_t most_queues = 10'000'000;
constexpr int hash_bits = 60;
constexpr std::string_view verbs[] = {"create", "delete", "deletecollection", "get",  "list",
                                      "patch",  "proxy",  "update",           "watch"};

void validate_verbs(const json& rule, const field_path& path, faults& out) {
  const field_path here = path.child("verbs");
  const auto& list = items_of(rule, "verbs");
  if (list.empty()) return out.required(here, "verbs must contain at least one value");
  if (has_wildcard_and_more(list))
    return out.invalid(here, go_strings(value_of(rule, "verbs")),
                       "if '*' is present, must not specify other verbs");
  const auto known = [](const json& verb) {
    return verb == "*" || std::ranges::find(verbs, as_text(verb)) != std::end(verbs);
  };
  if (!std::ranges::all_of(list, known))
    out.not_supported(here, go_strings(value_of(rule, "verbs")), verbs);
}

/// A list of which "*" has to be the only item.
void validate_list(const json& rule, const char* name, const field_path& path,
                   std::string_view when_empty, std::string_view what, faults& out) {
  const field_path here = path.child(name);
  const auto& list = items_of(rule, name);
  if (list.empty()) out.required(here, when_empty);
  if (has_wildcard_and_more(list))
    out.invalid(here, go_strings(value_of(rule, name)),
                "if '*' is present, must not specify other " + std::string(what));
}

std::string_view url_fault(std::string_view url) {
  if (url.empty()) return "must not be empty";
  if (url == "/") return {};
  if (!url.starts_with('/')) return "must start with slash";
  if (url.find(' ') != url.npos) return "must not contain white-space";
  if (url.find("//") != url.npos) return "must not contain double slash";
  const auto star = url.find('*');
  if (star != url.npos && (star + 1 != url.size() || !url.ends_with("/*")))
    return "wildcard can only do suffix matching";
  return {};
}

void validate_non_resource_rule(const json& rule, const field_path& path, faults& out) {
  validate_verbs(rule, path, out);
  validate_list(rule, "nonResourceURLs", path, "nonResourceURLs must contain at least one value",
                "non-resource URLs", out);
  const auto& urls = items_of(rule, "nonResourceURLs");
  if (has_text(urls, "*")) return;
  const field_path here = path.child("nonResourceURLs");
  for (std::size_t i = 0; i < urls.size(); ++i)
    if (const auto fault = url_fault(as_text(urls[i])); !fault.empty())
      out.invalid(here.index(i), urls[i], fault);
}

void validate_resource_rule(const json& rule, const field_path& path, faults& out) {
  validate_verbs(rule, path, out);
  validate_list(rule, "apiGroups", path, "resource rules must supply at least one api group",
                "api groups", out);
  validate_list(rule, "resources", path, "resource rules must supply at least one resource",
                "resources", out);
  const field_path here = path.child("namespaces");
  const auto& namespaces = items_of(rule, "namespaces");
  if (namespaces.empty() && value_of(rule, "clusterScope") != true)
    return out.required(here,
                        "resource rules that are not cluster scoped must supply at least one "
                        "namespace");
  if (has_wildcard_and_more(namespaces))
    return out.invalid(here, go_strings(value_of(rule, "namespaces")),
                       "if '*' is present, must not specify other namespaces");
  for (std::size_t i = 0; i < namespaces.size(); ++i) {
    const auto fault = dns_label_fault(as_text(namespaces[i]));
    if (as_text(namespaces[i]) != "*" && !fault.empty())
      out.invalid(here.index(i), namespaces[i],
                  "each member of this list must be '*' or a DNS-1123 label; " + fault);
  }
}

struct subject_kind {
  std::string_view kind;
  const char* member;
};
constexpr subject_kind subject_kinds[] = {
    {"ServiceAccount", "serviceAccount"}, {"User", "user"}, {"Group", "group"}};

void validate_account(const json& account, const field_path& path, faults& out) {
  const auto name = text_of(account, "name");
  if (!name.empty() && name != "*") out.check(path.child("name"), name, dns_subdomain_fault(name));
  const auto ns = text_of(account, "namespace");
  if (ns.empty())
    out.required(path.child("namespace"), "must specify namespace for service account");
  else
    out.check(path.child("namespace"), ns, dns_label_fault(ns));
}

void validate_subject(const json& subject, const field_path& path, faults& out) {
  const auto kind = text_of(subject, "kind");
  const auto own = std::ranges::find(subject_kinds, kind, &subject_kind::kind);
  if (own == std::end(subject_kinds))
    return out.not_supported(path.child("kind"), kind, {"Group", "ServiceAccount", "User"});
  for (const auto& one : subject_kinds) {
    const json& value = value_of(subject, one.member);
    const field_path here = path.child(one.member);
    const std::string member(one.member);
    if (one.kind != kind) {
      if (!value.is_null())
        out.forbidden(here, member + " is forbidden when subject kind is not '" +
                                std::string(one.kind) + "'");
    } else if (value.is_null()) {
      out.required(here, member + " is required when subject kind is '" + std::string(kind) + "'");
    } else {
      if (text_of(value, "name").empty()) out.required(here.child("name"));
      if (kind == "ServiceAccount") validate_account(value, here, out);
    }
  }
}

void validate_flow_rule(const json& rule, const field_path& path, faults& out) {
  const field_path subjects_path = path.child("subjects");
  const auto& subjects = items_of(rule, "subjects");
  if (subjects.empty()) out.required(subjects_path, "subjects must contain at least one value");
  for (std::size_t i = 0; i < subjects.size(); ++i)
    validate_subject(subjects[i], subjects_path.index(i), out);
  const auto& resource_rules = items_of(rule, "resourceRules");
  const auto& other_rules = items_of(rule, "nonResourceRules");
  if (resource_rules.empty() && other_rules.empty())
    out.required(path, "at least one of resourceRules and nonResourceRules has to be non-empty");
  const field_path resource_path = path.child("resourceRules");
  for (std::size_t i = 0; i < resource_rules.size(); ++i)
    validate_resource_rule(resource_rules[i], resource_path.index(i), out);
  const field_path other_path = path.child("nonResourceRules");
  for (std::size_t i = 0; i < other_rules.size(); ++i)
    validate_non_resource_rule(other_rules[i], other_path.index(i), out);
}

void validate_conditions(const json& object, faults& out) {
  const field_path status("status");
  const field_path path = status.child("conditions");
  const auto& conditions = items_of(value_of(object, "status"), "conditions");
  distinct types;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const field_path here = path.index(i);
    const auto type = text_of(conditions[i], "type");
    types.add(type, here.child("type"), out);
    if (type.empty()) out.required(here.child("type"), "must not be empty");
  }
}

void validate_share(const json& level, const field_path& path, faults& out) {
  if (const auto shares = integer_of(level, "nominalConcurrencyShares"); shares < 0)
    out.invalid(path.child("nominalConcurrencyShares"), shares, "must be a non-negative integer");
  const auto lendable = integer_of(level, "lendablePercent");
  if (lendable < 0 || lendable > 100)
    out.invalid(path.child("lendablePercent"), lendable, "must be between 0 and 100, inclusive");
}

/// The bits of a hash that dealing a hand of `hand` out of `deck` queues uses up.
int required_bits(std::int64_t deck, std::int64_t hand) {
  return static_cast<int>(
      std::ceil(std::log2(static_cast<double>(deck)) * static_cast<double>(hand)));
}

void validate_queuing(const json& queuing, const field_path& path, faults& out) {
  const auto length = integer_of(queuing, "queueLengthLimit");
  const auto queues = integer_of(queuing, "queues");
  const auto hand = integer_of(queuing, "handSize");
  if (length <= 0) out.invalid(path.child("queueLengthLimit"), length, "must be positive");
  if (queues <= 0)
    out.invalid(path.child("queues"), queues, "must be positive");
  else if (queues > most_queues)
    out.invalid(path.child("queues"), queues,
                "must not be greater than " + std::to_string(most_queues));
  if (hand <= 0)
    out.invalid(path.child("handSize"), hand, "must be positive");
  else if (hand > queues)
    out.invalid(path.child("handSize"), hand,
                "should not be greater than queues (" + std::to_string(queues) + ")");
  else if (required_bits(queues, hand) > hash_bits)
    out.invalid(path.child("handSize"), hand,
                "required entropy bits of deckSize " + std::to_string(queues) + " and handSize " +
                    std::to_string(hand) + " should not be greater than " +
                    std::to_string(hash_bits));
}

void validate_limited(const json& limited, const field_path& path, faults& out) {
  validate_share(limited, path, out);
  if (const auto percent = integer_of(limited, "borrowingLimitPercent"); percent < 0)
    out.invalid(path.child("borrowingLimitPercent"), percent,
                "if specified, must be a non-negative integer");
  const json& response = value_of(limited, "limitResponse");
  const field_path response_path = path.child("limitResponse");
  const field_path queuing_path = response_path.child("queuing");
  const json& queuing = value_of(response, "queuing");
  const auto type = text_of(response, "type");
  if (type == "Reject") {
    if (!queuing.is_null())
      out.forbidden(queuing_path, "must be nil if limited.limitResponse.type is not Limited");
  } else if (type != "Queue") {
    out.not_supported(response_path.child("type"), type, {"Queue", "Reject"});
  } else if (queuing.is_null()) {
    out.required(queuing_path, "must not be empty if limited.limitResponse.type is Limited");
  } else {
    validate_queuing(queuing, queuing_path, out);
  }
}

}  // namespace

void validate_flow_schema(const json& schema, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(schema, "spec");
  const field_path precedence_path = path.child("matchingPrecedence");
  const auto precedence = integer_of(spec, "matchingPrecedence");
  if (precedence <= 0) out.invalid(precedence_path, precedence, "must be a positive value");
  if (precedence > most_precedence)
    out.invalid(precedence_path, precedence,
                "must not be greater than " + std::to_string(most_precedence));
  if (precedence == 1 && string_at(schema, {"metadata", "name"}) != "exempt")
    out.invalid(precedence_path, precedence,
                "only the schema named 'exempt' may have matchingPrecedence 1");
  if (const json& method = value_of(spec, "distinguisherMethod"); !method.is_null()) {
    const auto type = text_of(method, "type");
    const field_path method_path = path.child("distinguisherMethod");
    if (type != "ByNamespace" && type != "ByUser")
      out.not_supported(method_path.child("type"), type, {"ByNamespace", "ByUser"});
  }
  const field_path level_path = path.child("priorityLevelConfiguration");
  const auto level = text_of(value_of(spec, "priorityLevelConfiguration"), "name");
  if (level.empty())
    out.required(level_path.child("name"), "must reference a priority level");
  else
    out.check(level_path.child("name"), level, dns_subdomain_fault(level));
  const field_path rules_path = path.child("rules");
  const auto& rules = items_of(spec, "rules");
  for (std::size_t i = 0; i < rules.size(); ++i)
    validate_flow_rule(rules[i], rules_path.index(i), out);
  validate_conditions(schema, out);
}

void validate_priority_level(const json& level, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(level, "spec");
  const auto type = text_of(spec, "type");
  const json& limited = value_of(spec, "limited");
  const json& exempt = value_of(spec, "exempt");
  if ((string_at(level, {"metadata", "name"}) == "exempt") != (type == "Exempt"))
    out.invalid(path.child("type"), type, "type must be 'Exempt' if and only if name is 'exempt'");
  if (type == "Exempt") {
    if (!limited.is_null())
      out.forbidden(path.child("limited"), "must be nil if the type is not Limited");
    if (!exempt.is_null()) validate_share(exempt, path.child("exempt"), out);
  } else if (type == "Limited") {
    if (!exempt.is_null())
      out.forbidden(path.child("exempt"), "must be nil if the type is Limited");
    if (limited.is_null())
      out.required(path.child("limited"), "must not be empty when type is Limited");
    else
      validate_limited(limited, path.child("limited"), out);
  } else {
    out.not_supported(path.child("type"), type, {"Exempt", "Limited"});
  }
  validate_conditions(level, out);
}

void validate_flow_control_status(const json&, const json& object, faults& out) {
  validate_conditions(object, out);
}

}  // namespace troupe::model
