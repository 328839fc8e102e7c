#pragma once

#include "messages/api.hpp"

#include <caf/fwd.hpp>

#include <cstddef>

namespace troupe {

/// An API actor before the real one that lets at most `in_flight` requests through at a time and
/// keeps the others waiting, first come first served. What the kubelets of one process report then
/// takes a bounded share of the API, and people and schedulers do not wait behind a thousand nodes
/// (what API priority and fairness does for the system-nodes level). Streams pass at once.
api_actor spawn_api_gate(caf::actor_system& system, api_actor api, std::size_t in_flight);

}  // namespace troupe
