#include "actors/scheduler/placer.hpp"
#include "actors/scheduler/pod_writes.hpp"
#include "messages/errors.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace troupe::scheduler {
namespace {

// Refusals by node proxies in a row after which a pod goes back to the queue.
constexpr int most_declines = 16;

}  // namespace

// The pod is being reserved from now on. The node's proxy goes by the filters that it was placed
// by.
reservation placer::promise(decision d, const std::string& gang) {
  const auto& pod = *d.what.view;
  reservation r{d.node, pod.ns, pod.name, pod.uid};
  r.gang = gang;
  r.filters = profile_.filters.enabled;
  for (const auto& [name, amount] : pod.requests.extended)
    if (profile_.filters.ignores(name)) r.ignored.push_back(name);
  d.what.gang_fault.clear();
  placed_[r.uid] = {std::move(d.what), std::move(d.node)};
  return r;
}

// The volumes of pods are settled before the pods are.
void placer::reserve_after(std::vector<std::pair<model::object_ptr, model::json>> before,
                           std::vector<reservation> reservations) {
  std::vector<write> writes;
  for (const auto& [stored, document] : before) writes.push_back(update_of(*stored, document));
  auto patience = std::min<std::chrono::milliseconds>(
      options_.timeout, std::max(profile_.volume_timeout, std::chrono::seconds(1)));
  if (const auto& gang = reservations.front().gang; !gang.empty())
    patience = std::min<std::chrono::milliseconds>(patience, patience_of(gang));
  const auto failed = [this, reservations](const std::string& why) {
    std::vector<reserve_result> results;
    for (const auto& r : reservations) results.push_back({r.uid, reserve_outcome::failed, why, 0});
    judge(results);
  };
  request(options_.store, patience, write_atom::value, std::move(writes))
      .then(
          [this, reservations, failed](const std::vector<object_ref>&,
                                       const std::vector<std::string>& errors) {
            const auto bad = std::find_if(errors.begin(), errors.end(),
                                          [](const auto& e) { return !e.empty(); });
            if (bad == errors.end()) return reserve(reservations);
            failed(*bad);
          },
          [failed](const caf::error& e) { failed(to_status(e).message); });
}

void placer::reserve(std::vector<reservation> wanted) {
  std::vector<std::string> uids;
  for (const auto& r : wanted) uids.push_back(r.uid);
  metrics_.reservations.add(wanted.size());
  request(options_.registry, options_.timeout, reserve_atom::value, std::move(wanted))
      .then([this](const std::vector<reserve_result>& results) { judge(results); },
            [this, uids](const caf::error& e) {
              std::vector<reserve_result> results;
              for (const auto& uid : uids)
                results.push_back({uid, reserve_outcome::failed, to_status(e).message, 0});
              judge(results);
            });
}

void placer::judge(const std::vector<reserve_result>& results) {
  std::vector<pod_result> fates;
  for (const auto& r : results) {
    const auto at = placed_.find(r.uid);
    if (at == placed_.end()) continue;
    auto [t, node] = std::move(at->second);
    placed_.erase(at);
    if (r.outcome == reserve_outcome::bound) {
      settle(r, node);
      metrics_.attempted("scheduled", seconds_since(t.taken));
      tell(*t.pod, "Normal", "Scheduled", "Binding",
           "Successfully assigned " + t.view->ns + "/" + t.view->name + " to " + node);
      fates.push_back({r.uid, pod_outcome::bound});
      continue;
    }
    table_.forget(r.uid);
    if (r.outcome == reserve_outcome::declined) metrics_.declines.add();
    if (r.outcome == reserve_outcome::failed) metrics_.attempted("error", seconds_since(t.taken));
    if (r.outcome == reserve_outcome::declined && ++t.declines < most_declines)
      pending_.push_back(std::move(t));
    else
      fates.push_back({r.uid, r.outcome == reserve_outcome::obsolete ? pod_outcome::obsolete
                                                                     : pod_outcome::failed});
  }
  report(std::move(fates));
  decide();
}

// The pod stays assumed until the table has an offer that counts it.
void placer::settle(const reserve_result& r, const std::string& node) {
  const auto have = versions_.find(node);
  if (have == versions_.end() || have->second >= r.offer_version)
    table_.settle(r.uid);
  else
    settling_[node].emplace_back(r.offer_version, r.uid);
}

}  // namespace troupe::scheduler
