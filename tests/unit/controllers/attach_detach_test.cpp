// floors: actors/controllers actors/events actors/api actors/store
#include "model/volumes/attachment.hpp"
#include "tests/unit/controllers/disturbance.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string core = "/api/v1/namespaces/default/";
const std::string attachments = "/apis/storage.k8s.io/v1/volumeattachments";

// Two nodes, and a claim that is bound to the volume "pv" of a CSI driver.
class AttachDetach : public Controllers {
 protected:
  void SetUp() override {
    running.push_back(spawn_bootstrap_controller(sys, options, {}));
    running.push_back(spawn_volume_binder(sys, options));
    sched.run();
    node("n1");
    node("n2");
    volume("pv", "ReadWriteOnce");
    claim("data", "ReadWriteOnce");
    pass(1s);
    start();
  }
  void start() { running.push_back(spawn_attach_detach_controller(sys, options)); }
  void node(const std::string& name) {
    auto n = named("Node", name);
    n["metadata"]["annotations"]["volumes.kubernetes.io/controller-managed-attach-detach"] = "true";
    ASSERT_EQ(code("POST", "/api/v1/nodes", n), 201);
    ready(name, true);
  }
  void node_status(const std::string& name, const json& status) {
    api_request r;
    r.method = "PATCH";
    r.target = "/api/v1/nodes/" + name + "/status";
    r.content_type = "application/merge-patch+json";
    r.user = {"admin", {"system:masters", "system:authenticated"}};
    r.body = blob_ref(json{{"status", status}}.dump());
    caf::anon_send(options.api, request_atom::value, r);
    sched.run();
  }
  void ready(const std::string& name, bool yes) {
    json condition = {{"type", "Ready"}, {"status", yes ? "True" : "Unknown"}};
    node_status(name, {{"conditions", json::array({condition})}});
  }
  void mounted(const std::string& name, const json& volumes) {
    node_status(name, {{"volumesInUse", volumes}});
  }
  void volume(const std::string& name, const char* mode) {
    auto v = named("PersistentVolume", name);
    v["spec"] = {{"accessModes", {mode}},
                 {"capacity", {{"storage", "1Gi"}}},
                 {"csi", {{"driver", "disk.example.com"}, {"volumeHandle", "h-" + name}}}};
    ASSERT_EQ(code("POST", "/api/v1/persistentvolumes", v), 201);
  }
  void claim(const std::string& name, const char* mode) {
    auto c = named("PersistentVolumeClaim", name);
    c["spec"] = {{"accessModes", {mode}}, {"resources", {{"requests", {{"storage", "1Gi"}}}}}};
    ASSERT_EQ(code("POST", core + "persistentvolumeclaims", c), 201);
  }
  void user(const std::string& name, const char* node, const char* of = "data") {
    auto p = pod_on(name, node);
    p["spec"]["volumes"] =
        json::array({{{"name", "v"}, {"persistentVolumeClaim", {{"claimName", of}}}}});
    ASSERT_EQ(code("POST", core + "pods", p), 201);
    pass(1s);
  }
  json get(const std::string& path) { return json::parse(ask("GET", path).body.bytes()); }
  std::vector<std::string> attached_to() {
    std::vector<std::string> out;
    const json all = get(attachments);
    for (const auto& a : all["items"]) out.push_back(a["spec"]["nodeName"]);
    return out;
  }
  // What the driver's attacher says.
  void answer(const json& status) {
    auto a = get(attachments)["items"][0];
    a["status"] = status;
    a["apiVersion"] = "storage.k8s.io/v1";
    a["kind"] = "VolumeAttachment";
    ASSERT_EQ(
        code("PUT", attachments + "/" + a["metadata"]["name"].get<std::string>() + "/status", a),
        200);
    pass(1s);
  }
  json may_mount(const std::string& node) {
    return get("/api/v1/nodes/" + node)["status"].value("volumesAttached", json::array());
  }
  std::vector<std::string> told(const std::string& pod) {
    pass(1s);
    std::vector<std::string> out;
    const json all = get(core + "events");
    for (const auto& e : all["items"])
      if (e["involvedObject"]["name"] == pod &&
          e["source"]["component"] == "attachdetach-controller")
        out.push_back(e["reason"].get<std::string>() + ": " + e["message"].get<std::string>());
    return out;
  }
};

