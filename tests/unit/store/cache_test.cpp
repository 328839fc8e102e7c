// floors: store
#include "store/cache.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace troupe::store {
namespace {

using ::testing::ElementsAre;
using kind = event::kind;

object_ptr make(std::string resource, std::string ns, std::string name, std::uint64_t version) {
  model::object_header h;
  h.key = {std::move(resource), std::move(ns), std::move(name)};
  h.version = version;
  return std::make_shared<const model::object>(std::move(h), "{}");
}

object_ptr pod(std::string ns, std::string name, std::uint64_t version) {
  return make("pods", std::move(ns), std::move(name), version);
}

std::vector<std::string> names(const listing& l) {
  std::vector<std::string> out;
  for (const auto& o : l.objects) out.push_back(o->key().ns + "/" + o->key().name);
  return out;
}

std::vector<std::uint64_t> versions(const event_batch& b) {
  std::vector<std::uint64_t> out;
  for (const auto& e : b.events) out.push_back(e.version());
  return out;
}

object_ptr pod_on(std::string node, std::string name, std::uint64_t version) {
  model::object_header h = pod("default", std::move(name), version)->header();
  if (!node.empty()) h.fields = {{"spec.nodeName", std::move(node)}};
  return std::make_shared<const model::object>(std::move(h), "{}");
}

TEST(Cache, TellsThePodsOfANode) {
  cache c;
  const auto on = [&](const char* node) {
    std::vector<std::string> out;
    for (const auto& p : c.pods_on(node))
      out.push_back(p->key().name + " " + std::to_string(p->version()));
    std::sort(out.begin(), out.end());
    return out;
  };
  EXPECT_THAT(on("n1"), ElementsAre());
  c.apply(
      {{kind::added, pod_on("", "a", 1), nullptr}, {kind::added, pod_on("n1", "b", 2), nullptr}});
  c.apply({{kind::modified, pod_on("n1", "a", 3), pod_on("", "a", 1)}});
  EXPECT_THAT(on("n1"), ElementsAre("a 3", "b 2"));
  EXPECT_THAT(on(""), ElementsAre());
  c.apply({{kind::modified, pod_on("n1", "b", 4), pod_on("n1", "b", 2)}});
  EXPECT_THAT(on("n1"), ElementsAre("a 3", "b 4"));
  c.apply({{kind::deleted, pod_on("n1", "a", 5), pod_on("n1", "a", 3)}});
  EXPECT_THAT(on("n1"), ElementsAre("b 4"));
  c.apply({{kind::modified, pod_on("n2", "b", 6), pod_on("n1", "b", 4)}});
  EXPECT_THAT(on("n1"), ElementsAre());
  EXPECT_THAT(on("n2"), ElementsAre("b 6"));
  c.reset({pod_on("n1", "c", 7), pod_on("", "d", 8)}, 8);
  EXPECT_THAT(on("n1"), ElementsAre("c 7"));
  EXPECT_THAT(on("n2"), ElementsAre());
  c.reset_to("pods", {pod_on("n2", "c", 9)}, 9);
  EXPECT_THAT(on("n1"), ElementsAre());
  EXPECT_THAT(on("n2"), ElementsAre("c 9"));
}

TEST(Cache, ShowsWhatWasApplied) {
  cache c;
  const auto first = pod("default", "a", 1);
  const auto second = pod("default", "a", 2);
  c.apply({{kind::added, first, nullptr}});
  EXPECT_EQ(c.get(first->key()), first);
  c.apply({{kind::modified, second, first}});
  EXPECT_EQ(c.get(first->key()), second);
  EXPECT_EQ(c.count("pods"), 1u);
  c.apply({{kind::deleted, pod("default", "a", 3), second}});
  EXPECT_EQ(c.get(first->key()), nullptr);
  EXPECT_EQ(c.count("pods"), 0u);
  EXPECT_EQ(c.version(), 3u);
}

TEST(Cache, ListsInTheOrderOfTheTextsNamespaceSlashName) {
  cache c;
  std::uint64_t v = 0;
  for (const auto& [ns, name] : std::vector<std::pair<std::string, std::string>>{
           {"b", "x"}, {"a", "z"}, {"a-b", "y"}, {"a0", "y"}, {"a0-c", "y"}, {"a", "b"}})
    c.apply({{kind::added, pod(ns, name, ++v), nullptr}});
  EXPECT_THAT(names(c.list("pods")), ElementsAre("a-b/y", "a/b", "a/z", "a0-c/y", "a0/y", "b/x"));
  EXPECT_THAT(names(c.list("pods", "a")), ElementsAre("a/b", "a/z"));
  EXPECT_THAT(names(c.list("pods", "a0")), ElementsAre("a0/y"));
  EXPECT_THAT(names(c.list("pods", "c")), ElementsAre());
}

TEST(Cache, PagesCoverEveryObjectOnceAndCountTheRest) {
  cache c;
  std::vector<object_ptr> all;
  for (int i = 0; i < 2000; ++i)
    all.push_back(pod(i % 3 ? "even" : "odd", "p" + std::to_string(i), 1 + std::uint64_t(i)));
  c.reset(all, 2000);
  for (const std::string ns : {"", "odd", "even"}) {
    const auto whole = names(c.list("pods", ns));
    EXPECT_TRUE(std::is_sorted(whole.begin(), whole.end()));
    std::vector<std::string> paged;
    std::string after;
    for (;;) {
      const auto page = c.list("pods", ns, after, 77);
      for (auto& n : names(page)) paged.push_back(n);
      EXPECT_EQ(page.remaining, whole.size() - paged.size());
      if (page.remaining == 0) break;
      after = paged.back();
    }
    EXPECT_EQ(paged, whole);
  }
}

TEST(Cache, AgreesWithASimpleMapUnderRandomChanges) {
  cache c;
  std::map<std::string, std::uint64_t> expected;
  std::uint64_t v = 0;
  std::uint32_t random = 7;
  for (int i = 0; i < 20000; ++i) {
    random = random * 1664525 + 1013904223;
    const std::string name = "n" + std::to_string((random >> 8) % 1500);
    const bool remove = random % 3 == 0;
    if (remove && !expected.erase("d/" + name)) continue;
    c.apply({{remove ? kind::deleted : kind::modified, pod("d", name, ++v), nullptr}});
    if (!remove) expected["d/" + name] = v;
  }
  const auto all = c.list("pods");
  ASSERT_EQ(all.objects.size(), expected.size());
  auto at = expected.begin();
  for (const auto& o : all.objects) {
    EXPECT_EQ("d/" + o->key().name, at->first);
    EXPECT_EQ(o->version(), (at++)->second);
  }
}

TEST(Cache, ACursorReadsEveryEventOnce) {
  cache c;
  for (std::uint64_t v = 1; v <= 10; ++v)
    c.apply({{kind::added, pod("d", std::to_string(v), v), nullptr}});
  auto got = c.events("pods", 4, 3);
  EXPECT_THAT(versions(got), ElementsAre(5, 6, 7));
  EXPECT_EQ(got.version, 7u);
  got = c.events("pods", got.version, 100);
  EXPECT_THAT(versions(got), ElementsAre(8, 9, 10));
  EXPECT_EQ(got.version, 10u);
}

TEST(Cache, ACursorMovesOnWithOtherResources) {
  cache c;
  c.apply({{kind::added, pod("d", "a", 1), nullptr}});
  c.apply({{kind::added, make("nodes", "", "n", 9), nullptr}});
  EXPECT_EQ(c.events("pods", 1).version, 9u);
  EXPECT_EQ(c.events("secrets", 1).version, 9u);
  EXPECT_FALSE(c.events("secrets", 1).expired);
  c.advance(12);
  EXPECT_EQ(c.events("pods", 1).version, 12u);
}

TEST(Cache, ACursorBehindTheWindowExpires) {
  cache c(4);
  for (std::uint64_t v = 1; v <= 10; ++v) c.apply({{kind::added, pod("d", "a", v), nullptr}});
  EXPECT_TRUE(c.events("pods", 5).expired);
  EXPECT_THAT(versions(c.events("pods", 6)), ElementsAre(7, 8, 9, 10));
  EXPECT_TRUE(c.events("", 5).expired);
}

TEST(Cache, TheEmptyResourceMeansAllInTheOrderOfVersions) {
  cache c;
  c.apply({{kind::added, pod("d", "a", 1), nullptr},
           {kind::added, make("nodes", "", "n", 2), nullptr},
           {kind::modified, pod("d", "a", 3), nullptr}});
  EXPECT_THAT(versions(c.events("", 0)), ElementsAre(1, 2, 3));
  EXPECT_THAT(versions(c.events("", 1, 1)), ElementsAre(2));
  EXPECT_EQ(c.list("").objects.size(), 2u);
  EXPECT_EQ(c.count(""), 2u);
}

TEST(Cache, AResetExpiresCursorsButForTheRecentEvents) {
  cache c;
  c.apply({{kind::added, pod("d", "old", 1), nullptr}});
  c.reset({pod("d", "new", 20)}, 25, {{kind::added, pod("d", "new", 20), nullptr}});
  EXPECT_EQ(c.version(), 25u);
  EXPECT_THAT(names(c.list("pods")), ElementsAre("d/new"));
  EXPECT_TRUE(c.events("pods", 1).expired);
  EXPECT_TRUE(c.events("secrets", 1).expired);
  EXPECT_THAT(versions(c.events("pods", 19)), ElementsAre(20));
  c.reset({}, 30);
  EXPECT_TRUE(c.events("pods", 29).expired);
  EXPECT_FALSE(c.events("pods", 30).expired);
}

TEST(Cache, WakesThoseWhoseResourceChanged) {
  cache c;
  int pods = 0;
  int any = 0;
  auto of_pods = c.subscribe("pods", [&] { ++pods; });
  auto of_all = c.subscribe("", [&] { ++any; });
  c.apply({{kind::added, pod("d", "a", 1), nullptr}, {kind::added, pod("d", "b", 2), nullptr}});
  c.apply({{kind::added, make("nodes", "", "n", 3), nullptr}});
  EXPECT_EQ(pods, 1);
  EXPECT_EQ(any, 2);
  of_pods.reset();
  c.apply({{kind::added, pod("d", "c", 4), nullptr}});
  EXPECT_EQ(pods, 1);
  EXPECT_EQ(any, 3);
}

TEST(Cache, AFieldIsTheTopicOfWhatEntersAndOfWhatLeaves) {
  const auto on = [](const std::string& node, std::uint64_t version) {
    return model::seal(model::encode("pods", {{"apiVersion", "v1"},
                                              {"kind", "Pod"},
                                              {"metadata", {{"name", "a"}, {"namespace", "d"}}},
                                              {"spec", {{"nodeName", node}}}}),
                       version);
  };
  cache c;
  int first = 0;
  int second = 0;
  const auto n1 = c.subscribe("pods", {"", "", "spec.nodeName", "n1"}, [&] { ++first; });
  const auto n2 = c.subscribe("pods", {"", "", "spec.nodeName", "n2"}, [&] { ++second; });
  c.apply({{kind::added, on("n1", 1), nullptr}});
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 0);
  EXPECT_EQ(c.skip("pods", n1, 0), 0u) << "the event is yet to be read";
  EXPECT_EQ(c.skip("pods", n2, 0), 1u) << "nothing to read";
  c.apply({{kind::modified, on("n2", 2), on("n1", 1)}});
  EXPECT_EQ(first, 2);
  EXPECT_EQ(second, 1);
}

