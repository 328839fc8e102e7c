#include "model/quantity.hpp"
#include "tests/fuzz/target.hpp"

using namespace troupe::model;

// The canonical text of a quantity is the same quantity.
void fuzz(std::string_view input) {
  std::string error;
  const auto first = quantity::parse(input, error);
  if (!first) return require(!error.empty(), "a quantity refused without a reason");
  const auto second = quantity::parse(first->text());
  require(second && *second == *first, "the canonical text is another quantity");
  require(second->text() == first->text(), "the canonical text is not canonical");
  auto sum = *first;
  sum += *second;
  sum -= *second;
  first->value();
  first->milli_value();
}

std::vector<std::string> seeds() {
  return {"1",    "100m", "1.5Gi", "-2e3", "9223372036854775807", "1E", ".5", "0.0000000001",
          "1e-9", "5Ei",  "+1u"};
}
