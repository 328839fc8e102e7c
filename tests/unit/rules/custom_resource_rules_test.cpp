// floors: model
#include "tests/unit/rules/rules.hpp"

namespace troupe::model {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

json definition() {
  return json::parse(R"({"metadata": {"name": "widgets.example.com"}, "spec": {
    "group": "example.com", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget"},
    "versions": [{"name": "v1", "served": true, "storage": true,
      "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}],
      "schema": {"openAPIV3Schema": {"type": "object", "properties": {
        "spec": {"type": "object", "properties": {"size": {"type": "integer"},
          "parts": {"type": "array", "items": {"type": "string"}}}}}}}}]}})");
}
constexpr const char* crds = "customresourcedefinitions.apiextensions.k8s.io";

TEST(CustomResourceDefinition, Rules) {
  constexpr change table[] = {
      {"/metadata/name", R"("gadgets.example.com")",
       "metadata.name: Invalid value: \"gadgets.example.com\": must be "
       "spec.names.plural+\".\"+spec.group"},
      {"/spec/group", R"("")", "spec.group: Required value"},
      {"/spec/group", R"("local")",
       "spec.group: Invalid value: \"local\": should be a domain with at least one dot"},
      {"/spec/scope", R"("")", "spec.scope: Required value"},
      {"/spec/scope", R"("World")",
       "spec.scope: Unsupported value: \"World\": supported values: \"Cluster\", \"Namespaced\""},
      {"/spec/names/plural", R"("")", "spec.names.plural: Required value"},
      {"/spec/names/kind", R"("A_B")",
       "spec.names.kind: Invalid value: \"A_B\": may have mixed case, but should otherwise match: "
       "a "
       "DNS-1035 label"},
      {"/spec/names/listKind", R"("Widget")",
       "spec.names.listKind: Invalid value: \"Widget\": kind and listKind may not be the same"},
      {"/spec/names/shortNames", R"(["W"])",
       "spec.names.shortNames[0]: Invalid value: \"W\": a DNS-1035 label"},
      {"/spec/versions/0/name", R"("1")",
       "spec.versions[0].name: Invalid value: \"1\": a DNS-1035 label"},
      {"/spec/versions/0/storage", "false", "spec.versions: Invalid value: "},
      {"/spec/versions/0/schema", "null",
       "spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required"},
      {"/spec/versions/0/additionalPrinterColumns/0/type", R"("size")",
       "spec.additionalPrinterColumns[0].type: Invalid value: \"size\": must be one of "
       "boolean,date,integer,number,string"},
      {"/spec/versions/0/additionalPrinterColumns/0/jsonPath", R"("")",
       "spec.additionalPrinterColumns[0].JSONPath: Required value"},
      {"/spec/versions/0/subresources",
       R"({"scale": {"specReplicasPath": ".x", "statusReplicasPath": ".status.n"}})",
       "spec.subresources.scale.specReplicasPath: Invalid value: \".x\": should be a "
       "json path under .spec"},
      {"/spec/preserveUnknownFields", "true",
       "spec.preserveUnknownFields: Invalid value: true: cannot set to true"},
      {"/spec/conversion", R"({"strategy": "Webhook"})",
       "spec.conversion.webhookClientConfig: Required value: required when strategy is set to "
       "Webhook"},
      {"/spec/conversion", R"({"strategy": "Magic"})",
       "spec.conversion.strategy: Unsupported value: \"Magic\": supported values: \"None\", "
       "\"Webhook\""},
  };
  expect_rules(crds, definition(), table);
}

