#include "model/endpoints/packing.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace troupe::model {
namespace {

// What makes an endpoint the same one (endpointsliceutil's endpointHash).
std::string identity_of(const json& endpoint) {
  std::vector<std::string> addresses;
  for (const json& a : at(endpoint, {"addresses"})) addresses.push_back(a);
  std::sort(addresses.begin(), addresses.end());
  std::string out;
  for (const auto& a : addresses) out += a + ",";
  return out + "/" + string_at(endpoint, {"hostname"}) + "/" +
         string_at(endpoint, {"targetRef", "namespace"}) + "/" +
         string_at(endpoint, {"targetRef", "name"});
}

struct kept_slice {
  const json* old = nullptr;
  std::vector<json> endpoints;
  bool changed = false;
};

// What is left to place, in the order it came.
struct remaining {
  explicit remaining(std::vector<json> endpoints) : list(std::move(endpoints)) {
    for (std::size_t i = 0; i < list.size(); ++i) by_identity.emplace(identity_of(list[i]), i);
    left = by_identity.size();
    taken.assign(list.size(), true);
    for (const auto& [identity, i] : by_identity) taken[i] = false;
  }

  std::optional<json> take(const json& like) {
    const auto at = by_identity.find(identity_of(like));
    if (at == by_identity.end() || taken[at->second]) return std::nullopt;
    taken[at->second] = true;
    --left;
    return std::move(list[at->second]);
  }

  void fill(std::vector<json>& endpoints) {
    while (left > 0 && endpoints.size() < most_endpoints_a_slice) {
      while (taken[next]) ++next;
      taken[next] = true;
      --left;
      endpoints.push_back(std::move(list[next]));
    }
  }

  std::vector<json> list;
  std::vector<bool> taken;
  std::map<std::string, std::size_t> by_identity;
  std::size_t left = 0;
  std::size_t next = 0;
};

// Keeps what is still wanted of a slice.
kept_slice keep(const json& old, remaining& wanted, const json& labels) {
  kept_slice out;
  out.old = &old;
  for (const json& endpoint : at(old, {"endpoints"})) {
    auto now = wanted.take(endpoint);
    if (!now || *now != endpoint) out.changed = true;
    if (now) out.endpoints.push_back(std::move(*now));
  }
  if (at(old, {"metadata", "labels"}) != labels) out.changed = true;
  return out;
}

// The unchanged slice that is fullest with `count` more.
kept_slice* to_fill(std::vector<kept_slice>& slices, std::size_t count) {
  kept_slice* best = nullptr;
  for (kept_slice& s : slices)
    if (!s.changed && s.endpoints.size() + count <= most_endpoints_a_slice &&
        (!best || s.endpoints.size() > best->endpoints.size()))
      best = &s;
  return best;
}

json rewritten(kept_slice& s, const json& labels) {
  json out = *s.old;
  out["endpoints"] = std::move(s.endpoints);
  out["metadata"]["labels"] = labels;
  return out;
}

}  // namespace

packed_slices pack_slices(const std::vector<const json*>& existing, std::vector<json> desired,
                          const json& labels, const json& fresh) {
  packed_slices out;
  remaining wanted(std::move(desired));
  std::vector<kept_slice> slices;
  for (const json* old : existing) {
    kept_slice s = keep(*old, wanted, labels);
    if (s.endpoints.empty() && !at(*old, {"endpoints"}).empty())
      out.remove.push_back(string_at(*old, {"metadata", "name"}));
    else
      slices.push_back(std::move(s));
  }
  std::stable_sort(slices.begin(), slices.end(), [](const kept_slice& a, const kept_slice& b) {
    return a.endpoints.size() > b.endpoints.size();
  });
  for (kept_slice& s : slices)
    if (s.changed) wanted.fill(s.endpoints);
  while (wanted.left > 0) {
    if (kept_slice* s =
            wanted.left < most_endpoints_a_slice ? to_fill(slices, wanted.left) : nullptr) {
      s->changed = true;
      wanted.fill(s->endpoints);
      continue;
    }
    json made = fresh;
    std::vector<json> endpoints;
    wanted.fill(endpoints);
    made["endpoints"] = std::move(endpoints);
    out.create.push_back(std::move(made));
  }
  for (kept_slice& s : slices)
    if (s.changed) out.update.push_back(rewritten(s, labels));
  return out;
}

}  // namespace troupe::model
