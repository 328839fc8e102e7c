#pragma once

// Inside of the API actor: one request on its way, and what the verbs make of it. No actor in here.

#include "actors/api/api.hpp"
#include "messages/api.hpp"
#include "messages/store.hpp"
#include "model/admission/cluster_view.hpp"
#include "model/audit_notes.hpp"
#include "model/authorizer.hpp"
#include "model/deletion.hpp"
#include "model/hooks/hook.hpp"
#include "model/random.hpp"
#include "model/request_info.hpp"
#include "model/schema.hpp"
#include "model/service_addresses.hpp"
#include "model/status.hpp"
#include "model/time.hpp"
#include "store/claim_table.hpp"
#include "store/reads.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::api {

class hook_table;
class lookups;
class precedents;

using model::json;
using model::object_key;
using model::object_ptr;
using model::status;

/// Server-side apply, the only patch that is written in YAML and that may create.
inline constexpr const char* apply_patch_type = "application/apply-patch+yaml";

/// What the verbs decide from.
struct environment {
  const store::cache& objects;
  model::random_source& random;
  model::time_point now;
  const model::service_ranges& services;
  store::claim_table& claims;
  const token_authenticator& authenticate;
  const model::authorizer& rights;
  const model::token_issuer* tokens;  ///< null: none
  const hook_table& hooks;
  precedents& earlier;  ///< creations
};

/// An authorized request, understood; its body is decoded, unless it may have a precedent.
struct call {
  model::request_info info;
  const model::kind_info* kind = nullptr;
  std::shared_ptr<const void> kept;  ///< what keeps the kind
  store::rendering show;
  user_info user;
  std::string manager;       ///< of managedFields
  std::string content_type;  ///< without parameters, lower case
  blob_ref text;             ///< of a body that may have a precedent
  bool is_read = false;      ///< the body has been decoded
  json body;
  std::vector<std::string> duplicates;  ///< strict errors: keys that the body had twice
  bool dry_run = false;
  int waits = 0;                      ///< how often it was put off
  int attempts = 0;                   ///< made so far
  std::optional<store::page> listed;  ///< what a deletecollection goes by, and answers
  bool disruption_taken = false;      ///< an eviction's budget has been written already
  std::vector<std::string> warnings;
  std::map<std::string, std::string> audit_annotations;  ///< what admission has to say there
  model::audited_object named;                           ///< what the log takes from the body
  std::optional<json> mutated;     ///< the object as mutating webhooks left it
  std::uint64_t mutated_from = 0;  ///< the version that it is an update of; 0: it is new
  bool body_mutated = false;       ///< mutating webhooks have had the body
  std::optional<json> read_as;     ///< the stored object as a conversion webhook shows it
  std::uint64_t read_from = 0;     ///< the version that it was made of

  bool applies() const { return info.verb == "patch" && content_type == apply_patch_type; }

  object_key key() const {
    return {std::string(kind->resource), kind->namespaced ? info.ns : "", info.name};
  }
};

/// What a verb made of a call: a refusal, a change to commit, or an answer without one.
struct decision {
  std::optional<status> refused;
  std::optional<model::hook_request> mutate;  ///< has to be asked first; then decide again
  std::vector<model::hook_request> reviews;   ///< have to be asked before anything is written
  std::vector<json> convert;   ///< have to be in the call's version first; then decide again
  std::optional<json> store;   ///< what `change` writes, before it is made the stored version
  std::optional<json> shown;   ///< the answer's object, in the call's version
  std::optional<write> first;  ///< has to be committed before the change: an eviction's budget
  std::optional<write> change;
  std::vector<write> batch;  ///< of deletecollection
  object_ptr object;         ///< the answer without a change, or of a change in a dry run
  int code = 200;
  bool say_success = false;  ///< answer a Status "Success" instead of the object
  bool retry = false;        ///< a conflict only means that the decision is out of date
  bool wait = false;         ///< what is missing is about to come: decide again soon
  bool generated = false;    ///< the name was made up: another one may be free

  decision() = default;
  decision(status s) : refused(std::move(s)) {}  // NOLINT: a refusal is a decision
};

/// How often a change that depends on the object's latest state is tried: Kubernetes applies a
/// patch to whatever version it meets until one is taken, so that many patches of one object all
/// succeed.
inline constexpr int max_attempts = 100;
/// Writes of one request that are with the store at a time.
inline constexpr std::size_t writes_at_once = 1024;
/// How often, and after what time, an account is looked for that a new namespace is to get.
inline constexpr int max_waits = 40;
inline constexpr std::chrono::milliseconds wait_step{25};
/// How many names are tried for an object with a generateName.
inline constexpr int max_names = 8;

/// Understands and authorizes a request and decodes its body, unless that may have a precedent.
std::variant<call, status> accept(api_request& request, const store::cache& objects,
                                  const model::authorizer& rights);
/// Decodes the body of a call.
std::optional<status> read_body(call& c, const std::string& text);

/// Decides what a write of any verb does. Called again with the same call after a conflict.
decision decide(call& c, environment& e);

// The verbs.
decision create(call& c, environment& e);
decision update(call& c, environment& e);  ///< PUT and PATCH, also of subresources
decision remove(call& c, environment& e);
decision remove_collection(call& c, environment& e);
decision bind(call& c, environment& e);
decision evict(call& c, environment& e);
decision scale(call& c, environment& e);   ///< PUT and PATCH of .../scale
decision token(call& c, environment& e);   ///< a TokenRequest of a service account
decision review(call& c, environment& e);  ///< kinds that are questions, not objects

// What an update must keep to.

/// The name and namespace of the URL.
std::optional<status> check_place(const call& c, json& document);
/// The resourceVersion and uid that the document names; `conditional`: it names a version.
std::optional<status> check_preconditions(const call& c, const json& document, const json& old,
                                          bool& conditional);

/// How admission looks at the objects.
model::cluster_view view_of(const store::cache& objects);

/// Puts a pod off that comes before the account which its new namespace is about to get.
std::optional<decision> wait_for_account(const call& c, const environment& e);

/// The last steps of a creation: `document` is decoded and has its managedFields, or they stand
/// beside it as text. `seen` notes what admission looks up.
decision create_document(call& c, environment& e, json document,
                         std::string_view managed_fields = {}, lookups* seen = nullptr);

/// Gives a service the addresses and node ports that it needs, of those that no other one has as
/// far as this process knows; the store refuses what another process gave away at the same time.
std::vector<model::cause> assign_addresses(environment& e, const object_key& key, json& service);

/// Whether a webhook changes the objects of a kind from version to version.
bool is_converted(const model::kind_info& kind);
/// The stored object in the version of the call; or a decision that asks for its conversion.
std::variant<json, decision> read_stored(call& c, const model::object& stored);
/// What is to be stored of a document in the version `kind`, and what the answer shows of it.
void set_document(decision& d, write& w, const model::kind_info& kind, json document,
                  std::string_view managed_fields = {});

/// Notes what the body names, for the log: that of a creation or an update that could be decoded.
void note_named(call& c, const json& document);

/// Refuses a document that says it is of another kind; one that says nothing is of this one.
std::optional<status> check_kind(const call& c, const model::kind_info& kind, json& document);

/// Checks a document against its kind as fieldValidation asks, and sets the defaults.
std::optional<status> decode_document(call& c, const model::kind_info& kind, json& document);

}  // namespace troupe::api
