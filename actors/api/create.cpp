#include "actors/api/admission.hpp"
#include "actors/api/call.hpp"
#include "actors/api/precedents.hpp"
#include "model/admission/admit.hpp"
#include "model/authorize.hpp"
#include "model/certificate_admission.hpp"
#include "model/conversion.hpp"
#include "model/created_fields.hpp"
#include "model/custom/kinds.hpp"
#include "model/generated_name.hpp"
#include "model/managed_fields.hpp"
#include "model/rbac/escalation.hpp"
#include "model/strategy.hpp"
#include "model/validation/validate.hpp"
#include "model/warnings/warnings.hpp"
#include "net/tls/pki.hpp"

namespace troupe::api {
namespace {

std::optional<status> place(const call& c, json& document) {
  json& meta = document["metadata"];
  if (!c.kind->namespaced) {
    if (!model::string_at(meta, {"namespace"}).empty())
      return model::bad_request("namespace may not be specified for a cluster-scoped object");
    return std::nullopt;
  }
  const std::string ns = model::string_at(meta, {"namespace"}, c.info.ns);
  if (!ns.empty() && ns != c.info.ns)
    return model::bad_request(
        "the namespace of the provided object does not match the namespace sent on the request");
  meta["namespace"] = c.info.ns;
  return std::nullopt;
}

// True when the name was made up here.
bool generate_name(json& meta, model::random_source& random) {
  if (!model::string_at(meta, {"name"}).empty()) return false;
  std::string base = model::string_at(meta, {"generateName"});
  if (base.empty()) return false;
  meta["name"] = model::generated_name(std::move(base), random);
  return true;
}

// The account of every namespace is made just after the namespace.
bool awaits_account(const call& c, const environment& e) {
  if (!e.tokens || c.kind->resource != "pods") return false;
  if (model::string_at(c.body, {"spec", "serviceAccountName"}, "default") != "default")
    return false;
  if (e.objects.get({"serviceaccounts", c.info.ns, "default"})) return false;
  const auto ns = e.objects.get({"namespaces", "", c.info.ns});
  return ns && !ns->header().deleting;
}

// The groups that a PKCS #10 request asks for. What cannot be read has none: it is never signed.
std::vector<std::string> groups_asked_for(const std::string& request) {
  try {
    return tls::parse_request(request).subject.organizations;
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace

std::optional<decision> wait_for_account(const call& c, const environment& e) {
  if (c.waits + 1 >= max_waits || !awaits_account(c, e)) return std::nullopt;
  decision later;
  later.wait = true;
  return later;
}

model::cluster_view view_of(const store::cache& objects) {
  return {[&objects](const object_key& key) { return objects.get(key); },
          [&objects](std::string_view resource, std::string_view ns) {
            return objects.list(resource, ns).objects;
          }};
}

std::vector<model::cause> assign_addresses(environment& e, const object_key& key, json& service) {
  e.claims.follow(e.objects);
  return model::assign_addresses(
      service, e.services, [&](const std::string& claim) { return e.claims.taken(claim, key); },
      e.random);
}

namespace {

// `fresh`: the body has only just been read. `seen` takes what admission looks up.
decision create_anew(call& c, environment& e, bool fresh, lookups* seen) {
  const bool by_update = c.info.verb == "update";
  if (auto later = wait_for_account(c, e)) return std::move(*later);
  if (fresh || by_update) {
    if (auto bad = decode_document(c, *c.kind, c.body)) return *bad;
    if (auto bad = place(c, c.body)) return *bad;
    if (!model::string_at(c.body, {"metadata", "resourceVersion"}).empty())
      return model::bad_request("resourceVersion should not be set on objects to be created");
  }
  const bool chooses = model::chooses_addresses(*c.kind);
  const bool may_repeat = chooses || by_update || e.hooks.any_mutating() ||
                          model::string_at(c.body, {"metadata", "name"}).empty();
  json document = may_repeat ? c.body : std::move(c.body);
  const bool named_here = generate_name(document["metadata"], e.random);
  // A second attempt to choose addresses is no second attempt to create.
  if (chooses && c.attempts > 1 && !named_here) {
    object_key key{std::string(c.kind->resource), c.info.ns,
                   model::string_at(document, {"metadata", "name"})};
    if (e.objects.get(key)) return model::already_exists(key);
  }
  const bool generated = !model::string_at(document, {"metadata", "generateName"}).empty();
  // A status is the server's.
  if (c.kind->subresource("status") && c.kind->resource != "nodes") document.erase("status");
  // The writer manages what was sent, not what the server adds.
  std::string managed_fields;
  if (e.hooks.any() || is_converted(*c.kind)) {
    model::update_managed_fields(document, nullptr, {c.manager}, e.now, *c.kind);
  } else {  // Nobody looks at them before they are stored.
    if (json& meta = document["metadata"]; meta.is_object()) meta.erase("managedFields");
    managed_fields = model::created_fields(document, {c.manager}, e.now, *c.kind);
  }
  decision d = create_document(c, e, std::move(document), managed_fields, seen);
  d.retry = named_here || by_update || chooses;
  d.generated = generated;
  return d;
}

}  // namespace

decision create(call& c, environment& e) {
  if (c.is_read) return create_anew(c, e, c.attempts == 1, nullptr);
  if (auto d = e.earlier.follow(c, e)) return std::move(*d);
  if (auto bad = read_body(c, c.text.bytes())) return *bad;
  if (!e.earlier.recurs(c)) return create_anew(c, e, true, nullptr);
  lookups seen;
  decision d = create_anew(c, e, true, &seen);
  e.earlier.keep(c, e, d, std::move(seen));
  return d;
}

decision create_document(call& c, environment& e, json document, std::string_view managed_fields,
                         lookups* seen) {
  decision d;
  d.code = 201;
  if (const auto* custom = model::custom_of(*c.kind); custom && custom->definition->terminating)
    return status{405, "MethodNotAllowed",
                  "create not allowed while custom resource definition is terminating"};
  if (auto bad = model::restrict_node({c.user.name, c.user.groups}, c.info, document)) return *bad;
  model::prepare_for_create(*c.kind, document, e.random.uuid(), e.now,
                            {c.user.name, c.user.groups});
  std::string name = model::string_at(document, {"metadata", "name"});
  const object_key key{std::string(c.kind->resource), c.kind->namespaced ? c.info.ns : "", name};
  const auto cluster = seen ? seen->noting(view_of(e.objects)) : view_of(e.objects);
  const model::admission_request admission{*c.kind, key, cluster, e.tokens != nullptr};
  if (auto bad = model::admit_changes(admission, document, e.random)) return *bad;
  if (auto ask = mutate_object(c, e.hooks, document, nullptr, 0)) return std::move(*ask);
  if (auto bad = model::rbac::refuse_escalation(e.rights, {c.user.name, c.user.groups}, key,
                                                nullptr, document))
    return *bad;
  if (model::chooses_addresses(*c.kind))
    if (auto causes = assign_addresses(e, key, document); !causes.empty())
      return model::invalid(c.kind->group, c.kind->kind, name, std::move(causes));
  const model::kind_info& judged = model::judged_as(*c.kind);
  model::convert(*c.kind, judged, document);
  if (auto causes = model::validate_create(judged, document); !causes.empty())
    return model::invalid(c.kind->group, c.kind->kind, name, std::move(causes));
  if (auto bad = model::restrict_certificate_subject(key, document, groups_asked_for)) return *bad;
  model::admission_notes said;
  const auto bad = model::admit_valid(admission, document, said);
  said.audit_annotations.merge(c.audit_annotations);
  c.audit_annotations = std::move(said.audit_annotations);
  if (bad) return *bad;
  if (c.attempts == 1)
    c.warnings.insert(c.warnings.end(), said.warnings.begin(), said.warnings.end());
  if (c.attempts == 1)
    for (auto& warning : model::warnings_of(judged, nullptr, document))
      c.warnings.push_back(std::move(warning));
  if (e.hooks.any()) d.reviews.push_back(admission_of(c, "CREATE", document, nullptr));
  write w{write_op::create, std::string(c.kind->resource), c.kind->namespaced ? c.info.ns : "",
          std::move(name)};
  set_document(d, w, judged, std::move(document), managed_fields);
  d.change = std::move(w);
  return d;
}

}  // namespace troupe::api
