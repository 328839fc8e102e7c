#include "model/field_place.hpp"
#include "model/field_set.hpp"
#include "model/members.hpp"

#include <algorithm>
#include <map>

namespace troupe::model {
namespace {

void append(json& node, std::string name, json child) {
  auto& members = node.get_ref<json::object_t&>();
  members.emplace_hint(members.end(), std::move(name), std::move(child));
}

/// All of `value` as a set below one place; `self` says whether the place itself is in it.
/// `rooted` while only fields of structs lead here, where is_always_there() holds.
json all_of(const json& value, const field_place& p, bool self, bool rooted) {
  json node = json::object();
  const field_form f = p.form_of(value);
  if (f == field_form::leaf || value.empty()) return node;
  if (self) append(node, ".", json::object());
  if (f == field_form::structure || f == field_form::map) {
    for (const auto& [name, v] : value.get_ref<const json::object_t&>()) {
      if (v.is_null()) continue;
      const bool there = rooted && f == field_form::structure && is_always_there(name);
      if (there && v.empty()) continue;
      append(node, field_element(name), all_of(v, p.member(f, name), !there, there));
    }
    return node;
  }
  for (const json& item : value)
    append(node, item_element(item, p), all_of(item, p.item(), true, false));
  return node;
}

/// Compares two values of one place. What it finds hangs below the nodes it is given.
class comparison {
 public:
  static void compare(const json& before, const json& after, const field_place& p, field_form f,
                      bool rooted, json& set, json& removed) {
    if (f == field_form::structure || f == field_form::map) {
      members(before, after, p, f, rooted, set, removed);
    } else {
      items(before, after, p, set, removed);
    }
  }

 private:
  /// Items of one name before and after: more than one each only where a list repeats a key.
  struct pair {
    std::vector<const json*> before, after;
  };

  static void members(const json& before, const json& after, const field_place& p, field_form f,
                      bool rooted, json& set, json& removed) {
    for (const auto& [name, v] : after.get_ref<const json::object_t&>()) {
      const json& was = value_of(before, name);
      if (was == v) continue;  // most are
      if (!v.is_null()) {
        one(field_element(name), was, v, p.member(f, name),
            rooted && f == field_form::structure && is_always_there(name), set, removed);
      } else if (!was.is_null()) {
        append(set, field_element(name), json::object());  // An apply unset a scalar.
      }
    }
    for (const auto& [name, v] : before.get_ref<const json::object_t&>())
      if (!v.is_null() && !find_member(after, name))
        append(removed, field_element(name), all_of(v, p.member(f, name), true, false));
  }

  static void items(const json& before, const json& after, const field_place& p, json& set,
                    json& removed) {
    std::map<std::string, pair> by_name;
    for (const json& item : before) by_name[item_element(item, p)].before.push_back(&item);
    for (const json& item : after) by_name[item_element(item, p)].after.push_back(&item);
    for (const auto& [name, found] : by_name) item_pair(name, found, p.item(), set, removed);
  }

  static void item_pair(const std::string& name, const pair& items, const field_place& p, json& set,
                        json& removed) {
    const auto& [before, after] = items;
    if (before.size() <= 1 && after.size() <= 1) {
      static const json missing;
      if (after.empty()) return append(removed, name, all_of(*before[0], p, true, false));
      return one(name, before.empty() ? missing : *before[0], *after[0], p, false, set, removed);
    }
    // Items that a list repeats count as one leaf.
    const auto same = [](const json* a, const json* b) { return *a == *b; };
    if (before.size() > 1 && after.size() > 1) {
      if (!std::equal(before.begin(), before.end(), after.begin(), after.end(), same))
        append(set, name, json::object());
    } else if (before.size() > 1) {
      append(removed, name, json::object());
      if (!after.empty()) append(set, name, all_of(*after[0], p, true, false));
    } else {
      append(set, name, json::object());
      if (!before.empty()) append(removed, name, all_of(*before[0], p, true, false));
    }
  }

  static void one(std::string name, const json& before, const json& after, const field_place& p,
                  bool there, json& set, json& removed) {
    if (before == after || (there && before.is_null() && after.empty())) return;
    const field_form f = p.form_of(after);
    if (before.is_null()) {
      append(set, std::move(name), all_of(after, p, !there, there));
    } else if (p.form_of(before) != f) {
      if (p.form_of(before) != field_form::leaf)
        append(removed, name, all_of(before, p, false, false));
      append(set, std::move(name), all_of(after, p, true, there));
    } else if (f == field_form::leaf) {
      append(set, std::move(name), json::object());
    } else {
      json set_below = json::object(), removed_below = json::object();
      compare(before, after, p, f, there, set_below, removed_below);
      if (!set_below.empty()) append(set, name, std::move(set_below));
      if (!removed_below.empty()) append(removed, std::move(name), std::move(removed_below));
    }
  }
};

/// The children of a value's node in the set of a configuration.
json named_in(const json& value, const field_place& p) {
  json node = json::object();
  const field_form f = p.form_of(value);
  if (f == field_form::leaf) return node;
  if (f == field_form::structure || f == field_form::map) {
    for (const auto& [name, v] : value.items()) {
      const field_place member = p.member(f, name);
      json child = named_in(v, member);
      // Structs and lists are owned through what is in them.
      const bool whole = f == field_form::map || member.form_of(v) == field_form::leaf ||
                         (v.is_object() && v.empty());
      if (child.empty() && !whole) continue;
      if (whole && !child.empty()) child["."] = json::object();
      append(node, field_element(name), std::move(child));
    }
    return node;
  }
  for (const json& item : value) {
    json child = named_in(item, p.item());
    if (!child.empty()) child["."] = json::object();
    node.emplace(item_element(item, p), std::move(child));
  }
  return node;
}

/// Removes what no manager owns.
void strip(json& tree) {
  tree.erase("f:apiVersion");
  tree.erase("f:kind");
  const auto metadata = tree.find("f:metadata");
  if (metadata == tree.end()) return;
  erase_if(metadata->get_ref<json::object_t&>(),
           [](const auto& member) { return is_of_nobody(member.first.substr(2)); });
  metadata->erase(".");
  if (metadata->empty()) tree.erase(metadata);
}

}  // namespace

field_changes compare_fields(const json& before, const json& after, const type_info& type) {
  const field_place root = field_place::root(type);
  json set = json::object(), removed = json::object();
  if (before.is_object() && after.is_object()) {
    comparison::compare(before, after, root, field_form::structure, true, set, removed);
  } else if (after.is_object()) {
    set = all_of(after, root, false, true);
  }
  strip(set);
  strip(removed);
  return {field_set(std::move(set)), field_set(std::move(removed))};
}

field_set fields_of(const json& configuration, const type_info& type) {
  json set = named_in(configuration, field_place::root(type));
  strip(set);
  return field_set(std::move(set));
}

}  // namespace troupe::model