TEST(Cache, TellsOnceWhenAVersionIsReached) {
  cache c;
  std::vector<int> reached;
  c.when(0, [&] { reached.push_back(0); });
  c.when(5, [&] { reached.push_back(5); });
  c.when(2, [&] { reached.push_back(2); });
  EXPECT_THAT(reached, ElementsAre(0));
  c.apply({{kind::added, pod("d", "a", 3), nullptr}});
  EXPECT_THAT(reached, ElementsAre(0, 2));
  c.advance(5);
  c.advance(6);
  EXPECT_THAT(reached, ElementsAre(0, 2, 5));
}

// A reader that lists and then follows must end up with what the writer has, whatever interleaves.
TEST(Cache, ListAndFollowMissesNothingUnderAWriter) {
  cache c;
  constexpr std::uint64_t last = 30000;
  std::thread writer([&] {
    for (std::uint64_t v = 1; v <= last; v += 3)
      c.apply({{kind::modified, pod("d", "p" + std::to_string(v % 50), v), nullptr},
               {kind::modified, make("nodes", "", "n", v + 1), nullptr},
               {kind::modified, pod("d", "p" + std::to_string((v + 7) % 50), v + 2), nullptr}});
  });
  std::map<std::string, std::uint64_t> seen;
  const auto start = c.list("pods");
  for (const auto& o : start.objects) seen[o->key().name] = o->version();
  std::uint64_t cursor = start.version;
  while (cursor < last) {
    const auto batch = c.events("pods", cursor, 64);
    ASSERT_FALSE(batch.expired);
    for (const auto& e : batch.events) {
      EXPECT_GT(e.version(), cursor);
      seen[e.object->key().name] = e.version();
    }
    cursor = batch.version;
  }
  writer.join();
  for (const auto& o : c.list("pods").objects) EXPECT_EQ(seen[o->key().name], o->version());
}

