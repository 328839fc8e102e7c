#include "model/table/printers.hpp"

namespace troupe::model {
namespace {

const column name_column{"Name", "string", "name", "The object's name"};
const column age_column{"Age", "string", "", "Time since creation"};

std::vector<json> plain(const json& o, time_point now) {
  return {name_of(o), age_of(o, now)};
}

std::vector<json> name_space(const json& o, time_point now) {
  return {name_of(o), string_at(o, {"status", "phase"}), age_of(o, now)};
}

std::vector<json> config_map(const json& o, time_point now) {
  return {name_of(o), count_of(at(o, {"data"})) + count_of(at(o, {"binaryData"})), age_of(o, now)};
}

std::vector<json> secret(const json& o, time_point now) {
  return {name_of(o), string_at(o, {"type"}), count_of(at(o, {"data"})), age_of(o, now)};
}

std::vector<json> lease(const json& o, time_point now) {
  return {name_of(o), string_at(o, {"spec", "holderIdentity"}), age_of(o, now)};
}

std::vector<json> service_account(const json& o, time_point now) {
  return {name_of(o), count_of(at(o, {"secrets"})), age_of(o, now)};
}

}  // namespace

std::span<const printer> simple_printers() {
  static const column data{"Data", "string", "", "How many keys it holds"};
  static const printer all[] = {
      {"", {name_column, age_column}, plain},
      {"namespaces",
       {name_column, {"Status", "string", "", "Active or Terminating"}, age_column},
       name_space},
      {"configmaps", {name_column, data, age_column}, config_map},
      {"secrets",
       {name_column, {"Type", "string", "", "What its data is for"}, data, age_column},
       secret},
      {"leases.coordination.k8s.io",
       {name_column, {"Holder", "string", "", "Who holds it"}, age_column},
       lease},
      {"serviceaccounts",
       {name_column, {"Secrets", "string", "", "How many secrets it names"}, age_column},
       service_account}};
  return all;
}

}  // namespace troupe::model
