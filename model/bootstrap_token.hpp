#pragma once

#include "model/json.hpp"
#include "model/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// A bootstrap token, "id.secret": six and sixteen characters of [a-z0-9].
struct bootstrap_token {
  std::string id;
  std::string secret;
};

/// Nothing when the text is no bootstrap token.
std::optional<bootstrap_token> parse_bootstrap_token(std::string_view text);

/// Makes a token out of at least 22 random bytes.
bootstrap_token make_bootstrap_token(std::string_view random_bytes);

inline constexpr std::string_view bootstrap_namespace = "kube-system";
/// Group of tokens that workers join with, as kubeadm names it.
inline constexpr std::string_view worker_bootstrap_group =
    "system:bootstrappers:kubeadm:default-node-token";
/// Group of tokens that schedulers join with.
inline constexpr std::string_view scheduler_bootstrap_group =
    "system:bootstrappers:troupe:scheduler";

/// Users of controllers that run as processes of their own, "troupe:controller:NAME", and the group
/// that all of them are in.
inline constexpr std::string_view controller_user = "troupe:controller:";
inline constexpr std::string_view controllers_group = "troupe:controllers";
/// Group of tokens that the controller of this name joins with: no other may.
std::string controller_bootstrap_group(std::string_view name);
/// Whether a controller may be called so: small letters, digits and hyphens, at most 63, the first
/// and last no hyphen.
bool is_controller_name(std::string_view name);

/// The name of its Secret: "bootstrap-token-<id>".
std::string bootstrap_secret_name(std::string_view id);

/// The Secret (type bootstrap.kubernetes.io/token) for authentication. No expiration: it never
/// ends.
json make_bootstrap_secret(const bootstrap_token& token, std::string_view group,
                           std::string_view description, std::optional<time_point> expiration);

/// What a Secret says about the token in it.
struct bootstrap_secret {
  bootstrap_token token;
  bool authenticates = false;
  bool expired = false;
  std::vector<std::string> groups;  ///< system:bootstrappers and the well-formed extra ones
};

/// Nothing when the Secret is no well-formed bootstrap token.
std::optional<bootstrap_secret> read_bootstrap_secret(const json& secret, time_point now);

}  // namespace troupe::model
