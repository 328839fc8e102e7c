#include "model/go_text.hpp"
#include "model/patch/merge_list.hpp"
#include "model/patch/patch.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace troupe::model {
namespace {

bool is_directive(std::string_view key) {
  return key == patch_directive || key == retain_keys_directive ||
         key.starts_with(delete_from_list_prefix) || key.starts_with(set_order_prefix);
}

bool deletes(const json& item) {
  return string_at(item, {patch_directive}) == "delete";
}

/// A patch value as it looks where nothing was to merge with: no directives, no nulls.
json cleaned(const json& value) {
  if (value.is_array()) {
    json out = json::array();
    for (const json& item : value) {
      const bool marker = item.is_object() && item.size() == 1 && item.contains(patch_directive);
      if (!deletes(item) && !marker) out.push_back(cleaned(item));
    }
    return out;
  }
  if (!value.is_object()) return value;
  json out = json::object();
  if (deletes(value)) return out;
  for (const auto& [key, v] : value.items())
    if (!v.is_null() && !is_directive(key)) out[key] = cleaned(v);
  return out;
}

/// `list` in a new order: items that `wanted` names stand in its order, the others keep their
/// place among them as well as `place` (where they stood before the patch) tells (strategicpatch's
/// normalizeElementOrder).
json ordered(json list, const json& wanted, const positions& place, std::string_view key) {
  const positions rank = positions_of(wanted, key);
  struct entry {
    json* item;
    std::size_t rank;
    std::size_t place;
  };
  std::vector<entry> named, others;
  for (json& item : list) {
    const std::string id = identity(item, key);
    const auto r = rank.find(id);
    const auto p = place.find(id);
    const entry e{&item, r == rank.end() ? 0 : r->second, p == place.end() ? SIZE_MAX : p->second};
    (r == rank.end() ? others : named).push_back(e);
  }
  auto by = [](auto field) {
    return [field](const entry& a, const entry& b) { return a.*field < b.*field; };
  };
  std::stable_sort(named.begin(), named.end(), by(&entry::rank));
  std::stable_sort(others.begin(), others.end(), by(&entry::place));
  json out = json::array();
  auto other = others.begin();
  for (const entry& e : named) {
    for (; other != others.end() && e.place != SIZE_MAX && other->place < e.place; ++other)
      out.push_back(std::move(*other->item));
    out.push_back(std::move(*e.item));
  }
  for (; other != others.end(); ++other) out.push_back(std::move(*other->item));
  return out;
}

constexpr const char* bad_primitives = "invalid patch format of primitive list";
constexpr const char* bad_retain_keys = "invalid patch format of retainKeys";

/// A patch that kube-apiserver cannot make sense of and has no error of its own for.
status not_understood(std::string why) {
  return {500, "", std::move(why)};
}

status unknown_directive(const json& directive, const json& patch) {
  return not_understood("unknown patch type: " + go_value(directive) +
                        " in map: " + go_value(patch));
}

status no_merge_key(const json& item, std::string_view key) {
  return not_understood("map: " + go_value(item) +
                        " does not contain declared merge key: " + std::string(key));
}

/// Whether all items of a patch's list are in `order`, and in that order.
bool in_order(const json& list, const json& order, std::string_view key) {
  if (order.empty()) return true;
  auto place = order.begin();
  for (const json& item : list) {
    const std::string id = identity(item, key);
    place = std::find_if(place, order.end(), [&](const json& o) { return identity(o, key) == id; });
    if (place == order.end()) return false;
    ++place;
  }
  return true;
}

/// Merges one patch; remembers the first fault and then goes on without harm.
class merger {
 public:
  const std::optional<status>& error() const { return error_; }

  void merge_map(json& target, const json& patch, const shape& s) {
    if (const json& directive = at(patch, {patch_directive}); !directive.is_null()) {
      if (directive == "delete" || directive == "replace") {
        json rest = patch;
        rest.erase(std::string(patch_directive));
        target = directive == "replace" ? cleaned(rest) : json::object();
        return;
      }
      return fail(unknown_directive(directive, patch));
    }
    retain_keys(target, patch);
    delete_from_lists(target, patch);
    for (const auto& [key, value] : patch.items())
      if (!is_directive(key)) merge_member(target, patch, key, value, s);
    for (const auto& [key, order] : patch.items()) {
      // Lists that the patch only puts in order.
      if (!key.starts_with(set_order_prefix)) continue;
      const std::string name = key.substr(set_order_prefix.size());
      if (!order.is_array())
        return fail(not_understood("expected a []interface {}, but received a " +
                                   std::string(go_type(order))));
      const auto found = target.find(name);
      if (patch.contains(name) || found == target.end() || !found->is_array()) continue;
      if (const auto* f = s.field(name); merges(f)) {
        const positions place = positions_of(*found, merge_key(f));
        *found = ordered(std::move(*found), order, place, merge_key(f));
      }
    }
  }

 private:
  void fail(status why) {
    if (!error_) error_ = std::move(why);
  }

