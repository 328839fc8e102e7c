#include "model/field_set.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace troupe::model {
namespace {

/// What is known of a value's type.
struct place {
  field_kind kind = field_kind::any;
  const type_info* type = nullptr;
  const field_info* field = nullptr;  ///< null for items of lists and maps

  static place of(const field_info* f) { return f ? place{f->kind, f->type, f} : place{}; }
  place item() const {
    return field->nesting > 0 ? place{} : place{field->item, field->type, nullptr};
  }
};

enum class form : std::uint8_t { leaf, structure, map, keyed_list, set_list };

/// How `value` is owned: as one leaf, or piece by piece.
form form_of(const json& value, const place& p) {
  if (value.empty() || (p.field && p.field->atomic)) return form::leaf;
  if (value.is_object()) {
    if (p.kind == field_kind::object && p.type && !p.type->atomic) return form::structure;
    return p.kind == field_kind::string_map && p.field ? form::map : form::leaf;
  }
  if (!value.is_array() || p.kind != field_kind::array || !p.field) return form::leaf;
  if (p.field->list == list_type::map && !p.field->map_keys.empty()) return form::keyed_list;
  return p.field->list == list_type::set ? form::set_list : form::leaf;
}

std::string scalar_text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// `k:{"containerPort":80,"protocol":"TCP"}`: the item's keys in alphabetical order.
std::string item_name(const json& item, const place& list, form f) {
  if (f == form::set_list) return "v:" + scalar_text(item);
  const auto& keys = list.field->map_keys;
  if (keys.size() == 1) {
    std::string out = "k:{\"";
    out.append(keys[0]).append("\":");
    return out.append(scalar_text(at(item, {keys[0]}))).append("}");
  }
  json identity = json::object();
  for (std::string_view key : keys)
    if (const json& v = at(item, {key}); !v.is_null()) identity[std::string(key)] = v;
  return "k:" + scalar_text(identity);
}

std::string field_name(const std::string& name) {
  std::string out;
  out.reserve(name.size() + 2);
  return out.append("f:").append(name);
}

/// Places that an empty object has already, because they are no pointers in Kubernetes' Go types:
/// they do not count as added with what stands below them.
bool always_there(const std::string& name) {
  static constexpr std::array<std::string_view, 14> names = {
      "containers",     "daemonEndpoints", "jobTemplate", "kubeletEndpoint",
      "loadBalancer",   "metadata",        "nodeInfo",    "roleRef",
      "spec",           "status",          "strategy",    "template",
      "updateStrategy", "webhooks"};
  return std::binary_search(names.begin(), names.end(), std::string_view(name));
}

void append(json& node, std::string name, json child) {
  auto& members = node.get_ref<json::object_t&>();
  members.emplace_hint(members.end(), std::move(name), std::move(child));
}

/// All of `value` as a set below one place; `self` says whether the place itself is in it.
/// `rooted` while only fields of structs lead here, where always_there() holds.
json all_of(const json& value, const place& p, bool self, bool rooted) {
  json node = json::object();
  const form f = form_of(value, p);
  if (f == form::leaf) return node;
  if (self) append(node, ".", json::object());
  if (f == form::structure || f == form::map) {
    for (const auto& [name, v] : value.items()) {
      if (v.is_null()) continue;
      const place member = f == form::map ? p.item() : place::of(p.type->field(name));
      const bool there = rooted && f == form::structure && always_there(name);
      if (there && v.empty()) continue;
      append(node, field_name(name), all_of(v, member, !there, there));
    }
    return node;
  }
  for (const json& item : value) {
    const place member = f == form::set_list ? place{} : p.item();
    append(node, item_name(item, p, f), all_of(item, member, true, false));
  }
  return node;
}

/// Compares two values of one place. What it finds hangs below the nodes it is given.
class comparison {
 public:
  static void compare(const json& before, const json& after, const place& p, bool rooted, json& set,
                      json& removed) {
    const form f = form_of(after, p);
    if (f == form::structure || f == form::map) {
      members(before, after, p, f, rooted, set, removed);
    } else {
      items(before, after, p, f, set, removed);
    }
  }

 private:
  static void members(const json& before, const json& after, const place& p, form f, bool rooted,
                      json& set, json& removed) {
    auto place_of = [&](const std::string& name) {
      return f == form::map ? p.item() : place::of(p.type->field(name));
    };
    for (const auto& [name, v] : after.items())
      if (!v.is_null())
        one(field_name(name), at(before, {name}), v, place_of(name),
            rooted && f == form::structure && always_there(name), set, removed);
    for (const auto& [name, v] : before.items())
      if (!v.is_null() && at(after, {name}).is_null())
        append(removed, field_name(name), all_of(v, place_of(name), true, false));
  }

