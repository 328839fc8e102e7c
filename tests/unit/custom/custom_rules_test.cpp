// floors: model
#include "definition.hpp"
#include "model/custom/judge.hpp"
#include "model/custom/rules.hpp"
#include "model/validation/custom_resource.hpp"

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
          R"(spec: Invalid value: "object": no such key: max evaluating rule: self.max < 100)"));
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

/// Lists of numbers, and rules over them.
node_ptr counted_schema(const json& rules) {
  return read_schema({{"type", "object"},
                      {"properties",
                       {{"spec",
                         {{"type", "object"},
                          {"properties",
                           {{"l",
                             {{"type", "array"},
                              {"items", {{"type", "integer"}}},
                              {"x-kubernetes-validations", rules}}},
                            {"m",
                             {{"type", "integer"},
                              {"x-kubernetes-validations", {{{"rule", "self > 9"}}}}}}}}}}}}});
}

std::string ones(std::size_t n) {
  return json({{"l", std::vector<int>(n, 1)}, {"m", 1}}).dump();
}

TEST(CustomRules, CostIsLimited) {
  json rules = {{{"rule", "self.all(x, self.all(y, self.all(z, x == y && y == z)))"}}};
  EXPECT_THAT(judged(counted_schema(rules), ones(1000).c_str()),
              ElementsAre(R"(spec.l: Invalid value: "array": 'operation cancelled: actual cost )"
                          "limit exceeded': no further validation rules will be run due to call "
                          "cost exceeds limit for rule: self.all(x, self.all(y, self.all(z, x == "
                          "y && y == z)))"));
  // Each one is cheap enough.
  rules = json::array();
  for (int i = 0; i < 20; ++i) rules.push_back({{"rule", "self.all(x, self.all(y, x == y))"}});
  EXPECT_THAT(judged(counted_schema(rules), ones(350).c_str()),
              ElementsAre(R"(spec.l: Invalid value: "array": validation failed due to running out )"
                          "of cost budget, no further validation rules will be run"));
  rules.erase(rules.begin() + 5, rules.end());
  EXPECT_THAT(judged(counted_schema(rules), ones(350).c_str()),
              ElementsAre("spec.m: Invalid value: 1: failed rule: self > 9"));
  rules = {{{"rule", "false"},
            {"messageExpression", "self.all(x, self.all(y, self.all(z, true))) ? 'a' : 'b'"}}};
  EXPECT_THAT(judged(counted_schema(rules), ones(1000).c_str()),
              ElementsAre(R"(spec.l: Invalid value: "array": no further validation rules will be )"
                          "run due to call cost exceeds limit for messageExpression: \"self.all(x, "
                          "self.all(y, self.all(z, true))) ? 'a' : 'b'\""));
}

TEST(CustomRules, SayWhyTheyCannotBeJudged) {
  const auto schema = schema_of(R"J({"type": "object", "properties": {
    "port": {"x-kubernetes-int-or-string": true, "x-kubernetes-validations": [
      {"rule": "self < 5"}, {"rule": "self > 1", "message": " some port "}]},
    "l": {"type": "array", "items": {"type": "integer"}, "x-kubernetes-validations": [
      {"rule": "self[3] > 0"}]}}})J");
  EXPECT_THAT(judged(schema, R"({"port": "x", "l": [1]})"),
              ElementsAre(R"(spec.l: Invalid value: "array": index out of bounds: 3 evaluating )"
                          "rule: self[3] > 0",
                          R"(spec.port: Invalid value: "": 'no such overload': call arguments )"
                          "did not match a supported operator, function or macro signature for "
                          "rule: self < 5",
                          R"(spec.port: Invalid value: "": 'no such overload': call arguments )"
                          "did not match a supported operator, function or macro signature for "
                          "rule: some port"));
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

TEST(CustomRules, KnowTheTypesOfTheirSchema) {
  const auto schema = schema_of(R"J({"type": "object", "properties": {
    "at": {"type": "string", "format": "date-time"}, "every": {"type": "string", "format": "duration"},
    "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}}},
    "x-kubernetes-validations": [
      {"rule": "self.at.getFullYear() == 2026 && self.every < duration('1h')", "message": "times"},
      {"rule": "self.set == ['b', 'a']", "message": "set"}]})J");
  EXPECT_THAT(judged(schema, R"({"at": "2026-01-01T00:00:00Z", "every": "5m", "set": ["a", "b"]})"),
              IsEmpty());
  EXPECT_THAT(judged(schema, R"({"at": "2025-01-01T00:00:00Z", "every": "5m", "set": ["a"]})"),
              testing::SizeIs(2));
}

