#include "model/patch/merge_list.hpp"
#include "model/patch/patch.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

json diff_map(const json& original, const json& modified, const json& current, const shape& s);

/// Whether the items that both lists have stand in the same order.
bool same_order(const json& modified, const json& current, std::string_view key) {
  const positions place = positions_of(current, key);
  std::size_t last = 0;
  for (const json& item : modified) {
    const auto found = place.find(identity(item, key));
    if (found == place.end()) continue;
    if (found->second < last) return false;
    last = found->second;
  }
  return true;
}

/// Adds to `patch` what turns the merging list `name` of `current` into that of `modified`.
void diff_list(json& patch, const std::string& name, const json& original, const json& modified,
               const json& current, const field_info* field, const shape& item_shape) {
  const std::string_view key = merge_key(field);
  const positions before = positions_of(original, key), now = positions_of(current, key),
                  wanted = positions_of(modified, key);
  json changes = json::array(), gone = json::array(), order = json::array();
  for (const json& item : modified) {
    const std::string id = identity(item, key);
    order.push_back(key.empty() ? item : json{{std::string(key), at(item, {key})}});
    const auto there = now.find(id);
    if (there == now.end()) {
      changes.push_back(item);
    } else if (!key.empty()) {
      const auto was = before.find(id);
      json change = diff_map(was == before.end() ? json::object() : original[was->second], item,
                             current[there->second], item_shape);
      if (change.empty()) continue;
      change[std::string(key)] = at(item, {key});
      changes.push_back(std::move(change));
    }
  }
  for (const auto& [id, at_place] : before) {
    if (wanted.count(id) || !now.count(id)) continue;
    const json& item = original[at_place];
    if (key.empty()) {
      gone.push_back(item);
    } else {
      changes.push_back(
          {{std::string(key), at(item, {key})}, {std::string(patch_directive), "delete"}});
    }
  }
  if (changes.empty() && gone.empty() && same_order(modified, current, key)) return;
  if (!changes.empty()) patch[name] = std::move(changes);
  if (!gone.empty()) patch[std::string(delete_from_list_prefix) + name] = std::move(gone);
  patch[std::string(set_order_prefix) + name] = std::move(order);
}

json keys_of(const json& object) {
  json out = json::array();
  for (const auto& [key, value] : object.items()) out.push_back(key);
  return out;
}

json diff_map(const json& original, const json& modified, const json& current, const shape& s) {
  json patch = json::object();
  for (const auto& [key, wanted] : modified.items()) {
    const json& now = at(current, {key});
    const json& before = at(original, {key});
    const field_info* field = s.field(key);
    const bool replace = field && field->replace;
    if (now.is_object() && wanted.is_object() && !replace) {
      json change = diff_map(before, wanted, now, s.member(key));
      if (change.empty()) continue;
      if (field && field->retain_keys) change[std::string(retain_keys_directive)] = keys_of(wanted);
      patch[key] = std::move(change);
    } else if (now.is_array() && wanted.is_array() && merges(field)) {
      diff_list(patch, key, before, wanted, now, field, s.member(key));
    } else if (now != wanted) {
      patch[key] = wanted;
    }
  }
  if (original.is_object())
    for (const auto& [key, before] : original.items())
      if (!modified.contains(key) && current.contains(key)) patch[key] = nullptr;
  return patch;
}

}  // namespace

json three_way_strategic_patch(const json& original, const json& modified, const json& current,
                               const type_info& type) {
  return diff_map(original, modified, current, {&type, nullptr});
}

json three_way_merge_patch(const json& original, const json& modified, const json& current) {
  return diff_map(original, modified, current, {});
}

}  // namespace troupe::model
