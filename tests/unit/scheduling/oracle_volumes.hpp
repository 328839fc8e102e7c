#pragma once

// What kube-scheduler's plugins say of volumes, pod by pod: VolumeRestrictions, NodeVolumeLimits,
// VolumeBinding of claims that are bound, VolumeZone.

#include "tests/unit/scheduling/oracle_cluster.hpp"

#include <algorithm>
#include <set>

namespace troupe::model::oracle {

/// The claims of a pod.
inline std::vector<std::string> claims_of(const json& pod) {
  std::vector<std::string> out;
  for (const json& v : at(pod, {"spec", "volumes"}))
    if (const auto found = string_at(v, {"persistentVolumeClaim", "claimName"}); !found.empty())
      out.push_back(ns(pod) + "/" + found);
  return out;
}

inline bool has_claim(const json& pod, const std::string& text) {
  const auto all = claims_of(pod);
  return std::find(all.begin(), all.end(), text) != all.end();
}

inline std::optional<refusal> restrictions_filter(const cluster& c, const json& pod,
                                                  const json& node) {
  for (const json& mine : at(pod, {"spec", "volumes"}))
    for (const auto& p : c.pods)
      for (const json& theirs : at(p.document, {"spec", "volumes"})) {
        const auto id = string_at(mine, {"gcePersistentDisk", "pdName"});
        const bool same = !id.empty() && id == string_at(theirs, {"gcePersistentDisk", "pdName"});
        const bool both_read = at(mine, {"gcePersistentDisk", "readOnly"}) == true &&
                               at(theirs, {"gcePersistentDisk", "readOnly"}) == true;
        if (p.node == name(node) && same && !both_read)
          return refusal{volume_restrictions, {"node(s) had no available disk"}, false};
      }
  for (const auto& text : claims_of(pod))
    for (const auto& p : c.pods)
      if (c.claims.at(text).alone && has_claim(p.document, text))
        return refusal{volume_restrictions,
                       {"node has pod using PersistentVolumeClaim with the same name and "
                        "ReadWriteOncePod access mode"},
                       false};
  return std::nullopt;
}

// Of volumes that a pod has without a claim.
inline std::string inline_handle(const json& volume, const std::string& driver) {
  if (driver == "disk.csi.azure.com") return string_at(volume, {"azureDisk", "diskURI"});
  const auto disk = string_at(volume, {"gcePersistentDisk", "pdName"});
  if (driver != "pd.csi.storage.gke.io" || disk.empty()) return {};
  return "projects/UNSPECIFIED/zones/UNSPECIFIED/disks/" + disk;
}

inline std::optional<refusal> limits_filter(const cluster& c, const json& pod, const json& node) {
  const auto limits = c.limits.find(name(node));
  if (limits == c.limits.end()) return std::nullopt;
  for (const auto& [driver, limit] : limits->second) {
    std::set<std::string> before;
    const auto add = [&, of = driver](const json& p, std::set<std::string>& to) {
      for (const auto& text : claims_of(p)) {
        const auto& claim = c.claims.at(text);
        if (claim.driver == of && (!claim.where_migrated || c.migrating.contains(name(node))))
          to.insert(claim.handle);
      }
      for (const json& v : at(p, {"spec", "volumes"}))
        if (auto handle = inline_handle(v, of); !handle.empty()) to.insert(std::move(handle));
    };
    for (const auto& p : c.pods)
      if (p.node == name(node)) add(p.document, before);
    auto after = before;
    add(pod, after);
    if (after.size() > before.size() && after.size() > limit)
      return refusal{node_volume_limits, {"node(s) exceed max volume count"}, false};
  }
  return std::nullopt;
}

inline std::optional<refusal> reach_filter(const cluster& c, const json& pod, const json& node) {
  for (const auto& text : claims_of(pod))
    if (const auto& rack = c.claims.at(text).rack; !rack.empty() && label(node, "rack") != rack)
      return refusal{volume_binding, {"node(s) had volume node affinity conflict"}, true};
  return std::nullopt;
}

inline std::optional<refusal> zone_filter(const cluster& c, const json& pod, const json& node) {
  const auto zone = label(node, "topology.kubernetes.io/zone");
  if (!zone) return std::nullopt;
  for (const auto& text : claims_of(pod))
    if (const auto& zones = c.claims.at(text).zones;
        !zones.empty() && std::find(zones.begin(), zones.end(), *zone) == zones.end())
      return refusal{volume_zone, {"node(s) had no available volume zone"}, true};
  return std::nullopt;
}

inline std::optional<refusal> volume_filter(const cluster& c, const json& pod, const json& node) {
  const auto enabled = c.rules.filters.enabled;
  std::optional<refusal> r;
  if (enabled & volume_restrictions) r = restrictions_filter(c, pod, node);
  if (!r && (enabled & node_volume_limits)) r = limits_filter(c, pod, node);
  if (!r && (enabled & volume_binding)) r = reach_filter(c, pod, node);
  if (!r && (enabled & volume_zone)) r = zone_filter(c, pod, node);
  return r;
}

}  // namespace troupe::model::oracle