// apiextensions' shouldRatchetError(): what nobody can tell from what was is as old as the nearest
// value above it that can be told.
TEST(CustomRules, SayNothingOfWhatIsAsItWas) {
  const auto schema = schema_of(R"J({"type": "object", "properties": {
    "l": {"type": "array", "items": {"type": "object", "properties": {
      "s": {"type": "string", "x-kubernetes-validations": [{"rule": "self != 'bad'"}]}}}},
    "k": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["n"],
      "items": {"type": "object", "required": ["n"], "properties": {"n": {"type": "string"},
      "s": {"type": "string", "x-kubernetes-validations": [{"rule": "self != 'bad'"}]}}}}}})J");
  struct {
    const char* old;
    const char* now;
    std::size_t faults;
  } const table[] = {
      {R"({})", R"({"l": [{"s": "bad"}]})", 1},
      {R"({"l": [{"s": "bad"}]})", R"({"l": [{"s": "bad"}], "x": 1})", 0},
      {R"({"l": [{"s": "bad"}]})", R"({"l": [{"s": "bad"}, {"s": "good"}]})", 1},
      {R"({"k": [{"n": "a", "s": "bad"}]})", R"({"k": [{"n": "b"}, {"n": "a", "s": "bad"}]})", 0},
      {R"({"k": [{"n": "a", "s": "bad"}]})", R"({"k": [{"n": "b", "s": "bad"}]})", 1},
  };
  for (const auto& c : table)
    EXPECT_THAT(judged(schema, c.now, c.old), testing::SizeIs(c.faults)) << c.old << c.now;
}

TEST(CustomRules, AreReadWhenTheyAreDefined) {
  const auto self = cel::structure_of("selfType", {{"x", cel::read_type("int")}});
  const auto refused = [&](const char* rule, const char* message = "", bool optional = false) {
    json document = {{"rule", rule}};
    if (*message) document["messageExpression"] = message;
    if (optional) document["optionalOldSelf"] = true;
    faults f;
    validate_rule(document, json::object(), field_path("r"), f);
    rule_costs costs;
    if (f.empty()) validate_expressions(document, {.self = self}, field_path("r"), costs, f);
    return lines(f.take());
  };
  EXPECT_THAT(refused("self.x > 1"), IsEmpty());
  EXPECT_THAT(refused("self.x > 1", "'x is %d'.format([self.x])"), IsEmpty());
  EXPECT_THAT(
      refused("self.x >"),
      ElementsAre(testing::HasSubstr("compilation failed: ERROR: <input>:1:9: Syntax error")));
  EXPECT_THAT(
      refused("self.y > 1"),
      ElementsAre("r.rule: Invalid value: apiextensions.ValidationRule{Rule:\"self.y > 1\", "
                  "Message:\"\", MessageExpression:\"\", "
                  "Reason:(*apiextensions.FieldValueErrorReason)(nil), FieldPath:\"\", "
                  "OptionalOldSelf:(*bool)(nil)}: compilation failed: ERROR: <input>:1:5: "
                  "undefined field 'y'\n | self.y > 1\n | ....^"));
  EXPECT_THAT(refused("self.x"),
              ElementsAre(testing::EndsWith("}: cel expression must evaluate to a bool")));
  EXPECT_THAT(refused("self.x > 1", "self.x"),
              ElementsAre(testing::EndsWith("}: messageExpression must evaluate to a string")));
  EXPECT_THAT(refused("self.x > 1", "self.y"),
              ElementsAre(testing::HasSubstr(
                  "}: messageExpression compilation failed: ERROR: <input>:1:5: undefined field")));
  EXPECT_THAT(refused("self.x > oldSelf.x"), IsEmpty());
  EXPECT_THAT(refused("self.x > oldSelf.x.orValue(1)", "", true), IsEmpty());
  EXPECT_THAT(refused("self.x > oldSelf.x.orValue(1)"),
              ElementsAre(testing::HasSubstr("found no matching overload for 'orValue'")));
  EXPECT_THAT(refused("self.x > 1", "", true),
              ElementsAre("r.optionalOldSelf: Invalid value: true: may not be set if oldSelf is "
                          "not used in rule"));
}

