#include "model/custom/document.hpp"
#include "model/custom/rules.hpp"
#include "tests/fuzz/target.hpp"

using namespace troupe::model;

// The input is a schema and a document, one a line.
void fuzz(std::string_view input) {
  const auto end = input.find('\n');
  if (end == input.npos) return;
  const auto schema = parse_json(input.substr(0, end));
  const auto document = parse_json(input.substr(end + 1));
  if (!schema || !document || !document.value.is_object()) return;
  const auto node = read_schema(schema.value);
  if (!node) return;
  json once = document.value;
  std::vector<std::string> unknown;
  prune_unknown(*node, once, unknown);
  set_defaults(*node, once);
  json twice = once;
  set_defaults(*node, twice);
  require(once == twice, "defaults change something the second time");
  static_cast<void>(schema_faults(*node, once));
  require(schema_faults(*node, once, &once).empty(), "what has not changed is judged");
  static_cast<void>(rule_faults(*node, once, nullptr));
  static_cast<void>(apply_faults(*node, once));
}

std::vector<std::string> seeds() {
  return {
      R"({"type":"object","properties":{"a":{"type":"integer","minimum":1,"default":5},"l":{"type":"array",)"
      R"("x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object",)"
      R"("properties":{"k":{"type":"string"}}}}}})"
      "\n"
      R"({"a":0,"l":[{"k":"x"},{"k":"x","y":1}],"z":null})",
      R"({"oneOf":[{"required":["a"]},{"not":{"required":["b"]}}],"x-kubernetes-preserve-unknown-fields":true,)"
      R"("properties":{"s":{"type":"string","pattern":"^a+$","format":"date","enum":["a"],"nullable":true}},)"
      R"("x-kubernetes-validations":[{"rule":"self.s == 'a'"}]})"
      "\n"
      R"({"s":"b","q":{"x":[1]}})"};
}
