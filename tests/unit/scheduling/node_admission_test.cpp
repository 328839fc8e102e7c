// floors: model
#include "model/scheduling/node_admission.hpp"

#include "model/kubelet/operating_system.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

node_view node_with(json spec) {
  return node_view(*seal(
      encode("nodes",
             {{"apiVersion", "v1"},
              {"kind", "Node"},
              {"metadata", {{"name", "n1"}, {"labels", {{"a", "b"}}}}},
              {"spec", std::move(spec)},
              {"status",
               {{"allocatable",
                 {{"cpu", "2"}, {"memory", "1Ki"}, {"pods", "3"}, {"example.com/tape", "1"}}}}}}),
      1));
}

json spec_with(const char* more) {
  json spec = json::parse(R"({"containers": [{"name": "c", "image": "i",
    "resources": {"requests": {"cpu": "500m"}}, "ports": [{"containerPort": 80, "hostPort": 80}]}]})");
  spec.merge_patch(json::parse(more));
  return spec;
}

pod_view pod_with(const char* more) {
  return pod_view(json{{"metadata", {{"name", "web"}, {"uid", "u"}}}, {"spec", spec_with(more)}});
}

TEST(NodeAdmission, AsksWhatKubeletsAsk) {
  usage others;
  others.add(pod_with(R"({"containers": [{"name": "c", "image": "i", "resources":
    {"requests": {"cpu": "1", "memory": "200"}}, "ports": [{"containerPort": 90, "hostPort": 90}]}]})"));
  const auto asking = [](const char* resource, const char* amount) {
    return R"({"containers": [{"name": "c", "image": "i", "resources": {"requests": {")" +
           std::string(resource) + "\": \"" + amount + R"("}}}]})";
  };
  const struct {
    std::string spec;
    const char* node;
    const char* reason;
    const char* message;
  } table[] = {
      {"{}", "{}", "", ""},
      {asking("cpu", "1"), "{}", "", ""},
      {asking("cpu", "1001m"), "{}", "OutOfcpu",
       "Node didn't have enough resource: cpu, requested: 1001, used: 1000, capacity: 2000"},
      {asking("memory", "1Ki"), "{}", "OutOfmemory",
       "Node didn't have enough resource: memory, requested: 1024, used: 200, capacity: 1024"},
      {asking("example.com/tape", "2"), "{}", "OutOfexample.com/tape",
       "Node didn't have enough resource: example.com/tape, requested: 2, used: 0, capacity: 1"},
      // Nothing of the node's.
      {asking("example.com/licence", "9"), "{}", "", ""},
      {R"({"nodeSelector": {"a": "b"}})", "{}", "", ""},
      {R"({"nodeSelector": {"a": "c"}})", "{}", "NodeAffinity",
       "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"},
      {R"({"containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 1,
        "hostPort": 90}]}]})",
       "{}", "NodePorts",
       "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"},
      {"{}", R"({"taints": [{"key": "k", "effect": "NoExecute"}]})", "TaintToleration",
       "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate"},
      {R"({"tolerations": [{"operator": "Exists"}]})",
       R"({"taints": [{"key": "k", "effect": "NoExecute"}]})", "", ""},
      // For schedulers alone.
      {"{}", R"({"unschedulable": true, "taints": [{"key": "k", "effect": "NoSchedule"}]})", "",
       ""},
  };
  for (const auto& row : table) {
    const auto got =
        admission_objection(pod_with(row.spec.c_str()), node_with(json::parse(row.node)), others);
    EXPECT_EQ(got.value_or(node_objection{}), (node_objection{row.reason, row.message}))
        << row.spec << row.node;
  }
  for (int i = 0; i < 2; ++i) others.add(pod_with(R"({"containers": []})"));
  EXPECT_EQ(admission_objection(pod_with("{}"), node_with(json::object()), others)->reason,
            "OutOfpods");
}

TEST(OperatingSystem, OtherThanLinuxIsRefused) {
  const auto reason = [](const char* pod) {
    return kubelet::foreign_system(json::parse(pod)).value_or(node_objection{}).reason;
  };
  EXPECT_EQ(reason(R"({"spec": {}})"), "");
  EXPECT_EQ(reason(R"({"spec": {"os": {"name": "linux"}}})"), "");
  EXPECT_EQ(reason(R"({"spec": {"os": {"name": "windows"}}})"), "PodOSNotSupported");
  EXPECT_EQ(reason(R"({"metadata": {"labels": {"kubernetes.io/os": "windows"}}})"),
            "PodOSSelectorNodeLabelDoesNotMatch");
}

}  // namespace
}  // namespace troupe::model
