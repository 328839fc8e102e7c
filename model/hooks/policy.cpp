#include "model/hooks/policy.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::size_t longest_message = 5 << 10;

std::shared_ptr<const cel::program> compiled(const json& holder, const char* name) {
  const std::string text = string_at(holder, {name});
  std::string error;
  return text.empty() ? nullptr : cel::program::compile(text, admission_names(), error);
}

admission_match read_match(const json& m) {
  admission_match out;
  out.rules = read_rules(at(m, {"resourceRules"}));
  out.excluded = read_rules(at(m, {"excludeResourceRules"}));
  out.equivalent = string_at(m, {"matchPolicy"}) != "Exact";
  out.namespaces = read_selector(at(m, {"namespaceSelector"}));
  out.objects = read_selector(at(m, {"objectSelector"}));
  return out;
}

int code_of(std::string_view reason) {
  if (reason == "Unauthorized") return 401;
  if (reason == "Forbidden") return 403;
  if (reason == "RequestEntityTooLarge") return 413;
  return 422;
}

/// One policy with one binding and one parameter, against one request.
class judgement {
 public:
  judgement(const admission_policy& policy, const policy_binding& binding, const hook_request& r,
            const kind_info& as, const json& params, const policy_world& world)
      : policy_(policy),
        binding_(binding),
        r_(r),
        params_(params),
        as_(as),
        rights_(world.rights),
        request_(request_document(r, as, "")),
        namespace_(r.ns.empty() ? json() : world.namespace_object(r.ns)),
        scope_{[this](std::string_view name) { return find(name); }} {}

  void run(policy_verdict& out) {
    if (!conditions_hold(out)) return;
    for (const policy_validation& v : policy_.validations) {
      if (out.refused) return;
      judge(v, out);
    }
  }

 private:
  std::optional<cel::value> find(std::string_view name) {
    if (name == "object") return cel::value::of(request_["object"]);
    if (name == "oldObject") return cel::value::of(request_["oldObject"]);
    if (name == "request") return cel::value::of(request_);
    if (name == "params") return cel::value::of(params_);
    if (name == "namespaceObject") return cel::value::of(namespace_);
    if (auto asked = find_authorizer(name, r_, as_, rights_)) return asked;
    constexpr std::string_view prefix = "variables.";
    if (name.starts_with(prefix)) return variable(name.substr(prefix.size()));
    return std::nullopt;
  }

  /// Computed when it is first asked for; a variable sees those before it.
  std::optional<cel::value> variable(std::string_view name) {
    const auto known = made_.find(name);
    if (known != made_.end()) return known->second;
    const auto found = std::ranges::find(policy_.variables, name, &policy_variable::name);
    if (found == policy_.variables.end()) return std::nullopt;
    if (!found->expression || !open_.insert(found->name).second)
      throw cel::failure{"variable " + found->name + " cannot be computed"};
    cel::value made = found->expression->evaluate(scope_, budget_);
    open_.erase(found->name);
    return made_.emplace(found->name, std::move(made)).first->second;
  }

  bool truth(const std::shared_ptr<const cel::program>& p) {
    if (!p) throw cel::failure{"compilation failed"};
    const cel::value found = p->evaluate(scope_, budget_);
    const bool* holds = found.get<bool>();
    if (!holds) throw cel::failure{"no such overload"};
    return *holds;
  }

  bool conditions_hold(policy_verdict& out) {
    std::string error;
    for (const match_condition& c : policy_.conditions) {
      try {
        if (!truth(c.expression)) return false;
      } catch (const cel::failure& f) {
        if (error.empty()) error = f.message;
      }
    }
    if (error.empty()) return true;
    if (policy_.fails_closed) fail(error, "", out);
    return false;
  }

  void judge(const policy_validation& v, policy_verdict& out) {
    try {
      if (truth(v.expression)) return;
    } catch (const cel::failure& f) {
      if (policy_.fails_closed)
        fail("expression '" + v.text + "' resulted in error: " + f.message, "", out);
      return;
    }
    fail(message_of(v), v.reason, out);
  }

  std::string message_of(const policy_validation& v) {
    if (v.message_expression) try {
        const cel::value made = v.message_expression->evaluate(scope_, budget_);
        const auto* text = made.get<std::string>();
        if (text && !text->empty() && text->size() <= longest_message &&
            text->find('\n') == text->npos)
          return *text;
      } catch (const cel::failure&) {
        // A message that cannot be made gives way to the plain one, as Kubernetes has it.
      }
    return v.message.empty() ? "failed expression: " + v.text : v.message;
  }

