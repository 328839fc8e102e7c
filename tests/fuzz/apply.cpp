#include "model/apply/apply.hpp"

#include "tests/fuzz/target.hpp"

#include <chrono>

using namespace troupe::model;

namespace {

const kind_info& kind() {
  static const kind_info& k = *schema::instance().by_kind("", "v1", "Pod");
  return k;
}

std::variant<json, status> apply(const json& live, const json& config, int second) {
  return apply_configuration(kind(), live, config, {"kubectl", "", true},
                             time_point(std::chrono::seconds(second)));
}

}  // namespace

// The input is a live object and a configuration, one a line.
void fuzz(std::string_view input) {
  const auto end = input.find('\n');
  if (end == input.npos) return;
  const auto live = parse_json(input.substr(0, end));
  const auto config = parse_json(input.substr(end + 1));
  if (!live || !config || !(live.value.is_object() || live.value.is_null())) return;
  const auto once = apply(live.value, config.value, 1);
  const auto* object = std::get_if<json>(&once);
  if (!object) return;
  const auto twice = apply(*object, config.value, 2);
  require(std::holds_alternative<json>(twice), "what was applied cannot be applied again");
  require(std::get<json>(twice) == *object, "the same apply a second time changes something");
}

std::vector<std::string> seeds() {
  const std::string config =
      R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"a":"1"},"finalizers":["e/a"]},)"
      R"("spec":{"containers":[{"name":"x","image":"y","ports":[{"containerPort":80}],"env":[{"name":"A"}]}],)"
      R"("nodeSelector":{},"tolerations":[{"key":"a"}]}})";
  return {
      "null\n" + config,
      R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"b":"2"}},"spec":{"containers":[{"name":"z"}]}})"
      "\n" +
          config,
      R"({"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"v1\"}"},"managedFields":[)"
      R"({"manager":"kubectl","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:containers":{)"
      R"("k:{\"name\":\"x\"}":{".":{},"f:name":{}}}}}},{"manager":"o","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1",)"
      R"("fieldsV1":{"f:metadata":{"f:finalizers":{"v:\"e/a\"":{}}}}}]},"spec":{"containers":[{"name":"x"},{"name":"x"}],"hostname":"h"}})"
      "\n" +
          config,
      R"({"spec":[],"metadata":{"labels":3}})"
      "\n" +
          config};
}
