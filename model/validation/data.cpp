#include "model/validation/kinds.hpp"
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

void validate_secret_type(const json& secret, const field_path& path, faults& out) {
  const auto type = text_of(secret, "type");
  const auto& data = members_of(secret, "data");
  const auto need = [&](const char* key) {
    if (!data.contains(key)) out.required(path.key(key));
  };
  if (type == "kubernetes.io/dockercfg") need(".dockercfg");
  if (type == "kubernetes.io/dockerconfigjson") need(".dockerconfigjson");
  if (type == "kubernetes.io/ssh-auth") need("ssh-privatekey");
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

void validate_data_update(const json& old, const json& object, faults& out) {
  if (text_of(old, "type") != text_of(object, "type"))
    out.invalid(field_path("type"), value_of(object, "type"), "field is immutable");
  if (value_of(old, "immutable") != true) return;
  constexpr std::string_view why = "field is immutable when `immutable` is set";
  if (value_of(object, "immutable") != true) out.forbidden(field_path("immutable"), why);
  for (const char* name : {"data", "binaryData"})
    if (value_of(old, name) != value_of(object, name)) out.forbidden(field_path(name), why);
}

}  // namespace troupe::model
