// floors: model
#include "definition.hpp"
#include "model/apply/apply.hpp"
#include "model/conversion.hpp"
#include "model/custom/fields.hpp"
#include "model/defaults/defaults.hpp"
#include "model/discovery.hpp"
#include "model/managed_fields.hpp"
#include "model/openapi.hpp"
#include "model/strategy.hpp"
#include "model/table.hpp"
#include "model/validation/structural.hpp"
#include "model/validation/validate.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* group = "stable.example.com";

json text_of(const document& d) {
  EXPECT_TRUE(d);
  return d ? json::parse(*d.text) : json();
}

json crontab(const char* spec) {
  return {{"apiVersion", "stable.example.com/v1"},
          {"kind", "CronTab"},
          {"metadata", {{"name", "x"}, {"namespace", "default"}}},
          {"spec", json::parse(spec)}};
}

class CustomKinds : public testing::Test {
 protected:
  const custom_kinds kinds = crontabs();
  const served_kind v1 = kinds.by_plural(group, "v1", "crontabs");
  const served_kind beta = kinds.by_plural(group, "v1beta1", "crontabs");

  json prepared(json document) const {
    EXPECT_TRUE(decode_fields(*v1.kind, document));
    apply_defaults(*v1.kind, document);
    return document;
  }
};

TEST_F(CustomKinds, AreFoundByTheirNames) {
  ASSERT_TRUE(v1);
  ASSERT_TRUE(beta);
  EXPECT_EQ(v1.kind->resource, "crontabs.stable.example.com");
  EXPECT_EQ(kinds.by_kind(group, "v1", "CronTab").kind, v1.kind);
  EXPECT_EQ(kinds.by_resource("crontabs.stable.example.com").kind, v1.kind);
  EXPECT_FALSE(kinds.by_plural(group, "v2", "crontabs"));
  EXPECT_FALSE(kinds.by_plural("other", "v1", "crontabs"));
  EXPECT_NE(custom_of(*v1.kind), nullptr);
  EXPECT_EQ(custom_of(*schema::instance().by_resource("pods")), nullptr);
  EXPECT_EQ(&stored_kind(*beta.kind), v1.kind);
  EXPECT_TRUE(v1.kind->stored);
  EXPECT_FALSE(beta.kind->stored);
}

TEST_F(CustomKinds, AreServedOnceEstablished) {
  const auto waiting = seal(encode(definitions_resource, crontab_definition()), 1);
  EXPECT_THAT(custom_kinds({waiting}, {}).definitions(), IsEmpty());
}

TEST_F(CustomKinds, LiveAsLongAsTheyAreUsed) {
  auto own = std::make_unique<custom_kinds>(crontabs());
  const auto found = own->by_plural(group, "v1", "crontabs");
  own.reset();
  EXPECT_EQ(found.kind->kind, "CronTab");
  EXPECT_NE(keep(*found.kind), nullptr);
}

TEST_F(CustomKinds, AnUnchangedDefinitionIsReadOnce) {
  const auto object = established(crontab_definition());
  const custom_kinds first({object}, {});
  const custom_kinds second({object}, first);
  EXPECT_EQ(first.by_plural(group, "v1", "crontabs").kind,
            second.by_plural(group, "v1", "crontabs").kind);
  EXPECT_NE(first.number(), second.number());
}

TEST(CustomGroups, StandInDiscoveryByTheirPriority) {
  const auto names = [](const document& d, const char* items) {
    std::vector<std::string> out;
    const json list = json::parse(*d.text);
    for (const json& g : at(list, {items}))
      out.push_back(string_at(g, {"name"}, string_at(g, {"metadata", "name"})));
    return out;
  };
  const custom_kinds kinds = crontabs();
  const auto plain = names(discovery_text("/apis", discovery_format::plain, kinds), "groups");
  ASSERT_GE(plain.size(), 3u);
  EXPECT_EQ(plain[0], "apiregistration.k8s.io");
  EXPECT_EQ(plain[plain.size() - 2], "stable.example.com");
  EXPECT_EQ(plain.back(), "metrics.k8s.io") << "100 is less than the 1000 of custom groups";
  EXPECT_EQ(names(discovery_text("/apis", discovery_format::aggregated_v2, kinds), "items"), plain);
}

