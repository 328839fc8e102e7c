// floors: actors/client actors/controllers actors/events actors/api actors/store
#include "actors/client/client.hpp"
#include "actors/client/write_mark.hpp"
#include "actors/controllers/custom_resources.hpp"
#include "tests/unit/client/doorway.hpp"
#include "tests/unit/controllers/workloads.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using ::testing::ElementsAre;

class Follower : public ::testing::Test, protected virtual_cluster {
 protected:
  explicit Follower(std::size_t window = 16384) : virtual_cluster(window) {
    make_default_namespace(*this);
    way->api = options.api;
    door = sys.spawn(pass_through, way);
    follower_options o;
    o.api = door;
    o.cache = copy;
    follower = spawn_follower(sys, o);
  }
  ~Follower() override {
    stop_controllers();
    caf::anon_send_exit(follower, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(door, caf::exit_reason::user_shutdown);
    sched.run();
    *way = {};
  }

  // Whether all of them have come by now, or come within the time.
  bool follow(const std::vector<std::string>& resources, std::chrono::seconds time = 0s) {
    auto done = std::make_shared<bool>(false);
    sys.spawn([=, this](caf::event_based_actor* self) {
      self->request(follower, caf::infinite, follow_atom::value, resources).then([done](bool) {
        *done = true;
      });
    });
    pass(time);
    return *done;
  }

  void cut() {
    for (const auto& s : way->streams) caf::anon_send_exit(s, caf::exit_reason::kill);
    way->streams.clear();
    sched.run();
  }

  // Options of a controller of a process of its own.
  controller_options remote() {
    auto o = options;
    o.api = follower;
    o.store = nullptr;
    o.cache = copy;
    return o;
  }

  std::vector<std::string> copied(const std::string& resource) {
    std::vector<std::string> out;
    for (const auto& o : copy->list(resource).objects) out.push_back(o->key().name);
    return out;
  }

  int put_map(const std::string& name, const std::string& value = "1") {
    auto map = named("ConfigMap", name);
    map["data"] = {{"a", value}};
    const int made = code("POST", "/api/v1/namespaces/default/configmaps", map);
    return made == 409 ? code("PUT", "/api/v1/namespaces/default/configmaps/" + name, map) : made;
  }

  std::shared_ptr<doorway> way = std::make_shared<doorway>();
  std::shared_ptr<store::cache> copy = std::make_shared<store::cache>();
  api_actor door;
  follower_actor follower;
};

class FollowerOfAShortHistory : public Follower {
 protected:
  FollowerOfAShortHistory() : Follower(4) {}
};

TEST_F(Follower, CopiesWhatThereIsAndWhatChanges) {
  put_map("a");
  ASSERT_TRUE(follow({"configmaps", "secrets"}));
  EXPECT_THAT(copied("configmaps"), ElementsAre("a"));
  put_map("b");
  put_map("a", "2");
  sched.run();
  EXPECT_THAT(copied("configmaps"), ElementsAre("a", "b"));
  const model::object_key a{"configmaps", "default", "a"};
  EXPECT_EQ(copy->get(a)->bytes(), cache->get(a)->bytes()) << "the same bytes";
  const auto events = copy->events("configmaps", copy->get(a)->version() - 2);
  ASSERT_EQ(events.events.size(), 2u);
  EXPECT_EQ(events.events[0].type, store::event::kind::added);
  EXPECT_EQ(events.events[1].type, store::event::kind::modified);
  EXPECT_NE(events.events[1].previous, nullptr);
  code("DELETE", "/api/v1/namespaces/default/configmaps/a");
  sched.run();
  EXPECT_THAT(copied("configmaps"), ElementsAre("b"));
}

TEST_F(Follower, GoesOnWhereTheLostConnectionEnded) {
  put_map("a");
  ASSERT_TRUE(follow({"configmaps"}));
  const auto cursor = copy->list("configmaps").version;
  way->open = false;
  cut();
  put_map("b");
  code("DELETE", "/api/v1/namespaces/default/configmaps/a");
  pass(30s);
  EXPECT_THAT(copied("configmaps"), ElementsAre("a")) << "what was known stays";
  way->open = true;
  pass(15s);
  EXPECT_THAT(copied("configmaps"), ElementsAre("b"));
  const auto missed = copy->events("configmaps", cursor);
  EXPECT_FALSE(missed.expired) << "nobody has to list again";
  EXPECT_EQ(missed.events.size(), 2u);
}

TEST_F(FollowerOfAShortHistory, BeginsAnewWhenTheHistoryIsGone) {
  put_map("a");
  ASSERT_TRUE(follow({"configmaps"}));
  const auto cursor = copy->list("configmaps").version;
  way->open = false;
  cut();
  code("DELETE", "/api/v1/namespaces/default/configmaps/a");
  for (const char* name : {"b", "c", "d", "e", "f"}) put_map(name);
  way->open = true;
  pass(15s);
  EXPECT_THAT(copied("configmaps"), ElementsAre("b", "c", "d", "e", "f"));
  EXPECT_TRUE(copy->events("configmaps", cursor).expired) << "readers have to list again";
  put_map("g");
  sched.run();
  EXPECT_EQ(copied("configmaps").size(), 6u);
}

TEST_F(Follower, OpensTheNextWatchWhenOneHasEnded) {
  ASSERT_TRUE(follow({"configmaps"}));
  EXPECT_EQ(way->watches, 1);
  pass(1900s);  // past the server's limit of a watch
  EXPECT_EQ(way->watches, 2);
  put_map("a");
  sched.run();
  EXPECT_THAT(copied("configmaps"), ElementsAre("a"));
}

TEST_F(Follower, WaitsForACustomKindToBeServed) {
  running.push_back(spawn_custom_resource_controller(sys, options));
  EXPECT_FALSE(follow({"widgets.example.com"}, 5s));
  const json schema = {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
  const json version = {{"name", "v1"},
                        {"served", true},
                        {"storage", true},
                        {"schema", {{"openAPIV3Schema", schema}}}};
  const json definition = {{"apiVersion", "apiextensions.k8s.io/v1"},
                           {"kind", "CustomResourceDefinition"},
                           {"metadata", {{"name", "widgets.example.com"}}},
                           {"spec",
                            {{"group", "example.com"},
                             {"scope", "Namespaced"},
                             {"names", {{"kind", "Widget"}, {"plural", "widgets"}}},
                             {"versions", json::array({version})}}}};
  ASSERT_EQ(code("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition),
            201);
  pass(1s);
  auto widget = named("Widget", "w");
  widget["apiVersion"] = "example.com/v1";
  ASSERT_EQ(code("POST", "/apis/example.com/v1/namespaces/default/widgets", widget), 201);
  EXPECT_TRUE(follow({"widgets.example.com"}, 20s));
  EXPECT_THAT(copied("widgets.example.com"), ElementsAre("w"));
}

TEST_F(Follower, WaitsForTheRightToWatch) {
  way->user = {"nobody", {"system:authenticated"}};
  EXPECT_FALSE(follow({"configmaps"}, 20s));
  way->user = {"admin", {"system:masters"}};
  EXPECT_TRUE(follow({"configmaps"}, 20s));
}

// A rule that sees at the answer to each of its writes whether the copy has it.
struct writer : controller {
  explicit writer(std::vector<std::string>& into) : seen(into) {}
  std::string name() const override { return "writer"; }
  std::vector<std::string> resources() const override { return {"configmaps"}; }
  void observe(const store::event&, controller_host&) override {}
  void start(controller_host& host) override { host.visit("m", 0ms); }
  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    const std::string all = "/api/v1/namespaces/default/configmaps";
    const model::object_key map{"configmaps", "default", key};
    host.call("POST", all, named("ConfigMap", key), [=, this, &host](const api_response&) {
      seen.push_back(host.cache().get(map) ? "made" : "not yet");
      const json change = {{"data", {{"a", "1"}}}};
      host.call("PATCH", all + "/" + key, change, [=, this, &host](const api_response&) {
        const auto there = host.cache().get(map);
        seen.push_back(there && there->parse().contains("data") ? "changed" : "not yet");
        host.call("DELETE", all + "/" + key, json(), [=, this, &host](const api_response&) {
          seen.push_back(host.cache().get(map) ? "not yet" : "gone");
          done({});
        });
      });
    });
  }
  std::vector<std::string>& seen;
};

TEST_F(Follower, AnswersAWriteWhenTheCopyShowsIt) {
  ASSERT_TRUE(follow({"configmaps"}));
  std::vector<std::string> seen;
  running.push_back(spawn_controller(sys, remote(), std::make_unique<writer>(seen)));
  pass(1s);
  EXPECT_THAT(seen, ElementsAre("made", "changed", "gone"));
}

TEST_F(Follower, AnswersAWriteAfterAWhileThatTheCopyDoesNotShow) {
  ASSERT_TRUE(follow({"configmaps"}));
  way->may_watch = false;
  cut();
  std::vector<std::string> seen;
  running.push_back(spawn_controller(sys, remote(), std::make_unique<writer>(seen)));
  pass(3s);
  EXPECT_THAT(seen, ElementsAre());
  pass(20s);
  EXPECT_THAT(seen, ElementsAre("not yet", "not yet", "gone"));
}

TEST_F(Follower, RunsTheControllersOfTheControlPlane) {
  start_kubelet(*this);
  ASSERT_TRUE(follow({"pods", "replicasets.apps", "nodes"}));
  running.push_back(spawn_replica_set_controller(sys, remote()));
  ASSERT_EQ(code("POST", "/apis/apps/v1/namespaces/default/replicasets",
                 workload_of("ReplicaSet", "web", 5)),
            201);
  pass(5s);
  EXPECT_EQ(items(*this, "/api/v1/namespaces/default/pods").size(), 5u);
  way->open = false;
  cut();
  edit(*this, "/apis/apps/v1/namespaces/default/replicasets/web",
       [](json& r) { r["spec"]["replicas"] = 2; });
  pass(10s);
  EXPECT_EQ(items(*this, "/api/v1/namespaces/default/pods").size(), 5u);
  way->open = true;
  pass(90s);
  EXPECT_EQ(items(*this, "/api/v1/namespaces/default/pods").size(), 2u);
  EXPECT_EQ(get(*this, "/apis/apps/v1/namespaces/default/replicasets/web")["status"]["replicas"],
            2);
}

TEST(WriteMarks, AreOfWritesOfOneObject) {
  const auto mark = [](const char* method, const char* target, const json& body,
                       std::uint16_t code = 200) {
    api_request r;
    r.method = method;
    r.target = target;
    api_response a;
    a.code = code;
    a.body = blob_ref(body.dump());
    return client::mark_of(r, a);
  };
  const json map = {
      {"kind", "ConfigMap"},
      {"metadata", {{"namespace", "d"}, {"name", "m"}, {"uid", "u"}, {"resourceVersion", "7"}}}};
  const std::string maps = "/api/v1/namespaces/d/configmaps";
  const auto made = mark("POST", maps.c_str(), map, 201);
  ASSERT_TRUE(made);
  EXPECT_EQ(to_string(made->key), "configmaps/d/m");
  EXPECT_EQ(made->version, 7u);
  EXPECT_FALSE(mark("POST", (maps + "?dryRun=All").c_str(), map, 201));
  EXPECT_FALSE(mark("GET", (maps + "/m").c_str(), map));
  EXPECT_FALSE(mark("DELETE", maps.c_str(), map)) << "of many";
  EXPECT_FALSE(mark("PUT", (maps + "/m").c_str(), {{"kind", "Status"}}, 409));
  const auto gone = mark("DELETE", (maps + "/m").c_str(),
                         {{"kind", "Status"}, {"details", {{"name", "m"}, {"uid", "u"}}}});
  ASSERT_TRUE(gone);
  EXPECT_EQ(to_string(gone->key), "configmaps/d/m");
  EXPECT_EQ(gone->version, 0u);
}

}  // namespace
}  // namespace troupe
