#include "actors/api/answer.hpp"
#include "model/authorizer.hpp"
#include "model/discovery.hpp"
#include "model/openapi.hpp"

namespace troupe::api {

std::optional<api_response> document(const api_request& request, const model::custom_kinds& custom,
                                     const model::authorizer& rights) {
  if (request.method != "GET") return std::nullopt;
  const auto parsed = model::parse_request(request.method, request.target);
  const auto* info = std::get_if<model::request_info>(&parsed);
  if (!info || info->is_resource) return std::nullopt;
  const model::document found =
      info->path.starts_with("/openapi")
          ? model::openapi_text(info->path, model::openapi_format::text, custom)
          : model::discovery_text(info->path, model::discovery_format_of(request.accept), custom);
  if (!found) return std::nullopt;
  if (auto bad = model::authorize(rights, {request.user.name, request.user.groups}, *info))
    return answer(*bad);
  api_response r;
  r.content_type = found.content_type;
  r.body = blob_ref(found.text);
  return r;
}

}  // namespace troupe::api
