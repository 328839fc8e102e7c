#pragma once

#include "messages/node.hpp"
#include "messages/store.hpp"
#include "model/scheduling/filters.hpp"
#include "model/scheduling/resources.hpp"

namespace troupe {

/// What a node has left, as its proxy last said.
struct offer {
  std::string node;
  uint64_t version = 0;  ///< grows with each change of the offer; the proxy's own count
  object_ref object;     ///< the Node; empty when the receiver has the newest already
  model::usage used;     ///< by pods bound and reserved
  bool removed = false;  ///< the node is gone
};

/// One pod for one node. The proxy reads the pod from the cache beside it.
struct reservation {
  std::string node;
  std::string ns;
  std::string name;
  std::string uid;
  /// Those of a message that name the same group are held all together or not at all.
  std::string gang = {};
  uint32_t filters = model::all_plugins;  ///< plugin bits that the pod's scheduler filters by
  std::vector<std::string> ignored = {};  ///< extended resources that it leaves alone
};

enum class reserve_outcome : uint8_t {
  bound,     ///< committed
  declined,  ///< the node cannot take it (any more): decide again by the offer in the answer
  obsolete,  ///< the pod is gone, bound already or being deleted: forget it
  failed     ///< the store could not commit; nothing is reserved: try again later
};

struct reserve_result {
  std::string uid;
  reserve_outcome outcome = reserve_outcome::failed;
  std::string reason;          ///< for logs
  uint64_t offer_version = 0;  ///< bound: offers of the node from this one on count the pod
};

/// What a node proxy says to a reservation. `outcome` is bound for an accepted one: it is then held
/// until its write has committed or it is released.
struct verdict {
  std::string uid;
  reserve_outcome outcome = reserve_outcome::failed;
  std::string reason;
  write bind;  ///< of an accepted one
};

/// A pod of a node is new, changed, or gone from the store.
struct pod_change {
  object_ref pod;
  bool gone = false;
};

struct named_pod {
  std::string ns;
  std::string name;
  std::string uid;
};

/// Room on a node that other pods leave for a pod: status.nominatedNodeName, and its victims.
struct promised_room {
  std::string uid;
  std::string node;
  std::vector<named_pod> leaving;
};

/// What a scheduler did with a pod it had been given.
enum class pod_outcome : uint8_t { bound, obsolete, unschedulable, failed };

struct pod_result {
  std::string uid;
  pod_outcome outcome = pod_outcome::failed;
  uint32_t refused_by = 0;     ///< unschedulable: model::plugin bits
  uint64_t seen_version = 0;   ///< unschedulable: the offers reflect the store up to here
  uint64_t seen_releases = 0;  ///< ... and so many releases of reservations
  /// What it has been promised from now on, which is being written; on no node: nothing any more.
  /// None: what it was before.
  caf::optional<promised_room> room = caf::none;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, offer& x) {
  return f(caf::meta::type_name("troupe.offer"), x.node, x.version, x.object, x.used, x.removed);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, reservation& x) {
  return f(caf::meta::type_name("troupe.reservation"), x.node, x.ns, x.name, x.uid, x.gang,
           x.filters, x.ignored);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, reserve_result& x) {
  return f(caf::meta::type_name("troupe.reserve_result"), x.uid, x.outcome, x.reason,
           x.offer_version);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, verdict& x) {
  return f(caf::meta::type_name("troupe.verdict"), x.uid, x.outcome, x.reason, x.bind);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, pod_change& x) {
  return f(caf::meta::type_name("troupe.pod_change"), x.pod, x.gone);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, named_pod& x) {
  return f(caf::meta::type_name("troupe.named_pod"), x.ns, x.name, x.uid);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, promised_room& x) {
  return f(caf::meta::type_name("troupe.promised_room"), x.uid, x.node, x.leaving);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, pod_result& x) {
  return f(caf::meta::type_name("troupe.pod_result"), x.uid, x.outcome, x.refused_by,
           x.seen_version, x.seen_releases, x.room);
}

using offers_atom = caf::atom_constant<caf::atom("offers")>;
using reserve_atom = caf::atom_constant<caf::atom("reserve")>;
using enlist_atom = caf::atom_constant<caf::atom("enlist")>;
using gone_atom = caf::atom_constant<caf::atom("gone")>;
using queue_atom = caf::atom_constant<caf::atom("queue")>;
using join_atom = caf::atom_constant<caf::atom("join")>;
using place_atom = caf::atom_constant<caf::atom("place")>;
using done_atom = caf::atom_constant<caf::atom("done")>;
using pods_atom = caf::atom_constant<caf::atom("pods")>;
using node_atom = caf::atom_constant<caf::atom("node")>;
using release_atom = caf::atom_constant<caf::atom("release")>;
using silent_atom = caf::atom_constant<caf::atom("silent")>;
using settle_atom = caf::atom_constant<caf::atom("settle")>;
using ack_atom = caf::atom_constant<caf::atom("ack")>;

/// Decides for the pods of one scheduler name. Any number, anywhere.
using scheduler_actor = caf::typed_actor<
    /// Offers that changed: (number of this message, store version and number of releases that all
    /// offers reflect, offers, true when they are all there are). To be acknowledged;
    /// unacknowledged, no more are sent.
    caf::reacts_to<offers_atom, uint64_t, uint64_t, uint64_t, std::vector<offer>, bool>,
    /// The next pods to place (lease number, pods, and what some of them have been promised that
    /// the pods, or their victims, may not say yet). The lease ends with a `done` for each pod.
    caf::reacts_to<place_atom, uint64_t, std::vector<object_ref>, std::vector<promised_room>>>;

/// The pending pods of one scheduler name. Gives them out against credit, and takes back what a
/// scheduler that went down had not finished.
using queue_actor = caf::typed_actor<
    /// (scheduler, how many pods it will hold at a time). Again: a new number.
    caf::reacts_to<join_atom, scheduler_actor, uint32_t>,
    /// (scheduler, lease number, results): frees as much credit.
    caf::reacts_to<done_atom, scheduler_actor, uint64_t, std::vector<pod_result>>,
    /// Nodes have room again that no commit tells of: so many reservations have been released since
    /// the registry's start.
    caf::reacts_to<release_atom, uint64_t>>;

/// Wants to know who runs a queue.
using queue_follower = caf::typed_actor<
    /// The queue of this scheduler name is here now.
    caf::reacts_to<queue_atom, std::string, queue_actor>,
    /// It is down, or out of reach of where reservations are judged. Who is elsewhere would not
    /// learn that by itself.
    caf::reacts_to<gone_atom, std::string, queue_actor>>;

/// A scheduler as it is spawned.
using scheduler_host = scheduler_actor::extend_with<queue_follower>::extend<
    /// Its own: the cache changed.
    caf::reacts_to<changed_atom>,
    /// Ends.
    caf::reacts_to<stop_atom>>;

/// Stands for election to run a queue; a standby follows the holder.
using queue_host_actor = queue_actor::extend_with<queue_follower>::extend<
    /// Its own: a cache changed, a timer fired.
    caf::reacts_to<changed_atom>, caf::reacts_to<tick_atom, uint32_t>,
    /// Gives its Lease back and ends.
    caf::reacts_to<stop_atom>>;

/// The node registry as schedulers see it: offers of all nodes, reservations on any, and who runs
/// which queue.
using scheduling_registry_actor = node_registry_actor::extend<
    /// Sends the scheduler a snapshot of all offers, then changes (coalesced).
    caf::reacts_to<offers_atom, scheduler_actor>,
    /// The scheduler has worked in this message of offers.
    caf::reacts_to<ack_atom, scheduler_actor, uint64_t>,
    /// Reserves and binds; a result for each, in any order, after the commit. Newer offers of the
    /// declining nodes come before the answer.
    caf::replies_to<reserve_atom, std::vector<reservation>>::with<std::vector<reserve_result>>,
    /// Answers when all reservations that are under way now have ended, with a version of the store
    /// that shows how.
    caf::replies_to<settle_atom>::with<uint64_t>,
    /// The holder of a Lease runs its queue (scheduler name, queue): followers are told.
    caf::reacts_to<queue_atom, std::string, queue_actor>,
    /// Tells the follower the queue of a scheduler name, now and whenever it moves.
    caf::reacts_to<enlist_atom, std::string, queue_follower>,
    /// Its own: a cache changed, a timer fired.
    caf::reacts_to<changed_atom>, caf::reacts_to<tick_atom, uint32_t>,
    /// Ends, with its proxies.
    caf::reacts_to<stop_atom>>;

/// The only authority on what its node has given away. Spoken to by the node registry alone; each
/// answer carries the node's newest offer.
using node_proxy_actor = caf::typed_actor<
    /// Judges reservations by the truth, and holds what it accepts.
    caf::replies_to<reserve_atom, std::vector<reservation>>::with<std::vector<verdict>, offer>,
    /// These bindings did not commit.
    caf::replies_to<release_atom, std::vector<std::string>>::with<offer>,
    /// Pods of the node as committed; true: there are no others.
    caf::replies_to<pods_atom, std::vector<pod_change>, bool>::with<offer>,
    /// The Node as committed; empty: it is gone.
    caf::replies_to<node_atom, object_ref>::with<offer>,
    /// As of the node registry.
    caf::replies_to<attach_atom, uint64_t, kubelet_actor>::with<bool>,
    caf::replies_to<logs_atom, log_request, uint64_t, stream_sink>::with<stream_source>,
    caf::replies_to<tunnel_atom, tunnel_request, uint64_t, tunnel_actor>::with<tunnel_actor>,
    caf::replies_to<reclaim_atom, std::string>::with<bool>,
    /// The kubelet has not been heard of for the grace period.
    caf::reacts_to<silent_atom>,
    /// Another try at writing the Node.
    caf::reacts_to<tick_atom>, caf::reacts_to<stop_atom>>;

}  // namespace troupe

