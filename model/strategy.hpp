#pragma once

#include "model/schema.hpp"
#include "model/time.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

// What kube-apiserver's registry strategies do to an object on its way to the store: fields that
// are the server's own, and the separation of spec and status.

/// Who creates, for kinds that record it.
struct requester {
  std::string_view name;
  const std::vector<std::string>& groups;
};

/// uid, creationTimestamp, generation, the first status. The document is decoded and defaulted.
void prepare_for_create(const kind_info& kind, json& object, const std::string& uid, time_point now,
                        const requester& who);

/// Whether a PUT of an object that is not there creates it (AllowCreateOnUpdate).
bool creates_on_update(const kind_info& kind);

/// Whether a PUT without a resourceVersion overwrites what there is (AllowUnconditionalUpdate).
bool updates_unconditionally(const kind_info& kind);

/// Keeps what an update of the main resource may not touch (identity, deletion, status), and counts
/// the generation when the rest but metadata changed.
void prepare_for_update(const kind_info& kind, const json& old, json& object);

/// The same for .../status: everything but status and the free parts of metadata stays.
void prepare_for_status_update(const kind_info& kind, const json& old, json& object,
                               time_point now);

/// The same for namespaces/finalize: an update that may change the finalizers of its spec.
void prepare_for_finalize(const json& old, json& ns);

/// The same for certificatesigningrequests/approval: only the conditions of status.
void prepare_for_approval(const kind_info& kind, const json& old, json& csr, time_point now);

}  // namespace troupe::model
