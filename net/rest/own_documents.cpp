#include "net/rest/own_documents.hpp"

#include "model/json_read.hpp"

#include <algorithm>

namespace troupe::rest {
namespace {

using model::json;

json signing_algorithms(const std::string& jwks) {
  json out = json::array();
  const json keys = model::read_json(jwks);
  for (const json& key : model::at(keys, {"keys"}))
    if (const json& name = model::at(key, {"alg"}); std::ranges::find(out, name) == out.end())
      out.push_back(name);
  return out;
}

}  // namespace

std::string openid_configuration(const std::string& issuer, const std::string& jwks,
                                 const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + address + "]" : address;
  return json{{"issuer", issuer},
              {"jwks_uri", "https://" + host + ":" + std::to_string(port) + "/openid/v1/jwks"},
              {"response_types_supported", {"id_token"}},
              {"subject_types_supported", {"public"}},
              {"id_token_signing_alg_values_supported", signing_algorithms(jwks)}}
      .dump();
}

std::string version_text(const std::string& version) {
  return json{{"major", "1"},    {"minor", "32"},           {"gitVersion", version},
              {"gitCommit", ""}, {"gitTreeState", "clean"}, {"buildDate", "1970-01-01T00:00:00Z"},
              {"goVersion", ""}, {"compiler", "g++"},       {"platform", "linux/amd64"}}
      .dump(2);
}

}  // namespace troupe::rest
