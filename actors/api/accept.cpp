#include "actors/api/call.hpp"
#include "actors/api/precedents.hpp"
#include "model/authorizer.hpp"
#include "model/custom/kinds.hpp"
#include "model/defaults/defaults.hpp"
#include "model/media_type.hpp"
#include "model/proxy_target.hpp"
#include "model/review.hpp"
#include "model/validation/path.hpp"
#include "model/validation/structural.hpp"
#include "model/validation/wrong_kind.hpp"
#include "model/warnings/warnings.hpp"
#include "model/wire/protobuf.hpp"
#include "store/served.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace troupe::api {
namespace {

constexpr std::size_t longest_manager = 128;

// kubectl/v1.32.0 (linux/amd64) manages fields as "kubectl".
std::string manager_of(const model::request_info& info, std::string_view user_agent) {
  if (const auto given = info.parameter("fieldManager"); !given.empty()) return std::string(given);
  const auto agent = user_agent.substr(0, user_agent.find('/'));
  return agent.empty() ? "unknown" : std::string(agent.substr(0, longest_manager));
}

status not_served() {
  return {404, "NotFound", "the server could not find the requested resource"};
}

status method_not_allowed() {
  return {405, "MethodNotAllowed",
          "the server does not allow this method on the requested resource"};
}

// Methods that the path has none of: POST to an object, PUT to a collection.
bool fits_path(const call& c) {
  if (c.info.verb == "create") return c.info.name.empty() || !c.info.subresource.empty();
  return !c.info.name.empty() || (c.info.verb != "update" && c.info.verb != "patch");
}

// Of what is built in there is no such route; custom resources are asked by one handler for all.
status no_such_verb(const call& c) {
  if (!c.kept) return method_not_allowed();
  return model::method_not_supported(c.kind->resource, c.info.verb);
}

std::optional<status> check_verb(const call& c) {
  const auto& verb = c.info.verb;
  if (!fits_path(c)) return method_not_allowed();
  if (c.info.subresource.empty()) {
    const auto& verbs = c.kind->verbs;
    if (std::find(verbs.begin(), verbs.end(), verb) == verbs.end()) return no_such_verb(c);
    return std::nullopt;
  }
  const auto* sub = c.kind->subresource(c.info.subresource);
  if (!sub) return not_served();
  if (std::find(sub->verbs.begin(), sub->verbs.end(), verb) == sub->verbs.end())
    return no_such_verb(c);
  return std::nullopt;
}

std::optional<status> check_patch_type(const std::string& type) {
  for (const char* known : {"application/json-patch+json", "application/merge-patch+json",
                            "application/strategic-merge-patch+json", apply_patch_type})
    if (type == known) return std::nullopt;
  return model::unsupported_media_type(
      "the body of the request was in an unknown format - accepted media types include: "
      "application/json-patch+json, application/merge-patch+json, "
      "application/strategic-merge-patch+json, application/apply-patch+yaml");
}

// Custom objects have neither struct types nor protobuf.
std::optional<status> check_custom_type(const call& c, const std::string& text) {
  if (c.info.verb == "patch") {
    for (const char* known :
         {"application/json-patch+json", "application/merge-patch+json", apply_patch_type})
      if (c.content_type == known) return std::nullopt;
    return model::unsupported_media_type(
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
  }
  if (text.empty() || c.content_type == "application/json" || c.content_type == "application/yaml")
    return std::nullopt;
  const bool deletes = c.info.verb == "delete" || c.info.verb == "deletecollection";
  if (deletes && c.content_type == "application/vnd.kubernetes.protobuf") return std::nullopt;
  return model::unsupported_media_type(
      "the body of the request was in an unknown format - accepted media types include: "
      "application/json, application/yaml");
}

model::parsed_json parse_body(const call& c, const std::string& text) {
  if (c.content_type == "application/vnd.kubernetes.protobuf") return model::parse_protobuf(text);
  // kubectl applies JSON as YAML, which it is; the parser of JSON is a lot faster.
  const bool yaml = c.content_type == "application/yaml" || c.applies();
  if (yaml && c.applies() && text.find_first_not_of(" \t\r\n") != text.npos &&
      text[text.find_first_not_of(" \t\r\n")] == '{')
    if (auto parsed = model::parse_json(text)) return parsed;
  return yaml ? model::parse_yaml(text) : model::parse_json(text);
}

// What a patch makes of an object is judged as the value of a field "patch".
status undecodable(const call& c, const model::kind_info& kind, const std::string& why) {
  if (c.info.verb != "patch") return model::cannot_decode(kind, why);
  if (c.applies()) return {500, "", "failed to convert the applied object: " + why};
  model::faults f;
  f.invalid(model::field_path("patch"), c.body.dump(), why);
  return model::invalid("", "", "", f.take());
}

// Keys that came twice. An apply is judged at once, as YAML; what others are is judged with their
// fields.
std::optional<status> check_duplicates(call& c, std::vector<std::string> keys,
                                       const std::string& text) {
  const auto validation = c.info.parameter("fieldValidation");
  if (keys.empty() || validation == "Ignore") return std::nullopt;
  if (c.applies()) {
    if (!keys.front().starts_with("line ")) keys = model::parse_yaml(text).duplicates;
    std::string why =
        "error converting YAML to JSON: " + model::duplicate_faults(keys, true).front();
    if (validation == "Strict") return model::bad_request("error strict decoding YAML: " + why);
    c.warnings.push_back(std::move(why));
    return std::nullopt;
  }
  c.duplicates = model::duplicate_faults(keys, c.content_type == "application/yaml");
  if (c.content_type == "application/json-patch+json")
    for (auto& fault : c.duplicates) fault.insert(0, "json patch ");
  return std::nullopt;
}

const char* options_kind(std::string_view verb) {
  if (verb == "create") return "CreateOptions";
  if (verb == "update") return "UpdateOptions";
  return verb == "patch" ? "PatchOptions" : "DeleteOptions";
}

// Names of managers are at most 128 bytes of what can be printed.
void check_manager(std::string_view manager, model::faults& f) {
  const model::field_path path("fieldManager");
  if (manager.size() > longest_manager) f.too_long(path, longest_manager);
  for (std::size_t i = 0; i < manager.size(); ++i) {
    const auto c = static_cast<unsigned char>(manager[i]);
    if (c >= 0x20 && c != 0x7f) continue;
    char code[16];
    std::snprintf(code, sizeof code, "U+%04X", c);
    f.invalid(
        path, manager,
        "invalid character " + std::string(code) + " (at position " + std::to_string(i) + ")");
  }
}

std::optional<status> check_options(call& c) {
  constexpr std::array<std::string_view, 1> stages{"All"};
  constexpr std::array<std::string_view, 3> validations{"Ignore", "Strict", "Warn"};
  model::faults f;
  if (c.info.verb == "patch") {
    if (c.applies() && c.info.parameter("fieldManager").empty())
      f.required(model::field_path("fieldManager"), "is required for apply patch");
    if (!c.applies() && c.info.query.contains("force"))
      f.forbidden(model::field_path("force"), "may not be specified for non-apply patch");
  }
  check_manager(c.info.parameter("fieldManager"), f);
  if (const auto dry = c.info.parameter("dryRun"); !dry.empty()) {
    if (dry != "All") f.not_supported(model::field_path("dryRun"), dry, stages);
    c.dry_run = true;
  }
  const auto validation = c.info.parameter("fieldValidation");
  if (!validation.empty() &&
      std::find(validations.begin(), validations.end(), validation) == validations.end())
    f.not_supported(model::field_path("fieldValidation"), validation, validations);
  if (f.empty()) return std::nullopt;
  return model::invalid("meta.k8s.io", options_kind(c.info.verb), "", f.take());
}

}  // namespace

std::optional<status> read_body(call& c, const std::string& text) {
  c.is_read = true;
  const bool patches = c.info.verb == "patch";
  if (c.kept) {
    if (auto bad = check_custom_type(c, text)) return bad;
  } else if (patches) {
    if (auto bad = check_patch_type(c.content_type)) return bad;
  } else if (c.content_type != "application/yaml" &&
             c.content_type != "application/vnd.kubernetes.protobuf" &&
             c.content_type != "application/json" && !text.empty()) {
    return model::unsupported_media_type(
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json, application/yaml, application/vnd.kubernetes.protobuf");
  }
  const bool deletes = c.info.verb == "delete" || c.info.verb == "deletecollection";
  if (text.empty()) {
    if (deletes) return std::nullopt;
    return model::bad_request("the request has no body");
  }
  auto parsed = parse_body(c, text);
  if (!parsed && c.applies()) return model::bad_request("error decoding YAML: " + parsed.error);
  if (!parsed && patches) return model::bad_request("error decoding patch: " + parsed.error);
  if (!parsed) return model::cannot_decode(*c.kind, parsed.error);
  c.body = std::move(parsed.value);
  if (!patches && !c.body.is_object())
    return model::cannot_decode(*c.kind, "the body is no object");
  if (deletes) return std::nullopt;
  return check_duplicates(c, std::move(parsed.duplicates), text);
}

std::variant<call, status> accept(api_request& request, const store::cache& objects,
                                  const model::authorizer& rights) {
  auto parsed = model::parse_request(request.method, request.target);
  if (auto* bad = std::get_if<status>(&parsed)) return std::move(*bad);
  call c;
  c.info = std::move(std::get<model::request_info>(parsed));
  if (auto bad = model::authorize(rights, {request.user.name, request.user.groups}, c.info))
    return *bad;
  if (!c.info.is_resource || c.info.resource.empty()) return not_served();
  if (model::is_proxied(c.info))
    return status{501, "NotImplemented", "requests are passed on to others over HTTPS alone"};
  auto found = store::find_kind(objects, c.info.group, c.info.version, c.info.resource);
  if (!found) return not_served();
  c.kind = found.kind;
  c.kept = std::move(found.kept);
  if (c.kind->namespaced && c.info.ns.empty() && c.info.verb != "list" && c.info.verb != "watch")
    return no_such_verb(c);
  if (auto bad = check_verb(c)) return *bad;
  auto show = store::negotiate_for(*c.kind, c.info, request.accept, request.user_agent);
  if (auto* bad = std::get_if<status>(&show)) return std::move(*bad);
  c.show = std::get<store::rendering>(show);
  const bool reads = c.info.verb == "get" || c.info.verb == "list" || c.info.verb == "watch";
  if (!reads) {
    c.manager = manager_of(c.info, request.user_agent);
    c.content_type = model::media_type_of(request.content_type);
    if (c.content_type.empty()) c.content_type = "application/json";
    if (auto bad = check_options(c)) return *bad;
    if (auto bad = store::check_form(c.show, *c.kind, c.info.verb == "deletecollection"))
      return *bad;
    if (precedents::concerns(c))
      c.text = std::move(request.body);
    else if (auto bad = read_body(c, request.body.bytes()))
      return *bad;
  }
  if (!reads && c.kept)
    if (auto warning = model::deprecation_of(*c.kind); !warning.empty())
      c.warnings.push_back(std::move(warning));
  c.user = std::move(request.user);
  return c;
}

void note_named(call& c, const json& document) {
  if (c.attempts != 1 || (c.info.verb != "create" && c.info.verb != "update")) return;
  const json& meta = model::at(document, {"metadata"});
  c.named = {model::string_at(meta, {"namespace"}), model::string_at(meta, {"name"}),
             model::string_at(meta, {"uid"}), model::string_at(meta, {"resourceVersion"})};
}

std::optional<status> check_kind(const call& c, const model::kind_info& kind, json& document) {
  const bool patches = c.info.verb == "patch";
  // A strategic merge patch is of the struct, which has no kind of its own to say.
  if (patches && c.content_type == "application/strategic-merge-patch+json") {
    document["apiVersion"] = kind.api_version();
    document["kind"] = std::string(kind.kind);
  }
  const std::string api_version = model::string_at(document, {"apiVersion"}, kind.api_version());
  const std::string name = model::string_at(document, {"kind"}, kind.kind);
  document["apiVersion"] = api_version;
  document["kind"] = name;
  if (api_version == kind.api_version() && name == kind.kind) return std::nullopt;
  const bool custom = model::custom_of(kind) != nullptr;
  if (!custom)
    if (std::string why = model::wrong_kind(kind, api_version, name); !why.empty()) {
      if (patches) return undecodable(c, kind, why);
      const auto slash = api_version.rfind('/');
      return model::bad_request(name + " in version \"" + api_version.substr(slash + 1) +
                                "\" cannot be handled as a " + std::string(kind.kind) + ": " + why);
    }
  if (api_version != kind.api_version() && !(custom && patches))
    return model::bad_request("the API version in the data (" + api_version +
                              ") does not match the expected API version (" + kind.api_version() +
                              ")");
  if (!custom) return std::nullopt;
  // Any kind of custom object can be read as any other one; validation judges its names.
  model::faults f;
  if (name != kind.kind)
    f.invalid(model::field_path("kind"), name, "must be " + std::string(kind.kind));
  else
    f.invalid(model::field_path("apiVersion"), api_version, "must be " + kind.api_version());
  const auto slash = api_version.find('/');
  return model::invalid(slash == api_version.npos ? "" : api_version.substr(0, slash), name,
                        model::string_at(document, {"metadata", "name"}), f.take());
}

std::optional<status> decode_document(call& c, const model::kind_info& kind, json& document) {
  if (!document.is_object()) return undecodable(c, kind, "it is no object");
  if (auto bad = check_kind(c, kind, document)) return bad;
  const bool patches = c.info.verb == "patch";
  auto found =
      model::decode_fields(kind, document, patches ? std::vector<std::string>() : c.duplicates);
  // What a patch repeats comes before what it makes of the object.
  if (patches) found.strict.insert(found.strict.begin(), c.duplicates.begin(), c.duplicates.end());
  if (!found) return undecodable(c, kind, found.error);
  const auto validation = c.info.parameter("fieldValidation");
  if (validation == "Strict" && !found.strict.empty())
    return undecodable(c, kind, model::strict_faults(found));
  if (validation != "Ignore" && c.attempts == 1)
    c.warnings.insert(c.warnings.end(), found.strict.begin(), found.strict.end());
  if (!document.contains("metadata")) document["metadata"] = json::object();
  note_named(c, document);
  model::apply_defaults(kind, document);
  return std::nullopt;
}

decision decide(call& c, environment& e) {
  ++c.attempts;
  const auto& verb = c.info.verb;
  if (verb == "create") {
    if (c.info.subresource == "binding" || c.kind->resource == "bindings") return bind(c, e);
    if (c.info.subresource == "eviction") return evict(c, e);
    if (c.info.subresource == "token") return token(c, e);
    if (model::is_review(*c.kind)) return review(c, e);
    if (c.info.subresource.empty()) return create(c, e);
  }
  if (c.info.subresource == "scale") return scale(c, e);
  if (verb == "update" || verb == "patch") return update(c, e);
  if (verb == "delete") return remove(c, e);
  if (verb == "deletecollection") return remove_collection(c, e);
  return model::method_not_supported(c.kind->resource, verb);
}

}  // namespace troupe::api
