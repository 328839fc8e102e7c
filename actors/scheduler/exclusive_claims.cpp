#include "actors/scheduler/exclusive_claims.hpp"

#include "model/scheduling/preemption.hpp"
#include "model/scheduling/volume_book.hpp"
#include "model/volumes/pod_volumes.hpp"

#include <algorithm>

namespace troupe::scheduler {
namespace {

// "NAMESPACE/NAME" of what the pod has.
std::vector<std::string> claims_in(const model::object& pod) {
  std::vector<std::string> out;
  if (!model::may_have_claims(pod)) return out;
  const auto view = pod.view<model::pod_view>();
  if (!view->volumes) return out;
  for (const auto& name : view->volumes->claims) out.push_back(view->ns + "/" + name);
  return out;
}

bool for_one_pod_alone(const store::cache& cache, const std::string& claim) {
  const auto slash = claim.find('/');
  const auto stored =
      cache.get({"persistentvolumeclaims", claim.substr(0, slash), claim.substr(slash + 1)});
  return stored && model::is_for_one_pod(stored->parse());
}

}  // namespace

void exclusive_claims::take(std::uint64_t job, const std::string& uid,
                            const std::vector<std::string>& claims) {
  if (claims.empty()) return;
  auto& own = claims_of_[uid];
  for (const auto& claim : claims) {
    holders_[claim].emplace(uid, job);
    if (std::find(own.begin(), own.end(), claim) == own.end()) own.push_back(claim);
  }
}

void exclusive_claims::drop(std::uint64_t job, const std::string& uid) {
  const auto own = claims_of_.find(uid);
  if (own == claims_of_.end()) return;
  std::erase_if(own->second, [&](const std::string& claim) {
    const auto at = holders_.find(claim);
    at->second.erase({uid, job});
    const auto next = at->second.lower_bound({uid, 0});
    const bool still = next != at->second.end() && next->first == uid;
    if (at->second.empty()) holders_.erase(at);
    return !still;
  });
  if (own->second.empty()) claims_of_.erase(own);
}

void exclusive_claims::see(const model::object& pod, bool gone) {
  if (!gone && model::takes_room(pod))
    take(committed, pod.header().uid, claims_in(pod));
  else
    drop(committed, pod.header().uid);
}

void exclusive_claims::clear_committed() {
  std::vector<std::string> uids;
  for (const auto& [uid, claims] : claims_of_) uids.push_back(uid);
  for (const auto& uid : uids) drop(committed, uid);
}

std::optional<std::string> exclusive_claims::hold(std::uint64_t job, const model::object& pod,
                                                  const store::cache& cache, bool judged) {
  const auto& uid = pod.header().uid;
  const auto claims = claims_in(pod);
  for (const auto& claim : claims) {
    const auto at = holders_.find(claim);
    if (!judged || at == holders_.end()) continue;
    const bool its_own = std::any_of(at->second.begin(), at->second.end(),
                                     [&](const holder& h) { return h.first == uid; });
    if (!its_own && for_one_pod_alone(cache, claim)) return claim;
  }
  take(job, uid, claims);
  return std::nullopt;
}

// What has been bound is seen here before its event is read: nobody else may slip in between.
void exclusive_claims::release(std::uint64_t job, const std::string& uid,
                               const model::object_ptr& as_it_is) {
  if (as_it_is && as_it_is->header().uid == uid && model::takes_room(*as_it_is))
    take(committed, uid, claims_in(*as_it_is));
  drop(job, uid);
}

}  // namespace troupe::scheduler
