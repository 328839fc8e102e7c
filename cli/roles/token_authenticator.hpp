#pragma once

#include "actors/api/api.hpp"
#include "model/time.hpp"
#include "net/tls/jwt.hpp"
#include "store/cache.hpp"

#include <filesystem>
#include <map>
#include <memory>

namespace troupe::cli {

/// Users by token.
using static_tokens = std::map<std::string, user_info, std::less<>>;

/// Reads a --token-auth-file: lines `token,user,uid,"group1,group2"`, the groups (and their quotes)
/// optional. Throws role_error that names the line.
static_tokens read_static_tokens(const std::filesystem::path& file);

/// What tokens are judged by.
struct token_sources {
  std::shared_ptr<store::cache> objects;
  std::shared_ptr<const tls::token_keys> key;
  std::string issuer;
  static_tokens known;
  /// Hears of uses of Secrets' tokens that are to be noted, on any thread; at most once a day each.
  model::token_use used;
  model::wall_clock clock = model::system_wall_clock();
};

/// Bearer tokens: static ones; bootstrap tokens, looked up among the Secrets of kube-system, which
/// speak for system:bootstrap:ID; and those of service accounts, whose signatures are checked once
/// and whose accounts (and pods, nodes and secrets) are looked up each time. Callable from any
/// thread.
token_authenticator make_token_authenticator(token_sources sources);

}  // namespace troupe::cli
