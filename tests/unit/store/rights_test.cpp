// floors: store
#include "store/rights.hpp"

#include <gmock/gmock.h>

namespace troupe::store {
namespace {

using model::json;
using model::request_info;
using enum authorization_mode;

/// A cache that is written to, and what its rights say.
class Rights : public ::testing::Test {
 protected:
  void put(std::string_view resource, const json& document) {
    const auto made = model::seal(model::encode(resource, document), ++version);
    const auto before = objects->get(made->key());
    objects->apply({{before ? event::kind::modified : event::kind::added, made, before}});
  }
  void remove(const model::object_key& key) {
    const auto before = objects->get(key);
    objects->apply({{event::kind::deleted, model::with_version(*before, ++version), before}});
  }
  static json named(const char* ns, const char* name, json rest) {
    rest["metadata"] = {{"namespace", ns}, {"name", name}, {"uid", std::string("uid-") + name}};
    return rest;
  }
  model::opinion ask(const rights& r, const char* user, const char* verb, const char* resource,
                     const char* name = "", const char* sub = "") {
    request_info what;
    what.is_resource = true;
    what.verb = verb;
    what.resource = resource;
    what.ns = "d";
    what.name = name;
    what.subresource = sub;
    const std::vector<std::string> groups{std::string_view(user).starts_with("system:node:")
                                              ? "system:nodes"
                                              : "system:authenticated"};
    return r.decide({user, groups}, what);
  }
  bool may(const rights& r, const char* user, const char* verb, const char* resource,
           const char* name = "", const char* sub = "") {
    return ask(r, user, verb, resource, name, sub).allowed;
  }

  std::uint64_t version = 1;
  std::shared_ptr<cache> objects = std::make_shared<cache>();
};

const json reads_pods = {
    {"rules", json::array({{{"verbs", {"get"}}, {"apiGroups", {""}}, {"resources", {"pods"}}}})}};
const json for_joe = {{"roleRef", {{"kind", "Role"}, {"name", "reader"}}},
                      {"subjects", json::array({{{"kind", "User"}, {"name", "joe"}}})}};

TEST_F(Rights, FollowRolesAndBindings) {
  const rights r(objects);
  EXPECT_FALSE(may(r, "joe", "get", "pods"));
  put(model::rbac::role_bindings, named("d", "b", for_joe));
  EXPECT_EQ(ask(r, "joe", "get", "pods").reason,
            "RBAC: role.rbac.authorization.k8s.io \"reader\" not found");
  put(model::rbac::roles, named("d", "reader", reads_pods));
  EXPECT_TRUE(may(r, "joe", "get", "pods"));
  EXPECT_FALSE(may(r, "ann", "get", "pods"));
  remove({std::string(model::rbac::role_bindings), "d", "b"});
  EXPECT_FALSE(may(r, "joe", "get", "pods"));
}

TEST_F(Rights, StartFromWhatIsThereAndSurviveAReset) {
  put(model::rbac::role_bindings, named("d", "b", for_joe));
  put(model::rbac::roles, named("d", "reader", reads_pods));
  const rights r(objects);
  EXPECT_TRUE(may(r, "joe", "get", "pods"));
  objects->reset({}, ++version);
  EXPECT_FALSE(may(r, "joe", "get", "pods"));
}

TEST_F(Rights, AskTheirModesInOrder) {
  EXPECT_TRUE(may(rights(objects, {always_allow}), "joe", "delete", "pods"));
  const rights none(objects, {always_deny});
  EXPECT_EQ(ask(none, "joe", "get", "pods").reason, "Everything is forbidden.");
  EXPECT_TRUE(may(rights(objects, {always_deny, always_allow}), "joe", "get", "pods"));
  EXPECT_FALSE(may(rights(objects, {rbac}), "system:node:n1", "get", "pods", "p"));
  EXPECT_TRUE(may(rights(objects, {node}), "system:node:n1", "get", "pods", "p"));
}

TEST_F(Rights, ANodeReadsWhatItsPodsReferTo) {
  const rights r(objects);
  const json spec = json::parse(R"({"nodeName": "n1", "serviceAccountName": "bot",
    "volumes": [{"name": "a", "secret": {"secretName": "vol"}},
                {"name": "b", "persistentVolumeClaim": {"claimName": "claim"}}],
    "containers": [{"name": "c", "envFrom": [{"configMapRef": {"name": "env"}}]}],
    "imagePullSecrets": [{"name": "pull"}]})");
  put("pods", named("d", "p", {{"spec", spec}}));
  put("persistentvolumes", {{"metadata", {{"name", "pv"}}},
                            {"spec", {{"claimRef", {{"namespace", "d"}, {"name", "claim"}}}}}});
  const struct {
    const char* resource;
    const char* name;
    const char* verb = "get";
    const char* sub = "";
  } own[] = {{"secrets", "vol"},          {"secrets", "pull"},
             {"configmaps", "env"},       {"persistentvolumeclaims", "claim"},
             {"persistentvolumes", "pv"}, {"serviceaccounts", "bot", "create", "token"}};
  for (const auto& o : own) {
    EXPECT_TRUE(may(r, "system:node:n1", o.verb, o.resource, o.name, o.sub)) << o.name;
    EXPECT_EQ(ask(r, "system:node:n2", o.verb, o.resource, o.name, o.sub).reason,
              "no relationship found between node 'n2' and this object")
        << o.name;
  }
  EXPECT_FALSE(may(r, "system:node:n1", "get", "secrets", "other"));
  remove({"pods", "d", "p"});
  EXPECT_FALSE(may(r, "system:node:n1", "get", "secrets", "vol"));
}

}  // namespace
}  // namespace troupe::store
