#include "model/apply/merge.hpp"

#include "model/field_place.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace troupe::model {
namespace {

void merge_value(json& target, const json& wanted, const field_place& p);

/// The items of a list by name. Of items that a list repeats, none is merged with.
struct named_items {
  std::vector<std::string> names;  ///< in the list's order, repeated ones also
  std::map<std::string, std::optional<std::size_t>, std::less<>> places;

  named_items(const json& list, const field_place& p) {
    names.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      names.push_back(item_element(list[i], p));
      const auto [place, fresh] = places.emplace(names.back(), i);
      if (!fresh) place->second.reset();
    }
  }
  bool has(const std::string& name) const { return places.contains(name); }
};

/// Merges two lists with named items in the order that structured-merge-diff gives: items of both
/// stand as the configuration has them; what only the object has stays behind what it followed.
class list_merge {
 public:
  list_merge(json& target, const json& wanted, const field_place& p)
      : list_(target), wanted_(wanted), item_(p.item()), left_(target, p), right_(wanted, p) {
    for (const std::string& name : right_.names)
      if (left_.has(name)) shared_.push_back(&name);
  }

  void run() {
    while (l_ < left_.names.size() || r_ < right_.names.size()) step();
    list_ = std::move(out_);
  }

 private:
  void step() {
    const bool more_left = l_ < left_.names.size(), more_right = r_ < right_.names.size();
    if (more_left && more_right) {
      const std::string& name = left_.names[l_];
      if (name == right_.names[r_]) {
        ++l_;
        take_right();
        return;
      }
      // A shared item whose turn has not come: it is placed with the configuration's.
      if (right_.has(name) && next_ < shared_.size() && *shared_[next_] != name) {
        ++l_;
        return;
      }
    }
    if (more_left) {
      if (!right_.has(left_.names[l_])) {
        out_.push_back(std::move(list_[l_++]));
        return;
      }
      if (!more_right) {
        ++l_;
        return;
      }
    }
    take_right();
  }

  void take_right() {
    const std::string& name = right_.names[r_];
    const auto found = left_.places.find(name);
    if (found != left_.places.end() && found->second) {
      out_.push_back(std::move(list_[*found->second]));
      merge_value(out_.back(), wanted_[r_], item_);
    } else {
      out_.push_back(wanted_[r_]);
    }
    ++r_;
    if (next_ < shared_.size() && *shared_[next_] == name) ++next_;
  }

  json& list_;
  const json& wanted_;
  const field_place item_;
  const named_items left_, right_;
  std::vector<const std::string*> shared_;
  json out_ = json::array();
  std::size_t l_ = 0, r_ = 0, next_ = 0;
};

/// Whether two lists have the same items in the same order. The configuration repeats none.
bool same_items(const json& target, const json& wanted, const field_place& p) {
  if (target.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& keys = p.field->map_keys;
    const bool same =
        p.field->list == list_type::set
            ? target[i] == wanted[i]
            : std::all_of(keys.begin(), keys.end(), [&](std::string_view key) {
                return wanted[i].contains(key) && at(target[i], {key}) == at(wanted[i], {key});
              });
    if (!same && item_element(target[i], p) != item_element(wanted[i], p)) return false;
  }
  return true;
}

void merge_value(json& target, const json& wanted, const field_place& p) {
  const field_form f = p.form();
  if (f != field_form::leaf && (wanted.is_null() || wanted.empty()) && !target.empty())
    return;  // Nothing is said about what is in it.
  if (f == field_form::leaf || target.empty() || p.form_of(wanted) != f || p.form_of(target) != f) {
    target = wanted;
  } else if (f == field_form::keyed_list || f == field_form::set_list) {
    if (!same_items(target, wanted, p)) return list_merge(target, wanted, p).run();
    if (f == field_form::keyed_list)
      for (std::size_t i = 0; i < wanted.size(); ++i) merge_value(target[i], wanted[i], p.item());
  } else {
    for (const auto& [name, v] : wanted.items()) {
      const auto found = target.find(name);
      if (found == target.end()) {
        target.emplace(name, v);
      } else {
        merge_value(*found, v, p.member(f, name));
      }
    }
  }
}

using nodes = std::vector<const json*>;

/// Removes from one value, with the nodes of its place in each set.
class pruner {
 public:
  static void run(json& value, const field_place& p, const json& last, const nodes& owners) {
    const field_form f = p.form_of(value);
    if (f == field_form::structure || f == field_form::map) {
      members(value, p, f, last, owners);
    } else if (f != field_form::leaf) {
      items(value, p, last, owners);
    }
  }

 private:
  /// True when the value itself goes.
  static bool child(json& value, const field_place& p, const std::string& element, bool named,
                    const json& last, const nodes& owners) {
    const auto node = last.find(element);
    if (node == last.end()) return false;
    nodes below;
    bool owned = false;
    for (const json* owner : owners) {
      const auto found = owner->find(element);
      if (found == owner->end()) continue;
      below.push_back(&*found);
      owned = owned || named || field_set::is_member(*found);
    }
    // A field of a struct goes with the last of what was applied in it.
    const bool applied = named || field_set::is_member(*node);
    const bool empty_list = value.is_array() && value.empty() && p.form() != field_form::leaf;
    if (applied && !owned) return !empty_list;
    const bool had = !value.empty();
    run(value, p, *node, below);
    return had && value.is_structured() && value.empty();
  }

  static void members(json& value, const field_place& p, field_form f, const json& last,
                      const nodes& owners) {
    for (auto member = value.begin(); member != value.end();) {
      const field_place below = p.member(f, member.key());
      const bool gone = child(*member, below, field_element(member.key()),
                              f == field_form::structure && below.field, last, owners);
      member = gone ? value.erase(member) : std::next(member);
    }
  }

  static void items(json& value, const field_place& p, const json& last, const nodes& owners) {
    json kept = json::array();
    for (json& item : value)
      if (!child(item, p.item(), item_element(item, p), false, last, owners))
        kept.push_back(std::move(item));
    value = std::move(kept);
  }
};

}  // namespace

void merge_configuration(json& object, const json& configuration, const type_info& type) {
  merge_value(object, configuration, field_place::root(type));
}

void prune(json& object, const field_set& last, const std::vector<const field_set*>& owners,
           const type_info& type) {
  nodes roots;
  for (const field_set* owner : owners) roots.push_back(&owner->fields_v1());
  pruner::run(object, field_place::root(type), last.fields_v1(), roots);
}

}  // namespace troupe::model
