// floors: actors/kubelet
// What a node's keeper does when something runs short, on a virtual clock, with figures that the
// test makes up.
#include "actors/kubelet/node_keeper.hpp"

#include "actors/kubelet/node_eyes.hpp"
#include "messages/system_config.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace model::kubelet;
using namespace std::chrono_literals;
using model::json;
using testing::ElementsAre;
using testing::IsEmpty;

/// Has images and says what containers use; runs nothing.
class scripted_runtime final : public runtime {
 public:
  void version(done<runtime_version>) override {}
  void condition(done<runtime_condition>) override {}
  void run_sandbox(const sandbox_config&, done<std::string>) override {}
  void stop_sandbox(const std::string&, done<nothing>) override {}
  void remove_sandbox(const std::string&, done<nothing>) override {}
  void create_container(const std::string&, const container_config&, const sandbox_config&,
                        done<std::string>) override {}
  void start_container(const std::string&, done<nothing>) override {}
  void stop_container(const std::string&, std::chrono::seconds, done<nothing>) override {}
  void remove_container(const std::string& id, done<nothing> f) override {
    removed.push_back(id);
    f({});
  }
  void exec(const std::string&, const std::vector<std::string>&, std::chrono::seconds,
            done<exec_result>) override {}
  void open_tunnel(const std::string&, const tunnel_options&, tunnel_events,
                   done<std::shared_ptr<tunnel>>) override {}
  void reopen_log(const std::string&, done<nothing>) override {}
  void state(const std::string&, done<pod_state>) override {}
  void overview(done<std::vector<brief_state>> f) override { f({brief, {}}); }
  bool watch(std::function<void(const std::string&)>) override { return true; }
  void image(const std::string&, done<std::optional<image_state>>) override {}
  void pull(const std::string&, const std::optional<registry_login>&, done<std::string>) override {}

  void usage(done<std::vector<container_usage>> f) override { f({used, {}}); }
  void images(done<std::vector<image_state>> f) override { f({there, {}}); }
  void images_in_use(done<std::set<std::string>> f) override { f({in_use, {}}); }
  void remove_image(const std::string& id, done<nothing> f) override {
    if (stuck.contains(id)) return f({{}, {runtime_error::failed, "image is busy"}});
    removed.push_back(id);
    std::erase_if(there, [&](const auto& i) { return i.id == id; });
    if (on_removal) on_removal();
    f({});
  }

  std::vector<container_usage> used;
  std::vector<brief_state> brief;
  std::vector<image_state> there;
  std::set<std::string> in_use, stuck;
  std::vector<std::string> removed;
  std::function<void()> on_removal;
};

struct scripted_eyes final : node_eyes {
  node_figures look(const std::string&) override { return figures; }
  void measure(const pod_place&, pod_share&) override {}
  std::int64_t processes_of(const std::string&) override { return 1; }
  node_figures figures;
};

struct test_config : system_config {
  test_config() : system_config(1) { set("scheduler.policy", caf::atom("testing")); }
};

class NodeKeeper : public testing::Test {
 protected:
  void SetUp() override {
    eyes_->figures.seen[eviction_signal::memory_available] = {1000, 4000};
    eyes_->figures.seen[eviction_signal::nodefs_available] = {1000, 4000};
    eyes_->figures.images = {1000, 4000};
    threshold(eviction_signal::memory_available, 500);
    threshold(eviction_signal::nodefs_available, 500);
  }
  void TearDown() override {
    caf::anon_send_exit(keeper_, caf::exit_reason::kill);
    keeper_ = nullptr;
    for (const auto& a : owned_) caf::anon_send_exit(a, caf::exit_reason::kill);
    owned_.clear();
    context_ = nullptr;
    advance(1h, 10min);
  }

  void threshold(eviction_signal s, std::int64_t amount) {
    eviction_threshold t;
    t.signal = s;
    t.value.amount = amount;
    options_.eviction.thresholds.push_back(t);
  }

