#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"

#include <string>
#include <utility>
#include <vector>

namespace troupe::model {

/// A set of field paths, held as metadata.managedFields writes it (FieldsV1): "f:name" a field,
/// `k:{"name":"a"}` an item of a list by its keys, `v:"a"` a member of a set, "." the place itself
/// when something below it is in the set, too; `{}` is a path without any below.
class field_set {
 public:
  field_set() : tree_(json::object()) {}
  /// From FieldsV1; what is no object counts as empty.
  explicit field_set(json fields_v1)
      : tree_(fields_v1.is_object() ? std::move(fields_v1) : json::object()) {}

  bool empty() const { return tree_.empty(); }
  void unite(const field_set& other);
  void subtract(const field_set& other);
  /// Takes out the paths of `other` with all that stands below them.
  void subtract_whole(const field_set& other);
  /// The paths that are in both, as people read them (`.spec.replicas`): those of one level before
  /// those below.
  std::vector<std::string> paths_also_in(const field_set& other) const;
  const json& fields_v1() const { return tree_; }
  json take() && { return std::move(tree_); }
  bool operator==(const field_set& other) const { return tree_ == other.tree_; }

  /// Whether `node` of a tree is a path of the set itself, not only the way to others.
  static bool is_member(const json& node) { return node.empty() || node.contains("."); }

 private:
  json tree_;
};

/// Whether `fields_v1` can be worked with: objects all the way. What a client sends has to have
/// known kinds of elements, too.
bool is_fields_v1(const json& fields_v1, bool from_client);

/// What a write did to an object's fields.
struct field_changes {
  field_set set;      ///< added or given another value
  field_set removed;  ///< there before, gone now
  bool empty() const { return set.empty() && removed.empty(); }
};

/// Compares two versions of an object of `type` (`before` may be null) by the rules of
/// structured-merge-diff. Type, identity and bookkeeping fields (metadata.name, uid, generation,
/// managedFields, ...) belong to nobody and are left out.
field_changes compare_fields(const json& before, const json& after, const type_info& type);

/// The fields that a configuration names: what its applier owns. The same fields are left out.
field_set fields_of(const json& configuration, const type_info& type);

}  // namespace troupe::model
