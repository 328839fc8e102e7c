#pragma once

#include "model/hooks/hook.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/fwd.hpp>

#include <memory>
#include <string>

namespace troupe::api {

/// One call of a webhook. Stays in the process.
struct hook_call {
  std::shared_ptr<const model::hook> hook;
  std::string address;  ///< "host:port" to dial instead of the URL's; empty: the URL's
  std::string body;
};

/// What came back: a code and a body, or why nothing did.
struct hook_reply {
  int code = 0;
  std::string body, error;
};

using hook_call_atom = caf::atom_constant<caf::atom("hookcall")>;

/// Calls webhooks over HTTPS, on threads of its own: (hook_call_atom, hook_call) -> hook_reply. At
/// most 32 calls are under way at a time, at most 16 of one webhook, so that slow ones leave room
/// for the others; what does not fit into its queue fails.
caf::actor spawn_hook_workers(caf::actor_system& system);

}  // namespace troupe::api

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::api::hook_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::api::hook_reply)
