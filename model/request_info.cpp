#include "model/request_info.hpp"

#include "model/api_path.hpp"
#include "model/selector.hpp"
#include "model/utf8.hpp"

#include <algorithm>
#include <vector>

namespace troupe::model {
namespace {

constexpr std::size_t max_target = 8192;

bool parse_query(std::string_view text, request_info& info) {
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    const auto equal = pair.find('=');
    std::string key, value;
    if (!decode_percent(pair.substr(0, equal), true, key)) return false;
    if (equal != std::string_view::npos && !decode_percent(pair.substr(equal + 1), true, value))
      return false;
    info.query.emplace(std::move(key), std::move(value));
  }
  return true;
}

/// The path's parts between slashes, without those at its ends.
std::vector<std::string_view> split_path(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return parts;
}

std::string verb_of(std::string_view method) {
  if (method == "POST") return "create";
  if (method == "GET" || method == "HEAD") return "get";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return "delete";
  return ascii_lower(method);
}

/// The verb of a request for no single object.
void widen_verb(request_info& info) {
  if (info.verb == "get") info.verb = info.flag("watch") ? "watch" : "list";
  if (info.verb == "delete") info.verb = "deletecollection";
  if (info.verb != "list" && info.verb != "watch" && info.verb != "deletecollection") return;
  std::string error;
  const auto fields = field_selector::parse(info.parameter("fieldSelector"), error);
  if (!fields) return;  // The list itself refuses it, with its words.
  const std::string* name = fields->required("metadata.name");
  if (name && name->find('/') == std::string::npos && *name != "." && *name != "..")
    info.name = *name;
}

/// What stands behind /api/v1 or /apis/G/V.
void understand(std::vector<std::string_view> parts, request_info& info) {
  auto drop = [&](std::size_t n) {
    parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(n));
  };
  if (parts[0] == "watch" && parts.size() > 1) {
    info.verb = "watch";
    drop(1);
  }
  if (parts[0] == "namespaces" && parts.size() > 1) {
    info.ns = parts[1];
    // Behind a namespace stands a resource, unless it is the namespace's own subresource.
    if (parts.size() > 2 && parts[2] != "status" && parts[2] != "finalize") drop(2);
  }
  info.resource = parts[0];
  if (parts.size() > 1) info.name = parts[1];
  for (std::size_t i = 2; i < parts.size(); ++i) {
    if (info.subresource == "proxy") break;  // what follows is another server's path
    if (i > 2) info.subresource += '/';
    info.subresource += parts[i];
  }
  if (info.name.empty()) widen_verb(info);
}

}  // namespace

std::string request_info::group_resource() const {
  return group.empty() ? resource : resource + "." + group;
}

std::string_view request_info::parameter(std::string_view key) const {
  const auto found = query.lower_bound(key);
  return found != query.end() && found->first == key ? std::string_view(found->second)
                                                     : std::string_view();
}

bool request_info::flag(std::string_view key) const {
  const auto found = query.lower_bound(key);
  if (found == query.end() || found->first != key) return false;
  return found->second != "0" && ascii_lower(found->second) != "false";
}

std::variant<request_info, status> parse_request(std::string_view method, std::string_view target) {
  if (target.size() > max_target)
    return bad_request("the request target is longer than 8192 bytes");
  if (!target.starts_with('/')) return bad_request("the request target must start with '/'");
  request_info info;
  const auto question = target.find('?');
  if (!decode_percent(target.substr(0, question), false, info.path))
    return bad_request("the request path has a malformed percent escape");
  if (question != std::string_view::npos && !parse_query(target.substr(question + 1), info))
    return bad_request("the request query has a malformed percent escape");

  auto parts = split_path(info.path);
  const bool core = !parts.empty() && parts[0] == "api";
  const bool grouped = !parts.empty() && parts[0] == "apis";
  const std::size_t prefix = grouped ? 3 : 2;
  if ((!core && !grouped) || parts.size() <= prefix) {
    info.verb = ascii_lower(method);
    return info;
  }
  info.is_resource = true;
  if (grouped) info.group = parts[1];
  info.version = parts[prefix - 1];
  info.verb = verb_of(method);
  parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(prefix));
  understand(std::move(parts), info);
  return info;
}

}  // namespace troupe::model
