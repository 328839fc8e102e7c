#pragma once

#include "actors/api/admission.hpp"
#include "actors/api/call.hpp"

#include <functional>
#include <variant>
#include <vector>

namespace troupe::api {

/// What a conversion webhook made, in the order in which it was asked.
struct converted {
  std::optional<status> refused;
  std::vector<json> objects;
};

/// Asks the webhook of a custom kind's definition to make objects of the version `to`. What is of
/// that version already stays as it is.
void convert(const model::kind_info& to, std::vector<json> objects, model::random_source& random,
             const ask_hook& ask, const hook_table& hooks, std::function<void(converted)> done);

/// The stored objects that a GET or LIST is about.
std::variant<store::page, status> stored_page(const call& c, const store::cache& objects,
                                              model::time_point now);
/// Those of them that are stored in another version.
std::vector<json> documents_of_others(const model::kind_info& kind, const store::page& page);
/// Puts them back in their places.
void put_converted(const model::kind_info& kind, std::vector<json> made, store::page& page);
api_response shown_page(const call& c, const store::page& page, model::time_point now);

}  // namespace troupe::api
