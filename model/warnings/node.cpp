#include "model/warnings/cluster.hpp"
#include "model/warnings/node_labels.hpp"

namespace troupe::model {

std::string_view node_label_deprecation(std::string_view key) {
  static constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"},
      {"beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"},
      {"failure-domain.beta.kubernetes.io/region",
       "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead"},
      {"failure-domain.beta.kubernetes.io/zone",
       "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"},
      {"beta.kubernetes.io/instance-type",
       "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"}};
  for (const auto& [label, why] : known)
    if (label == key) return why;
  return {};
}

void warn_of_keys(const json& owner, const char* list, const field_path& path,
                  std::vector<std::string>& out) {
  const field_path list_path = path.child(list);
  const auto& expressions = items_of(owner, list);
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    const auto key = text_of(expressions[i], "key");
    if (const auto why = node_label_deprecation(key); !why.empty())
      out.push_back(list_path.index(i).child("key").text() + ": " + std::string(key) + " is " +
                    std::string(why));
  }
}

void warn_of_node(const json*, const json& node, std::vector<std::string>& out) {
  const json& spec = value_of(node, "spec");
  if (!value_of(spec, "configSource").is_null())
    out.emplace_back("spec.configSource: the feature is no longer supported");
  if (!text_of(spec, "externalID").empty())
    out.emplace_back("spec.externalID: this field is deprecated, and is unused by Kubernetes");
}

void warn_of_runtime_class(const json*, const json& runtime, std::vector<std::string>& out) {
  const json& labels = at(runtime, {"scheduling", "nodeSelector"});
  if (!labels.is_object()) return;
  for (const auto& [key, value] : labels.items())
    if (const auto why = node_label_deprecation(key); !why.empty())
      out.push_back("scheduling.nodeSelector: " + std::string(why));
}

void warn_of_service_account(const json*, const json& account, std::vector<std::string>& out) {
  constexpr const char* annotation = "kubernetes.io/enforce-mountable-secrets";
  if (string_at(account, {"metadata", "annotations", annotation}) == "true")
    out.push_back("metadata.annotations[" + std::string(annotation) +
                  "]: deprecated in v1.32+; prefer separate namespaces to isolate access to "
                  "mounted secrets");
}

}  // namespace troupe::model
