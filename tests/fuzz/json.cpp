#include "model/json.hpp"

#include "model/json_read.hpp"
#include "tests/fuzz/target.hpp"

using namespace troupe::model;

// What parses must survive its own canonical text unchanged; what does not must say why.
// The quick reader agrees with the full one, types of numbers included.
void fuzz(std::string_view input) {
  const json quick = read_json(input);
  const json full = json::parse(input, nullptr, false);
  require(quick.is_discarded() == full.is_discarded(), "the readers disagree on what is JSON");
  if (!full.is_discarded())
    require(json::to_cbor(quick) == json::to_cbor(full), "the readers disagree on a value");
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
          R"([-0,0,-0.0,01,1.,1.5e+3,-9223372036854775808,9223372036854775807,-1])",
          "\xef\xbb\xbf{}",
          " { \"b\" : \"\\u003c\\t\xc3\xa9\" ,\n\"a\" : [ ] } ",
          "-0"};
}
