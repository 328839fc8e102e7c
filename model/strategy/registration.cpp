#include "model/strategy/cluster_kinds.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

void note_stored_versions(json& definition) {
  json& stored = definition["status"]["storedVersions"];
  if (!stored.is_array()) stored = json::array();
  for (const json& version : at(definition, {"spec", "versions"})) {
    if (at(version, {"storage"}) != true) continue;
    const json& name = at(version, {"name"});
    if (std::ranges::find(stored, name) == stored.end()) stored.push_back(name);
  }
}

}  // namespace

void prepare_custom_resource(json& definition) {
  definition["status"] = {{"acceptedNames", {{"kind", ""}, {"plural", ""}}},
                          {"conditions", json::array()},
                          {"storedVersions", json::array()}};
  note_stored_versions(definition);
}

void prepare_custom_resource_update(const json& old, json& definition) {
  if (at(old, {"spec"}) != at(definition, {"spec"})) note_stored_versions(definition);
}

void prepare_api_service(json& service) {
  json status = json::object();
  if (at(service, {"spec", "service"}).is_null())
    status["conditions"] =
        json::array({{{"type", "Available"},
                      {"status", "True"},
                      {"lastTransitionTime", at(service, {"metadata", "creationTimestamp"})},
                      {"reason", "Local"},
                      {"message", "Local APIServices are always available"}}});
  service["status"] = std::move(status);
}

void prepare_service_account(json& account) {
  const auto secrets = account.find("secrets");
  if (secrets == account.end() || !secrets->is_array()) return;
  for (json& secret : *secrets) secret = {{"name", string_at(secret, {"name"})}};
}

void prepare_service_account_update(const json&, json& account) {
  prepare_service_account(account);
}

}  // namespace troupe::model
