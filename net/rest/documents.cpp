#include "net/rest/documents.hpp"

#include "model/discovery.hpp"
#include "model/openapi.hpp"

namespace troupe::rest {
namespace {

constexpr std::chrono::hours one_year{365 * 24};

model::status not_served() {
  return {404, "NotFound", "the server could not find the requested resource"};
}

/// Whether an If-None-Match header names the tag.
bool names(std::string_view header, std::string_view etag) {
  return header == "*" || header.find(etag) != header.npos;
}

std::variant<model::document, model::status> find_document(const model::request_info& info,
                                                           const http::request& request,
                                                           const model::custom_kinds& custom,
                                                           const merge_document& merge) {
  model::document found;
  bool merges = merge && info.path.starts_with("/apis");
  if (info.path.starts_with("/openapi")) {
    const auto format = model::openapi_format_of(info.path, request.accept);
    if (!format)
      return model::not_acceptable(
          "only the following media types are accepted: application/json, and of /openapi/v2 "
          "application/com.github.proto-openapi.spec.v2.v1.0+protobuf, of those below /openapi/v3 "
          "application/com.github.proto-openapi.spec.v3.v1.0+protobuf");
    const bool v2 = info.path == "/openapi/v2";
    found =
        model::openapi_text(info.path, v2 && merge ? model::openapi_format::text : *format, custom);
    if (v2 && merge) {
      const auto all = merge(info.path, found);
      // What nothing was put into has been made before.
      return all.text == found.text ? model::openapi_text(info.path, *format, custom)
                                    : model::openapi_2_in(all, *format);
    }
    merges = merge && info.path == "/openapi/v3";
  } else {
    found = model::discovery_text(info.path, model::discovery_format_of(request.accept), custom);
  }
  if (merges) found = merge(info.path, found);
  if (!found) return not_served();
  return found;
}

}  // namespace

std::variant<http::response, model::status> answer_document(const model::request_info& info,
                                                            const http::request& request,
                                                            const model::custom_kinds& custom,
                                                            model::time_point now,
                                                            const merge_document& merge) {
  auto looked_up = find_document(info, request, custom, merge);
  if (auto* bad = std::get_if<model::status>(&looked_up)) return std::move(*bad);
  auto& found = std::get<model::document>(looked_up);
  http::response r{200, found.content_type, found.text, {{"Vary", "Accept"}}};
  if (!found.etag.empty()) r.headers.emplace_back("Etag", found.etag);
  std::string caching = "no-cache, private";
  // An address with the document's hash in it never means another document.
  if (const auto hash = info.parameter("hash");
      !hash.empty() && info.path.starts_with("/openapi/v3/")) {
    const std::string own = found.etag.substr(1, found.etag.size() - 2);
    if (hash != own) {
      r = {301, "text/plain; charset=utf-8", nullptr, {{"Location", info.path + "?hash=" + own}}};
    } else {
      caching = "public, immutable";
      r.headers.emplace_back("Expires", http::header_date(now + one_year));
    }
  }
  r.headers.emplace_back("Cache-Control", caching);
  if (r.code == 200 && !found.etag.empty() && names(request.if_none_match, found.etag)) {
    r.code = 304;
    r.body = nullptr;
  }
  return r;
}

}  // namespace troupe::rest