  void start() {
    auto c = std::make_shared<kubelet_context>();
    c->options = options_;
    c->options.node_name = "node1";
    c->options.runtime = runtime_;
    c->options.eyes = eyes_;
    c->options.clock = [this] { return now_; };
    const auto recorder = sys_.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](record_atom, const model::event_note& n) {
                events_.push_back(n.about.kind + " " + n.about.name + " " + n.reason + ": " +
                                  n.message);
              },
              [](stop_atom) {}};
    });
    owned_.push_back(recorder);
    c->events = caf::actor_cast<recorder_actor>(recorder);
    context_ = c;
    keeper_ = spawn_node_keeper(sys_, context_,
                                [this](node_pressures p) { told_.push_back(std::move(p)); });
    run();
  }

  void run() { dynamic_cast<caf::scheduler::test_coordinator&>(sys_.scheduler()).run(); }
  void advance(std::chrono::milliseconds by, std::chrono::milliseconds step = 1s) {
    for (auto t = 0ms; t < by; t += step) {
      now_ += step;
      dynamic_cast<caf::scheduler::test_coordinator&>(sys_.scheduler()).advance_time(step);
      run();
    }
  }

  void pod(const std::string& name, std::uint64_t memory, int priority = 0,
           const char* phase = "Running") {
    const json document = {{"metadata", {{"name", name}, {"namespace", "default"}, {"uid", name}}},
                           {"spec", {{"priority", priority}, {"containers", {{{"name", "c"}}}}}},
                           {"status", {{"phase", phase}}}};
    const auto worker = sys_.spawn([this, name](caf::event_based_actor*) -> caf::behavior {
      return {[this, name](evict_atom, const std::string& why, uint64_t grace) {
        evicted_.push_back(name);
        why_ = why;
        EXPECT_EQ(grace, 1u);
      }};
    });
    owned_.push_back(worker);
    container_usage u;
    u.id = "c-" + name;
    u.ns = "default";
    u.pod = name;
    u.name = "c";
    u.memory = memory;
    runtime_->used.push_back(u);
    caf::anon_send(keeper_, assign_atom::value,
                   object_ref{model::seal(model::encode("pods", document), ++versions_)}, worker);
    run();
  }
  void gone(const std::string& name) {
    caf::anon_send(keeper_, gone_atom::value, name);
    run();
  }
  void image(const std::string& id, std::uint64_t size) {
    image_state i;
    i.id = id;
    i.size = size;
    runtime_->there.push_back(i);
  }
  void memory(std::int64_t available) {
    eyes_->figures.seen[eviction_signal::memory_available].available = available;
  }
  void disk(std::int64_t available) {
    eyes_->figures.seen[eviction_signal::nodefs_available].available = available;
    eyes_->figures.images.available = available;
  }

  test_config cfg_;
  caf::actor_system sys_{cfg_};
  model::time_point now_{1000h};
  kubelet_options options_;
  std::shared_ptr<scripted_runtime> runtime_ = std::make_shared<scripted_runtime>();
  std::shared_ptr<scripted_eyes> eyes_ = std::make_shared<scripted_eyes>();
  context_ptr context_;
  node_keeper_actor keeper_;
  std::vector<caf::actor> owned_;
  std::vector<std::string> events_, evicted_;
  std::string why_;
  std::vector<node_pressures> told_;
  std::uint64_t versions_ = 0;
};

