// floors: actors/store actors/api net/rest
#include "tests/integration/gateway/control_plane.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using model::json;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* pods = "/api/v1/namespaces/default/pods";
constexpr const char* config_maps = "/api/v1/namespaces/default/configmaps";

/// What the API answers to writes, as a client sees it.
class Writes : public testing::Test {
 protected:
  test::control_plane cluster_;
  http::client client_ = cluster_.client();

  struct answer {
    int code;
    json body;
    std::string message() const { return model::string_at(body, {"message"}); }
  };
  answer send(const char* method, const std::string& target, const json& body = nullptr,
              std::string_view type = "application/json") {
    auto r = client_.send(method, target, body.is_null() ? "" : body.dump(), type);
    EXPECT_EQ(r.error, "");
    return {r.code, json::parse(r.body, nullptr, false)};
  }
  static json pod(const std::string& name, const std::string& node = "") {
    json p = {{"metadata", {{"name", name}}},
              {"spec", {{"containers", {{{"name", "c"}, {"image", "i"}}}}}}};
    if (!node.empty()) p["spec"]["nodeName"] = node;
    return p;
  }
  static std::string item(const char* collection, const std::string& name,
                          const std::string& rest = "") {
    return std::string(collection) + "/" + name + rest;
  }
};

TEST_F(Writes, ACreateAnswersTheStoredObject) {
  const auto made = send("POST", pods, pod("a"));
  EXPECT_EQ(made.code, 201);
  EXPECT_EQ(made.body["status"]["phase"], "Pending");
  EXPECT_EQ(made.body["metadata"]["uid"].get<std::string>().size(), 36u);
  EXPECT_EQ(send("GET", item(pods, "a")).body, made.body);
  EXPECT_EQ(send("POST", pods, pod("a")).code, 409);
}

TEST_F(Writes, GeneratedNamesDiffer) {
  const json p = {{"metadata", {{"generateName", "g-"}}}};
  const auto a = send("POST", config_maps, p).body["metadata"]["name"].get<std::string>();
  const auto b = send("POST", config_maps, p).body["metadata"]["name"].get<std::string>();
  EXPECT_THAT(a, StartsWith("g-"));
  EXPECT_EQ(a.size(), 7u);
  EXPECT_NE(a, b);
}

TEST_F(Writes, ATakenNameOfAGeneratedKindIsExplained) {
  const json p = {{"metadata", {{"name", "taken"}, {"generateName", "g-"}}}};
  EXPECT_EQ(send("POST", config_maps, p).code, 201);
  const auto refused = send("POST", config_maps, p);
  EXPECT_EQ(refused.code, 409);
  EXPECT_EQ(refused.body["reason"], "AlreadyExists");
  EXPECT_EQ(
      refused.message(),
      "configmaps \"taken\" already exists, the server was not able to generate a unique name "
      "for the object");
  EXPECT_EQ(refused.body["details"]["retryAfterSeconds"], 1);
}

TEST_F(Writes, APutStandsForTheObjectOfItsUrl) {
  send("POST", config_maps, {{"metadata", {{"name", "c"}}}});
  struct {
    json metadata;
    int code;
    const char* says;
  } const cases[] = {
      {json::object(), 400,
       "the name of the object (c based on URL) was undeterminable: name must be provided"},
      {{{"name", "d"}}, 400, "the name of the object (d) does not match the name on the URL (c)"},
      {{{"name", "c"}, {"namespace", "other"}},
       400,
       "the namespace of the provided object does not match the namespace sent on the request"},
      {{{"name", "c"}, {"resourceVersion", "1"}},
       409,
       "Operation cannot be fulfilled on configmaps \"c\": the object has been modified; please "
       "apply your changes to the latest version and try again"},
  };
  for (const auto& c : cases) {
    const auto refused = send("PUT", item(config_maps, "c"), {{"metadata", c.metadata}});
    EXPECT_EQ(refused.code, c.code) << c.metadata;
    EXPECT_EQ(refused.message(), c.says) << c.metadata;
  }
}

