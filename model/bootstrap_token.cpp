#include "model/bootstrap_token.hpp"

#include "model/base64.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::size_t id_length = 6;
constexpr std::size_t secret_length = 16;
constexpr std::string_view token_alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view base_group = "system:bootstrappers";
constexpr std::string_view secret_type = "bootstrap.kubernetes.io/token";

bool all_of_alphabet(std::string_view text) {
  return text.find_first_not_of(token_alphabet) == text.npos;
}

std::string field(const json& secret, std::string_view key) {
  return from_base64(string_at(secret, {"data", key})).value_or("");
}

// kube's rule: \Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\z
bool is_extra_group(std::string_view group) {
  if (!group.starts_with("system:bootstrappers:")) return false;
  const auto rest = group.substr(base_group.size() + 1);
  return !rest.empty() && rest.size() <= 256 && all_of_alphabet(rest.substr(rest.size() - 1)) &&
         std::all_of(rest.begin(), rest.end(), [](char c) {
           return token_alphabet.find(c) != token_alphabet.npos || c == ':' || c == '-';
         });
}

}  // namespace

std::optional<bootstrap_token> parse_bootstrap_token(std::string_view text) {
  if (text.size() != id_length + 1 + secret_length || text[id_length] != '.') return std::nullopt;
  const auto id = text.substr(0, id_length);
  const auto secret = text.substr(id_length + 1);
  if (!all_of_alphabet(id) || !all_of_alphabet(secret)) return std::nullopt;
  return bootstrap_token{std::string(id), std::string(secret)};
}

bootstrap_token make_bootstrap_token(std::string_view random_bytes) {
  std::string text;
  for (std::size_t i = 0; i < id_length + secret_length; ++i)
    text += token_alphabet[static_cast<unsigned char>(random_bytes.at(i)) % token_alphabet.size()];
  return {text.substr(0, id_length), text.substr(id_length)};
}

std::string controller_bootstrap_group(std::string_view name) {
  return "system:bootstrappers:troupe:controller:" + std::string(name);
}

bool is_controller_name(std::string_view name) {
  return !name.empty() && name.size() <= 63 && name.front() != '-' && name.back() != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return token_alphabet.find(c) != token_alphabet.npos || c == '-';
         });
}

std::string bootstrap_secret_name(std::string_view id) {
  return "bootstrap-token-" + std::string(id);
}

json make_bootstrap_secret(const bootstrap_token& token, std::string_view group,
                           std::string_view description, std::optional<time_point> expiration) {
  json data = {{"token-id", to_base64(token.id)},
               {"token-secret", to_base64(token.secret)},
               {"usage-bootstrap-authentication", to_base64("true")},
               {"auth-extra-groups", to_base64(group)}};
  if (!description.empty()) data["description"] = to_base64(description);
  if (expiration) data["expiration"] = to_base64(to_rfc3339(*expiration));
  return {
      {"apiVersion", "v1"},
      {"kind", "Secret"},
      {"metadata", {{"name", bootstrap_secret_name(token.id)}, {"namespace", bootstrap_namespace}}},
      {"type", secret_type},
      {"data", std::move(data)}};
}

std::optional<bootstrap_secret> read_bootstrap_secret(const json& secret, time_point now) {
  if (string_at(secret, {"type"}) != secret_type) return std::nullopt;
  const auto token =
      parse_bootstrap_token(field(secret, "token-id") + "." + field(secret, "token-secret"));
  if (!token || string_at(secret, {"metadata", "name"}) != bootstrap_secret_name(token->id))
    return std::nullopt;
  bootstrap_secret out;
  out.token = *token;
  out.authenticates = field(secret, "usage-bootstrap-authentication") == "true";
  if (const auto end = field(secret, "expiration"); !end.empty()) {
    const auto at = from_rfc3339(end);
    out.expired = !at || *at <= now;
  }
  out.groups.emplace_back(base_group);
  auto extra = field(secret, "auth-extra-groups");
  while (!extra.empty()) {
    const auto comma = extra.find(',');
    const auto group = extra.substr(0, comma);
    if (!is_extra_group(group)) return std::nullopt;
    out.groups.push_back(group);
    extra = comma == extra.npos ? "" : extra.substr(comma + 1);
  }
  return out;
}

}  // namespace troupe::model
