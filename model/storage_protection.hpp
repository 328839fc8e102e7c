#pragma once

#include "model/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

// Storage object in use protection: a claim stays while a pod has it, a volume while a claim does.

inline constexpr std::string_view claim_protection = "kubernetes.io/pvc-protection";
inline constexpr std::string_view volume_protection = "kubernetes.io/pv-protection";

/// Adds the finalizer, unless the object has it.
void add_finalizer(json& object, std::string_view finalizer);

/// The names of the claims in the volumes of a pod, those of its ephemeral volumes included.
std::vector<std::string> claims_of_pod(const json& pod);

/// Whether the pod, which names the claim, keeps it: from when it is on a node until it is gone (an
/// ephemeral claim: until it has ended its deletion).
bool uses_claim(const json& pod, const json& claim);

/// What is to happen to the protection of a claim or volume.
enum class protection : std::uint8_t { keep, add, release };
protection judge_protection(const json& object, std::string_view finalizer, bool in_use);

}  // namespace troupe::model
