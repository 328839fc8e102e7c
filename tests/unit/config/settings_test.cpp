// floors: cli
#include "cli/config/settings.hpp"

#include <gmock/gmock.h>

namespace troupe::cli {
namespace {

using std::chrono::milliseconds;

std::string error_of(const std::string& yaml) {
  settings s;
  try {
    s.merge_yaml(yaml, "w.yaml");
  } catch (const config_error& e) {
    return e.what();
  }
  return "";
}

TEST(Settings, FilesOverrideDefaultsAndFlagsOverrideFiles) {
  settings s;
  EXPECT_EQ(s.port("securePort"), 6443);
  EXPECT_FALSE(s.given("securePort"));
  s.merge_yaml("securePort: 7443\nroles: [store, api]\nnodeLabels: {a: b}\nstore: {type: memory}",
               "c.yaml");
  EXPECT_EQ(s.port("securePort"), 7443);
  EXPECT_THAT(s.list("roles"), testing::ElementsAre("store", "api"));
  EXPECT_EQ(s.map("nodeLabels").at("a"), "b");
  EXPECT_EQ(s.string("store.type"), "memory");
  s.set("securePort", "0", "--secure-port");
  EXPECT_EQ(s.port("securePort"), 0);
  EXPECT_TRUE(s.given("securePort"));
}

TEST(Settings, ThresholdsAreGivenAsToTheKubelet) {
  settings s;
  s.set("kubelet.evictionHard", "memory.available<100Mi,nodefs.available<10%", "--eviction-hard");
  s.set("kubelet.systemReserved", "cpu=500m", "--system-reserved");
  EXPECT_EQ(s.map("kubelet.evictionHard").at("memory.available"), "100Mi");
  EXPECT_EQ(s.map("kubelet.evictionHard").at("nodefs.available"), "10%");
  EXPECT_EQ(s.map("kubelet.systemReserved").at("cpu"), "500m");
}

TEST(Settings, FaultsNameTheLineAndTheNearestKey) {
  const std::pair<const char*, const char*> cases[] = {
      {"\n\nnodname: a", R"(w.yaml:3: unknown key "nodname"; did you mean "nodeName"?)"},
      {"join:\n  tokn: a", R"(w.yaml:2: unknown key "tokn"; did you mean "token"?)"},
      {"completelyDifferent: a", R"(w.yaml:1: unknown key "completelyDifferent")"},
      {"securePort: many", R"(w.yaml:1: securePort must be an integer, not "many")"},
      {"securePort: \"80\"", R"(w.yaml:1: securePort must be an integer, not the string "80")"},
      {"securePort: 70000", "w.yaml:1: securePort must be between 0 and 65535, not 70000"},
      {"securePort: 99999999999999999999",
       R"(w.yaml:1: securePort must be an integer, not "99999999999999999999")"},
      {"securePort: [1]", "w.yaml:1: securePort must be one value, not a list"},
      {"securePort:", "w.yaml:1: securePort must be one value, not nothing"},
      {"join: x", "w.yaml:1: join must be a map of options"},
      {"roles: store", "w.yaml:1: roles must be a list"},
      {"roles: [kublet]",
       "w.yaml:1: roles must be one of "
       "store|api|gateway|controllers|scheduler|kubelet, not \"kublet\"; did "
       "you mean \"kubelet\"?"},
      {"shutdownTimeout: soon",
       R"(w.yaml:1: shutdownTimeout must be a duration such as 10s or 1m30s, not "soon")"},
      {"nodeName: a\nnodeName: b", "w.yaml:2: \"nodeName\" comes twice"},
      {"- a", "w.yaml:1: a config must be a map of options"},
  };
  for (const auto& [yaml, expected] : cases) EXPECT_EQ(error_of(yaml), expected) << yaml;
  EXPECT_THAT(error_of("a: [1"), testing::StartsWith("w.yaml:1: "));
}

TEST(Settings, AFaultyFileChangesNothing) {
  settings s;
  EXPECT_THROW(s.merge_yaml("securePort: 1\nnodname: x", "w.yaml"), config_error);
  EXPECT_EQ(s.port("securePort"), 6443);
}

TEST(Settings, TheSampleConfigsAreValid) {
  for (const auto* name : {"control-plane", "worker", "scheduler", "scheduler-custom"}) {
    settings s;
    EXPECT_NO_THROW(s.merge_file(std::filesystem::path{TROUPE_SOURCE_DIR} / "configs" /
                                 (std::string(name) + ".yaml")))
        << name;
    EXPECT_FALSE(s.list("roles").empty()) << name;
  }
}

TEST(Settings, DurationsReadAsGoWritesThem) {
  EXPECT_EQ(parse_duration("10s"), milliseconds{10'000});
  EXPECT_EQ(parse_duration("1m30s"), milliseconds{90'000});
  EXPECT_EQ(parse_duration("500ms"), milliseconds{500});
  EXPECT_EQ(parse_duration("24h"), milliseconds{86'400'000});
  EXPECT_EQ(parse_duration("0"), milliseconds{0});
  for (const auto* bad : {"", "10", "s", "-1s", "1 s", "1d", "9999999999999h"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(Settings, ErrorsFoundLaterStillNameThePlace) {
  settings s;
  s.merge_yaml("\njoin: {token: bad}", "w.yaml");
  EXPECT_STREQ(s.error("join.token", "is no token").what(), "w.yaml:2: join.token is no token");
  EXPECT_STREQ(s.error("join.server", "is missing").what(), "join.server is missing");
}

}  // namespace
}  // namespace troupe::cli
