#include "model/json.hpp"
#include "tests/fuzz/target.hpp"

using namespace troupe::model;

// Documents are values that JSON can carry, whatever the text was.
void fuzz(std::string_view input) {
  const json_limits limits{.bytes = 1u << 16, .depth = 64};
  for (const auto& document : parse_documents(input, limits)) {
    if (!document) continue;
    require(static_cast<bool>(parse_json(document.value.dump())),
            "a YAML document that is no JSON");
  }
  parse_yaml(input, limits);
}

std::vector<std::string> seeds() {
  return {
      "a: 1\nb: [x, \"y\", 'z', 0x1f, 1e3, yes, ~]\n---\nc:\n- d: |\n    text\n  e: >-\n    more\n",
      "a: &x [1, 2]\nb: *x\nc: {<<: {d: 1}}\n",
      "a: &a [*a]",
      "{a: {b: {c: {d: {}}}}}",
      "? complex\n: value\n",
      "a: !!binary aGk=\n",
      "---\n---\n...\n",
      "a:\tb",
      "- - - - x"};
}