TEST_F(AttachDetach, AVolumeIsAttachedWhereAPodUsesIt) {
  user("p", "n1");
  const auto items = get(attachments)["items"];
  ASSERT_EQ(items.size(), 1u);
  // printf h-pvdisk.example.comn1 | sha256sum
  EXPECT_EQ(items[0]["metadata"]["name"],
            "csi-c94fb5ef11ddb9d2959bfa3ebd12a7e6b7d4fac58bb4b76b2d329be4bae2fad1");
  EXPECT_EQ(items[0]["spec"], json::parse(R"({"attacher":"disk.example.com","nodeName":"n1",
                                              "source":{"persistentVolumeName":"pv"}})"));
  EXPECT_EQ(may_mount("n1"), json::array());
  answer({{"attached", true}});
  EXPECT_EQ(may_mount("n1"), json::parse(R"([{"devicePath":"",
      "name":"kubernetes.io/csi/disk.example.com^h-pv"}])"));
  EXPECT_THAT(told("p"), ElementsAre("SuccessfulAttachVolume: AttachVolume.Attach succeeded for "
                                     "volume \"pv\" "));
}

TEST_F(AttachDetach, ItIsDetachedWhenTheLastPodHasGoneAndTheKubeletHasUnmounted) {
  user("p", "n1");
  user("q", "n1");
  answer({{"attached", true}});
  mounted("n1", {"kubernetes.io/csi/disk.example.com^h-pv"});
  code("DELETE", core + "pods/p");
  pass(1s);
  EXPECT_THAT(attached_to(), ElementsAre("n1"));
  code("DELETE", core + "pods/q");
  pass(3600s);
  EXPECT_THAT(attached_to(), ElementsAre("n1")) << "a kubelet that is ready may take its time";
  EXPECT_EQ(may_mount("n1").size(), 1u);
  mounted("n1", json::array());
  pass(1s);
  EXPECT_THAT(attached_to(), IsEmpty());
  EXPECT_EQ(may_mount("n1"), json::array());
}

TEST_F(AttachDetach, ANodeThatIsLostHasSixMinutesOrNoneWhenItIsOutOfService) {
  user("p", "n1");
  answer({{"attached", true}});
  mounted("n1", {"kubernetes.io/csi/disk.example.com^h-pv"});
  ready("n1", false);
  code("DELETE", core + "pods/p");
  pass(359s);
  EXPECT_THAT(attached_to(), ElementsAre("n1"));
  pass(2s);
  EXPECT_THAT(attached_to(), IsEmpty());

  user("q", "n1");
  answer({{"attached", true}});
  code("DELETE", core + "pods/q");
  pass(1s);
  EXPECT_THAT(attached_to(), ElementsAre("n1"));
  auto n = get("/api/v1/nodes/n1");
  n["spec"]["taints"] =
      json::parse(R"([{"key":"node.kubernetes.io/out-of-service","effect":"NoExecute"}])");
  ASSERT_EQ(code("PUT", "/api/v1/nodes/n1", n), 200);
  pass(1s);
  EXPECT_THAT(attached_to(), IsEmpty());
}

TEST_F(AttachDetach, ANodeThatIsDeletedLosesAtOnceWhatItHadNotMounted) {
  user("p", "n1");
  answer({{"attached", true}});
  ASSERT_EQ(code("DELETE", "/api/v1/nodes/n1"), 200);
  pass(3600s);
  EXPECT_THAT(attached_to(), ElementsAre("n1")) << "the pod is still there";
  code("DELETE", core + "pods/p");
  pass(1s);
  EXPECT_THAT(attached_to(), IsEmpty());
}

TEST_F(AttachDetach, ANodeThatIsDeletedHasSixMinutesForWhatItHadMounted) {
  user("p", "n1");
  answer({{"attached", true}});
  mounted("n1", {"kubernetes.io/csi/disk.example.com^h-pv"});
  ASSERT_EQ(code("DELETE", "/api/v1/nodes/n1"), 200);
  pass(600s);
  code("DELETE", core + "pods/p");
  pass(359s);
  EXPECT_THAT(attached_to(), ElementsAre("n1"));
  pass(2s);
  EXPECT_THAT(attached_to(), IsEmpty());
}

TEST_F(AttachDetach, OfANodeThatWasGoneBeforeTheStartNothingIsKnown) {
  user("p", "n1");
  answer({{"attached", true}});
  stop_controllers();
  ASSERT_EQ(code("DELETE", "/api/v1/nodes/n1"), 200);
  code("DELETE", core + "pods/p");
  start();
  pass(359s);
  EXPECT_THAT(attached_to(), ElementsAre("n1"));
  pass(2s);
  EXPECT_THAT(attached_to(), IsEmpty());
}

TEST_F(AttachDetach, AnotherNodeWaitsForAVolumeThatOneAloneMayHave) {
  user("p", "n1");
  answer({{"attached", true}});
  user("q", "n2");
  EXPECT_THAT(attached_to(), ElementsAre("n1"));
  EXPECT_THAT(told("q"), ElementsAre("FailedAttachVolume: Multi-Attach error for volume \"pv\" "
                                     "Volume is already used by pod(s) p"));
  code("DELETE", core + "pods/p");
  pass(1s);
  EXPECT_THAT(attached_to(), ElementsAre("n2"));
}