TEST(CustomVersions, AreOrderedAsKubernetesOrdersThem) {
  std::vector<std::string> versions{"foo1",  "v1alpha1", "v10", "v2",        "v1beta2", "v11alpha2",
                                    "foo10", "v3beta1",  "v1",  "v12alpha1", "v11beta2"};
  std::sort(versions.begin(), versions.end(), is_preferred_version);
  EXPECT_THAT(versions, ElementsAre("v10", "v2", "v1", "v11beta2", "v3beta1", "v1beta2",
                                    "v12alpha1", "v11alpha2", "v1alpha1", "foo1", "foo10"));
}

TEST_F(CustomKinds, StandInDiscovery) {
  const json list = text_of(discovery_text("/apis/stable.example.com/v1", {}, kinds));
  EXPECT_EQ(list["resources"][0]["name"], "crontabs");
  EXPECT_EQ(list["resources"][0]["shortNames"], json({"ct"}));
  EXPECT_EQ(list["resources"][0]["categories"], json({"all"}));
  EXPECT_EQ(list["resources"][1]["name"], "crontabs/status");
  EXPECT_EQ(list["resources"][2]["name"], "crontabs/scale");
  EXPECT_EQ(list["resources"][2]["group"], "autoscaling");
  const json own = text_of(discovery_text("/apis/stable.example.com", {}, kinds));
  EXPECT_EQ(own["preferredVersion"]["version"], "v1");
  EXPECT_EQ(own["versions"].size(), 2u);
  const json all = text_of(discovery_text("/apis", discovery_format::aggregated_v2, kinds));
  EXPECT_EQ(all["items"][all["items"].size() - 2]["metadata"]["name"], group);
  EXPECT_FALSE(discovery_text("/apis/stable.example.com/v1"));
}

TEST_F(CustomKinds, StandInOpenApi) {
  const json index = text_of(openapi_text("/openapi/v3", {}, kinds));
  const std::string url =
      index["paths"]["apis/stable.example.com/v1"]["serverRelativeURL"].get<std::string>();
  const document d = openapi_text("/openapi/v3/apis/stable.example.com/v1", {}, kinds);
  EXPECT_EQ(d.etag, "\"" + url.substr(url.find('=') + 1) + "\"");
  const json whole = text_of(d);
  const json& schemas = whole["components"]["schemas"];
  const json& own = schemas["com.example.stable.v1.CronTab"];
  EXPECT_EQ(own["description"], "a crontab");
  EXPECT_EQ(own["properties"]["spec"]["properties"]["cronSpec"]["description"], "when to run");
  EXPECT_EQ(own["x-kubernetes-group-version-kind"][0]["kind"], "CronTab");
  EXPECT_TRUE(schemas.contains("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"));
  EXPECT_TRUE(schemas.contains("com.example.stable.v1.CronTabList"));
  const json v2 = text_of(openapi_text("/openapi/v2", {}, kinds));
  EXPECT_TRUE(v2["definitions"].contains("com.example.stable.v1.CronTab"));
  EXPECT_TRUE(v2["paths"].contains(
      "/apis/stable.example.com/v1/namespaces/{namespace}/crontabs/{name}/scale"));
}

TEST_F(CustomKinds, AreDecodedDefaultedAndJudged) {
  json document = crontab(R"({"cronSpec": "* * * * *", "extra": 1})");
  const auto found = decode_fields(*v1.kind, document);
  EXPECT_TRUE(found);
  EXPECT_THAT(found.strict, ElementsAre("unknown field \"spec.extra\""));
  apply_defaults(*v1.kind, document);
  EXPECT_EQ(document["spec"], json({{"cronSpec", "* * * * *"}, {"replicas", 1}}));
  EXPECT_THAT(validate_create(*v1.kind, document), IsEmpty());
  document["spec"]["replicas"] = 11;
  document["spec"].erase("cronSpec");
  std::vector<std::string> fields;
  for (const cause& c : validate_create(*v1.kind, document)) fields.push_back(c.field);
  EXPECT_THAT(fields, testing::UnorderedElementsAre("spec.cronSpec", "spec.replicas"));
}

TEST_F(CustomKinds, MetadataIsDecodedAsEveryKinds) {
  json document = crontab(R"({"cronSpec": "x"})");
  document["metadata"]["labels"] = "x";
  EXPECT_THAT(decode_fields(*v1.kind, document).error,
              testing::HasSubstr("metadata.labels of type map[string]string"));
}

