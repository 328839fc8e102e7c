#pragma once

#include "actors/api/call.hpp"
#include "model/custom/kinds.hpp"

namespace troupe::api {

/// A refusal as a response.
api_response answer(const status& s);

/// An object as the call wants to see it, with the call's warnings.
api_response answer(call& c, const object_ptr& object, const decision& d, model::time_point now);

/// A deletecollection's answer: the list that it went by.
api_response answer(call& c, const store::page& listed, model::time_point now);

/// GET and LIST.
api_response read(const call& c, const store::cache& objects, model::time_point now);

/// A discovery or OpenAPI document, for clients that come without HTTP; nothing when the request is
/// for something else.
std::optional<api_response> document(const api_request& request, const model::custom_kinds& custom,
                                     const model::authorizer& rights);

/// What a dry run shows in place of a stored object: the change, without a version of its own.
object_ptr dry_result(const decision& d);

}  // namespace troupe::api
