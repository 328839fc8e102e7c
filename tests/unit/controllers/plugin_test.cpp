// floors: actors/controllers actors/events actors/api actors/store
#include "actors/controllers/plugin.hpp"

#include "tests/unit/controllers/workloads.hpp"

namespace troupe {
namespace {

class Plugin : public ::testing::Test, protected virtual_cluster {
 protected:
  std::string limit_of(const std::string& ns) {
    const auto quota = get(*this, "/api/v1/namespaces/" + ns + "/resourcequotas/pods");
    return model::string_at(quota, {"spec", "hard", "pods"});
  }
  std::string refusal(const std::string& path) {
    try {
      spawn_plugin(sys, options, path);
    } catch (const std::exception& e) {
      return e.what();
    }
    return {};
  }
};

TEST_F(Plugin, BringsAController) {
  running = spawn_plugin(sys, options, TROUPE_EXAMPLE_PLUGIN);
  ASSERT_EQ(running.size(), 1u);
  auto ns = named("Namespace", "small");
  ns["metadata"]["labels"]["example.com/pods"] = "5";
  ASSERT_EQ(code("POST", "/api/v1/namespaces", ns), 201);
  ASSERT_EQ(code("POST", "/api/v1/namespaces", named("Namespace", "free")), 201);
  pass(2s);
  EXPECT_EQ(limit_of("small"), "5");
  EXPECT_EQ(limit_of("free"), "");
  ASSERT_EQ(code("DELETE", "/api/v1/namespaces/small/resourcequotas/pods"), 200);
  pass(2s);
  EXPECT_EQ(limit_of("small"), "5") << "it is made again";
  edit(*this, "/api/v1/namespaces/small",
       [](json& n) { n["metadata"]["labels"]["example.com/pods"] = "7"; });
  pass(2s);
  EXPECT_EQ(limit_of("small"), "7");
  edit(*this, "/api/v1/namespaces/small", [](json& n) { n["metadata"].erase("labels"); });
  pass(2s);
  EXPECT_EQ(limit_of("small"), "");
}

TEST_F(Plugin, MustBeOne) {
  EXPECT_NE(refusal("/nowhere/libnone.so").find("cannot open shared object file"),
            std::string::npos);
  EXPECT_EQ(refusal("libm.so.6"), "libm.so.6: no controllers in it: it lacks TROUPE_CONTROLLERS");
}

}  // namespace
}  // namespace troupe
