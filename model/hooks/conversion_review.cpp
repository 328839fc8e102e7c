#include "model/hooks/conversion_review.hpp"

namespace troupe::model {
namespace {

/// Puts everything of the old metadata back but labels and annotations; a text when the webhook
/// made another object of it.
std::string restore_metadata(const json& before, json& after) {
  const json& had = at(before, {"metadata"});
  const json& has = at(after, {"metadata"});
  if (!has.is_object()) return "missing metadata in converted object";
  for (const char* name : {"name", "namespace", "uid"})
    if (at(had, {name}) != at(has, {name}))
      return std::string("mutated metadata.") + name + ": " + at(had, {name}).dump() + " became " +
             at(has, {name}).dump();
  json made = had;
  for (const char* name : {"labels", "annotations"}) {
    made.erase(name);
    if (const json& now = at(has, {name}); !now.is_null()) made[name] = now;
  }
  after["metadata"] = std::move(made);
  return {};
}

}  // namespace

hook read_conversion_hook(const custom_definition& definition) {
  const json document = definition.object->parse();
  const json& webhook = at(document, {"spec", "conversion", "webhook"});
  const json configuration = {
      {"metadata", {{"name", definition.resource}}},
      {"webhooks",
       json::array({{{"name", "conversion"},
                     {"timeoutSeconds", 30},
                     {"clientConfig", at(webhook, {"clientConfig"})},
                     {"admissionReviewVersions", at(webhook, {"conversionReviewVersions"})}}})}};
  return read_hooks(configuration).at(0);
}

std::string conversion_text(const std::string& uid, const std::string& desired,
                            const std::vector<json>& objects) {
  return json{{"kind", "ConversionReview"},
              {"apiVersion", "apiextensions.k8s.io/v1"},
              {"request", {{"uid", uid}, {"desiredAPIVersion", desired}, {"objects", objects}}}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

std::variant<std::vector<json>, std::string> read_conversion(const std::string& uid,
                                                             const std::string& desired,
                                                             const std::vector<json>& objects,
                                                             int code, const std::string& body) {
  if (code != 200) return "the server answered with the status " + std::to_string(code);
  auto parsed = parse_json(body, {64u << 20, 128});
  if (!parsed) return "the answer is no JSON: " + parsed.error;
  const json& response = at(parsed.value, {"response"});
  if (string_at(parsed.value, {"kind"}) != "ConversionReview" || !response.is_object())
    return std::string("the answer is no ConversionReview with a response");
  if (string_at(response, {"uid"}) != uid)
    return "expected response.uid=" + json(uid).dump() + ", got " +
           json(string_at(response, {"uid"})).dump();
  if (string_at(response, {"result", "status"}) != "Success")
    return string_at(response, {"result", "message"}, "it did not say why");
  const json& converted = at(response, {"convertedObjects"});
  if (!converted.is_array() || converted.size() != objects.size())
    return "webhook returned " + std::to_string(converted.size()) + " objects, expected " +
           std::to_string(objects.size());
  std::vector<json> out(converted.begin(), converted.end());
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (string_at(out[i], {"apiVersion"}) != desired)
      return "webhook returned an object in version " + string_at(out[i], {"apiVersion"}) +
             ", expected " + desired;
    if (at(out[i], {"kind"}) != at(objects[i], {"kind"}))
      return std::string("webhook returned an object of another kind");
    if (auto why = restore_metadata(objects[i], out[i]); !why.empty()) return why;
  }
  return out;
}

status conversion_failed(const json& object, const std::string& why) {
  return internal_error("conversion webhook for " + string_at(object, {"apiVersion"}) +
                        ", Kind=" + string_at(object, {"kind"}) + " failed: " + why);
}

}  // namespace troupe::model
