#pragma once

#include "messages/stream.hpp"

#include <caf/meta/type_name.hpp>

#include <string>
#include <vector>

namespace troupe {

// A tunnel carries the channels of an exec, an attach or a port-forward between the gateway, where
// its client is, and the kubelet, where its container is. Each end sends no more frames than the
// other one granted. The gateway's side chooses `id`.

enum class tunnel_use : uint8_t { exec, attach, port_forward };

/// What a tunnel is to lead to.
struct tunnel_request {
  tunnel_use use = tunnel_use::exec;
  std::string ns;
  std::string pod;
  std::string uid;        ///< of the pod
  std::string container;  ///< empty when ports are forwarded
  std::vector<std::string> command;
  bool in = false;
  bool out = false;
  bool err = false;
  bool tty = false;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, tunnel_request& x) {
  return f(caf::meta::type_name("troupe.tunnel_request"), x.use, x.ns, x.pod, x.uid, x.container,
           x.command, x.in, x.out, x.err, x.tty);
}

using tunnel_atom = caf::atom_constant<caf::atom("tunnel")>;
using frame_atom = caf::atom_constant<caf::atom("frame")>;

/// An end of a tunnel, as the other one sees it.
using tunnel_actor = caf::typed_actor<
    /// (id, channel, stream::frame::kind, bytes): at most 64 KiB of one channel; costs one credit.
    caf::reacts_to<frame_atom, uint64_t, uint32_t, uint8_t, blob_ref>,
    /// May send this many more frames.
    caf::reacts_to<credit_atom, uint64_t, uint32_t>,
    /// Nothing more comes and nothing more is taken; the error is none after a complete session.
    caf::reacts_to<end_atom, uint64_t, caf::error>>;

}  // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe_tunnel, troupe::ids::tunnel)
CAF_ADD_TYPE_ID(troupe_tunnel, (troupe::tunnel_use))
CAF_ADD_TYPE_ID(troupe_tunnel, (troupe::tunnel_request))
CAF_ADD_TYPE_ID(troupe_tunnel, (troupe::tunnel_actor))
CAF_END_TYPE_ID_BLOCK(troupe_tunnel)
