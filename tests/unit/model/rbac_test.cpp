// floors: model
#include "default_rights.hpp"
#include "model/rbac/escalation.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <random>

namespace troupe::model::rbac {
namespace {

using strings = std::vector<std::string>;
using testing::ElementsAre;

request_info on(const char* verb, const char* group, const char* resource, const char* ns = "d",
                const char* name = "", const char* sub = "") {
  request_info r;
  r.is_resource = true;
  r.verb = verb;
  r.group = group;
  r.resource = resource;
  r.ns = ns;
  r.name = name;
  r.subresource = sub;
  return r;
}

request_info at_path(const char* verb, const char* path) {
  request_info r;
  r.verb = verb;
  r.path = path;
  return r;
}

TEST(PolicyRule, MatchesAsKubernetesDoes) {
  const policy_rule pods{{"get", "list"}, {""}, {"pods", "pods/log", "*/scale"}, {}, {}};
  const policy_rule named{{"*"}, {"apps"}, {"deployments"}, {"web"}, {}};
  const policy_rule all{{"*"}, {"*"}, {"*"}, {}, {}};
  const policy_rule paths{{"get"}, {}, {}, {}, {"/healthz", "/api/*"}};
  const policy_rule any_path{{"*"}, {}, {}, {}, {"*"}};
  const struct {
    const policy_rule& rule;
    request_info what;
    bool allowed;
  } cases[] = {
      {pods, on("get", "", "pods"), true},
      {pods, on("get", "apps", "pods"), false},
      {pods, on("watch", "", "pods"), false},
      {pods, on("get", "", "pods", "d", "p", "log"), true},
      {pods, on("get", "", "pods", "d", "p", "exec"), false},
      {pods, on("get", "", "replicationcontrollers", "d", "r", "scale"), true},
      {pods, on("get", "", "replicationcontrollers", "d", "r"), false},
      {pods, on("get", "", "pods", "d", "p", "og"), false},
      {named, on("delete", "apps", "deployments", "d", "web"), true},
      {named, on("delete", "apps", "deployments", "d", "db"), false},
      {named, on("create", "apps", "deployments"), false},
      {named, on("get", "apps", "deployments", "d", "web", "scale"), false},
      {all, on("impersonate", "x.io", "things", "", "n", "status"), true},
      {all, at_path("get", "/metrics"), false},
      {paths, at_path("get", "/healthz"), true},
      {paths, at_path("get", "/healthz/etcd"), false},
      {paths, at_path("get", "/api/v1"), true},
      {paths, at_path("post", "/api/v1"), false},
      {paths, on("get", "", "pods"), false},
      {any_path, at_path("delete", "/anything"), true},
  };
  for (const auto& c : cases)
    EXPECT_EQ(allows(c.rule, c.what), c.allowed)
        << compact_text(c.rule) << " " << c.what.verb << " " << c.what.path << c.what.resource;
}

TEST(PolicyRule, SaysWhatIsNotCovered) {
  const std::vector<policy_rule> held{{{"get", "list"}, {""}, {"pods"}, {}, {}},
                                      {{"get"}, {""}, {"secrets"}, {"a"}, {}},
                                      {{"get"}, {}, {}, {}, {"/api/*"}}};
  const struct {
    policy_rule wanted;
    strings missing;
  } cases[] = {
      {{{"get"}, {""}, {"pods"}, {}, {}}, {}},
      {{{"get"}, {""}, {"pods"}, {"p"}, {}}, {}},
      {{{"get", "delete", "watch"}, {""}, {"pods", "pods/log"}, {}, {}},
       {R"({APIGroups:[""], Resources:["pods"], Verbs:["delete" "watch"]})",
        R"({APIGroups:[""], Resources:["pods/log"], Verbs:["get" "delete" "watch"]})"}},
      {{{"get"}, {""}, {"secrets"}, {"a"}, {}}, {}},
      {{{"get"}, {""}, {"secrets"}, {"b"}, {}},
       {R"({APIGroups:[""], Resources:["secrets"], ResourceNames:["b"], Verbs:["get"]})"}},
      {{{"get"}, {""}, {"secrets"}, {}, {}},
       {R"({APIGroups:[""], Resources:["secrets"], Verbs:["get"]})"}},
      {{{"*"}, {"*"}, {"*"}, {}, {}}, {R"({APIGroups:["*"], Resources:["*"], Verbs:["*"]})"}},
      {{{"get"}, {}, {}, {}, {"/api/v1"}}, {}},
      {{{"get"}, {}, {}, {}, {"/metrics"}}, {R"({NonResourceURLs:["/metrics"], Verbs:["get"]})"}},
  };
  for (const auto& c : cases) {
    strings missing;
    for (const auto& rule : not_covered(held, {c.wanted})) missing.push_back(compact_text(rule));
    EXPECT_EQ(missing, c.missing) << compact_text(c.wanted);
  }
}

// What each default role is there for, and a thing beside it.
TEST(DefaultRoles, AllowWhatTheyAreFor) {
  const struct {
    const char* role;
    request_info may;
    request_info may_not;
  } cases[] = {
      {"admin", on("create", "rbac.authorization.k8s.io", "roles"),
       on("update", "", "resourcequotas")},
      {"edit", on("create", "", "serviceaccounts", "d", "x", "token"),
       on("create", "rbac.authorization.k8s.io", "roles")},
      {"view", on("list", "apps", "deployments"), on("get", "", "secrets")},
      {"system:discovery", at_path("get", "/openapi/v3"), at_path("get", "/metrics")},
      {"system:monitoring", at_path("get", "/metrics"), at_path("get", "/api")},
      {"system:basic-user", on("create", "authentication.k8s.io", "selfsubjectreviews"),
       on("create", "authorization.k8s.io", "subjectaccessreviews")},
      {"system:public-info-viewer", at_path("get", "/version"), at_path("get", "/api")},
      {"system:heapster", on("list", "", "nodes"), on("list", "", "secrets")},
      {"system:node", on("update", "", "nodes", "", "n", "status"), on("delete", "", "nodes")},
      {"system:node-problem-detector", on("patch", "", "nodes", "", "n", "status"),
       on("list", "", "nodes")},
      {"system:kubelet-api-admin", on("delete", "", "nodes", "", "n", "proxy"),
       on("delete", "", "nodes", "", "n")},
      {"system:node-bootstrapper",
       on("create", "certificates.k8s.io", "certificatesigningrequests", ""),
       on("update", "certificates.k8s.io", "certificatesigningrequests", "", "x", "approval")},
      {"system:auth-delegator", on("create", "authentication.k8s.io", "tokenreviews", ""),
       on("list", "", "pods")},
      {"system:kube-aggregator", on("watch", "", "services"), on("watch", "", "pods")},
      {"system:kube-controller-manager", on("create", "", "serviceaccounts", "d", "x", "token"),
       on("delete", "", "pods")},
      {"system:kube-dns", on("watch", "", "endpoints"), on("get", "", "endpoints")},
      {"system:kube-scheduler", on("create", "", "pods", "d", "p", "binding"),
       on("create", "", "pods")},
      {"system:volume-scheduler", on("update", "", "persistentvolumes", ""),
       on("delete", "", "persistentvolumes", "")},
      {"system:node-proxier", on("watch", "discovery.k8s.io", "endpointslices"),
       on("watch", "", "pods")},
      {"system:persistent-volume-provisioner", on("create", "", "persistentvolumes", ""),
       on("create", "", "persistentvolumeclaims")},
      {"system:service-account-issuer-discovery", at_path("get", "/openid/v1/jwks"),
       at_path("get", "/openid")},
      {"system:controller:job-controller", on("update", "batch", "jobs", "d", "j", "status"),
       on("create", "batch", "jobs")},
      {"system:controller:disruption-controller", on("get", "x.io", "things", "d", "t", "scale"),
       on("get", "x.io", "things", "d", "t")},
      {"system:certificates.k8s.io:kubelet-serving-approver",
       on("approve", "certificates.k8s.io", "signers", "", "kubernetes.io/kubelet-serving"),
       on("approve", "certificates.k8s.io", "signers", "", "kubernetes.io/legacy-unknown")},
      {"cluster-admin", on("escalate", "x.io", "y"), on("get", "", "")},
  };
  const default_rights rights;
  for (const auto& c : cases) {
    const auto* rules = rights.index.rules_of_role(cluster_roles, "", c.role);
    ASSERT_TRUE(rules) << c.role;
    const auto may = [&](const request_info& what) {
      return std::ranges::any_of(*rules, [&](const auto& r) { return allows(r, what); });
    };
    EXPECT_TRUE(may(c.may)) << c.role;
    EXPECT_EQ(may(c.may_not), std::string_view(c.role) == "cluster-admin") << c.role;
  }
}

// kube-apiserver's own, metrics-server's system:aggregated-metrics-reader, and our binding that
// lets controllers that joined renew their certificates.
TEST(DefaultRoles, AreAsManyAsInKubernetes) {
  std::map<std::string, int> kinds;
  std::set<std::string> names;
  for (const json& o : default_objects()) {
    ++kinds[o["kind"]];
    const json& meta = o["metadata"];
    EXPECT_TRUE(names
                    .insert(o["kind"].get<std::string>() + meta.value("namespace", "") + "/" +
                            meta["name"].get<std::string>())
                    .second)
        << meta["name"];
    EXPECT_EQ(meta["labels"]["kubernetes.io/bootstrapping"], "rbac-defaults");
    for (const json& rule : o.value("rules", json::array()))
      EXPECT_FALSE(rule["verbs"].empty()) << meta["name"];
  }
  EXPECT_THAT(kinds,
              ElementsAre(testing::Pair("ClusterRole", 65), testing::Pair("ClusterRoleBinding", 47),
                          testing::Pair("Role", 8), testing::Pair("RoleBinding", 8)));
}

// The names of 1.32's bootstrap policy, without those of features that are off.
TEST(DefaultRoles, AreTheseByName) {
  std::set<std::string> roles, bound, namespaced;
  for (const json& o : default_objects()) {
    const json& meta = o["metadata"];
    const auto name = meta["name"].get<std::string>();
    if (o["kind"] == "ClusterRole") roles.insert(name);
    if (o["kind"] == "ClusterRoleBinding")
      for (const json& s : at(o, {"subjects"}))
        bound.insert(name + " " + s["name"].get<std::string>());
    if (o["kind"] == "Role") namespaced.insert(meta["namespace"].get<std::string>() + "/" + name);
  }
  for (const char* controller : {"attachdetach-controller",
                                 "certificate-controller",
                                 "clusterrole-aggregation-controller",
                                 "cronjob-controller",
                                 "daemon-set-controller",
                                 "deployment-controller",
                                 "disruption-controller",
                                 "endpoint-controller",
                                 "endpointslice-controller",
                                 "endpointslicemirroring-controller",
                                 "ephemeral-volume-controller",
                                 "expand-controller",
                                 "generic-garbage-collector",
                                 "horizontal-pod-autoscaler",
                                 "job-controller",
                                 "legacy-service-account-token-cleaner",
                                 "namespace-controller",
                                 "node-controller",
                                 "persistent-volume-binder",
                                 "pod-garbage-collector",
                                 "pv-protection-controller",
                                 "pvc-protection-controller",
                                 "replicaset-controller",
                                 "replication-controller",
                                 "resourcequota-controller",
                                 "root-ca-cert-publisher",
                                 "route-controller",
                                 "service-account-controller",
                                 "service-controller",
                                 "statefulset-controller",
                                 "ttl-after-finished-controller",
                                 "ttl-controller",
                                 "validatingadmissionpolicy-status-controller"}) {
    const std::string name = "system:controller:" + std::string(controller);
    EXPECT_EQ(roles.erase(name), 1u) << name;
    EXPECT_TRUE(bound.contains(name + " " + controller)) << name;
  }
  const std::string csr = "system:certificates.k8s.io:";
  EXPECT_THAT(
      roles,
      testing::UnorderedElementsAre(
          "admin", "cluster-admin", "edit", "view", "system:aggregate-to-admin",
          "system:aggregate-to-edit", "system:aggregate-to-view",
          "system:aggregated-metrics-reader", "system:auth-delegator", "system:basic-user",
          csr + "certificatesigningrequests:nodeclient",
          csr + "certificatesigningrequests:selfnodeclient", csr + "kube-apiserver-client-approver",
          csr + "kube-apiserver-client-kubelet-approver", csr + "kubelet-serving-approver",
          csr + "legacy-unknown-approver", "system:discovery", "system:heapster",
          "system:kube-aggregator", "system:kube-controller-manager", "system:kube-dns",
          "system:kube-scheduler", "system:kubelet-api-admin", "system:monitoring", "system:node",
          "system:node-bootstrapper", "system:node-problem-detector", "system:node-proxier",
          "system:persistent-volume-provisioner", "system:public-info-viewer",
          "system:service-account-issuer-discovery", "system:volume-scheduler"));
  EXPECT_THAT(namespaced,
              testing::IsSupersetOf({"kube-public/system:controller:bootstrap-signer",
                                     "kube-system/extension-apiserver-authentication-reader",
                                     "kube-system/system::leader-locking-kube-controller-manager",
                                     "kube-system/system::leader-locking-kube-scheduler",
                                     "kube-system/system:controller:bootstrap-signer",
                                     "kube-system/system:controller:cloud-provider",
                                     "kube-system/system:controller:token-cleaner"}));
}

TEST(DefaultRoles, AreBroughtBackWhereTheyMayBe) {
  const auto find = [](const char* kind, const char* name) {
    for (const json& o : default_objects())
      if (o["kind"] == kind && o["metadata"]["name"] == name) return o;
    throw std::out_of_range(name);
  };
  const json role = find("ClusterRole", "system:basic-user");
  EXPECT_FALSE(reconciled(role, role));
  json less = role;
  less["rules"].erase(1);
  less["metadata"]["labels"]["mine"] = "kept";
  const auto better = reconciled(less, role);
  ASSERT_TRUE(better);
  EXPECT_TRUE(not_covered(read_rules(*better), read_rules(role)).empty());
  EXPECT_EQ((*better)["metadata"]["labels"]["mine"], "kept");
  json more = role;
  more["rules"].push_back(to_json({{"*"}, {"*"}, {"*"}, {}, {}}));
  EXPECT_FALSE(reconciled(more, role));  // what was added stays
  less["metadata"]["annotations"]["rbac.authorization.kubernetes.io/autoupdate"] = "false";
  EXPECT_FALSE(reconciled(less, role));

  const json binding = find("ClusterRoleBinding", "system:basic-user");
  json unbound = binding;
  unbound["subjects"] = json::array();
  EXPECT_EQ((*reconciled(unbound, binding))["subjects"], binding["subjects"]);
  json other = binding;
  other["roleRef"]["name"] = "cluster-admin";
  EXPECT_TRUE(binds_another(other, binding));
  EXPECT_FALSE(binds_another(binding, binding));
}

// Random policies, decided by a plain walk over all of them.
struct world {
  std::mt19937 chance;
  std::map<object_key, json> objects;

