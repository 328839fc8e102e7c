#include "model/strategy/cluster_kinds.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

/// A name that was generated came after the defaults.
void label_with_name(json& ns) {
  ns["metadata"]["labels"]["kubernetes.io/metadata.name"] = string_at(ns, {"metadata", "name"});
}

}  // namespace

void prepare_new_namespace(json& ns) {
  ns["status"] = {{"phase", "Active"}};
  json& finalizers = ns["spec"]["finalizers"];
  if (!finalizers.is_array()) finalizers = json::array();
  if (std::find(finalizers.begin(), finalizers.end(), "kubernetes") == finalizers.end())
    finalizers.push_back("kubernetes");
  label_with_name(ns);
}

void prepare_namespace_update(const json& old, json& ns) {
  json& spec = ns["spec"];
  if (!spec.is_object()) spec = json::object();
  const json& finalizers = at(old, {"spec", "finalizers"});
  if (finalizers.is_null())
    spec.erase("finalizers");
  else
    spec["finalizers"] = finalizers;
  label_with_name(ns);
}

}  // namespace troupe::model
