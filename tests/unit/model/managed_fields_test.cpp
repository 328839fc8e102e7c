// floors: model
#include "model/managed_fields.hpp"

#include "model/field_set.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

const kind_info& pod_kind() {
  return *schema::instance().by_resource("pods");
}

time_point at_second(int s) {
  return *from_rfc3339("2024-05-01T10:00:00Z") + std::chrono::seconds(s);
}

json pod() {
  return json::parse(R"({"apiVersion":"v1","kind":"Pod",
    "metadata":{"name":"web","namespace":"default","uid":"u","generation":1,
      "creationTimestamp":"2024-05-01T10:00:00Z","labels":{"app":"web"}},
    "spec":{"restartPolicy":"Always","securityContext":{},
      "containers":[{"name":"c","image":"nginx","resources":{},
        "ports":[{"containerPort":80,"protocol":"TCP"}],
        "livenessProbe":{"httpGet":{"path":"/","port":80}}}],
      "volumes":[{"name":"v","emptyDir":{}}],
      "tolerations":[{"key":"a","operator":"Exists"}]},
    "status":{"phase":"Pending"}})");
}

json entry_of(const json& object, std::string_view manager) {
  for (const json& e : at(object, {"metadata", "managedFields"}))
    if (string_at(e, {"manager"}) == manager) return e;
  return nullptr;
}

TEST(ManagedFields, ACreatorOwnsAllItSentButTheStatus) {
  json p = pod();
  p["metadata"]["managedFields"] = json::array({{{"manager", "forged"}}});
  update_managed_fields(p, nullptr, {"kubectl-create"}, at_second(0), pod_kind());
  EXPECT_EQ(p["metadata"]["managedFields"], json::parse(R"([{
    "apiVersion":"v1","fieldsType":"FieldsV1","manager":"kubectl-create","operation":"Update",
    "time":"2024-05-01T10:00:00Z","fieldsV1":{
      "f:metadata":{"f:labels":{".":{},"f:app":{}}},
      "f:spec":{"f:restartPolicy":{},"f:securityContext":{},
        "f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:name":{},"f:image":{},"f:resources":{},
          "f:ports":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":
            {".":{},"f:containerPort":{},"f:protocol":{}}},
          "f:livenessProbe":{".":{},"f:httpGet":{".":{},"f:path":{},"f:port":{}}}}},
        "f:volumes":{".":{},"k:{\"name\":\"v\"}":{".":{},"f:name":{},"f:emptyDir":{}}},
        "f:tolerations":{}}}}])"));
}

TEST(ManagedFields, AWriterTakesOverWhatItChanges) {
  json first = pod();
  update_managed_fields(first, nullptr, {"creator"}, at_second(0), pod_kind());
  json second = first;
  second["spec"]["containers"][0]["image"] = "busybox";
  second["metadata"]["labels"]["tier"] = "front";
  second["metadata"]["labels"].erase("app");
  update_managed_fields(second, &first, {"editor"}, at_second(5), pod_kind());

  EXPECT_EQ(entry_of(second, "editor")["fieldsV1"], json::parse(R"({
    "f:metadata":{"f:labels":{"f:tier":{}}},
    "f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{"f:image":{}}}}})"));
  EXPECT_EQ(entry_of(second, "editor")["time"], "2024-05-01T10:00:05Z");
  const json creator = entry_of(second, "creator");
  EXPECT_EQ(creator["time"], "2024-05-01T10:00:00Z");
  EXPECT_EQ(creator["fieldsV1"]["f:metadata"], json::parse(R"({"f:labels":{}})"));
  EXPECT_FALSE(
      creator["fieldsV1"]["f:spec"]["f:containers"]["k:{\"name\":\"c\"}"].contains("f:image"));
}

TEST(ManagedFields, AWriterKeepsItsEntryAndForgetsWhatItRemoves) {
  json first = pod();
  update_managed_fields(first, nullptr, {"creator"}, at_second(0), pod_kind());
  json second = first;
  second["spec"].erase("volumes");
  second["spec"]["containers"].push_back({{"name", "d"}, {"image", "x"}});
  update_managed_fields(second, &first, {"creator"}, at_second(9), pod_kind());
  ASSERT_EQ(second["metadata"]["managedFields"].size(), 1u);
  const json e = entry_of(second, "creator");
  EXPECT_EQ(e["time"], "2024-05-01T10:00:09Z");
  EXPECT_FALSE(e["fieldsV1"]["f:spec"].contains("f:volumes"));
  EXPECT_EQ(e["fieldsV1"]["f:spec"]["f:containers"]["k:{\"name\":\"d\"}"],
            json::parse(R"({".":{},"f:image":{},"f:name":{}})"));
}

