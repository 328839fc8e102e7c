// floors: model
#include "model/generated_name.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

TEST(GeneratedName, IsThePrefixAndFiveCharactersWithinALabel) {
  random_source random(1);
  const struct {
    std::string base, begins;
  } cases[] = {
      {"web-", "web-"},
      {std::string(58, 'a'), std::string(58, 'a')},
      {std::string(80, 'a'), std::string(58, 'a')},
  };
  for (const auto& [base, begins] : cases) {
    const auto one = generated_name(base, random), other = generated_name(base, random);
    EXPECT_EQ(one.substr(0, begins.size()), begins);
    EXPECT_EQ(one.size(), begins.size() + generated_length);
    EXPECT_NE(one, other);
  }
}

}  // namespace
}  // namespace troupe::model