TEST_F(NodeKeeper, EndsOnePodAfterTheOtherUntilThereIsEnough) {
  start();
  pod("small", 10);
  pod("large", 300);
  pod("system", 900, 2'000'000'000);
  advance(30s);
  EXPECT_THAT(evicted_, IsEmpty());
  memory(400);
  advance(10s);
  EXPECT_THAT(evicted_, ElementsAre("large"));
  EXPECT_EQ(why_,
            "The node was low on resource: memory. Threshold quantity: 500, available: 400. "
            "Container c was using 300, request is 0, has larger consumption of memory. ");
  EXPECT_THAT(events_,
              ElementsAre("Node node1 EvictionThresholdMet: Attempting to reclaim memory"));
  EXPECT_EQ(context_->pressures->now(), node_pressures{node_pressure::memory});
  advance(20s);
  EXPECT_THAT(evicted_, ElementsAre("large")) << "it is not gone yet";
  gone("large");
  advance(10s);
  EXPECT_THAT(evicted_, ElementsAre("large", "small"));
  gone("small");
  advance(10s);
  EXPECT_EQ(evicted_.size(), 2u) << "the system cannot do without the third";
  memory(1000);
  advance(4min + 50s);
  EXPECT_EQ(context_->pressures->now(), node_pressures{node_pressure::memory});
  advance(20s);
  EXPECT_TRUE(context_->pressures->now().empty());
  EXPECT_THAT(told_, ElementsAre(node_pressures{node_pressure::memory}, node_pressures{}));
}

TEST_F(NodeKeeper, APodThatDoesNotGoIsWaitedForOnlySoLong) {
  start();
  pod("first", 20);
  pod("second", 10);
  memory(1);
  advance(35s);
  EXPECT_THAT(evicted_, ElementsAre("first"));
  advance(10s);
  EXPECT_THAT(evicted_, ElementsAre("first", "second"));
}

TEST_F(NodeKeeper, ImagesGoBeforePodsWhenTheDiskIsFull) {
  options_.image_gc.high_percent = 100;  // not by themselves
  start();
  pod("web", 10);
  pod("job", 0, 0, "Succeeded");
  runtime_->brief = {{"pause", "default", "job", "job", 1},
                     {"c-job", "default", "job", "job", brief_state::exited},
                     {"c-web", "default", "web", "web", 1},
                     {"c-web-before", "default", "web", "web", brief_state::exited}};
  image("used", 100);
  image("old", 100);
  runtime_->in_use = {"used"};
  runtime_->on_removal = [this] { disk(600); };
  disk(400);
  advance(10s);
  EXPECT_THAT(runtime_->removed, ElementsAre("c-job", "old"));
  EXPECT_THAT(evicted_, IsEmpty());
  EXPECT_EQ(context_->pressures->now(), node_pressures{node_pressure::disk});
  disk(400);
  advance(10s);
  EXPECT_THAT(evicted_, ElementsAre("web")) << "there was no further image";
}

TEST_F(NodeKeeper, RemovesImagesUntilTheLowThreshold) {
  options_.eviction.thresholds.clear();
  image("a", 250);
  image("b", 250);
  image("c", 250);
  start();
  advance(5min, 10s);
  EXPECT_THAT(runtime_->removed, IsEmpty());
  disk(400);  // 90% in use; 800 have to be free
  runtime_->in_use = {"a"};
  advance(5min, 10s);
  EXPECT_THAT(runtime_->removed, ElementsAre("b", "c"));
  EXPECT_EQ(runtime_->there.size(), 1u);
  disk(500);
  runtime_->in_use = {};
  runtime_->stuck = {"a"};
  events_.clear();
  advance(5min, 10s);
  EXPECT_THAT(events_, IsEmpty()) << "the first failure may pass by itself";
  advance(5min, 10s);
  EXPECT_THAT(events_,
              ElementsAre("Node node1 ImageGCFailed: wanted to free 300 bytes, but freed 0 "
                          "bytes space with errors in image deletion: rpc error: code = "
                          "Unknown desc = image is busy"));
}

TEST_F(NodeKeeper, SaysWhenTooFewImagesCouldGo) {
  options_.eviction.thresholds.clear();
  image("a", 250);
  disk(400);
  start();
  advance(1s);
  EXPECT_THAT(runtime_->removed, ElementsAre("a"));
  EXPECT_THAT(
      events_,
      ElementsAre("Node node1 FreeDiskSpaceFailed: Failed to garbage collect required amount "
                  "of images. Attempted to free 400 bytes, but only found 250 bytes eligible "
                  "to free."));
}

}  // namespace
}  // namespace troupe
