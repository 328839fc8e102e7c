#include "cli/roles/token_authenticator.hpp"

#include "model/bootstrap_token.hpp"
#include "net/tls/pki.hpp"

namespace troupe::cli {

std::function<std::optional<user_info>(std::string_view token)> token_authenticator(
    std::shared_ptr<store::cache> cache, model::wall_clock clock) {
  return [cache, clock](std::string_view text) -> std::optional<user_info> {
    const auto token = model::parse_bootstrap_token(text);
    if (!token) return std::nullopt;
    const auto object = cache->get({"secrets", std::string(model::bootstrap_namespace),
                                    model::bootstrap_secret_name(token->id)});
    if (!object) return std::nullopt;
    auto secret = model::read_bootstrap_secret(object->parse(), clock());
    if (!secret || !secret->authenticates || secret->expired ||
        !tls::equal_in_constant_time(secret->token.secret, token->secret))
      return std::nullopt;
    secret->groups.emplace_back("system:authenticated");
    return user_info{"system:bootstrap:" + token->id, std::move(secret->groups)};
  };
}

}  // namespace troupe::cli
