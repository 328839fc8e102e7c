// floors: model
#include "default_rights.hpp"
#include "model/node_labels.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using groups = std::vector<std::string>;

const groups masters{"system:masters", "system:authenticated"};
const groups nodes{"system:nodes", "system:authenticated"};
const groups bootstrappers{"system:bootstrappers", "system:authenticated"};
const groups authenticated{"system:authenticated"};
const groups strangers{"system:unauthenticated"};

const default_rights rights;

request_info request(const char* method, const char* target) {
  return std::get<request_info>(parse_request(method, target));
}

struct access_case {
  const char* user;
  const groups& of;
  const char* method;
  const char* target;
  bool allowed;
};

TEST(Authorize, RolesOfTheSystem) {
  constexpr const char* node = "system:node:n1";
  const access_case cases[] = {
      {"admin", masters, "DELETE", "/api/v1/namespaces/default/secrets", true},
      {"admin", masters, "GET", "/anything", true},

      {"system:anonymous", strangers, "GET", "/version", true},
      {"system:anonymous", strangers, "GET", "/readyz/store", false},
      {"system:anonymous", strangers, "POST", "/version", false},
      {"system:anonymous", strangers, "GET", "/", false},
      {"system:anonymous", strangers, "GET", "/apis", false},
      {"system:anonymous", strangers, "GET", "/api/v1/pods", false},
      {"system:anonymous", strangers, "GET",
       "/api/v1/namespaces/kube-public/configmaps/cluster-info", true},
      {"system:anonymous", strangers, "PUT",
       "/api/v1/namespaces/kube-public/configmaps/cluster-info", false},
      {"system:anonymous", strangers, "GET",
       "/api/v1/namespaces/kube-system/configmaps/cluster-info", false},

      {"joe", authenticated, "GET", "/apis/apps/v1", true},
      {"joe", authenticated, "GET", "/api/v1/namespaces/default/pods", false},
      {"joe", authenticated, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
       true},
      {"joe", authenticated, "POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", false},
      {"system:anonymous", strangers, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews",
       false},

      {"boot", bootstrappers, "POST", "/apis/certificates.k8s.io/v1/certificatesigningrequests",
       true},
      {"boot", bootstrappers, "PUT",
       "/apis/certificates.k8s.io/v1/certificatesigningrequests/x/approval", false},
      {"boot", bootstrappers, "GET", "/api/v1/nodes", false},

      {node, nodes, "GET", "/api/v1/nodes/n1", true},
      {node, nodes, "GET", "/api/v1/nodes/n2", false},
      {node, nodes, "POST", "/api/v1/nodes", true},
      {node, nodes, "DELETE", "/api/v1/nodes", false},
      {node, nodes, "GET", "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1", true},
      {node, nodes, "PATCH", "/api/v1/namespaces/d/pods/p/status", true},
      {node, nodes, "PATCH", "/api/v1/namespaces/d/pods/p", false},
      {node, nodes, "POST", "/api/v1/namespaces/d/pods/p/binding", false},
      {node, nodes, "GET", "/api/v1/namespaces/d/secrets/s", true},
      {node, nodes, "GET", "/api/v1/namespaces/d/secrets", false},
      {node, nodes, "GET", "/api/v1/secrets", false},
      {node, nodes, "PUT", "/api/v1/namespaces/d/secrets/s", false},
      {node, nodes, "PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1",
       true},
      {node, nodes, "PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n2",
       false},
      {node, nodes, "PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/n1", false},
      {node, nodes, "POST", "/api/v1/namespaces/d/events", true},
      {node, nodes, "DELETE", "/api/v1/namespaces/d/events/e", false},
      // The name alone makes no node.
      {node, authenticated, "GET", "/api/v1/nodes/n1", false},
      {"joe", nodes, "GET", "/api/v1/nodes/n1", false},
  };
  for (const auto& c : cases)
    EXPECT_EQ(!authorize(rights, {c.user, c.of}, request(c.method, c.target)), c.allowed)
        << c.user << " " << c.method << " " << c.target;
}

TEST(Authorize, RefusesInKubernetesWords) {
  auto said = [](const char* method, const char* target) {
    return authorize(rights, {"joe", authenticated}, request(method, target))->message;
  };
  EXPECT_EQ(said("GET", "/api/v1/namespaces/d/pods/p"),
            "pods \"p\" is forbidden: User \"joe\" cannot get resource \"pods\" in API group \"\" "
            "in the namespace \"d\"");
  EXPECT_EQ(said("GET", "/api/v1/nodes"),
            "nodes is forbidden: User \"joe\" cannot list resource \"nodes\" in API group \"\" at "
            "the cluster scope");
  EXPECT_EQ(said("PUT", "/api/v1/namespaces/d/pods/p/status"),
            "pods \"p\" is forbidden: User \"joe\" cannot update resource \"pods/status\" in API "
            "group \"\" in the namespace \"d\"");
  EXPECT_EQ(said("GET", "/metrics"), "forbidden: User \"joe\" cannot get path \"/metrics\"");
}

struct restriction_case {
  const char* method;
  const char* target;
  const char* object;
  bool refused;
};