TEST_F(Writes, APutIsJudgedBeforeItsObjectIsLookedFor) {
  const struct {
    json body;
    int code;
    const char* says;
  } cases[] = {
      {{{"metadata", {{"name", "d"}}}},
       400,
       "the name of the object (d) does not match the name on the URL (absent)"},
      {{{"kind", "Pod"}, {"metadata", {{"name", "absent"}}}},
       400,
       "Pod in version \"v1\" cannot be handled as a ConfigMap: converting (v1.Pod) to "
       "(core.ConfigMap): unknown conversion"},
      {{{"metadata", {{"name", "absent"}}}}, 404, "configmaps \"absent\" not found"},
  };
  for (const auto& c : cases) {
    const auto refused = send("PUT", item(config_maps, "absent"), c.body);
    EXPECT_EQ(refused.code, c.code) << c.body;
    EXPECT_EQ(refused.message(), c.says) << c.body;
  }
}

TEST_F(Writes, ADryRunChangesNothing) {
  EXPECT_EQ(send("POST", std::string(pods) + "?dryRun=All", pod("a")).code, 201);
  EXPECT_EQ(send("GET", item(pods, "a")).code, 404);
  send("POST", pods, pod("a"));
  EXPECT_EQ(send("DELETE", item(pods, "a", "?dryRun=All")).code, 200);
  EXPECT_EQ(send("GET", item(pods, "a")).code, 200);
  EXPECT_EQ(send("POST", std::string(pods) + "?dryRun=Some", pod("b")).code, 422);
}

TEST_F(Writes, UnknownFieldsAreRefusedWarnedOfOrIgnored) {
  json p = pod("a");
  p["spec"]["colour"] = "red";
  const auto strict = send("POST", std::string(pods) + "?fieldValidation=Strict", p);
  EXPECT_EQ(strict.code, 400);
  EXPECT_THAT(strict.message(), HasSubstr("unknown field \"spec.colour\""));
  const auto made = send("POST", pods, p);
  EXPECT_EQ(made.code, 201);
  EXPECT_FALSE(made.body["spec"].contains("colour"));
}

TEST_F(Writes, AnUpdateWithAnOldVersionConflicts) {
  auto cm = send("POST", config_maps, {{"metadata", {{"name", "c"}}}}).body;
  cm["data"] = {{"a", "1"}};
  EXPECT_EQ(send("PUT", item(config_maps, "c"), cm).code, 200);
  cm["data"] = {{"a", "2"}};
  const auto late = send("PUT", item(config_maps, "c"), cm);
  EXPECT_EQ(late.code, 409);
  EXPECT_THAT(late.message(), HasSubstr("the object has been modified"));
  cm["metadata"].erase("resourceVersion");
  EXPECT_EQ(send("PUT", item(config_maps, "c"), cm).code, 200);
}

TEST_F(Writes, AChangeOfNothingIsNoWrite) {
  const auto made = send("POST", config_maps, {{"metadata", {{"name", "c"}}}}).body;
  EXPECT_EQ(send("PUT", item(config_maps, "c"), made).body["metadata"]["resourceVersion"],
            made["metadata"]["resourceVersion"]);
  EXPECT_EQ(send("PATCH", item(config_maps, "c"), json::object(), "application/merge-patch+json")
                .body["metadata"]["resourceVersion"],
            made["metadata"]["resourceVersion"]);
}

TEST_F(Writes, StatusAndSpecAreKeptApart) {
  auto p = send("POST", pods, pod("a")).body;
  p["status"]["phase"] = "Running";
  p["metadata"]["labels"]["x"] = "y";
  auto got = send("PUT", item(pods, "a"), p);
  EXPECT_EQ(got.body["status"]["phase"], "Pending");
  EXPECT_EQ(got.body["metadata"]["labels"]["x"], "y");
  p = got.body;
  p["status"]["phase"] = "Running";
  p["spec"]["containers"][0]["image"] = "other";
  got = send("PUT", item(pods, "a", "/status"), p);
  EXPECT_EQ(got.body["status"]["phase"], "Running");
  EXPECT_EQ(got.body["spec"]["containers"][0]["image"], "i");
}

