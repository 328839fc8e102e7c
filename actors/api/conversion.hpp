#pragma once

#include "actors/api/admission.hpp"
#include "actors/api/call.hpp"

#include <caf/typed_actor.hpp>

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

/// Objects that a watch shows, and what became of them.
struct conversion_task {
  const model::kind_info& to;
  std::shared_ptr<const void> kept;  ///< keeps `to`
  std::vector<object_ptr> objects;
  std::optional<status> refused;
};
using conversion_ptr = std::shared_ptr<conversion_task>;

using convert_atom = caf::atom_constant<caf::atom("convert")>;
/// Makes the objects of a task those of its version; for actors of the same process.
using converter_actor =
    caf::typed_actor<caf::replies_to<convert_atom, conversion_ptr>::with<conversion_ptr>>;

/// The same object with another text.
object_ptr with_text(const model::object& of, const json& document);

/// The stored objects that a GET or LIST is about. Where they are selected by fields of a version
/// that a webhook has yet to make, these are all there are, and select_converted() is to follow.
std::variant<store::page, status> stored_page(const call& c, const store::cache& objects,
                                              model::time_point now);
/// Those of them that are stored in another version.
std::vector<json> documents_of_others(const model::kind_info& kind, const store::page& page);
/// Keeps what a list selects, once it is converted.
void select_converted(const call& c, store::page& page);
/// Puts them back in their places.
void put_converted(const model::kind_info& kind, std::vector<json> made, store::page& page);
api_response shown_page(const call& c, const store::page& page, model::time_point now);

}  // namespace troupe::api

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::api::conversion_ptr)
