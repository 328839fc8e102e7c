#pragma once

#include "model/json.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

namespace troupe::test {

/// The published OpenAPI document of Kubernetes 1.32, where one is at hand: TROUPE_OPENAPI names it
/// (JSON, may be gzipped), or it lies in shared/reference above the source tree. Null without one.
inline model::json openapi_reference() {
  std::string path;
  if (const char* named = std::getenv("TROUPE_OPENAPI")) path = named;
  const std::filesystem::path source(TROUPE_SOURCE_DIR);
  for (auto dir = source; path.empty() && dir != dir.parent_path(); dir = dir.parent_path())
    if (const auto candidate = dir / "shared/reference/kubernetes-1.32-openapi.json.gz";
        std::filesystem::exists(candidate))
      path = candidate;
  if (path.empty()) return nullptr;
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");
  if (!file) return nullptr;
  char buffer[1 << 16];
  for (int n; (n = gzread(file, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  gzclose(file);
  return model::json::parse(text, nullptr, false);
}

/// One operation of the document.
struct published_operation {
  std::string path;    ///< with {namespace} and {name} in it
  std::string method;  ///< upper case
  std::string action;  ///< x-kubernetes-action: get list post put patch delete watch connect ...
  std::string group, version, kind;
  model::json responses;  ///< by code
};

/// The operations on resources of generally available versions (v1, v2), in the document's order.
inline std::vector<published_operation> published_operations(const model::json& document) {
  std::vector<published_operation> out;
  for (const auto& [path, item] : document["paths"].items())
    for (const auto& [method, operation] : item.items()) {
      if (!operation.is_object() || !operation.contains("x-kubernetes-group-version-kind"))
        continue;
      const auto parts_from = path.starts_with("/apis/") ? path.find('/', 6) : path.find('/', 1);
      const auto version =
          path.substr(parts_from + 1, path.find('/', parts_from + 1) - parts_from - 1);
      if (version != "v1" && version != "v2") continue;
      published_operation o;
      o.path = path;
      o.method = method;
      o.action = operation.value("x-kubernetes-action", "");
      for (char& c : o.method) c = static_cast<char>(c - 'a' + 'A');
      const auto& gvk = operation["x-kubernetes-group-version-kind"];
      o.group = gvk["group"];
      o.version = gvk["version"];
      o.kind = gvk["kind"];
      o.responses = operation["responses"];
      out.push_back(std::move(o));
    }
  return out;
}

/// What is published and not served yet, by the end of its path, and why.
struct exception {
  std::string_view action;
  std::string_view path;
  std::string_view why;
};
constexpr exception exceptions[] = {
    {"connect", "/attach", "streams to and from containers come with an issue of their own"},
    {"connect", "/exec", "as attach"},
    {"connect", "/portforward", "as attach"},
    {"connect", "/proxy", "as attach"},
    {"connect", "/proxy/{path}", "as attach"},
    {"post", "/serviceaccounts/{name}/token", "tokens of accounts come with authorization"}};

inline bool is_exception(const published_operation& o) {
  return std::any_of(std::begin(exceptions), std::end(exceptions), [&](const exception& e) {
    return o.action == e.action && o.path.ends_with(e.path);
  });
}

/// `path` with its parameters filled in.
inline std::string filled(std::string path, const std::string& ns, const std::string& name) {
  const std::pair<const char*, const std::string*> parameters[] = {{"{namespace}", &ns},
                                                                   {"{name}", &name}};
  for (const auto& [parameter, value] : parameters)
    if (const auto at = path.find(parameter); at != path.npos)
      path.replace(at, std::string(parameter).size(), *value);
  return path;
}

}  // namespace troupe::test
