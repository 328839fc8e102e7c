// floors: actors/store actors/api net/rest
#include "tests/integration/gateway/control_plane.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using model::json;
using testing::HasSubstr;

constexpr const char* apply_type = "application/apply-patch+yaml";
constexpr const char* config_maps = "/api/v1/namespaces/default/configmaps/";
constexpr const char* deployments = "/apis/apps/v1/namespaces/default/deployments/";

/// Server-side apply and the other patches, as a client sees them.
class Apply : public testing::Test {
 protected:
  test::control_plane cluster_;
  http::client client_ = cluster_.client();

  struct answer {
    int code;
    json body;
    std::string message() const { return model::string_at(body, {"message"}); }
    std::string version() const { return model::string_at(body, {"metadata", "resourceVersion"}); }
  };
  answer send(const char* method, const std::string& target, const std::string& body,
              std::string_view type) {
    auto r = client_.send(method, target, body, type);
    EXPECT_EQ(r.error, "");
    return {r.code, json::parse(r.body, nullptr, false)};
  }
  answer apply(const std::string& target, const std::string& manager, const std::string& body,
               const std::string& more = "") {
    return send("PATCH", target + "?fieldManager=" + manager + more, body, apply_type);
  }
  answer get(const std::string& target) { return send("GET", target, "", ""); }

  static std::string config_map(const std::string& data, const std::string& metadata = "name: c") {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {" + metadata + "}\ndata: {" + data + "}\n";
  }
  static std::string deployment(const std::string& spec) {
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
           "  selector: {matchLabels: {app: web}}\n"
           "  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: "
           "i}]}}\n" +
           spec;
  }
};

TEST_F(Apply, CreatesUpdatesAndLeavesAlone) {
  const std::string target = std::string(deployments) + "web";
  const auto made = apply(target, "me", deployment("  replicas: 2\n"));
  ASSERT_EQ(made.code, 201) << made.message();
  EXPECT_EQ(made.body["spec"]["replicas"], 2);
  EXPECT_EQ(made.body["spec"]["progressDeadlineSeconds"], 600);
  EXPECT_EQ(made.body["metadata"]["generation"], 1);
  ASSERT_EQ(made.body["metadata"]["managedFields"].size(), 1u);
  EXPECT_EQ(made.body["metadata"]["managedFields"][0]["operation"], "Apply");
  EXPECT_EQ(made.body["metadata"]["managedFields"][0]["manager"], "me");

  const auto again = apply(target, "me", deployment("  replicas: 2\n"));
  EXPECT_EQ(again.code, 200);
  EXPECT_EQ(again.body, made.body);

  const auto changed = apply(target, "me", deployment("  replicas: 3\n"));
  EXPECT_EQ(changed.body["spec"]["replicas"], 3);
  EXPECT_EQ(changed.body["metadata"]["generation"], 2);
  EXPECT_NE(changed.version(), made.version());

  const auto dropped = apply(target, "me", deployment(""));
  EXPECT_EQ(dropped.body["spec"]["replicas"], 1) << "the default takes the place of what is gone";
}

TEST_F(Apply, ConflictsAreRefusedUnlessForced) {
  const std::string target = std::string(config_maps) + "c";
  ASSERT_EQ(apply(target, "a", config_map("x: '1'")).code, 201);
  const auto refused = apply(target, "b", config_map("x: '2'"));
  EXPECT_EQ(refused.code, 409);
  EXPECT_EQ(refused.message(), "Apply failed with 1 conflict: conflict with \"a\": .data.x");
  EXPECT_EQ(refused.body["details"]["causes"][0]["reason"], "FieldManagerConflict");
  EXPECT_EQ(refused.body["details"]["causes"][0]["field"], ".data.x");
  const auto forced = apply(target, "b", config_map("x: '2'"), "&force=true");
  EXPECT_EQ(forced.code, 200);
  EXPECT_EQ(forced.body["data"]["x"], "2");
}

TEST_F(Apply, ChecksOptionsAndPreconditions) {
  const std::string target = std::string(config_maps) + "c";
  const auto anonymous = send("PATCH", target, config_map("x: '1'"), apply_type);
  EXPECT_EQ(anonymous.code, 422);
  EXPECT_THAT(anonymous.message(),
              HasSubstr("fieldManager: Required value: is required for apply patch"));
  EXPECT_THAT(send("PATCH", target + "?force=true", "{}", "application/merge-patch+json").message(),
              HasSubstr("force: Forbidden: may not be specified for non-apply patch"));
  EXPECT_EQ(apply(target, "a", config_map("x: '1'", "name: other")).code, 400);
  EXPECT_EQ(
      apply(target, "a", config_map("x: '1'", "name: c, namespace: other")).message(),
      "the namespace of the provided object does not match the namespace sent on the request");
  EXPECT_EQ(apply(target, "a", config_map("x: '1'", "name: c, uid: u")).message(),
            "Operation cannot be fulfilled on configmaps \"c\": uid mismatch: the provided object "
            "specified uid u, and no existing object was found");
  EXPECT_EQ(apply(target, "a", "a: [").code, 400);
  EXPECT_EQ(apply(target, "a", config_map("x: '1'"), "&dryRun=All").code, 201);
  EXPECT_EQ(get(target).code, 404);

  ASSERT_EQ(apply(target, "a", config_map("x: '1'")).code, 201);
  const auto stale = apply(target, "a", config_map("x: '2'", "name: c, resourceVersion: '1'"));
  EXPECT_EQ(stale.code, 409);
  EXPECT_THAT(stale.message(), HasSubstr("the object has been modified"));
  EXPECT_EQ(apply(target, "a", config_map("x: '2'", "name: c, uid: other")).code, 409);
  const auto unknown = apply(target, "a", config_map("x: '1'") + "colour: red\n");
  EXPECT_EQ(unknown.code, 500);
  EXPECT_EQ(unknown.message(),
            "failed to create typed patch object (/c; /v1, Kind=ConfigMap): .colour: field not "
            "declared in schema");
  EXPECT_EQ(unknown.body.contains("reason"), false);
  const auto twice = apply(target, "a", config_map("x: '1', x: '2'"), "&fieldValidation=Strict");
  EXPECT_EQ(twice.code, 400);
  EXPECT_THAT(twice.message(), HasSubstr("error strict decoding YAML"));
}

