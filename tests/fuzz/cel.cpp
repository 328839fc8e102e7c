#include "model/cel/check.hpp"
#include "tests/fuzz/target.hpp"

using namespace troupe::model;

namespace {

/// A value as text, or the failure.
std::string evaluated(const cel::program& p, const json& self) {
  const cel::scope names{[&](std::string_view name) -> std::optional<cel::value> {
    if (name == "self") return cel::value::of(self);
    return std::nullopt;
  }};
  cel::budget budget{10'000};
  try {
    return cel::text_of(p.evaluate(names, budget));
  } catch (const cel::failure& f) {
    return "failure: " + f.message;
  }
}

}  // namespace

// The input is an expression.
void fuzz(std::string_view input) {
  static const json self = json::parse(R"({"a": [1, "x", {"b": null}], "m": {"k": 1.5}})");
  std::string error;
  const auto p = cel::program::compile(input, error);
  require((p == nullptr) == !error.empty(), "an expression is refused without an error");
  const cel::variable_types types{
      {"self", cel::structure_of("self", {{"a", cel::list_of(cel::plain_type(cel::type_kind::dyn))},
                                          {"m", cel::read_type("map(string, double)")}})}};
  const auto checked = cel::check(input, types);
  require((checked.result == nullptr) == !checked.faults.empty(), "bad types without a fault");
  require(p || !checked.result, "what cannot be read has a type");
  if (p) require(evaluated(*p, self) == evaluated(*p, self), "two evaluations differ");
}

std::vector<std::string> seeds() {
  return {"self.a.all(x, type(x) == string || x == 1)",
          "self.?m.?k.orValue(1) > 1.0 ? 'yes' : \"no\"",
          "has(self.m.k) && self.a.exists(x, x in [1, 2u, 3.0]) && !('k' in {'k': 1})",
          "self.a.map(x, x == 1, x * 2).size() - -1 % 2",
          "'a,b'.split(',').join('-').matches('^[a-z]-') && r'\\n' != b'\\x00'",
          "duration('1h30m') + duration('1s') < timestamp('2024-01-01T00:00:00Z') - duration('1h')",
          "quantity('1Gi').add(1).isGreaterThan(quantity('500m'))"};
}
