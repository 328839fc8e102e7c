#pragma once

#include "store/cache.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe::store {

/// Which objects the pods of each node refer to, for the Node authorizer. It follows the pods of a
/// cache from the first question on, and only when it is asked. Callable from any thread.
class node_relations {
 public:
  explicit node_relations(std::shared_ptr<cache> objects) : objects_(std::move(objects)) {}

  /// Whether a pod on the node refers to a secret, configmap, claim or service account, or has a
  /// claim that is bound to a persistent volume.
  bool related(std::string_view node, std::string_view resource, std::string_view ns,
               std::string_view name);

 private:
  struct pod_state {
    std::string uid;
    std::string node;
    std::vector<std::string> references;  // "secrets/ns/name"
    std::uint64_t round = 0;              // of the newest reload that has seen it
  };

  void follow();
  void reload();
  void put(const model::object& pod);
  void forget(const std::string& id);

  const std::shared_ptr<cache> objects_;
  std::mutex mutex_;
  std::unordered_map<std::string, pod_state> pods_;  // by "ns/name"; those on a node
  std::unordered_map<std::string, std::unordered_map<std::string, int>> nodes_;  // counts
  std::uint64_t seen_ = 0;
  std::uint64_t round_ = 0;
};

}  // namespace troupe::store
