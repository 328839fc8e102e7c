// floors: cli
#include "model/json.hpp"
#include "model/object.hpp"
#include "model/status.hpp"
#include "model/table.hpp"
#include "tests/unit/cli/scripted_cluster.hpp"

#include <fstream>

namespace troupe::cli {
namespace {

using model::json;

json pod(const std::string& name) {
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata",
           {{"name", name},
            {"namespace", "default"},
            {"uid", "u-" + name},
            {"labels", {{"app", name}}},
            {"managedFields", json::array({json::object()})},
            {"creationTimestamp", "2024-05-01T09:59:00Z"}}},
          {"spec",
           {{"nodeName", "node1"},
            {"containers", {{{"name", "a"}, {"image", "web:1"}}, {{"name", "b"}}}}}},
          {"status", {{"phase", "Running"}}}};
}

json table(const std::vector<json>& objects) {
  std::vector<model::object_ptr> sealed;
  for (const json& o : objects) sealed.push_back(model::seal(model::encode("pods", o), 5));
  return json::parse(model::table_text(*model::schema::instance().by_resource("pods"), sealed,
                                       {{"resourceVersion", "9"}}, {}, now));
}

constexpr const char* list_pods = "GET /api/v1/namespaces/default/pods";
constexpr const char* get_web = "GET /api/v1/namespaces/default/pods/web";

TEST_F(Commands, GetPrintsTheServersTable) {
  serve(list_pods, table({pod("web"), pod("database")}));
  run("get pods -l app=web");
  EXPECT_EQ(out.str(),
            "NAME       READY   STATUS    RESTARTS   AGE\n"
            "web        0/2     Running   0          60s\n"
            "database   0/2     Running   0          60s\n");
  EXPECT_EQ(cluster.requests[0].target,
            "/api/v1/namespaces/default/pods?labelSelector=app%3Dweb&limit=500");
  EXPECT_EQ(code, 0);
  run("get po --no-headers --show-labels");
  EXPECT_EQ(out.str(),
            "web        0/2   Running   0     60s   app=web\n"
            "database   0/2   Running   0     60s   app=database\n");
  run("get pods -o wide");
  EXPECT_EQ(
      out.str().substr(0, out.str().find('\n')),
      "NAME       READY   STATUS    RESTARTS   AGE   IP       NODE    NOMINATED NODE   READINESS "
      "GATES");
}

TEST_F(Commands, GetOfAllNamespacesHasAColumn) {
  serve("GET /api/v1/pods", table({pod("web")}));
  run("get pods -A");
  EXPECT_EQ(out.str(),
            "NAMESPACE   NAME   READY   STATUS    RESTARTS   AGE\n"
            "default     web    0/2     Running   0          60s\n");
}

TEST_F(Commands, GetInFormats) {
  serve(get_web, pod("web"));
  serve(list_pods, {{"kind", "PodList"}, {"apiVersion", "v1"}, {"items", {pod("web"), pod("db")}}});
  run("get pod/web -o yaml");
  EXPECT_EQ(out.str().substr(0, 24), "apiVersion: v1\nkind: Pod");
  EXPECT_EQ(out.str().find("managedFields"), std::string::npos);
  run("get pods -o name");
  EXPECT_EQ(out.str(), "pod/web\npod/db\n");
  run("get pods -o jsonpath={.items[*].metadata.name}");
  EXPECT_EQ(out.str(), "web db");
  run("get pods -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image,X:.none");
  EXPECT_EQ(out.str(), "NAME   IMAGE   X\nweb    web:1   <none>\ndb     web:1   <none>\n");
  run("get pods -o json");
  EXPECT_EQ(json::parse(out.str())["kind"], "List");
  run("get pods -o dance");
  EXPECT_EQ(code, 1);
  EXPECT_NE(err.str().find("unable to match a printer"), std::string::npos);
}

TEST_F(Commands, GetWatchesFromTheListsVersion) {
  serve(list_pods, table({pod("web")}));
  cluster.answers[list_pods].push_back(
      {200, json({{"type", "MODIFIED"}, {"object", table({pod("web")})}}).dump() + "\n", {}});
  run("get pods -w");
  EXPECT_EQ(out.str(),
            "NAME   READY   STATUS    RESTARTS   AGE\n"
            "web    0/2     Running   0          60s\n"
            "web    0/2     Running   0          60s\n");
  EXPECT_EQ(cluster.requests[1].target,
            "/api/v1/namespaces/default/pods?watch=true&resourceVersion=9");
}

