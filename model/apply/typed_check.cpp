#include "model/apply/typed_check.hpp"

#include "model/field_place.hpp"
#include "model/go_text.hpp"

#include <unordered_set>
#include <vector>

namespace troupe::model {
namespace {

/// The way to a value; on the stack, put into words only for faults.
struct way {
  const way* up = nullptr;
  std::string_view name;  ///< of a member; of an item of a keyed list or a set as FieldsV1 has it
  bool item = false;
  std::size_t index = no_index;  ///< of an item of another list
  static constexpr std::size_t no_index = static_cast<std::size_t>(-1);

  std::string text() const {
    if (!up) return {};
    if (index != no_index) return up->text() + "[" + std::to_string(index) + "]";
    return up->text() + (item ? readable_element(name) : "." + std::string(name));
  }
};

class checker {
 public:
  void check(const json& value, const field_place& p, const way& path) {
    if (value.is_null()) return;
    switch (p.kind) {
      case field_kind::object:
        return value.is_object() ? members(value, p, path) : expected("map", value, path);
      case field_kind::string_map:
        if (!value.is_object()) return expected("map", value, path);
        if (p.field && p.field->nesting == 0)
          for (const auto& [name, v] : value.items()) check(v, p.item(), way{&path, name});
        return;
      case field_kind::array:
        if (!p.field) return;
        return value.is_array() ? items(value, p, path) : expected("list", value, path);
      default:
        return scalar(value, p.kind, path);
    }
  }

  std::vector<std::string> take() { return std::move(faults_); }

  std::string text() const {
    if (faults_.size() == 1) return faults_[0];
    std::string out = faults_.empty() ? "" : "errors:";
    for (const std::string& fault : faults_) out.append("\n  ").append(fault);
    return out;
  }

 private:
  void fail(const way& path, const std::string& why) {
    const std::string where = path.text();
    faults_.push_back(where.empty() ? why : where + ": " + why);
  }

  void expected(const char* what, const json& value, const way& path) {
    fail(path, std::string("expected ") + what + ", got &{" + go_value(value) + "}");
  }

  void members(const json& value, const field_place& p, const way& path) {
    if (!p.type) return;
    for (const auto& [name, v] : value.items()) {
      const field_info* f = p.type->field(name);
      const way here{&path, name};
      if (!f) return fail(here, "field not declared in schema");
      check(v, field_place::of(f), here);
    }
  }

  void items(const json& value, const field_place& p, const way& path) {
    const field_form f = p.form();
    std::unordered_set<std::string> seen;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (f == field_form::leaf) {
        check(value[i], plain_item(p), way{&path, {}, false, i});
        continue;
      }
      if (const std::string why = unnamed(value[i], p); !why.empty())
        return fail(path, "element " + std::to_string(i) + ": " + why);
      const auto [element, fresh] = seen.insert(item_element(value[i], p));
      if (!fresh) fail(path, "duplicate entries for key " + readable_element(*element));
      check(value[i], p.item(), way{&path, *element, true});
    }
  }

  static field_place plain_item(const field_place& p) {
    return {p.field->item, p.field->type, nullptr};
  }

  /// Why an item of a keyed list or a set has no name, or "".
  static std::string unnamed(const json& item, const field_place& p) {
    if (p.form() == field_form::set_list) {
      const std::string prefix = "associative list without keys has an element that's ";
      if (item.is_null()) return prefix + "an explicit null";
      if (item.is_object()) return prefix + "a map type";
      return item.is_array() ? "not supported: associative list with lists as elements" : "";
    }
    if (item.is_null()) return "associative list with keys may not have a null element";
    if (!item.is_object()) return "associative list with keys may not have non-map elements";
    for (std::string_view key : p.field->map_keys) {
      const field_info* f = p.field->type ? p.field->type->field(key) : nullptr;
      if (!item.contains(key) && (!f || f->default_value.empty()))
        return "associative list with keys has an element that omits key field \"" +
               std::string(key) + "\" (and doesn't have default value)";
    }
    return {};
  }

  void scalar(const json& value, field_kind kind, const way& path) {
    switch (kind) {
      case field_kind::string:
      case field_kind::bytes:
        if (!value.is_string())
          fail(path,
               "expected string, got &value.valueUnstructured{Value:" + go_value(value) + "}");
        return;
      case field_kind::integer:
      case field_kind::number:
        if (!value.is_number())
          fail(path, "expected numeric (int or float), got " + std::string(go_type(value)));
        return;
      case field_kind::boolean:
        if (!value.is_boolean()) expected("boolean", value, path);
        return;
      default:  // Quantities, times and the like are told apart when they are decoded.
        return;
    }
  }

  std::vector<std::string> faults_;
};

}  // namespace

std::string typed_faults(const json& configuration, const type_info& type) {
  checker c;
  c.check(configuration, field_place::root(type), way{});
  return c.text();
}

std::vector<std::string> typed_faults_at(const std::string& path, const json& configuration,
                                         const type_info& type) {
  checker c;
  c.check(configuration, field_place::root(type), way{});
  auto out = c.take();
  for (auto& fault : out) fault.insert(0, fault.starts_with('.') ? path : path + ": ");
  return out;
}

}  // namespace troupe::model
