// floors: model
#include "model/admission/admit.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

/// Admission into namespace d of a cluster of some objects.
class Admit : public ::testing::Test {
 protected:
  Admit() { put("namespaces", "", "d"); }

  void put(const char* resource, const char* ns, const char* name, json o = json::object()) {
    o["metadata"]["name"] = name;
    if (*ns) o["metadata"]["namespace"] = ns;
    const auto made = seal(encode(resource, o), 1);
    objects[made->key()] = made;
  }
  /// What becomes of the object: itself, or the refusal's text.
  json admit(const char* resource, json object) {
    const cluster_view cluster{[this](const object_key& key) {
                                 const auto found = objects.find(key);
                                 return found == objects.end() ? nullptr : found->second;
                               },
                               [this](std::string_view of, std::string_view ns) {
                                 std::vector<object_ptr> out;
                                 for (const auto& [key, o] : objects)
                                   if (key.resource == of && key.ns == ns) out.push_back(o);
                                 return out;
                               }};
    random_source random(1);
    object["metadata"]["name"] = "x";
    object["metadata"]["namespace"] = "d";
    const admission_request r{
        *schema::instance().by_resource(resource), {resource, "d", "x"}, cluster, false};
    auto bad = admit_changes(r, object, random);
    if (!bad) bad = admit_valid(r, object, notes);
    if (bad) return bad->message;
    return object;
  }
  json pod(json resources) {
    return {{"spec", {{"containers", json::array({{{"name", "c"}, {"resources", resources}}})}}}};
  }
  json resources_of(json resources) {
    const json got = admit("pods", pod(std::move(resources)));
    return got.is_string() ? got : got["spec"]["containers"][0]["resources"];
  }
  void limit(json item) { put("limitranges", "d", "l", {{"spec", {{"limits", {item}}}}}); }

  std::map<object_key, object_ptr> objects;
  admission_notes notes;
};

TEST_F(Admit, LimitRangesFillInWhatContainersLeaveOut) {
  limit({{"type", "Container"},
         {"default", {{"cpu", "1"}, {"memory", "1Gi"}}},
         {"defaultRequest", {{"cpu", "500m"}}}});
  const json got = admit("pods", pod({{"limits", {{"memory", "2Gi"}}}}));
  EXPECT_EQ(
      got["spec"]["containers"][0]["resources"],
      json::parse(R"({"limits": {"cpu": "1", "memory": "2Gi"}, "requests": {"cpu": "500m"}})"));
  EXPECT_EQ(got["metadata"]["annotations"]["kubernetes.io/limit-ranger"],
            "LimitRanger plugin set: cpu request for container c; cpu limit for container c");
}

TEST_F(Admit, LimitRangesRefuseWhatIsOutside) {
  limit({{"type", "Container"},
         {"min", {{"cpu", "100m"}}},
         {"max", {{"cpu", "1"}}},
         {"maxLimitRequestRatio", {{"cpu", "2"}}}});
  const auto given = [](const char* request, const char* most) {
    return json{{"requests", {{"cpu", request}}}, {"limits", {{"cpu", most}}}};
  };
  EXPECT_TRUE(resources_of(given("500m", "1")).is_object());
  EXPECT_EQ(resources_of(given("50m", "100m")),
            "pods \"x\" is forbidden: minimum cpu usage per Container is 100m, but request is 50m");
  EXPECT_EQ(resources_of(given("1", "2")),
            "pods \"x\" is forbidden: maximum cpu usage per Container is 1, but limit is 2");
  EXPECT_EQ(
      resources_of(given("100m", "1")),
      "pods \"x\" is forbidden: cpu max limit to request ratio per Container is 2, but provided "
      "ratio is 10.000000");
  EXPECT_EQ(
      resources_of(json::object()),
      "pods \"x\" is forbidden: [minimum cpu usage per Container is 100m.  No request is "
      "specified, maximum cpu usage per Container is 1.  No limit is specified, cpu max limit "
      "to request ratio per Container is 2, but no request is specified or request is 0]");
}