TEST(ManagedFields, StatusHasAnEntryOfItsOwn) {
  json first = pod();
  first.erase("status");
  update_managed_fields(first, nullptr, {"creator"}, at_second(0), pod_kind());
  json second = first;
  second["status"] = {{"phase", "Running"},
                      {"conditions", json::array({{{"type", "Ready"}, {"status", "True"}}})}};
  update_managed_fields(second, &first, {"kubelet", manage_operation::update, "status"},
                        at_second(3), pod_kind());
  const json e = entry_of(second, "kubelet");
  EXPECT_EQ(e["subresource"], "status");
  EXPECT_EQ(e["fieldsV1"], json::parse(R"({"f:status":{"f:phase":{},
    "f:conditions":{".":{},"k:{\"type\":\"Ready\"}":{".":{},"f:type":{},"f:status":{}}}}})"));
}

TEST(ManagedFields, AWriteThatChangesNothingChangesNoEntry) {
  json first = pod();
  update_managed_fields(first, nullptr, {"creator"}, at_second(0), pod_kind());
  json second = first;
  second["metadata"].erase("managedFields");  // as clients may send it
  update_managed_fields(second, &first, {"other"}, at_second(3), pod_kind());
  EXPECT_EQ(second, first);
}

TEST(ManagedFields, SetsAreOwnedByMember) {
  json first = pod();
  first["metadata"]["finalizers"] = {"example.com/a"};
  update_managed_fields(first, nullptr, {"creator"}, at_second(0), pod_kind());
  json second = first;
  second["metadata"]["finalizers"].push_back("example.com/b");
  update_managed_fields(second, &first, {"other"}, at_second(1), pod_kind());
  EXPECT_EQ(entry_of(second, "other")["fieldsV1"],
            json::parse(R"({"f:metadata":{"f:finalizers":{"v:\"example.com/b\"":{}}}})"));
}

TEST(ManagedFields, TheOldestOfMoreThanTenWritersFold) {
  json p = pod();
  update_managed_fields(p, nullptr, {"creator"}, at_second(0), pod_kind());
  for (int i = 1; i <= 12; ++i) {
    const json before = p;
    p["metadata"]["annotations"]["a" + std::to_string(i)] = "x";
    update_managed_fields(p, &before, {"writer" + std::to_string(i)}, at_second(i), pod_kind());
  }
  const json& entries = p["metadata"]["managedFields"];
  EXPECT_EQ(entries.size(), 10u);
  const json ancient = entry_of(p, "ancient-changes");
  ASSERT_TRUE(ancient.is_object());
  EXPECT_TRUE(ancient["fieldsV1"]["f:metadata"]["f:annotations"].contains("f:a1"));
  EXPECT_TRUE(ancient["fieldsV1"]["f:spec"].contains("f:containers"));
  EXPECT_TRUE(entry_of(p, "writer12").is_object());
}

TEST(ManagedFields, AWriterThatOnlyRemovesKeepsItsTime) {
  json first = pod();
  update_managed_fields(first, nullptr, {"creator"}, at_second(0), pod_kind());
  json removed = first;
  removed["spec"].erase("volumes");
  update_managed_fields(removed, &first, {"creator"}, at_second(5), pod_kind());
  EXPECT_EQ(entry_of(removed, "creator")["time"], "2024-05-01T10:00:00Z");
  json changed = removed;
  changed["metadata"]["labels"]["app"] = "other";  // It owned that already.
  update_managed_fields(changed, &removed, {"creator"}, at_second(9), pod_kind());
  EXPECT_EQ(entry_of(changed, "creator")["time"], "2024-05-01T10:00:09Z");
}

TEST(ManagedFields, EntriesOfVersionsThatAreGoneGoWithTheNextChange) {
  json first = pod();
  update_managed_fields(first, nullptr, {"creator"}, at_second(0), pod_kind());
  json ancient = first["metadata"]["managedFields"][0];
  ancient["apiVersion"] = "v1beta9";
  ancient["manager"] = "old";
  first["metadata"]["managedFields"].push_back(ancient);
  json second = first;
  second["metadata"]["labels"]["tier"] = "front";
  update_managed_fields(second, &first, {"creator"}, at_second(1), pod_kind());
  EXPECT_EQ(entry_of(second, "old"), nullptr);
  EXPECT_TRUE(entry_of(second, "creator").is_object());
}

TEST(ManagedFields, AWriteThroughASubresourceCannotSendEntries) {
  json first = pod();
  update_managed_fields(first, nullptr, {"creator"}, at_second(0), pod_kind());
  json second = first;
  second["status"]["phase"] = "Running";
  second["metadata"]["managedFields"] = json::array();
  update_managed_fields(second, &first, {"kubelet", manage_operation::update, "status"},
                        at_second(1), pod_kind());
  EXPECT_TRUE(entry_of(second, "creator").is_object());
}

TEST(ManagedFields, ResettingThemEndsTheTracking) {
  json first = pod();
  update_managed_fields(first, nullptr, {"creator"}, at_second(0), pod_kind());
  for (const char* reset : {"[]", "[{}]"}) {
    json second = first;
    second["metadata"]["managedFields"] = json::parse(reset);
    second["metadata"]["labels"]["tier"] = "front";
    update_managed_fields(second, &first, {"editor"}, at_second(1), pod_kind());
    EXPECT_FALSE(second["metadata"].contains("managedFields")) << reset;
  }
}

