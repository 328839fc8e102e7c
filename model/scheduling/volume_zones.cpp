#include "model/scheduling/volume_zones.hpp"

#include "model/selector.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace troupe::model {
namespace {

// Each with the name that it had before.
constexpr std::pair<const char*, const char*> zone_keys[] = {
    {"topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"},
    {"topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"}};

const std::string* zone_in(const string_pairs& labels,
                           const std::pair<const char*, const char*>& key) {
  const auto* value = find(labels, key.first);
  return value ? value : find(labels, key.second);
}

// A volume's zone label may name several, with "__" between them.
bool holds_zone(std::string_view zones, std::string_view zone) {
  for (std::size_t i = 0;;) {
    const auto end = zones.find("__", i);
    if (zones.substr(i, end == zones.npos ? end : end - i) == zone) return true;
    if (end == zones.npos) return false;
    i = end + 2;
  }
}

}  // namespace

bool is_zoned(const string_pairs& volume_labels) {
  return std::any_of(std::begin(zone_keys), std::end(zone_keys),
                     [&](const auto& key) { return zone_in(volume_labels, key) != nullptr; });
}

bool zone_conflict(const string_pairs& volume_labels, const node_view& node) {
  if (!is_zoned(node.labels)) return false;  // a cluster without zones
  return std::any_of(std::begin(zone_keys), std::end(zone_keys), [&](const auto& key) {
    const auto* wanted = zone_in(volume_labels, key);
    const auto* have = zone_in(node.labels, key);
    return wanted && (!have || !holds_zone(*wanted, *have));
  });
}

}  // namespace troupe::model
