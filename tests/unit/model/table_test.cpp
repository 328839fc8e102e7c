// floors: model
#include "tests/unit/model/table_rows.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

/// A pod of two containers (and one init container) with this status.
json pod(const std::string& status, bool deleting = false, bool sidecar = false) {
  json p = {{"metadata", {{"name", "web"}, {"creationTimestamp", "2024-05-01T09:55:00Z"}}},
            {"spec",
             {{"containers", {{{"name", "a"}}, {{"name", "b"}}}},
              {"initContainers", json::array({{{"name", "i"}}})}}},
            {"status", json::parse(status)}};
  if (sidecar) p["spec"]["initContainers"][0]["restartPolicy"] = "Always";
  if (deleting) p["metadata"]["deletionTimestamp"] = "2024-05-01T09:59:00Z";
  return p;
}

std::string pod_cells(const json& p) {
  const std::string all = row("pods", p);
  return all.substr(4, all.find("|5m") - 4);
}

TEST(Table, PodStatus) {
  const std::pair<const char*, const char*> table[] = {
      {R"({"phase":"Pending"})", "0/2|Pending|0"},
      {R"({"phase":"Failed","reason":"Evicted"})", "0/2|Evicted|0"},
      {R"({"phase":"Pending","conditions":[{"type":"PodScheduled","reason":"SchedulingGated"}]})",
       "0/2|SchedulingGated|0"},
      {R"({"phase":"Running","containerStatuses":[
          {"ready":true,"state":{"running":{}}},{"ready":true,"state":{"running":{}}}]})",
       "2/2|Running|0"},
      {R"({"phase":"Running","containerStatuses":[
          {"ready":true,"state":{"running":{}}},
          {"ready":false,"restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff"}},
           "lastState":{"terminated":{"finishedAt":"2024-05-01T09:54:30Z"}}}]})",
       "1/2|CrashLoopBackOff|3 (5m30s ago)"},
      {R"({"phase":"Failed","containerStatuses":[
          {"state":{"terminated":{"exitCode":1,"reason":"Error"}}},
          {"state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]})",
       "0/2|Error|0"},
      {R"({"phase":"Running","conditions":[{"type":"Ready","status":"False"}],
          "containerStatuses":[{"state":{"terminated":{"exitCode":0,"reason":"Completed"}}},
          {"ready":true,"state":{"running":{}}}]})",
       "1/2|NotReady|0"},
      {R"({"phase":"Failed","containerStatuses":[{"state":{"terminated":{"signal":9}}}]})",
       "0/2|Signal:9|0"},
      {R"({"phase":"Failed","containerStatuses":[{"state":{"terminated":{"exitCode":2}}}]})",
       "0/2|ExitCode:2|0"},
      {R"({"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"running":{}}}]})",
       "0/2|Init:0/1|0"},
      {R"({"phase":"Pending","initContainerStatuses":[{"name":"i","restartCount":2,
          "state":{"waiting":{"reason":"CrashLoopBackOff"}}}]})",
       "0/2|Init:CrashLoopBackOff|2"},
      {R"({"phase":"Pending","initContainerStatuses":[{"name":"i",
          "state":{"waiting":{"reason":"PodInitializing"}}}]})",
       "0/2|Init:0/1|0"},
      {R"({"phase":"Failed","initContainerStatuses":[{"name":"i",
          "state":{"terminated":{"exitCode":1,"reason":"Error"}}}]})",
       "0/2|Init:Error|0"},
      {R"({"phase":"Pending","initContainerStatuses":[{"name":"i",
          "state":{"terminated":{"exitCode":0}}}],
          "containerStatuses":[{"state":{"waiting":{"reason":"ContainerCreating"}}}]})",
       "0/2|ContainerCreating|0"}};
  for (const auto& [status, expected] : table)
    EXPECT_EQ(pod_cells(pod(status)), expected) << status;
}

TEST(Table, PodSidecarsCountAsContainers) {
  EXPECT_EQ(pod_cells(pod(R"({"phase":"Running","initContainerStatuses":[{"name":"i","started":true,
      "ready":true,"state":{"running":{}}}],"containerStatuses":[
      {"ready":true,"state":{"running":{}}},{"ready":true,"state":{"running":{}}}]})",
                          false, true)),
            "3/3|Running|0");
}

TEST(Table, PodsInDeletion) {
  EXPECT_EQ(pod_cells(pod(R"({"phase":"Running"})", true)), "0/2|Terminating|0");
  EXPECT_EQ(pod_cells(pod(R"({"phase":"Succeeded"})", true)), "0/2|Succeeded|0");
  EXPECT_EQ(pod_cells(pod(R"({"phase":"Running","reason":"NodeLost"})", true)), "0/2|Unknown|0");
}

TEST(Table, RowsOfPodsThatAreDoneSaySo) {
  const auto& kind = *schema::instance().by_resource("pods");
  const auto conditions = [&](const char* phase) {
    json p = pod(R"({"phase":")" + std::string(phase) + R"("})");
    p["metadata"]["namespace"] = "default";
    return at(
        json::parse(table_text(kind, {seal(encode("pods", p), 1)}, nullptr, {}, now))["rows"][0],
        {"conditions"});
  };
  EXPECT_TRUE(conditions("Running").is_null());
  EXPECT_EQ(conditions("Succeeded"),
            json::parse(R"([{"type":"Completed","status":"True","reason":"Succeeded",
                             "message":"The pod has completed successfully."}])"));
  EXPECT_EQ(conditions("Failed")[0]["message"], "The pod failed.");
}

