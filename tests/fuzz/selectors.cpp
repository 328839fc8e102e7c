#include "model/selector.hpp"
#include "tests/fuzz/target.hpp"

using namespace troupe::model;

void fuzz(std::string_view input) {
  static const string_pairs labels{{"a", "1"}, {"app", "web"}, {"example.com/tier", "9"}};
  std::string error;
  if (const auto parsed = label_selector::parse(input, error))
    parsed->matches(labels);
  else
    require(!error.empty(), "a label selector refused without a reason");
  error.clear();
  if (const auto parsed = field_selector::parse(input, error))
    parsed->matches(labels);
  else
    require(!error.empty(), "a field selector refused without a reason");
}

std::vector<std::string> seeds() {
  return {"a=1,app!=x,example.com/tier in (9,8),a notin (2),app,!gone",
          "a==1",
          "x in (,)",
          "spec.nodeName=n1,status.phase!=Running",
          R"(metadata.name=a\,b\=c)",
          "a in ((b)",
          ",,,"};
}