  explicit world(unsigned seed) : chance(seed) {}
  std::size_t below(std::size_t n) { return chance() % n; }
  std::string one(const strings& all) { return all[below(all.size())]; }
  strings some(const strings& all) {
    strings out;
    for (auto n = 1 + below(2); n > 0; --n) out.push_back(one(all));
    return out;
  }

  const strings spaces{"a", "b", "c"};
  const strings names{"r1", "r2", "r3", "r4"};
  const strings verbs{"get", "list", "create", "*"};
  const strings groups{"", "apps", "*"};
  const strings things{"pods", "pods/log", "deployments", "*/scale", "*"};

  json rule() {
    if (below(5) == 0) return to_json({some(verbs), {}, {}, {}, some({"/a", "/a/*", "/b", "*"})});
    policy_rule r{some(verbs), some(groups), some(things), {}, {}};
    if (below(3) == 0) r.names = some({"x", "y"});
    return to_json(r);
  }
  json subject_json() {
    if (const auto kind = below(3); kind == 0)
      return {{"kind", "User"}, {"name", one({"u1", "u2"})}};
    else if (kind == 1)
      return {{"kind", "Group"}, {"name", one({"g1", "g2"})}};
    json account = {{"kind", "ServiceAccount"}, {"name", "s"}};
    if (below(2) == 0) account["namespace"] = one(spaces);
    return account;
  }
  object_key change(index& to) {
    object_key key{std::string(sources[below(4)]), "", one(names)};
    const bool local = key.resource == roles || key.resource == role_bindings;
    if (local) key.ns = one(spaces);
    if (below(4) == 0) {
      objects.erase(key);
      to.remove(key);
      return key;
    }
    json o = {{"metadata", {{"name", key.name}}}};
    if (local) o["metadata"]["namespace"] = key.ns;
    if (key.resource == roles || key.resource == cluster_roles) {
      o["rules"] = json::array({rule(), rule()});
    } else {
      const bool to_role = local && below(2) == 0;
      o["roleRef"] = {{"kind", to_role ? "Role" : "ClusterRole"}, {"name", one(names)}};
      o["subjects"] = json::array({subject_json(), subject_json()});
    }
    to.put(*seal(encode(key.resource, o), 1));
    objects[key] = std::move(o);
    return key;
  }

