#pragma once

#include "messages/api.hpp"
#include "model/time.hpp"
#include "store/cache.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace troupe::cli {

/// Bearer tokens of the gateway: bootstrap tokens, looked up among the Secrets of kube-system.
/// They speak for system:bootstrap:ID.
std::function<std::optional<user_info>(std::string_view token)> token_authenticator(
    std::shared_ptr<store::cache> cache, model::wall_clock clock);

}  // namespace troupe::cli
