#include "model/workload/pod_facts.hpp"

#include "model/json_text.hpp"
#include "model/selector.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::model {
namespace {

constexpr const char* deletion_cost_annotation = "controller.kubernetes.io/pod-deletion-cost";

std::int64_t number_or_zero(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  return fault == std::errc{} && end == text.data() + text.size() ? value : 0;
}

std::int64_t most_restarts(std::string_view statuses) {
  std::int64_t most = 0;
  if (!statuses.empty())
    each_item(statuses, 0, [&](std::string_view status) {
      most = std::max(most, number_or_zero(member_text(status, "restartCount")));
    });
  return most;
}

std::string field(const object& pod, std::string_view name) {
  const auto* found = find(pod.header().fields, name);
  return found ? *found : std::string{};
}

}  // namespace

pod_facts::pod_facts(const object& pod)
    : uid(pod.header().uid),
      phase(field(pod, "status.phase")),
      node(field(pod, "spec.nodeName")),
      deleting(pod.header().deleting) {
  const std::string_view metadata = pod.text_of(part::metadata);
  created = from_rfc3339(unquoted(member_text(metadata, "creationTimestamp")));
  if (const auto annotations = member_text(metadata, "annotations"); !annotations.empty())
    deletion_cost = number_or_zero(unquoted(member_text(annotations, deletion_cost_annotation)));
  const std::string_view status = pod.text_of(part::status);
  if (status.empty()) return;
  if (const auto conditions = member_text(status, "conditions"); !conditions.empty())
    each_item(conditions, 0, [&](std::string_view c) {
      if (member_text(c, "type") != "\"Ready\"" || member_text(c, "status") != "\"True\"") return;
      ready = true;
      ready_since = from_rfc3339(unquoted(member_text(c, "lastTransitionTime")));
    });
  restarts = most_restarts(member_text(status, "containerStatuses"));
  sidecar_restarts = most_restarts(member_text(status, "initContainerStatuses"));
}

std::optional<time_point> pod_facts::available_at(std::chrono::seconds min_ready) const {
  if (!ready) return std::nullopt;
  if (min_ready.count() == 0) return ready_since.value_or(time_point{});
  if (!ready_since) return std::nullopt;
  return *ready_since + min_ready;
}

bool pod_facts::available(std::chrono::seconds min_ready, time_point now) const {
  const auto at = available_at(min_ready);
  return ready && (min_ready.count() == 0 || (at && *at <= now));
}

}  // namespace troupe::model
