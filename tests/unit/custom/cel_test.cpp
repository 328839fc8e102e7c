// floors: model
#include "model/cel/program.hpp"

#include <gmock/gmock.h>

namespace troupe::model::cel {
namespace {

/// What an expression gives of a document: a value as text, or "error: ...".
std::string evaluated(std::string_view text, const char* document = "null",
                      std::uint64_t cost = 1'000'000) {
  std::string error;
  const auto p = program::compile(text, error);
  if (!p) return "error: " + error;
  const json self = json::parse(document);
  const scope s{[&](std::string_view name) -> std::optional<value> {
    if (name == "self") return value::of(self);
    if (name == "variables.x") return value::kinds(std::int64_t{7});
    return std::nullopt;
  }};
  budget b{cost};
  try {
    return text_of(p->evaluate(s, b));
  } catch (const failure& f) {
    return "error: " + f.message;
  }
}

TEST(Cel, Literals) {
  const std::pair<const char*, const char*> table[] = {{"1", "1"},
                                                       {"-1", "-1"},
                                                       {"0x1F", "31"},
                                                       {"7u", "7"},
                                                       {"1.5e3", "1500"},
                                                       {"'a\\n\\u00e4'", "a\nä"},
                                                       {R"("a'b")", "a'b"},
                                                       {"r'\\n'", "\\n"},
                                                       {"'''a'b'''", "a'b"},
                                                       {"true", "true"},
                                                       {"null", "null"},
                                                       {"[1, 'a']", R"([1,"a"])"},
                                                       {"{'a': 1}", R"({"a":1})"},
                                                       {"// a comment\n1", "1"}};
  for (const auto& [text, shown] : table) EXPECT_EQ(evaluated(text), shown) << text;
}

TEST(Cel, Operators) {
  const std::pair<const char*, const char*> table[] = {
      {"1 + 2 * 3 - 4 / 2 % 3", "5"},
      {"(1 + 2) * 3", "9"},
      {"7 / 2", "3"},
      {"-7 % 3", "-1"},
      {"7.0 / 2.0", "3.5"},
      {"'a' + 'b'", "ab"},
      {"[1] + [2]", "[1,2]"},
      {"1 < 2 && 'a' < 'b'", "true"},
      {"1 == 1.0", "true"},
      {"1u == 1", "true"},
      {"'1' == 1", "false"},
      {"[1, {'a': 2}] == [1.0, {'a': 2}]", "true"},
      {"2 in [1, 2]", "true"},
      {"'b' in {'a': 1}", "false"},
      {"!true || !!true", "true"},
      {"1 > 2 ? 'a' : 'b'", "b"},
      {"9223372036854775807 + 1", "error: integer overflow"},
      {"1 / 0", "error: division by zero"},
      {"1 + 'a'", "error: no such overload"},
      {"1 && true", "error: no such overload"}};
  for (const auto& [text, shown] : table) EXPECT_EQ(evaluated(text), shown) << text;
}

TEST(Cel, WhatDecidesMakesUpForFailures) {
  EXPECT_EQ(evaluated("1 / 0 == 1 || true"), "true");
  EXPECT_EQ(evaluated("1 / 0 == 1 && false"), "false");
  EXPECT_EQ(evaluated("1 / 0 == 1 || false"), "error: division by zero");
  EXPECT_EQ(evaluated("[0, 1].exists(x, 1 / x == 1)"), "true");
  EXPECT_EQ(evaluated("[0, 1].all(x, 1 / x == 2)"), "false");
}

TEST(Cel, Documents) {
  constexpr const char* document =
      R"({"a": {"b": [1, 2, 3]}, "m": {"x": 1, "y": 2}, "n": null, "x-y": 5, "namespace": "q"})";
  const std::pair<const char*, const char*> table[] = {
      {"self.a.b[1]", "2"},
      {"self['a']['b'].size()", "3"},
      {"size(self.a.b)", "3"},
      {"has(self.a.c)", "false"},
      {"has(self.n) && self.n == null", "true"},
      {"self.x__dash__y", "5"},
      {"self.__namespace__", "q"},
      {"self.z", "error: no such key: z"},
      {"self.a.b[3]", "error: index out of bounds: 3"},
      {"self.a.b.all(i, i > 0)", "true"},
      {"self.a.b.exists(i, i == 2)", "true"},
      {"self.a.b.exists_one(i, i > 1)", "false"},
      {"self.a.b.filter(i, i > 1)", "[2,3]"},
      {"self.a.b.map(i, i * 2)", "[2,4,6]"},
      {"self.a.b.map(i, i > 1, i * 2)", "[4,6]"},
      {"self.m.all(k, self.m[k] > 0)", "true"},
      {"self.?z.orValue('none')", "none"},
      {"self.?m.?x.value()", "1"},
      {"self.a.b[?9].hasValue()", "false"},
      {"variables.x", "7"},
      {"has(variables.x)", "true"},
      {"type(timestamp('2024-01-01T00:00:00Z')) == google.protobuf.Timestamp", "true"}};
  for (const auto& [text, shown] : table) EXPECT_EQ(evaluated(text, document), shown) << text;
}

TEST(Cel, Functions) {
  const std::pair<const char*, const char*> table[] = {
      {"'hello'.startsWith('he') && 'hello'.endsWith('lo') && 'hello'.contains('ell')", "true"},
      {"'abc'.matches('^a.c$')", "true"},
      {"matches('abc', 'b')", "true"},
      {"'a'.matches('(')", "error: error parsing regexp: missing ): ("},
      {"'äbc'.charAt(1) + 'äbc'.substring(0, 1)", "bä"},
      {"'abcabc'.indexOf('c') + 'abcabc'.lastIndexOf('c')", "7"},
      {"'aBc'.lowerAscii() + 'aBc'.upperAscii()", "abcABC"},
      {"'a,b,c'.split(',').join('-')", "a-b-c"},
      {"'a,b,c'.split(',', 2)", R"(["a","b,c"])"},
      {"'aaa'.replace('a', 'b', 2)", "bba"},
      {"' a '.trim()", "a"},
      {"'abc 123'.find('[0-9]+')", "123"},
      {"'1 22'.findAll('[0-9]+')", R"(["1","22"])"},
      {"[3, 1, 2].max() + [3, 1, 2].min() + [1, 2].sum()", "7"},
      {"[1, 2, 2].isSorted()", "true"},
      {"sets.contains([1, 2], [2]) && sets.equivalent([1, 2], [2, 1, 1])", "true"},
      {"sets.intersects([1], [2])", "false"},
      {"int('7') + int(2.9)", "9"},
      {"string(1.5) + string(true)", "1.5true"},
      {"double('1.5')", "1.5"},
      {"type(1) == int && type('') == string", "true"},
      {"int('x')", "error: strconv.ParseInt: parsing \"x\": invalid syntax"},
      {"timestamp('2024-03-01T10:20:30Z').getMonth()", "2"},
      {"timestamp('2024-03-01T10:20:30Z').getDayOfYear()", "60"},
      {"timestamp('2024-03-01T10:20:30Z').getHours()", "10"},
      {"timestamp('2024-03-01T00:00:00Z') - timestamp('2024-02-29T00:00:00Z') == duration('24h')",
       "true"},
      {"duration('1h30m').getMinutes()", "90"},
      {"duration('1h') > duration('59m59s')", "true"},
      {"duration('x')", "error: time: invalid duration \"x\""},
      {"quantity('1Gi').isGreaterThan(quantity('1G'))", "true"},
      {"quantity('500m').add(quantity('1500m')).asInteger()", "2"},
      {"isQuantity('x')", "false"},
      {"size('äb')", "2"},
      {"string(b'\\x92')", "error: invalid UTF-8 in bytes, cannot convert to string"},
      {"nothing('x')", "error: no such overload: nothing"}};
  for (const auto& [text, shown] : table) EXPECT_EQ(evaluated(text), shown) << text;
}

TEST(Cel, TwoVariables) {
  const std::pair<const char*, const char*> table[] = {
      {"[1, 2, 3].all(i, v, i < v)", "true"},
      {"{'hello': 'world', 'taco': 'taco'}.all(k, v, k != v)", "false"},
      {"{'greeting': 'hello'}.exists(k, v, k.startsWith('good') || v.endsWith('lo'))", "true"},
      {"[1, 2, 4].exists(i, v, v == 4 && i == 10)", "false"},
      {"[1, 2, 1, 3].existsOne(i, v, i == 1 || v == 1)", "false"},
      {"[1, 1, 2, 2].exists_one(i, v, i == 2 && v == 2)", "true"},
      {"[1, 2, 3].transformList(i, v, (i * v) + v)", "[1,4,9]"},
      {"[1, 2, 3].transformList(i, v, i % 2 == 0, (i * v) + v)", "[1,9]"},
      {"{'a': 'b'}.transformList(k, v, k + v)", R"(["ab"])"},
      {"[1, 2, 3].transformMap(i, v, (i * v) + v) == {0: 1, 1: 4, 2: 9}", "true"},
      {"[1, 2, 3].transformMap(i, v, i % 2 == 0, v) == {0: 1, 2: 3}", "true"},
      {"{'greeting': 'hello'}.transformMapEntry(k, v, {v: k})", R"({"hello":"greeting"})"},
      {"['a', 'a'].transformMapEntry(i, v, {v: i})", "error: insert failed: key a already exists"},
      {"[[1], [2]].all(i, v, v.all(k, w, k == 0 && w == i + 1))", "true"}};
  for (const auto& [text, shown] : table) EXPECT_EQ(evaluated(text), shown) << text;
}

TEST(Cel, Optionals) {
  const std::pair<const char*, const char*> table[] = {
      {"self.?a.optMap(x, x + 1).orValue(0)", "2"},
      {"self.?b.optMap(x, x + 1).orValue(0)", "0"},
      {"self.?a.optFlatMap(x, x > 1 ? optional.of(x) : optional.none()).hasValue()", "false"},
      {"[1, ?self.?b, ?self.?a]", "[1,1]"},
      {"[?self.?b]", "[]"},
      {"{?'x': self.?a, ?'y': self.?b}", R"({"x":1})"},
      {"[?1]", "error: cannot initialize optional entry from non-optional value 1"}};
  for (const auto& [text, shown] : table) EXPECT_EQ(evaluated(text, R"({"a": 1})"), shown) << text;
}

TEST(Cel, TimesOfZones) {
  const std::pair<const char*, const char*> table[] = {
      {"timestamp('2026-07-01T23:30:00Z').getHours('Europe/Oslo')", "1"},
      {"timestamp('2026-07-01T23:30:00Z').getDate('Europe/Oslo')", "2"},
      {"timestamp('2026-01-01T00:10:00Z').getFullYear('-03:30')", "2025"},
      {"timestamp('2026-01-01T00:10:00Z').getMinutes('05:45')", "55"},
      {"timestamp('2026-01-01T00:10:00Z').getHours('UTC')", "0"},
      {"timestamp('2026-01-01T00:10:00Z').getHours('Mars/Olympus')",
       "error: unknown time zone Mars/Olympus"},
      {"timestamp(1) == timestamp('1970-01-01T00:00:01Z') && int(duration('1us')) == 1000", "true"},
      {"string(timestamp('2026-01-01T00:00:00.250Z'))", "2026-01-01T00:00:00.25Z"},
      {"'a1b2c3'.findAll('[0-9]', 2)", R"(["1","2"])"}};
  for (const auto& [text, shown] : table) EXPECT_EQ(evaluated(text), shown) << text;
}

TEST(Cel, DocumentsWithASchema) {
  type list = *list_of(plain_type(type_kind::text));
  list.is_set = true;
  type keyed = *list_of(structure_of(
      "item", {{"k", plain_type(type_kind::text)}, {"v", plain_type(type_kind::integer)}}));
  keyed.keys = {"k"};
  const type_ptr shape = structure_of(
      "self",
      {{"at", plain_type(type_kind::timestamp)},
       {"day", plain_type(type_kind::timestamp)},
       {"every", plain_type(type_kind::duration)},
       {"raw", plain_type(type_kind::bytes)},
       {"ratio", plain_type(type_kind::real)},
       {"set", std::make_shared<const type>(list)},
       {"keyed", std::make_shared<const type>(keyed)},
       {"by__dash__name", map_of(plain_type(type_kind::text), plain_type(type_kind::duration))}});
  const json document = json::parse(R"({"at": "2026-01-02T03:04:05Z", "day": "2026-01-02",
      "every": "90s", "raw": "aGk=", "ratio": 2, "set": ["a", "b"],
      "keyed": [{"k": "a", "v": 1}, {"k": "b", "v": 2}], "by-name": {"x": "1m"}})");
  const scope s{[&](std::string_view name) -> std::optional<value> {
    if (name != "self") return std::nullopt;
    return value::of(document, shape.get());
  }};
  const std::pair<const char*, const char*> table[] = {
      {"self.at.getHours()", "3"},
      {"self.at - self.day < duration('4h')", "true"},
      {"self.every + self.by__dash__name.x == duration('150s')", "true"},
      {"self.by__dash__name.all(k, self.by__dash__name[k] == duration('1m'))", "true"},
      {"self.raw == b'hi' && string(self.raw) == 'hi'", "true"},
      {"self.ratio / 4.0", "0.5"},
      {"self.set == ['b', 'a']", "true"},
      {"self.set + ['b', 'c']", R"(["a","b","c"])"},
      {"self.keyed == [{'k': 'b', 'v': 2}, {'k': 'a', 'v': 1}]", "true"},
      {"self.keyed + [{'k': 'c', 'v': 3}, {'k': 'a', 'v': 4}]",
       R"([{"k":"a","v":4},{"k":"b","v":2},{"k":"c","v":3}])"}};
  for (const auto& [text, shown] : table) {
    std::string error;
    budget b;
    const auto p = program::compile(text, error);
    ASSERT_TRUE(p) << text << error;
    try {
      EXPECT_EQ(text_of(p->evaluate(s, b)), shown) << text;
    } catch (const failure& f) {
      ADD_FAILURE() << text << ": " << f.message;
    }
  }
}

TEST(Cel, SaysWhereItCannotRead) {
  const std::pair<const char*, const char*> table[] = {
      {"1 +",
       "error: ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', "
       "'(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, "
       "IDENTIFIER}"},
      {"(1", "error: ERROR: <input>:1:3: Syntax error: mismatched input '<EOF>'"},
      {"1\n+ )", "error: ERROR: <input>:2:3: Syntax error: mismatched input ')'"},
      {"'a", "error: ERROR: <input>:1:1: Syntax error: unterminated string literal"},
      {"'\\ud800'", "error: ERROR: <input>:1:1: Syntax error: invalid escape sequence"},
      {"#", "error: ERROR: <input>:1:1: Syntax error: token recognition error at: '#'"},
      {"has(1)", "error: ERROR: <input>:1:5: invalid argument to has() macro"}};
  for (const auto& [text, shown] : table) {
    const std::string all = evaluated(text);
    EXPECT_EQ(all.substr(0, all.find("\n |")), shown) << text;
  }
  EXPECT_EQ(evaluated("other == 1"), "error: no such attribute: other");
  std::string sum = "1";
  for (int i = 0; i < 2000; ++i) sum += "+1";
  for (const std::string& deep : {std::string(200, '('), std::string(2000, '!') + "true", sum})
    EXPECT_THAT(evaluated(deep), testing::HasSubstr("nested too deep"));
}

TEST(Cel, CostsAreLimited) {
  const json many(std::vector<int>(1000, 1));
  const std::string document = json({{"l", many}}).dump();
  EXPECT_EQ(evaluated("self.l.all(x, self.l.all(y, x == y))", document.c_str(), 2'000'000),
            "error: operation cancelled: actual cost limit exceeded");
  EXPECT_EQ(evaluated("self.l.all(x, self.l.all(y, x == y))", document.c_str(), 100'000),
            "error: validation failed due to running out of cost budget, no further validation "
            "rules will be run");
  EXPECT_EQ(evaluated("self.l.all(x, x == 1)", document.c_str(), 100'000), "true");
}

TEST(Cel, CostsAreThoseOfCel) {
  const struct {
    const char* expression;
    std::uint64_t cost;
  } table[] = {
      {"true", 0},
      {"self", 1},
      {"self.l", 2},
      {"self.l[1]", 3},
      {"has(self.l)", 1},
      {"true && self.b || self.b", 2},
      {"self.b ? self.n : 1", 4},
      {"self.n < 5", 3},
      {"[self.n, 2]", 12},
      {"{'a': self.n}", 32},
      {"self.l.all(x, x > 0)", 2 + 1 + 4 * (3 + 2)},
      {"self.l.exists(x, x > 5)", 2 + 1 + 4 * (4 + 2)},
      {"self.l.exists_one(x, x > 3)", 2 + 2 + 3 * (2 + 1) + (2 + 2)},
      {"self.l.map(x, x)", 2 + 11 + 4 * (12 + 1)},
      {"self.l.filter(x, x > 3)", 2 + 11 + 3 * (2 + 1) + (2 + 13)},
      {"self.l.transformMap(i, x, x)", 2 + 31 + 4 * (3 + 1) + (0 + 1 + 2 + 3)},
  };
  const json self = json::parse(R"({"l": [1, 2, 3, 4], "b": true, "n": 1})");
  const scope s{[&](std::string_view name) {
    return name == "self" ? std::optional(value::of(self)) : std::nullopt;
  }};
  for (const auto& [expression, cost] : table) {
    std::string error;
    const auto p = program::compile(expression, error);
    ASSERT_TRUE(p) << error;
    budget b;
    p->evaluate(s, b);
    EXPECT_EQ(budget::of_rules - b.left, cost) << expression;
  }
}

}  // namespace
}  // namespace troupe::model::cel
