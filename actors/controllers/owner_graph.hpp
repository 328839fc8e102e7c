#pragma once

#include "store/cache.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace troupe {

/// Who depends on whom, as events tell it: by the owner's uid, the keys of its dependents. It holds
/// no objects, and nothing of those that have no owners; an event costs what its object has of
/// owners, the removal of an owner what it has of dependents.
class owner_graph {
 public:
  /// Keys as text: model::to_string().
  using keys = std::unordered_set<std::string>;

  /// Takes an event in. The keys of the objects that have to be looked at because of it.
  std::vector<std::string> apply(const store::event& e);

  /// The owner with this uid was found: the dependents that look for it in another namespace.
  std::vector<std::string> found(const std::string& uid, const model::object_key& where);
  /// It was looked for and is nowhere: its dependents, when this is news.
  std::vector<std::string> absent(const std::string& uid);
  /// Whether it is still to be looked for.
  bool unsure(const std::string& uid) const;
  /// Where it is, when it is known.
  const model::object_key* where(const std::string& uid) const;

  /// The dependents of an owner; null when it has none.
  const keys* dependents(const std::string& uid) const;
  /// From now on the owner is to be looked at when these are gone; nothing to wait for: an empty
  /// set.
  void await(const std::string& uid, keys blocking);
  /// Null when the owner was not put to wait, or has to be again.
  const keys* awaited(const std::string& uid) const;

  void clear() { owners_.clear(); }
  std::size_t owners() const { return owners_.size(); }

 private:
  struct owner {
    keys dependents;
    std::optional<model::object_key> at;
    bool gone = false;
    std::optional<keys> awaited;
  };

  void place(owner& o, const model::object_key& where, std::vector<std::string>& look);
  void link(const std::string& uid, const model::object& dependent, const std::string& key,
            std::vector<std::string>& look);
  void unlink(const std::string& uid, const std::string& key, std::vector<std::string>& look);
  static void settle(owner& o, const std::string& key, std::vector<std::string>& look);

  std::unordered_map<std::string, owner> owners_;
};

/// The inverse of model::to_string(key).
model::object_key parse_key(std::string_view text);

}  // namespace troupe
