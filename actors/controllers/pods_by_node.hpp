#pragma once

#include "model/selector.hpp"
#include "store/cache.hpp"

#include <set>
#include <string>
#include <unordered_map>

namespace troupe {

/// The keys (model::to_string()) of the pods on each node, of those that it is told of; of all pods
/// store::cache::pods_on() tells.
class pods_by_node {
 public:
  static std::string node_of(const model::object& pod) {
    const auto* node = model::find(pod.header().fields, "spec.nodeName");
    return node ? *node : std::string();
  }

  void observe(const store::event& e) {
    const auto node = node_of(*e.object);
    if (node.empty()) return;
    if (e.type != store::event::kind::deleted) {
      nodes_[node].insert(to_string(e.object->key()));
      return;
    }
    const auto at = nodes_.find(node);
    if (at == nodes_.end()) return;
    at->second.erase(to_string(e.object->key()));
    if (at->second.empty()) nodes_.erase(at);
  }

  const std::set<std::string>& of(const std::string& node) const {
    static const std::set<std::string> none;
    const auto at = nodes_.find(node);
    return at == nodes_.end() ? none : at->second;
  }

  const std::unordered_map<std::string, std::set<std::string>>& nodes() const { return nodes_; }

  void clear() { nodes_.clear(); }

 private:
  std::unordered_map<std::string, std::set<std::string>> nodes_;
};

}  // namespace troupe
