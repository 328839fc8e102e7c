#include "model/hooks/policy.hpp"

#include "model/hooks/policy_params.hpp"
#include "model/validation/lists.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::size_t longest_message = 5 << 10;
constexpr std::size_t longest_annotation = 10 << 10;
constexpr const char* failure_annotation = "validation.policy.admission.k8s.io/validation_failure";

/// Of one policy, by key: different parameters may say different things.
using annotation_values = std::map<std::string, std::vector<std::string>>;

std::shared_ptr<const cel::program> compiled(const json& holder, const char* name) {
  const std::string text = string_at(holder, {name});
  std::string error;
  return text.empty() ? nullptr : cel::program::compile(text, error);
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

/// What Go's encoder writes differently in JSON's texts, so that they may stand in a page.
std::string escaped_as_go_does(const std::string& text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '<':
        out += "\\u003c";
        break;
      case '>':
        out += "\\u003e";
        break;
      case '&':
        out += "\\u0026";
        break;
      default:
        out += c;
    }
  return out;
}

// How a refusal by a policy is told.
void refuse_by(const std::string& whose, const hook_request& r, const std::string& why,
               const std::string& reason, policy_verdict& out) {
  if (out.refused) return;
  const auto text = whose + " denied request: " + why;
  status s = forbidden({std::string(r.kind->resource), r.ns, r.name}, text);
  s.reason = reason.empty() ? "Invalid" : reason;
  s.code = code_of(s.reason);
  s.causes.push_back({"", text, ""});
  out.refused = std::move(s);
}

std::string name_of_policy(const admission_policy& p) {
  return "ValidatingAdmissionPolicy '" + p.name + "'";
}

std::string name_of_binding(const admission_policy& p, const policy_binding& b) {
  return name_of_policy(p) + " with binding '" + b.name + "'";
}

