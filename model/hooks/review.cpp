#include "model/hooks/review.hpp"

#include "model/base64.hpp"
#include "model/conversion.hpp"
#include "model/defaults/defaults.hpp"
#include "model/patch/patch.hpp"
#include "model/subresource.hpp"
#include "model/validation/structural.hpp"

namespace troupe::model {
namespace {

constexpr std::size_t most_warnings = 64;
constexpr std::size_t longest_warning = 256;

std::string quoted(const std::string& text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

/// A refusal has a status of its own; what it leaves out is made up for.
status refusal_of(const hook& h, const json& result) {
  status s = result.is_object() ? status_from_text(result.dump()) : status{};
  const json& code = at(result, {"code"});
  s.code = code.is_number_integer() && code >= 400 && code < 600 ? code.get<int>() : 400;
  s.reason = string_at(result, {"reason"});
  const std::string said = string_at(result, {"message"}, s.reason);
  s.message = "admission webhook " + quoted(h.name) + " denied the request";
  s.message += said.empty() ? " without explanation" : ": " + said;
  return s;
}

void read_patch(const json& response, hook_answer& out) {
  const std::string text = string_at(response, {"patch"});
  if (text.empty()) return;
  const std::string type = string_at(response, {"patchType"});
  if (type != "JSONPatch") {
    out.error = "webhook returned response.patch but not response.patchType";
    if (!type.empty()) out.error = "unsupported patch type " + quoted(type);
    return;
  }
  const auto decoded = from_base64(text);
  auto parsed = decoded ? parse_json(*decoded) : parsed_json{{}, "it is no base64", {}};
  if (!parsed)
    out.error = "webhook returned a patch that is no JSON: " + parsed.error;
  else
    out.patch = std::move(parsed.value);
}

}  // namespace

std::string review_text(const hook& h, const hook_request& r, const kind_info& as,
                        const std::string& uid) {
  return json{{"kind", "AdmissionReview"},
              {"apiVersion", std::string("admission.k8s.io/") + (h.beta ? "v1beta1" : "v1")},
              {"request", request_document(r, as, uid)}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

hook_answer read_review(const hook& h, const std::string& uid, int code, const std::string& body,
                        bool mutates) {
  hook_answer out;
  if (code != 200) {
    out.error = "the server answered with the status " + std::to_string(code);
    return out;
  }
  const auto parsed = parse_json(body);
  const json& response = at(parsed.value, {"response"});
  if (!parsed) {
    out.error = "the answer is no JSON: " + parsed.error;
  } else if (string_at(parsed.value, {"kind"}) != "AdmissionReview") {
    out.error = "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got " +
                string_at(parsed.value, {"apiVersion"}) +
                ", Kind=" + string_at(parsed.value, {"kind"});
  } else if (!response.is_object()) {
    out.error = "webhook response was absent";
  } else if (!h.beta && string_at(response, {"uid"}) != uid) {
    out.error =
        "expected response.uid=" + quoted(uid) + ", got " + quoted(string_at(response, {"uid"}));
  } else if (!at(response, {"allowed"}).is_boolean()) {
    out.error = "webhook response does not say whether the request is allowed";
  }
  if (!out.error.empty()) return out;
  out.allowed = at(response, {"allowed"}) == true;
  for (const json& w : at(response, {"warnings"})) {
    if (out.warnings.size() == most_warnings) break;
    if (w.is_string()) out.warnings.push_back(w.get<std::string>().substr(0, longest_warning));
  }
  for (const auto& [key, text] : at(response, {"auditAnnotations"}).items())
    if (text.is_string()) out.audit_annotations[h.name + "/" + key] = text.get<std::string>();
  if (!out.allowed)
    out.refusal = refusal_of(h, at(response, {"status"}));
  else if (mutates)
    read_patch(response, out);
  return out;
}

status hook_failed(const hook& h, const std::string& why) {
  return internal_error("Internal error occurred: failed calling webhook " + quoted(h.name) + ": " +
                        why);
}

status changes_nothing(const hook& h) {
  return internal_error("Internal error occurred: admission webhook " + quoted(h.name) +
                        " attempted to modify the object, which is not supported for this "
                        "operation");
}

status no_dry_run(const hook& h) {
  return bad_request("admission webhook " + quoted(h.name) + " does not support dry run");
}

std::variant<json, status> apply_hook_patch(const hook& h, const hook_request& r,
                                            const kind_info& as, const json& patch) {
  json object = r.object;
  const subresource_info* own = own_kind_of(r);
  const bool converts = &as != r.kind && !own;
  if (converts) convert(*r.kind, as, object);
  auto made = json_patch(object, patch);
  if (auto* bad = std::get_if<status>(&made))
    return internal_error("Internal error occurred: admission webhook " + quoted(h.name) +
                          " returned a patch that does not fit: " + bad->message);
  json& document = std::get<json>(made);
  if (converts) convert(as, *r.kind, document);
  const kind_info kind = own ? subresource_kind(*own) : *r.kind;
  // Options of connections are no struct of the schema: who uses them reads them.
  if (!kind.type && own && document.is_object()) return document;
  const decoding found = decode_fields(kind, document);
  if (!found)
    return internal_error("Internal error occurred: admission webhook " + quoted(h.name) +
                          " made an object that cannot be decoded: " + found.error);
  apply_defaults(kind, document);
  return document;
}

}  // namespace troupe::model
