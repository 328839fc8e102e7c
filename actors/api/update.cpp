#include "actors/api/admission.hpp"
#include "actors/api/call.hpp"
#include "model/admission.hpp"
#include "model/admission/admit.hpp"
#include "model/apply/apply.hpp"
#include "model/authorizer.hpp"
#include "model/certificate_admission.hpp"
#include "model/conversion.hpp"
#include "model/managed_fields.hpp"
#include "model/node_labels.hpp"
#include "model/patch/patch.hpp"
#include "model/rbac/escalation.hpp"
#include "model/strategy.hpp"
#include "model/validation/validate.hpp"
#include "model/warnings/warnings.hpp"

namespace troupe::api {
namespace {

model::applier applier_of(const call& c) {
  return {c.manager, c.info.subresource, c.info.flag("force")};
}

std::variant<json, status> wanted(const call& c, const json& old, model::time_point now) {
  if (c.info.verb == "update") return c.body;
  if (c.applies()) return model::apply_configuration(*c.kind, old, c.body, applier_of(c), now);
  if (c.content_type == "application/json-patch+json") return model::json_patch(old, c.body);
  if (c.content_type == "application/merge-patch+json") return model::merge_patch(old, c.body);
  return model::strategic_merge_patch(old, c.body, *c.kind->type);
}

}  // namespace

std::optional<status> check_place(const call& c, json& document) {
  json& meta = document["metadata"];
  const std::string name = model::string_at(meta, {"name"});
  if (name.empty())
    return model::bad_request("the name of the object (" + c.info.name +
                              " based on URL) was undeterminable: name must be provided");
  if (name != c.info.name)
    return model::bad_request("the name of the object (" + name +
                              ") does not match the name on the URL (" + c.info.name + ")");
  if (!c.kind->namespaced) return std::nullopt;
  const std::string ns = model::string_at(meta, {"namespace"}, c.info.ns);
  if (ns != c.info.ns)
    return model::bad_request(
        "the namespace of the provided object does not match the namespace sent on the request");
  meta["namespace"] = ns;
  return std::nullopt;
}

std::optional<status> check_preconditions(const call& c, const json& document, const json& old,
                                          bool& conditional) {
  const std::string version = model::string_at(document, {"metadata", "resourceVersion"});
  if (version.empty() && c.info.verb == "update" && !model::updates_unconditionally(*c.kind))
    return model::invalid(
        c.kind->group, c.kind->plural, c.info.name,
        {{"FieldValueInvalid", "Invalid value: 0x0: must be specified for an update",
          "metadata.resourceVersion"}});
  conditional = !version.empty() && version != "0" && c.info.verb == "update";
  if (!version.empty() && version != "0" &&
      version != model::string_at(old, {"metadata", "resourceVersion"}))
    return model::modified(c.key());
  const std::string uid = model::string_at(document, {"metadata", "uid"});
  const std::string had = model::string_at(old, {"metadata", "uid"});
  if (!uid.empty() && uid != had)
    return model::conflict(c.key(), "Precondition failed: UID in precondition: " + uid +
                                        ", UID in object meta: " + had);
  return std::nullopt;
}

namespace {

// What of `document` a subresource lets through.
void prepare(const call& c, const json& old, json& document, model::time_point now) {
  const auto& sub = c.info.subresource;
  if (sub.empty()) return model::prepare_for_update(*c.kind, old, document);
  if (sub == "finalize") {
    model::prepare_for_finalize(old, document);
  } else if (sub == "ephemeralcontainers") {
    json added = model::at(document, {"spec", "ephemeralContainers"});
    document = old;
    document["spec"]["ephemeralContainers"] = added.is_null() ? json::array() : std::move(added);
    if (document["spec"]["ephemeralContainers"].empty())
      document["spec"].erase("ephemeralContainers");
  } else if (sub == "approval") {
    model::prepare_for_approval(*c.kind, old, document, now);
  } else if (sub == "resize") {
    model::prepare_for_resize(old, document);
    model::prepare_for_update(*c.kind, old, document);
  } else {
    model::prepare_for_status_update(*c.kind, old, document, now);
  }
}

std::vector<model::cause> validate_as(const model::kind_info& kind, const std::string& sub,
                                      const json& old, const json& document) {
  if (sub == "status") return model::validate_status_update(kind, old, document);
  if (sub == "approval") return model::validate_approval_update(kind, old, document);
  if (sub == "ephemeralcontainers")
    return model::validate_ephemeral_containers_update(old, document);
  if (sub == "resize") return model::validate_resize(old, document);
  return model::validate_update(kind, old, document);
}

std::vector<model::cause> validate(const call& c, const json& old, const json& document) {
  const model::kind_info& judged = model::judged_as(*c.kind);
  if (&judged == c.kind) return validate_as(judged, c.info.subresource, old, document);
  json was = old;
  json is = document;
  model::convert(*c.kind, judged, was);
  model::convert(*c.kind, judged, is);
  return validate_as(judged, c.info.subresource, was, is);
}

// A PUT of an object that is not there, of a kind that is created so.
decision create_missing(call& c, environment& e) {
  if (auto bad = check_place(c, c.body)) return *bad;
  json& meta = c.body["metadata"];
  if (const std::string uid = model::string_at(meta, {"uid"}); !uid.empty())
    return model::conflict(
        c.key(), "Precondition failed: UID in precondition: " + uid + ", UID in object meta: ");
  meta.erase("resourceVersion");
  return create(c, e);
}

// An apply of an object that is not there.
decision create_applied(call& c, environment& e) {
  if (auto later = wait_for_account(c, e)) return std::move(*later);
  model::request_info create = c.info;
  create.verb = "create";
  if (auto bad = model::authorize(e.rights, {c.user.name, c.user.groups}, create)) return *bad;
  auto made = model::apply_configuration(*c.kind, nullptr, c.body, applier_of(c), e.now);
  if (auto* bad = std::get_if<status>(&made)) return std::move(*bad);
  json& document = std::get<json>(made);
  if (auto bad = decode_document(c, *c.kind, document)) return *bad;
  if (const std::string uid = model::string_at(document, {"metadata", "uid"}); !uid.empty())
    return model::conflict(c.key(), "uid mismatch: the provided object specified uid " + uid +
                                        ", and no existing object was found");
  if (model::string_at(document, {"metadata", "name"}).empty())
    document["metadata"]["name"] = c.info.name;
  if (auto bad = check_place(c, document)) return *bad;
  decision d = create_document(c, e, std::move(document));
  d.retry = true;
  return d;
}

// Brings managedFields up to date; false when the write changes nothing else.
bool changed(const call& c, const json& old, json& document, model::time_point now) {
  if (document == old) return false;
  if (c.applies()) {
    model::touch_manager(document, applier_of(c).writer(), *c.kind, now);
  } else {
    model::update_managed_fields(document, &old,
                                 {c.manager, model::manage_operation::update, c.info.subresource},
                                 now, *c.kind);
    return document != old;  // The client may have left them out.
  }
  return true;
}

// An update or a patch of an object that is not there. What a PUT brings is judged first.
decision update_missing(call& c, environment& e) {
  const bool whole = c.info.subresource.empty();
  if (c.applies() && whole) return create_applied(c, e);
  if (c.info.verb == "update") {
    if (whole && model::creates_on_update(*c.kind)) return create_missing(c, e);
    if (auto bad = decode_document(c, *c.kind, c.body)) return *bad;
    if (auto bad = check_place(c, c.body)) return *bad;
  }
  return model::not_found(c.key());
}

}  // namespace

decision update(call& c, environment& e) {
  const object_key key = c.key();
  const object_ptr stored = e.objects.get(key);
  if (!stored) return update_missing(c, e);
  auto read = read_stored(c, *stored);
  if (auto* first = std::get_if<decision>(&read)) return std::move(*first);
  const json& old = std::get<json>(read);
  auto made = wanted(c, old, e.now);
  if (auto* bad = std::get_if<status>(&made)) return std::move(*bad);
  json& document = std::get<json>(made);
  if (auto bad = decode_document(c, *c.kind, document)) return *bad;
  if (auto bad = check_place(c, document)) return *bad;
  bool conditional = false;
  if (auto bad = check_preconditions(c, document, old, conditional)) return *bad;
  if (auto bad = model::restrict_node({c.user.name, c.user.groups}, c.info, old)) return *bad;
  if (auto ask = mutate_object(c, e.hooks, document, old, stored->version()))
    return std::move(*ask);
  document["metadata"]["resourceVersion"] = std::to_string(stored->version());
  prepare(c, old, document, e.now);
  if (c.info.subresource.empty()) model::admit_update_changes(*c.kind, document);
  if (auto bad = model::rbac::refuse_escalation(e.rights, {c.user.name, c.user.groups}, key, &old,
                                                document))
    return *bad;
  if (auto bad = model::restrict_node_update({c.user.name, c.user.groups}, key, old, document))
    return *bad;
  if (auto bad = model::refuse_certificate(e.rights, {c.user.name, c.user.groups}, key,
                                           c.info.subresource, old, document))
    return *bad;
  if (c.info.subresource.empty() && model::chooses_addresses(*c.kind))
    if (auto causes = assign_addresses(e, key, document); !causes.empty())
      return model::invalid(c.kind->group, c.kind->kind, c.info.name, std::move(causes));
  if (auto causes = validate(c, old, document); !causes.empty())
    return model::invalid(c.kind->group, c.kind->kind, c.info.name, std::move(causes));
  if (c.info.subresource.empty() || c.info.subresource == "ephemeralcontainers") {
    model::admission_notes said;
    const auto cluster = view_of(e.objects);
    const auto bad = model::admit_update({*c.kind, key, cluster}, old, document, said);
    said.audit_annotations.merge(c.audit_annotations);
    c.audit_annotations = std::move(said.audit_annotations);
    if (bad) return *bad;
    if (c.attempts == 1)
      c.warnings.insert(c.warnings.end(), said.warnings.begin(), said.warnings.end());
  }
  if (c.info.subresource.empty() && c.attempts == 1)
    for (auto& warning : model::warnings_of(*c.kind, &old, document))
      c.warnings.push_back(std::move(warning));
  decision d;
  if (e.hooks.any()) d.reviews.push_back(admission_of(c, "UPDATE", document, old));
  if (!changed(c, old, document, e.now)) {
    d.object = stored;
    if (is_converted(*c.kind)) d.shown = old;
    return d;
  }
  d.retry = !conditional;
  write w{write_op::update, key.resource, key.ns, key.name};
  w.if_version = stored->version();
  if (model::may_vanish(*c.kind, document))
    w.op = write_op::remove;
  else
    set_document(d, w, *c.kind, std::move(document));
  d.change = std::move(w);
  model::discard(std::move(std::get<json>(read)));
  return d;
}

}  // namespace troupe::api