TEST(CustomResourceDefinition, RulesOfSchemas) {
  struct schema_case {
    const char* at;  ///< below openAPIV3Schema
    const char* value;
    const char* fault;  ///< after "spec.validation.openAPIV3Schema"
  };
  constexpr schema_case table[] = {
      {"/type", R"("array")", ".type: Invalid value: \"array\": must be object at the root"},
      {"/type", R"("")", ".type: Required value: must not be empty at the root"},
      {"/nullable", "true", ".nullable: Forbidden: nullable cannot be true at the root"},
      {"/properties/spec/properties/size/type", R"("")",
       ".properties[spec].properties[size].type: Required value: must not be empty for specified "
       "object fields"},
      {"/properties/spec/properties/size/type", R"("int")",
       ".properties[spec].properties[size].type: Unsupported value: \"int\": supported values: "
       "\"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\""},
      {"/properties/spec/properties/parts/items", "null",
       ".properties[spec].properties[parts].items: Required value: must be specified"},
      {"/properties/spec/properties/parts/items", "{}",
       ".properties[spec].properties[parts].items.type: Required value: must not be empty for "
       "specified array items"},
      {"/properties/spec/properties/parts/uniqueItems", "true",
       ".properties[spec].properties[parts].uniqueItems: Forbidden: uniqueItems cannot be set to "
       "true since the runtime complexity becomes quadratic"},
      {"/properties/spec/properties/parts/x-kubernetes-list-type", R"("bag")",
       ".properties[spec].properties[parts].x-kubernetes-list-type: Unsupported value: \"bag\": "
       "supported values: \"atomic\", \"set\", \"map\""},
      {"/properties/spec/properties/parts/x-kubernetes-list-type", R"("map")",
       ".properties[spec].properties[parts].x-kubernetes-list-map-keys: Required value: must not "
       "be "
       "empty if x-kubernetes-list-type is map"},
      {"/properties/spec/additionalProperties", R"({"type": "string"})",
       ".properties[spec].additionalProperties: Forbidden: additionalProperties and properties are "
       "mutual exclusive"},
      {"/properties/spec/$ref", R"("x")",
       ".properties[spec].$ref: Forbidden: $ref is not "
       "supported"},
      {"/properties/metadata", R"({"type": "string"})",
       ".properties[metadata].type: Invalid value: \"string\": must be object"},
      {"/properties/metadata", R"({"type": "object", "properties": {"x": {"type": "string"}}})",
       ".properties[metadata]: Forbidden: must not specify anything other than name and "
       "generateName, but metadata is implicitly specified"},
  };
  for (const auto& c : table) {
    const std::string at = std::string("/spec/versions/0/schema/openAPIV3Schema") + c.at;
    EXPECT_THAT(
        create(crds, changed(definition(), {at.c_str(), c.value, ""})),
        ::testing::Contains(StartsWith(std::string("spec.validation.openAPIV3Schema") + c.fault)))
        << c.at;
  }
  json open = definition();
  open["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = {
      {"x-kubernetes-preserve-unknown-fields", true}, {"type", "object"}};
  EXPECT_THAT(create(crds, open), IsEmpty());
}

TEST(CustomResourceDefinition, WhatVersionsHaveAlikeIsToldOfOnce) {
  json two = definition();
  json& first = two["spec"]["versions"][0];
  first["schema"]["openAPIV3Schema"]["type"] = "";
  first["subresources"] = json::parse(R"({"scale": {"specReplicasPath": ".x",
      "statusReplicasPath": ".status.n"}})");
  first["additionalPrinterColumns"][0]["type"] = "size";
  two["spec"]["versions"].push_back(first);
  json& second = two["spec"]["versions"][1];
  second["name"] = "v2";
  second["storage"] = false;
  EXPECT_THAT(create(crds, two),
              ElementsAre(StartsWith("spec.validation.openAPIV3Schema.type: Required value"),
                          StartsWith("spec.subresources.scale.specReplicasPath: Invalid value"),
                          StartsWith("spec.additionalPrinterColumns[0].type: Invalid value")));
  second["schema"]["openAPIV3Schema"]["type"] = "integer";
  second["subresources"]["scale"]["specReplicasPath"] = ".y";
  second["additionalPrinterColumns"][0]["type"] = "length";
  EXPECT_THAT(
      create(crds, two),
      ElementsAre(StartsWith("spec.versions[0].schema.openAPIV3Schema.type: Required value"),
                  StartsWith("spec.versions[0].subresources.scale.specReplicasPath: Invalid"),
                  StartsWith("spec.versions[0].additionalPrinterColumns[0].type: Invalid"),
                  StartsWith("spec.versions[1].schema.openAPIV3Schema.type: Invalid value"),
                  StartsWith("spec.versions[1].subresources.scale.specReplicasPath: Invalid"),
                  StartsWith("spec.versions[1].additionalPrinterColumns[0].type: Invalid")));
}

