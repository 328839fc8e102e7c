#include "store/claim_table.hpp"

#include "model/service_addresses.hpp"

namespace troupe::store {
namespace {

constexpr std::string_view services = "services";

std::string holder_of(const model::object_key& key) {
  return key.ns + "/" + key.name;
}

}  // namespace

bool claim_table::taken(const std::string& claim, const model::object_key& self) const {
  const auto found = holders_.find(claim);
  return found != holders_.end() && found->second != holder_of(self);
}

const std::string* claim_table::taken_from(const model::object& o) const {
  for (const auto& claim : o.view<model::service_view>()->claims)
    if (taken(claim, o.key())) return &claim;
  return nullptr;
}

void claim_table::replace(const model::object* before, const model::object* now) {
  const auto holder = holder_of((now ? now : before)->key());
  if (const auto held = claims_.find(holder); held != claims_.end()) {
    for (const auto& claim : held->second) holders_.erase(claim);
    claims_.erase(held);
  }
  if (!now) return;
  const auto& claims = now->view<model::service_view>()->claims;
  if (claims.empty()) return;
  for (const auto& claim : claims) holders_.insert_or_assign(claim, holder);
  claims_.emplace(holder, claims);
}

void claim_table::reset(const cache& objects) {
  holders_.clear();
  claims_.clear();
  const auto all = objects.list(services);
  for (const auto& o : all.objects) replace(nullptr, o.get());
  version_ = all.version;
}

void claim_table::follow(const cache& objects) {
  if (version_ == 0) return reset(objects);
  for (;;) {
    const auto batch = objects.events(services, version_);
    if (batch.expired) return reset(objects);
    version_ = batch.version;
    if (batch.events.empty()) return;
    for (const auto& e : batch.events)
      if (e.type == event::kind::deleted)
        replace(e.object.get(), nullptr);
      else
        replace(nullptr, e.object.get());
  }
}

}  // namespace troupe::store
