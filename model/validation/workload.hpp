#pragma once

#include "model/validation/path.hpp"

#include <span>

namespace troupe::model {

// What the kinds that make pods from a template have in common.

/// The template, that `selector` (a metav1.LabelSelector) selects its labels, and that its pods are
/// of the kind that is kept running. `owner` is named in the faults: "ReplicaSet".
void validate_kept_template(const json& tmpl, const field_path& path, std::string_view owner,
                            faults& out);
/// restartPolicy and activeDeadlineSeconds of such pods.
void validate_kept_pods(const json& tmpl, const field_path& path, std::string_view owner,
                        faults& out);

/// A selector that is there and says something; `owner`: "deployment".
void validate_own_selector(const json& selector, const field_path& path, std::string_view owner,
                           faults& out);
/// Its selector selects the template's labels.
void validate_selects_template(const json& selector, const json& tmpl, const field_path& spec_path,
                               faults& out);

/// Counters that may not be below zero, where they are.
void validate_counters(const json& object, const field_path& path,
                       std::span<const char* const> names, faults& out);
/// Counters of `status` that may not exceed its `replicas`; available ones neither the ready ones,
/// which the fault calls `ready`.
void validate_replica_counters(const json& status, const field_path& path,
                               std::span<const char* const> bounded, std::string_view ready,
                               faults& out);
/// collisionCount never goes down.
void validate_collisions(const json& old_status, const json& status, const field_path& path,
                         faults& out);

}  // namespace troupe::model