  static bool is(const json& s, const object_key& binding, const std::string& user,
                 const strings& of) {
    if (s["kind"] == "User") return s["name"] == user;
    if (s["kind"] == "Group")
      return std::ranges::find(of, s["name"].get<std::string>()) != of.end();
    const auto ns = s.value("namespace", binding.ns);
    return !ns.empty() && user == "system:serviceaccount:" + ns + ":" + s.value("name", "");
  }
  bool plainly(const std::string& user, const strings& of, const request_info& what) const {
    for (const auto& [key, o] : objects) {
      if (!o.contains("roleRef")) continue;
      if (!key.ns.empty() && (!what.is_resource || what.ns != key.ns)) continue;
      const auto& subjects = o["subjects"];
      if (std::ranges::none_of(subjects, [&](const json& s) { return is(s, key, user, of); }))
        continue;
      const bool local = o["roleRef"]["kind"] == "Role";
      const auto role = objects.find(
          {std::string(local ? roles : cluster_roles), local ? key.ns : "", o["roleRef"]["name"]});
      if (role == objects.end()) continue;
      for (const json& r : role->second["rules"])
        if (allows(read_rule(r), what)) return true;
    }
    return false;
  }
};

TEST(Index, DecidesAsAPlainWalkDoes) {
  int allowed = 0;
  int asked = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    world w(seed);
    index all;
    for (int step = 0; step < 60; ++step) {
      w.change(all);
      for (int i = 0; i < 12; ++i) {
        const auto user =
            w.one({"u1", "u2", "system:serviceaccount:a:s", "system:serviceaccount:b:s"});
        const auto of = w.some({"g1", "g2", "g3"});
        request_info what =
            w.below(4) == 0
                ? at_path(w.one({"get", "list"}).c_str(), w.one({"/a", "/a/b", "/b"}).c_str())
                : on(w.one({"get", "list", "create"}).c_str(), w.one({"", "apps"}).c_str(),
                     w.one({"pods", "deployments"}).c_str(), w.one({"a", "b", "c", ""}).c_str(),
                     w.one({"", "x", "z"}).c_str(), w.one({"", "log", "scale"}).c_str());
        const bool expected = w.plainly(user, of, what);
        ASSERT_EQ(all.allows({user, of}, what, nullptr), expected)
            << "seed " << seed << " step " << step;
        allowed += expected;
        ++asked;
      }
    }
  }
  EXPECT_GT(allowed, asked / 20);
  EXPECT_LT(allowed, asked * 19 / 20);
}

TEST(Index, NamesRolesThatAreMissing) {
  index all;
  const json binding = json::parse(R"({"metadata": {"namespace": "a", "name": "b"},
    "roleRef": {"kind": "ClusterRole", "name": "gone"},
    "subjects": [{"kind": "User", "name": "joe"}]})");
  all.put(*seal(encode(role_bindings, binding), 1));
  strings missing;
  EXPECT_FALSE(all.allows({"joe", {}}, on("get", "", "pods", "a"), &missing));
  EXPECT_THAT(missing, ElementsAre("clusterrole.rbac.authorization.k8s.io \"gone\" not found"));
}