TEST_F(AttachDetach, TwoNodesThatWantItAtOnceDoNotBothGetIt) {
  for (const char* where : {"n1", "n2"}) {
    auto p = pod_on(std::string("on-") + where, where);
    p["spec"]["volumes"] =
        json::array({{{"name", "v"}, {"persistentVolumeClaim", {{"claimName", "data"}}}}});
    api_request r{"POST",
                  core + "pods",
                  {},
                  {},
                  {},
                  blob_ref(p.dump()),
                  {"admin", {"system:masters", "system:authenticated"}, {}, {}}};
    caf::anon_send(options.api, request_atom::value, r);
  }
  pass(1s);
  EXPECT_EQ(attached_to().size(), 1u);
}

TEST_F(AttachDetach, SharedVolumesAreAttachedToSeveralNodes) {
  volume("shared", "ReadWriteMany");
  claim("all", "ReadWriteMany");
  pass(1s);
  user("p", "n1", "all");
  user("q", "n2", "all");
  EXPECT_EQ(attached_to().size(), 2u);
}

TEST_F(AttachDetach, ADriverThatAttachesNothingIsNotAsked) {
  json driver = named("CSIDriver", "disk.example.com");
  driver["apiVersion"] = "storage.k8s.io/v1";
  driver["spec"]["attachRequired"] = false;
  ASSERT_EQ(code("POST", "/apis/storage.k8s.io/v1/csidrivers", driver), 201);
  user("p", "n1");
  EXPECT_THAT(attached_to(), IsEmpty());
}

TEST_F(AttachDetach, WhatADriverSaysOfAFailureReachesThePod) {
  user("p", "n1");
  answer({{"attached", false}, {"attachError", {{"message", "no such disk"}}}});
  EXPECT_THAT(told("p"), ElementsAre("FailedAttachVolume: AttachVolume.Attach failed for volume "
                                     "\"pv\" : no such disk"));
  // One that stands is told of again and again.
  pass(250s);
  EXPECT_THAT(told("p"), ElementsAre("FailedAttachVolume: AttachVolume.Attach failed for volume "
                                     "\"pv\" : no such disk"));
  const auto event = get(core + "events")["items"];
  const auto of_pod = std::ranges::find_if(
      event, [](const json& e) { return e["reason"] == "FailedAttachVolume"; });
  EXPECT_EQ((*of_pod)["count"], 3);
}

TEST_F(AttachDetach, TheAnnotationIsWhatMakesAKubeletLeaveItToUs) {
  auto n = get("/api/v1/nodes/n1");
  n["metadata"]["annotations"] = json::object();
  ASSERT_EQ(code("PUT", "/api/v1/nodes/n1", n), 200);
  user("p", "n1");
  EXPECT_THAT(attached_to(), IsEmpty());
  n = get("/api/v1/nodes/n1");
  n["metadata"]["annotations"] = {{model::controller_attaches, "yes"}};
  ASSERT_EQ(code("PUT", "/api/v1/nodes/n1", n), 200);
  pass(1s);
  EXPECT_THAT(attached_to(), ElementsAre("n1"));
}

TEST_F(AttachDetach, ADriverThatSaysNothingIsToldOf) {
  user("p", "n1");
  pass(121s);
  EXPECT_THAT(
      told("p"),
      ElementsAre("FailedAttachVolume: AttachVolume.Attach failed for volume \"pv\" : timed "
                  "out waiting for external-attacher of disk.example.com CSI driver to "
                  "attach volume h-pv"));
}

TEST_F(AttachDetach, WhatIsLeftFromBeforeAStartIsDetachedUnlessItIsSomebodyElses) {
  json other = named("VolumeAttachment", "by-hand");
  other["apiVersion"] = "storage.k8s.io/v1";
  other["spec"] = {{"attacher", "x.example.com"},
                   {"nodeName", "n2"},
                   {"source", {{"persistentVolumeName", "pv"}}}};
  ASSERT_EQ(code("POST", attachments, other), 201);
  stop_controllers();
  other["metadata"]["name"] = "csi-" + std::string(64, 'a');
  other["spec"]["nodeName"] = "n1";
  ASSERT_EQ(code("POST", attachments, other), 201);
  start();
  pass(1s);
  EXPECT_THAT(attached_to(), ElementsAre("n2"));
}

json read(virtual_cluster& c, const std::string& path) {
  return json::parse(c.ask("GET", path).body.bytes());
}