  void retain_keys(json& target, const json& patch) {
    const auto found = patch.find(retain_keys_directive);
    if (found == patch.end()) return;
    std::set<std::string> keep;
    if (found->is_array())
      for (const json& key : *found)
        if (key.is_string()) keep.insert(key.get<std::string>());
    const bool unlisted = std::any_of(patch.items().begin(), patch.items().end(), [&](auto& m) {
      return !is_directive(m.key()) && !m.value().is_null() && !keep.count(m.key());
    });
    if (!found->is_array() || unlisted) return fail(bad_request(bad_retain_keys));
    for (auto member = target.begin(); member != target.end();)
      member = keep.count(member.key()) ? std::next(member) : target.erase(member);
  }

  void delete_from_lists(json& target, const json& patch) {
    for (const auto& [key, gone] : patch.items()) {
      if (!key.starts_with(delete_from_list_prefix)) continue;
      if (!gone.is_array()) return fail(bad_request(bad_primitives));
      const auto list = target.find(key.substr(delete_from_list_prefix.size()));
      if (list == target.end() || !list->is_array()) continue;
      const positions doomed = positions_of(gone, {});
      json kept = json::array();
      for (json& item : *list)
        if (!doomed.count(identity(item, {}))) kept.push_back(std::move(item));
      *list = std::move(kept);
    }
  }

  void merge_member(json& target, const json& patch, const std::string& key, const json& value,
                    const shape& s) {
    if (value.is_null()) {
      target.erase(key);
      return;
    }
    const field_info* field = s.field(key);
    const auto found = target.find(key);
    const bool replace = field && field->replace;
    if (found != target.end() && found->is_object() && value.is_object() && !replace)
      return merge_map(*found, value, s.member(key));
    if (!value.is_array() || !merges(field)) {
      target[key] = cleaned(value);
      return;
    }
    json list =
        found != target.end() && found->is_array() ? std::move(*found) : json(json::array());
    const json& order = at(patch, {std::string(set_order_prefix) + key});
    target[key] = merge_list(std::move(list), value, order, field, s.member(key));
  }

  json merge_list(json list, const json& patch, const json& order, const field_info* field,
                  const shape& item_shape) {
    const std::string_view key = merge_key(field);
    if (std::any_of(patch.begin(), patch.end(), [](const json& i) { return i.is_array(); })) {
      fail({422, "Invalid", "the server rejected our request due to an error in our request"});
      return list;
    }
    const positions before = positions_of(list, key);
    json rest;  // The patch without its directives, where it has some.
    if (!key.empty() && !take_directives(list, patch, rest, key)) return list;
    const json& plain = rest.is_null() ? patch : rest;
    if (order.is_array() && !in_order(plain, order, key)) {
      fail(not_understood("The order in patch list:\n" + go_value(patch) +
                          "\n doesn't match $setElementOrder list:\n" + go_value(order) + "\n"));
      return list;
    }
    positions place = rest.is_null() ? before : positions_of(list, key);
    for (const json& item : plain) {
      const std::string id = identity(item, key);
      const auto [at_place, fresh] = place.emplace(id, list.size());
      if (fresh) {
        list.push_back(cleaned(item));
      } else if (!key.empty()) {
        merge_map(list[at_place->second], item, item_shape);
      }
    }
    return ordered(std::move(list), order.is_array() ? order : plain, before, key);
  }

  /// Carries out $patch: delete and replace items on `list`; when there are any, the others are put
  /// into `rest`.
  bool take_directives(json& list, const json& patch, json& rest, std::string_view key) {
    positions doomed;
    bool replace = false;
    json plain = json::array();
    const bool any = std::any_of(patch.begin(), patch.end(), [](const json& item) {
      return item.is_object() && item.contains(patch_directive);
    });
    for (const json& item : patch) {
      if (!item.is_object()) {
        fail(not_understood("list element types are not identical: " +
                            go_value(json::array({list, patch}))));
        return false;
      }
      const json& directive = at(item, {patch_directive});
      const std::string id = identity(item, key);
      if (directive == "replace") {
        replace = true;
        continue;
      } else if (id.empty()) {
        fail(no_merge_key(item, key));
        return false;
      } else if (directive == "delete") {
        doomed.emplace(id, 0);
        continue;
      } else if (directive == "merge") {
        fail(not_understood("merging lists cannot yet be specified in the patch"));
        return false;
      } else if (!directive.is_null()) {
        fail(unknown_directive(directive, item));
        return false;
      }
      if (!any) continue;
      plain.push_back(item);
      plain.back().erase(std::string(patch_directive));
    }
    if (!any) return true;
    rest = std::move(plain);
    if (replace) list = json::array();
    json kept = json::array();
    for (json& item : list)
      if (!doomed.count(identity(item, key))) kept.push_back(std::move(item));
    list = std::move(kept);
    return true;
  }

  std::optional<status> error_;
};

}  // namespace

patched strategic_merge_patch(const json& document, const json& patch, const type_info& type) {
  if (!patch.is_object()) return bad_request("invalid JSON document");
  json out = document;
  merger m;
  m.merge_map(out, patch, {&type, nullptr});
  if (m.error()) return *m.error();
  return out;
}

}  // namespace troupe::model