TEST(CustomRules, HaveAForm) {
  const json schema = json::parse(R"({"properties": {"a": {"properties": {"b": {}}},
      "m": {"additionalProperties": {"properties": {"c": {}}}}, "x.y": {}}})");
  const struct {
    json rule;
    const char* fault;  ///< null: it is good
  } table[] = {
      {{{"rule", " "}}, "r.rule: Required value: rule is not specified"},
      {{{"rule", "true"}, {"message", " "}},
       "r.message: Invalid value: \" \": message must be non-empty if specified"},
      {{{"rule", "true"}, {"message", "a\nb"}},
       "r.message: Invalid value: \"a\\nb\": message must not contain line breaks"},
      {{{"rule", "true &&\ntrue"}},
       "r.message: Required value: message must be specified if rule contains line breaks"},
      {{{"rule", "true &&\ntrue"}, {"message", "a"}}, nullptr},
      {{{"rule", "true"}, {"messageExpression", " "}},
       "r.messageExpression: Required value: messageExpression must be non-empty if specified"},
      {{{"rule", "true"}, {"reason", "x"}},
       "r.reason: Unsupported value: \"x\": supported values: \"FieldValueDuplicate\", "
       "\"FieldValueForbidden\", \"FieldValueInvalid\", \"FieldValueRequired\""},
      {{{"rule", "true"}, {"reason", "FieldValueForbidden"}}, nullptr},
      {{{"rule", "true"}, {"fieldPath", ".a.b"}}, nullptr},
      {{{"rule", "true"}, {"fieldPath", "['x.y']"}}, nullptr},
      {{{"rule", "true"}, {"fieldPath", ".m['any'].c"}}, nullptr},
      {{{"rule", "true"}, {"fieldPath", ".a.c"}},
       "r.fieldPath: Invalid value: \".a.c\": fieldPath must be a valid path"},
      {{{"rule", "true"}, {"fieldPath", "a.b"}},
       "r.fieldPath: Invalid value: \"a.b\": fieldPath must be a valid path"},
      {{{"rule", "true"}, {"fieldPath", ".m[0]"}},
       "r.fieldPath: Invalid value: \".m[0]\": fieldPath must be a valid path"},
  };
  for (const auto& row : table) {
    faults f;
    validate_rule(row.rule, schema, field_path("r"), f);
    const auto found = lines(f.take());
    if (row.fault) {
      EXPECT_THAT(found, ElementsAre(row.fault)) << row.rule;
    } else {
      EXPECT_THAT(found, IsEmpty()) << row.rule;
    }
  }
}

/// What is said of the schema of a definition's version, the first line of each.
std::vector<std::string> refused_schema(const json& schema) {
  faults f;
  validate_structural_schema(schema, {}, field_path("s"), f);
  std::vector<std::string> out;
  for (const cause& c : f.take()) {
    const auto rule_end = c.message.find("}: ");
    const auto why = rule_end == c.message.npos ? c.message : c.message.substr(rule_end + 3);
    out.push_back(c.field + ": " + why.substr(0, why.find('\n')));
  }
  return out;
}

