#include "model/custom/types.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

/// An object of which only what the schema names may be there.
bool is_struct(const schema_node& n) {
  return n.type == value_type::object && !n.members && !n.any_member &&
         !(n.preserves_unknown && n.properties.empty());
}

field_kind scalar_of(const schema_node& n) {
  if (n.int_or_string) return field_kind::int_or_string;
  switch (n.type) {
    case value_type::string:
      return field_kind::string;
    case value_type::integer:
      return field_kind::integer;
    case value_type::number:
      return field_kind::number;
    case value_type::boolean:
      return field_kind::boolean;
    default:
      return field_kind::any;
  }
}

field_info metadata_field() {
  field_info f;
  f.name = "metadata";
  f.kind = field_kind::object;
  f.type = &object_metadata_type();
  return f;
}

void add_object_fields(type_info& to) {
  field_info text;
  text.kind = field_kind::string;
  for (const char* name : {"apiVersion", "kind"}) {
    text.name = name;
    to.fields.push_back(text);
  }
  to.fields.push_back(metadata_field());
}

}  // namespace

void type_builder::build_root(const schema_node& schema, std::string_view name, type_info& root) {
  name_ = name;
  root.name = name;
  add_object_fields(root);
  for (const auto& p : schema.properties) {
    if (is_object_member(p.name)) continue;
    field_info f;
    f.name = p.name;
    describe(*p.node, f);
    root.fields.push_back(std::move(f));
  }
  std::ranges::sort(root.fields, {}, &field_info::name);
}

const type_info* type_builder::structure(const schema_node& n) {
  type_info& made = types_.emplace_back();
  made.name = name_;
  made.atomic = n.atomic;
  if (n.embedded) add_object_fields(made);
  add_fields(n, made);
  return &made;
}

void type_builder::add_fields(const schema_node& n, type_info& to) {
  for (const auto& p : n.properties) {
    if (n.embedded && is_object_member(p.name)) continue;
    field_info f;
    f.name = p.name;
    describe(*p.node, f);
    to.fields.push_back(std::move(f));
  }
  std::ranges::sort(to.fields, {}, &field_info::name);
}

void type_builder::describe(const schema_node& n, field_info& f) {
  f.atomic = n.atomic;
  if (n.by_default && !n.by_default->is_structured()) {
    texts_.push_back(n.by_default->dump());
    f.default_value = texts_.back();
  }
  if (n.type == value_type::array) {
    f.kind = field_kind::array;
    f.list = n.list;
    for (const std::string& key : n.map_keys) f.map_keys.push_back(key);
    describe_item(n.items.get(), f);
  } else if (is_struct(n)) {
    f.kind = field_kind::object;
    f.type = structure(n);
  } else if (n.type == value_type::object) {
    f.kind = field_kind::string_map;
    describe_item(n.members.get(), f);
  } else {
    f.kind = scalar_of(n);
  }
}

void type_builder::describe_item(const schema_node* item, field_info& f) {
  f.item = field_kind::any;
  if (!item) return;
  if (is_struct(*item)) {
    f.item = field_kind::object;
    f.type = structure(*item);
  } else if (item->type != value_type::object && item->type != value_type::array) {
    f.item = scalar_of(*item);
  }
}

const type_info& object_metadata_type() {
  static const type_info& type =
      *schema::instance().type("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
  return type;
}

}  // namespace troupe::model
