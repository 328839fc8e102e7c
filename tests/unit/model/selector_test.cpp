// floors: model
#include "model/selector.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

const string_pairs labels = {{"app", "web"}, {"empty", ""}, {"replicas", "3"}, {"tier", "front"}};

TEST(LabelSelector, Matches) {
  const std::pair<const char*, bool> table[] = {{"", true},
                                                {"app=web", true},
                                                {"app==web", true},
                                                {"app = web", true},
                                                {"app!=web", false},
                                                {"app=web,tier=back", false},
                                                {"other!=x", true},
                                                {"app in (web, db)", true},
                                                {"app in (db)", false},
                                                {"app notin (db)", true},
                                                {"other notin (db)", true},
                                                {"app", true},
                                                {"!app", false},
                                                {"!other", true},
                                                {"empty=", true},
                                                {"empty", true},
                                                {"other=", false},
                                                {"app in (,web)", true},
                                                {"empty in (,x)", true},
                                                {"empty in (x,)", true},
                                                {"replicas>2", true},
                                                {"replicas<2", false},
                                                {"app>2", false},
                                                {"other>2", false},
                                                {"in in (a)", false},
                                                {"app=in", false},
                                                {"kubernetes.io/arch!=arm", true}};
  for (const auto& [text, expected] : table) {
    std::string error;
    const auto s = label_selector::parse(text, error);
    ASSERT_TRUE(s) << text << ": " << error;
    EXPECT_EQ(s->matches(labels), expected) << text;
  }
}

TEST(LabelSelector, RefusesInKubernetesWords) {
  const std::string name_rule =
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
      "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
      "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  const std::string value_rule =
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
      "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
      "'my_value',  or '12345', regex used for validation is "
      "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
  const std::pair<const char*, std::string> table[] = {
      {"=a", "found '=', expected: !, identifier, or 'end of string'"},
      {"a,", "found '', expected: identifier after ','"},
      {"a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"},
      {"a=b c", "found 'c', expected: ',' or 'end of string'"},
      {"a in b", "unable to parse requirement: found 'b' expected: '('"},
      {"a in (b", "unable to parse requirement: found '', expected: ',' or ')'"},
      {"a in ()",
       "unable to parse requirement: values: Invalid value: []string{}: for 'in', 'notin' "
       "operators, values set can't be empty"},
      {"a=)", "unable to parse requirement: found ')', expected: identifier"},
      {"!", "unable to parse requirement: found '', expected: identifier"},
      {"a>x",
       "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, "
       "the value must be an integer"},
      {"-a=b", "unable to parse requirement: <nil>: Invalid value: \"-a\": " + name_rule},
      {"/a=b",
       "unable to parse requirement: <nil>: Invalid value: \"/a\": prefix part must be non-empty"},
      {"a=-b", "unable to parse requirement: values[0][a]: Invalid value: \"-b\": " + value_rule}};
  for (const auto& [text, expected] : table) {
    std::string error;
    EXPECT_FALSE(label_selector::parse(text, error)) << text;
    EXPECT_EQ(error, expected) << text;
  }
}

TEST(LabelSelector, FromJson) {
  std::string error;
  const auto s =
      label_selector::from_json(json::parse(R"({"matchLabels":{"app":"web"},"matchExpressions":[
        {"key":"tier","operator":"In","values":["z","front"]},
        {"key":"other","operator":"DoesNotExist"}]})"),
                                error);
  ASSERT_TRUE(s) << error;
  EXPECT_TRUE(s->matches(labels));
  EXPECT_FALSE(s->matches({{"app", "web"}}));
  EXPECT_FALSE(label_selector::from_json(
      json::parse(R"({"matchExpressions":[{"key":"a","operator":"Like"}]})"), error));
  EXPECT_EQ(error, "\"Like\" is not a valid label selector operator");
  EXPECT_TRUE(label_selector::from_json(json(), error)->empty());
}

TEST(FieldSelector, MatchesAndFindsRequiredValues) {
  const string_pairs fields = {
      {"metadata.name", "web"}, {"spec.nodeName", ""}, {"status.phase", "Running"}};
  const std::pair<const char*, bool> table[] = {{"", true},
                                                {"metadata.name=web", true},
                                                {"metadata.name==web,status.phase!=Running", false},
                                                {"spec.nodeName=", true},
                                                {"spec.nodeName!=", false},
                                                {",metadata.name=web,", true},
                                                {"metadata.name=w\\,b", false}};
  for (const auto& [text, expected] : table) {
    std::string error;
    const auto s = field_selector::parse(text, error);
    ASSERT_TRUE(s) << text << ": " << error;
    EXPECT_EQ(s->matches(fields), expected) << text;
  }
  std::string error;
  const auto s = field_selector::parse("spec.nodeName=n1,metadata.name!=x", error);
  ASSERT_TRUE(s->required("spec.nodeName"));
  EXPECT_EQ(*s->required("spec.nodeName"), "n1");
  EXPECT_FALSE(s->required("metadata.name"));
  EXPECT_EQ(field_selector::parse("a=x\\,y\\=z\\\\", error)->terms[0].value, "x,y=z\\");
}

TEST(FieldSelector, RefusesInKubernetesWords) {
  std::string error;
  EXPECT_FALSE(field_selector::parse("a=b,foo", error));
  EXPECT_EQ(error, "invalid selector: 'a=b,foo'; can't understand 'foo'");
  EXPECT_FALSE(field_selector::parse("a=b\\x", error));
  EXPECT_EQ(error, "invalid field selector: invalid escape sequence: \\x");
  EXPECT_FALSE(field_selector::parse("a=b\\", error));
  EXPECT_FALSE(field_selector::parse("a=b=c", error));
}

}  // namespace
}  // namespace troupe::model
