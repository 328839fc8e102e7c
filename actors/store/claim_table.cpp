#include "actors/store/claim_table.hpp"

#include "model/service_addresses.hpp"

namespace troupe {
namespace {

std::string holder_of(const model::object& o) {
  return o.key().ns + "/" + o.key().name;
}

}  // namespace

const std::string* claim_table::taken_from(const model::object& o) const {
  const std::string self = holder_of(o);
  for (const auto& claim : o.view<model::service_view>()->claims)
    if (const auto found = holders_.find(claim); found != holders_.end() && found->second != self)
      return &found->first;
  return nullptr;
}

void claim_table::replace(const model::object* before, const model::object* now) {
  if (before)
    for (const auto& claim : before->view<model::service_view>()->claims) holders_.erase(claim);
  if (now)
    for (const auto& claim : now->view<model::service_view>()->claims)
      holders_.insert_or_assign(claim, holder_of(*now));
}

void claim_table::reset(const store::cache& cache) {
  holders_.clear();
  for (const auto& o : cache.list("services").objects) replace(nullptr, o.get());
}

}  // namespace troupe