TEST(ManagedFields, MalformedEntriesOfAClientAreIgnored) {
  json first = pod();
  update_managed_fields(first, nullptr, {"creator"}, at_second(0), pod_kind());
  for (
      const char* sent :
      {R"([{"manager":"x","operation":"Steal","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{}}])",
       R"([{"manager":"x","operation":"Update","fieldsType":"FieldsV1","fieldsV1":{}}])",
       R"([{"manager":"x","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV2","fieldsV1":{}}])",
       R"([{"manager":"x","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"z:a":{}}}])",
       R"([{"manager":"x","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:a":1}}])"}) {
    json second = first;
    second["metadata"]["managedFields"] = json::parse(sent);
    update_managed_fields(second, &first, {"editor"}, at_second(1), pod_kind());
    EXPECT_EQ(second, first) << sent;
  }
}

TEST(ManagedFields, EmptyingAMapTakesNothingOver) {
  json first = pod();
  first["spec"]["securityContext"] = {{"runAsUser", 1}};
  update_managed_fields(first, nullptr, {"creator"}, at_second(0), pod_kind());
  json second = first;
  second["spec"]["securityContext"] = json::object();
  update_managed_fields(second, &first, {"editor"}, at_second(1), pod_kind());
  EXPECT_EQ(entry_of(second, "editor"), nullptr);
  EXPECT_EQ(entry_of(second, "creator")["fieldsV1"]["f:spec"]["f:securityContext"], json::object());
}

TEST(ManagedFields, ItemsThatAListRepeatsAreOneField) {
  json first = pod();
  json& container = first["spec"]["containers"][0];
  container["env"] = json::parse(R"([{"name":"A","value":"1"},{"name":"A","value":"2"}])");
  update_managed_fields(first, nullptr, {"creator"}, at_second(0), pod_kind());
  json second = first;
  second["spec"]["containers"][0]["env"][1]["value"] = "3";
  update_managed_fields(second, &first, {"editor"}, at_second(1), pod_kind());
  EXPECT_EQ(entry_of(second, "editor")["fieldsV1"], json::parse(R"({"f:spec":{"f:containers":{
    "k:{\"name\":\"c\"}":{"f:env":{"k:{\"name\":\"A\"}":{}}}}}})"));
}

TEST(ManagedFields, EntriesAreSortedByOperationTimeAndName) {
  json p = pod();
  update_managed_fields(p, nullptr, {"z"}, at_second(9), pod_kind());
  json before = p;
  p["metadata"]["labels"]["b"] = "1";
  update_managed_fields(p, &before, {"m"}, at_second(4), pod_kind());
  before = p;
  p["metadata"]["labels"]["c"] = "1";
  update_managed_fields(p, &before, {"a", manage_operation::apply}, at_second(20), pod_kind());
  std::string order;
  for (const json& e : p["metadata"]["managedFields"]) order += e["manager"].get<std::string>();
  EXPECT_EQ(order, "amz");
}

TEST(FieldSet, KnowsWhatIsInBoth) {
  const field_set a(json::parse(R"({"f:spec":{"f:replicas":{},"f:ports":{
    "k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{}}}},
    "f:metadata":{"f:finalizers":{"v:\"a\"":{}}}})"));
  EXPECT_EQ(a.paths_also_in(a),
            (std::vector<std::string>{".metadata.finalizers[=\"a\"]", ".spec.replicas",
                                      ".spec.ports[containerPort=80,protocol=\"TCP\"]",
                                      ".spec.ports[containerPort=80,protocol=\"TCP\"].name"}));
  EXPECT_TRUE(a.paths_also_in(field_set(json::parse(R"({"f:spec":{}})"))).empty());
}

TEST(FieldSet, SubtractsWholeSubtrees) {
  field_set a(json::parse(R"({"f:spec":{"f:a":{"f:b":{}}},"f:status":{"f:c":{}}})"));
  a.subtract_whole(field_set(json::parse(R"({"f:status":{},"f:spec":{"f:x":{}}})")));
  EXPECT_EQ(a.fields_v1(), json::parse(R"({"f:spec":{"f:a":{"f:b":{}}}})"));
}

TEST(FieldSet, UniteAndSubtractAreInverse) {
  const field_set a(json::parse(R"({"f:a":{".":{},"f:b":{}},"f:c":{}})"));
  const field_set b(json::parse(R"({"f:a":{"f:d":{}},"f:c":{"f:e":{}}})"));
  field_set sum = a;
  sum.unite(b);
  EXPECT_EQ(sum.fields_v1(),
            json::parse(R"({"f:a":{".":{},"f:b":{},"f:d":{}},"f:c":{".":{},"f:e":{}}})"));
  sum.subtract(b);
  EXPECT_EQ(sum, a);
  sum.subtract(field_set(json::parse(R"({"f:a":{"f:b":{}}})")));
  EXPECT_EQ(sum.fields_v1(), json::parse(R"({"f:a":{},"f:c":{}})"));
  sum.subtract(a);
  EXPECT_TRUE(sum.empty());
}

}  // namespace
}  // namespace troupe::model
