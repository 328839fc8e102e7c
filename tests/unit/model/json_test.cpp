// floors: model
#include "model/json.hpp"

#include "model/json_read.hpp"
#include "model/json_writer.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ParseJson, GivesTheDocument) {
  const parsed_json parsed = parse_json(R"({"a":[1,-2,3.5,"x",true,null,{}],"b":{"c":"\u00e4"}})");
  ASSERT_TRUE(parsed) << parsed.error;
  EXPECT_EQ(parsed.value.dump(), "{\"a\":[1,-2,3.5,\"x\",true,null,{}],\"b\":{\"c\":\"\u00e4\"}}");
  EXPECT_TRUE(parsed.duplicates.empty());
}

TEST(ParseJson, RefusesWhatIsNotStrict) {
  for (const char* bad : {"", "{", "{\"a\":}", "[1,]", "{'a':1}", "{\"a\":1} x", "nul", "\"\xff\"",
                          "{\"a\":1e999}", "// c\n1", "{\"a\" 1}", "[NaN]", "\"\t\""}) {
    const parsed_json parsed = parse_json(bad);
    EXPECT_FALSE(parsed) << bad;
    EXPECT_TRUE(parsed.value.is_null()) << bad;
  }
}

TEST(ReadJson, AgreesWithTheFullParser) {
  for (const char* text : {"{}",
                           "[]",
                           " [ 1 , 2 ] \n",
                           "{\"b\":1,\"a\":{\"c\":[{}]}}",
                           "-0",
                           "0",
                           "-1",
                           "01",
                           "-",
                           "1.",
                           ".5",
                           "1.5",
                           "-2.5e-3",
                           "1E+2",
                           "1e",
                           "9223372036854775808",
                           "-9223372036854775808",
                           "18446744073709551616",
                           "-9223372036854775809",
                           "1e400",
                           "true",
                           "tru",
                           "nullx",
                           "\"a\\\"b\"",
                           "\"\\/\\b\\f\\n\\r\\t\"",
                           "\"\\u003c\\u0000\"",
                           "\"\\u00e9\"",
                           "\"\\ud83d\\ude00\"",
                           "\"\\ud83d\"",
                           "\"\\u12g4\"",
                           "\"\\x\"",
                           "\"open",
                           "\"\n\"",
                           "\"\xc3\xa9 and more\"",
                           "\"\xc3\"",
                           "\"eight ch\\\"ar\"",
                           "\xef\xbb\xbf{}",
                           "{\"a\":1,\"a\":2}",
                           "{\"a\":1,}",
                           "{,}",
                           "{\"a\"}",
                           "[1 2]",
                           "[1]]",
                           "",
                           " "}) {
    const json full = json::parse(text, nullptr, false);
    const json quick = read_json(text);
    ASSERT_EQ(quick.type(), full.type()) << text;
    if (full.is_discarded()) continue;
    EXPECT_EQ(quick, full) << text;
  }
}

TEST(ReadContent, LeavesOutTheManagedFieldsOfMetadataAlone) {
  for (const char* name : {"web", "\\ud83d\\ude00"}) {  // plain, and for the full parser
    const std::string text =
        std::string(R"({"kind":"Pod","metadata":{"managedFields":[{"f:a":{"}":"]"}}],"name":")") +
        name + R"("},"spec":{"managedFields":1,"metadata":{"managedFields":2}}})";
    json expected = json::parse(text);
    expected["metadata"].erase("managedFields");
    EXPECT_EQ(read_content(text), expected) << text;
  }
  EXPECT_TRUE(read_content("{\"metadata\":{\"managedFields\":[").is_discarded());
}

TEST(ReadJson, GoesNoDeeperThanItIsTold) {
  json out;
  EXPECT_TRUE(read_plain_json("[[{\"a\":[]},[]]]", 4, out));
  EXPECT_FALSE(read_plain_json("[[{\"a\":[]},[]]]", 3, out));
  EXPECT_TRUE(out.is_null());
}

TEST(ParseJson, NamesKeysThatComeTwiceAndTakesTheLast) {
  const parsed_json parsed = parse_json(
      R"({"spec":{"containers":[{"name":"a"},{"name":"b","name":"c"}]},"spec2":1,"spec2":2})");
  ASSERT_TRUE(parsed);
  EXPECT_THAT(parsed.duplicates, ElementsAre("spec.containers[1].name", "spec2"));
  EXPECT_EQ(parsed.value["spec"]["containers"][1]["name"], "c");
  EXPECT_EQ(parsed.value["spec2"], 2);
}

TEST(ParseJson, KeepsItsLimits) {
  EXPECT_TRUE(parse_json(std::string(128, '[') + std::string(128, ']')));
  EXPECT_THAT(parse_json(std::string(129, '[')).error, HasSubstr("max depth of 128"));
  EXPECT_THAT(parse_json(std::string(100000, '[')).error, HasSubstr("max depth"));
  EXPECT_THAT(parse_json("[1,2,3]", {.bytes = 6}).error, HasSubstr("larger than 6 bytes"));
}