TEST(RestrictNode, ANodeWritesOnlyWhatIsItsOwn) {
  const restriction_case cases[] = {
      {"POST", "/api/v1/nodes", R"({"metadata":{"name":"n1"}})", false},
      {"POST", "/api/v1/nodes", R"({"metadata":{"name":"n2"}})", true},
      {"POST", "/api/v1/nodes",
       R"({"metadata":{"name":"n1","labels":{"x.node-restriction.kubernetes.io/a":"b"}}})", true},
      {"PATCH", "/api/v1/nodes/n2/status", "null", true},
      {"PATCH", "/api/v1/namespaces/d/pods/p/status", R"({"spec":{"nodeName":"n1"}})", false},
      {"PATCH", "/api/v1/namespaces/d/pods/p/status", R"({"spec":{"nodeName":"n2"}})", true},
      {"PATCH", "/api/v1/namespaces/d/pods/p/status", R"({"spec":{}})", true},
      {"DELETE", "/api/v1/namespaces/d/pods/p", R"({"spec":{"nodeName":"n2"}})", true},
      {"POST", "/api/v1/namespaces/d/pods/p/eviction", R"({"spec":{"nodeName":"n2"}})", true},
      {"POST", "/api/v1/namespaces/d/pods", R"({"spec":{"nodeName":"n1"}})", true},
      {"POST", "/api/v1/namespaces/d/pods",
       R"({"metadata":{"annotations":{"kubernetes.io/config.mirror":"x"}},"spec":{"nodeName":"n1"}})",
       false},
      {"POST", "/api/v1/namespaces/d/pods",
       R"({"metadata":{"annotations":{"kubernetes.io/config.mirror":"x"}},"spec":{"nodeName":"n1",
           "serviceAccountName":"bot"}})",
       true},
      {"POST", "/api/v1/namespaces/d/pods",
       R"({"metadata":{"annotations":{"kubernetes.io/config.mirror":"x"}},"spec":{"nodeName":"n1",
           "volumes":[{"name":"v","secret":{"secretName":"s"}}]}})",
       true},
      {"POST", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases",
       R"({"metadata":{"name":"n2"}})", true},
      {"GET", "/api/v1/nodes/n2", "null", false},
  };
  for (const auto& c : cases) {
    const auto info = request(c.method, c.target);
    const json object = json::parse(c.object);
    EXPECT_EQ(restrict_node({"system:node:n1", nodes}, info, object).has_value(), c.refused)
        << c.method << " " << c.target << " " << c.object;
    EXPECT_FALSE(restrict_node({"admin", masters}, info, object));
  }
}

TEST(RestrictNode, ANodeKeepsTheLabelsThatOthersTrust) {
  const auto node = [](const char* labels) {
    return json{{"metadata", {{"name", "n1"}, {"labels", json::parse(labels)}}}};
  };
  const struct {
    const char* old;
    const char* wanted;
    bool refused;
  } cases[] = {
      {R"({"a":"b"})", R"({"a":"c"})", false},
      {R"({"node-restriction.kubernetes.io/a":"b"})", R"({"node-restriction.kubernetes.io/a":"b"})",
       false},
      {R"({"node-restriction.kubernetes.io/a":"b"})", R"({"node-restriction.kubernetes.io/a":"c"})",
       true},
      {R"({"node-restriction.kubernetes.io/a":"b"})", "{}", true},
      {"{}", R"({"node-restriction.kubernetes.io/a":"b"})", true},
      // Of kubernetes.io and k8s.io only what kubelets say of themselves.
      {"{}", R"({"kubernetes.io/os":"linux","topology.kubernetes.io/zone":"z"})", false},
      {"{}", R"({"node.kubernetes.io/a":"b","x.kubelet.kubernetes.io/a":"b"})", false},
      {"{}", R"({"node-role.kubernetes.io/control-plane":""})", true},
      {"{}", R"({"node-role.kubernetes.io/worker":""})", false},
      {R"({"kubernetes.io/own":"b"})", "{}", true},
      {"{}", R"({"x.k8s.io/a":"b"})", true},
      {"{}", R"({"notkubernetes.io/a":"b","kubernetes.io":"b"})", false},
  };
  const object_key key{"nodes", "", "n1"};
  for (const auto& c : cases) {
    EXPECT_EQ(restrict_node_update({"system:node:n1", nodes}, key, node(c.old), node(c.wanted))
                  .has_value(),
              c.refused)
        << c.old << c.wanted;
    EXPECT_FALSE(restrict_node_update({"admin", masters}, key, node(c.old), node(c.wanted)));
  }
}

TEST(RestrictNode, ANodeDoesNotChangeItsTaints) {
  const auto node = [](json taints) {
    return json{{"metadata", {{"name", "n1"}}}, {"spec", {{"taints", std::move(taints)}}}};
  };
  const json some = json::parse(R"([{"key":"a","effect":"NoSchedule"}])");
  const object_key key{"nodes", "", "n1"};
  const auto by = [&](const char* user, const json& old, const json& wanted) {
    const auto& in = std::string_view(user) == "admin" ? masters : nodes;
    return restrict_node_update({user, in}, key, old, wanted);
  };
  EXPECT_FALSE(by("system:node:n1", node(some), node(some)));
  EXPECT_FALSE(by("system:node:n1", node(json::array()), json{{"spec", json::object()}}));
  EXPECT_FALSE(by("admin", node(some), node(json::array())));
  for (const json& other : {json::array(), json::parse(R"([{"key":"a","effect":"NoExecute"}])")})
    EXPECT_EQ(by("system:node:n1", node(some), node(other))->message,
              "nodes \"n1\" is forbidden: node \"n1\" is not allowed to modify taints");
}

}  // namespace
}  // namespace troupe::model
