// floors: model
#include "model/custom/rule_costs.hpp"

#include "model/cel/cost_estimate.hpp"
#include "model/custom/declared_types.hpp"
#include "model/validation/custom_resource.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using cel::cost_range;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

std::uint64_t cost_of(const json& schema, const char* rule) {
  const auto self = declared_type(schema, false);
  const auto made = cel::check(rule, {{"self", self}, {"oldSelf", self}});
  EXPECT_EQ(made.faults, "") << rule;
  return made.tree ? cel::estimate_cost(*made.tree, *self).max : 0;
}

/// A schema in short: "[x]" is a list, "{x}" a map of what "x" says, and "<3" after each of them a
/// limit; "object" has a text that must be there and one that need not, and other words are types
/// and formats.
json read_short(std::string_view& rest) {
  const auto take = [&](char c) { return rest.starts_with(c) && (rest.remove_prefix(1), true); };
  json out;
  const char* limit = "maxLength";
  if (take('[')) {
    out = {{"type", "array"}, {"items", read_short(rest)}};
    limit = "maxItems";
    take(']');
  } else if (take('{')) {
    out = {{"type", "object"}, {"additionalProperties", read_short(rest)}};
    limit = "maxProperties";
    take('}');
  } else {
    const std::string word(rest.substr(0, rest.find_first_of("<]}")));
    rest.remove_prefix(word.size());
    if (word == "int-or-string")
      out = {{"x-kubernetes-int-or-string", true}};
    else if (word == "object")
      out = json::parse(R"({"type": "object", "required": ["required"], "properties": {
          "required": {"type": "string"}, "optional": {"type": "string"}}})");
    else if (word == "byte" || word.starts_with("d"))
      out = {{"type", "string"}, {"format", word}};
    else
      out = {{"type", word}};
  }
  if (take('<')) {
    const std::string digits(rest.substr(0, rest.find_first_not_of("0123456789")));
    out[limit] = std::stoll(digits);
    rest.remove_prefix(digits.size());
  }
  return out;
}

json schema_of(std::string_view text) {
  json out = read_short(text);
  EXPECT_EQ(text, "");
  return out;
}

struct cost_row {
  const char *schema, *rule;
  std::uint64_t cost;
};

void expect_costs(std::initializer_list<cost_row> table) {
  for (const auto& [schema, rule, cost] : table)
    EXPECT_EQ(cost_of(schema_of(schema), rule), cost) << schema << "  " << rule;
}

// The figures of the next three are those of Kubernetes' own estimates.

TEST(RuleCosts, OfLoops) {
  expect_costs({
      {"[number]", "self.all(x, true)", 4718591},
      {"[number]<10", "self.all(x, true)", 32},
      {"[string]", "self.all(x, true)", 3145727},
      {"[boolean]", "self.all(x, true)", 1887437},
      {"[[number]]", "self.all(x, true)", 3145727},
      {"[object]", "self.all(x, true)", 555128},
      {"[object]<50", "self.all(x, true)", 152},
      {"[int-or-string]", "self.all(x, true)", 4718591},
      {"[duration]", "self.all(x, true)", 2359295},
      {"[date]", "self.all(x, true)", 725936},
      {"[date-time]", "self.all(x, true)", 428963},
      {"{number}", "self.all(x, true)", 1348169},
      {"{string}", "self.all(x, true)", 1179647},
      {"{string}<3", "self.all(x, true)", 11},
      {"{boolean}", "self.all(x, true)", 943718},
      {"{int-or-string}", "self.all(x, true)", 1348169},
      {"{object}", "self.all(x, true)", 428963},
      {"{{number}}", "self.all(x, true)", 1179647},
      {"{[number]}", "self.all(x, true)", 1179647},
      {"{duration}", "self.all(x, true)", 1048577},
      {"{date}", "self.all(x, true)", 524288},
      {"{date-time}", "self.all(x, true)", 349526},
      {"[number]<10", "self.all(x, self.all(y, true))", 352},
      {"[number]<10", "self.all(x, self.all(y, self.all(z, true)))", 3552},
      {"[number]", "self.all(x, x == 0.0)", 6291454},
      {"[number]<6291456", "self.all(x, x == 0.0)", 25165826},
      {"{string<10}<10", "self.all(x, x.contains(self[x]))", 72},
      {"{string}", "self.all(x, x.contains(self[x]))", 2752507},
      {"[{object}<10]<10", "self.all(x, x[\"y\"].required == \"z\")", 72},
      {"[{object}<10]", "self.all(x, x[\"y\"].required == \"z\")", 7340027},
      {"[{number}]", "self.all(x, x.y == 25.2)", 6291452},
      {"[{number}]<12", "self.all(x, x.y == 25.2)", 74},
  });
  EXPECT_GT(cost_of(schema_of("[number]"), "self.all(x, self.all(y, true))"), 100'000'000U);
}

