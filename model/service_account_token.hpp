#pragma once

#include "model/json.hpp"
#include "model/object.hpp"
#include "model/status.hpp"
#include "model/time.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::model {

// Tokens of service accounts: JWTs whose claims are Kubernetes' (TokenRequest API, and the older
// ones in Secrets).

/// Makes tokens.
struct token_issuer {
  std::string issuer;  ///< "iss", and the audience of the API server itself
  std::function<std::string(const json& claims)> sign;  ///< the JWT
};

inline constexpr const char* default_issuer = "https://kubernetes.default.svc.cluster.local";
inline constexpr const char* legacy_issuer = "kubernetes/serviceaccount";
inline constexpr const char* token_secret_type = "kubernetes.io/service-account-token";

/// Where the state of accounts, pods, nodes and secrets is looked up; null when it is not there.
using token_lookup = std::function<object_ptr(const object_key&)>;

/// Hears of the use of the token of a Secret.
using token_use = std::function<void(const object_ptr& secret)>;

/// Answers a TokenRequest for an account: the document with its status, or the refusal. `jti` is a
/// new uuid.
std::variant<json, status> issue_token(const token_issuer& by, const object& account, json request,
                                       const token_lookup& lookup, time_point now,
                                       const std::string& jti);

/// The claims of the token of a Secret of type kubernetes.io/service-account-token.
json legacy_claims(const object& account, const std::string& secret);

/// Who a service account is, as authentication says it.
struct account_identity {
  std::string name;  ///< system:serviceaccount:NS:NAME
  std::string uid;
  std::vector<std::string> groups;  ///< without system:authenticated
  std::map<std::string, std::vector<std::string>> extra;
  std::vector<std::string> audiences;  ///< those of the wanted ones that it is for
};

/// Whom claims, whose signature has been checked, speak for now: nothing when they have run out,
/// are for others than `audiences`, or when the account or what the token is bound to is gone.
/// `raw` is the token, which a Secret's has to equal; one that is marked invalid
/// (invalid_since_label) speaks for nobody. `used` is told the Secret of each that would otherwise
/// be good.
std::optional<account_identity> judge_claims(const json& claims, const std::string& issuer,
                                             const std::vector<std::string>& audiences,
                                             const token_lookup& lookup, time_point now,
                                             std::string_view raw, const token_use& used = {});

}  // namespace troupe::model