TEST(Escalation, IsRefusedWithWhatIsMissing) {
  default_rights rights;
  const auto bind = [&](const char* user, const char* role, const char* ns) {
    json b = {{"kind", *ns ? "RoleBinding" : "ClusterRoleBinding"},
              {"metadata", {{"name", std::string(user) + role}}},
              {"roleRef", {{"kind", "ClusterRole"}, {"name", role}}}};
    if (*ns) b["metadata"]["namespace"] = ns;
    b["subjects"] = json::array({{{"kind", "User"}, {"name", user}}});
    rights.add(b);
  };
  bind("joe", "admin", "d");
  bind("root", "cluster-admin", "");
  rights.add({{"kind", "ClusterRole"},
              {"metadata", {{"name", "binder"}}},
              {"rules", json::array({to_json({{"bind"}, {"*"}, {"clusterroles"}, {"view"}, {}}),
                                     to_json({{"escalate"}, {"*"}, {"roles"}, {}, {}})})}});
  bind("ann", "binder", "d");
  const strings groups{"system:authenticated"};
  const auto role = [](policy_rule rule) { return json{{"rules", json::array({to_json(rule)})}}; };
  const auto binding = [](const char* to) {
    return json{{"roleRef", {{"kind", "ClusterRole"}, {"name", to}}}};
  };
  const json held = role({{"get"}, {""}, {"pods"}, {}, {}});
  const json beyond = role({{"get"}, {""}, {"nodes"}, {}, {}});
  json collecting = held;
  collecting["aggregationRule"] = {{"clusterRoleSelectors", json::array()}};
  const struct {
    const char* user;
    std::string_view resource;
    const char* ns;
    json wanted;
    std::string refusal;  // empty: allowed
  } cases[] = {
      {"joe", roles, "d", held, ""},
      {"joe", roles, "other", held,
       "roles.rbac.authorization.k8s.io \"x\" is forbidden: user \"joe\" "
       "(groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently "
       "held:\n{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"get\"]}"},
      {"joe", roles, "d", beyond,
       "roles.rbac.authorization.k8s.io \"x\" is forbidden: user \"joe\" "
       "(groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently "
       "held:\n{APIGroups:[\"\"], Resources:[\"nodes\"], Verbs:[\"get\"]}"},
      {"joe", role_bindings, "d", binding("view"), ""},
      {"joe", role_bindings, "d", binding("cluster-admin"),
       "rolebindings.rbac.authorization.k8s.io \"x\" is forbidden: user \"joe\" "
       "(groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently "
       "held:\n{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}\n{NonResourceURLs:[\"*\"], "
       "Verbs:[\"*\"]}"},
      {"joe", role_bindings, "d", binding("gone"),
       "clusterroles.rbac.authorization.k8s.io \"gone\" not found"},
      {"ann", role_bindings, "d", binding("view"), ""},
      {"ann", roles, "d", beyond, ""},
      {"root", cluster_roles, "", beyond, ""},
      {"root", cluster_roles, "", collecting, ""},
      {"joe", cluster_roles, "", collecting,
       "clusterroles.rbac.authorization.k8s.io \"x\" is forbidden: must have cluster-admin "
       "privileges to use the aggregationRule"},
      {"joe", "pods", "d", held, ""},
  };
  for (const auto& c : cases) {
    const object_key key{std::string(c.resource), c.ns, "x"};
    const auto bad = refuse_escalation(rights, {c.user, groups}, key, nullptr, c.wanted);
    EXPECT_EQ(bad ? bad->message : "", c.refusal) << c.user << c.wanted;
    EXPECT_FALSE(refuse_escalation(rights, {c.user, groups}, key, &c.wanted, c.wanted));
  }
}

