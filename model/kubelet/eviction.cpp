#include "model/kubelet/eviction.hpp"

#include "model/kubelet/pod_spec.hpp"
#include "model/pod_view.hpp"
#include "model/qos.hpp"
#include "model/quantity.hpp"

#include <algorithm>
#include <compare>

namespace troupe::model::kubelet {
namespace {

using enum eviction_signal;

constexpr std::int32_t critical_priority = 2'000'000'000;

node_pressure pressure_of(eviction_signal s) {
  if (s == memory_available) return node_pressure::memory;
  return s == pid_available ? node_pressure::pid : node_pressure::disk;
}

const char* condition_of(node_pressure p) {
  if (p == node_pressure::memory) return "MemoryPressure";
  return p == node_pressure::disk ? "DiskPressure" : "PIDPressure";
}

// `reclaimed`: with what has to be there beyond the threshold.
bool is_met(const eviction_threshold& t, const eviction_observations& seen, bool reclaimed) {
  const auto at = seen.find(t.signal);
  if (at == seen.end()) return false;
  auto wanted = t.value.of(at->second.capacity);
  if (reclaimed) wanted += t.least_reclaim.of(at->second.capacity);
  return at->second.available < wanted;
}

// --- ranking

std::int64_t disk_used(const pod_share& s, eviction_signal signal, bool image_disk) {
  const bool inodes = signal == nodefs_inodes_free || signal == imagefs_inodes_free;
  const bool of_images = signal == imagefs_available || signal == imagefs_inodes_free;
  const auto amount = [&](const pod_share::of_disk& d) { return inodes ? d.inodes : d.bytes; };
  std::int64_t out = 0;
  if (!image_disk || of_images) out += amount(s.layers);
  if (!image_disk || !of_images) out += amount(s.logs) + amount(s.volumes);
  return out;
}

// What the pod uses of what is wanted, and what of it has been asked for.
std::pair<std::int64_t, std::int64_t> use_of(const eviction_candidate& p, eviction_signal signal,
                                             bool image_disk) {
  if (!p.share) return {0, 0};
  if (signal == memory_available) return {p.share->memory, p.memory_request};
  if (signal == pid_available) return {p.share->processes, 0};
  const bool inodes = signal == nodefs_inodes_free || signal == imagefs_inodes_free;
  return {disk_used(*p.share, signal, image_disk), inodes ? 0 : p.disk_request};
}

// --- words

std::string bytes_text(std::int64_t amount) {
  return quantity::of(amount, quantity::format::binary_si).text();
}

// The threshold that was crossed, and what there is.
std::string figures_of(eviction_signal signal, const std::vector<eviction_threshold>& due,
                       const eviction_observations& seen) {
  const std::string_view resource = resource_of(signal);
  for (const auto& t : due) {
    const auto at = seen.find(t.signal);
    if (at == seen.end() || resource_of(t.signal) != resource) continue;
    return "Threshold quantity: " + bytes_text(t.value.of(at->second.capacity)) +
           ", available: " + bytes_text(at->second.available) + ". ";
  }
  return {};
}

std::string containers_over(eviction_signal signal, const eviction_candidate& pod) {
  const std::string resource = resource_of(signal);
  if (!pod.share || (resource != "memory" && resource != "ephemeral-storage")) return {};
  std::string out;
  for (const auto& c : pod.share->containers) {
    const auto spec = container_named(*pod.pod, c.name);
    if (!spec.spec) continue;
    const auto request =
        quantity::parse(string_at(*spec.spec, {"resources", "requests", resource.c_str()}))
            .value_or(quantity());
    const auto used = resource == "memory" ? c.memory : c.disk;
    if (used <= request.value()) continue;
    out += "Container " + c.name + " was using " + bytes_text(used) + ", request is " +
           request.text() + ", has larger consumption of " + resource + ". ";
  }
  return out;
}

bool tolerates_memory_pressure(const json& pod) {
  const taint pressure{"node.kubernetes.io/memory-pressure", "", "NoSchedule"};
  const pod_view view(pod);
  return std::any_of(view.tolerations.begin(), view.tolerations.end(),
                     [&](const toleration& t) { return t.tolerates(pressure); });
}

}  // namespace

// --- thresholds

std::optional<eviction_threshold> eviction_watch::look(const eviction_observations& seen,
                                                       time_point now) {
  std::map<threshold_key, time_point> since;
  due_.clear();
  for (const auto& t : thresholds_) {
    const threshold_key key{t.signal, t.hard};
    const auto before = met_since_.find(key);
    const bool met =
        is_met(t, seen, false) || (before != met_since_.end() && is_met(t, seen, true));
    if (!met) continue;
    const auto first = before == met_since_.end() ? now : before->second;
    since[key] = first;
    last_seen_[pressure_of(t.signal)] = now;
    if (now - first >= t.grace) due_.push_back(t);
  }
  met_since_ = std::move(since);
  pressures_.clear();
  for (const auto& [pressure, last] : last_seen_)
    if (now - last < transition_ || last == now) pressures_.insert(pressure);
  if (due_.empty()) return std::nullopt;
  const auto memory = std::find_if(due_.begin(), due_.end(), [](const eviction_threshold& t) {
    return t.signal == memory_available;
  });
  return memory == due_.end() ? due_.front() : *memory;
}

bool eviction_watch::relieved(const eviction_observations& seen) const {
  return std::none_of(thresholds_.begin(), thresholds_.end(),
                      [&](const auto& t) { return is_met(t, seen, true); });
}

// --- pods

eviction_candidate::eviction_candidate(std::shared_ptr<const json> p) : pod(std::move(p)) {
  const pod_view view(*pod);
  priority = view.priority;
  memory_request = view.requests.memory;
  disk_request = view.requests.ephemeral;
}

void rank_for_eviction(eviction_signal signal, bool image_disk,
                       std::vector<eviction_candidate>& pods) {
  struct rank {
    int known = 0;  // of whom nothing is known goes first
    int within_request = 0;
    std::int32_t priority = 0;
    std::int64_t less_use = 0;
    auto operator<=>(const rank&) const = default;
  };
  const auto rank_of = [&](const eviction_candidate& p) {
    const auto [used, request] = use_of(p, signal, image_disk);
    const bool by_request = signal != pid_available;
    return rank{p.share && by_request ? 1 : 0, by_request && used <= request ? 1 : 0, p.priority,
                request - used};
  };
  std::stable_sort(pods.begin(), pods.end(),
                   [&](const auto& a, const auto& b) { return rank_of(a) < rank_of(b); });
}

std::string eviction_message(eviction_signal signal, const eviction_candidate& pod,
                             const std::vector<eviction_threshold>& due,
                             const eviction_observations& seen) {
  return "The node was low on resource: " + std::string(resource_of(signal)) + ". " +
         figures_of(signal, due, seen) + containers_over(signal, pod);
}

std::chrono::seconds eviction_grace(const eviction_threshold& threshold, std::chrono::seconds most,
                                    const json& pod) {
  if (threshold.hard) return std::chrono::seconds{1};
  return std::min(most, grace_period(pod));
}

bool is_critical(const json& pod) {
  const json& priority = at(pod, {"spec", "priority"});
  return priority.is_number_integer() && priority.get<std::int64_t>() >= critical_priority;
}

std::string eviction_objection(const node_pressures& pressures, const json& pod) {
  if (pressures.empty() || is_critical(pod)) return {};
  const bool memory_alone = pressures == node_pressures{node_pressure::memory};
  if (memory_alone &&
      (qos_class(at(pod, {"spec"})) != "BestEffort" || tolerates_memory_pressure(pod)))
    return {};
  std::string names;
  for (const auto p : pressures) names += (names.empty() ? "" : " ") + std::string(condition_of(p));
  return "The node had condition: [" + names + "]. ";
}

}  // namespace troupe::model::kubelet
