// floors: model
#include "model/output/jsonpath.hpp"
#include "model/output/tab_writer.hpp"
#include "model/output/yaml_text.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

TEST(TabWriter, AlignsNeighbouringLines) {
  EXPECT_EQ(align_tabs("a\tb\tc\nlonger\tb\tc\n", 6, 3), "a        b     c\nlonger   b     c\n");
  EXPECT_EQ(align_tabs("Name:\tweb\nStatus:\tRunning\nplain\nA:\tb\n", 0, 2),
            "Name:    web\nStatus:  Running\nplain\nA:  b\n");
  EXPECT_EQ(align_tabs("", 6, 3), "");
}

TEST(YamlText, LooksLikeKubectl) {
  EXPECT_EQ(yaml_text(json::parse(R"({"a":{"b":[{"c":1,"d":[]},"x"],"e":{}},"f":null,"g":true})")),
            "a:\n  b:\n  - c: 1\n    d: []\n  - x\n  e: {}\nf: null\ng: true\n");
  EXPECT_EQ(yaml_text(json::parse(R"([[1,2],{"a":{"b":1}}])")), "- - 1\n  - 2\n- a:\n    b: 1\n");
}

TEST(YamlText, QuotesWhatWouldReadAsSomethingElse) {
  const std::pair<const char*, const char*> table[] = {
      {"", "\"\""},
      {"true", "\"true\""},
      {"yes", "\"yes\""},
      {"null", "\"null\""},
      {"1", "\"1\""},
      {"0x1F", "\"0x1F\""},
      {"1e3", "\"1e3\""},
      {"1.5", "\"1.5\""},
      {"10:30", "\"10:30\""},
      {"2024-05-01T10:00:00Z", "\"2024-05-01T10:00:00Z\""},
      {"100m", "100m"},
      {"nginx:1.2", "nginx:1.2"},
      {"a: b", "'a: b'"},
      {"a #b", "'a #b'"},
      {"*", "'*'"},
      {"it's: x", "'it''s: x'"},
      {"- a", "'- a'"},
      {"-a", "-a"},
      {" a", "' a'"},
      {"a\tb", "\"a\\tb\""},
      {"{}", "'{}'"},
      {"a\nb\n", "|\n  a\n  b"},
      {"a\nb", "|-\n  a\n  b"}};
  for (const auto& [text, expected] : table)
    EXPECT_EQ(yaml_text({{"k", text}}), std::string("k: ") + expected + "\n") << text;
}

TEST(YamlText, FoldsLongScalars) {
  std::string words;
  for (int i = 0; i < 20; ++i) words += (i ? " " : "") + std::string("word") + std::to_string(i);
  EXPECT_EQ(yaml_text({{"message", words}}),
            "message: word0 word1 word2 word3 word4 word5 word6 word7 word8 word9 word10 word11\n"
            "  word12 word13 word14 word15 word16 word17 word18 word19\n");
}

const json& list() {
  static const json l = json::parse(R"({"kind":"List","items":[
    {"metadata":{"name":"a","labels":{"app.kubernetes.io/name":"x"}},"status":{"n":1,
      "conditions":[{"type":"Ready","status":"True"},{"type":"Other","status":"False"}]}},
    {"metadata":{"name":"b"},"status":{"n":2,"conditions":[{"type":"Ready","status":"False"}]}}]})");
  return l;
}

TEST(JsonPath, Evaluates) {
  const std::pair<const char*, const char*> table[] = {
      {"{.kind}", "List"},
      {".kind", "List"},
      {"{$.kind}", "List"},
      {"kind is {.kind}!", "kind is List!"},
      {"{.items[*].metadata.name}", "a b"},
      {"{.items[0].metadata.name}", "a"},
      {"{.items[-1].metadata.name}", "b"},
      {"{.items[0:1].metadata.name}", "a"},
      {"{.items[0,1].status.n}", "1 2"},
      {"{.items[*]['metadata.name','status.n']}", "a b 1 2"},
      {"{..name}", "a b"},
      {"{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "x"},
      {"{.items[0].metadata.labels['app\\.kubernetes\\.io/name']}", "x"},
      {"{.items[?(@.status.n==2)].metadata.name}", "b"},
      {"{.items[?(@.status.n>=1)].metadata.name}", "a b"},
      {"{.items[?(@.metadata.name!=\"a\")].status.n}", "2"},
      {"{.items[?(@.metadata.labels)].metadata.name}", "a"},
      {"{.items[*].status.conditions[?(@.type==\"Ready\")].status}", "True False"},
      {"{range .items[*]}{.metadata.name}{\"\\t\"}{.status.n}{\"\\n\"}{end}", "a\t1\nb\t2\n"},
      {"{range .items[*]}[{range .status.conditions[*]}{.type},{end}]{end}",
       "[Ready,Other,][Ready,]"},
      {"{.missing}", ""},
      {"{.items[0].status.conditions[1]}", R"({"status":"False","type":"Other"})"}};
  for (const auto& [text, expected] : table) {
    std::string error;
    const auto path = jsonpath::parse(text, error);
    ASSERT_TRUE(path) << text << ": " << error;
    EXPECT_EQ(path->print(list()), expected) << text;
  }
}

TEST(JsonPath, RefusesWhatItCannotRead) {
  for (const char* text :
       {"{.a", "{range .a}", "{end}", "{.a[}", "{.a[?(@.b]}", "{\"x}", "{.a[x]}"}) {
    std::string error;
    EXPECT_FALSE(jsonpath::parse(text, error)) << text;
    EXPECT_FALSE(error.empty()) << text;
  }
}

}  // namespace
}  // namespace troupe::model