// 1,000 roles and bindings, of namespaces and users that mostly do not concern the request.
TEST(Index, LooksAtWhatConcernsTheRequest) {
  default_rights rights;
  for (int i = 0; i < 1000; ++i) {
    const auto n = std::to_string(i);
    json role = {{"kind", "Role"}, {"metadata", {{"namespace", "ns" + n}, {"name", "r"}}}};
    role["rules"] = json::array({to_json({{"get", "list"}, {""}, {"pods"}, {}, {}})});
    rights.add(role);
    json binding = {{"kind", "RoleBinding"},
                    {"metadata", {{"namespace", "ns" + n}, {"name", "b"}}},
                    {"roleRef", {{"kind", "Role"}, {"name", "r"}}}};
    binding["subjects"] = json::array({{{"kind", "Group"}, {"name", "system:authenticated"}},
                                       {{"kind", "User"}, {"name", "u" + n}}});
    rights.add(binding);
  }
  const strings groups{"dev", "system:authenticated"};
  const auto may = on("list", "", "pods", "ns500");
  const auto may_not = on("list", "", "secrets", "ns500");
  constexpr int rounds = 20'000;
  const auto start = std::chrono::steady_clock::now();
  int allowed = 0;
  for (int i = 0; i < rounds; ++i)
    allowed += rights.index.allows({"u500", groups}, i % 2 ? may : may_not, nullptr);
  const auto each = (std::chrono::steady_clock::now() - start) / rounds;
  EXPECT_EQ(allowed, rounds / 2);
  RecordProperty("ns_a_decision", static_cast<int>(each.count()));
  EXPECT_LT(each, std::chrono::microseconds(20));  // a scan would take hundreds
}

}  // namespace
}  // namespace troupe::model::rbac