TEST_F(Writes, ABoundPodIsDeletedGracefully) {
  send("POST", pods, pod("a", "n1"));
  const auto first = send("DELETE", item(pods, "a"));
  EXPECT_EQ(first.body["metadata"]["deletionGracePeriodSeconds"], 30);
  EXPECT_EQ(send("GET", item(pods, "a")).code, 200);
  const auto shorter = send("DELETE", item(pods, "a"), {{"gracePeriodSeconds", 5}});
  EXPECT_EQ(shorter.body["metadata"]["deletionGracePeriodSeconds"], 5);
  EXPECT_EQ(send("DELETE", item(pods, "a", "?gracePeriodSeconds=0")).code, 200);
  EXPECT_EQ(send("GET", item(pods, "a")).code, 404);
}

TEST_F(Writes, ADeleteHeedsItsPreconditions) {
  send("POST", pods, pod("a"));
  const auto refused = send("DELETE", item(pods, "a"), {{"preconditions", {{"uid", "u"}}}});
  EXPECT_EQ(refused.code, 409);
  EXPECT_THAT(refused.message(), HasSubstr("the UID in the precondition (u) does not match"));
}

TEST_F(Writes, AFinalizerHoldsADeletedObjectUntilItIsGone) {
  send("POST", config_maps, {{"metadata", {{"name", "c"}, {"finalizers", {"a.b/c"}}}}});
  send("DELETE", item(config_maps, "c"));
  EXPECT_TRUE(send("GET", item(config_maps, "c")).body["metadata"].contains("deletionTimestamp"));
  send("PATCH", item(config_maps, "c"), {{"metadata", {{"finalizers", nullptr}}}},
       "application/merge-patch+json");
  EXPECT_EQ(send("GET", item(config_maps, "c")).code, 404);
}

TEST_F(Writes, ACollectionIsDeletedBySelector) {
  for (const char* name : {"a", "b", "c"})
    send("POST", config_maps,
         {{"metadata",
           {{"name", name}, {"labels", {{"last", name == std::string("c") ? "y" : "n"}}}}}});
  const auto gone = send("DELETE", std::string(config_maps) + "?labelSelector=last%3Dn");
  EXPECT_EQ(gone.body["items"].size(), 2u);
  EXPECT_EQ(send("GET", config_maps).body["items"].size(), 1u);
}

TEST_F(Writes, TypesOfPatchesThatAreNotServedAreRefused) {
  send("POST", config_maps, {{"metadata", {{"name", "c"}}}});
  EXPECT_EQ(
      send("PATCH", item(config_maps, "c"), json::object(), "application/apply-patch+cbor").code,
      415);
  EXPECT_EQ(send("PATCH", item(config_maps, "c"), json::object(), "text/plain").code, 415);
}

