#include "model/lease.hpp"

#include <algorithm>

namespace troupe::model {
lease_record lease_record::of(const json& lease) {
  return {string_at(lease, {"spec", "holderIdentity"}),
          int_at(lease, {"spec", "leaseDurationSeconds"}),
          string_at(lease, {"spec", "acquireTime"}), string_at(lease, {"spec", "renewTime"}),
          int_at(lease, {"spec", "leaseTransitions"})};
}

void lease_record::into(json& lease) const {
  lease["spec"]["holderIdentity"] = holder;
  lease["spec"]["leaseDurationSeconds"] = duration_seconds;
  lease["spec"]["acquireTime"] = acquired;
  lease["spec"]["renewTime"] = renewed;
  lease["spec"]["leaseTransitions"] = transitions;
}

bool is_stale_identity(const json& lease, time_point now) {
  if (string_at(lease, {"metadata", "labels", "apiserver.kubernetes.io/identity"}) !=
      "kube-apiserver")
    return false;
  const auto renewed = from_rfc3339(string_at(lease, {"spec", "renewTime"}));
  const auto seconds = int_at(lease, {"spec", "leaseDurationSeconds"}, -1);
  return !renewed || seconds < 0 || *renewed + std::chrono::seconds(seconds) < now;
}

std::string leader_election::fault_of(const options& o) {
  if (o.lease_duration <= o.renew_deadline)
    return "leaseDuration must be greater than renewDeadline";
  if (o.renew_deadline * 100 <= o.retry_period * jitter_percent)
    return "renewDeadline must be greater than retryPeriod*JitterFactor";
  if (o.lease_duration < std::chrono::seconds(1)) return "leaseDuration must be at least 1s";
  if (o.retry_period.count() < 1) return "retryPeriod must be greater than zero";
  return {};
}

void leader_election::observe(const lease_record& record, time_point now) {
  if (record == observed_ && observed_at_ != time_point{}) return;
  if (record.holder != observed_.holder) holder_down_ = false;
  observed_ = record;
  observed_at_ = now;
}

std::optional<leader_election::attempt> leader_election::next(const object_ptr& current,
                                                              time_point now) {
  lease_record mine;
  mine.holder = options_.identity;
  // Seconds are all that a Lease can say; shorter leases (tests) write the least there is.
  mine.duration_seconds = std::max<std::int64_t>(
      1, std::chrono::duration_cast<std::chrono::seconds>(options_.lease_duration).count());
  mine.acquired = mine.renewed = to_rfc3339_micro(now);
  if (!current) {
    json lease = {{"apiVersion", "coordination.k8s.io/v1"},
                  {"kind", "Lease"},
                  {"metadata", {{"name", options_.name}, {"namespace", options_.ns}}}};
    mine.into(lease);
    return attempt{std::move(lease), std::nullopt};
  }
  json lease = current->parse();
  observe(lease_record::of(lease), now);
  const bool held_by_me = observed_.holder == options_.identity;
  if (!held_by_me) leading_ = false;
  if (!held_by_me && !observed_.holder.empty() && !holder_down_ &&
      observed_at_ + options_.lease_duration > now)
    return std::nullopt;
  mine.transitions = held_by_me ? observed_.transitions : observed_.transitions + 1;
  if (held_by_me) mine.acquired = observed_.acquired;
  mine.into(lease);
  return attempt{std::move(lease), current->version()};
}

void leader_election::succeeded(const object_ptr& written, time_point now) {
  observe(lease_record::of(written->parse()), now);
  renewed_at_ = now;
  leading_ = true;
}

std::optional<leader_election::attempt> leader_election::release(const object_ptr& current,
                                                                 time_point now) {
  if (!leading_ || !current) return std::nullopt;
  json lease = current->parse();
  lease_record record = lease_record::of(lease);
  if (record.holder != options_.identity) return std::nullopt;
  record.holder.clear();
  record.duration_seconds = 1;
  record.acquired = record.renewed = to_rfc3339_micro(now);
  record.into(lease);
  leading_ = false;
  return attempt{std::move(lease), current->version()};
}

bool leader_election::overdue(time_point now) const {
  return leading_ && renewed_at_ + options_.renew_deadline < now;
}

}  // namespace troupe::model
