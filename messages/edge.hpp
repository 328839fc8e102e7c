#pragma once

#include "messages/api.hpp"
#include "messages/node.hpp"

namespace troupe {

/// What this program speaks at its doors; a dialer of another number is told so and refused.
inline constexpr uint32_t edge_protocol = 1;

/// First words of a dialer at the edge door.
struct edge_hello {
  uint32_t protocol = edge_protocol;
  std::string certificate;   ///< PEM, a client certificate under the cluster CA: who dials
  uint64_t incarnation = 0;  ///< grows with each start of the dialing process
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, edge_hello& x) {
  return f(caf::meta::type_name("troupe.edge_hello"), x.protocol, x.certificate, x.incarnation);
}

using hello_atom = caf::atom_constant<caf::atom("hello")>;
using proof_atom = caf::atom_constant<caf::atom("proof")>;

/// What a login is good for, until its connection ends. Every message carries the secret that the
/// login gave out, since a connected peer could address any session by number; without it: 401.
using session_actor = caf::typed_actor<
    /// As api_actor, under the session's user whatever the request says.
    caf::replies_to<request_atom, std::string, api_request>::with<api_response>,
    caf::replies_to<open_atom, std::string, api_request, uint64_t,
                    stream_sink>::with<api_response, stream_source>,
    /// As node_registry_actor; 403 unless the user is system:node:NAME of that node.
    caf::replies_to<attach_atom, std::string, std::string, uint64_t, kubelet_actor>::with<bool>>;

/// The one published actor of the edge door.
using door_actor = caf::typed_actor<
    /// A nonce to sign. 400 for another protocol, 401 for a certificate that is none of ours.
    caf::replies_to<hello_atom, edge_hello>::with<std::string>,
    /// (nonce, signature of login_text(nonce, incarnation) by the certificate's key): the session
    /// and its secret. 401 when the proof fails or comes too late, 429 when there are too many.
    caf::replies_to<proof_atom, std::string, std::string>::with<session_actor, std::string>>;

/// What a dialer signs.
inline std::string login_text(const std::string& nonce, uint64_t incarnation) {
  return "troupe edge login " + std::to_string(edge_protocol) + " " + std::to_string(incarnation) +
         " " + nonce;
}

}  // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe_edge, troupe::ids::edge)
CAF_ADD_TYPE_ID(troupe_edge, (troupe::edge_hello))
CAF_ADD_TYPE_ID(troupe_edge, (troupe::session_actor))
CAF_ADD_TYPE_ID(troupe_edge, (troupe::door_actor))
CAF_END_TYPE_ID_BLOCK(troupe_edge)