TEST_F(Writes, APutCreatesWhereKubernetesLetsIt) {
  const std::string lease = "/apis/coordination.k8s.io/v1/namespaces/default/leases/l";
  const auto made = send("PUT", lease,
                         {{"metadata", {{"name", "l"}, {"resourceVersion", "3"}}},
                          {"spec", {{"holderIdentity", "a"}}}});
  EXPECT_EQ(made.code, 201);
  EXPECT_EQ(made.body["metadata"]["uid"].get<std::string>().size(), 36u);
  // What may be created so need not be overwritten so.
  const auto refused =
      send("PUT", lease, {{"metadata", {{"name", "l"}}}, {"spec", {{"holderIdentity", "b"}}}});
  EXPECT_EQ(refused.code, 422);
  EXPECT_EQ(refused.message(),
            "leases.coordination.k8s.io \"l\" is invalid: metadata.resourceVersion: Invalid value: "
            "0x0: must be specified for an update");
  EXPECT_EQ(send("PUT", lease,
                 {{"metadata",
                   {{"name", "l"}, {"resourceVersion", made.body["metadata"]["resourceVersion"]}}},
                  {"spec", {{"holderIdentity", "b"}}}})
                .code,
            200);
  EXPECT_EQ(send("PUT", item(config_maps, "c"), {{"metadata", {{"name", "c"}}}}).code, 404);
  EXPECT_EQ(send("PUT", lease + "2", {{"metadata", {{"name", "other"}}}}).code, 400);
  EXPECT_EQ(send("PUT", lease + "2", {{"metadata", {{"name", "l2"}, {"uid", "u"}}}}).code, 409);
  EXPECT_EQ(send("GET", lease + "2").code, 404);
}

TEST_F(Writes, ACreatorManagesWhatItSent) {
  const auto made = send("POST", pods, pod("a"));
  const json& fields = made.body["metadata"]["managedFields"][0]["fieldsV1"];
  EXPECT_TRUE(fields["f:spec"].contains("f:containers"));
  EXPECT_FALSE(fields["f:spec"].contains("f:tolerations"));
  EXPECT_FALSE(fields.contains("f:status"));
}

struct bad_case {
  const char* method;
  const char* target;
  const char* type;
  std::string body;
  int code;
  const char* says;
};

