#pragma once

#include "model/volumes/volume.hpp"
#include "store/cache.hpp"

#include <memory>
#include <set>
#include <string_view>
#include <unordered_map>

namespace troupe {

/// The PersistentVolumes, by what a claim finds them by: those that nobody has by their class,
/// others by the claim that they are meant for.
class volume_index {
 public:
  void put(const model::object& volume);
  void remove(const std::string& name);
  void clear();

  /// What a claim ("ns/name") of a class may choose from.
  std::vector<const model::volume_facts*> candidates(const std::string& claim,
                                                     const std::string& storage_class) const;
  /// The names of the volumes that are meant for a claim.
  std::set<std::string> of_claim(const std::string& claim) const;
  /// Null: there is no such volume.
  const model::volume_facts* find(const std::string& name) const;

 private:
  using names = std::unordered_map<std::string, std::set<std::string>>;
  static void take_out(names& from, const std::string& key, const std::string& name);

  std::unordered_map<std::string, std::unique_ptr<model::volume_facts>> volumes_;
  names unclaimed_;  // by class
  names claimed_;    // by claim
};

/// The key of "ns/name".
model::object_key key_in(std::string_view resource, std::string_view ns_and_name);

/// Which pods have which claims ("ns/name" both), as events tell it.
class claim_users {
 public:
  /// The claims of the pod of an event.
  std::vector<std::string> observe(const store::event& e);
  void clear() { pods_.clear(); }
  const std::set<std::string>& of(const std::string& claim) const;

 private:
  std::unordered_map<std::string, std::set<std::string>> pods_;
};

}  // namespace troupe