TEST(Table, PodWideCells) {
  json p = pod(R"({"phase":"Running","podIPs":[{"ip":"10.0.0.7"}],
      "conditions":[{"type":"gate","status":"True"}]})");
  p["spec"]["nodeName"] = "node2";
  p["spec"]["readinessGates"] = {{{"conditionType", "gate"}}, {{"conditionType", "other"}}};
  EXPECT_EQ(row("pods", p), "web|0/2|Running|0|5m|10.0.0.7|node2|<none>|1/2");
}

TEST(Table, Nodes) {
  json node = {{"metadata", {{"name", "x"}, {"creationTimestamp", "2024-05-01T09:00:00Z"}}},
               {"spec", {{"unschedulable", true}}},
               {"status",
                {{"conditions", json::array({{{"type", "Ready"}, {"status", "True"}}})},
                 {"addresses", json::array({{{"type", "InternalIP"}, {"address", "10.1.0.1"}}})},
                 {"nodeInfo", {{"kubeletVersion", "v1.32.0"}, {"osImage", "Debian"}}}}}};
  node["metadata"]["labels"] = {{"node-role.kubernetes.io/worker", ""},
                                {"node-role.kubernetes.io/control-plane", ""}};
  EXPECT_EQ(columns("nodes"),
            "Name|Status|Roles|Age|Version|*Internal-IP|*External-IP|*OS-Image|*Kernel-Version|"
            "*Container-Runtime");
  EXPECT_EQ(row("nodes", node),
            "x|Ready,SchedulingDisabled|control-plane,worker|60m|v1.32.0|10.1.0.1|<none>|Debian|"
            "<unknown>|<unknown>");
  EXPECT_EQ(row("nodes", {{"metadata", {{"name", "n"}}}}),
            "n|Unknown|<none>|<unknown>||<none>|<none>|<unknown>|<unknown>|<unknown>");
}

TEST(Table, Events) {
  EXPECT_EQ(columns("events"),
            "Last Seen|Type|Reason|Object|*Subobject|*Source|Message|*First Seen|*Count|*Name");
  EXPECT_EQ(row("events", json::parse(R"({"metadata":{"name":"web.1"},"type":"Warning",
      "reason":"BackOff","message":" waits \n","count":4,
      "firstTimestamp":"2024-05-01T09:50:00Z","lastTimestamp":"2024-05-01T09:59:30Z",
      "involvedObject":{"kind":"Pod","name":"web","fieldPath":"spec.containers{a}"},
      "source":{"component":"kubelet","host":"node1"}})")),
            "30s|Warning|BackOff|pod/web|spec.containers{a}|kubelet, node1|waits|10m|4|web.1");
  EXPECT_EQ(row("events", json::parse(R"({"metadata":{"name":"web.2"},"type":"Normal",
      "reason":"Scheduled","message":"done","eventTime":"2024-05-01T09:59:55.000000Z",
      "involvedObject":{"kind":"Pod","name":"web"},
      "reportingComponent":"default-scheduler"})")),
            "5s|Normal|Scheduled|pod/web||default-scheduler|done|5s|1|web.2");
}

TEST(Table, Text) {
  const auto& kind = *schema::instance().by_resource("configmaps");
  const json document = {{"apiVersion", "v1"},
                         {"kind", "ConfigMap"},
                         {"metadata", {{"name", "a"}, {"namespace", "b"}}},
                         {"data", {{"k", "v"}}}};
  const std::vector<object_ptr> objects = {seal(encode("configmaps", document), 7)};
  const json full = json::parse(table_text(kind, objects, {{"resourceVersion", "9"}}, {}, now));
  EXPECT_EQ(full["kind"], "Table");
  EXPECT_EQ(full["metadata"]["resourceVersion"], "9");
  EXPECT_EQ(full["columnDefinitions"][0]["format"], "name");
  EXPECT_EQ(full["rows"][0]["cells"], json({"a", 1, "<unknown>"}));
  EXPECT_EQ(full["rows"][0]["object"]["kind"], "PartialObjectMetadata");
  EXPECT_EQ(full["rows"][0]["object"]["metadata"]["resourceVersion"], "7");
  const json bare =
      json::parse(table_text(kind, objects, nullptr, {include_object::none, false}, now));
  EXPECT_TRUE(bare["columnDefinitions"].is_null());
  EXPECT_FALSE(bare["rows"][0].contains("object"));
  const json whole =
      json::parse(table_text(kind, objects, nullptr, {include_object::object, false}, now));
  EXPECT_EQ(whole["rows"][0]["object"]["data"]["k"], "v");
  const json old = json::parse(
      table_text(kind, objects, nullptr, {include_object::metadata, true, "v1beta1"}, now));
  EXPECT_EQ(old["apiVersion"], "meta.k8s.io/v1beta1");
  EXPECT_EQ(old["rows"][0]["object"]["apiVersion"], "meta.k8s.io/v1beta1");
}

}  // namespace
}  // namespace troupe::model