TEST(CustomRules, AreCheckedAgainstTheirSchema) {
  constexpr const char* list_of_objects =
      R"("array", "items": {"type": "object", "properties": {"b": {"type": "number"}}})";
  constexpr const char* map_of_numbers = R"("object", "additionalProperties": {"type": "integer"})";
  const struct {
    std::string type;  ///< of the property a, and what else its schema says
    const char* rule;
    const char* fault;  ///< null: it is good
  } table[] = {
      {"\"string\"", "self.metadata.name.size() < 9 && self.kind != ''", nullptr},
      {"\"string\"", "self.metadata.labels.size() < 9", "undefined field 'labels'"},
      {"\"string\"", "self.a__dash__b == self.__for__", nullptr},
      {"\"string\"", "self.b == 'x'", "undefined field 'b'"},
      {"\"integer\"", "self.a < 1.5", nullptr},
      {"\"integer\"", "self.a < '1'",
       "found no matching overload for '_<_' applied to '(int, string)'"},
      {"\"string\", \"x-kubernetes-int-or-string\": true",
       "type(self.a) == int ? self.a < 5 : self.a == 'x'", nullptr},
      {"\"object\", \"x-kubernetes-preserve-unknown-fields\": true", "self.a.b == 1",
       "undefined field 'b'"},
      {map_of_numbers, "self.a.all(k, self.a[k] > 1) && self.a.x < 5", nullptr},
      {map_of_numbers, "self.a.all(k, self.a[k] > '1')",
       "found no matching overload for '_>_' applied to '(int, string)'"},
      {list_of_objects, "self.a.exists(x, x.b > 1.5)", nullptr},
      {list_of_objects, "self.a.exists(x, x.c > 1.5)", "undefined field 'c'"},
      {list_of_objects, "self.a[0] == 1",
       "found no matching overload for '_==_' applied to '(selfType.a.@idx, int)'"},
      {"\"string\", \"format\": \"duration\"", "self.a < duration('1h')", nullptr},
      {"\"string\", \"format\": \"byte\"", "size(self.a) < 5 && self.a != b'x'", nullptr},
      {"\"string\", \"format\": \"date-time\"", "self.a.getFullYear() > 2025", nullptr},
      {"\"string\", \"format\": \"date-time\"", "self.a == '2026-01-01T00:00:00Z'",
       "found no matching overload for '_==_' applied to '(timestamp, string)'"},
      {"\"string\", \"nullable\": true", "self.a == null",
       "found no matching overload for '_==_' applied to '(string, null)'"},
      {"\"object\", \"x-kubernetes-embedded-resource\": true, "
       "\"x-kubernetes-preserve-unknown-fields\": true",
       "self.a.metadata.name == self.a.kind", nullptr},
  };
  for (const auto& row : table) {
    json schema = json::parse(R"({"type": "object", "properties": {"a-b": {"type": "string"},
        "for": {"type": "string"}, "a": {"type": )" +
                              row.type + "}}}");
    schema["x-kubernetes-validations"] = json::array({{{"rule", row.rule}}});
    const auto found = refused_schema(schema);
    if (!row.fault) {
      EXPECT_THAT(found, IsEmpty()) << row.rule;
      continue;
    }
    EXPECT_THAT(found, ElementsAre(testing::AllOf(
                           testing::StartsWith("s.x-kubernetes-validations[0].rule: compilation "
                                               "failed: ERROR: <input>:1:"),
                           testing::HasSubstr(row.fault))))
        << row.rule;
  }
}

TEST(CustomRules, WaitUntilTheSchemaIsGood) {
  json schema = json::parse(R"({"type": "object", "properties": {
      "a": {"type": "objects", "x-kubernetes-validations": [{"rule": "self.x"}]},
      "b": {"type": "string", "x-kubernetes-validations": [{"rule": "self.x"}]}},
      "x-kubernetes-validations": [{"rule": "self.none"}]})");
  EXPECT_THAT(
      refused_schema(schema),
      ElementsAre(testing::HasSubstr("s.properties[a].type: Unsupported value"),
                  testing::HasSubstr("s.properties[b].x-kubernetes-validations[0].rule: compil")));
  schema["properties"].erase("a");
  EXPECT_THAT(
      refused_schema(schema),
      ElementsAre(testing::HasSubstr("s.properties[b].x-kubernetes-validations[0].rule: compil"),
                  testing::HasSubstr("s.x-kubernetes-validations[0].rule: compilation failed")));
}

TEST(CustomRules, AboutChangesStandWhereChangesCanBeTold) {
  json schema = json::parse(R"({"type": "object", "properties": {"l": {"type": "array",
      "items": {"type": "object", "required": ["k"], "properties": {"k": {"type": "string"},
      "v": {"type": "integer", "x-kubernetes-validations": [{"rule": "self == oldSelf"}]}}}}}})");
  EXPECT_THAT(refused_schema(schema),
              ElementsAre("s.properties[l].items.properties[v].x-kubernetes-validations[0].rule: "
                          "Invalid value: \"self == oldSelf\": oldSelf cannot be used on the "
                          "uncorrelatable portion of the schema within s.properties[l]"));
  json& list = schema["properties"]["l"];
  list["x-kubernetes-list-type"] = "map";
  list["x-kubernetes-list-map-keys"] = {"k"};
  EXPECT_THAT(refused_schema(schema), IsEmpty());
  list["items"]["x-kubernetes-map-type"] = "atomic";
  EXPECT_THAT(refused_schema(schema), IsEmpty());
}

}  // namespace
}  // namespace troupe::model
