#include "model/base64.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/names.hpp"

namespace troupe::model {
namespace {

constexpr std::size_t most_data_bytes = 1u << 20;

/// The size of what base64 text stands for.
std::size_t decoded_size(std::string_view text) {
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  return text.size() / 4 * 3 - padding;
}

/// Data that has to be a JSON object, whose content no fault may show.
void validate_json_data(const json::object_t& data, const char* key, const field_path& path,
                        faults& out) {
  const auto found = data.find(key);
  if (found == data.end()) return out.required(path.key(key));
  const auto parsed = parse_json(from_base64(as_text(found->second)).value_or(""));
  if (!parsed)
    out.invalid(path.key(key), "<secret contents redacted>", parsed.error);
  else if (!parsed.value.is_object())
    out.invalid(path.key(key), "<secret contents redacted>",
                std::string("json: cannot unmarshal ") + parsed.value.type_name() +
                    " into Go value of type map[string]interface {}");
}

void validate_secret_type(const json& secret, const field_path& path, faults& out) {
  const auto type = text_of(secret, "type");
  const auto& data = members_of(secret, "data");
  const auto need = [&](const char* key) {
    if (!data.contains(key)) out.required(path.key(key));
  };
  if (type == "kubernetes.io/dockercfg") validate_json_data(data, ".dockercfg", path, out);
  if (type == "kubernetes.io/dockerconfigjson")
    validate_json_data(data, ".dockerconfigjson", path, out);
  if (type == "kubernetes.io/ssh-auth" &&
      text_of(value_of(secret, "data"), "ssh-privatekey").empty())
    out.required(path.key("ssh-privatekey"));
  if (type == "kubernetes.io/tls") {
    need("tls.crt");
    need("tls.key");
  }
  if (type == "kubernetes.io/basic-auth" && !data.contains("username") &&
      !data.contains("password")) {
    need("username");
    need("password");
  }
  if (type == "kubernetes.io/service-account-token" &&
      string_at(secret, {"metadata", "annotations", "kubernetes.io/service-account.name"})
          .empty()) {
    const field_path metadata("metadata");
    const field_path annotations = metadata.child("annotations");
    out.required(annotations.key("kubernetes.io/service-account.name"));
  }
}

}  // namespace

void validate_config_map(const json& config_map, faults& out) {
  std::size_t total = 0;
  const field_path data("data");
  const field_path binary("binaryData");
  const auto& texts = members_of(config_map, "data");
  for (const auto& [key, value] : texts) {
    out.check(data.key(key), key, config_key_fault(key));
    total += as_text(value).size();
  }
  for (const auto& [key, value] : members_of(config_map, "binaryData")) {
    out.check(binary.key(key), key, config_key_fault(key));
    if (texts.contains(key))
      out.invalid(data.key(key), key, "duplicate of key present in binaryData");
    total += decoded_size(as_text(value));
  }
  if (total > most_data_bytes) out.too_long(field_path("[]"), most_data_bytes);
}

void validate_secret(const json& secret, faults& out) {
  std::size_t total = 0;
  const field_path data("data");
  for (const auto& [key, value] : members_of(secret, "data")) {
    out.check(data.key(key), key, config_key_fault(key));
    total += decoded_size(as_text(value));
  }
  if (total > most_data_bytes) out.too_long(data, most_data_bytes);
  validate_secret_type(secret, data, out);
}

/// Data under `immutable: true`.
static void validate_data_update(const json& old, const json& object, faults& out) {
  if (value_of(old, "immutable") != true) return;
  constexpr std::string_view why = "field is immutable when `immutable` is set";
  if (value_of(object, "immutable") != true) out.forbidden(field_path("immutable"), why);
  for (const char* name : {"data", "binaryData"})
    if (value_of(old, name) != value_of(object, name)) out.forbidden(field_path(name), why);
}

void validate_config_map_update(const json& old, const json& config_map, faults& out) {
  validate_data_update(old, config_map, out);
  validate_config_map(config_map, out);
}

void validate_secret_update(const json& old, const json& secret, faults& out) {
  validate_immutable(value_of(old, "type"), value_of(secret, "type"), field_path("type"), out);
  validate_data_update(old, secret, out);
  validate_secret(secret, out);
}

}  // namespace troupe::model
