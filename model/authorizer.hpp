#pragma once

#include "model/authorize.hpp"
#include "model/rbac/policy_rule.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// What an authorizer says to a request. Not allowed is no opinion: another one may allow it.
struct opinion {
  bool allowed = false;
  std::string reason;  ///< of what is not allowed; may be empty
};

/// The rules that hold for somebody in a namespace.
struct held_rules {
  std::vector<rbac::policy_rule> rules;
  bool incomplete = false;  ///< there are rights beyond these rules
  std::string error;        ///< why, or which roles are missing
};

/// Decides what users may do. Callable from any thread.
class authorizer {
 public:
  virtual ~authorizer() = default;
  virtual opinion decide(const subject& who, const request_info& what) const = 0;
  virtual held_rules rules_of(const subject& who, std::string_view ns) const = 0;
  /// The rules of a Role or ClusterRole; nothing when it is not there.
  virtual std::optional<std::vector<rbac::policy_rule>> rules_of_role(
      std::string_view resource, std::string_view ns, std::string_view name) const = 0;
};

/// Nothing when the user may do this, else the Status: 403 in Kubernetes' words.
std::optional<status> authorize(const authorizer& by, const subject& user,
                                const request_info& what);

}  // namespace troupe::model
