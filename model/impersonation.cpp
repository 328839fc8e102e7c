#include "model/impersonation.hpp"

#include "model/api_path.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::string_view account_prefix = "system:serviceaccount:";
constexpr std::string_view extra_prefix = "extra-";
constexpr std::string_view authentication_group = "authentication.k8s.io";

request_info question(std::string resource, std::string name) {
  request_info r;
  r.is_resource = true;
  r.verb = "impersonate";
  r.version = "v1";
  r.resource = std::move(resource);
  r.name = std::move(name);
  return r;
}

/// "ns" and "name" of a service account's user name; empty for other users.
std::pair<std::string, std::string> account_of(const std::string& user) {
  if (!user.starts_with(account_prefix)) return {};
  const auto rest = user.substr(account_prefix.size());
  const auto colon = rest.find(':');
  if (colon == rest.npos || colon == 0 || colon + 1 == rest.size()) return {};
  return {rest.substr(0, colon), rest.substr(colon + 1)};
}

/// Keys may have what headers may not: they are written with escapes.
std::string key_of(const std::string& header) {
  const auto escaped = std::string_view(header).substr(extra_prefix.size());
  std::string key;
  return decode_percent(escaped, false, key) ? key : std::string(escaped);
}

request_info question_of(const std::string& header, const std::string& value) {
  if (header == "group") return question("groups", value);
  if (header == "user") {
    const auto [ns, name] = account_of(value);
    if (name.empty()) return question("users", value);
    request_info r = question("serviceaccounts", name);
    r.ns = ns;
    return r;
  }
  request_info r = question(header == "uid" ? "uids" : "userextras", value);
  r.group = authentication_group;
  if (header.starts_with(extra_prefix)) r.subresource = key_of(header);
  return r;
}

}  // namespace

std::variant<impersonated, status> impersonate(const authorizer& by, const subject& who,
                                               const impersonation_headers& headers) {
  impersonated out;
  for (const auto& [header, value] : headers) {
    if (auto bad = authorize(by, who, question_of(header, value))) return *bad;
    if (header == "user") out.name = value;
    if (header == "group") out.groups.push_back(value);
    if (header == "uid") out.uid = value;
    if (header.starts_with(extra_prefix)) out.extra[key_of(header)].push_back(value);
  }
  if (out.name.empty())
    return bad_request("requested " + headers.front().first + " without impersonating a user");
  if (const auto account = account_of(out.name); !account.second.empty() && out.groups.empty())
    out.groups = {"system:serviceaccounts", "system:serviceaccounts:" + account.first};
  const std::string everybody =
      out.name == "system:anonymous" ? "system:unauthenticated" : "system:authenticated";
  if (std::ranges::find(out.groups, everybody) == out.groups.end()) out.groups.push_back(everybody);
  return out;
}

}  // namespace troupe::model
