#include "model/openapi.hpp"

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

document as_document(std::string text) {
  std::string etag = "\"" + content_hash(text) + "\"";
  return {std::make_shared<const std::string>(std::move(text)), std::move(etag)};
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
  document get(std::string_view path, Make&& make) {
    const std::lock_guard lock(mutex_);
    held& h = all_[std::string(path)];
    if (auto text = h.text.lock()) return {std::move(text), h.etag};
    document made = as_document(make());
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

document openapi_text(std::string_view path) {
  static held_documents held;
  constexpr std::string_view v3 = "/openapi/v3";
  if (path == v3) {
    static const document index = as_document(index_text());
    return index;
  }
  if (path == "/openapi/v2") return held.get(path, version_2);
  if (!path.starts_with(v3) || path.size() <= v3.size() + 1) return {};
  const auto documents = kinds_by_document();
  const auto found = documents.find(path.substr(v3.size() + 1));
  if (found == documents.end()) return {};
  return held.get(path, [&] { return version_3(found->second); });
}

}  // namespace troupe::model
