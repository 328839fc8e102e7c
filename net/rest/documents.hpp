#pragma once

#include "model/custom/kinds.hpp"
#include "model/document.hpp"
#include "model/request_info.hpp"
#include "model/time.hpp"
#include "net/http/message.hpp"

#include <functional>
#include <string_view>
#include <variant>

namespace troupe::rest {

/// Puts into a document of this server (which may be none) what others serve.
using merge_document =
    std::function<model::document(std::string_view path, const model::document& base)>;

/// Answers a GET of a discovery or OpenAPI document, conditional ones included; the Status says
/// that there is none, or none that the client takes. `merge` may be null.
std::variant<http::response, model::status> answer_document(const model::request_info& info,
                                                            const http::request& request,
                                                            const model::custom_kinds& custom,
                                                            model::time_point now,
                                                            const merge_document& merge = {});

}  // namespace troupe::rest
