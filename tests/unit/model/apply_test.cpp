// floors: model
#include "model/apply/apply.hpp"

#include "model/apply/last_applied.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

const kind_info& kind_of(const json& document) {
  const std::string version = string_at(document, {"apiVersion"});
  const auto slash = version.find('/');
  const auto* found = schema::instance().by_kind(
      slash == version.npos ? "" : version.substr(0, slash),
      slash == version.npos ? version : version.substr(slash + 1), string_at(document, {"kind"}));
  if (!found) throw std::invalid_argument("no such kind: " + document.dump());
  return *found;
}

time_point at_second(int s) {
  return *from_rfc3339("2024-05-01T10:00:00Z") + std::chrono::seconds(s);
}

json yaml(const char* text) {
  auto parsed = parse_yaml(text);
  if (!parsed) throw std::invalid_argument(parsed.error + "\n" + text);
  return parsed.value;
}

/// One object, to which configurations are applied and which others update.
class subject {
 public:
  /// The message of the refusal, or "".
  std::string apply(const char* manager, const char* configuration, bool force = false,
                    const char* subresource = "") {
    const json config = yaml(configuration);
    auto made = apply_configuration(kind_of(config), object_, config, {manager, subresource, force},
                                    at_second(++now_));
    if (auto* bad = std::get_if<status>(&made)) {
      refusal_ = *bad;
      return bad->message;
    }
    object_ = std::move(std::get<json>(made));
    return {};
  }

  void update(const char* manager, const char* merge_patch, const char* subresource = "") {
    json next = object_;
    next.merge_patch(yaml(merge_patch));
    update_managed_fields(next, object_.is_null() ? nullptr : &object_,
                          {manager, manage_operation::update, subresource}, at_second(++now_),
                          kind_of(next));
    object_ = std::move(next);
  }

  /// The object without its managers and what names it.
  json rest() const {
    json out = object_;
    out["metadata"].erase("managedFields");
    out["metadata"].erase("name");
    out.erase("apiVersion");
    out.erase("kind");
    if (out["metadata"].empty()) out.erase("metadata");
    return out;
  }

  json fields(const char* manager) const {
    for (const json& e : at(object_, {"metadata", "managedFields"}))
      if (string_at(e, {"manager"}) == manager) return e["fieldsV1"];
    return nullptr;
  }

  json& object() { return object_; }
  const status& refusal() const { return refusal_; }

 private:
  json object_;
  status refusal_;
  int now_ = 0;
};

constexpr const char* web = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1
        ports: [{containerPort: 80}]
)";

std::string config_map(const char* rest) {
  return std::string("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, ") + rest + "}";
}

TEST(Apply, WhatNamesTheObjectStaysWhenTheLastOfItsMetadataGoes) {
  subject s;
  ASSERT_EQ(s.apply("one", R"({apiVersion: v1, kind: ConfigMap, data: {a: "1"}, metadata: {
    name: x, namespace: default, labels: {l: "1"}, annotations: {n: "1"}}})"),
            "");
  ASSERT_EQ(s.apply("one", R"({apiVersion: v1, kind: ConfigMap, data: {a: "1"}, metadata: {
    name: x, namespace: default}})"),
            "");
  json metadata = s.object()["metadata"];
  metadata.erase("managedFields");
  EXPECT_EQ(metadata, json::parse(R"({"name": "x", "namespace": "default"})"));
}