TEST_F(CustomKinds, GenerationsCountTheSpec) {
  const std::vector<std::string> groups;
  json object = prepared(crontab(R"({"cronSpec": "x"})"));
  object["status"] = {{"replicas", 3}};
  prepare_for_create(*v1.kind, object, "u", time_point{}, {"me", groups});
  EXPECT_EQ(object["metadata"]["generation"], 1);
  EXPECT_FALSE(object.contains("status"));
  json changed = object;
  changed["metadata"]["labels"] = {{"a", "b"}};
  prepare_for_update(*v1.kind, object, changed);
  EXPECT_EQ(changed["metadata"]["generation"], 1);
  changed["spec"]["replicas"] = 2;
  prepare_for_update(*v1.kind, object, changed);
  EXPECT_EQ(changed["metadata"]["generation"], 2);
  // Without a subresource the status is a field as any other.
  json plain = object;
  plain["status"] = {{"replicas", 3}};
  prepare_for_update(*beta.kind, object, plain);
  EXPECT_EQ(plain["metadata"]["generation"], 2);
}

TEST_F(CustomKinds, AreShownInTheVersionThatIsAskedFor) {
  const auto stored = seal(encode_from(*beta.kind, crontab(R"({"cronSpec": "x"})")), 1);
  EXPECT_EQ(stored->parse()["apiVersion"], "stable.example.com/v1");
  EXPECT_EQ(parse_as(*beta.kind, *stored)["apiVersion"], "stable.example.com/v1beta1");
}

TEST_F(CustomKinds, ColumnsAreTheDefinitions) {
  std::vector<std::string> names;
  for (const column& c : columns_of(*v1.kind)) names.push_back(c.name);
  EXPECT_THAT(names, ElementsAre("Name", "Spec", "Replicas", "Age"));
  json object = crontab(R"({"cronSpec": "* *", "replicas": 3})");
  object["metadata"]["creationTimestamp"] = "1970-01-01T00:00:00Z";
  const auto now = time_point{} + std::chrono::minutes(5);
  EXPECT_THAT(cells_of(*v1.kind, object, now), ElementsAre("x", "* *", 3, "5m"));
  object["spec"] = json::object();
  EXPECT_THAT(cells_of(*v1.kind, object, now), ElementsAre("x", nullptr, nullptr, "5m"));
  names.clear();
  for (const column& c : columns_of(*beta.kind)) names.push_back(c.name);
  EXPECT_THAT(names, ElementsAre("Name", "Age"));
}

TEST_F(CustomKinds, ScaleByTheirPaths) {
  json object = crontab(R"({"replicas": 3})");
  object["status"] = {{"replicas", 2}, {"selector", "a=b"}};
  const json scale = custom_scale(*custom_of(*v1.kind), object);
  EXPECT_EQ(scale["kind"], "Scale");
  EXPECT_EQ(scale["spec"], json({{"replicas", 3}}));
  EXPECT_EQ(scale["status"], json({{"replicas", 2}, {"selector", "a=b"}}));
  set_custom_scale(*custom_of(*v1.kind), object, {{"spec", {{"replicas", 7}}}});
  EXPECT_EQ(object["spec"]["replicas"], 7);
}

TEST_F(CustomKinds, SelectByTheirFields) {
  const auto o = seal(encode_from(*v1.kind, crontab(R"({"image": "i"})")), 1);
  EXPECT_THAT(custom_fields(*v1.kind, *o), ElementsAre(std::pair("metadata.name", "x"),
                                                       std::pair("metadata.namespace", "default"),
                                                       std::pair("spec.image", "i")));
}

TEST_F(CustomKinds, ApplyByTheirListTypes) {
  const auto apply = [&](const json& live, const char* spec, const char* manager) {
    auto made =
        apply_configuration(*v1.kind, live, crontab(spec), {manager, "", false}, time_point{});
    const auto* bad = std::get_if<status>(&made);
    EXPECT_FALSE(bad) << (bad ? bad->message : "");
    return bad ? json() : std::get<json>(made);
  };
  json live = apply(nullptr, R"({"cronSpec": "x", "ports": [{"name": "a", "port": 1}]})", "one");
  live = apply(live, R"({"ports": [{"name": "b", "port": 2}], "labels": {"k": "v"}})", "two");
  EXPECT_EQ(live["spec"]["ports"],
            json::parse(R"([{"name": "a", "port": 1}, {"name": "b", "port": 2}])"));
  live = apply(live, R"({"cronSpec": "x"})", "one");
  EXPECT_EQ(live["spec"]["ports"], json::parse(R"([{"name": "b", "port": 2}])"));
  const json& fields = live["metadata"]["managedFields"][1]["fieldsV1"]["f:spec"];
  EXPECT_TRUE(fields["f:ports"].contains(R"(k:{"name":"b"})")) << fields;
  EXPECT_TRUE(fields["f:labels"].contains("f:k")) << fields;
  auto conflict = apply_configuration(*v1.kind, live, crontab(R"({"cronSpec": "y"})"),
                                      {"three", "", false}, time_point{});
  ASSERT_TRUE(std::holds_alternative<status>(conflict));
  EXPECT_EQ(std::get<status>(conflict).causes.at(0).field, ".spec.cronSpec");
}