TEST(RuleCosts, OfTextsAndValues) {
  expect_costs({
      {"string", "self.contains('test')", 314574},
      {"string<10", "self.contains('test')", 5},
      {"string", "self.startsWith('test')", 2},
      {"string", "self.endsWith('test')", 2},
      {"string", "size(self + \"hello\") > size(\"hello\")", 314578},
      {"string<4", "size(self + \"hello\") > size(\"hello\")", 7},
      {"[number]", "self[1] == 0.0", 2},
      {"[string]", "self[1] == self[1]", 314577},
      {"[string]<8", "self[1] == self[1]", 314577},
      {"string", "self.matches(\"x\")", 314574},
      {"string<50", "self.matches(\"x\")", 22},
      {"string", "\"\".matches(\"(((((((((())))))))))[0-9]\")", 7},
      {"string", "self.matches(\"\")", 1},
      {"{number}", "self[\"x\"] == 0.0", 2},
      {"string", "self == \"x\"", 2},
      {"string<0", "self == \"x\"", 1},
      {"byte", "self == b\"x\"", 2},
      {"byte<0", "self == b\"x\"", 1},
      {"[int-or-string]", "self[0] == 5", 3},
      {"[boolean]", "self[0] == false", 2},
      {"[object]", "self[0] == null", 2},
      {"[[number]]", "self[0][0] == -1.0", 3},
      {"[{number}]", "self[0].x > 2.0", 4},
      {"[duration]", "self[0].getHours() == 2", 4},
      {"[date]", "self[2].getDayOfMonth() == 13", 4},
      {"[date-time]", "self[2].getMinutes() == 45", 4},
      {"{integer}", "oldSelf.size() == self.size()", 5},
      {"{date-time}", "self[\"a\"] == self[\"b\"]", 8},
      {"{duration}", "self[\"c\"] == self[\"d\"]", 8},
  });
  json letters = {{"type", "string"}, {"enum", {"A", "B", "C", "LongValue"}}};
  EXPECT_EQ(cost_of(letters, "self.contains('A')"), 2U);
  letters["maxLength"] = 1000;
  EXPECT_EQ(cost_of(letters, "self.contains('A')"), 401U);
}

TEST(RuleCosts, OfLibraries) {
  expect_costs({
      {"string", "self.find('[0-9]+') == ''", 629147},
      {"string<10", "self.find('[0-9]+') == ''", 11},
      {"[string]", "self.join(' ') == 'aa bb'", 329853068905},
      {"[string<10]<10", "self.join(' ') == 'aa bb'", 43},
      {"[string]", "self.isSorted() == true", 329854432052},
      {"[string<10]<10", "self.isSorted() == true", 52},
      {"string", "self.lowerAscii() == 'lower!'", 314575},
      {"string<10", "self.lowerAscii() == 'lower!'", 6},
  });
  const auto with = [](const char* limit) {
    return json::parse(
        std::string(R"({"type": "object", "properties": {"str": {"type": "string")") + limit +
        R"(}, "separator": {"type": "string")" + limit +
        R"(}, "before": {"type": "string", "maxLength": 2},
                            "after": {"type": "string", "maxLength": 4}}})");
  };
  const char* replaces = "self.str.replace(self.before, self.after) == 'does not matter'";
  EXPECT_EQ(cost_of(with(""), replaces), 629154U);
  EXPECT_EQ(cost_of(with(R"(, "maxLength": 4)"), replaces), 12U);
  const char* splits = "self.str.split(self.separator) == []";
  EXPECT_EQ(cost_of(with(""), splits), 629160U);
  EXPECT_EQ(cost_of(with(R"(, "maxLength": 10)"), splits), 22U);
}

// These follow from the rules of the estimate: a name, a member and a call cost one, a list ten and
// a map thirty; a tenth of each character that is looked at.

