#pragma once

#include "messages/stream.hpp"
#include "messages/tunnel.hpp"

#include <caf/meta/type_name.hpp>
#include <caf/optional.hpp>

namespace troupe {

/// What `kubectl logs` asks of a container (core/v1 PodLogOptions).
struct log_request {
  std::string ns;
  std::string pod;
  std::string uid;        ///< of the pod; empty: any
  std::string container;  ///< never empty: the API chose the only one
  bool follow = false;
  bool previous = false;
  bool timestamps = false;
  caf::optional<int64_t> tail_lines;
  caf::optional<int64_t> since_seconds;
  std::string since_time;  ///< RFC 3339
  caf::optional<int64_t> limit_bytes;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, log_request& x) {
  return f(caf::meta::type_name("troupe.log_request"), x.ns, x.pod, x.uid, x.container, x.follow,
           x.previous, x.timestamps, x.tail_lines, x.since_seconds, x.since_time, x.limit_bytes);
}

using sync_atom = caf::atom_constant<caf::atom("sync")>;
using assign_atom = caf::atom_constant<caf::atom("assign")>;
using refuse_atom = caf::atom_constant<caf::atom("refuse")>;
using unassign_atom = caf::atom_constant<caf::atom("unassign")>;
using logs_atom = caf::atom_constant<caf::atom("logs")>;
using attach_atom = caf::atom_constant<caf::atom("attach")>;
using reclaim_atom = caf::atom_constant<caf::atom("reclaim")>;
using ping_atom = caf::atom_constant<caf::atom("ping")>;

/// The agent of one worker. It learns its pods here, without polling.
using kubelet_actor = caf::typed_actor<
    /// All pods of this node, at attachment: what is not among them is to be stopped. Large lists
    /// come in parts; the flag says that this is the last part of the sync with this number.
    caf::reacts_to<sync_atom, uint64_t, std::vector<object_ref>, bool>,
    /// A pod of this node is new or changed (also: deletionTimestamp set). Older versions than
    /// known are ignored.
    caf::reacts_to<assign_atom, object_ref>,
    /// A pod of this node that does not fit there: it has failed, with this reason and message
    /// (model::node_objection). One that the kubelet knows already is as if assigned.
    caf::reacts_to<refuse_atom, object_ref, std::string, std::string>,
    /// A pod object is gone from the store: stop its containers now. Last state of the object.
    caf::reacts_to<unassign_atom, object_ref>,
    /// Opens a container's log; Status error 404 or 400 when there is none.
    caf::replies_to<logs_atom, log_request, uint64_t, stream_sink>::with<stream_source>,
    /// Opens a tunnel (request, id, the end that asks): the other end. Status error when the pod or
    /// its container is not there or does not run.
    caf::replies_to<tunnel_atom, tunnel_request, uint64_t, tunnel_actor>::with<tunnel_actor>,
    /// Removes the directory of a volume that a StorageClass made (model::is_host_path_directory);
    /// true when it is gone, or never was. Status error 400 for any other path.
    caf::replies_to<reclaim_atom, std::string>::with<bool>,
    caf::replies_to<ping_atom>::with<ping_atom>>;

/// Node proxies as kubelets and the API see them: one actor that finds the proxy of a node by its
/// name.
using node_registry_actor = caf::typed_actor<
    /// A kubelet is up: (node name, incarnation, kubelet). The proxy of the node answers true,
    /// monitors the kubelet and sends it a sync. A newer incarnation replaces an older one; an
    /// older gets 409.
    caf::replies_to<attach_atom, std::string, uint64_t, kubelet_actor>::with<bool>,
    /// Opens a log on a node: (node name, request, id, sink). 404 for an unknown node, 503 while
    /// its kubelet is away.
    caf::replies_to<logs_atom, std::string, log_request, uint64_t,
                    stream_sink>::with<stream_source>,
    /// Opens a tunnel to a node: (node name, request, id, the end that asks). As logs.
    caf::replies_to<tunnel_atom, std::string, tunnel_request, uint64_t,
                    tunnel_actor>::with<tunnel_actor>,
    /// Removes a volume's directory on a node: (node name, path). 404 and 503 as for logs.
    caf::replies_to<reclaim_atom, std::string, std::string>::with<bool>>;

}  // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe_node, troupe::ids::node)
CAF_ADD_TYPE_ID(troupe_node, (troupe::log_request))
CAF_ADD_TYPE_ID(troupe_node, (troupe::kubelet_actor))
CAF_ADD_TYPE_ID(troupe_node, (troupe::node_registry_actor))
CAF_END_TYPE_ID_BLOCK(troupe_node)
