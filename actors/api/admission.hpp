#pragma once

#include "actors/api/call.hpp"
#include "actors/api/hook_call.hpp"
#include "actors/api/hook_table.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace troupe::api {

/// What admission is asked about a call. `operation`: CREATE, UPDATE, DELETE.
model::hook_request admission_of(const call& c, const char* operation, json object, json old);

/// Whether a request is one that a mutating webhook wants to see.
bool wants_mutation(const hook_table& hooks, const model::hook_request& r);

/// Shows mutating webhooks what an update makes of this version of an object (0: a new one): a
/// decision that asks them; none once `document` is as they left it.
std::optional<decision> mutate_object(call& c, const hook_table& hooks, json& document,
                                      const json& old, std::uint64_t version);
/// Shows them the body of a creation that is no object of its own (a Binding, an Eviction, a
/// TokenRequest): a decision that asks them; none once the body is as they left it.
std::optional<decision> mutate_body(call& c, const hook_table& hooks);

/// How webhooks are asked: the answer comes later, on the actor's thread.
using ask_hook = std::function<void(hook_call, std::function<void(const hook_reply&)>)>;

/// What all webhooks of a kind made of a request.
struct admitted {
  std::optional<status> refused;
  json object;  ///< as mutating webhooks left it
  std::vector<std::string> warnings;
  std::map<std::string, std::string> audit_annotations;
};
using admission_done = std::function<void(admitted)>;

/// Asks the mutating webhooks one after the other, and once more those that want to see what others
/// changed after them.
void mutate(const hook_table& hooks, model::random_source& random, const ask_hook& ask,
            model::hook_request r, admission_done done);

/// Asks the policies, then all validating webhooks at once.
void review(const hook_table& hooks, model::random_source& random, const ask_hook& ask,
            std::vector<model::hook_request> requests, admission_done done);

}  // namespace troupe::api
