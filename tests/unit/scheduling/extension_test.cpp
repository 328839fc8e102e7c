// floors: model
// What extenders are asked, and how their answers are read.
#include "model/scheduling/extension.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

object_ptr named(const std::string& resource, const std::string& name) {
  return seal(encode(resource, {{"metadata", {{"name", name}, {"namespace", "x"}, {"uid", "u"}}}}),
              7);
}

extender_config by_name() {
  extender_config e;
  e.url_prefix = "http://one/";
  e.node_cache_capable = true;
  return e;
}

TEST(Extension, AsksWithNodesOrTheirNames) {
  const auto pod = named("pods", "web");
  const std::vector<object_ptr> nodes{named("nodes", "a"), named("nodes", "b")};
  const auto by_names = json::parse(extender_args(by_name(), *pod, nodes));
  EXPECT_EQ(by_names["NodeNames"], (json{"a", "b"}));
  EXPECT_TRUE(by_names["Nodes"].is_null());
  EXPECT_EQ(by_names["Pod"]["metadata"]["name"], "web");
  const auto whole = json::parse(extender_args({}, *pod, nodes));
  EXPECT_TRUE(whole["NodeNames"].is_null());
  EXPECT_EQ(whole["Nodes"]["items"][1]["metadata"]["name"], "b");
  EXPECT_EQ(extender_url(by_name(), "filter"), "http://one/filter");
}

TEST(Extension, ReadsWhatAFilterSays) {
  const std::set<std::string> asked{"a", "b", "c"};
  const auto v = read_filter_result(
      by_name(),
      R"({"nodenames":["a"],"FailedNodes":{"b":"full"},"failedAndUnresolvableNodes":{"c":"never"}})",
      asked);
  EXPECT_EQ(v.error, "");
  EXPECT_THAT(v.nodes, ElementsAre("a"));
  EXPECT_THAT(v.failed, ElementsAre(Pair("b", "full")));
  EXPECT_THAT(v.unresolvable, ElementsAre(Pair("c", "never")));
  const auto whole =
      read_filter_result({}, R"({"Nodes":{"items":[{"metadata":{"name":"b"}}]}})", asked);
  EXPECT_THAT(whole.nodes, ElementsAre("b"));
  EXPECT_THAT(read_filter_result({}, "{}", asked).nodes, IsEmpty());
}

TEST(Extension, NodesAreReadFromWhereTheExtenderPutsThem) {
  constexpr const char* names = R"({"NodeNames":["a"]})";
  constexpr const char* items = R"({"Nodes":{"items":[{"metadata":{"name":"b"}}]}})";
  constexpr const char* both =
      R"({"NodeNames":["a"],"Nodes":{"items":[{"metadata":{"name":"b"}}]}})";
  const struct {
    bool knows_nodes;
    const char* body;
    const char* node;  // "": none
  } cases[] = {{true, names, "a"}, {true, items, "b"},  {true, both, "a"},
               {false, names, ""}, {false, items, "b"}, {false, both, "b"}};
  for (const auto& c : cases) {
    auto e = by_name();
    e.node_cache_capable = c.knows_nodes;
    const auto v = read_filter_result(e, c.body, {"a", "b"});
    EXPECT_EQ(v.error, "");
    EXPECT_EQ(v.nodes.empty() ? "" : v.nodes.front(), c.node) << c.knows_nodes << c.body;
  }
}

std::vector<preemption_candidate> two_candidates() {
  const auto on = [](const std::string& node, std::vector<std::string> uids) {
    preemption_candidate c;
    c.node = node;
    for (const auto& uid : uids)
      c.victims.push_back(
          {seal(encode("pods", {{"metadata", {{"name", uid}, {"namespace", "x"}, {"uid", uid}}}}),
                1),
           0,
           {}});
    return c;
  };
  auto out = std::vector{on("a", {"a1", "a2"}), on("b", {"b1"})};
  out[1].violations = 1;
  return out;
}