void refuse_misfit(const admission_policy& p, const policy_binding& b, const hook_request& r,
                   const policy_misfit& m, policy_verdict& out) {
  if (!p.fails_closed) return;
  if (m.of_binding)
    refuse_by(name_of_binding(p, b), r, "failed to configure binding: " + m.why, "", out);
  else
    refuse_by(name_of_policy(p), r, "failed to configure policy: " + m.why, "", out);
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
        namespace_(r.kind->namespaced && !r.ns.empty() ? world.namespace_object(r.ns) : json()),
        scope_{[this](std::string_view name) { return find(name); }} {}

  /// All is judged also when a request is refused already: others want to be told, too.
  void run(policy_verdict& out, annotation_values& notes) {
    if (!conditions_hold(out)) return;
    for (std::size_t i = 0; i < policy_.validations.size() && !over_; ++i)
      judge(policy_.validations[i], i, out);
    for (const policy_annotation& a : policy_.annotations) annotate(a, out, notes);
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
    cel::value made = found->expression->evaluate(scope_, *spends_);
    open_.erase(found->name);
    return made_.emplace(found->name, std::move(made)).first->second;
  }

  bool truth(const std::shared_ptr<const cel::program>& p) {
    if (!p) throw cel::failure{"compilation failed"};
    const cel::value found = p->evaluate(scope_, *spends_);
    const bool* holds = found.get<bool>();
    if (!holds) throw cel::failure{"no such overload"};
    return *holds;
  }

  bool conditions_hold(policy_verdict& out) {
    std::string error;
    cel::budget own{cel::budget::of_conditions};
    spends_ = &own;
    for (const match_condition& c : policy_.conditions) {
      try {
        if (!truth(c.expression)) return false;
      } catch (const cel::failure& f) {
        if (error.empty()) error = f.message;
      }
    }
    spends_ = &budget_;
    if (error.empty()) return true;
    if (policy_.fails_closed) fail(error, "", 0, out);
    return false;
  }

  void judge(const policy_validation& v, std::size_t index, policy_verdict& out) {
    try {
      if (truth(v.expression)) return;
    } catch (const cel::failure& f) {
      over_ = f.exceeded == cel::cost_limit::of_all;
      if (policy_.fails_closed) fail(over_ ? f.message : failed(v.text, f), "", index, out);
      return;
    }
    fail(message_of(v), v.reason, index, out);
  }

  static std::string failed(const std::string& expression, const cel::failure& f) {
    return "expression '" + expression + "' resulted in error: " + f.message;
  }

  /// Null and blank texts say nothing. What cannot be computed refuses the request, whatever the
  /// binding's actions are.
  void annotate(const policy_annotation& a, policy_verdict& out, annotation_values& notes) {
    try {
      if (!a.expression) throw cel::failure{"compilation failed"};
      const cel::value made = a.expression->evaluate(scope_, budget_);
      if (made.is_null()) return;
      const auto* text = made.get<std::string>();
      if (!text)
        return refuse("valueExpression '" + a.text + "' resulted in unsupported return type: " +
                          made.type_name() + ". Return type must be either string or null.",
                      "", out);
      const auto value = std::string(trimmed(*text)).substr(0, longest_annotation);
      auto& values = notes[a.key];
      if (!value.empty() && std::ranges::find(values, value) == values.end())
        values.push_back(value);
    } catch (const cel::failure& f) {
      if (policy_.fails_closed) refuse(failed(a.text, f), "", out);
    }
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

  void fail(const std::string& why, const std::string& reason, std::size_t index,
            policy_verdict& out) {
    if (binding_.warns)
      out.warnings.push_back("Validation failed for " + name_of_binding(policy_, binding_) + ": " +
                             why);
    if (binding_.audits) out.audit_annotations[failure_annotation] = failure_text(why, index);
    if (binding_.denies) refuse(why, reason, out);
  }

  void refuse(const std::string& why, const std::string& reason, policy_verdict& out) const {
    refuse_by(name_of_binding(policy_, binding_), r_, why, reason, out);
  }

  /// A list, since there may be more of them some day; members in the order of Kubernetes' type,
  /// and with the signs escaped that Go's encoder escapes.
  std::string failure_text(const std::string& why, std::size_t index) const {
    nlohmann::ordered_json failure;
    failure["message"] = why;
    failure["policy"] = policy_.name;
    failure["binding"] = binding_.name;
    failure["expressionIndex"] = index;
    failure["validationActions"] = binding_.actions;
    return escaped_as_go_does(nlohmann::ordered_json::array({failure}).dump(
        -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
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
  cel::budget* spends_ = &budget_;
  bool over_ = false;  ///< nothing is left for any more
  std::map<std::string, cel::value, std::less<>> made_;
  std::set<std::string> open_;
};

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
  for (const json& a : at(spec, {"auditAnnotations"}))
    out.annotations.push_back(
        {string_at(a, {"key"}), string_at(a, {"valueExpression"}), compiled(a, "valueExpression")});
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
    out.audits |= action == "Audit";
    if (action.is_string()) out.actions.push_back(action.get<std::string>());
  }
  const json& param = at(spec, {"paramRef"});
  out.param_name = string_at(param, {"name"});
  out.param_namespace = string_at(param, {"namespace"});
  out.selects_params = at(param, {"selector"}).is_object();
  out.param_selector = read_selector(at(param, {"selector"}));
  out.refers_to_params = param.is_object();
  out.needs_params = string_at(param, {"parameterNotFoundAction"}) == "Deny";
  return out;
}

policy_verdict judge_by_policies(const std::map<std::string, admission_policy>& policies,
                                 const std::vector<policy_binding>& bindings, const hook_request& r,
                                 const policy_world& world) {
  policy_verdict out;
  std::map<std::string, annotation_values> notes;  // by policy
  const string_pairs labels = r.ns.empty() ? string_pairs{} : world.labels(r.ns);
  for (const policy_binding& b : bindings) {
    const auto found = policies.find(b.policy);
    if (found == policies.end()) continue;
    const admission_policy& p = found->second;
    const kind_info* as = p.match.wanted(r, labels);
    if (!as) continue;
    if (const auto bad = misfit_of(p, world)) {
      refuse_misfit(p, b, r, *bad, out);
      continue;
    }
    if (b.restricted) {
      // A binding without rules of its own only narrows by its selectors.
      admission_match own = b.match;
      if (own.rules.empty()) own.rules = p.match.rules;
      if (!own.wanted(r, labels)) continue;
    }
    const auto found_params = params_of(p, b, r, world);
    if (const auto* bad = std::get_if<policy_misfit>(&found_params)) {
      refuse_misfit(p, b, r, *bad, out);
      continue;
    }
    for (const json& param : std::get<std::vector<json>>(found_params))
      judgement(p, b, r, *as, param, world).run(out, notes[p.name]);
  }
  for (const auto& [policy, by_key] : notes)
    for (const auto& [key, values] : by_key) {
      std::string text;
      for (const auto& value : values) text += (text.empty() ? "" : ", ") + value;
      if (!text.empty()) out.audit_annotations[policy + "/" + key] = std::move(text);
    }
  return out;
}

}  // namespace troupe::model
