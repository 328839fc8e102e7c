#pragma once

#include "model/json.hpp"
#include "model/quantity.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model::kubelet {

/// Text, or why there is none.
struct resolved {
  std::string text;
  std::string error;
  explicit operator bool() const { return error.empty(); }
};

/// What the downward API may need to know beside the pod's document.
struct pod_facts {
  std::vector<std::string> host_ips, pod_ips;
  std::map<std::string, std::string> allocatable;  ///< of the node: what a missing limit means
};

/// The value of a fieldRef's path: metadata.name, metadata.labels['app'], status.podIP, ...
resolved field_value(const json& pod, const std::string& path, const pod_facts& facts);

/// The value of a resourceFieldRef for a container, in its divisor's unit, rounded up.
resolved resource_value(const json& container, const json& reference, const pod_facts& facts);

/// Replaces $(NAME) by the variable's value where it is known; $$ is a dollar that starts none.
std::string expand(const std::string& text, const std::map<std::string, std::string>& variables);
/// The same with `value` telling what is known.
std::string expand(const std::string& text,
                   const std::function<std::optional<std::string>(const std::string& name)>& value);

/// A ConfigMap or Secret that a pod speaks of; without a name all of the resource.
struct data_reference {
  std::string resource;  ///< "configmaps", "secrets"; of volumes also claims and persistentvolumes
  std::string name;
  bool optional = false;
  std::string ns = {};  ///< when it is not the pod's
  auto operator<=>(const data_reference&) const = default;
};

/// The document of a referenced object; null when it does not exist.
using object_lookup =
    std::function<const json&(const std::string& resource, const std::string& name)>;

/// The decoded bytes of a key of a ConfigMap (data, binaryData) or Secret (data).
std::optional<std::string> data_of(const json& object, const std::string& key);
/// All keys of it.
std::vector<std::string> keys_of(const json& object);

}  // namespace troupe::model::kubelet
