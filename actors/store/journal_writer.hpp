#pragma once

#include "store/journal.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/fwd.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <vector>

namespace troupe {

/// What the journal answered; passed within the process only.
struct journal_answer {
  store::journal_result result;
  std::shared_ptr<store::journal_state> state;        ///< of open
  std::shared_ptr<std::vector<store::event>> events;  ///< of recover
};

/// A batch on its way to the journal.
struct journal_batch {
  std::shared_ptr<const std::vector<store::event>> events;
};

using journal_open_atom = caf::atom_constant<caf::atom("jopen")>;
using journal_append_atom = caf::atom_constant<caf::atom("jappend")>;
using journal_recover_atom = caf::atom_constant<caf::atom("jrecover")>;

/// Keeps the journal's blocking calls off the store actor.
using journal_writer =
    caf::typed_actor<caf::replies_to<journal_open_atom>::with<journal_answer>,
                     caf::replies_to<journal_append_atom, journal_batch>::with<journal_answer>,
                     caf::replies_to<journal_recover_atom, uint64_t>::with<journal_answer>>;

journal_writer spawn_journal_writer(caf::actor_system& sys, std::shared_ptr<store::journal> journal,
                                    bool detached);

}  // namespace troupe

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::journal_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::journal_batch)
