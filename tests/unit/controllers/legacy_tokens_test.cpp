// floors: actors/controllers actors/events actors/api actors/store
#include "actors/controllers/legacy_tokens.hpp"

#include "model/legacy_token.hpp"
#include "tests/unit/controllers/workloads.hpp"

namespace troupe {
namespace {

// The fixture's clock starts on 2023-11-14.
class LegacyTokens : public ::testing::Test, protected virtual_cluster {
 protected:
  LegacyTokens() {
    make_default_namespace(*this);
    code("POST", "/api/v1/namespaces", named("Namespace", "kube-system"));
    account("bot", {"auto", "used", "mounted", "strange"});
    for (const char* name : {"auto", "used", "mounted", "strange", "manual"}) token(name, "bot");
    label("strange", "yesterday");
  }

  // Under `secrets` is what Kubernetes made by itself.
  void account(const std::string& name, const std::vector<std::string>& secrets) {
    auto out = named("ServiceAccount", name);
    for (const auto& s : secrets) out["secrets"].push_back({{"name", s}});
    ASSERT_EQ(code("POST", "/api/v1/namespaces/default/serviceaccounts", out), 201);
  }
  void token(const std::string& name, const std::string& of) {
    auto out = named("Secret", name);
    out["metadata"]["annotations"] = {{"kubernetes.io/service-account.name", of}};
    out["type"] = "kubernetes.io/service-account-token";
    ASSERT_EQ(code("POST", "/api/v1/namespaces/default/secrets", out), 201);
  }
  static std::string path(const std::string& name) {
    return "/api/v1/namespaces/default/secrets/" + name;
  }
  void label(const std::string& name, const std::string& last_used) {
    edit(*this, path(name),
         [&](json& s) { s["metadata"]["labels"][model::last_used_label] = last_used; });
  }
  void use(const std::string& name) { label(name, model::day_of(now)); }
  std::string invalid_since(const std::string& name) {
    return model::string_at(get(*this, path(name)),
                            {"metadata", "labels", model::invalid_since_label});
  }
  // Days pass in a moment: a sweep a day is all that happens in them.
  void pass_days(int days) {
    for (int i = 0; i < days; ++i) {
      now += 24h;
      sched.advance_time(24h);
      sched.run();
    }
  }
};

TEST_F(LegacyTokens, AreMarkedAfterAYearAndDeletedAfterTheNext) {
  auto pod = pod_on("p", "n1");
  pod["spec"]["volumes"] = {{{"name", "v"}, {"secret", {{"secretName", "mounted"}}}}};
  ASSERT_EQ(code("POST", "/api/v1/namespaces/default/pods", pod), 201);
  running.push_back(spawn_legacy_token_cleaner(sys, options));
  pass(1s);
  EXPECT_EQ(model::string_at(get(*this, std::string("/api/v1/namespaces/kube-system/configmaps/") +
                                            model::token_tracking_map),
                             {"data", "since"}),
            "2023-11-14");
  pass_days(200);
  use("used");
  pass_days(165);
  EXPECT_EQ(invalid_since("auto"), "") << "a year has not passed for certain";
  pass_days(1);
  const auto marked = invalid_since("auto");
  EXPECT_EQ(marked, "2024-11-14");
  for (const char* name : {"used", "mounted", "strange", "manual"})
    EXPECT_EQ(invalid_since(name), "") << name;
  pass_days(365);
  EXPECT_EQ(code("GET", path("auto")), 200);
  EXPECT_EQ(invalid_since("auto"), marked);
  EXPECT_NE(invalid_since("used"), "") << "not used for a year by now";
  pass_days(2);
  EXPECT_EQ(code("GET", path("auto")), 404);
  for (const char* name : {"used", "mounted", "strange", "manual"})
    EXPECT_EQ(code("GET", path(name)), 200) << name;
}

TEST_F(LegacyTokens, ThatAreUsedAgainAreKept) {
  running.push_back(spawn_legacy_token_cleaner(sys, options));
  pass(1s);
  pass_days(367);
  ASSERT_NE(invalid_since("auto"), "");
  use("auto");
  pass_days(364);
  EXPECT_EQ(code("GET", path("auto")), 200);
  edit(*this, path("auto"),
       [](json& s) { s["metadata"]["labels"].erase(model::invalid_since_label); });
  use("auto");
  pass_days(300);
  EXPECT_EQ(invalid_since("auto"), "") << "unmarked by hand, and in use";
}

TEST_F(LegacyTokens, AreNotJudgedBeforeUsesHaveBeenNotedForAYear) {
  running.push_back(spawn_legacy_token_cleaner(sys, options));
  pass(1s);
  pass_days(300);
  const std::string map =
      std::string("/api/v1/namespaces/kube-system/configmaps/") + model::token_tracking_map;
  ASSERT_EQ(code("DELETE", map), 200);
  pass(1s);
  EXPECT_NE(model::string_at(get(*this, map), {"data", "since"}), "2023-11-14") << "noted anew";
  pass_days(365);
  EXPECT_EQ(invalid_since("auto"), "");
  edit(*this, map, [](json& m) { m["data"]["since"] = "some day"; });
  pass(1s);
  EXPECT_TRUE(model::begin_of_day(model::string_at(get(*this, map), {"data", "since"})));
}

TEST_F(LegacyTokens, HaveTheirUseNoted) {
  const auto recorder = spawn_token_use_recorder(sys, options.api, options.clock);
  const auto secret = cache->get({"secrets", "default", "manual"});
  caf::anon_send(recorder, used_atom::value, object_ref(secret));
  pass(1s);
  EXPECT_EQ(*model::find(cache->get(secret->key())->header().labels, model::last_used_label),
            "2023-11-14");
  code("DELETE", path("manual"));
  token("manual", "bot");
  caf::anon_send(recorder, used_atom::value, object_ref(secret));
  pass(1s);
  EXPECT_EQ(model::find(cache->get(secret->key())->header().labels, model::last_used_label),
            nullptr)
      << "another of that name";
  caf::anon_send_exit(recorder, caf::exit_reason::user_shutdown);
}

}  // namespace
}  // namespace troupe