TEST_F(Admit, LimitRangesBoundClaims) {
  limit({{"type", "PersistentVolumeClaim"}, {"max", {{"storage", "1Gi"}}}});
  EXPECT_EQ(admit("persistentvolumeclaims",
                  {{"spec", {{"resources", {{"requests", {{"storage", "2Gi"}}}}}}}}),
            "persistentvolumeclaims \"x\" is forbidden: maximum storage usage per "
            "PersistentVolumeClaim is 1Gi, but request is 2Gi");
}

TEST_F(Admit, TheNewestDefaultClassIsChosen) {
  const auto made = [](const char* annotation, const char* time) {
    return json{
        {"metadata", {{"annotations", {{annotation, "true"}}}, {"creationTimestamp", time}}}};
  };
  constexpr const char* storage = "storageclass.kubernetes.io/is-default-class";
  put("storageclasses.storage.k8s.io", "", "old", made(storage, "2026-01-01T00:00:00Z"));
  put("storageclasses.storage.k8s.io", "", "new", made(storage, "2026-01-02T00:00:00Z"));
  put("storageclasses.storage.k8s.io", "", "plain");
  put("ingressclasses.networking.k8s.io", "", "nginx",
      made("ingressclass.kubernetes.io/is-default-class", "2026-01-01T00:00:00Z"));
  const json spec = {{"spec", json::object()}};
  EXPECT_EQ(admit("persistentvolumeclaims", spec)["spec"]["storageClassName"], "new");
  EXPECT_EQ(admit("ingresses.networking.k8s.io", spec)["spec"]["ingressClassName"], "nginx");
  const json none = {{"spec", {{"storageClassName", ""}}}};
  EXPECT_EQ(admit("persistentvolumeclaims", none)["spec"]["storageClassName"], "");
}

TEST_F(Admit, ThereIsOneDefaultPriorityClass) {
  constexpr const char* classes = "priorityclasses.scheduling.k8s.io";
  const json is_default = {{"value", 7}, {"globalDefault", true}};
  EXPECT_TRUE(admit(classes, is_default).is_object());
  put(classes, "", "x", is_default);
  EXPECT_TRUE(admit(classes, is_default).is_object()) << "it is that one";
  put(classes, "", "usual", {{"value", 3}, {"globalDefault", true}});
  EXPECT_EQ(admit(classes, is_default),
            "priorityclasses.scheduling.k8s.io \"x\" is forbidden: PriorityClass usual is already "
            "marked as default. Only one default can exist");
  EXPECT_TRUE(admit(classes, {{"value", 7}}).is_object());
}

TEST_F(Admit, TheDefaultPriorityClassIsTaken) {
  put("priorityclasses.scheduling.k8s.io", "", "usual", {{"value", 7}, {"globalDefault", true}});
  const json got = admit("pods", pod(json::object()))["spec"];
  EXPECT_EQ(got["priorityClassName"], "usual");
  EXPECT_EQ(got["priority"], 7);
}

TEST_F(Admit, APodIsWhatItsRuntimeClassMakesOfIt) {
  put("runtimeclasses.node.k8s.io", "", "vm",
      json::parse(R"({"overhead": {"podFixed": {"memory": "64Mi"}}, "scheduling": {
        "nodeSelector": {"vm": "yes"}, "tolerations": [{"key": "vm", "operator": "Exists"}]}})"));
  json wanted = pod(json::object());
  wanted["spec"]["runtimeClassName"] = "vm";
  const json got = admit("pods", wanted)["spec"];
  EXPECT_EQ(got["overhead"], json({{"memory", "64Mi"}}));
  EXPECT_EQ(got["nodeSelector"], json({{"vm", "yes"}}));
  EXPECT_THAT(got["tolerations"].dump(), testing::HasSubstr(R"("key":"vm")"));
  wanted["spec"]["nodeSelector"] = {{"vm", "no"}};
  EXPECT_EQ(admit("pods", wanted),
            "pods \"x\" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; "
            "pod.spec.nodeSelector[vm] = no");
  wanted["spec"]["runtimeClassName"] = "gone";
  EXPECT_EQ(admit("pods", wanted),
            "pods \"x\" is forbidden: pod rejected: RuntimeClass \"gone\" not found");
}

}  // namespace
}  // namespace troupe::model
