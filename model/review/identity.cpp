#include "model/review/kinds.hpp"
#include "model/validation/path.hpp"

namespace troupe::model {

json user_info_json(const identity& who) {
  json out = {{"username", who.name}};
  if (!who.uid.empty()) out["uid"] = who.uid;
  if (!who.groups.empty()) out["groups"] = who.groups;
  if (!who.extra.empty()) out["extra"] = who.extra;
  return out;
}

std::optional<status> review_self(const review_request& r, json& document) {
  document["metadata"]["creationTimestamp"] = r.now;
  document["status"] = {{"userInfo", user_info_json(r.asker)}};
  return std::nullopt;
}

std::optional<status> review_token(const review_request& r, json& document) {
  const std::string token = string_at(document, {"spec", "token"});
  if (token.empty()) return bad_request("token is required for TokenReview in authentication");
  std::optional<identity> who;
  std::vector<std::string> audiences;
  for (const json& a : items_of(document["spec"], "audiences")) audiences.emplace_back(as_text(a));
  if (r.authenticate) who = r.authenticate(token, audiences);
  if (who)
    document["status"] = {
        {"authenticated", true}, {"user", user_info_json(*who)}, {"audiences", audiences}};
  else
    document["status"] = {{"error", "invalid bearer token"}, {"user", json::object()}};
  return std::nullopt;
}

}  // namespace troupe::model
