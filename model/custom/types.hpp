#pragma once

#include "model/custom/schema_node.hpp"

#include <deque>
#include <string>

namespace troupe::model {

/// The struct of every object's metadata.
const type_info& object_metadata_type();

/// Structs of the schema language made from a custom resource's schema, for what goes by them:
/// field ownership, server-side apply. They point into the nodes, which must outlive them.
class type_builder {
 public:
  /// The fields of a whole object, with those that every object has.
  void build_root(const schema_node& schema, std::string_view name, type_info& root);

 private:
  const type_info* structure(const schema_node& n);
  void add_fields(const schema_node& n, type_info& to);
  void describe(const schema_node& n, field_info& f);
  void describe_item(const schema_node* item, field_info& f);

  std::string_view name_;
  std::deque<type_info> types_;
  std::deque<std::string> texts_;
};

}  // namespace troupe::model