TEST(Apply, AnApplierOwnsTheFieldsItNames) {
  subject s;
  ASSERT_EQ(s.apply("a", web), "");
  EXPECT_EQ(s.fields("a"), json::parse(R"({"f:spec":{"f:replicas":{},"f:selector":{},
    "f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{
      "k:{\"name\":\"web\"}":{".":{},"f:name":{},"f:image":{},"f:ports":{
        "k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}}}}}})"));
  const json entry = s.object()["metadata"]["managedFields"][0];
  EXPECT_EQ(entry["operation"], "Apply");
  EXPECT_EQ(entry["apiVersion"], "apps/v1");
  EXPECT_EQ(entry["time"], "2024-05-01T10:00:01Z");
}

struct step {
  const char* manager;
  const char* data;  ///< of a ConfigMap
};

struct row {
  const char* name;
  std::vector<step> steps;  ///< applied one after the other, all but the last without conflict
  const char* data;         ///< afterwards; or the refusal
  std::vector<std::pair<const char*, const char*>> owners;
};

TEST(Apply, MergesSharesAndRemovesByOwner) {
  const row table[] = {
      {"what is not named any more goes",
       {{"a", "{x: '1', w: '2'}"}, {"a", "{x: '1'}"}},
       R"({"x":"1"})",
       {{"a", R"({"f:data":{"f:x":{}}})"}}},
      {"what another names stays",
       {{"a", "{x: '1', w: '2'}"}, {"b", "{w: '2'}"}, {"a", "{x: '1'}"}},
       R"({"x":"1","w":"2"})",
       {{"a", R"({"f:data":{"f:x":{}}})"}, {"b", R"({"f:data":{"f:w":{}}})"}}},
      {"the last of several owners removes",
       {{"a", "{x: '1', w: '2'}"}, {"b", "{x: '1', w: '2'}"}, {"a", "{x: '1'}"}, {"b", "{x: '1'}"}},
       R"({"x":"1"})",
       {{"a", R"({"f:data":{"f:x":{}}})"}, {"b", R"({"f:data":{"f:x":{}}})"}}},
      {"same values are shared",
       {{"a", "{x: '1'}"}, {"b", "{x: '1'}"}},
       R"({"x":"1"})",
       {{"a", R"({"f:data":{"f:x":{}}})"}, {"b", R"({"f:data":{"f:x":{}}})"}}},
      {"another value is a conflict",
       {{"a", "{x: '1'}"}, {"b", "{x: '2'}"}},
       "Apply failed with 1 conflict: conflict with \"a\": .data.x",
       {}},
      {"all conflicts are listed, by owner",
       {{"b", "{w: '1', z: '1'}"}, {"a", "{x: '1'}"}, {"c", "{x: '2', w: '2', z: '2'}"}},
       "Apply failed with 3 conflicts: conflicts with \"a\":\n- .data.x\nconflicts with "
       "\"b\":\n- .data.w\n- .data.z",
       {}},
      {"an empty map is a field that is named",
       {{"a", "{x: '1'}"}, {"b", "{w: '1'}"}, {"a", "{}"}},
       R"({"w":"1"})",
       {{"a", R"({"f:data":{}})"}, {"b", R"({"f:data":{"f:w":{}}})"}}},
  };
  for (const row& r : table) {
    subject s;
    std::string refused;
    for (const step& st : r.steps)
      refused = s.apply(st.manager, config_map((std::string("data: ") + st.data).c_str()).c_str());
    if (r.owners.empty()) {
      EXPECT_EQ(refused, r.data) << r.name;
      continue;
    }
    EXPECT_EQ(refused, "") << r.name;
    EXPECT_EQ(s.rest()["data"], json::parse(r.data)) << r.name;
    for (const auto& [manager, fields] : r.owners)
      EXPECT_EQ(s.fields(manager), json::parse(fields)) << r.name << ": " << manager;
    EXPECT_EQ(s.object()["metadata"]["managedFields"].size(), r.owners.size()) << r.name;
  }
}

TEST(Apply, AnApplierThatNamesNothingMoreIsForgotten) {
  subject s;
  s.apply("a", config_map("data: {x: '1'}").c_str());
  s.apply("b", config_map("data: {w: '1'}").c_str());
  s.apply("a", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}");
  EXPECT_EQ(s.rest()["data"], json::parse(R"({"w":"1"})"));
  EXPECT_EQ(s.object()["metadata"]["managedFields"].size(), 1u);
}

TEST(Apply, ConflictsNameOwnerAndField) {
  subject s;
  s.apply("a", web);
  s.update("hpa", "{spec: {replicas: 5}}", "");
  EXPECT_EQ(s.apply("a", web),
            "Apply failed with 1 conflict: conflict with \"hpa\" using apps/v1: .spec.replicas");
  EXPECT_EQ(s.refusal().code, 409);
  EXPECT_EQ(s.refusal().reason, "Conflict");
  ASSERT_EQ(s.refusal().causes.size(), 1u);
  EXPECT_EQ(s.refusal().causes[0].reason, "FieldManagerConflict");
  EXPECT_EQ(s.refusal().causes[0].message, "conflict with \"hpa\" using apps/v1");
  EXPECT_EQ(s.refusal().causes[0].field, ".spec.replicas");

  subject other;
  other.apply("a", web);
  other.update("scaler", "{spec: {replicas: 5}}", "scale");
  EXPECT_EQ(other.apply("a", web),
            "Apply failed with 1 conflict: conflict with \"scaler\" with subresource \"scale\" "
            "using apps/v1: .spec.replicas");
}

TEST(Apply, ForceTakesOverAndLeavingOutGivesUp) {
  subject s;
  s.apply("a", web);
  s.update("hpa", "{spec: {replicas: 5}}");
  EXPECT_EQ(s.apply("a", web, true), "");
  EXPECT_EQ(s.rest()["spec"]["replicas"], 3);
  EXPECT_EQ(s.fields("hpa"), nullptr);

  s.update("hpa", "{spec: {replicas: 7}}");
  std::string without = web;
  without.erase(without.find("  replicas: 3\n"), 14);
  EXPECT_EQ(s.apply("a", without.c_str()), "");
  EXPECT_EQ(s.rest()["spec"]["replicas"], 7);
  EXPECT_EQ(s.fields("hpa"), json::parse(R"({"f:spec":{"f:replicas":{}}})"));
}

TEST(Apply, FieldsOfNobodyStay) {
  subject s;
  s.apply("a", web);
  s.object()["spec"]["progressDeadlineSeconds"] = 600;  // as defaulting does
  s.object()["spec"]["strategy"] = {{"type", "RollingUpdate"}};
  std::string without = web;
  without.erase(without.find("  replicas: 3\n"), 14);
  s.apply("a", without.c_str());
  EXPECT_EQ(s.rest()["spec"]["progressDeadlineSeconds"], 600);
  EXPECT_EQ(s.rest()["spec"]["strategy"]["type"], "RollingUpdate");
  EXPECT_FALSE(s.rest()["spec"].contains("replicas"));
}

TEST(Apply, AStructGoesWithTheLastThatWasAppliedInIt) {
  subject s;
  std::string with = std::string(web) + "  strategy: {type: RollingUpdate}\n";
  s.apply("a", with.c_str());
  s.object()["spec"]["strategy"]["rollingUpdate"] = {{"maxSurge", "25%"}};  // a default
  s.apply("a", web);
  EXPECT_FALSE(s.rest()["spec"].contains("strategy"));
}

struct list_row {
  const char *name, *live, *applied, *result;
};

TEST(Apply, ListsMergeByTheirType) {
  const list_row table[] = {
      {"new items come where the configuration has them", "[{name: a}, {name: c}]",
       "[{name: a}, {name: b}, {name: c}]", "[{name: a}, {name: b}, {name: c}]"},
      {"items of both stand in the configuration's order", "[{name: a}, {name: b}]",
       "[{name: b}, {name: a}]", "[{name: b}, {name: a}]"},
      {"others keep their place", "[{name: x}, {name: a}, {name: y}, {name: b}]",
       "[{name: b}, {name: a}]", "[{name: x}, {name: y}, {name: b}, {name: a}]"},
      {"items merge", "[{name: a, value: '1'}]", "[{name: a}]", "[{name: a, value: '1'}]"},
      {"repeated items stay as they are", "[{name: a, value: '1'}, {name: a, value: '2'}]",
       "[{name: b}]", "[{name: a, value: '1'}, {name: a, value: '2'}, {name: b}]"},
      {"an empty list says nothing", "[{name: a}]", "[]", "[{name: a}]"},
      {"nor does null", "[{name: a}]", "null", "[{name: a}]"}};
  for (const list_row& r : table) {
    subject s;
    const auto pod = [](const char* env) {
      return std::string("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [") +
             "{name: c, env: " + env + "}]}}";
    };
    s.object() = yaml(pod(r.live).c_str());
    ASSERT_EQ(s.apply("a", pod(r.applied).c_str(), true), "") << r.name;
    EXPECT_EQ(s.rest()["spec"]["containers"][0]["env"], yaml(r.result)) << r.name;
  }
}

TEST(Apply, SetsMergeByMemberAndAtomicListsAsAWhole) {
  subject s;
  s.apply("a",
          "{apiVersion: v1, kind: Pod, metadata: {name: p, finalizers: [e/a]}, "
          "spec: {tolerations: [{key: a}]}}");
  s.apply("b", "{apiVersion: v1, kind: Pod, metadata: {name: p, finalizers: [e/b]}}");
  EXPECT_EQ(s.rest()["metadata"]["finalizers"], json::parse(R"(["e/a","e/b"])"));
  EXPECT_EQ(s.apply("b",
                    "{apiVersion: v1, kind: Pod, metadata: {name: p}, "
                    "spec: {tolerations: [{key: b}]}}"),
            "Apply failed with 1 conflict: conflict with \"a\": .spec.tolerations");
  EXPECT_EQ(s.apply("b", "{apiVersion: v1, kind: Pod, metadata: {name: p}}"), "");
  EXPECT_EQ(s.rest()["metadata"]["finalizers"], json::parse(R"(["e/a"])"));
}

TEST(Apply, AKeyThatIsLeftOutCountsWithItsDefault) {
  constexpr const char* service =
      "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ports: [{port: 80%s}]}}";
  const auto with = [&](const char* more) {
    std::string text = service;
    return text.replace(text.find("%s"), 2, more);
  };
  subject s;
  s.apply("a", with(", name: http").c_str());
  s.apply("b", with(", protocol: TCP").c_str());
  EXPECT_EQ(s.rest()["spec"]["ports"].size(), 1u);
  EXPECT_EQ(s.fields("b"), json::parse(R"({"f:spec":{"f:ports":{
    "k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{},"f:protocol":{}}}}})"));
}

TEST(Apply, ANullUnsetsAScalar) {
  subject s;
  s.apply("a", web);
  std::string null = web;
  null.replace(null.find("replicas: 3"), 11, "replicas: null");
  EXPECT_EQ(s.apply("b", null.c_str()),
            "Apply failed with 1 conflict: conflict with \"a\": .spec.replicas");
  EXPECT_EQ(s.apply("a", null.c_str()), "");
  EXPECT_TRUE(s.rest()["spec"]["replicas"].is_null());
}

TEST(Apply, StatusIsNotOwnedThroughTheMainResourceNorSpecThroughStatus) {
  subject s;
  s.apply("a", (std::string(web) + "status: {replicas: 1}\n").c_str());
  EXPECT_FALSE(s.fields("a").contains("f:status"));
  s.apply("b", (std::string(web) + "status: {replicas: 1}\n").c_str(), false, "status");
  EXPECT_EQ(s.fields("b"), json::parse(R"({"f:status":{"f:replicas":{}}})"));
}

TEST(Apply, ARepeatedApplyChangesNothing) {
  subject s;
  s.apply("a", web);
  const json first = s.object();
  s.apply("a", web);
  EXPECT_EQ(s.object(), first);
  touch_manager(s.object(), {"a", manage_operation::apply, ""}, kind_of(first), at_second(30));
  EXPECT_EQ(s.object()["metadata"]["managedFields"][0]["time"], "2024-05-01T10:00:30Z");
}

TEST(Apply, AnObjectWithoutManagersGetsOneForAllThatIsInIt) {
  subject s;
  s.object() =
      yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {x: '1', w: '1'}}");
  EXPECT_EQ(s.apply("a", config_map("data: {x: '2'}").c_str()),
            "Apply failed with 1 conflict: conflict with \"before-first-apply\" using v1: .data.x");
  EXPECT_EQ(s.apply("a", config_map("data: {x: '2'}").c_str(), true), "");
  EXPECT_EQ(s.fields("before-first-apply"), json::parse(R"({"f:data":{".":{},"f:w":{}}})"));
}

TEST(Apply, RefusesWhatIsNoConfigurationOfTheKind) {
  const struct {
    const char *name, *config, *message;
    int code;
  } table[] = {
      {"managed fields", "{apiVersion: v1, kind: Pod, metadata: {name: p, managedFields: []}}",
       "metadata.managedFields must be nil", 400},
      {"an unknown field", "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {foo: 1}}",
       "failed to create typed patch object (/p; /v1, Kind=Pod): .spec.foo: field not declared in "
       "schema",
       500},
      {"a repeated key",
       "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ns}, spec: {containers: [{name: "
       "a}, {name: a}]}}",
       "failed to create typed patch object (ns/p; /v1, Kind=Pod): .spec.containers: duplicate "
       "entries for key [name=\"a\"]",
       500},
      {"a missing key",
       "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{}]}}",
       "failed to create typed patch object (/p; /v1, Kind=Pod): .spec.containers: element 0: "
       "associative list with keys has an element that omits key field \"name\" (and doesn't have "
       "default value)",
       500},
      {"wrong types",
       "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: x, hostname: 1, "
       "priority: a}}",
       "failed to create typed patch object (/p; /v1, Kind=Pod): errors:\n"
       "  .spec.containers: expected list, got &{x}\n"
       "  .spec.hostname: expected string, got &value.valueUnstructured{Value:1}\n"
       "  .spec.priority: expected numeric (int or float), got string",
       500}};
  const kind_info& pods = *schema::instance().by_resource("pods");
  for (const auto& r : table) {
    const auto made = apply_configuration(pods, nullptr, yaml(r.config), {"a", ""}, at_second(0));
    ASSERT_TRUE(std::holds_alternative<status>(made)) << r.name;
    EXPECT_EQ(std::get<status>(made).message, r.message) << r.name;
    EXPECT_EQ(std::get<status>(made).code, r.code) << r.name;
  }
  const auto other = apply_configuration(pods, nullptr, yaml(web), {"a", ""}, at_second(0));
  EXPECT_EQ(std::get<status>(other).message, "invalid object type: apps/v1, Kind=Deployment");
}

json client_side_applied(subject& s, const char* text) {
  json object = yaml(text);
  object["metadata"]["annotations"][std::string(last_applied_annotation)] = object.dump() + "\n";
  s.update("kubectl-client-side-apply", object.dump().c_str());
  return object;
}

TEST(Apply, KubectlTakesOverWhatItAppliedOnTheClient) {
  subject s;
  client_side_applied(s, web);
  std::string changed = web;
  changed.replace(changed.find("nginx:1"), 7, "nginx:2");
  EXPECT_EQ(s.apply("other", changed.c_str()),
            "Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using "
            "apps/v1: .spec.template.spec.containers[name=\"web\"].image");
  EXPECT_EQ(s.apply("kubectl", changed.c_str()), "");
  const json annotation =
      json::parse(s.object()["metadata"]["annotations"][std::string(last_applied_annotation)]
                      .get<std::string>());
  EXPECT_EQ(annotation, yaml(changed.c_str()));
}

TEST(Apply, KubectlConflictsWhereTheLiveValueIsNotWhatItApplied) {
  subject s;
  client_side_applied(s, web);
  s.update("hpa", "{spec: {replicas: 9}}");
  EXPECT_EQ(s.apply("kubectl", web),
            "Apply failed with 1 conflict: conflict with \"hpa\" using apps/v1: .spec.replicas");
}

TEST(Apply, AnEntryFollowsTheVersionThatIsApplied) {
  subject s;
  const char* core =
      "{apiVersion: v1, kind: Event, metadata: {name: e, namespace: d}, "
      "involvedObject: {name: p}, message: hello, count: 2}";
  ASSERT_EQ(s.apply("a", core), "");
  const kind_info& in_group = *schema::instance().by_kind("events.k8s.io", "v1", "Event");
  json live = s.object();
  live["apiVersion"] = "events.k8s.io/v1";
  live["regarding"] = live["involvedObject"];
  live["note"] = live["message"];
  live["deprecatedCount"] = live["count"];
  for (const char* gone : {"involvedObject", "message", "count"}) live.erase(gone);
  const json config = yaml(
      "{apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: e, namespace: d}, "
      "regarding: {name: p}, note: hello}");
  const auto made = apply_configuration(in_group, live, config, {"a", ""}, at_second(9));
  ASSERT_TRUE(std::holds_alternative<json>(made)) << std::get<status>(made).message;
  const json& object = std::get<json>(made);
  EXPECT_EQ(object["note"], "hello");
  EXPECT_FALSE(object.contains("deprecatedCount"));
  ASSERT_EQ(object["metadata"]["managedFields"].size(), 1u);
  EXPECT_EQ(object["metadata"]["managedFields"][0]["apiVersion"], "events.k8s.io/v1");
}

TEST(Apply, OwnersOfAnotherVersionKeepTheirFields) {
  subject s;
  s.apply("a",
          "{apiVersion: v1, kind: Event, metadata: {name: e}, involvedObject: {name: p}, "
          "message: hello, reason: R}");
  s.update("b", "{message: hello, reason: R}");
  json live = s.object();
  live["metadata"]["managedFields"].push_back(
      json::parse(R"({"manager":"b","operation":"Update","apiVersion":"events.k8s.io/v1",
        "fieldsType":"FieldsV1","fieldsV1":{"f:note":{}}})"));
  s.object() = live;
  ASSERT_EQ(s.apply("a",
                    "{apiVersion: v1, kind: Event, metadata: {name: e}, "
                    "involvedObject: {name: p}}"),
            "");
  EXPECT_EQ(s.rest()["message"], "hello");
  EXPECT_FALSE(s.rest().contains("reason"));
}

}  // namespace
}  // namespace troupe::model