TEST(Extension, AsksWhomAPodMayPreempt) {
  const auto pod = named("pods", "web");
  const auto by_uid = json::parse(extender_preemption_args(by_name(), *pod, two_candidates()));
  EXPECT_TRUE(by_uid["NodeNameToVictims"].is_null());
  EXPECT_EQ(by_uid["NodeNameToMetaVictims"],
            json::parse(R"({"a":{"Pods":[{"UID":"a1"},{"UID":"a2"}],"NumPDBViolations":0},
                            "b":{"Pods":[{"UID":"b1"}],"NumPDBViolations":1}})"));
  const auto whole = json::parse(extender_preemption_args({}, *pod, two_candidates()));
  EXPECT_TRUE(whole["NodeNameToMetaVictims"].is_null());
  EXPECT_EQ(whole["NodeNameToVictims"]["a"]["Pods"][1]["metadata"]["uid"], "a2");
  EXPECT_EQ(whole["Pod"]["metadata"]["name"], "web");
}

TEST(Extension, ReadsWhomItMayPreempt) {
  const auto said = [](const char* body, bool ignorable = false) {
    auto e = by_name();
    e.ignorable = ignorable;
    const auto v = read_preemption_result(e, body, two_candidates());
    if (!v.error.empty()) return v.error;
    std::string out;
    for (const auto& c : v.candidates) {
      out += c.node + std::to_string(c.violations) + ":";
      for (const auto& victim : c.victims) out += " " + victim.pod->header().uid;
      out += ";";
    }
    return out;
  };
  EXPECT_EQ(said(R"({"nodeNameToMetaVictims":{"a":{"pods":[{"uid":"a2"}]},
                     "b":{"Pods":[{"UID":"b1"}],"NumPDBViolations":1}}})"),
            "a0: a2;b1: b1;");
  EXPECT_EQ(said("{}"), "");
  EXPECT_EQ(said(R"({"NodeNameToMetaVictims":{"a":{"Pods":[{"UID":"b1"}]}}})"),
            "extender: http://one/ claims to preempt pod (UID: b1) on node: a, but the pod is not "
            "found on that node");
  const char* nobody = R"({"NodeNameToMetaVictims":{"a":{"Pods":[]}}})";
  EXPECT_EQ(said(nobody), "expected at least one victim pod on node \"a\"");
  EXPECT_EQ(said(nobody, true), "");
  EXPECT_EQ(said(R"({"NodeNameToMetaVictims":{"z":{"Pods":[]}}})"),
            "extender \"http://one/\" claims to preempt on node \"z\" which is not found in the "
            "input node list");
  EXPECT_NE(said("no JSON"), "");
}

TEST(Extension, LiesAndErrorsAreFaults) {
  const auto fault = [](const char* body) {
    return read_filter_result(by_name(), body, {"a"}).error;
  };
  EXPECT_EQ(fault(R"({"Error":"closed"})"), "closed");
  EXPECT_EQ(fault(R"({"NodeNames":["z"]})"),
            "extender \"http://one/\" claims a filtered node \"z\" which is not found in the input "
            "node list");
  EXPECT_NE(fault("<html>"), "");
}

TEST(Extension, ReadsScoresAndBindings) {
  EXPECT_THAT(read_priorities(R"([{"Host":"a","Score":3},{"host":"b","score":7}])"),
              ElementsAre(Pair("a", 3), Pair("b", 7)));
  EXPECT_THAT(read_priorities("null"), IsEmpty());
  EXPECT_EQ(json::parse(extender_binding(*named("pods", "web"), "n1")),
            (json{{"PodName", "web"}, {"PodNamespace", "x"}, {"PodUID", "u"}, {"Node", "n1"}}));
  EXPECT_EQ(read_binding_result(R"({"Error":"no"})"), "no");
  EXPECT_EQ(read_binding_result("{}"), "");
}

TEST(Extension, IsInterestedInPodsThatAskForWhatItManages) {
  extender_config e;
  const auto asking = [](const char* list, const char* in) {
    return json{{"spec", {{list, {{{"resources", {{in, {{"example.com/gpu", "1"}}}}}}}}}}};
  };
  EXPECT_TRUE(is_interested(e, json::object()));
  e.managed = {"example.com/gpu"};
  EXPECT_FALSE(is_interested(e, json::object()));
  EXPECT_TRUE(is_interested(e, asking("containers", "requests")));
  EXPECT_TRUE(is_interested(e, asking("initContainers", "limits")));
  e.managed = {"example.com/tpu"};
  EXPECT_FALSE(is_interested(e, asking("containers", "requests")));
}

}  // namespace
}  // namespace troupe::model
