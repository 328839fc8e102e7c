// floors: model
#include "definition.hpp"
#include "model/custom/judge.hpp"
#include "model/custom/rules.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

node_ptr schema_of(const char* spec) {
  return read_schema({{"type", "object"}, {"properties", {{"spec", json::parse(spec)}}}});
}

std::vector<std::string> lines(const std::vector<cause>& causes) {
  std::vector<std::string> out;
  for (const cause& c : causes) out.push_back(c.field + ": " + c.message);
  return out;
}

std::vector<std::string> judged(const node_ptr& schema, const char* spec,
                                const char* old = nullptr) {
  const json now = {{"spec", json::parse(spec)}};
  const json was = old ? json{{"spec", json::parse(old)}} : json();
  return lines(rule_faults(*schema, now, old ? &was : nullptr));
}

TEST(CustomRules, AreJudgedWhereTheyStand) {
  const auto schema = schema_of(R"J({"type": "object",
    "x-kubernetes-validations": [
      {"rule": "self.min <= self.max", "message": "min above max"},
      {"rule": "self.max < 100", "messageExpression": "'max is ' + string(self.max)"},
      {"rule": "!has(self.b) || self.b", "fieldPath": ".b", "reason": "FieldValueForbidden"}],
    "properties": {
  "min" : {"type" : "integer"},
          "max" : {"type" : "integer"},
                  "b" : {"type" : "boolean"},
                        "names" : {
    "type" : "array", "items" : {
      "type" : "string", "x-kubernetes-validations" : [ {"rule" : "self.size() < 3"} ]
    }
  }
}
})J");
  EXPECT_THAT(judged(schema, R"({"min": 1, "max": 2, "names": ["ab"]})"), IsEmpty());
  EXPECT_THAT(judged(schema, R"({"min": 3, "max": 2})"),
              ElementsAre(R"(spec: Invalid value: "object": min above max)"));
  EXPECT_THAT(judged(schema, R"({"min": 3, "max": 200})"),
              ElementsAre(R"(spec: Invalid value: "object": max is 200)"));
  EXPECT_THAT(judged(schema, R"({"min": 1, "max": 2, "b": false})"),
              ElementsAre("spec.b: Forbidden: failed rule: !has(self.b) || self.b"));
  EXPECT_THAT(judged(schema, R"({"min": 1, "max": 2, "names": ["a", "abc"]})"),
              ElementsAre(R"(spec.names[1]: Invalid value: "abc": failed rule: self.size() < 3)"));
  EXPECT_THAT(
      judged(schema, R"({"min": 1})"),
      ElementsAre(
          R"(spec: Invalid value: "object": no such key: max evaluating rule: min above max)",
          testing::HasSubstr("no such key: max evaluating rule: failed rule")));
}

TEST(CustomRules, AboutChangesAreForUpdates) {
  const auto schema = schema_of(R"J({"type": "object", "properties": {
    "a": {"type": "integer", "x-kubernetes-validations": [
      {"rule": "self >= oldSelf", "message": "only upwards"}]},
    "o": {"type": "string", "x-kubernetes-validations": [
      {"rule": "!oldSelf.hasValue() || oldSelf.value() == self", "optionalOldSelf": true,
       "message": "immutable"}]},
    "l": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
      "items": {"type": "object", "properties": {"k": {}, "v": {"type": "integer",
        "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "fixed"}]}}}}}})J");
  EXPECT_THAT(judged(schema, R"({"a": 1, "o": "x"})"), IsEmpty());
  EXPECT_THAT(judged(schema, R"({"a": 1})", R"({"a": 2})"),
              ElementsAre("spec.a: Invalid value: 1: only upwards"));
  EXPECT_THAT(judged(schema, R"({"a": 1, "o": "x"})", R"({"o": "y"})"),
              ElementsAre(R"(spec.o: Invalid value: "x": immutable)"));
  EXPECT_THAT(judged(schema, R"({"l": [{"k": "b", "v": 1}, {"k": "a", "v": 2}]})",
                     R"({"l": [{"k": "a", "v": 1}]})"),
              ElementsAre("spec.l[1].v: Invalid value: 2: fixed"));
}

TEST(CustomRules, SayNothingOfWhatHasNotChanged) {
  const auto schema = schema_of(R"J({"type": "object", "properties": {
    "a": {"type": "integer", "x-kubernetes-validations": [{"rule": "self < 5"}]}, "b": {}}})J");
  EXPECT_THAT(judged(schema, R"({"a": 9, "b": 1})", R"({"a": 9, "b": 2})"), IsEmpty());
  EXPECT_THAT(judged(schema, R"({"a": 8})", R"({"a": 9})"), testing::SizeIs(1));
}

TEST(CustomRules, CostIsLimited) {
  const auto schema = schema_of(R"J({"type": "object", "properties": {"l": {"type": "array",
    "items": {"type": "integer"}, "x-kubernetes-validations": [
      {"rule": "self.all(x, self.all(y, self.all(z, x == y && y == z)))"}]
}
}
})J");
  const std::string many = json({{"l", std::vector<int>(1000, 1)}}).dump();
  EXPECT_THAT(judged(schema, many.c_str()),
              ElementsAre(testing::HasSubstr("running out of cost budget")));
}

TEST(CustomRules, WaitForAFormThatIsGood) {
  json definition = crontab_definition();
  json& spec = definition["spec"]["versions"][1]["schema"]["openAPIV3Schema"]["properties"]["spec"];
  spec["x-kubernetes-validations"] = json::parse(R"([{"rule": "self.replicas != 7"}])");
  const custom_kinds kinds({established(definition)}, {});
  const auto v1 = kinds.by_plural("stable.example.com", "v1", "crontabs");
  const auto faults = [&](const char* text) {
    const json object = {{"spec", json::parse(text)}};
    return lines(with_custom_faults(*custom_of(*v1.kind), object, nullptr, {}));
  };
  EXPECT_THAT(faults(R"({"cronSpec": "x", "replicas": 7})"),
              ElementsAre(R"(spec: Invalid value: "object": failed rule: self.replicas != 7)"));
  EXPECT_THAT(faults(R"({"replicas": 7})"),
              ElementsAre("spec.cronSpec: Required value",
                          testing::HasSubstr("some validation rules were not checked")));
}

TEST(CustomRules, AreReadWhenTheyAreDefined) {
  const auto refused = [](const char* rule) {
    faults f;
    validate_rule(json::parse(rule), field_path("r"), f);
    return lines(f.take());
  };
  EXPECT_THAT(refused(R"({"rule": "self.x > 1"})"), IsEmpty());
  EXPECT_THAT(refused(R"({"rule": " "})"),
              ElementsAre("r.rule: Required value: rule is not specified"));
  EXPECT_THAT(
      refused(R"({"rule": "self.x >"})"),
      ElementsAre(testing::HasSubstr("compilation failed: ERROR: <input>:1:9: Syntax error")));
  EXPECT_THAT(refused(R"({"rule": "other", "reason": "x"})"),
              ElementsAre(testing::HasSubstr("undeclared reference to 'other'"),
                          testing::HasSubstr("Unsupported value: \"x\"")));
}

}  // namespace
}  // namespace troupe::model
