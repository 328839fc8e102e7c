#pragma once

#include "messages/common.hpp"

#include <caf/fwd.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/optional.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

namespace troupe {

/// An object on its way to the store, still without a version: shared in a process, bytes on the
/// wire.
class draft_ref {
 public:
  draft_ref() = default;
  draft_ref(model::draft d) : draft_(std::make_shared<model::draft>(std::move(d))) {}  // NOLINT

  explicit operator bool() const { return draft_ != nullptr; }
  const model::draft& operator*() const { return *draft_; }
  const model::draft* operator->() const { return draft_.get(); }
  /// The draft, moved out when nobody else holds it.
  model::draft take();

  friend caf::error inspect(caf::serializer& f, draft_ref& x);
  friend caf::error inspect(caf::deserializer& f, draft_ref& x);
  friend std::string to_string(const draft_ref& x);

 private:
  std::shared_ptr<model::draft> draft_;
};

enum class write_op : uint8_t { create, update, remove };

/// One change of one object, with what must hold for it. Commits with one journal append or not at
/// all.
struct write {
  write_op op = write_op::create;
  std::string resource;
  std::string ns;
  std::string name;
  draft_ref object;                    ///< of create and update
  caf::optional<uint64_t> if_version;  ///< update, remove: else 409 Conflict; none: last write wins
  std::string if_uid;                  ///< update, remove: else 409 Conflict
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, write& x) {
  return f(caf::meta::type_name("troupe.write"), x.op, x.resource, x.ns, x.name, x.object,
           x.if_version, x.if_uid);
}

using write_atom = caf::atom_constant<caf::atom("write")>;
using version_atom = caf::atom_constant<caf::atom("version")>;

/// The one writer of its shard. Errors are Statuses (messages/errors.hpp): 404, 409 AlreadyExists
/// or Conflict, 410 when fenced off, 413, 429 with Retry-After when its queue is full, 503 while
/// the journal is away.
using store_actor = caf::typed_actor<
    /// Commits: the answer comes when the journal has it on disk and the cache of this process
    /// shows it. The object is the new one; of a removal, the last state under the version of the
    /// removal.
    caf::replies_to<write_atom, write>::with<object_ref>,
    /// Several writes in one message, each judged alone: for each its object, or an empty one and
    /// the error's text (a Status) in the same place of the second list.
    caf::replies_to<write_atom, std::vector<write>>::with<std::vector<object_ref>,
                                                          std::vector<std::string>>,
    /// The version of the newest commit: what a consistent read elsewhere waits for.
    caf::replies_to<version_atom>::with<uint64_t>>;

}  // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe_store, troupe::ids::store)
CAF_ADD_TYPE_ID(troupe_store, (troupe::draft_ref))
CAF_ADD_TYPE_ID(troupe_store, (troupe::write_op))
CAF_ADD_TYPE_ID(troupe_store, (troupe::write))
CAF_ADD_TYPE_ID(troupe_store, (std::vector<troupe::write>))
CAF_ADD_TYPE_ID(troupe_store, (troupe::store_actor))
CAF_END_TYPE_ID_BLOCK(troupe_store)