TEST(CustomNames, AreAcceptedUnlessOthersHaveThem) {
  json first = crontab_definition();
  EXPECT_TRUE(accept_names(first, {}, time_point{}));
  EXPECT_FALSE(accept_names(first, {}, time_point{}));
  EXPECT_TRUE(is_established(first));
  EXPECT_EQ(first["status"]["acceptedNames"], first["spec"]["names"]);
  json second = crontab_definition();
  second["metadata"]["name"] = "others.stable.example.com";
  second["spec"]["names"]["plural"] = "others";
  second["spec"]["names"]["singular"] = "other";
  EXPECT_TRUE(accept_names(second, {first}, time_point{}));
  EXPECT_FALSE(is_established(second));
  const json& c = second["status"]["conditions"][0];
  EXPECT_EQ(c["type"], "NamesAccepted");
  EXPECT_EQ(c["status"], "False");
  EXPECT_EQ(c["reason"], "ListKindConflict");
  EXPECT_EQ(c["message"], "\"CronTabList\" is already in use");
  EXPECT_EQ(second["status"]["acceptedNames"],
            json::parse(
                R"({"plural": "others", "singular": "other", "kind": "", "categories": ["all"]})"));
  // Another group has names of its own.
  second["spec"]["group"] = "other.example.com";
  EXPECT_TRUE(accept_names(second, {first}, time_point{}));
  EXPECT_TRUE(is_established(second));
}

TEST(CustomNames, TheReviewOfACommunityGroupIsTold) {
  struct {
    const char* annotation;
    const char* status;
    const char* reason;
    const char* message;
  } const table[] = {
      {"", "False", "MissingAnnotation",
       "protected groups must have approval annotation \"api-approved.kubernetes.io\", see "
       "https://github.com/kubernetes/enhancements/pull/1111"},
      {"bad value", "False", "InvalidAnnotation",
       "protected groups must have approval annotation \"api-approved.kubernetes.io\" with either "
       "a "
       "URL or a reason starting with \"unapproved\", see "
       "https://github.com/kubernetes/enhancements/pull/1111"},
      {"https://example.com/1", "True", "ApprovedAnnotation", "approved in https://example.com/1"},
      {"unapproved for reasons", "False", "UnapprovedAnnotation",
       "not approved: \"unapproved for reasons\""},
  };
  for (const auto& c : table) {
    json definition = crontab_definition();
    definition["spec"]["group"] = "sigs.k8s.io";
    definition["metadata"]["annotations"]["api-approved.kubernetes.io"] = c.annotation;
    EXPECT_TRUE(accept_names(definition, {}, time_point{}));
    EXPECT_FALSE(accept_names(definition, {}, time_point{}));
    const json& told = definition["status"]["conditions"][0];
    EXPECT_EQ(told["type"], "KubernetesAPIApprovalPolicyConformant");
    EXPECT_EQ(told["status"], c.status);
    EXPECT_EQ(told["reason"], c.reason);
    EXPECT_EQ(told["message"], c.message);
  }
}

TEST(CustomNames, ADeletedDefinitionIsHeld) {
  json definition = crontab_definition();
  hold_definition(definition, time_point{});
  hold_definition(definition, time_point{});
  EXPECT_EQ(definition["metadata"]["finalizers"],
            json({"customresourcecleanup.apiextensions.k8s.io"}));
  EXPECT_EQ(definition["status"]["conditions"][0]["reason"], "InstanceDeletionPending");
  EXPECT_TRUE(set_terminating(definition, false, time_point{}));
  EXPECT_FALSE(set_terminating(definition, false, time_point{}));
}

}  // namespace
}  // namespace troupe::model
