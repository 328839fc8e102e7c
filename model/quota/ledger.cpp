#include "model/quota/ledger.hpp"

#include <algorithm>

namespace troupe::model {

bool quota_ledger::set(const std::string& ns, const std::string& name, const json& spec) {
  auto text = spec.dump();
  place& p = places_[ns];
  if (const auto at = p.quotas.find(name); at != p.quotas.end() && at->second.text == text)
    return false;
  quota q{std::move(text), quota_scopes(spec), {}};
  for (const auto& [bound, most] : at(spec, {"hard"}).items())
    if (!counted_resource(bound).empty()) q.used[bound] = {};
  p.quotas[name] = std::move(q);
  // Everything is counted anew, for all quotas alike.
  p.objects.clear();
  for (auto& [other, it] : p.quotas)
    for (auto& [bound, amount] : it.used) amount = {};
  recount_resources(p);
  return true;
}

void quota_ledger::drop(const std::string& ns, const std::string& name) {
  const auto at = places_.find(ns);
  if (at == places_.end()) return;
  at->second.quotas.erase(name);
  if (at->second.quotas.empty())
    places_.erase(at);
  else
    recount_resources(at->second);
}

void quota_ledger::recount_resources(place& p) {
  p.resources.clear();
  for (const auto& [name, q] : p.quotas)
    for (const auto& [bound, amount] : q.used) p.resources.insert(counted_resource(bound));
}

bool quota_ledger::counts(const std::string& ns, const std::string& resource) const {
  const auto at = places_.find(ns);
  return at != places_.end() && at->second.resources.contains(resource);
}

std::vector<std::string> quota_ledger::apply(place& p, const quota_usage& usage, bool add) {
  std::vector<std::string> touched;
  for (auto& [name, q] : p.quotas) {
    if (!q.scopes.match(usage)) continue;
    bool any = false;
    for (const auto& [bound, amount] : usage.used) {
      const auto at = q.used.find(bound);
      if (at == q.used.end()) continue;
      any = true;
      if (add)
        at->second += amount;
      else
        at->second -= amount;
    }
    if (any) touched.push_back(name);
  }
  return touched;
}

std::vector<std::string> quota_ledger::put(const std::string& ns, const std::string& object,
                                           quota_usage usage) {
  const auto found = places_.find(ns);
  if (found == places_.end()) return {};
  place& p = found->second;
  const auto at = p.objects.find(object);
  if (at != p.objects.end() && at->second == usage) return {};
  auto touched = remove(ns, object);
  for (auto& name : apply(p, usage, true))
    if (std::find(touched.begin(), touched.end(), name) == touched.end())
      touched.push_back(std::move(name));
  p.objects[object] = std::move(usage);
  return touched;
}

std::vector<std::string> quota_ledger::remove(const std::string& ns, const std::string& object) {
  const auto found = places_.find(ns);
  if (found == places_.end()) return {};
  const auto at = found->second.objects.find(object);
  if (at == found->second.objects.end()) return {};
  auto touched = apply(found->second, at->second, false);
  found->second.objects.erase(at);
  return touched;
}

void quota_ledger::clear_objects() {
  for (auto& [ns, p] : places_) {
    p.objects.clear();
    for (auto& [name, q] : p.quotas)
      for (auto& [bound, amount] : q.used) amount = {};
  }
}

resource_amounts quota_ledger::used(const std::string& ns, const std::string& name) const {
  const auto found = places_.find(ns);
  if (found == places_.end()) return {};
  const auto at = found->second.quotas.find(name);
  return at == found->second.quotas.end() ? resource_amounts{} : at->second.used;
}

std::optional<json> quota_status(const json& quota, const resource_amounts& used) {
  const json& hard = at(quota, {"spec", "hard"});
  const auto before = amounts_of(at(quota, {"status", "used"}));
  resource_amounts now;
  for (const auto& [bound, most] : hard.items()) {
    if (const auto counted = used.find(bound); counted != used.end())
      now[bound] = counted->second;
    else if (const auto old = before.find(bound); old != before.end())
      now[bound] = old->second;
  }
  const json& status = at(quota, {"status"});
  if (status.contains("hard") && status.contains("used") && now == before &&
      amounts_of(hard) == amounts_of(status["hard"]))
    return std::nullopt;
  json out = json::object();
  out["hard"] = hard.is_object() ? hard : json::object();
  out["used"] = to_json(now);
  return out;
}

}  // namespace troupe::model