TEST_F(Commands, FailuresSpeakAsKubectlDoes) {
  fail(get_web, model::not_found({"pods", "default", "web"}));
  run("get pod web");
  EXPECT_EQ(err.str(), "Error from server (NotFound): pods \"web\" not found\n");
  EXPECT_EQ(code, 1);
  run("get pod web --ignore-not-found");
  EXPECT_EQ(err.str(), "");
  EXPECT_EQ(code, 0);
  run("logs web");
  EXPECT_EQ(
      err.str(),
      "error: error from server (NotFound): pods \"web\" not found in namespace \"default\"\n");
  run("get events");
  EXPECT_EQ(cluster.requests.at(0).target, "/api/v1/namespaces/default/events?limit=500");
  serve("GET /apis", {{"kind", "APIGroupDiscoveryList"}, {"items", json::array()}});
  run("get unicorns");
  EXPECT_EQ(err.str(), "error: the server doesn't have a resource type \"unicorns\"\n");
  serve(list_pods, table({}));
  run("get pods");
  EXPECT_EQ(err.str(), "No resources found in default namespace.\n");
  EXPECT_EQ(code, 0);
}

TEST_F(Commands, CreateNamesTheFileInFailures) {
  const std::string file = testing::TempDir() + "troupe_commands_test.yaml";
  std::ofstream(file) << "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n---\n"
                         "apiVersion: v1\nkind: Pod\nmetadata:\n  name: db\n";
  serve("POST /api/v1/namespaces/default/pods", pod("web"), 201);
  fail("POST /api/v1/namespaces/default/pods", model::already_exists({"pods", "default", "db"}));
  run("create -f " + file);
  EXPECT_EQ(out.str(), "pod/web created\n");
  EXPECT_EQ(err.str(), "Error from server (AlreadyExists): error when creating \"" + file +
                           "\": pods \"db\" already exists\n");
  EXPECT_EQ(code, 1);
}

TEST_F(Commands, InvalidObjectsListTheirFaults) {
  fail(get_web, model::invalid("", "Pod", "web",
                               {{"FieldValueRequired", "Required value", "spec.containers"},
                                {"FieldValueInvalid", "Invalid value: \"x\"", "spec.nodeName"}}));
  run("get pod web");
  EXPECT_EQ(err.str(),
            "The Pod \"web\" is invalid: \n* spec.containers: Required value\n"
            "* spec.nodeName: Invalid value: \"x\"\n");
}

TEST_F(Commands, ApplyCreatesThenPatchesThenRests) {
  const std::string manifest = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},
    "spec":{"containers":[{"name":"a","image":"web:1"}]}})";
  serve("POST /api/v1/namespaces/default/pods", pod("web"), 201);
  in.str(manifest);
  run("apply -f -");
  EXPECT_EQ(out.str(), "pod/web created\n") << err.str();
  json live = json::parse(cluster.requests.at(1).body);
  EXPECT_EQ(json::parse(
                live["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"]
                    .get<std::string>())["spec"]["containers"][0]["image"],
            "web:1");

  live["status"] = {{"phase", "Running"}};
  serve(get_web, live);
  serve("PATCH /api/v1/namespaces/default/pods/web", live);
  in.clear();
  in.str(manifest);
  run("apply -f -");
  EXPECT_EQ(out.str(), "pod/web unchanged\n") << err.str();
  EXPECT_EQ(cluster.requests.size(), 1u);

  std::string changed = manifest;
  changed.replace(changed.find("web:1"), 5, "web:2");
  in.clear();
  in.str(changed);
  run("apply -f -");
  EXPECT_EQ(out.str(), "pod/web configured\n") << err.str();
  const json patch = json::parse(cluster.requests.at(1).body);
  EXPECT_EQ(patch["spec"]["containers"][0], json({{"name", "a"}, {"image", "web:2"}}));
  EXPECT_EQ(cluster.requests[1].content_type, "application/strategic-merge-patch+json");
}

TEST_F(Commands, DeleteWaitsUntilTheObjectIsGone) {
  serve("DELETE /api/v1/namespaces/default/pods/web", pod("web"));
  serve(get_web, pod("web"));
  fail(get_web, model::not_found({"pods", "default", "web"}));
  run("delete pod web");
  EXPECT_EQ(out.str(), "pod \"web\" deleted\n");
  EXPECT_EQ(cluster.requests.size(), 3u);
  EXPECT_FALSE(json::parse(cluster.requests[0].body).contains("gracePeriodSeconds"));
  run("delete pod web --force");
  EXPECT_EQ(out.str(), "pod \"web\" force deleted\n");
  EXPECT_EQ(json::parse(cluster.requests[0].body)["gracePeriodSeconds"], 0);
  run("delete pod web --grace-period=0 --wait=false");
  EXPECT_EQ(json::parse(cluster.requests[0].body)["gracePeriodSeconds"], 1);
  run("delete pods");
  EXPECT_EQ(err.str(), "error: resource(s) were provided, but no name was specified\n");
}

