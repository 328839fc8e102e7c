#pragma once

#include "messages/common.hpp"
#include "model/event.hpp"

#include <caf/fwd.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

namespace troupe::model {

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, object_reference& x) {
  return f(caf::meta::type_name("troupe.object_reference"), x.api_version, x.kind, x.ns, x.name,
           x.uid, x.resource_version, x.field_path);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, event_note& x) {
  return f(caf::meta::type_name("troupe.event_note"), x.about, x.type, x.reason, x.message,
           x.component, x.host, x.action, x.related);
}

}  // namespace troupe::model

namespace troupe {

using record_atom = caf::atom_constant<caf::atom("record")>;

/// Writes Events for the components of its process, when there is time for it.
using recorder_actor = caf::typed_actor<
    /// Something happened. Never answered; may be dropped under load.
    caf::reacts_to<record_atom, model::event_note>, caf::reacts_to<tick_atom>,
    /// Writes what is queued, then ends.
    caf::reacts_to<stop_atom>>;

}  // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe_events, troupe::ids::events)
CAF_ADD_TYPE_ID(troupe_events, (troupe::model::event_note))
CAF_ADD_TYPE_ID(troupe_events, (troupe::recorder_actor))
CAF_END_TYPE_ID_BLOCK(troupe_events)
