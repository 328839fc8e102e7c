#include "actors/controllers/volume_index.hpp"

#include "model/storage_protection.hpp"
#include "model/volumes/pod_volumes.hpp"

namespace troupe {

void volume_index::put(const model::object& volume) {
  const auto& name = volume.key().name;
  remove(name);
  auto facts = std::make_unique<model::volume_facts>(volume);
  if (facts->claim.empty())
    unclaimed_[facts->storage_class].insert(name);
  else
    claimed_[facts->claim].insert(name);
  volumes_[name] = std::move(facts);
}

void volume_index::take_out(names& from, const std::string& key, const std::string& name) {
  const auto at = from.find(key);
  if (at == from.end()) return;
  at->second.erase(name);
  if (at->second.empty()) from.erase(at);
}

void volume_index::remove(const std::string& name) {
  const auto at = volumes_.find(name);
  if (at == volumes_.end()) return;
  take_out(unclaimed_, at->second->storage_class, name);
  take_out(claimed_, at->second->claim, name);
  volumes_.erase(at);
}

void volume_index::clear() {
  volumes_.clear();
  unclaimed_.clear();
  claimed_.clear();
}

std::vector<const model::volume_facts*> volume_index::candidates(
    const std::string& claim, const std::string& storage_class) const {
  std::vector<const model::volume_facts*> out;
  const auto add = [&](const names& from, const std::string& key) {
    if (const auto at = from.find(key); at != from.end())
      for (const auto& name : at->second) out.push_back(volumes_.at(name).get());
  };
  add(claimed_, claim);
  add(unclaimed_, storage_class);
  return out;
}

std::set<std::string> volume_index::of_claim(const std::string& claim) const {
  const auto at = claimed_.find(claim);
  return at == claimed_.end() ? std::set<std::string>() : at->second;
}

const model::volume_facts* volume_index::find(const std::string& name) const {
  const auto at = volumes_.find(name);
  return at == volumes_.end() ? nullptr : at->second.get();
}

model::object_key key_in(std::string_view resource, std::string_view ns_and_name) {
  const auto slash = ns_and_name.find('/');
  return {std::string(resource), std::string(ns_and_name.substr(0, slash)),
          std::string(ns_and_name.substr(slash + 1))};
}

std::vector<std::string> claim_users::observe(const store::event& e) {
  std::vector<std::string> out;
  if (!model::may_have_claims(*e.object)) return out;
  const auto& key = e.object->key();
  const auto pod = key.ns + "/" + key.name;
  for (const auto& name : model::claims_of_pod(e.object->content())) {
    out.push_back(key.ns + "/" + name);
    auto& pods = pods_[out.back()];
    if (e.type == store::event::kind::deleted)
      pods.erase(pod);
    else
      pods.insert(pod);
    if (pods.empty()) pods_.erase(out.back());
  }
  return out;
}

const std::set<std::string>& claim_users::of(const std::string& claim) const {
  static const std::set<std::string> none;
  const auto at = pods_.find(claim);
  return at == pods_.end() ? none : at->second;
}

}  // namespace troupe
