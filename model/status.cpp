#include "model/status.hpp"

#include "model/json_read.hpp"

namespace troupe::model {
namespace {

struct group_resource {
  std::string group;
  std::string resource;
};

group_resource split(std::string_view resource) {
  const auto dot = resource.find('.');
  if (dot == std::string_view::npos) return {"", std::string(resource)};
  return {std::string(resource.substr(dot + 1)), std::string(resource.substr(0, dot))};
}

status about(const object_key& key, int code, std::string reason, std::string message) {
  auto [group, resource] = split(key.resource);
  return {code, std::move(reason), std::move(message), group, resource, key.name};
}

status plain(int code, std::string reason, std::string message) {
  return {code, std::move(reason), std::move(message)};
}

}  // namespace

json to_json(const status& s) {
  json out = {{"apiVersion", "v1"},  {"kind", "Status"},     {"metadata", json::object()},
              {"status", "Failure"}, {"message", s.message}, {"code", s.code}};
  if (!s.reason.empty()) out["reason"] = s.reason;
  json details = json::object();
  if (!s.name.empty()) details["name"] = s.name;
  if (!s.group.empty()) details["group"] = s.group;
  if (!s.kind.empty()) details["kind"] = s.kind;
  if (!s.uid.empty()) details["uid"] = s.uid;
  for (const cause& c : s.causes) {
    json shown = {{"reason", c.reason}, {"message", c.message}};
    if (!c.field.empty()) shown["field"] = c.field;
    details["causes"].push_back(std::move(shown));
  }
  if (s.retry_after) details["retryAfterSeconds"] = *s.retry_after;
  if (!details.empty()) out["details"] = std::move(details);
  return out;
}

std::string to_text(const status& s) {
  return to_json(s).dump(-1, ' ', false, json::error_handler_t::replace);
}

status status_from_text(std::string_view text) {
  const json doc = read_json(text);
  if (!doc.is_object() || string_at(doc, {"kind"}) != "Status")
    return internal_error(std::string(text));
  status s;
  const json& code = at(doc, {"code"});
  s.code = code.is_number_integer() ? code.get<int>() : 500;
  s.reason = string_at(doc, {"reason"});
  s.message = string_at(doc, {"message"});
  const json& details = at(doc, {"details"});
  s.group = string_at(details, {"group"});
  s.kind = string_at(details, {"kind"});
  s.name = string_at(details, {"name"});
  s.uid = string_at(details, {"uid"});
  if (const json& causes = at(details, {"causes"}); causes.is_array())
    for (const json& c : causes)
      s.causes.push_back(
          {string_at(c, {"reason"}), string_at(c, {"message"}), string_at(c, {"field"})});
  if (const json& after = at(details, {"retryAfterSeconds"}); after.is_number_integer())
    s.retry_after = after.get<int>();
  return s;
}

status not_found(const object_key& key) {
  return about(key, 404, "NotFound", key.resource + " " + in_quotes(key.name) + " not found");
}

status already_exists(const object_key& key) {
  return about(key, 409, "AlreadyExists",
               key.resource + " " + in_quotes(key.name) + " already exists");
}

status conflict(const object_key& key, std::string_view why) {
  return about(key, 409, "Conflict",
               "Operation cannot be fulfilled on " + key.resource + " " + in_quotes(key.name) +
                   ": " + std::string(why));
}

status modified(const object_key& key) {
  return conflict(key,
                  "the object has been modified; please apply your changes to the latest version "
                  "and try again");
}

status invalid(std::string_view group, std::string_view kind, std::string_view name,
               std::vector<cause> causes) {
  status s{422, "Invalid", "", std::string(group), std::string(kind), std::string(name)};
  const std::string qualified =
      group.empty() ? std::string(kind) : std::string(kind) + "." + std::string(group);
  s.message = qualified + " " + in_quotes(name) + " is invalid";
  std::string list;
  for (const cause& c : causes) {
    if (!list.empty()) list += ", ";
    list += c.field + ": " + c.message;
  }
  if (causes.size() > 1) list = "[" + list + "]";
  if (!list.empty()) s.message += ": " + list;
  s.causes = std::move(causes);
  return s;
}

status bad_request(std::string message) {
  return plain(400, "BadRequest", std::move(message));
}
status unauthorized() {
  return plain(401, "Unauthorized", "Unauthorized");
}

status forbidden(const object_key& key, std::string_view why) {
  status s = about(key, 403, "Forbidden", "");
  s.message = key.name.empty()
                  ? key.resource + " is forbidden: " + std::string(why)
                  : key.resource + " " + in_quotes(key.name) + " is forbidden: " + std::string(why);
  return s;
}

status method_not_supported(std::string_view resource, std::string_view verb) {
  auto [group, kind] = split(resource);
  return {405, "MethodNotAllowed",
          std::string(verb) + " is not supported on resources of kind \"" + std::string(resource) +
              "\"",
          group, kind};
}

status not_acceptable(std::string message) {
  return plain(406, "NotAcceptable", std::move(message));
}
status unsupported_media_type(std::string message) {
  return plain(415, "UnsupportedMediaType", std::move(message));
}
status request_too_large(std::string message) {
  return plain(413, "RequestEntityTooLarge", std::move(message));
}
status gone(std::string message) {
  return plain(410, "Gone", std::move(message));
}
status expired(std::string message) {
  return plain(410, "Expired", std::move(message));
}

status too_many_requests(std::string message, int retry_after) {
  status s = plain(429, "TooManyRequests", std::move(message));
  s.retry_after = retry_after;
  return s;
}

status unavailable(std::string message, int retry_after) {
  status s = plain(503, "ServiceUnavailable", std::move(message));
  s.retry_after = retry_after;
  return s;
}

status timeout(std::string message) {
  return plain(504, "Timeout", std::move(message));
}
status internal_error(std::string message) {
  return plain(500, "InternalError", std::move(message));
}

}  // namespace troupe::model
