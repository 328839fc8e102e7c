#pragma once

#include "model/admission.hpp"
#include "model/object.hpp"
#include "model/selector.hpp"
#include "model/time.hpp"
#include "model/workload/pod_facts.hpp"
#include "model/workload/remark.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

/// What is read of a StatefulSet: object::view<stateful_set_view>().
struct stateful_set_view {
  explicit stateful_set_view(const object& set);

  std::string name;
  std::int64_t replicas = 1;
  std::int64_t start = 0;      ///< spec.ordinals.start
  std::int64_t partition = 0;  ///< ordinals below it keep the current revision
  bool rolling = true;         ///< updateStrategy is RollingUpdate; else OnDelete
  bool parallel = false;       ///< podManagementPolicy
  bool deletes_claims_when_deleted = false;
  bool deletes_claims_when_scaled = false;
  std::chrono::seconds min_ready{0};
  std::int64_t history_limit = 10;
  std::int64_t generation = 0;
  bool deleting = false;
  std::string service_name;
  json template_;        ///< PodTemplateSpec
  json claim_templates;  ///< list of PersistentVolumeClaims
  json match_labels;     ///< of the selector
  json annotations;
  json status;
  std::optional<label_selector> selector;

  /// The ordinal in a pod's name; nothing for the name of another's pod.
  std::optional<std::int64_t> ordinal_of(std::string_view pod) const;
  std::string pod_name(std::int64_t ordinal) const { return name + "-" + std::to_string(ordinal); }
  bool in_range(std::int64_t ordinal) const {
    return ordinal >= start && ordinal < start + replicas;
  }
};

/// What is read of a pod of a StatefulSet.
struct set_pod : pod_facts {
  explicit set_pod(const object& pod);
  std::string revision;  ///< label controller-revision-hash
  bool healthy() const { return running() && !deleting; }
  bool running() const { return phase == "Running" && ready; }
};
struct set_pod_entry {
  object_ptr object;
  set_pod facts;
};

/// One thing to do; nothing more is done when one fails.
struct set_step {
  enum class kind : std::uint8_t {
    create,  ///< the pod `body`, after those of `claims` that are missing
    remove,  ///< the pod `pod`
    label,   ///< patch the pod with `body`
    claim    ///< create `claims`, or write the claim `body`
  };
  kind what = kind::create;
  std::string name;  ///< of the pod
  object_ptr pod;
  json body;
  std::vector<json> claims;
};

/// The revisions that pods are made of.
struct set_revisions {
  std::string current;
  std::string update;
  json current_template;
};

struct set_plan {
  std::vector<set_step> steps;
  std::vector<remark> remarks;
  json status;
  std::optional<time_point> next;      ///< when to look again though nothing happens
  std::vector<std::string> waits_for;  ///< claims that have to go before
  std::vector<std::string> live;       ///< revisions that are used
};

/// Plans as kube's StatefulSet controller: in order (or all at once), what is to be done now.
/// `pods` are those of the set with an ordinal. `lookup` finds claims.
set_plan plan_stateful_set(const object& stored, const std::vector<set_pod_entry>& pods,
                           const set_revisions& revisions, const object_lookup& lookup,
                           time_point now);

/// The pod of an ordinal.
json pod_of_set(const object& stored, const json& template_, const std::string& revision,
                std::int64_t ordinal);

/// The claims of an ordinal, as they are made.
std::vector<json> claims_of_set(const object& stored, std::int64_t ordinal);

/// The owners that persistentVolumeClaimRetentionPolicy gives to a claim of this pod; nothing when
/// it has them already.
std::optional<json> claim_owners(const object& stored, const object& pod, const object& claim);

}  // namespace troupe::model
