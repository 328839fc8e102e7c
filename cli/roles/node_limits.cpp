#include "cli/roles/node_limits.hpp"

#include "model/quantity.hpp"

namespace troupe::cli {
namespace {

using namespace model::kubelet;

eviction_settings eviction_of(const settings& s) {
  eviction_settings e;
  const auto fault = read_thresholds(
      {s.map("kubelet.evictionHard"), s.map("kubelet.evictionSoft"),
       s.map("kubelet.evictionSoftGracePeriod"), s.map("kubelet.evictionMinimumReclaim")},
      e.thresholds);
  if (!fault.what.empty()) throw s.error("kubelet." + fault.field, fault.what);
  e.most_grace = std::chrono::seconds(s.integer("kubelet.evictionMaxPodGracePeriod"));
  e.transition = s.duration("kubelet.evictionPressureTransitionPeriod");
  return e;
}

image_gc_policy image_gc_of(const settings& s) {
  image_gc_policy gc;
  gc.high_percent = static_cast<int>(s.integer("kubelet.imageGCHighThresholdPercent"));
  gc.low_percent = static_cast<int>(s.integer("kubelet.imageGCLowThresholdPercent"));
  gc.least_age = s.duration("kubelet.imageMinimumGCAge");
  gc.most_age = s.duration("kubelet.imageMaximumGCAge");
  if (gc.low_percent >= gc.high_percent)
    throw s.error("kubelet.imageGCLowThresholdPercent",
                  "must be less than kubelet.imageGCHighThresholdPercent");
  if (gc.most_age.count() > 0 && gc.most_age <= gc.least_age)
    throw s.error("kubelet.imageMaximumGCAge", "must be more than kubelet.imageMinimumGCAge");
  return gc;
}

void add_reserve(const settings& s, const char* path, node_reserve& to) {
  for (const auto& [name, text] : s.map(path)) {
    const auto amount = model::quantity::parse(text);
    if (!amount || amount->negative())
      throw s.error(path, name + ": must be a quantity, not \"" + text + "\"");
    if (name == "cpu")
      to.cpu_milli += amount->milli_value();
    else if (name == "memory")
      to.memory += amount->value();
    else if (name == "ephemeral-storage")
      to.disk += amount->value();
    else if (name != "pid")
      throw s.error(path, name + ": can be cpu, memory, ephemeral-storage or pid");
  }
}

node_reserve reserve_of(const settings& s, const eviction_settings& eviction) {
  node_reserve out;
  out.memory = 0;
  out.disk_share = 0;
  add_reserve(s, "kubelet.systemReserved", out);
  add_reserve(s, "kubelet.kubeReserved", out);
  for (const auto& t : eviction.thresholds) {
    const bool memory = t.signal == eviction_signal::memory_available;
    if (!t.hard || !(memory || t.signal == eviction_signal::nodefs_available)) continue;
    (memory ? out.memory : out.disk) += t.value.amount;
    (memory ? out.memory_share : out.disk_share) = t.value.share;
  }
  return out;
}

}  // namespace

void set_node_limits(const settings& s, kubelet_options& o) {
  o.eviction = eviction_of(s);
  o.image_gc = image_gc_of(s);
  o.reserve = reserve_of(s, o.eviction);
}

}  // namespace troupe::cli
