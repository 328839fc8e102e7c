// floors: actors/scheduler actors/store
// Plugins out of shared objects: the example of docs/custom-schedulers.md.
#include "actors/scheduler/plugin.hpp"
#include "tests/unit/scheduling/scheduling_fixture.hpp"

namespace troupe::scheduler {
namespace {

constexpr const char* header = R"(apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
)";

// Of the one profile of a configuration.
std::shared_ptr<const model::profile> profile_of(const std::string& yaml) {
  const plugin_libraries libraries({TROUPE_EXAMPLE_PLUGIN});
  auto read = model::read_scheduler_config(header + yaml, libraries.known());
  if (const auto* fault = std::get_if<std::string>(&read)) throw std::runtime_error(*fault);
  auto out = std::get<model::scheduler_config>(read).profiles.at(0);
  libraries.equip(out);
  return std::make_shared<const model::profile>(std::move(out));
}

std::string refusal(const std::function<void()>& what) {
  try {
    what();
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return {};
}

TEST_F(Scheduling, APluginFiltersAndScores) {
  for (const auto& [name, noise] :
       {std::pair{"loud", "90"}, std::pair{"middling", "40"}, std::pair{"quiet", "10"}}) {
    json n = node_json(name);
    n["metadata"]["labels"]["example.com/noise"] = noise;
    create("nodes", n);
  }
  profile_ = profile_of(R"(
profiles:
- plugins:
    multiPoint: {enabled: [{name: QuietNodes, weight: 100}]}
  pluginConfig: [{name: QuietNodes, args: {limit: 5}}]
)");
  queue("host_a");
  scheduler();
  create("pods", pod_json("any"));
  json pod = pod_json("shy");
  pod["metadata"]["labels"]["example.com/quiet"] = "true";
  create("pods", pod);
  settle();
  EXPECT_EQ(node_of("any"), "quiet");
  EXPECT_EQ(node_of("shy"), "");
  EXPECT_THAT(events_of("shy"), testing::ElementsAre(testing::HasSubstr(
                                    "0/3 nodes are available: 3 node(s) were too loud.")));
  json node_now = node("quiet");
  node_now["metadata"]["labels"]["example.com/noise"] = "0";
  ASSERT_EQ(put(write_op::update, "nodes", node_now), "");
  advance(3s);
  EXPECT_EQ(node_of("shy"), "quiet");
}

TEST(SchedulingPlugins, AreKnownByNameAndJudgeTheirArguments) {
  EXPECT_EQ(refusal([] { plugin_libraries({"libm.so.6"}); }),
            "libm.so.6: no scheduling plugins in it: it lacks TROUPE_SCHEDULING_PLUGINS");
  EXPECT_THAT(refusal([] { plugin_libraries({"/nowhere/libnone.so"}); }),
              testing::HasSubstr("cannot open shared object file"));
  EXPECT_EQ(refusal([] {
              plugin_libraries({TROUPE_EXAMPLE_PLUGIN, TROUPE_EXAMPLE_PLUGIN});
            }),
            std::string(TROUPE_EXAMPLE_PLUGIN) + ": a plugin named QuietNodes already exists");
  EXPECT_EQ(refusal([] {
              profile_of(
                  "profiles: [{plugins: {score: {enabled: [{name: QuietNodes}]}}, pluginConfig: "
                  "[{name: QuietNodes, args: {limit: much}}]}]");
            }),
            "initializing profiles: creating profile for scheduler name default-scheduler: "
            "initializing plugin \"QuietNodes\": limit: must be an integer");
  EXPECT_EQ(
      refusal([] { profile_of("profiles: [{plugins: {bind: {enabled: [{name: QuietNodes}]}}}]"); }),
      "initializing profiles: creating profile for scheduler name default-scheduler: plugin "
      "\"QuietNodes\" does not extend BindPlugin plugin");
  const auto p = profile_of("profiles: [{plugins: {score: {enabled: [{name: QuietNodes}]}}}]");
  ASSERT_EQ(p->custom.size(), 1u);
  EXPECT_FALSE(p->custom[0].filters);
  EXPECT_EQ(p->custom[0].weight, 1);
}

}  // namespace
}  // namespace troupe::scheduler
