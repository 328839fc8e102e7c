// floors: model
#include "model/bootstrap_token.hpp"

#include "model/base64.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using std::chrono::hours;

const auto now = time_point{std::chrono::seconds{1'767'225'600}};
const bootstrap_token token{"abcdef", "0123456789abcdef"};

TEST(BootstrapToken, HasAFixedForm) {
  EXPECT_EQ(parse_bootstrap_token("abcdef.0123456789abcdef")->id, "abcdef");
  for (const auto* bad : {"", "abcdef", "abcdef.0123456789abcde", "abcdeF.0123456789abcdef",
                          "abcdef-0123456789abcdef", "abcdef.0123456789abcdef "})
    EXPECT_FALSE(parse_bootstrap_token(bad)) << bad;
}

TEST(BootstrapToken, IsReadBackFromItsSecret) {
  const auto secret = make_bootstrap_secret(token, worker_bootstrap_group, "d", now + hours(1));
  const auto read = read_bootstrap_secret(secret, now);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->token.secret, token.secret);
  EXPECT_TRUE(read->authenticates);
  EXPECT_FALSE(read->expired);
  EXPECT_THAT(read->groups, testing::ElementsAre("system:bootstrappers", worker_bootstrap_group));
  EXPECT_TRUE(read_bootstrap_secret(secret, now + hours(1))->expired);
}

TEST(BootstrapToken, AnUnreadableExpirationHasPassed) {
  auto secret = make_bootstrap_secret(token, worker_bootstrap_group, "", {});
  EXPECT_FALSE(read_bootstrap_secret(secret, now)->expired);
  secret["data"]["expiration"] = to_base64("soon");
  EXPECT_TRUE(read_bootstrap_secret(secret, now)->expired);
}

TEST(BootstrapToken, SecretsThatAreNotQuiteOneAreNone) {
  const auto good = make_bootstrap_secret(token, worker_bootstrap_group, "", {});
  auto with = [&](const char* pointer, const std::string& value) {
    auto s = good;
    s[json::json_pointer(pointer)] = value;
    return read_bootstrap_secret(s, now);
  };
  EXPECT_FALSE(with("/type", "Opaque"));
  EXPECT_FALSE(with("/metadata/name", "bootstrap-token-other0"));
  EXPECT_FALSE(with("/data/token-secret", to_base64("short")));
  EXPECT_FALSE(with("/data/auth-extra-groups", to_base64("system:masters")));
  EXPECT_FALSE(with("/data/auth-extra-groups", to_base64("system:bootstrappers:a-")));
  EXPECT_FALSE(read_bootstrap_secret(json::object(), now));
}

}  // namespace
}  // namespace troupe::model