TEST(RuleCosts, OfMacros) {
  expect_costs({
      // self, the result, and for each: call + name + call + name, and the item
      {"[boolean]<10", "self.exists(x, x)", 1 + 1 + 10 * 5},
      // self, result == 1, and for each: x, and result + 1 or result
      {"[boolean]<10", "self.exists_one(x, x)", 1 + 2 + 10 * 3},
      // self, [], the result, and for each: x, and result + [x]; then size(), and > of numbers
      {"[boolean]<10", "size(self.filter(x, x)) > 0", 1 + 10 + 1 + 10 * (1 + 13) + 1 + 1},
      {"[boolean]<10", "size(self.map(x, x)) > 0", 1 + 10 + 1 + 10 * (1 + 12) + 1 + 1},
      {"[boolean]<10", "size(self.map(x, x, 1)) > 0", 1 + 10 + 1 + 10 * (1 + 12) + 1 + 1},
      // What a loop makes is as long as what it went over.
      {"[boolean]<10", "self.map(x, x).all(y, y)", 1 + 10 + 1 + 10 * 13 + 1 + 10 * 4},
      {"[boolean]<10", "[1, 2].all(y, y > 1)", 10 + 1 + 2 * (3 + 2)},
      {"[boolean]<10", "{'a': 1}.all(y, true)", 30 + 1 + 1 * 3},
      // Which of two is taken nobody knows.
      {"[boolean]<10", "self[0] ? self.all(x, x) : true", 2 + 1 + 1 + 10 * 4},
      // has() costs what its operand does.
      {"{number}", "has(self.x)", 1},
      {"object", "has(self.required) && self.required != 'x'", 1 + 2 + 1},
      {"object", "self.?required.orValue('') != 'x'", 1 + 1 + 1 + 1},
      {"object", "self.?required.optMap(x, size(x) > 1).orValue(true)",
       (2 + 1) + (10 + 2 + 1 + (1 + 1 + 1) + 1) + 1},
  });
}

TEST(RuleCosts, OfWhatNothingIsKnownOf) {
  // A number as a text may be as long as it likes.
  EXPECT_GT(cost_of(schema_of("integer"), "'x' + string(self) == 'x1'"), 100'000'000U);
  expect_costs({
      {"integer", "'x %d'.format([self]) == 'x1'", 1 + 10 + 1 + 1},
      {"string<10", "quantity(self) == quantity('1')", 1 + 4 + 1 + 1},
      {"string<10", "isIP(self)", 1 + 4},
      {"string<10", "cidr('10.0.0.0/8').containsIP(self)", 1 + 1 + 4 + 4},
      {"string<10", "cidr('10.0.0.0/8').containsCIDR(cidr('10.0.0.0/8'))", 1 + 1 + 4 + 2 + 1},
      {"[string<10]<10", "sets.contains(self, ['a', 'b'])", 1 + 10 + 20 + 1},
      {"[string<10]<10", "sets.equivalent(self, ['a', 'b'])", 1 + 10 + 40 + 1},
      {"[string<10]<10", "'a' in self", 1 + 10},
      {"string<10", "format.dns1123Label().validate(self).hasValue()", 1 + 1 + 4 * 32 + 1},
      {"string<10", "self.split('.', 3).all(x, true)", 1 + 8 + 1 + 3 * 3},
  });
}

TEST(RuleCosts, SumsAndProductsEnd) {
  constexpr auto end = cost_range::no_end;
  const cost_range all = cost_range::unknown();
  EXPECT_EQ(all + cost_range::exactly(1), (cost_range{1, end}));
  EXPECT_EQ(all * cost_range::exactly(2), all);
  EXPECT_EQ(all * 0.0, (cost_range{0, 0}));
  EXPECT_EQ(all * 3.0, all);
  EXPECT_EQ(cost_range::exactly(11) * 0.1, cost_range::exactly(2));
}

// Limits

std::vector<std::string> faults_of(const json& schema, bool stored = false) {
  faults f;
  validate_structural_schema(schema, {.stored = stored}, field_path("s"), f);
  std::vector<std::string> out;
  for (const cause& c : f.take()) out.push_back(c.field + ": " + c.message);
  return out;
}

json with_rule(json schema, const char* rule) {
  schema["x-kubernetes-validations"] = {{{"rule", rule}}};
  return schema;
}

json root_with(json property) {
  return {{"type", "object"}, {"properties", {{"p", std::move(property)}}}};
}

constexpr const char* advice =
    " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, "
    "maps, and strings are declared)";

