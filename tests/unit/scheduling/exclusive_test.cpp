// floors: actors/scheduler actors/store
// What two pods cannot both have, whoever places them: claims of one pod alone, and disks on one
// node.
#include "actors/scheduler/exclusive_claims.hpp"
#include "actors/scheduler/node_ledger.hpp"
#include "model/scheduling/preemption.hpp"
#include "model/volumes/pod_volumes.hpp"
#include "tests/unit/scheduling/scheduling_fixture.hpp"

namespace troupe::scheduler {
namespace {

json of_claim(const std::string& name) {
  return {{"name", "claim"}, {"persistentVolumeClaim", {{"claimName", name}}}};
}

json of_disk(const std::string& name, bool read_only = false) {
  return {{"name", "disk"}, {"gcePersistentDisk", {{"pdName", name}, {"readOnly", read_only}}}};
}

json claim_json(const std::string& name, const std::string& mode) {
  return {{"apiVersion", "v1"},
          {"kind", "PersistentVolumeClaim"},
          {"metadata",
           {{"name", name},
            {"namespace", "default"},
            {"uid", "claim-" + name},
            {"annotations", {{"pv.kubernetes.io/bind-completed", "yes"}}}}},
          {"spec", {{"accessModes", {mode}}, {"volumeName", "v-" + name}}},
          {"status", {{"phase", "Bound"}}}};
}

class Exclusive : public Scheduling {
 protected:
  void claim(const std::string& name, const std::string& mode) {
    create("persistentvolumes", {{"apiVersion", "v1"},
                                 {"kind", "PersistentVolume"},
                                 {"metadata", {{"name", "v-" + name}, {"uid", "volume-" + name}}},
                                 {"spec", json::object()}});
    create("persistentvolumeclaims", claim_json(name, mode));
  }
  static json with(json pod, const json& volume) {
    pod["spec"]["volumes"].push_back(volume);
    return pod;
  }
  /// Whether a node takes the pod, or why not; asked of the registry as a scheduler would.
  std::vector<reserve_result> reserve(const std::vector<reservation>& asked) {
    std::vector<reserve_result> out;
    sys_.spawn([&, asked](caf::event_based_actor* self) {
      self->request(registry_, caf::infinite, reserve_atom::value, asked)
          .then([&](std::vector<reserve_result>& results) { out = std::move(results); },
                [](const caf::error& e) { ADD_FAILURE() << to_status(e).message; });
    });
    run();
    return out;
  }
  static reservation asks(const std::string& pod, const std::string& node) {
    return {node, "default", pod, "uid-" + pod};
  }
  reserve_result reserve_one(const reservation& r) {
    const auto all = reserve({r});
    return all.size() == 1 ? all.front() : reserve_result{};
  }
};

TEST_F(Exclusive, AClaimOfOnePodAloneIsGivenAwayOnce) {
  claim("mine", "ReadWriteOncePod");
  claim("ours", "ReadWriteOnce");
  for (const char* n : {"n1", "n2"}) create("nodes", node_json(n));
  for (const char* p : {"a", "b"}) create("pods", with(pod_json(p), of_claim("mine")));
  for (const char* p : {"c", "d"}) create("pods", with(pod_json(p), of_claim("ours")));
  settle();
  EXPECT_EQ(reserve_one(asks("a", "n1")).outcome, reserve_outcome::bound);
  const auto second = reserve_one(asks("b", "n2"));
  EXPECT_EQ(second.outcome, reserve_outcome::failed);
  EXPECT_EQ(second.reason,
            "another pod has persistentvolumeclaim default/mine, whose access mode is "
            "ReadWriteOncePod");
  for (const char* p : {"c", "d"})
    EXPECT_EQ(reserve_one(asks(p, "n1")).outcome, reserve_outcome::bound) << p;
  EXPECT_EQ(reserve_one(asks("a", "n1")).outcome, reserve_outcome::obsolete)
      << "a pod does not stand in its own way";
  put(write_op::remove, "pods", pod_json("a"));
  EXPECT_EQ(reserve_one(asks("b", "n2")).outcome, reserve_outcome::bound);
}

TEST_F(Exclusive, TwoOfOneMessageAreJudgedToo) {
  claim("mine", "ReadWriteOncePod");
  for (const char* n : {"n1", "n2"}) create("nodes", node_json(n));
  for (const char* p : {"a", "b"}) create("pods", with(pod_json(p), of_claim("mine")));
  settle();
  std::map<std::string, reserve_outcome> outcomes;
  for (const auto& r : reserve({asks("a", "n1"), asks("b", "n2")})) outcomes[r.uid] = r.outcome;
  EXPECT_EQ(outcomes["uid-a"], reserve_outcome::bound);
  EXPECT_EQ(outcomes["uid-b"], reserve_outcome::failed);
}

TEST_F(Exclusive, AClaimIsFreeAgainWhenItsPodWasRefused) {
  claim("mine", "ReadWriteOncePod");
  create("nodes", node_json("n1", "1"));
  create("nodes", node_json("n2"));
  create("pods", with(pod_json("big", "2"), of_claim("mine")));
  create("pods", with(pod_json("b"), of_claim("mine")));
  settle();
  EXPECT_EQ(reserve_one(asks("big", "n1")).outcome, reserve_outcome::declined);
  EXPECT_EQ(reserve_one(asks("b", "n2")).outcome, reserve_outcome::bound);
}

TEST_F(Exclusive, AGangThatIsRefusedLetsGoOfItsClaims) {
  claim("mine", "ReadWriteOncePod");
  create("nodes", node_json("n1", "1"));
  create("pods", with(pod_json("a"), of_claim("mine")));
  create("pods", pod_json("big", "2"));
  create("pods", with(pod_json("b"), of_claim("mine")));
  settle();
  auto first = asks("a", "n1");
  auto other = asks("big", "n1");
  first.gang = other.gang = "default/g";
  for (const auto& r : reserve({first, other}))
    EXPECT_EQ(r.outcome, reserve_outcome::declined) << r.uid;
  EXPECT_EQ(reserve_one(asks("b", "n1")).outcome, reserve_outcome::bound);
}

TEST_F(Exclusive, ProfilesThatDoNotLookAtThemMayShare) {
  claim("mine", "ReadWriteOncePod");
  create("nodes", node_json("n1"));
  for (const char* p : {"a", "b", "c"}) {
    auto document = with(pod_json(p), of_claim("mine"));
    create("pods", with(document, of_disk("d")));
  }
  settle();
  auto careless = asks("b", "n1");
  careless.filters &= ~model::volume_restrictions;
  EXPECT_EQ(reserve_one(asks("a", "n1")).outcome, reserve_outcome::bound);
  EXPECT_EQ(reserve_one(careless).outcome, reserve_outcome::bound);
  EXPECT_EQ(reserve_one(asks("c", "n1")).outcome, reserve_outcome::failed);
}

TEST_F(Exclusive, ADiskIsOnANodeOnceUnlessAllOnlyRead) {
  for (const char* n : {"n1", "n2"}) create("nodes", node_json(n));
  for (const char* p : {"a", "b"}) create("pods", with(pod_json(p), of_disk("d")));
  for (const char* p : {"c", "d"}) create("pods", with(pod_json(p), of_disk("e", true)));
  settle();
  EXPECT_EQ(reserve_one(asks("a", "n1")).outcome, reserve_outcome::bound);
  const auto second = reserve_one(asks("b", "n1"));
  EXPECT_EQ(second.outcome, reserve_outcome::declined);
  EXPECT_EQ(second.reason, "node(s) had no available disk");
  EXPECT_EQ(reserve_one(asks("b", "n2")).outcome, reserve_outcome::bound);
  for (const char* p : {"c", "d"})
    EXPECT_EQ(reserve_one(asks(p, "n1")).outcome, reserve_outcome::bound) << p;
}

TEST_F(Exclusive, WhoComesSecondGetsTheClaimWhenItsPodHasEnded) {
  claim("mine", "ReadWriteOncePod");
  for (const char* n : {"n1", "n2"}) create("nodes", node_json(n));
  for (const char* p : {"a", "b"}) create("pods", with(pod_json(p), of_claim("mine")));
  queue("host_0");
  scheduler();
  settle();
  const bool first_is_a = !node_of("a").empty();
  const std::string winner = first_is_a ? "a" : "b", other = first_is_a ? "b" : "a";
  EXPECT_NE(node_of(winner), "");
  advance(20s);
  EXPECT_EQ(node_of(other), "");
  json done = pod(winner);
  done["status"]["phase"] = "Succeeded";
  ASSERT_EQ(put(write_op::update, "pods", done), "");
  advance(20s);
  EXPECT_NE(node_of(other), "");
}

/// Schedulers race for claims and disks, and are killed; pods come, end and go.
class ExclusiveChaos : public Exclusive, public testing::WithParamInterface<int> {
 protected:
  static constexpr std::uint64_t claims = 3, disks = 2, nodes = 3;

