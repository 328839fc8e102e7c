#include "model/node_labels.hpp"

namespace troupe::model {
namespace {

// The labels of `from` that `to` has not, or has otherwise.
json changed(const json& from, const json& to) {
  json out;
  const json& labels = at(from, {"metadata", "labels"});
  if (labels.is_object())
    for (const auto& [label, value] : labels.items())
      if (at(to, {"metadata", "labels", label}) != value) out["metadata"]["labels"][label] = value;
  return out;
}

}  // namespace

std::string restricted_labels(const json& node) {
  std::string out;
  const json& labels = at(node, {"metadata", "labels"});
  if (!labels.is_object()) return out;
  for (const auto& [label, value] : labels.items()) {
    const auto domain = label.substr(0, label.find('/'));
    if (domain == "node-restriction.kubernetes.io" ||
        domain.ends_with(".node-restriction.kubernetes.io"))
      out += (out.empty() ? "" : ", ") + label;
  }
  return out;
}

std::optional<status> restrict_node_labels(const subject& user, const object_key& key,
                                           const json& old, const json& wanted) {
  const std::string_view node = node_of(user);
  if (node.empty() || key.resource != "nodes") return std::nullopt;
  std::string labels = restricted_labels(changed(wanted, old));
  if (labels.empty()) labels = restricted_labels(changed(old, wanted));
  if (labels.empty()) return std::nullopt;
  return forbidden(key, "is not allowed to modify labels: " + labels);
}

}  // namespace troupe::model