TEST(Cache, TakesResourcesFromWatchesOfTheirOwn) {
  cache c;
  c.reset_to("pods", {pod("a", "x", 3), pod("a", "y", 7)}, 9);
  c.reset_to("nodes", {make("nodes", "", "n", 2)}, 4);
  EXPECT_THAT(names(c.list("pods")), ElementsAre("a/x", "a/y"));
  EXPECT_EQ(c.list("pods").version, 9u);
  EXPECT_EQ(c.list("nodes").version, 4u) << "which lags behind that of the pods";
  std::atomic<int> woken = 0;
  const auto wake = c.subscribe("nodes", [&] { ++woken; });
  const auto node = make("nodes", "", "m", 5);
  c.apply_to("nodes", {{kind::added, node, nullptr}});
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(c.get(node->key()), node);
  EXPECT_THAT(versions(c.events("nodes", 4)), ElementsAre(5));
  EXPECT_TRUE(c.events("pods", 9).events.empty());
  c.reset_to("nodes", {}, 20);
  EXPECT_EQ(c.count("nodes"), 0u);
  EXPECT_EQ(woken, 2);
  EXPECT_TRUE(c.events("nodes", 5).expired);
  EXPECT_FALSE(c.events("pods", 9).expired);
  EXPECT_EQ(c.version(), 0u);
}

}  // namespace
}  // namespace troupe::store