TEST(RuleCosts, OfOneRuleAreLimited) {
  const std::string rule = "s.properties[p].x-kubernetes-validations[0].rule: ";
  const auto nested = [](const char* list) {
    return faults_of(root_with(with_rule(schema_of(list), "self.all(x, self.all(y, x == y))")));
  };
  EXPECT_THAT(nested("[string<10]<100"), IsEmpty());
  EXPECT_THAT(nested("[string]<100"),
              ElementsAre(rule +
                              "Forbidden: estimated rule cost exceeds budget by factor of more "
                              "than 100x" +
                              advice,
                          rule + "Forbidden: contributed to estimated rule cost total exceeding "
                                 "cost limit for entire OpenAPIv3 schema",
                          std::string("s: Forbidden: x-kubernetes-validations estimated rule cost "
                                      "total for entire OpenAPIv3 schema exceeds budget by factor "
                                      "of 31.5x") +
                              advice));
  const auto sized = [](std::uint64_t items) {
    json list = schema_of("[number]");
    list["maxItems"] = items;
    return faults_of(root_with(with_rule(std::move(list), "self.all(x, true)")));
  };
  // Three for each item, and two.
  EXPECT_THAT(sized(3'333'332), IsEmpty());
  EXPECT_THAT(
      sized(3'333'334),
      ElementsAre(HasSubstr("estimated rule cost exceeds budget by factor of 1.000000x (")));
  EXPECT_THAT(sized(8'000'000),
              ElementsAre(HasSubstr("estimated rule cost exceeds budget by factor of 2.4x (")));
  // What has been there before stays.
  EXPECT_THAT(
      faults_of(root_with(with_rule(schema_of("[string]"), "self.all(x, self.all(y, true))")),
                true),
      IsEmpty());
}

TEST(RuleCosts, CountHowOftenARuleIsRun) {
  const auto below = [](const char* outer) {
    std::string_view text = outer;
    json schema = schema_of(text);
    json* inner = &schema;
    for (;;) {
      if (inner->contains("items"))
        inner = &(*inner)["items"];
      else if (inner->contains("additionalProperties"))
        inner = &(*inner)["additionalProperties"];
      else
        break;
    }
    *inner = with_rule(*inner, "self.startsWith('kubernetes')");  // of a cost of two
    return faults_of(root_with(schema));
  };
  EXPECT_THAT(below("string"), IsEmpty());
  EXPECT_THAT(below("[string]<5000000"), IsEmpty());
  EXPECT_THAT(below("[string]<6000000"), ElementsAre(HasSubstr("by factor of 1.200000x")));
  EXPECT_THAT(below("[[string]<3000]<3000"), ElementsAre(HasSubstr("by factor of 1.8x")));
  EXPECT_THAT(below("{[string]<3000}<3000"), ElementsAre(HasSubstr("by factor of 1.8x")));
  EXPECT_THAT(below("{[string]<3000}<0"), IsEmpty());
  // Without a limit there are as many as a request may hold: a text takes three bytes.
  EXPECT_THAT(below("[[string]<3000]"), IsEmpty());
  EXPECT_THAT(below("[[{string}]]"), IsEmpty());
}

TEST(RuleCosts, OfMessagesAreLimited) {
  json schema = root_with(with_rule(schema_of("string"), "self != 'x'"));
  json& rule = schema["properties"]["p"]["x-kubernetes-validations"][0];
  rule["messageExpression"] = "'not ' + self";
  EXPECT_THAT(faults_of(schema), IsEmpty());
  rule["messageExpression"] = "'not ' + string(1)";
  EXPECT_THAT(
      faults_of(schema),
      ElementsAre(
          HasSubstr("[0].messageExpression: Forbidden: estimated messageExpression cost exceeds "
                    "budget by factor of more than 100x"),
          HasSubstr("[0].messageExpression: Forbidden: contributed to"),
          testing::StartsWith("s: Forbidden: x-kubernetes-validations estimated rule cost total")));
}

TEST(RuleCosts, OfAllRulesAreLimited) {
  // Each one is cheap enough.
  json schema = {{"type", "object"}};
  const auto add = [&](int n, std::uint64_t items) {
    json list = schema_of("[number]");
    list["maxItems"] = items;
    schema["properties"]["p" + std::to_string(n)] = with_rule(std::move(list), "self.all(x, true)");
  };
  for (int n = 0; n < 9; ++n) add(n, 3'333'332);
  add(9, 1000);
  EXPECT_THAT(faults_of(schema), IsEmpty());
  add(8, 3'000'000);
  add(10, 3'333'332);
  add(11, 3'333'332);
  const auto found = faults_of(schema);
  ASSERT_EQ(found.size(), 5U);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_THAT(found[i], EndsWith("rule: Forbidden: contributed to estimated rule cost total "
                                   "exceeding cost limit for entire OpenAPIv3 schema"));
  EXPECT_THAT(found[0], testing::StartsWith("s.properties[p0]."));
  EXPECT_THAT(found[4],
              HasSubstr("estimated rule cost total for entire OpenAPIv3 schema exceeds budget by "
                        "factor of 1.0900"));
}

}  // namespace
}  // namespace troupe::model
