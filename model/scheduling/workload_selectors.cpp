#include "model/scheduling/workload_selectors.hpp"

#include "model/json_read.hpp"
#include "model/json_text.hpp"
#include "model/scheduling/default_spread.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

json selector_of(const object& workload) {
  const auto text = member_text(workload.text_of(part::spec), "selector");
  return text.empty() ? json() : read_json(text);
}

string_pairs pairs_of(const json& map) {
  string_pairs out;
  if (map.is_object())
    for (const auto& [key, value] : map.items())
      if (value.is_string()) out.emplace_back(key, value.get<std::string>());
  return out;
}

bool holds(const string_pairs& labels, const string_pairs& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& w) {
    const auto* have = find(labels, w.first);
    return have && *have == w.second;
  });
}

}  // namespace

void workload_selectors::put(const object_ptr& workload) {
  const auto& key = workload->key();
  if (key.resource != "services") {
    owners_[workload->header().uid] = workload;
    return;
  }
  auto selector = pairs_of(selector_of(*workload));
  if (selector.empty()) return remove(*workload);
  services_[key.ns][key.name] = std::move(selector);
}

void workload_selectors::remove(const object& workload) {
  const auto& key = workload.key();
  if (key.resource != "services") {
    owners_.erase(workload.header().uid);
    return;
  }
  const auto at = services_.find(key.ns);
  if (at == services_.end()) return;
  at->second.erase(key.name);
  if (at->second.empty()) services_.erase(at);
}

void workload_selectors::clear(std::string_view resource) {
  if (resource == "services") return services_.clear();
  std::erase_if(owners_, [&](const auto& o) { return o.second->key().resource == resource; });
}

bool workload_selectors::concerns(const object& pod) const {
  return services_.contains(pod.key().ns) || pod.header().controller() != nullptr;
}

std::vector<spread_constraint> workload_selectors::spread_of(
    const object& pod, const std::vector<spread_constraint>& defaults) const {
  std::map<std::string, std::string> set;
  const auto merge = [&](const string_pairs& pairs) {
    for (const auto& [key, value] : pairs) set[key] = value;
  };
  if (const auto at = services_.find(pod.key().ns); at != services_.end())
    for (const auto& [name, selector] : at->second)
      if (holds(pod.header().labels, selector)) merge(selector);
  std::vector<requirement> of_owner;
  const auto* controller = pod.header().controller();
  if (const auto at = controller ? owners_.find(*controller) : owners_.end(); at != owners_.end()) {
    const json selector = selector_of(*at->second);
    std::string error;
    if (at->second->key().resource == "replicationcontrollers")
      merge(pairs_of(selector));
    else if (auto parsed = label_selector::from_json(selector, error))
      of_owner = std::move(parsed->terms);
  }
  label_selector selector;
  for (const auto& [key, value] : set)
    selector.terms.push_back({key, requirement::operation::in, {value}});
  selector.terms.insert(selector.terms.end(), of_owner.begin(), of_owner.end());
  if (selector.empty()) return {};
  return spread_over(defaults, matcher_in(pod.key().ns, std::move(selector)));
}

}  // namespace troupe::model