TEST(CustomResourceDefinition, ASchemaThatIsStoredMayHaveExpensiveRules) {
  json old = definition();
  json& schema = old["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
  schema["x-kubernetes-validations"] = {{{"rule",
                                          "self.spec.parts.all(x, self.spec.parts.all(y, "
                                          "self.spec.parts.all(z, true)))"}}};
  EXPECT_THAT(create(crds, old),
              ::testing::Contains(StartsWith("spec.validation.openAPIV3Schema."
                                             "x-kubernetes-validations[0].rule: Forbidden: "
                                             "estimated rule cost exceeds budget")));
  json now = old;
  now["metadata"]["labels"] = {{"a", "b"}};
  EXPECT_THAT(update(crds, old, now), IsEmpty());
  now["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["description"] = "another one";
  EXPECT_THAT(update(crds, old, now),
              ::testing::Contains(testing::HasSubstr("estimated rule cost exceeds budget")));
}

TEST(CustomResourceDefinition, WhatAnUpdateMayNotChange) {
  json old = definition();
  old["status"]["conditions"] = {{{"type", "Established"}, {"status", "True"}}};
  constexpr change table[] = {
      {"/spec/scope", R"("Cluster")", "spec.scope: Invalid value: \"Cluster\": field is immutable"},
      {"/spec/names/kind", R"("Gadget")",
       "spec.names.kind: Invalid value: \"Gadget\": field is immutable"},
      {"/spec/group", R"("example.org")",
       "spec.group: Invalid value: \"example.org\": field is immutable"},
      {"/spec/names/plural", R"("gadgets")",
       "spec.names.plural: Invalid value: \"gadgets\": field is immutable"},
      {"/status/storedVersions", R"(["v0"])",
       "status.storedVersions[0]: Invalid value: \"v0\": must appear in spec.versions"},
  };
  expect_update_rules(crds, old, table);
}

TEST(CustomResourceDefinition, RulesOfVersions) {
  constexpr change table[] = {
      {"/spec/versions/0/deprecationWarning", R"("old")",
       "spec.versions[0].deprecationWarning: Invalid value: \"old\": can only be set for "
       "deprecated versions"},
      {"/spec/versions/0", R"({"name": "v1", "served": true, "storage": true, "deprecated": true,
         "deprecationWarning": ""})",
       "spec.versions[0].deprecationWarning: Invalid value: \"\": must not be an empty string"},
      {"/spec/versions/0", R"({"name": "v1", "served": true, "storage": true, "deprecated": true,
         "deprecationWarning": "a\nb"})",
       "spec.versions[0].deprecationWarning: Invalid value: \"a\\nb\": must only contain printable "
       "UTF-8 characters; non-printable character found at index 1"},
      {"/spec/versions/0/additionalPrinterColumns/0/jsonPath", R"("spec.size")",
       "spec.additionalPrinterColumns[0].JSONPath: Invalid value: \"spec.size\": must be a simple "
       "json path starting with ."},
      {"/spec/versions/0/subresources",
       R"({"scale": {"specReplicasPath": "spec.n", "statusReplicasPath": ".status.n"}})",
       "spec.subresources.scale.specReplicasPath: Invalid value: \"spec.n\": must be a simple json "
       "path starting with ."},
      {"/spec/versions/0/subresources",
       R"({"scale": {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n",
           "labelSelectorPath": ".selector"}})",
       "spec.subresources.scale.labelSelectorPath: Invalid value: \".selector\": should be a json "
       "path under either .spec or .status"},
      {"/spec/conversion", R"({"strategy": "Webhook", "webhook": {"conversionReviewVersions":
         ["v1", "v1"], "clientConfig": {"url": "https://a.example/"}}})",
       "spec.conversion.conversionReviewVersions[1]: Invalid value: \"v1\": duplicate version"},
  };
  expect_rules(crds, definition(), table);
}