  void fail(const std::string& why, const std::string& reason, policy_verdict& out) {
    const std::string by =
        "ValidatingAdmissionPolicy '" + policy_.name + "' with binding '" + binding_.name + "'";
    if (binding_.warns) {
      std::string warning = "Validation failed for ";
      out.warnings.push_back(warning.append(by).append(": ").append(why));
    }
    if (!binding_.denies) return;
    status s =
        forbidden({std::string(r_.kind->resource), r_.ns, r_.name}, by + " denied request: " + why);
    s.reason = reason.empty() ? "Invalid" : reason;
    s.code = code_of(s.reason);
    s.causes.push_back({"", by + " denied request: " + why, ""});
    out.refused = std::move(s);
  }

  const admission_policy& policy_;
  const policy_binding& binding_;
  const hook_request& r_;
  const json& params_;
  const kind_info& as_;
  const authorizer* rights_;
  const json request_;
  const json namespace_;
  const cel::scope scope_;
  cel::budget budget_;
  std::map<std::string, cel::value, std::less<>> made_;
  std::set<std::string> open_;
};

std::vector<json> params_of(const admission_policy& p, const policy_binding& b,
                            const hook_request& r, const policy_world& world) {
  if (p.param_kind.empty()) return {json()};
  const std::string ns = b.param_namespace.empty() ? r.ns : b.param_namespace;
  std::vector<json> out = world.params(p.param_api_version, p.param_kind, ns, b.param_name);
  if (b.selects_params)
    std::erase_if(out, [&](const json& param) {
      string_pairs labels;
      for (const auto& [key, value] : at(param, {"metadata", "labels"}).items())
        labels.emplace_back(key, value.is_string() ? value.get<std::string>() : "");
      return !b.param_selector.matches(labels);
    });
  return out;
}

}  // namespace

admission_policy read_policy(const json& policy) {
  const json& spec = at(policy, {"spec"});
  admission_policy out;
  out.name = string_at(policy, {"metadata", "name"});
  out.match = read_match(at(spec, {"matchConstraints"}));
  out.conditions = read_conditions(at(spec, {"matchConditions"}));
  out.fails_closed = string_at(spec, {"failurePolicy"}) != "Ignore";
  out.param_api_version = string_at(spec, {"paramKind", "apiVersion"});
  out.param_kind = string_at(spec, {"paramKind", "kind"});
  for (const json& v : at(spec, {"variables"}))
    out.variables.push_back({string_at(v, {"name"}), compiled(v, "expression")});
  for (const json& v : at(spec, {"validations"}))
    out.validations.push_back({compiled(v, "expression"), compiled(v, "messageExpression"),
                               string_at(v, {"expression"}), string_at(v, {"message"}),
                               string_at(v, {"reason"})});
  return out;
}

policy_binding read_binding(const json& binding) {
  const json& spec = at(binding, {"spec"});
  policy_binding out;
  out.name = string_at(binding, {"metadata", "name"});
  out.policy = string_at(spec, {"policyName"});
  out.restricted = at(spec, {"matchResources"}).is_object();
  out.match = read_match(at(spec, {"matchResources"}));
  for (const json& action : at(spec, {"validationActions"})) {
    out.denies |= action == "Deny";
    out.warns |= action == "Warn";
  }
  const json& param = at(spec, {"paramRef"});
  out.param_name = string_at(param, {"name"});
  out.param_namespace = string_at(param, {"namespace"});
  out.selects_params = at(param, {"selector"}).is_object();
  out.param_selector = read_selector(at(param, {"selector"}));
  out.needs_params = string_at(param, {"parameterNotFoundAction"}) != "Allow";
  return out;
}

policy_verdict judge_by_policies(const std::map<std::string, admission_policy>& policies,
                                 const std::vector<policy_binding>& bindings, const hook_request& r,
                                 const policy_world& world) {
  policy_verdict out;
  const string_pairs labels = r.ns.empty() ? string_pairs{} : world.labels(r.ns);
  for (const policy_binding& b : bindings) {
    const auto found = policies.find(b.policy);
    if (found == policies.end()) continue;
    const admission_policy& p = found->second;
    const kind_info* as = p.match.wanted(r, labels);
    if (!as) continue;
    if (b.restricted) {
      // A binding without rules of its own only narrows by its selectors.
      admission_match own = b.match;
      if (own.rules.empty()) own.rules = p.match.rules;
      if (!own.wanted(r, labels)) continue;
    }
    const auto params = params_of(p, b, r, world);
    if (params.empty() && b.needs_params && b.denies && p.fails_closed) {
      status s = forbidden({std::string(r.kind->resource), r.ns, r.name},
                           "ValidatingAdmissionPolicy '" + p.name + "' with binding '" + b.name +
                               "' denied request: failed to configure binding: no params found "
                               "for policy binding with `Deny` parameterNotFoundAction");
      s.reason = "Invalid";
      s.code = 422;
      s.causes.push_back({"", s.message.substr(s.message.find("ValidatingAdmissionPolicy")), ""});
      out.refused = std::move(s);
    }
    for (const json& param : params)
      if (!out.refused) judgement(p, b, r, *as, param, world).run(out);
    if (out.refused) return out;
  }
  return out;
}

}  // namespace troupe::model
