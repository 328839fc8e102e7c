#pragma once

#include "messages/common.hpp"

#include <caf/error.hpp>
#include <caf/fwd.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

namespace troupe {

// A stream of bytes (a log, a watch) from a source to a sink, bounded by the sink: the source sends
// no more chunks than the sink granted. The sink chooses `id`; it is the idempotency key of the
// whole stream.

using chunk_atom = caf::atom_constant<caf::atom("chunk")>;
using end_atom = caf::atom_constant<caf::atom("end")>;
using credit_atom = caf::atom_constant<caf::atom("credit")>;
using cancel_atom = caf::atom_constant<caf::atom("cancel")>;

/// Receives.
using stream_sink = caf::typed_actor<
    /// The next bytes, at most 256 KiB; costs one credit.
    caf::reacts_to<chunk_atom, uint64_t, blob_ref>,
    /// Nothing more comes; the error is none after a complete stream.
    caf::reacts_to<end_atom, uint64_t, caf::error>>;

/// Sends. Ends with the stream.
using stream_source = caf::typed_actor<
    /// May send this many more chunks.
    caf::reacts_to<credit_atom, uint64_t, uint32_t>,
    /// The reader left.
    caf::reacts_to<cancel_atom, uint64_t>>;

}  // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe_stream, troupe::ids::stream)
CAF_ADD_TYPE_ID(troupe_stream, (troupe::stream_sink))
CAF_ADD_TYPE_ID(troupe_stream, (troupe::stream_source))
CAF_END_TYPE_ID_BLOCK(troupe_stream)
