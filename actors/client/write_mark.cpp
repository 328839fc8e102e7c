#include "actors/client/write_mark.hpp"

#include "model/json.hpp"
#include "model/request_info.hpp"

#include <charconv>

namespace troupe::client {

using model::json;
using model::string_at;

bool write_mark::shows(const store::cache& copy, std::uint64_t seen) const {
  if (version != 0) return seen >= version;
  const auto there = copy.get(key);
  return !there || there->header().uid != uid || there->header().deleting;
}

std::optional<write_mark> mark_of(const api_request& r, const api_response& answer) {
  if (r.method == "GET" || answer.code >= 300) return std::nullopt;
  const auto parsed = model::parse_request(r.method, r.target);
  const auto* info = std::get_if<model::request_info>(&parsed);
  if (!info || !info->is_resource || info->query.contains("dryRun")) return std::nullopt;
  const auto body = model::parse_json(answer.body.bytes());
  if (!body) return std::nullopt;
  write_mark out;
  out.key = {info->group_resource(), string_at(body.value, {"metadata", "namespace"}),
             string_at(body.value, {"metadata", "name"})};
  if (info->verb == "delete" && info->subresource.empty()) {
    out.key.name = info->name;
    if (info->resource != "namespaces") out.key.ns = info->ns;
    out.uid = string_at(body.value, {"details", "uid"});
    if (out.uid.empty()) out.uid = string_at(body.value, {"metadata", "uid"});
    return out.uid.empty() ? std::nullopt : std::optional{out};
  }
  if (info->verb != "create" && info->verb != "update" && info->verb != "patch")
    return std::nullopt;
  out.uid = string_at(body.value, {"metadata", "uid"});
  const auto version = string_at(body.value, {"metadata", "resourceVersion"});
  std::from_chars(version.data(), version.data() + version.size(), out.version);
  return out.version == 0 ? std::nullopt : std::optional{out};
}

}  // namespace troupe::client
