#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace troupe::scheduler {

/// Who is there of each gang (by its PodGroup's "NAMESPACE/NAME"): pods that wait for the others,
/// and pods that are on nodes.
class gangs {
 public:
  /// The PodGroup wants so many members; nothing: there is no such PodGroup.
  void define(const std::string& gang, std::optional<std::size_t> least);
  /// There are no PodGroups, before they are defined anew.
  void forget_definitions();
  void hold(const std::string& gang, const std::string& uid);
  void release(const std::string& gang, const std::string& uid);
  void place(const std::string& gang, const std::string& uid, bool on_node);

  /// Enough are on nodes: further ones come alone.
  bool has_quorum(const std::string& gang) const;
  /// With those that wait there are enough.
  bool is_complete(const std::string& gang) const;
  const std::set<std::string>& held(const std::string& gang) const;
  /// Of which anybody waits.
  std::set<std::string> waiting() const;
  /// Why its pods wait: "pod group default/a is incomplete: 1 of 3 pods are there".
  std::string complaint(const std::string& gang) const;

 private:
  struct roll {
    std::optional<std::size_t> least;
    std::set<std::string> held;
    std::set<std::string> placed;
  };
  const roll* find(const std::string& name) const;
  void drop_if_empty(const std::string& name);

  std::unordered_map<std::string, roll> all_;
};

}  // namespace troupe::scheduler
