#include "model/review/kinds.hpp"

namespace troupe::model {

json user_info_json(std::string_view name, std::span<const std::string> groups) {
  json out = {{"username", name}};
  if (!groups.empty()) out["groups"] = json(std::vector<std::string>(groups.begin(), groups.end()));
  return out;
}

std::optional<status> review_self(const review_request& r, json& document) {
  document["metadata"]["creationTimestamp"] = r.now;
  document["status"] = {{"userInfo", user_info_json(r.asker.name, r.asker.groups)}};
  return std::nullopt;
}

std::optional<status> review_token(const review_request& r, json& document) {
  const std::string token = string_at(document, {"spec", "token"});
  if (token.empty()) return bad_request("token is required for TokenReview in authentication");
  std::optional<identity> who;
  if (r.authenticate) who = r.authenticate(token);
  if (who)
    document["status"] = {{"authenticated", true},
                          {"user", user_info_json(who->name, who->groups)}};
  else
    document["status"] = {{"error", "invalid bearer token"}, {"user", json::object()}};
  return std::nullopt;
}

}  // namespace troupe::model