TEST_F(Commands, LogsNameTheDefaultContainer) {
  serve(get_web, pod("web"));
  cluster.answers["GET /api/v1/namespaces/default/pods/web/log"].push_back({200, "one\ntwo\n", {}});
  run("logs web --tail 5 --since 1h30m -f");
  EXPECT_EQ(out.str(), "one\ntwo\n");
  EXPECT_EQ(err.str(), "Defaulted container \"a\" out of: a, b\n");
  EXPECT_EQ(cluster.requests[1].target,
            "/api/v1/namespaces/default/pods/web/log?container=a&follow=true&tailLines=5&"
            "sinceSeconds=5400");
  run("logs pod/web -c b --since soon");
  EXPECT_EQ(err.str(), "error: invalid duration \"soon\", e.g. 10s, 5m or 1h30m\n");
  EXPECT_EQ(code, 1);
}

TEST_F(Commands, BindAndCordon) {
  serve("POST /api/v1/namespaces/default/pods/web/binding", {{"kind", "Status"}}, 201);
  run("bind web node2");
  EXPECT_EQ(out.str(), "pod/web bound to node2\n");
  EXPECT_EQ(json::parse(cluster.requests[0].body)["target"]["name"], "node2");
  serve("GET /api/v1/nodes/node2", {{"metadata", {{"name", "node2"}}}});
  serve("PATCH /api/v1/nodes/node2", json::object());
  run("cordon node2");
  EXPECT_EQ(out.str(), "node/node2 cordoned\n");
  EXPECT_EQ(cluster.requests[1].body, R"({"spec":{"unschedulable":true}})");
  run("uncordon node2");
  EXPECT_EQ(out.str(), "node/node2 already uncordoned\n");
}

TEST_F(Commands, EventsAreSorted) {
  auto event = [](const char* last, int count) {
    return json{{"metadata", {{"name", "e"}, {"namespace", "default"}}},
                {"type", "Normal"},
                {"reason", "Pulled"},
                {"message", "done"},
                {"count", count},
                {"firstTimestamp", "2024-05-01T09:50:00Z"},
                {"lastTimestamp", last},
                {"involvedObject", {{"kind", "Pod"}, {"name", "web"}}}};
  };
  serve("GET /api/v1/namespaces/default/events",
        {{"kind", "EventList"},
         {"apiVersion", "v1"},
         {"items", {event("2024-05-01T09:59:58Z", 1), event("2024-05-01T09:59:00Z", 3)}}});
  run("events --for pod/web");
  EXPECT_EQ(out.str(),
            "LAST SEEN           TYPE     REASON   OBJECT    MESSAGE\n"
            "60s (x3 over 10m)   Normal   Pulled   Pod/web   done\n"
            "10m                 Normal   Pulled   Pod/web   done\n");
}

TEST_F(Commands, DescribePod) {
  json p = pod("web");
  p["status"]["podIP"] = "10.0.0.5";
  p["status"]["podIPs"] = json::array({{{"ip", "10.0.0.5"}}});
  p["status"]["hostIP"] = "192.168.0.1";
  p["status"]["qosClass"] = "BestEffort";
  p["spec"]["containers"] = json::array({{{"name", "a"}, {"image", "web:1"}}});
  p["status"]["containerStatuses"] =
      json::array({{{"name", "a"},
                    {"containerID", "containerd://1"},
                    {"imageID", "sha256:2"},
                    {"ready", true},
                    {"restartCount", 0},
                    {"state", {{"running", {{"startedAt", "2024-05-01T09:59:30Z"}}}}}}});
  p["status"]["conditions"] = json::array({{{"type", "Ready"}, {"status", "True"}}});
  serve(get_web, p);
  serve("GET /api/v1/namespaces/default/events",
        {{"kind", "EventList"},
         {"apiVersion", "v1"},
         {"items", json::array({{{"type", "Normal"},
                                 {"reason", "Scheduled"},
                                 {"message", "bound"},
                                 {"source", {{"component", "default-scheduler"}}},
                                 {"firstTimestamp", "2024-05-01T09:59:50Z"},
                                 {"lastTimestamp", "2024-05-01T09:59:50Z"}}})}});
  run("describe pod web");
  EXPECT_EQ(out.str(), R"(Name:         web
Namespace:    default
Node:         node1/192.168.0.1
Labels:       app=web
Annotations:  <none>
Status:       Running
IP:           10.0.0.5
IPs:
  IP:  10.0.0.5
Containers:
  a:
    Container ID:   containerd://1
    Image:          web:1
    Image ID:       sha256:2
    Port:           <none>
    Host Port:      <none>
    State:          Running
      Started:      Wed, 01 May 2024 09:59:30 +0000
    Ready:          True
    Restart Count:  0
    Environment:    <none>
    Mounts:         <none>
Conditions:
  Type           Status
  Ready          True 
Volumes:         <none>
QoS Class:       BestEffort
Node-Selectors:  <none>
Tolerations:     <none>
Events:
  Type    Reason     Age   From               Message
  ----    ------     ----  ----               -------
  Normal  Scheduled  10s   default-scheduler  bound
)") << err.str();
}

}  // namespace
}  // namespace troupe::cli
