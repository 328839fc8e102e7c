#include "model/openapi.hpp"

#include "model/openapi/custom.hpp"
#include "model/openapi/gnostic.hpp"
#include "model/openapi/schemas.hpp"

#include <map>
#include <mutex>

namespace troupe::model {
namespace {

constexpr std::string_view info_text = R"({"title":"Kubernetes","version":"v1.32.0"})";

/// The kinds of each document: "api/v1", "apis/apps/v1".
std::map<std::string, std::vector<const kind_info*>, std::less<>> kinds_by_document() {
  std::map<std::string, std::vector<const kind_info*>, std::less<>> out;
  for (const kind_info& k : schema::instance().kinds())
    out[(k.group.empty() ? "api/" : "apis/") + k.api_version()].push_back(&k);
  return out;
}

using custom_versions = std::vector<const custom_version*>;

/// The custom kinds of each document: "apis/stable.example.com/v1".
std::map<std::string, custom_versions, std::less<>> custom_by_document(const custom_kinds& custom) {
  std::map<std::string, custom_versions, std::less<>> out;
  for (const auto& [resource, d] : custom.definitions())
    for (const auto& v : d->versions)
      if (v->served) out["apis/" + v->kind.api_version()].push_back(v.get());
  return out;
}

/// What tells one state of a custom document from another.
std::string custom_hash(const custom_versions& versions) {
  std::string all;
  for (const custom_version* v : versions) {
    const object& o = *v->definition->object;
    all += o.header().uid + " " + std::to_string(o.version()) + "\n";
  }
  return content_hash(all);
}

std::string version_2(const custom_kinds& custom) {
  custom_versions added;
  for (const auto& [name, versions] : custom_by_document(custom))
    added.insert(added.end(), versions.begin(), versions.end());
  std::vector<const kind_info*> kinds;
  for (const kind_info& k : schema::instance().kinds()) kinds.push_back(&k);
  json_writer w;
  w.open('{').text("swagger", "2.0").raw("info", info_text).open("paths", '{');
  for (const kind_info* k : kinds) write_paths(w, openapi_version::v2, *k);
  for (const custom_version* v : added) write_paths(w, openapi_version::v2, v->kind);
  w.close('}').open("definitions", '{');
  write_schemas(w, openapi_version::v2, kinds);
  write_custom_schemas(w, openapi_version::v2, added);
  return w.close('}').close('}').take();
}

std::string version_3(const std::vector<const kind_info*>& kinds) {
  json_writer w;
  w.open('{').text("openapi", "3.0.0").raw("info", info_text).open("paths", '{');
  for (const kind_info* k : kinds) write_paths(w, openapi_version::v3, *k);
  w.close('}').open("components", '{').open("schemas", '{');
  write_schemas(w, openapi_version::v3, kinds);
  return w.close('}').close('}').close('}').take();
}

std::string custom_version_3(const custom_versions& versions) {
  json_writer w;
  w.open('{').text("openapi", "3.0.0").raw("info", info_text).open("paths", '{');
  for (const custom_version* v : versions) write_paths(w, openapi_version::v3, v->kind);
  w.close('}').open("components", '{').open("schemas", '{');
  write_schemas(w, openapi_version::v3, {}, types_of_custom_kinds());
  write_custom_schemas(w, openapi_version::v3, versions);
  return w.close('}').close('}').close('}').take();
}

constexpr std::string_view json_type = "application/json";
constexpr std::string_view protobuf_type =
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
constexpr std::string_view protobuf_3_type =
    "application/com.github.proto-openapi.spec.v3.v1.0+protobuf";
/// What clients have called them for long.
constexpr std::string_view old_protobuf_type =
    "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
constexpr std::string_view old_protobuf_3_type =
    "application/com.github.proto-openapi.spec.v3@v1.0+protobuf";

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

/// The hashes of the built-in documents, which never change.
const std::map<std::string, std::string>& built_in_hashes() {
  static const auto all = [] {
    std::map<std::string, std::string> out;
    for (const auto& [name, kinds] : kinds_by_document())
      out[name] = content_hash(version_3(kinds));
    return out;
  }();
  return all;
}

std::string index_text(const custom_kinds& custom) {
  auto hashes = built_in_hashes();
  for (const auto& [name, versions] : custom_by_document(custom))
    hashes[name] = custom_hash(versions);
  json_writer w;
  w.open('{').open("paths", '{');
  for (const auto& [name, hash] : hashes)
    w.open(name, '{').text("serverRelativeURL", "/openapi/v3/" + name + "?hash=" + hash).close('}');
  return w.close('}').close('}').take();
}

/// Documents that someone still holds: concurrent clients share one, and none stays for good.
class held_documents {
 public:
  template <class Make>
  document get(std::string_view path, std::string_view type, std::uint64_t registry, Make&& make) {
    const std::lock_guard lock(mutex_);
    held& h = all_[std::string(path) + " " + std::string(type)];
    if (h.registry == registry)
      if (auto text = h.text.lock()) return {std::move(text), h.etag, std::string(type)};
    document made = make();
    h = {made.text, made.etag, registry};
    return made;
  }

 private:
  struct held {
    std::weak_ptr<const std::string> text;
    std::string etag;
    std::uint64_t registry = 0;
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
    // The index has no other form.
    if (path.starts_with("/openapi/v3/") &&
        (type == protobuf_3_type || type == old_protobuf_3_type))
      return openapi_format::protobuf;
    accept.remove_prefix(std::min(end + 1, accept.size()));
  }
  return std::nullopt;
}

document openapi_2_in(const document& text, openapi_format format) {
  if (!text || format == openapi_format::text) return text;
  return as_document(gnostic_document(*text.text), protobuf_type);
}

document openapi_text(std::string_view path, openapi_format format, const custom_kinds& custom) {
  static held_documents held;
  constexpr std::string_view v3 = "/openapi/v3";
  if (path == v3) {
    static const document built_in = as_document(index_text({}));
    if (custom.definitions().empty()) return built_in;
    return held.get(path, json_type, custom.number(),
                    [&] { return as_document(index_text(custom)); });
  }
  if (path == "/openapi/v2")
    return format == openapi_format::text
               ? held.get(path, json_type, custom.number(),
                          [&] { return as_document(version_2(custom)); })
               : held.get(path, protobuf_type, custom.number(), [&] {
                   return as_document(gnostic_document(version_2(custom)), protobuf_type);
                 });
  if (!path.starts_with(v3) || path.size() <= v3.size() + 1) return {};
  if (format == openapi_format::protobuf) {
    // The tag is that of the contents, whatever their form.
    const document text = openapi_text(path, openapi_format::text, custom);
    if (!text) return {};
    return {std::make_shared<const std::string>(gnostic_document_3(*text.text)), text.etag,
            std::string(protobuf_3_type)};
  }
  const auto name = path.substr(v3.size() + 1);
  const auto documents = kinds_by_document();
  if (const auto found = documents.find(name); found != documents.end())
    return held.get(path, json_type, 0, [&] { return as_document(version_3(found->second)); });
  const auto more = custom_by_document(custom);
  const auto added = more.find(name);
  if (added == more.end()) return {};
  document made = as_document(custom_version_3(added->second));
  made.etag = "\"" + custom_hash(added->second) + "\"";
  return made;
}

}  // namespace troupe::model
