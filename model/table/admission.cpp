// Tables of what is asked before a write.

#include "model/table/columns.hpp"

namespace troupe::model {
namespace {

json param_kind(const json& o) {
  const json& kind = at(o, {"spec", "paramKind"});
  if (!kind.is_object()) return "<unset>";
  return string_at(kind, {"apiVersion"}) + "/" + string_at(kind, {"kind"});
}

// A label selector as Go's protobuf types print themselves, which is what Kubernetes shows here.
std::string go_text(const json& selector) {
  std::string out = "&LabelSelector{MatchLabels:map[string]string{";
  if (const json& labels = at(selector, {"matchLabels"}); labels.is_object())
    for (const auto& [key, value] : labels.items())
      out += key + ": " + (value.is_string() ? value.get<std::string>() : "") + ",";
  out += "},MatchExpressions:[]LabelSelectorRequirement{";
  for (const json& e : at(selector, {"matchExpressions"}))
    out += "LabelSelectorRequirement{Key:" + string_at(e, {"key"}) +
           ",Operator:" + string_at(e, {"operator"}) + ",Values:[" +
           joined(at(e, {"values"}), {}, " ") + "],},";
  return out + "},}";
}

json param_ref(const json& o) {
  const json& ref = at(o, {"spec", "paramRef"});
  if (const std::string name = string_at(ref, {"name"}); !name.empty())
    return string_at(ref, {"namespace"}, "*") + "/" + name;
  const json& selector = at(ref, {"selector"});
  return selector.is_object() ? go_text(selector) : "<unset>";
}

std::vector<shown_column> webhooks() {
  return {name_column(), count_column("Webhooks", "How many webhooks it names", "webhooks"),
          age_column()};
}

}  // namespace

std::span<const printer> admission_printers() {
  static const printer all[] = {
      {"mutatingwebhookconfigurations.admissionregistration.k8s.io", webhooks()},
      {"validatingwebhookconfigurations.admissionregistration.k8s.io", webhooks()},
      {"validatingadmissionpolicies.admissionregistration.k8s.io",
       {name_column(), count_column("Validations", "How many rules it has", "spec.validations"),
        made_column("ParamKind", "The kind of its parameters", param_kind), age_column()}},
      {"validatingadmissionpolicybindings.admissionregistration.k8s.io",
       {name_column(),
        text_column("PolicyName", "The policy it puts into force", "spec.policyName"),
        made_column("ParamRef", "The parameters it gives", param_ref), age_column()}}};
  return all;
}

}  // namespace troupe::model