  static void items(const json& before, const json& after, const place& p, form f, json& set,
                    json& removed) {
    const place member = f == form::set_list ? place{} : p.item();
    std::unordered_map<std::string, const json*> old;
    for (const json& item : before) old.emplace(item_name(item, p, f), &item);
    static const json missing;
    for (const json& item : after) {
      std::string name = item_name(item, p, f);
      const auto was = old.find(name);
      const json& was_item = was == old.end() ? missing : *was->second;
      if (was != old.end()) old.erase(was);
      one(std::move(name), was_item, item, member, false, set, removed);
    }
    for (const auto& [name, item] : old) append(removed, name, all_of(*item, member, true, false));
  }

  static void one(std::string name, const json& before, const json& after, const place& p,
                  bool there, json& set, json& removed) {
    if (before == after || (there && before.is_null() && after.empty())) return;
    const form f = form_of(after, p);
    if (before.is_null()) {
      append(set, std::move(name), all_of(after, p, !there, there));
    } else if (f == form::leaf || form_of(before, p) != f) {
      if (form_of(before, p) != form::leaf) append(removed, name, all_of(before, p, false, false));
      append(set, std::move(name), all_of(after, p, true, there));
    } else {
      json set_below = json::object(), removed_below = json::object();
      compare(before, after, p, there, set_below, removed_below);
      if (!set_below.empty()) append(set, name, std::move(set_below));
      if (!removed_below.empty()) append(removed, std::move(name), std::move(removed_below));
    }
  }
};

/// Removes what no manager owns.
void strip(json& tree) {
  static constexpr std::string_view of_nobody[] = {
      "f:creationTimestamp", "f:generation",      "f:managedFields", "f:name",
      "f:namespace",         "f:resourceVersion", "f:selfLink",      "f:uid"};
  tree.erase("f:apiVersion");
  tree.erase("f:kind");
  const auto metadata = tree.find("f:metadata");
  if (metadata == tree.end()) return;
  for (std::string_view name : of_nobody) metadata->erase(std::string(name));
  if (metadata->empty()) tree.erase(metadata);
}

bool is_member(const json& node) {
  return node.empty() || node.contains(".");
}

void unite_nodes(json& into, const json& other) {
  if (is_member(into) != is_member(other) || (into.empty() != other.empty())) {
    // One of them is the bare place: it becomes a "." beside what stands below.
    if (is_member(into) || is_member(other)) into["."] = json::object();
  }
  for (const auto& [name, node] : other.items()) {
    if (const auto found = into.find(name); found != into.end()) {
      unite_nodes(*found, node);
    } else {
      into.emplace(name, node);
    }
  }
}

/// Takes `other` out of `from`; false when nothing of `from` is left.
bool subtract_nodes(json& from, const json& other) {
  const bool bare = from.empty();
  if (is_member(other)) {
    if (bare) return false;
    from.erase(".");
  } else if (bare) {
    return true;
  }
  for (const auto& [name, node] : other.items()) {
    const auto found = from.find(name);
    if (name == "." || found == from.end()) continue;
    if (!subtract_nodes(*found, node)) from.erase(found);
  }
  if (from.empty()) return false;
  if (from.size() == 1 && from.begin().key() == ".") from.clear();
  return true;
}

}  // namespace

void field_set::unite(const field_set& other) {
  if (other.empty()) return;
  if (empty()) {
    tree_ = other.tree_;
  } else {
    unite_nodes(tree_, other.tree_);
  }
}

void field_set::subtract(const field_set& other) {
  // The roots are containers, never members themselves.
  for (const auto& [name, node] : other.tree_.items()) {
    const auto found = tree_.find(name);
    if (found != tree_.end() && !subtract_nodes(*found, node)) tree_.erase(found);
  }
}

field_changes compare_fields(const json& before, const json& after, const type_info& type) {
  const place root{field_kind::object, &type, nullptr};
  json set = json::object(), removed = json::object();
  if (before.is_object()) {
    comparison::compare(before, after, root, true, set, removed);
  } else if (after.is_object()) {
    set = all_of(after, root, false, true);
  }
  strip(set);
  strip(removed);
  return {field_set(std::move(set)), field_set(std::move(removed))};
}

}  // namespace troupe::model