TEST_F(Apply, StatusIsAppliedThroughItsSubresource) {
  const std::string target = std::string(deployments) + "web";
  const std::string status =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nstatus: {replicas: 4}\n";
  EXPECT_EQ(apply(target + "/status", "s", status).code, 404);
  ASSERT_EQ(apply(target, "me", deployment("")).code, 201);
  const auto applied = apply(target + "/status", "s", status);
  ASSERT_EQ(applied.code, 200) << applied.message();
  EXPECT_EQ(applied.body["status"]["replicas"], 4);
  EXPECT_EQ(apply(target + "/status", "s", status).version(), applied.version());
  const auto main = apply(target, "me", deployment("status: {replicas: 9}\n"));
  EXPECT_EQ(main.body["status"]["replicas"], 4);
  EXPECT_EQ(main.version(), applied.version()) << main.body["metadata"]["managedFields"];
}

TEST_F(Apply, ResetManagersComeBackWithTheNextApply) {
  const std::string target = std::string(config_maps) + "c";
  apply(target, "a", config_map("x: '1', w: '1'"));
  const auto reset = send("PATCH", target, R"({"metadata":{"managedFields":[{}]}})",
                          "application/merge-patch+json");
  ASSERT_EQ(reset.code, 200) << reset.message();
  EXPECT_FALSE(reset.body["metadata"].contains("managedFields"));
  const auto after = apply(target, "b", config_map("x: '1'"));
  ASSERT_EQ(after.code, 200) << after.message();
  EXPECT_EQ(after.body["metadata"]["managedFields"][1]["manager"], "before-first-apply");
}

TEST_F(Apply, TheTypesOfPatchesAreNamed) {
  const std::string target = std::string(config_maps) + "c";
  apply(target, "a", config_map("x: '1'"));
  for (const char* type : {"application/apply-patch+cbor", "application/json", "text/plain"}) {
    const auto refused = send("PATCH", target + "?fieldManager=a", "{}", type);
    EXPECT_EQ(refused.code, 415) << type;
    EXPECT_EQ(refused.message(),
              "the body of the request was in an unknown format - accepted media types include: "
              "application/json-patch+json, application/merge-patch+json, "
              "application/strategic-merge-patch+json, application/apply-patch+yaml");
  }
  EXPECT_EQ(send("PATCH", target, R"([{"op":"test","path":"/data/x","value":"2"}])",
                 "application/json-patch+json")
                .code,
            422);
  EXPECT_EQ(send("PATCH", target, R"([{"op":"copy","from":"/data/x","path":"/data/a~1b"}])",
                 "application/json-patch+json")
                .code,
            422)
      << "a slash is no key of a ConfigMap";
  const auto strategic = send("PATCH", target, R"({"data":{"$patch":"replace","w":"1"}})",
                              "application/strategic-merge-patch+json");
  EXPECT_EQ(strategic.body["data"], json::parse(R"({"w":"1"})"));
}

TEST_F(Apply, TheNameIsTheOneOfTheAddress) {
  const std::string target = std::string(config_maps) + "c";
  const auto made = apply(target, "a", "apiVersion: v1\nkind: ConfigMap\ndata: {x: '1'}\n");
  ASSERT_EQ(made.code, 201) << made.message();
  EXPECT_EQ(made.body["metadata"]["name"], "c");
}

TEST_F(Apply, KeysThatAPatchRepeatsAreFaultsOfStrictValidation) {
  const std::string target = std::string(config_maps) + "c";
  apply(target, "a", config_map("x: '1'"));
  constexpr const char* twice = R"({"data":{"x":"1","x":"2"}})";
  for (const char* type :
       {"application/merge-patch+json", "application/strategic-merge-patch+json"}) {
    const auto refused = send("PATCH", target + "?fieldValidation=Strict", twice, type);
    EXPECT_EQ(refused.code, 422) << type;
    EXPECT_THAT(refused.message(), HasSubstr("duplicate field \"data.x\"")) << type;
    EXPECT_EQ(send("PATCH", target + "?fieldValidation=Ignore", twice, type).code, 200) << type;
  }
}

TEST_F(Apply, AReplaceWithoutManagersOrChangesIsNoWrite) {
  const std::string target = std::string(config_maps) + "c";
  auto made = apply(target, "a", config_map("x: '1'"));
  made.body["metadata"].erase("managedFields");
  const auto put = send("PUT", target, made.body.dump(), "application/json");
  EXPECT_EQ(put.code, 200);
  EXPECT_EQ(put.version(), made.version());
}

}  // namespace
}  // namespace troupe
