#pragma once

#include "model/name_hash.hpp"
#include "model/object.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace troupe::store {

using model::object_ptr;

/// "ns/name" in two pieces.
struct key_view {
  std::string_view ns;
  std::string_view name;

  static key_view of(const model::object& o) { return {o.key().ns, o.key().name}; }
  static key_view parse(std::string_view text);  ///< "ns/name"; "name" without a namespace
  bool operator==(const key_view&) const = default;
};

/// The order of the texts "ns/name", as etcd's keys have it.
bool operator<(const key_view& a, const key_view& b);

/// Objects in the order of their keys: a row of small sorted arrays, so that a listing walks
/// through memory, an insertion moves little, and a position has a rank. One that is there is
/// found, and replaced, by the hash of its key: a search would visit some fifteen others. No key is
/// kept besides the objects.
class collection {
 public:
  collection() = default;
  /// One that is also asked for the objects of which the selectable field `indexed` has a value.
  explicit collection(std::string_view indexed) : indexed_(indexed) {}
  collection(collection&&) = default;
  collection& operator=(collection&&) = default;
  collection(const collection&) = delete;
  collection& operator=(const collection&) = delete;
  ~collection() = default;

  struct position {
    std::size_t leaf = 0;
    std::size_t index = 0;
  };

  std::size_t size() const { return slots_.size(); }
  const object_ptr* find(key_view key) const;

  position begin() const { return {}; }
  position lower_bound(key_view key) const;  ///< first that is not before `key`
  position upper_bound(key_view key) const;  ///< first after `key`
  bool at_end(position p) const { return p.leaf == leaves_.size(); }
  const object_ptr& at(position p) const { return leaves_[p.leaf][p.index]->object; }
  void advance(position& p) const;
  std::size_t rank(position p) const;  ///< how many are before

  /// Those of which the indexed field has this value, which is not empty; in no order.
  std::vector<object_ptr> with_value(std::string_view value) const;

  /// Puts in or replaces; the one replaced.
  object_ptr put(object_ptr object);
  /// The one taken out; null when there was none.
  object_ptr take(key_view key);
  /// Replaces everything.
  void assign(std::vector<object_ptr> objects);

 private:
  static constexpr std::size_t leaf_limit = 256;

  /// Where an object of a key is, also when another version takes its place.
  struct slot {
    mutable object_ptr object;
  };
  // Not noexcept, so that the table keeps the hashes: else it would read keys to tell where a
  // bucket ends.
  struct slot_hash {
    using is_transparent = void;
    std::size_t operator()(const key_view& key) const;
    std::size_t operator()(const slot& s) const { return (*this)(key_view::of(*s.object)); }
  };
  struct slot_equal {
    using is_transparent = void;
    bool operator()(const slot& a, const slot& b) const noexcept {
      return (*this)(a, key_view::of(*b.object));
    }
    bool operator()(const slot& a, const key_view& b) const noexcept {
      return key_view::of(*a.object) == b;
    }
    bool operator()(const key_view& a, const slot& b) const noexcept { return (*this)(b, a); }
  };
  using leaf = std::vector<const slot*>;

  template <class Before>
  position partition_point(Before before) const;
  // A slot holds `after` now, and held `before`; null: it is new, or goes.
  void move_in_index(const slot* s, const model::object* before, const model::object* after);

  std::unordered_set<slot, slot_hash, slot_equal> slots_;
  std::vector<leaf> leaves_;  // none is empty
  std::string indexed_;       // empty: no field is
  std::unordered_map<std::string, std::vector<const slot*>, model::name_hash, std::equal_to<>>
      by_value_;
};

}  // namespace troupe::store
