#include "model/quota/ledger.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

std::string listed(const resource_amounts& amounts) {
  std::string out;
  for (const auto& [bound, amount] : amounts)
    out += (out.empty() ? "" : ",") + bound + "=" + amount.text();
  return out;
}

// The containers that say nothing of what a bound of CPU or memory counts.
std::set<std::string> silent_about(const json& pod, std::string_view bound) {
  const char* list = bound.starts_with("limits.") ? "limits" : "requests";
  const auto dot = bound.find('.');
  const auto resource = dot == bound.npos ? bound : bound.substr(dot + 1);
  const auto prefix = dot == bound.npos ? std::string_view() : bound.substr(0, dot);
  if (resource != "cpu" && resource != "memory") return {};
  if (!prefix.empty() && prefix != "requests" && prefix != "limits") return {};
  std::set<std::string> out;
  for (const char* kind : {"initContainers", "containers"})
    for (const json& c : at(pod, {"spec", kind}))
      if (at(c, {"resources", list, resource}).is_null()) out.insert(string_at(c, {"name"}));
  return out;
}

}  // namespace

bool quota_ledger::set(const std::string& ns, const std::string& name, const json& spec) {
  auto text = spec.dump();
  place& p = places_[ns];
  if (const auto at = p.quotas.find(name); at != p.quotas.end() && at->second.text == text)
    return false;
  quota q{std::move(text), quota_scopes(spec), {}, amounts_of(at(spec, {"hard"}))};
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

std::string quota_ledger::excess_of(const std::string& name, const quota& q,
                                    const resource_amounts& before,
                                    const resource_amounts& wanted) {
  resource_amounts requested;
  resource_amounts used;
  resource_amounts limited;
  for (const auto& [bound, amount] : wanted) {
    const auto counted = q.used.find(bound);
    const auto most = q.hard.find(bound);
    if (counted == q.used.end() || most == q.hard.end()) continue;
    quantity more = amount;
    if (const auto had = before.find(bound); had != before.end()) more -= had->second;
    quantity sum = counted->second;
    sum += more;
    if (more.negative() || more.zero() || sum <= most->second) continue;
    requested[bound] = more;
    used[bound] = counted->second;
    limited[bound] = most->second;
  }
  if (requested.empty()) return {};
  return "exceeded quota: " + name + ", requested: " + listed(requested) +
         ", used: " + listed(used) + ", limited: " + listed(limited);
}

std::string quota_ledger::excess(const std::string& ns, const std::string& object,
                                 const quota_usage& usage) const {
  const auto found = places_.find(ns);
  if (found == places_.end()) return {};
  const auto before = found->second.objects.find(object);
  for (const auto& [name, q] : found->second.quotas) {
    if (!q.scopes.match(usage)) continue;
    const bool counted = before != found->second.objects.end() && q.scopes.match(before->second);
    auto why = excess_of(name, q, counted ? before->second.used : resource_amounts{}, usage.used);
    if (!why.empty()) return why;
  }
  return {};
}

std::string quota_ledger::unspecified(const std::string& ns, const json& pod,
                                      const quota_usage& usage) const {
  const auto found = places_.find(ns);
  if (found == places_.end()) return {};
  for (const auto& [name, q] : found->second.quotas) {
    if (!q.scopes.match(usage)) continue;
    std::string missing;
    for (const auto& [bound, most] : q.hard) {
      const auto containers = silent_about(pod, bound);
      if (containers.empty()) continue;
      missing += (missing.empty() ? "" : "; ") + bound + " for: ";
      for (const auto& container : containers)
        missing += (container == *containers.begin() ? "" : ",") + container;
    }
    if (!missing.empty()) return "failed quota: " + name + ": must specify " + missing;
  }
  return {};
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