TEST(AppendText, WritesWhatDumpWrites) {
  std::string every_byte;
  for (int c = 1; c < 128; ++c) every_byte += static_cast<char>(c);
  const json table[] = {
      nullptr,
      true,
      false,
      0,
      -1,
      std::int64_t{-9223372036854775807},
      18446744073709551615u,
      1.5,
      1e300,
      "",
      "plain",
      "exactly8",
      "longer than eight characters",
      "quote \" inside",
      "12345678\\",
      "tab\t",
      "\x7f",
      "\xc3\xa4\xe2\x82\xac",
      every_byte,
      json::object(),
      json::array(),
      {{"b", {1, {{"x", "y"}}, json::array()}}, {"a\n", nullptr}, {"\xc3\xa4", json::object()}}};
  for (const json& value : table) {
    std::string out = "before ";
    append_text(out, value);
    EXPECT_EQ(out, "before " + value.dump());
  }
  std::string out;
  EXPECT_THROW(append_text(out, json("\xff")), json::type_error);
}

TEST(ParseYaml, ReadsScalarsAsYaml11) {
  const std::pair<const char*, const char*> table[] = {
      {"yes", "true"},
      {"On", "true"},
      {"n", "false"},
      {"off", "false"},
      {"yEs", "\"yEs\""},
      {"~", "null"},
      {"Null", "null"},
      {"12", "12"},
      {"-12", "-12"},
      {"010", "8"},
      {"0o17", "15"},
      {"0x1F", "31"},
      {"0b101", "5"},
      {"1_000", "1000"},
      {"08", "8"},
      {"1.5", "1.5"},
      {"1.0", "1"},
      {"1e3", "1000"},
      {".5", "0.5"},
      {"1e", "\"1e\""},
      {"1:30", "\"1:30\""},
      {"2001-01-01", "\"2001-01-01\""},
      {"\"yes\"", "\"yes\""},
      {"'12'", "\"12\""},
      {"!!str 12", "\"12\""},
      {"500m", "\"500m\""},
      {"-", "[null]"},
      {"18446744073709551615", "18446744073709551615"},
      {"+5", "5"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"a", "\"a\""}};
  for (const auto& [text, expected] : table) {
    const parsed_json parsed = parse_yaml(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error;
    EXPECT_EQ(parsed.value.dump(), expected) << text;
  }
}

TEST(ParseYaml, ReadsBlocksFlowsAndMerges) {
  const parsed_json parsed = parse_yaml(R"(
base: &base {image: a, tty: no}
c:
  - <<: *base
    image: b
  - *base
text: |
  line
  two
1: x
true: y
)");
  ASSERT_TRUE(parsed) << parsed.error;
  EXPECT_EQ(parsed.value.dump(),
            R"({"1":"x","base":{"image":"a","tty":false},"c":[{"image":"b","tty":false},)"
            R"({"image":"a","tty":false}],"text":"line\ntwo\n","true":true})");
}

TEST(ParseYaml, RefusesWhatExplodesOrIsBroken) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j) bomb += "*a" + std::to_string(i - 1) + ",";
    bomb += "]\n";
  }
  EXPECT_THAT(parse_yaml(bomb).error, HasSubstr("excessive aliasing"));
  EXPECT_THAT(parse_yaml("a: &a [*a]").error, HasSubstr("yaml"));
  EXPECT_THAT(parse_yaml("a: b: c").error, HasSubstr("yaml: line 1: "));
  EXPECT_THAT(parse_yaml("a:\n\t- b").error, HasSubstr("yaml: line 2: "));
  EXPECT_FALSE(parse_yaml(std::string(5000, '[')));
  EXPECT_THAT(parse_yaml(std::string(200, '[') + std::string(200, ']')).error,
              HasSubstr("max depth"));
  EXPECT_FALSE(parse_yaml("a: .inf"));
  EXPECT_FALSE(parse_yaml("a: \"\xff\""));
  EXPECT_THAT(
      parse_yaml("a: 1\nb: {c: 1, c: 2}\na: 3").duplicates,
      ElementsAre("line 2: key \"c\" already set in map", "line 3: key \"a\" already set in map"));
}

TEST(ParseDocuments, SplitsYamlAndJsonStreams) {
  const auto values = [](std::string_view text) {
    std::string out;
    for (const auto& d : parse_documents(text)) out += d ? d.value.dump() + ";" : "error;";
    return out;
  };
  EXPECT_EQ(values("a: 1\n---\nb: 2\n--- # next\n\n---\n# only a comment\n---\nc: '---'\n"),
            R"({"a":1};{"b":2};{"c":"---"};)");
  EXPECT_EQ(values(R"({"a":"}"}{"b":[1]}
 {"c":{}})"),
            R"({"a":"}"};{"b":[1]};{"c":{}};)");
  EXPECT_EQ(values("---\n{\"a\":1}\n---\n{b: 2}\n"), R"({"a":1};{"b":2};)");
  EXPECT_EQ(values("a: 1\n---\nb: : 2\n---\nc: 3\n"), R"({"a":1};error;{"c":3};)");
  EXPECT_EQ(values("{\"a\":1}\n{\"b\""), R"({"a":1};error;)");
  EXPECT_EQ(values(""), "");
  EXPECT_EQ(values("a: |\n  x\n  ---\n  y\n"), "{\"a\":\"x\\n---\\ny\\n\"};");
}

}  // namespace
}  // namespace troupe::model
