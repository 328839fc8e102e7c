#include "model/json.hpp"

#include "tests/fuzz/target.hpp"

using namespace troupe::model;

// What parses must survive its own canonical text unchanged; what does not must say why.
void fuzz(std::string_view input) {
  const auto first = parse_json(input);
  require(first.error.empty() || first.value.is_null(), "a fault comes with a value");
  if (!first) return;
  const auto text = first.value.dump();
  const auto second = parse_json(text);
  require(static_cast<bool>(second), "the canonical text does not parse");
  require(second.value.dump() == text, "the canonical text is not canonical");
}

std::vector<std::string> seeds() {
  return {R"({"a":[1,-2.5e3,true,null,"\u00e9\n"],"b":{"c":{}}})",
          R"({"a":1,"a":2})",
          R"([[[[[[[[]]]]]]]])",
          R"("\ud83d\ude00")",
          "18446744073709551616",
          "1e400",
          "-0"};
}
