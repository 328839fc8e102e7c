#include "model/strategy/cluster_kinds.hpp"

namespace troupe::model {
namespace {

bool is_decision(const json& condition) {
  const std::string type = string_at(condition, {"type"});
  return type == "Approved" || type == "Denied";
}

void put(json& object, const char* name, const json& value) {
  if (value.is_null())
    object.erase(name);
  else
    object[name] = value;
}

}  // namespace

void prepare_csr_update(const json& old, json& csr) {
  put(csr, "spec", at(old, {"spec"}));
  put(csr, "status", at(old, {"status"}));
}

void prepare_csr_status(const json& old, json& csr) {
  json kept = json::array();
  for (const json& condition : at(old, {"status", "conditions"}))
    if (is_decision(condition)) kept.push_back(condition);
  json& status = csr["status"];
  if (!status.is_object()) status = json::object();
  for (const json& condition : at(status, {"conditions"}))
    if (!is_decision(condition)) kept.push_back(condition);
  put(status, "conditions", kept.empty() ? json() : kept);
}

void prepare_csr_approval(const json& old, json& csr) {
  json status = at(old, {"status"});
  if (!status.is_object()) status = json::object();
  put(status, "conditions", at(csr, {"status", "conditions"}));
  put(csr, "spec", at(old, {"spec"}));
  csr["status"] = std::move(status);
}

}  // namespace troupe::model