TEST(CustomResourceDefinition, FieldsToSelectBy) {
  constexpr change table[] = {
      {"/0", R"({})", "[0].jsonPath: Required value"},
      {"/0", R"({"jsonPath": "spec.size"})",
       "[0].jsonPath: Invalid value: \"spec.size\": is an invalid path: expected [ or . but got: "
       "spec"},
      {"/0", R"({"jsonPath": ".spec.colour"})",
       "[0].jsonPath: Invalid value: \".spec.colour\": is an invalid path: does not refer to a "
       "valid field"},
      {"/0", R"({"jsonPath": ".spec['size']"})",
       "[0].jsonPath: Invalid value: \".spec['size']\": is an invalid path: array notation is not "
       "allowed"},
      {"/0", R"({"jsonPath": ".metadata.name"})",
       "[0].jsonPath: Invalid value: \".metadata.name\": is an invalid path: does not refer to a "
       "valid field"},
      {"/0", R"({"jsonPath": ".spec."})",
       "[0].jsonPath: Invalid value: \".spec.\": is an invalid path: unexpected end of JSON path"},
      {"/0", R"({"jsonPath": ".spec.parts"})",
       "[0].jsonPath: Invalid value: \".spec.parts\": must point to a field of type string, "
       "boolean or integer. Enum string fields and strings with formats are allowed."},
      {"/1", R"({"jsonPath": ".spec.size"})", "[1].jsonPath: Duplicate value: \".spec.size\""},
  };
  const json fields = {{{"jsonPath", ".spec.size"}}};
  json valid = definition();
  json& version = valid["spec"]["versions"][0];
  version["selectableFields"] = fields;
  EXPECT_THAT(create(crds, valid), IsEmpty());
  for (const auto& c : table) {
    version["selectableFields"] = changed(fields, c);
    EXPECT_THAT(create(crds, valid),
                ElementsAre(StartsWith(std::string("spec.selectableFields") + c.fault)))
        << c.value;
  }
  json& spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"];
  version["selectableFields"] = json::array();
  for (const char name : std::string_view("abcdefghi")) {
    spec[std::string(1, name)] = {{"type", "string"}};
    version["selectableFields"].push_back({{"jsonPath", std::string(".spec.") + name}});
  }
  EXPECT_THAT(create(crds, valid),
              ElementsAre("spec.selectableFields: Too many: 9: must have at most 8 items"));
}

TEST(CustomResourceDefinition, GroupsOfTheCommunityAreApproved) {
  json own = definition();
  own["metadata"]["name"] = "widgets.sigs.k8s.io";
  own["spec"]["group"] = "sigs.k8s.io";
  constexpr const char* at = "metadata.annotations[api-approved.kubernetes.io]: ";
  constexpr const char* needed =
      "protected groups must have approval annotation \"api-approved.kubernetes.io\"";
  EXPECT_THAT(create(crds, own), ElementsAre(StartsWith(at + std::string("Required value: ") +
                                                        needed + ", see https://github.com/")));
  EXPECT_THAT(update(crds, own, own), IsEmpty());
  json& text = own["metadata"]["annotations"]["api-approved.kubernetes.io"];
  text = "surely";
  EXPECT_THAT(create(crds, own),
              ElementsAre(StartsWith(at + std::string("Invalid value: \"surely\": ") + needed +
                                     " with either a URL or a reason starting with")));
  for (const char* good : {"unapproved, but tried", "https://github.com/kubernetes/pull/1"}) {
    text = good;
    EXPECT_THAT(create(crds, own), IsEmpty()) << good;
  }
}

}  // namespace
}  // namespace troupe::model
