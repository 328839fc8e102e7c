// floors: model
#include "model/quantity.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

std::string canonical(std::string_view text) {
  const auto q = quantity::parse(text);
  return q ? q->text() : "refused";
}

TEST(Quantity, CanonicalTextKeepsTheFormatAndDropsFractions) {
  const std::pair<const char*, const char*> table[] = {
      {"0", "0"},           {"0n", "0"},
      {"-0", "0"},          {"1", "1"},
      {"+1", "1"},          {"-1", "-1"},
      {"1.5", "1500m"},     {"0.5", "500m"},
      {".5", "500m"},       {"1.", "1"},
      {"1500m", "1500m"},   {"1000m", "1"},
      {"100m", "100m"},     {"1000", "1k"},
      {"1024", "1024"},     {"1e3", "1e3"},
      {"1E3", "1e3"},       {"1e+3", "1e3"},
      {"12e4", "120e3"},    {"1e-3", "1e-3"},
      {"1E", "1E"},         {"1k", "1k"},
      {"1Ki", "1Ki"},       {"1024Ki", "1Mi"},
      {"1.5Gi", "1536Mi"},  {"0.5Ki", "512"},
      {"0.1Ki", "102400m"}, {"2Gi", "2Gi"},
      {"1023Ki", "1023Ki"}, {"100u", "100u"},
      {"1n", "1n"},         {"0.1n", "1n"},
      {"-0.1n", "-1n"},     {"0.0000000001", "1n"},
      {"007", "7"},         {"1e-1000000", "1e-9"},
      {"12.34M", "12340k"}, {"1.1E", "1100P"},
      {"3001m", "3001m"},   {"0e5", "0"},
      {"7Ei", "7Ei"},       {"0.3Mi", "314572800m"}};
  for (const auto& [text, expected] : table) EXPECT_EQ(canonical(text), expected) << text;
}

TEST(Quantity, SaturatesAt63Bits) {
  for (const char* text :
       {"9223372036854775808", "100E", "8Ei", "1e400000", "99999999999999999999Gi"})
    EXPECT_EQ(quantity::parse(text)->value(), INT64_MAX) << text;
  EXPECT_EQ(quantity::parse("-100E")->value(), -INT64_MAX);
  EXPECT_EQ(canonical("9223372036854775807"), "9223372036854775807");
  auto q = *quantity::parse("7Ei");
  q += q;
  EXPECT_EQ(q.value(), INT64_MAX);
  EXPECT_EQ(q.milli_value(), INT64_MAX);
}

TEST(Quantity, RefusesInKubernetesWords) {
  const std::string format =
      "quantities must match the regular expression "
      "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  for (const char* text :
       {"", "-", "1.1.M", "1+1.0M", "0.1am", "aoeu", "1 ", " 1", "1,5", "0x10", "--1"}) {
    std::string error;
    EXPECT_FALSE(quantity::parse(text, error)) << text;
    EXPECT_EQ(error, format) << text;
  }
  for (const char* text : {".5i", "1i", "-3.01i", "-3.01e-", "1Mii", "1e", "1K", "1kk", "0.1mi",
                           "1mm", "1e99999999999999999999"}) {
    std::string error;
    EXPECT_FALSE(quantity::parse(text, error)) << text;
    EXPECT_EQ(error, "unable to parse quantity's suffix") << text;
  }
}

TEST(Quantity, ValuesRoundUp) {
  EXPECT_EQ(quantity::parse("1100m")->value(), 2);
  EXPECT_EQ(quantity::parse("-1100m")->value(), -2);
  EXPECT_EQ(quantity::parse("1n")->milli_value(), 1);
  EXPECT_EQ(quantity::parse("2Gi")->value(), 2147483648);
  EXPECT_EQ(quantity::parse("250m")->milli_value(), 250);
  EXPECT_EQ(quantity::parse("4")->milli_value(), 4000);
}

TEST(Quantity, ComparesAcrossFormats) {
  EXPECT_EQ(*quantity::parse("1Ki"), *quantity::parse("1024"));
  EXPECT_LT(*quantity::parse("1M"), *quantity::parse("1Mi"));
  EXPECT_TRUE(quantity::parse("-1m")->negative());
  EXPECT_TRUE(quantity::parse("0Gi")->zero());
}

TEST(Quantity, AddsAndSubtractsInTheFirstFormat) {
  quantity sum;
  sum += *quantity::parse("512Mi");
  sum += *quantity::parse("512Mi");
  EXPECT_EQ(sum.text(), "1Gi");
  sum -= *quantity::parse("256Mi");
  EXPECT_EQ(sum.text(), "768Mi");
  EXPECT_EQ(quantity::of_milli(1250).text(), "1250m");
  EXPECT_EQ(quantity::of(4096, quantity::format::binary_si).text(), "4Ki");
}

}  // namespace
}  // namespace troupe::model
