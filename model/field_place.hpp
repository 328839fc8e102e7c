#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"

#include <string>
#include <string_view>

namespace troupe::model {

/// How a value is owned, compared and merged: as one leaf, or piece by piece.
enum class field_form : std::uint8_t { leaf, structure, map, keyed_list, set_list };

/// What is known of a value's type at one place of a document.
struct field_place {
  field_kind kind = field_kind::any;
  const type_info* type = nullptr;
  const field_info* field = nullptr;  ///< null for items of lists and maps

  /// A whole document of `type`.
  static field_place root(const type_info& type) { return {field_kind::object, &type, nullptr}; }
  static field_place of(const field_info* f) {
    return f ? field_place{f->kind, f->type, f} : field_place{};
  }

  /// By the type alone, whatever the value is.
  field_form form() const;
  /// The same for a value, which may be of another JSON type than its place says (then a leaf).
  field_form form_of(const json& value) const;
  /// Of the items of a list or map.
  field_place item() const;
  /// Of a member of an object whose form is `f`.
  field_place member(field_form f, std::string_view name) const {
    return f == field_form::map ? item() : of(type->field(name));
  }
};

/// Places that an empty object has already, because they are no pointers in Kubernetes' Go types:
/// where only fields of structs lead to them, they do not count as added with what stands below.
bool is_always_there(std::string_view field);
/// Fields of the metadata that are the object's identity or the server's bookkeeping.
bool is_of_nobody(std::string_view metadata_field);

/// An element of a path as FieldsV1 writes it: "f:spec".
std::string field_element(std::string_view name);
/// `k:{"containerPort":80,"protocol":"TCP"}` for an item of a keyed list (a key that is left out
/// counts with its default), `v:"a"` for a member of a set.
std::string item_element(const json& item, const field_place& list);
/// The same as people read it: `.spec`, `[containerPort=80,protocol="TCP"]`, `[="a"]`.
std::string readable_element(std::string_view element);

}  // namespace troupe::model
