#pragma once

#include "model/object.hpp"
#include "model/time.hpp"

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace troupe::model {

// Tokens of service accounts in Secrets: when they were used last, and what becomes of those that
// Kubernetes once made by itself and nobody uses (LegacyServiceAccountTokenCleanUp, GA in 1.30).

inline constexpr const char* last_used_label = "kubernetes.io/legacy-token-last-used";
inline constexpr const char* invalid_since_label = "kubernetes.io/legacy-token-invalid-since";
/// The ConfigMap in kube-system that says since when uses are noted, under `since`.
inline constexpr const char* token_tracking_map =
    "kube-apiserver-legacy-service-account-token-tracking";

/// "2006-01-02" of UTC.
std::string day_of(time_point t);
/// The begin of such a day; nothing when the text is none.
std::optional<time_point> begin_of_day(std::string_view text);

/// Whether the use of a Secret's token at this time is still to be noted: once a day.
bool wants_use_noted(const object& secret, time_point now);
/// A merge patch that notes it, on the Secret of this uid alone.
json use_note(const object& secret, time_point now);

enum class token_fate { kept, marked_invalid, deleted };

/// What becomes of a Secret of type kubernetes.io/service-account-token that has not been used for
/// `unused`. `account`: the account that it names, by its uid, too, or null; only what an account
/// lists under `secrets` was made by Kubernetes. `mounted`: the names of Secrets that pods of the
/// namespace use.
token_fate fate_of_token(const object& secret, const object* account,
                         const std::set<std::string>& mounted, std::chrono::seconds unused,
                         time_point now);

/// The names of the Secrets that a pod uses: in volumes, environments and to pull images.
std::set<std::string> secrets_of_pod(const json& pod);

}  // namespace troupe::model