namespace troupe::model {

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, resources& x) {
  return f(caf::meta::type_name("troupe.resources"), x.cpu, x.memory, x.ephemeral, x.pods,
           x.extended);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, host_port& x) {
  return f(caf::meta::type_name("troupe.host_port"), x.ip, x.protocol, x.port);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, usage& x) {
  return f(caf::meta::type_name("troupe.usage"), x.requested, x.nonzero_cpu, x.nonzero_memory,
           x.ports);
}

}  // namespace troupe::model

CAF_BEGIN_TYPE_ID_BLOCK(troupe_scheduling, troupe::ids::scheduling)
CAF_ADD_TYPE_ID(troupe_scheduling, (troupe::offer))
CAF_ADD_TYPE_ID(troupe_scheduling, (std::vector<troupe::offer>))
CAF_ADD_TYPE_ID(troupe_scheduling, (std::vector<troupe::reservation>))
CAF_ADD_TYPE_ID(troupe_scheduling, (std::vector<troupe::reserve_result>))
CAF_ADD_TYPE_ID(troupe_scheduling, (std::vector<troupe::pod_result>))
CAF_ADD_TYPE_ID(troupe_scheduling, (std::vector<troupe::promised_room>))
CAF_ADD_TYPE_ID(troupe_scheduling, (std::vector<troupe::verdict>))
CAF_ADD_TYPE_ID(troupe_scheduling, (std::vector<troupe::pod_change>))
CAF_ADD_TYPE_ID(troupe_scheduling, (troupe::scheduler_actor))
CAF_ADD_TYPE_ID(troupe_scheduling, (troupe::queue_actor))
CAF_ADD_TYPE_ID(troupe_scheduling, (troupe::queue_follower))
CAF_ADD_TYPE_ID(troupe_scheduling, (troupe::scheduling_registry_actor))
CAF_END_TYPE_ID_BLOCK(troupe_scheduling)
