#include "model/openapi.hpp"

#include "model/openapi/gnostic.hpp"
#include "model/openapi/schemas.hpp"

#include <map>
#include <mutex>

namespace troupe::model {
namespace {

constexpr std::string_view info = R"({"title":"Kubernetes","version":"v1.32.0"})";

/// The kinds of each document: "api/v1", "apis/apps/v1".
std::map<std::string, std::vector<const kind_info*>, std::less<>> kinds_by_document() {
  std::map<std::string, std::vector<const kind_info*>, std::less<>> out;
  for (const kind_info& k : schema::instance().kinds())
    out[(k.group.empty() ? "api/" : "apis/") + k.api_version()].push_back(&k);
  return out;
}

std::string version_2() {
  std::vector<const kind_info*> kinds;
  for (const kind_info& k : schema::instance().kinds()) kinds.push_back(&k);
  json_writer w;
  w.open('{').text("swagger", "2.0").raw("info", info).open("paths", '{');
  for (const kind_info* k : kinds) write_paths(w, openapi_version::v2, *k);
  w.close('}').open("definitions", '{');
  write_schemas(w, openapi_version::v2, kinds);
  return w.close('}').close('}').take();
}

std::string version_3(const std::vector<const kind_info*>& kinds) {
  json_writer w;
  w.open('{').text("openapi", "3.0.0").raw("info", info).open("paths", '{');
  for (const kind_info* k : kinds) write_paths(w, openapi_version::v3, *k);
  w.close('}').open("components", '{').open("schemas", '{');
  write_schemas(w, openapi_version::v3, kinds);
  return w.close('}').close('}').close('}').take();
}

constexpr std::string_view json_type = "application/json";
constexpr std::string_view protobuf_type =
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
/// What clients have called it for long.
constexpr std::string_view old_protobuf_type =
    "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

document as_document(std::string text, std::string_view type = json_type) {
  std::string etag = "\"" + content_hash(text) + "\"";
  return {std::make_shared<const std::string>(std::move(text)), std::move(etag), std::string(type)};
}

/// The media type of one clause of an Accept header.
std::string_view media_type(std::string_view clause) {
  clause = clause.substr(0, clause.find(';'));
  while (clause.starts_with(' ')) clause.remove_prefix(1);
  while (clause.ends_with(' ')) clause.remove_suffix(1);
  return clause;
}

std::string index_text() {
  json_writer w;
  w.open('{').open("paths", '{');
  for (const auto& [name, kinds] : kinds_by_document())
    w.open(name, '{')
        .text("serverRelativeURL",
              "/openapi/v3/" + name + "?hash=" + content_hash(version_3(kinds)))
        .close('}');
  return w.close('}').close('}').take();
}

/// Documents that someone still holds: concurrent clients share one, and none stays for good.
class held_documents {
 public:
  template <class Make>
  document get(std::string_view path, std::string_view type, Make&& make) {
    const std::lock_guard lock(mutex_);
    held& h = all_[std::string(path) + " " + std::string(type)];
    if (auto text = h.text.lock()) return {std::move(text), h.etag, std::string(type)};
    document made = as_document(make(), type);
    h = {made.text, made.etag};
    return made;
  }

 private:
  struct held {
    std::weak_ptr<const std::string> text;
    std::string etag;
  };
  std::mutex mutex_;
  std::map<std::string, held, std::less<>> all_;
};

}  // namespace

std::optional<openapi_format> openapi_format_of(std::string_view path, std::string_view accept) {
  if (accept.empty()) return openapi_format::text;
  while (!accept.empty()) {
    const auto end = std::min(accept.find(','), accept.size());
    const auto type = media_type(accept.substr(0, end));
    if (type == json_type || type == "application/*" || type == "*/*") return openapi_format::text;
    if (path == "/openapi/v2" && (type == protobuf_type || type == old_protobuf_type))
      return openapi_format::protobuf;
    accept.remove_prefix(std::min(end + 1, accept.size()));
  }
  return std::nullopt;
}

document openapi_text(std::string_view path, openapi_format format) {
  static held_documents held;
  constexpr std::string_view v3 = "/openapi/v3";
  if (path == v3) {
    static const document index = as_document(index_text());
    return index;
  }
  if (path == "/openapi/v2")
    return format == openapi_format::text
               ? held.get(path, json_type, version_2)
               : held.get(path, protobuf_type, [] { return gnostic_document(version_2()); });
  if (!path.starts_with(v3) || path.size() <= v3.size() + 1) return {};
  const auto documents = kinds_by_document();
  const auto found = documents.find(path.substr(v3.size() + 1));
  if (found == documents.end()) return {};
  return held.get(path, json_type, [&] { return version_3(found->second); });
}

}  // namespace troupe::model
