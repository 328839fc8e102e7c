#pragma once

// Inside of the gateway: an answer of another server as a stream between actors.

#include "messages/api.hpp"
#include "net/http/relay.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <functional>
#include <memory>

namespace troupe::rest {

/// Asks for the answer; null where nobody can be asked.
using listen_fn = std::function<std::shared_ptr<http::relay_stream>(http::relay_listener)>;
/// Told once: a 200 and the source of its body, or another answer as a whole and none.
using opened_fn = std::function<void(api_response, stream_source)>;

/// Sends to `sink` what another server answers, as far as it grants credit: a reader that is slow
/// costs a quarter of a megabyte. `opened` is called on the relay's thread, or before this returns.
void open_relayed(caf::actor_system& system, std::uint64_t id, const stream_sink& sink,
                  const listen_fn& listen, opened_fn opened);

}  // namespace troupe::rest