// What a driver's attacher does.
void attach_all(virtual_cluster& c) {
  const json all = read(c, attachments);
  for (const auto& item : all["items"]) {
    const auto path = attachments + "/" + item["metadata"]["name"].get<std::string>();
    json a = read(c, path);
    a["status"]["attached"] = true;
    c.code("PUT", path + "/status", a);
  }
}

TEST(DisturbedAttachDetach, EndsTheSame) {
  disturbed_scenario s;
  s.spawn = [](caf::actor_system& sys, const controller_options& o) {
    return std::vector<controller_actor>{spawn_attach_detach_controller(sys, o)};
  };
  s.run = [](virtual_cluster& c) {
    for (const char* name : {"n1", "n2"}) {
      auto n = named("Node", name);
      n["metadata"]["annotations"][model::controller_attaches] = "true";
      c.code("POST", "/api/v1/nodes", n);
    }
    auto volume = named("PersistentVolume", "pv");
    volume["spec"] = json::parse(R"({"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},
        "csi":{"driver":"d.example.com","volumeHandle":"h"},
        "claimRef":{"kind":"PersistentVolumeClaim","namespace":"default","name":"data"}})");
    c.code("POST", "/api/v1/persistentvolumes", volume);
    auto claim = named("PersistentVolumeClaim", "data");
    claim["spec"] = json::parse(R"({"accessModes":["ReadWriteOnce"],"volumeName":"pv",
                                    "resources":{"requests":{"storage":"1Gi"}}})");
    c.code("POST", core + "persistentvolumeclaims", claim);
    claim = read(c, core + "persistentvolumeclaims/data");
    claim["status"]["phase"] = "Bound";
    c.code("PUT", core + "persistentvolumeclaims/data/status", claim);
    const auto user = [&](const std::string& name, const char* node) {
      auto p = pod_on(name, node);
      p["spec"]["volumes"] =
          json::array({{{"name", "v"}, {"persistentVolumeClaim", {{"claimName", "data"}}}}});
      c.code("POST", core + "pods", p);
    };
    user("p", "n1");
    c.pass(5s);
    attach_all(c);
    c.pass(5s);
    user("q", "n2");
    c.pass(5s);
    c.code("DELETE", core + "pods/p");
    c.pass(5s);
    attach_all(c);
    c.pass(5s);
  };
  s.collections = {attachments, "/api/v1/nodes"};
  expect_undisturbed(s);
}

TEST(Attachable, VolumesSayHowManyNodesMayHaveThem) {
  const auto exclusive = [](const char* modes) {
    json v = json::parse(
        R"({"metadata":{"name":"v"},"spec":{"csi":{"driver":"d","volumeHandle":"h"}}})");
    v["spec"]["accessModes"] = json::parse(modes);
    return model::attachable(v, {})->exclusive;
  };
  EXPECT_TRUE(exclusive(R"(["ReadWriteOnce"])"));
  EXPECT_TRUE(exclusive(R"(["ReadWriteOncePod"])"));
  EXPECT_FALSE(exclusive(R"(["ReadWriteOnce","ReadOnlyMany"])"));
  EXPECT_FALSE(exclusive("[]"));
  EXPECT_FALSE(model::attachable(json::parse(R"({"spec":{"hostPath":{}}})"), {}));
}

TEST(MultiAttach, NamesPodsOfOnesOwnNamespaceAlone) {
  struct {
    std::vector<model::pod_name> users;
    const char* text;
  } const cases[] = {
      {{}, "Volume is already exclusively attached to one node and can't be attached to another"},
      {{{"a", "x"}, {"a", "y"}}, "Volume is already used by pod(s) x, y"},
      {{{"a", "x"}, {"b", "y"}},
       "Volume is already used by pod(s) x and 1 pod(s) in different namespaces"},
      {{{"b", "y"}}, "Volume is already used by 1 pod(s) in different namespaces"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(model::multi_attach_error("v", "a", c.users),
              std::string("Multi-Attach error for volume \"v\" ") + c.text);
}

TEST(HeldVolumes, AreThoseOfPodsThatMayRun) {
  struct {
    const char* pod;
    bool holds;
  } const cases[] = {
      {R"({"status":{"phase":"Running"}})", true},
      {R"({"status":{"phase":"Succeeded"}})", false},
      {R"({"metadata":{"deletionTimestamp":"x"}})", false},
      {R"({"metadata":{"deletionTimestamp":"x"},
           "status":{"containerStatuses":[{"state":{"running":{}}}]}})",
       true},
      {R"({"metadata":{"deletionTimestamp":"x"},
           "status":{"containerStatuses":[{"state":{"terminated":{}}}]}})",
       false},
  };
  for (const auto& c : cases)
    EXPECT_EQ(model::holds_volumes(json::parse(c.pod), {}), c.holds) << c.pod;
}

}  // namespace
}  // namespace troupe