TEST_F(Writes, BadRequestsGetAStatusAndChangeNothing) {
  constexpr const char* js = "application/json";
  constexpr const char* merge = "application/merge-patch+json";
  constexpr const char* jsonpatch = "application/json-patch+json";
  constexpr const char* strategic = "application/strategic-merge-patch+json";
  constexpr const char* all = "/api/v1/namespaces/default/configmaps";
  constexpr const char* one = "/api/v1/namespaces/default/configmaps/c";
  constexpr const char* strict = "/api/v1/namespaces/default/configmaps/c?fieldValidation=Strict";
  const std::string deep = "{\"x\":" + std::string(5000, '[') + std::string(5000, ']') + "}";
  const bad_case cases[] = {
      {"POST", all, js, "{", 400, "cannot be handled as a ConfigMap"},
      {"POST", all, js, "[]", 400, "the body is no object"},
      {"POST", all, js, deep, 400, "max depth"},
      {"POST", all, js, "{\"metadata\":{\"name\":\"x\xff\"}}", 400, "UTF-8"},
      {"POST", all, js, R"({"metadata":{"name":"x"},"data":{"a":1}})", 400, "ConfigMap.data"},
      {"POST", all, js, R"({"metadata":{"name":"X_"}})", 422, "metadata.name: Invalid value"},
      {"POST", all, js, R"({"kind":"Pod","metadata":{"name":"x"}})", 400, "Pod in version"},
      {"POST", all, "application/xml", "<a/>", 415, "accepted media types"},
      {"POST", all, js, std::string((3u << 20) + 1, ' '), 413, "limit is 3145728"},
      {"POST", one, js, "{}", 405, "does not allow this method"},
      {"PUT", all, js, "{}", 405, "does not allow this method"},
      {"PATCH", one, merge, "{", 400, "error decoding patch"},
      {"PATCH", one, merge, "[1]", 422, "patch: Invalid value"},
      {"PATCH", one, merge, R"({"data":{"a":1}})", 422, "ConfigMap.data"},
      {"PATCH", strict, merge, R"({"dota":{}})", 422,
       R"(strict decoding error: unknown field "dota")"},
      {"PATCH", one, merge, R"({"metadata":{"name":"d"}})", 400, "does not match the name"},
      {"PATCH", one, merge, R"({"metadata":{"uid":"d"}})", 409, "UID in precondition: d"},
      {"PATCH", one, jsonpatch, R"([{"op":"test","path":"/data/a","value":"9"}])", 422, "rejected"},
      {"PATCH", one, jsonpatch, R"([{"op":"remove","path":"/data/z"}])", 422, "rejected"},
      {"PATCH", one, jsonpatch, R"([{"op":"leap","path":"/data/a"}])", 422, "rejected"},
      {"PATCH", one, jsonpatch, "{}", 400, "jsonpatch.Patch"},
      {"PATCH", one, strategic, R"({"data":{"$patch":"leap"}})", 500, "leap"},
      {"DELETE", one, js, R"({"propagationPolicy":"Nope"})", 422, "propagationPolicy"},
      {"DELETE", one, js, "{", 400, "cannot be handled"},
      {"DELETE", "/api/v1/namespaces/default/configmaps/c?dryRun=Some", js, "", 422, "dryRun"},
      {"DELETE", "/api/v1/namespaces/default/configmaps?labelSelector=a%20b", js, "", 400,
       "unable to parse requirement"},
      {"DELETE", "/api/v1/namespaces/default/configmaps?fieldSelector=data.a%3D1", js, "", 400,
       "\"data.a\" is not a known field selector"},
      {"GET", "/api/v1/namespaces/default/configmaps?continue=zzz", js, "", 400, "continue"},
      {"GET", "/api/v1/namespaces/default/configmaps?limit=x", js, "", 400,
       "strconv.ParseInt: parsing \"x\""},
      {"GET", "/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=x", js, "", 400,
       "strconv.ParseInt: parsing \"x\""},
      {"GET", "/api/v1/namespaces/default/configmaps?resourceVersion=x", js, "", 400,
       "resourceVersion"},
      {"GET", "/api/v1/namespaces/%zz/configmaps", js, "", 400, ""},
  };
  send("POST", config_maps, {{"metadata", {{"name", "c"}}}, {"data", {{"a", "1"}}}});
  const auto version = cluster_.cache().version();
  for (const auto& c : cases) {
    const auto r = client_.send(c.method, c.target, c.body, c.type);
    const json status = json::parse(r.body, nullptr, false);
    const std::string what = std::string(c.method) + " " + c.target + " " + c.body.substr(0, 60);
    EXPECT_EQ(r.code, c.code) << what << ": " << r.body.substr(0, 300);
    EXPECT_EQ(model::string_at(status, {"kind"}), "Status") << what;
    EXPECT_THAT(model::string_at(status, {"message"}), HasSubstr(c.says)) << what;
  }
  EXPECT_EQ(cluster_.cache().version(), version);
}

TEST_F(Writes, PatchesOfOneObjectAtOnceAllCount) {
  send("POST", config_maps, {{"metadata", {{"name", "c"}}}, {"data", {{"x", "y"}}}});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      auto c = cluster_.client();
      for (int n = 0; n < 20; ++n) {
        const json patch = {{"data", {{std::to_string(i) + "-" + std::to_string(n), "1"}}}};
        int code = 0;
        do
          code =
              c.send("PATCH", item(config_maps, "c"), patch.dump(), "application/merge-patch+json")
                  .code;
        while (code == 409);
        EXPECT_EQ(code, 200);
      }
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(send("GET", item(config_maps, "c")).body["data"].size(), 81u);
}

TEST_F(Writes, ALogNeedsAContainersName) {
  json p = pod("a");
  p["spec"]["containers"].push_back({{"name", "d"}, {"image", "i"}});
  send("POST", pods, p);
  const auto refused = send("GET", item(pods, "a", "/log"));
  EXPECT_EQ(refused.code, 400);
  EXPECT_EQ(refused.message(),
            "a container name must be specified for pod a, choose one of: [c d]");
  EXPECT_EQ(send("GET", item(pods, "a", "/log?container=x")).message(),
            "container x is not valid for pod a");
  EXPECT_EQ(send("GET", item(pods, "a", "/log?container=c")).code, 200);
}

}  // namespace
}  // namespace troupe
