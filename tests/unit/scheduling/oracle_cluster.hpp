#pragma once

// The cluster that kube-scheduler's decisions are about, as the oracle has it: documents, and what
// is read of them everywhere.

#include "model/scheduling/filters.hpp"
#include "model/scheduling/profile.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace troupe::model::oracle {

struct placed_pod {
  json document;
  std::string node;
};

/// What there is to know of a claim's volume.
struct claim {
  bool alone = false;           // of access mode ReadWriteOncePod
  std::string driver, handle;   // what attaching it takes; no driver: nothing
  bool where_migrated = false;  // but only of nodes that migrate its plugin
  std::string rack;             // whose nodes reach it; empty: all do
  std::vector<std::string> zones;
};

struct cluster {
  std::vector<json> nodes;
  std::vector<placed_pod> pods;
  std::map<std::string, json> namespaces;  // name to labels
  json default_spread = json::array();     // default constraints of the pod at hand
  profile rules;                           // of its scheduler
  std::map<std::string, claim> claims;     // by "namespace/name"
  std::map<std::string, std::map<std::string, std::size_t>> limits;  // of volumes: node, driver
  std::set<std::string> migrating;                                   // nodes
};

inline string_pairs pairs(const json& map) {
  string_pairs out;
  if (map.is_object())
    for (const auto& [k, v] : map.items()) out.emplace_back(k, v.get<std::string>());
  return out;
}
inline string_pairs labels(const json& o) {
  return pairs(at(o, {"metadata", "labels"}));
}
inline std::string name(const json& o) {
  return string_at(o, {"metadata", "name"});
}
inline std::string ns(const json& o) {
  return string_at(o, {"metadata", "namespace"});
}

inline std::optional<std::string> label(const json& node, const std::string& key) {
  const json& v = at(node, {"metadata", "labels", key});
  if (!v.is_string()) return std::nullopt;
  return v.get<std::string>();
}

inline bool selects(const json& selector, const string_pairs& of) {
  if (selector.is_null()) return false;
  std::string error;
  return label_selector::from_json(selector, error)->matches(of);
}

/// Whether a term of `owner` means the pod.
inline bool means(const cluster& c, const json& owner, const json& term, const json& pod) {
  bool in = false;
  const json& listed = at(term, {"namespaces"});
  const json& selected = at(term, {"namespaceSelector"});
  if (listed.empty() && selected.is_null()) in = ns(pod) == ns(owner);
  for (const json& n : listed) in = in || n == ns(pod);
  if (!selected.is_null()) {
    const auto known = c.namespaces.find(ns(pod));
    in = in || selects(selected, pairs(known == c.namespaces.end() ? json() : known->second));
  }
  return in && selects(at(term, {"labelSelector"}), labels(pod));
}

inline const json& terms(const json& pod, const char* kind, const char* list) {
  return at(pod, {"spec", "affinity", kind, list});
}
constexpr const char* required = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr const char* preferred = "preferredDuringSchedulingIgnoredDuringExecution";

inline const json* node_of(const cluster& c, const placed_pod& p) {
  for (const json& n : c.nodes)
    if (name(n) == p.node) return &n;
  return nullptr;
}

/// Whether both nodes are in one domain of the key.
inline bool together(const json& a, const json& b, const std::string& key) {
  const auto x = label(a, key), y = label(b, key);
  return x && y && *x == *y;
}

inline usage used(const cluster& c, const json& node) {
  usage u;
  for (const auto& p : c.pods)
    if (p.node == name(node)) u.add(pod_view(p.document));
  return u;
}

}  // namespace troupe::model::oracle
