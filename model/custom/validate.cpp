#include "model/custom/document.hpp"
#include "model/custom/formats.hpp"
#include "model/utf8.hpp"
#include "model/validation/path.hpp"

#include <algorithm>
#include <cmath>
#include <re2/re2.h>
#include <set>

namespace troupe::model {
namespace {

constexpr std::size_t most_faults = 200;

bool is_whole(const json& v) {
  return v.is_number_integer() || (v.is_number_float() && std::floor(v.get<double>()) == v);
}

std::string_view type_name(const json& v) {
  if (v.is_number()) return is_whole(v) ? "integer" : "number";
  if (v.is_null()) return "null";
  return v.type_name();
}

bool has_type(const json& v, value_type t) {
  switch (t) {
    case value_type::object:
      return v.is_object();
    case value_type::array:
      return v.is_array();
    case value_type::string:
      return v.is_string();
    case value_type::integer:
      return is_whole(v);
    case value_type::number:
      return v.is_number();
    case value_type::boolean:
      return v.is_boolean();
    case value_type::any:
      break;
  }
  return true;
}

/// Numbers as Go's %v.
std::string number_text(double n) {
  return std::floor(n) == n && std::abs(n) < 1e15 ? std::to_string(static_cast<std::int64_t>(n))
                                                  : json(n).dump();
}

std::string quoted(const json& v) {
  return v.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// A place in the document; the root has no name.
struct spot {
  const field_path* path = nullptr;

  std::string text() const { return path ? path->text() : std::string(); }
  field_path child(std::string_view name) const {
    return path ? path->child(name) : field_path(name);
  }
  /// What a fault is put down to.
  field_path own() const { return path ? *path : field_path("<nil>"); }
};

class judge {
 public:
  std::vector<cause> take() { return std::move(faults_); }

  /// `old`: what the value was, where that is known. What has not changed is not judged again.
  void value(const schema_node& n, const json& v, const json* old, const spot& here) {
    if (faults_.size() >= most_faults || (old && *old == v)) return;
    if (v.is_null() && n.nullable) return;
    if (!type(n, v, here)) return;
    if (n.rules) rules(n, *n.rules, v, here);
    if (v.is_object()) members(n, v, old, here);
    if (v.is_array() && n.items) items(n, v, old, here);
  }

 private:
  void add(faults& f) {
    for (cause& c : f.take()) faults_.push_back(std::move(c));
  }

  void invalid(const spot& here, const json& v, const std::string& why) {
    faults f;
    f.invalid(here.own(), v, here.text() + " in body " + why);
    add(f);
  }

  void wrong_type(const spot& here, std::string_view wanted, const json& shown) {
    faults f;
    f.invalid(
        here.own(), shown,
        here.text() + " in body must be of type " + std::string(wanted) + ": " + quoted(shown));
    add(f);
    faults_.back().reason = "FieldValueTypeInvalid";
  }

  /// Of a schema that several others make up.
  void composed(const spot& here, const std::string& why) {
    faults f;
    f.invalid(field_path("<nil>"), json(""), "\"" + here.text() + "\" " + why);
    add(f);
  }

  bool type(const schema_node& n, const json& v, const spot& here) {
    if (n.int_or_string) {
      if (v.is_string() || is_whole(v)) return true;
      wrong_type(here, "integer,string", json(type_name(v)));
      return false;
    }
    if (has_type(v, n.type)) return true;
    wrong_type(here, name_of(n.type), json(type_name(v)));
    return false;
  }

  void rules(const schema_node& n, const value_rules& r, const json& v, const spot& here) {
    if (!r.enumeration.empty() && std::ranges::find(r.enumeration, v) == r.enumeration.end())
      unsupported(r, v, here);
    if (v.is_string()) text(n, r, v, here);
    if (v.is_number()) number(r, v, here);
    if (v.is_array()) list(r, v, here);
    if (v.is_object()) object(r, v, here);
    compositions(r, v, here);
  }

  void unsupported(const value_rules& r, const json& v, const spot& here) {
    std::vector<std::string> texts;
    for (const json& e : r.enumeration)
      texts.push_back(e.is_string() ? e.get<std::string>() : e.dump());
    const std::vector<std::string_view> known(texts.begin(), texts.end());
    faults f;
    if (v.is_string())
      f.not_supported(here.own(), as_text(v), known);
    else
      f.not_supported(here.own(), go_text{v.is_null() ? "null" : v.dump()}, known);
    add(f);
  }

  void text(const schema_node& n, const value_rules& r, const json& v, const spot& here) {
    const auto& t = v.get_ref<const std::string&>();
    const auto size = r.min_length || r.max_length ? count_characters(t) : 0;
    if (r.max_length && size > *r.max_length) {
      faults f;
      f.too_long(here.own(), *r.max_length);
      add(f);
    }
    if (r.min_length && size < *r.min_length)
      invalid(here, v, "should be at least " + std::to_string(*r.min_length) + " chars long");
    if (r.regex && !re2::RE2::PartialMatch(t, *r.regex))
      invalid(here, v, "should match '" + r.pattern + "'");
    if (!r.format.empty() && !n.int_or_string && !has_format(t, r.format))
      wrong_type(here, r.format, v);
  }

  void number(const value_rules& r, const json& v, const spot& here) {
    const auto n = v.get<double>();
    if (r.multiple_of && *r.multiple_of > 0 &&
        std::abs(std::remainder(n, *r.multiple_of)) > 1e-9 * std::max(1.0, std::abs(n)))
      invalid(here, v, "should be a multiple of " + number_text(*r.multiple_of));
    if (r.maximum && (r.exclusive_maximum ? n >= *r.maximum : n > *r.maximum))
      invalid(here, v,
              std::string("should be less than ") + (r.exclusive_maximum ? "" : "or equal to ") +
                  number_text(*r.maximum));
    if (r.minimum && (r.exclusive_minimum ? n <= *r.minimum : n < *r.minimum))
      invalid(here, v,
              std::string("should be greater than ") + (r.exclusive_minimum ? "" : "or equal to ") +
                  number_text(*r.minimum));
    if (r.format == "int32" && (n > 2147483647.0 || n < -2147483648.0))
      invalid(here, v, "must be of type int32: " + v.dump());
  }

  void list(const value_rules& r, const json& v, const spot& here) {
    if (r.max_items && v.size() > *r.max_items) {
      faults f;
      f.too_many(here.own(), v.size(), *r.max_items);
      add(f);
    }
    if (r.min_items && v.size() < *r.min_items)
      invalid(here, json(v.size()),
              "should have at least " + std::to_string(*r.min_items) + " items");
  }

  void object(const value_rules& r, const json& v, const spot& here) {
    for (const std::string& name : r.required)
      if (!v.contains(name)) {
        faults f;
        f.required(here.child(name));
        add(f);
      }
    if (r.max_properties && v.size() > *r.max_properties) {
      faults f;
      f.too_many(here.own(), v.size(), *r.max_properties);
      add(f);
    }
    if (r.min_properties && v.size() < *r.min_properties)
      invalid(here, json(v.size()),
              "should have at least " + std::to_string(*r.min_properties) + " properties");
  }

  static std::vector<cause> against(const schema_node& n, const json& v, const spot& here) {
    judge j;
    j.value(n, v, nullptr, here);
    return j.take();
  }

  void merge(std::vector<cause> more) {
    for (cause& c : more) faults_.push_back(std::move(c));
  }

  void compositions(const value_rules& r, const json& v, const spot& here) {
    one_of(r.any_of, v, here, false);
    one_of(r.one_of, v, here, true);
    std::size_t valid = 0;
    for (const auto& n : r.all_of) {
      auto found = against(*n, v, here);
      valid += found.empty() ? 1 : 0;
      merge(std::move(found));
    }
    if (valid < r.all_of.size())
      composed(here, std::string("must validate all the schemas (allOf)") +
                         (valid == 0 ? ". None validated" : ""));
    if (r.none_of && against(*r.none_of, v, here).empty())
      composed(here, "must not validate the schema (not)");
  }

  /// anyOf, and oneOf where `just`.
  void one_of(const std::vector<node_ptr>& all, const json& v, const spot& here, bool just) {
    if (all.empty()) return;
    std::size_t valid = 0;
    std::vector<cause> best;
    for (const auto& n : all) {
      auto found = against(*n, v, here);
      if (found.empty())
        ++valid;
      else if (best.empty() || found.size() < best.size())
        best = std::move(found);
    }
    if (valid == 1 || (valid > 1 && !just)) return;
    if (!just)
      composed(here, "must validate at least one schema (anyOf)");
    else
      composed(here, "must validate one and only one schema (oneOf). Found " +
                         (valid == 0 ? std::string("none valid")
                                     : std::to_string(valid) + " valid alternatives"));
    if (valid == 0) merge(std::move(best));
  }

  void members(const schema_node& n, const json& v, const json* old, const spot& here) {
    for (const auto& [name, value_here] : v.items()) {
      const schema_node* known = n.member(name);
      if (!known) continue;
      const json* was = old && old->is_object() && old->contains(name) ? &(*old)[name] : nullptr;
      const field_path below = here.child(name);
      value(*known, value_here, was, spot{&below});
    }
  }

  void items(const schema_node& n, const json& v, const json* old, const spot& here) {
    const field_path base = here.own();
    for (std::size_t i = 0; i < v.size(); ++i) {
      const field_path below = base.index(i);
      value(*n.items, v[i], same_item(n, v[i], old), spot{&below});
    }
    if (n.list != list_type::atomic) distinct(n, v, here);
  }

  static json identity(const schema_node& n, const json& item) {
    if (n.list == list_type::set) return item;
    json out = json::object();
    for (const std::string& key : n.map_keys)
      if (const json& v = at(item, {key}); !v.is_null()) out[key] = v;
    return out;
  }

  /// The item of the same keys that there was before.
  static const json* same_item(const schema_node& n, const json& item, const json* old) {
    if (!old || !old->is_array() || n.list != list_type::map) return nullptr;
    const json wanted = identity(n, item);
    const auto found =
        std::ranges::find_if(*old, [&](const json& other) { return identity(n, other) == wanted; });
    return found == old->end() ? nullptr : &*found;
  }

  void distinct(const schema_node& n, const json& v, const spot& here) {
    std::set<json> seen;
    const field_path base = here.own();
    for (std::size_t i = 0; i < v.size(); ++i) {
      json id = identity(n, v[i]);
      if (seen.insert(id).second) continue;
      faults f;
      if (id.is_string())
        f.duplicate(base.index(i), as_text(id));
      else
        f.duplicate(base.index(i), go_text{go_map(id)});
      add(f);
    }
  }

  static std::string go_map(const json& id) {
    if (!id.is_object()) return id.dump();
    std::string out = "map[string]interface {}{";
    for (const auto& [key, value_here] : id.items()) {
      if (out.back() != '{') out += ", ";
      out += json(key).dump() + ":" + value_here.dump();
    }
    return out + "}";
  }

  std::vector<cause> faults_;
};

}  // namespace

std::vector<cause> schema_faults_at(const schema_node& schema, const json& v,
                                    const field_path& path) {
  judge j;
  j.value(schema, v, nullptr, spot{&path});
  return j.take();
}

std::vector<cause> schema_faults(const schema_node& schema, const json& document, const json* old) {
  judge j;
  j.value(schema, document, old, spot{});
  return j.take();
}

}  // namespace troupe::model
