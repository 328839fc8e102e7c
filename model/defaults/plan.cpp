#include "model/defaults/plan.hpp"

#include <unordered_map>
#include <unordered_set>

namespace troupe::model {
namespace {

using plan_map = std::unordered_map<const type_info*, std::unique_ptr<default_plan>>;
using type_set = std::unordered_set<const type_info*>;

/// What a field is when nobody sets it: its default, or the zero that Go writes for a number or
/// bool that has to be there. Empty when it stays away.
std::string_view unset_value(const field_info& f) {
  if (!f.default_value.empty() || !f.required) return f.default_value;
  if (f.kind == field_kind::integer || f.kind == field_kind::number) return "0";
  return f.kind == field_kind::boolean ? "false" : "";
}

/// Types with a default in them or below them; found by going round until nothing is added, since
/// types may refer to each other in circles.
type_set types_with_defaults(const std::vector<const type_info*>& all) {
  type_set found;
  for (bool grown = true; grown;) {
    grown = false;
    for (const type_info* type : all)
      for (const field_info& f : type->fields)
        if (!unset_value(f).empty() || (f.type && found.contains(f.type)))
          grown |= found.insert(type).second;
  }
  return found;
}

plan_map make_plans() {
  const auto all = schema::instance().types();
  const type_set wanted = types_with_defaults(all);
  plan_map plans;
  for (const type_info* type : wanted) plans.emplace(type, std::make_unique<default_plan>());
  for (auto& [type, plan] : plans)
    for (const field_info& f : type->fields) {
      const std::string name(f.name);
      if (const auto value = unset_value(f); !value.empty())
        plan->constants.push_back({name, json::parse(value), f.zero_unset});
      if (f.type && wanted.contains(f.type))
        plan->descents.push_back({name, f.kind != field_kind::object, plans.at(f.type).get()});
    }
  return plans;
}

bool is_unset(const json& value, bool zero_unset) {
  if (value.is_string()) return value.get_ref<const std::string&>().empty();
  return zero_unset && value == 0;
}

}  // namespace

void default_plan::apply(json& object) const {
  auto& members = object.get_ref<json::object_t&>();
  for (const constant& c : constants) {
    const auto [member, fresh] = members.try_emplace(c.name, c.value);
    if (!fresh && is_unset(member->second, c.zero_unset)) member->second = c.value;
  }
  for (const descent& d : descents) {
    const auto member = members.find(d.name);
    if (member == members.end()) continue;
    json& value = member->second;
    if (!d.many) {
      if (value.is_object()) d.plan->apply(value);
    } else {
      for (json& item : value)
        if (item.is_object()) d.plan->apply(item);
    }
  }
}

const default_plan* plan_of(const type_info& type) {
  static const plan_map plans = make_plans();
  const auto found = plans.find(&type);
  return found == plans.end() ? nullptr : found->second.get();
}

}  // namespace troupe::model
