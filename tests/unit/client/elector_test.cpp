// floors: actors/client actors/controllers actors/events actors/api actors/store
#include "actors/client/client.hpp"
#include "tests/unit/client/doorway.hpp"
#include "tests/unit/controllers/workloads.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using ::testing::ElementsAre;

constexpr const char* lease_path =
    "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/greetings";

// Several processes that want to lead, each with a door of its own.
class Electors : public ::testing::Test, protected virtual_cluster {
 protected:
  struct process {
    std::shared_ptr<doorway> way = std::make_shared<doorway>();
    api_actor door;
    elector_actor elector;
    std::vector<std::string> told;
  };

  Electors() {
    EXPECT_EQ(code("POST", "/api/v1/namespaces", named("Namespace", "kube-system")), 201);
  }

  ~Electors() override {
    for (auto& [name, p] : processes) {
      caf::anon_send_exit(p.elector, caf::exit_reason::kill);
      caf::anon_send_exit(p.door, caf::exit_reason::user_shutdown);
    }
    sched.run();
    for (auto& [name, p] : processes) *p.way = {};
  }

  process& start(const std::string& name) {
    auto& p = processes[name];
    p.way->api = options.api;
    p.door = sys.spawn(pass_through, p.way);
    elector_options o;
    o.api = p.door;
    o.election = {"kube-system", "greetings", name, 15s, 10s, 2s};
    o.agent = "greetings";
    o.clock = options.clock;
    o.seed = processes.size();
    o.recorder = options.recorder;
    o.started = [&p] { p.told.push_back("leads"); };
    o.lost = [&p](const std::string& why) { p.told.push_back(why); };
    p.elector = spawn_elector(sys, o);
    sched.run();
    return p;
  }

  void kill(process& p) {
    caf::anon_send_exit(p.elector, caf::exit_reason::kill);
    sched.run();
  }

  json lease() { return json::parse(ask("GET", lease_path).body.bytes()); }

  std::vector<std::string> events() {
    std::vector<std::string> out;
    for (const auto& o : cache->list("events", "kube-system").objects)
      out.push_back(model::string_at(o->parse(), {"message"}));
    return out;
  }

  std::map<std::string, process> processes;
};

TEST_F(Electors, TheFirstLeadsAndTheOthersWait) {
  auto& a = start("a");
  EXPECT_THAT(a.told, ElementsAre("leads"));
  auto& b = start("b");
  pass(60s);
  EXPECT_THAT(a.told, ElementsAre("leads"));
  EXPECT_THAT(b.told, ElementsAre());
  const auto spec = lease()["spec"];
  EXPECT_EQ(spec["holderIdentity"], "a");
  EXPECT_EQ(spec["leaseDurationSeconds"], 15);
  EXPECT_EQ(spec["leaseTransitions"], 0);
  const auto renewed = model::from_rfc3339(model::string_at(spec, {"renewTime"}));
  ASSERT_TRUE(renewed);
  EXPECT_LE(now - *renewed, 2s);
  EXPECT_EQ(lease()["metadata"]["managedFields"][0]["manager"], "greetings");
  EXPECT_THAT(events(), ElementsAre("a became leader"));
}

TEST_F(Electors, AKilledLeaderIsFollowedWhenItsLeaseHasRunOut) {
  auto& a = start("a");
  auto& b = start("b");
  pass(10s);
  kill(a);
  pass(12s);
  EXPECT_THAT(b.told, ElementsAre());
  pass(8s);  // 15 s since b saw the last renewal, and one of its pauses
  EXPECT_THAT(b.told, ElementsAre("leads"));
  EXPECT_EQ(lease()["spec"]["holderIdentity"], "b");
  EXPECT_EQ(lease()["spec"]["leaseTransitions"], 1);
}

TEST_F(Electors, WhoIsToldToStopGivesTheLeaseBack) {
  auto& a = start("a");
  auto& b = start("b");
  pass(10s);
  caf::anon_send(a.elector, stop_atom::value);
  sched.run();
  EXPECT_EQ(lease()["spec"]["holderIdentity"], "");
  EXPECT_THAT(a.told, ElementsAre("leads")) << "nothing was lost";
  pass(5s);
  EXPECT_THAT(b.told, ElementsAre("leads"));
}

TEST_F(Electors, ALeaderThatCannotRenewEndsBeforeAnotherBegins) {
  auto& a = start("a");
  auto& b = start("b");
  pass(10s);
  a.way->open = false;
  pass(13s);
  EXPECT_THAT(a.told, ElementsAre("leads", "failed to renew lease kube-system/greetings"));
  EXPECT_THAT(b.told, ElementsAre());
  pass(8s);
  EXPECT_THAT(b.told, ElementsAre("leads"));
}

TEST_F(Electors, AShortLossOfTheConnectionLosesNothing) {
  auto& a = start("a");
  auto& b = start("b");
  pass(10s);
  a.way->open = false;
  pass(7s);
  a.way->open = true;
  pass(60s);
  EXPECT_THAT(a.told, ElementsAre("leads"));
  EXPECT_THAT(b.told, ElementsAre());
}

TEST_F(Electors, ALeaseThatSomebodyElseHasTakenIsLost) {
  auto& a = start("a");
  pass(4s);
  auto stolen = lease();
  stolen["spec"]["holderIdentity"] = "x";
  ASSERT_EQ(code("PUT", lease_path, stolen), 200);
  pass(5s);
  EXPECT_THAT(a.told, ElementsAre("leads", "lease taken over by x"));
}

TEST_F(Electors, ALeaseThatIsDeletedIsMadeAgain) {
  auto& a = start("a");
  pass(4s);
  ASSERT_EQ(code("DELETE", lease_path), 200);
  pass(5s);
  EXPECT_EQ(lease()["spec"]["holderIdentity"], "a");
  EXPECT_THAT(a.told, ElementsAre("leads"));
}

TEST_F(Electors, WithoutTheRightToNobodyLeads) {
  auto& a = processes["a"];
  a.way->user = {"nobody", {"system:authenticated"}};
  start("a");
  pass(30s);
  EXPECT_THAT(a.told, ElementsAre());
  a.way->user = {"admin", {"system:masters"}};
  pass(5s);
  EXPECT_THAT(a.told, ElementsAre("leads"));
}

}  // namespace
}  // namespace troupe
