#include "actors/scheduler/queueing_hints.hpp"

#include "model/scheduling/preemption.hpp"
#include "model/selector.hpp"
#include "model/volumes/pod_volumes.hpp"

#include <algorithm>

namespace troupe::scheduler {
namespace {

using model::node_view;
using model::pod_view;

// What a pod that leaves its node, or never gets there, gives back. What plugins of others go by
// nobody knows.
constexpr std::uint32_t freed_room = model::node_ports | model::node_resources_fit |
                                     model::node_volume_limits | model::volume_restrictions |
                                     model::custom_plugin | model::extender;
// What a pod on a node is to others that are to be together with it, or apart.
constexpr std::uint32_t of_company = model::inter_pod_affinity | model::pod_topology_spread;

// A pod that waits leaves the room that it was promised to others.
bool gave_promise_back(const model::object_ptr& before, const model::object_ptr& after) {
  if (!before || model::takes_room(*before) || (after && model::takes_room(*after))) return false;
  return !model::nominated_node_of(*before).empty() &&
         (!after || model::nominated_node_of(*after).empty());
}

// --- nodes

const std::string* label_of(const node_view* node, const std::string& key) {
  return node ? model::find(node->labels, key) : nullptr;
}

bool differs(const std::string* a, const std::string* b) {
  return a && b && *a != *b;
}

// PodTopologySpread: a domain comes, goes, or gets another node.
bool helps_spread(const pod_view& waiting, const node_view* is, const node_view* was,
                  const model::profile& profile) {
  bool any = false, has = is != nullptr, had = was != nullptr, moved = false, taints = false;
  if (waiting.rules)
    for (const auto& c : waiting.rules->spread) {
      if (!c.required) continue;
      any = true;
      has = has && label_of(is, c.topology_key);
      had = had && label_of(was, c.topology_key);
      moved = moved || differs(label_of(is, c.topology_key), label_of(was, c.topology_key));
      taints = taints || c.honors_taints;
    }
  if (!any) return profile.demands_spread();
  return has != had || (has && had && (moved || (taints && is->taints != was->taints)));
}

// InterPodAffinity: the pods there are in another domain now, or there is a place apart from them.
bool helps_affinity(const pod_view& waiting, const node_view* is, const node_view* was,
                    bool shunned) {
  if (!is) return false;
  const auto* rules = waiting.rules.get();
  const bool has_own = rules && !(rules->affinity.empty() && rules->anti_affinity.empty());
  if ((shunned || !has_own) && (!was || was->labels != is->labels)) return true;
  if (!has_own) return false;
  for (const auto& t : rules->affinity) {
    const auto* now = label_of(is, t.topology_key);
    const auto* then = label_of(was, t.topology_key);
    if (now && (!then || *now != *then)) return true;
  }
  for (const auto& t : rules->anti_affinity) {
    const auto* now = label_of(is, t.topology_key);
    const auto* then = label_of(was, t.topology_key);
    if (!was || (then && (!now || *now != *then))) return true;
  }
  return false;
}

// NodeResourcesFit: more of something that the pod asks for.
bool has_grown(const pod_view& waiting, const node_view& is, const node_view& was) {
  const auto& want = waiting.requests;
  const auto& now = is.allocatable;
  const auto& then = was.allocatable;
  return now.pods > then.pods || (want.cpu > 0 && now.cpu > then.cpu) ||
         (want.memory > 0 && now.memory > then.memory) ||
         (want.ephemeral > 0 && now.ephemeral > then.ephemeral) ||
         std::any_of(want.extended.begin(), want.extended.end(), [&](const auto& one) {
           return one.second > 0 &&
                  now.extended_amount(one.first) > then.extended_amount(one.first);
         });
}

bool node_helps(const cluster_change& c, const pod_view& waiting, std::uint32_t asked,
                const model::profile& profile, bool shunned) {
  const auto is = c.node ? c.node->view<node_view>() : nullptr;
  const auto was = c.node_before ? c.node_before->view<node_view>() : nullptr;
  if ((asked & model::pod_topology_spread) && helps_spread(waiting, is.get(), was.get(), profile))
    return true;
  if ((asked & model::inter_pod_affinity) && helps_affinity(waiting, is.get(), was.get(), shunned))
    return true;
  const auto here = asked & ~of_company;
  if (!is || here == 0 || model::filter(waiting, *is, {}, profile.filters)) return false;
  if (!was || (here & (model::custom_plugin | model::extender))) return true;
  // Taints, labels, its being cordoned: it would not have taken the pod before.
  if (model::filter(waiting, *was, {}, profile.filters)) return true;
  if ((here & model::node_resources_fit) && has_grown(waiting, *is, *was)) return true;
  return (here & (model::volume_binding | model::volume_zone)) && is->labels != was->labels;
}

// --- pods

// Of a namespace that labels select nobody knows here whether it is: it may be.
bool meant(const model::pod_matcher& who, const model::object_ptr& pod) {
  return pod && who.may_match(pod->key().ns, pod->header().labels);
}

// The pod wants to be apart from the waiting one.
bool shuns(const model::object& pod, const pod_view& waiting) {
  if (!pod.says(model::word::pod_anti_affinity)) return false;
  const auto view = pod.view<pod_view>();
  return view->rules &&
         std::any_of(view->rules->anti_affinity.begin(), view->rules->anti_affinity.end(),
                     [&](const auto& t) { return t.who.may_match(waiting.ns, waiting.labels); });
}

bool helps_affinity(const cluster_change& c, const pod_view& waiting) {
  if (c.pod_before && !c.pod && shuns(*c.pod_before, waiting)) return true;
  if (!waiting.rules) return false;
  const auto& together = waiting.rules->affinity;
  const auto is_wanted = [&](const model::object_ptr& pod) {
    return !together.empty() && std::all_of(together.begin(), together.end(),
                                            [&](const auto& t) { return meant(t.who, pod); });
  };
  if (is_wanted(c.pod) && !is_wanted(c.pod_before)) return true;
  const auto& apart = waiting.rules->anti_affinity;
  return std::any_of(apart.begin(), apart.end(), [&](const auto& t) {
    return meant(t.who, c.pod_before) && !meant(t.who, c.pod);
  });
}

bool helps_spread(const cluster_change& c, const pod_view& waiting, const model::profile& profile) {
  bool any = false;
  if (waiting.rules)
    for (const auto& s : waiting.rules->spread) {
      if (!s.required) continue;
      any = true;
      const auto counts = [&](const model::object_ptr& pod) {
        return meant(s.who, pod) && !pod->header().deleting;
      };
      if (counts(c.pod) != counts(c.pod_before)) return true;
    }
  return !any && profile.demands_spread();
}

// Ports that it had and the waiting pod wants.
bool frees_ports(const model::object& gone, const pod_view& waiting) {
  if (waiting.ports.empty()) return false;
  const auto view = gone.view<pod_view>();
  return std::any_of(waiting.ports.begin(), waiting.ports.end(), [&](const auto& want) {
    return std::any_of(view->ports.begin(), view->ports.end(),
                       [&](const auto& had) { return conflict(want, had); });
  });
}

// A disk, or a claim of one pod alone, that the waiting pod wants.
bool frees_volumes(const model::object& gone, const pod_view& waiting) {
  if (!waiting.volumes) return false;
  const auto view = gone.view<pod_view>();
  if (!view->volumes) return false;
  if (conflict(waiting.volumes->disks, view->volumes->disks)) return true;
  const auto& want = waiting.volumes->claims;
  const auto& had = view->volumes->claims;
  return view->ns == waiting.ns &&
         std::find_first_of(want.begin(), want.end(), had.begin(), had.end()) != want.end();
}

bool has_claims(const pod_view& pod) {
  return pod.volumes && !pod.volumes->claims.empty();
}

// Volumes that nodes count.
bool is_counted(const pod_view& pod) {
  return has_claims(pod) || (pod.volumes && !pod.volumes->counted.empty());
}

bool pod_helps(const cluster_change& c, const pod_view& waiting, std::uint32_t asked,
               const model::profile& profile) {
  if ((asked & model::inter_pod_affinity) && helps_affinity(c, waiting)) return true;
  if ((asked & model::pod_topology_spread) && helps_spread(c, waiting, profile)) return true;
  if (!c.pod_before || c.pod) return false;
  const auto& gone = *c.pod_before;
  if (asked & (model::node_resources_fit | model::custom_plugin | model::extender)) return true;
  if ((asked & model::node_ports) && frees_ports(gone, waiting)) return true;
  if ((asked & model::volume_restrictions) && frees_volumes(gone, waiting)) return true;
  return (asked & model::node_volume_limits) && is_counted(*gone.view<pod_view>());
}

// --- volumes

bool volume_helps(const cluster_change& c, const pod_view& waiting) {
  const auto& one = c.volume ? *c.volume : *c.volume_before;
  if (one.key().resource == "csinodes.storage.k8s.io") return is_counted(waiting);
  if (!has_claims(waiting)) return false;
  if (one.key().resource == "persistentvolumeclaims") {
    const auto& claims = waiting.volumes->claims;
    return one.key().ns == waiting.ns &&
           std::find(claims.begin(), claims.end(), one.key().name) != claims.end();
  }
  if (one.key().resource != "storageclasses.storage.k8s.io") return true;
  // Only where it may provision can change, or that it is there.
  if (!c.volume || !c.volume_before) return c.volume != nullptr;
  return model::at(c.volume->parse(), {"allowedTopologies"}) !=
         model::at(c.volume_before->parse(), {"allowedTopologies"});
}

}  // namespace

cluster_change node_change(const model::object_ptr& before, const model::object_ptr& after,
                           std::uint64_t version) {
  cluster_change c;
  c.version = version;
  c.node = after;
  c.node_before = before;
  if (!after)
    c.helps = model::pod_topology_spread;  // a domain less to be even with
  else if (!before || !after->view<node_view>()->same_for_scheduling(*before->view<node_view>()))
    c.helps = model::all_plugins;
  return c;
}

cluster_change pod_change_of(const model::object_ptr& before, const model::object_ptr& after,
                             std::uint64_t version) {
  cluster_change c;
  c.version = version;
  const bool was = before && model::takes_room(*before);
  const bool is = after && model::takes_room(*after);
  if (gave_promise_back(before, after)) {
    c.helps = freed_room;
    return c;
  }
  if (was) c.pod_before = before;
  if (is) c.pod = after;
  const bool changed = was && is &&
                       (before->header().labels != after->header().labels ||
                        before->header().deleting != after->header().deleting);
  if (was && !is)
    c.helps = freed_room | of_company;
  else if (changed || (is && !was))
    c.helps = of_company;
  return c;
}

cluster_change volume_change(const model::object_ptr& before, const model::object_ptr& after,
                             std::uint64_t version) {
  cluster_change c;
  c.version = version;
  c.helps = model::volume_restrictions | model::node_volume_limits | model::volume_binding |
            model::volume_zone;
  c.volume = after;
  c.volume_before = before;
  return c;
}

cluster_change released_room() {
  cluster_change c;
  c.helps = freed_room;
  return c;
}

bool may_help(const cluster_change& c, const pod_view& waiting, std::uint32_t refused_by,
              const model::profile& profile, bool shunned) {
  const auto asked = c.helps & refused_by;
  if (asked == 0) return false;
  if (c.node || c.node_before) return node_helps(c, waiting, asked, profile, shunned);
  if (c.pod || c.pod_before) return pod_helps(c, waiting, asked, profile);
  if (c.volume || c.volume_before) return volume_helps(c, waiting);
  return true;
}

}  // namespace troupe::scheduler
