#pragma once

#include "model/authorizer.hpp"

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace troupe::model {

// User impersonation (Kubernetes' authentication page): a request that its sender wants to be taken
// for somebody else's.

/// The Impersonate-* headers: what follows "impersonate-", in lower case, and the value.
using impersonation_headers = std::vector<std::pair<std::string, std::string>>;

/// Whom to take it for.
struct impersonated {
  std::string name;
  std::vector<std::string> groups;
  std::string uid;
  std::map<std::string, std::vector<std::string>> extra;
};

/// 403 for what `who` may not impersonate, 400 for headers that name no user. Not called without
/// headers.
std::variant<impersonated, status> impersonate(const authorizer& by, const subject& who,
                                               const impersonation_headers& headers);

}  // namespace troupe::model
