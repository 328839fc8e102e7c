// floors: model
#include "model/pod_view.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

json pod_with(json spec) {
  spec["containers"] = spec.value("containers", json::array({{{"name", "c"}, {"image", "i"}}}));
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata",
           {{"name", "web"},
            {"namespace", "default"},
            {"uid", "u"},
            {"labels", {{"app", "web"}}},
            {"creationTimestamp", "2026-11-22T10:00:00Z"}}},
          {"spec", std::move(spec)},
          {"status", {{"phase", "Pending"}, {"nominatedNodeName", "n2"}}}};
}

// A view is made of a part of the stored text, and what its pod needs perhaps of what a like pod
// needed: it has to say what a view of the whole document says.
void expect_as_document(const json& document) {
  const auto stored = seal(encode("pods", document), 41);
  const pod_view whole(document);
  for (int again = 0; again < 2; ++again) {
    const pod_view view(*stored);
    EXPECT_EQ(view.uid, whole.uid);
    EXPECT_EQ(view.ns, whole.ns);
    EXPECT_EQ(view.name, whole.name);
    EXPECT_EQ(view.labels, whole.labels);
    EXPECT_EQ(view.node_name, whole.node_name);
    EXPECT_EQ(view.phase, whole.phase);
    EXPECT_EQ(view.nominated_node, whole.nominated_node);
    EXPECT_EQ(view.created, whole.created);
    EXPECT_EQ(view.scheduler_name, whole.scheduler_name);
    EXPECT_EQ(view.priority, whole.priority);
    EXPECT_EQ(view.gated, whole.gated);
    EXPECT_EQ(view.requests, whole.requests);
    EXPECT_EQ(view.ports, whole.ports);
    EXPECT_EQ(view.images, whole.images);
    EXPECT_EQ(view.tolerations.size(), whole.tolerations.size());
    EXPECT_EQ(view.signature, whole.signature);
    EXPECT_EQ(static_cast<bool>(view.rules), static_cast<bool>(whole.rules));
  }
}

TEST(PodView, OfTextIsTheViewOfTheDocument) {
  const char* specs[] = {
      "{}",
      R"({"nodeName":"n1","priority":7,"schedulerName":"mine"})",
      R"({"containers":[],"schedulingGates":[{"name":"g"}]})",
      R"({"tolerations":[{"key":"k","operator":"Exists","effect":"NoExecute",
        "tolerationSeconds":300}],"nodeSelector":{"disk":"ssd"}})",
      R"({"containers":[{"name":"a","image":"r/a:1","resources":{"requests":{"cpu":"2"}},
          "ports":[{"containerPort":80,"hostPort":80}]},{"name":"b","image":"r:5000/b"}],
        "initContainers":[{"name":"i","image":"i","restartPolicy":"Always"}]})",
      R"({"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":
        {"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"Exists"}]}]}}}})",
      R"({"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
        {"topologyKey":"zone","labelSelector":{"matchLabels":{"app":"web"}}}]}}})",
      R"({"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone",
        "whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"web"}}}]})",
  };
  for (const char* spec : specs) {
    SCOPED_TRACE(spec);
    expect_as_document(pod_with(json::parse(spec)));
  }
}

TEST(PodView, TellsLikePodsOfOtherNamespacesAndLabelsApart) {
  auto document = pod_with(json::parse(R"({"topologySpreadConstraints":[{"maxSkew":1,
    "topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","matchLabelKeys":["app"],
    "labelSelector":{"matchLabels":{"x":"y"}}}]})"));
  const pod_view one(*seal(encode("pods", document), 1));
  document["metadata"]["labels"]["app"] = "other";
  const pod_view other(*seal(encode("pods", document), 2));
  EXPECT_NE(one.rules->spread.front().who.text, other.rules->spread.front().who.text);
}

}  // namespace
}  // namespace troupe::model
