#pragma once

#include "model/custom/kinds.hpp"
#include "model/request_info.hpp"
#include "model/time.hpp"
#include "net/http/message.hpp"

#include <variant>

namespace troupe::rest {

/// Answers a GET of a discovery or OpenAPI document, conditional ones included; the Status says
/// that there is none, or none that the client takes.
std::variant<http::response, model::status> answer_document(const model::request_info& info,
                                                            const http::request& request,
                                                            const model::custom_kinds& custom,
                                                            model::time_point now);

}  // namespace troupe::rest
