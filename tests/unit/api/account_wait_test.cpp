// floors: actors/controllers actors/events actors/api actors/store
#include "tests/unit/controllers/fixture.hpp"

namespace troupe {
namespace {

/// A namespace whose controllers have not yet made its account `default`, as right after its
/// creation: a pod waits for it up to a second.
class AccountWait : public ::testing::Test, protected virtual_cluster {
 protected:
  AccountWait() : virtual_cluster(16384, std::make_shared<const model::token_issuer>()) {
    code("POST", "/api/v1/namespaces", named("Namespace", "new"));
    api_request r;
    r.method = "POST";
    r.target = "/api/v1/namespaces/new/pods";
    r.user = {"admin", {"system:masters", "system:authenticated"}};
    r.body = blob_ref(pod_on("p", "").dump());
    sys.spawn([this, r](caf::event_based_actor* self) {
      self->request(options.api, caf::infinite, request_atom::value, r)
          .then([this](const api_response& a) { answer = a; });
    });
    sched.run();
  }

  std::optional<api_response> answer;
};

TEST_F(AccountWait, EndsWhenTheAccountIsThere) {
  EXPECT_FALSE(answer);
  EXPECT_EQ(
      code("POST", "/api/v1/namespaces/new/serviceaccounts", named("ServiceAccount", "default")),
      201);
  EXPECT_FALSE(answer) << "it looks again after a pause";
  pass(1s);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, 201) << answer->body.bytes();
}

TEST_F(AccountWait, EndsWithARefusalWhenNobodyMakesTheAccount) {
  pass(1s);
  for (int i = 0; i < 60 && !answer; ++i) {
    sched.advance_time(25ms);
    sched.run();
  }
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, 403);
  EXPECT_NE(
      answer->body.bytes().find(
          R"(error looking up service account new/default: serviceaccount \"default\" not found)"),
      std::string_view::npos)
      << answer->body.bytes();
}

}  // namespace
}  // namespace troupe