  json some_pod(const std::string& name, model::random_source& random) {
    auto p = pod_json(name);
    if (random.below(3) > 0)
      p = with(p, of_claim("claim" + std::to_string(random.below(claims))));
    else
      p = with(p, of_disk("disk" + std::to_string(random.below(disks))));
    return p;
  }
  /// "claim NAME", and "disk NAME on NODE", of all pods that take their part of a node.
  std::map<std::string, std::vector<std::string>> holders() {
    std::map<std::string, std::vector<std::string>> out;
    for (const auto& o : cache_->list("pods").objects) {
      if (!model::takes_room(*o)) continue;
      const auto view = o->view<model::pod_view>();
      for (const auto& c : view->volumes->claims) out["claim " + c].push_back(view->name);
      for (const auto& d : view->volumes->disks)
        out["disk " + d.id + " on " + view->node_name].push_back(view->name);
    }
    return out;
  }
  void check() {
    for (const auto& [what, who] : holders())
      EXPECT_EQ(who.size(), 1u) << what << " has " << testing::PrintToString(who);
  }
  void check_that_the_rest_has_to_wait() {
    const auto taken = holders();
    for (const auto& o : cache_->list("pods").objects) {
      const auto view = o->view<model::pod_view>();
      if (!view->node_name.empty() || view->terminal()) continue;
      for (const auto& c : view->volumes->claims)
        EXPECT_TRUE(taken.contains("claim " + c))
            << view->name << " waits though " << c << " is free";
      for (const auto& d : view->volumes->disks)
        for (std::uint64_t n = 0; n < nodes; ++n) {
          const auto what = "disk " + d.id + " on n" + std::to_string(n);
          EXPECT_TRUE(taken.contains(what)) << view->name << " waits though nobody has " << what;
        }
    }
  }
};

TEST_P(ExclusiveChaos, NobodySharesWhatOnePodAloneMayHave) {
  model::random_source random(static_cast<std::uint64_t>(GetParam()));
  std::vector<queue_host_actor> queues{queue("host_0"), queue("host_1")};
  std::vector<scheduler_host> schedulers;
  for (std::uint64_t i = 0; i < 3; ++i) schedulers.push_back(scheduler(i));
  for (std::uint64_t i = 0; i < claims; ++i) claim("claim" + std::to_string(i), "ReadWriteOncePod");
  for (std::uint64_t i = 0; i < nodes; ++i)
    create("nodes", node_json("n" + std::to_string(i), "64"));
  settle();
  auto& sched = dynamic_cast<caf::scheduler::test_coordinator&>(sys_.scheduler());
  const auto post = [&](write_op op, const json& d) {
    write w;
    w.op = op;
    w.resource = "pods";
    w.ns = "default";
    w.name = model::string_at(d, {"metadata", "name"});
    if (op != write_op::remove) w.object = model::encode("pods", d);
    // Else it might take a binding back.
    if (op == write_op::update)
      if (const auto o = cache_->get({"pods", "default", w.name})) w.if_version = o->version();
    caf::anon_send(store_, write_atom::value, std::move(w));
  };
  std::uint64_t pods = 0;
  for (int step = 0; step < 200; ++step) {
    const auto dice = random.below(100);
    const auto some = pods == 0 ? "" : "p" + std::to_string(random.below(pods));
    if (dice < 45) {
      for (auto n = 1 + random.below(4); n > 0; --n)
        post(write_op::create, some_pod("p" + std::to_string(pods++), random));
    } else if (dice < 60) {
      post(write_op::remove, pod_json(some));
    } else if (dice < 65) {
      if (auto ended = pod(some); !ended.is_null()) {
        ended["status"]["phase"] = "Succeeded";
        post(write_op::update, ended);
      }
    } else if (dice < 68) {
      auto& s = schedulers[random.below(schedulers.size())];
      caf::anon_send_exit(s, caf::exit_reason::kill);
      s = scheduler(random.next());
    } else if (dice < 70) {
      auto& q = queues[random.below(queues.size())];
      caf::anon_send_exit(q, caf::exit_reason::kill);
      q = queue("host_" + std::to_string(step + 2));
    } else if (dice < 85) {
      advance(10ms, 10ms);
    } else {
      for (auto n = random.below(40); n > 0 && sched.try_run_once(); --n) {
      }
    }
    check();
  }
  advance(120s);
  check();
  check_that_the_rest_has_to_wait();
}

INSTANTIATE_TEST_SUITE_P(Seeds, ExclusiveChaos, testing::Range(0, 30));

}  // namespace
}  // namespace troupe::scheduler
