#include "actors/scheduler/apart_terms.hpp"

namespace troupe::scheduler {

bool apart_terms::put(const model::object& pod) {
  if (!pod.says(model::word::pod_anti_affinity)) return false;
  const auto [at, fresh] = of_pod_.try_emplace(pod.header().uid);
  if (!fresh) return false;  // the affinity of a pod does not change
  const auto view = pod.view<model::pod_view>();
  bool first = false;
  if (view->rules)
    for (const auto& t : view->rules->anti_affinity) {
      at->second.push_back(t.who.text);
      auto& have = terms_[t.who.text];
      if (!have) {
        have = std::make_unique<term>(term{t.who, 0});
        index_.add(have->who, have.get());
        first = true;
      }
      ++have->pods;
    }
  return first;
}

void apart_terms::remove(const std::string& uid) {
  const auto at = of_pod_.find(uid);
  if (at == of_pod_.end()) return;
  for (const auto& text : at->second) {
    const auto have = terms_.find(text);
    if (--have->second->pods > 0) continue;
    index_.remove(have->second->who, have->second.get());
    terms_.erase(have);
  }
  of_pod_.erase(at);
}

void apart_terms::clear() {
  of_pod_.clear();
  terms_.clear();
  index_.clear();
}

bool apart_terms::mean(const model::pod_view& pod) const {
  if (terms_.empty()) return false;
  bool found = false;
  index_.each(pod.ns, pod.labels,
              [&](const term& t) { found = found || t.who.may_match(pod.ns, pod.labels); });
  return found;
}

}  // namespace troupe::scheduler
