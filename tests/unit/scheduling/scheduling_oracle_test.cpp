// floors: model
// Thousands of random clusters, profiles and pods: the scheduler's table chooses what the oracle
// would, and refuses with its reasons.
#include "model/scheduling/default_spread.hpp"
#include "model/scheduling/explanation.hpp"
#include "model/scheduling/offer_table.hpp"
#include "tests/unit/scheduling/oracle.hpp"
#include "tests/unit/scheduling/random_claims.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::model {
namespace {

const time_point begin = *from_rfc3339("2026-11-22T10:00:00Z");

class random_cluster {
 public:
  explicit random_cluster(std::uint64_t seed) : random_(seed), table_(some_profile()) {
    truth_.namespaces = {{"x", {{"team", "red"}}}, {"y", {{"team", "blue"}}}, {"z", {}}};
    for (const auto& [n, labels] : truth_.namespaces)
      table_.pods().set_namespace(n, oracle::pairs(labels));
    const auto nodes = 1 + below(10);
    for (std::uint64_t i = 0; i < nodes; ++i) add_node(i);
    random_claims(random_, truth_, book_).add();
    for (auto n = below(25); n > 0; --n) add_existing();
  }

  // A few pods of one kind, one after the other.
  void place_some() {
    json kind = pod();
    const auto spread = set_default_spread(kind);
    std::vector<json> documents;
    std::vector<pod_view_ptr> views;
    const bool with_volumes = kind["spec"].contains("volumes");  // such pods come one by one
    for (auto n = with_volumes ? 1 : 1 + below(4); n > 0; --n) {
      documents.push_back(kind);
      documents.back()["metadata"]["uid"] = "uid-" + std::to_string(++pods_);
      documents.back()["status"]["startTime"] = start_of_next();
      views.push_back(std::make_shared<const pod_view>(documents.back()));
    }
    const auto volumes = volumes_of(kind);
    const circumstances given{spread, volumes.empty() ? nullptr : &volumes};
    check_best(kind, given);
    check_account(kind, given);
    const auto chosen = table_.place(views, random_, given);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      const auto expected = oracle::best(truth_, documents[i]);
      if (expected.empty()) {
        ASSERT_EQ(chosen[i], "") << documents[i];
        check_reasons(documents[i], given);
        continue;
      }
      ASSERT_TRUE(expected.contains(chosen[i]))
          << "chose " << chosen[i] << " for pod " << i << ", not one of "
          << testing::PrintToString(expected) << ": " << documents[i];
      truth_.pods.push_back({documents[i], chosen[i]});
    }
  }

  // Somebody who matters more comes, and there may be no room.
  void preempt() {
    draw_budgets();
    preempt_by(somebody_important());
  }

  // One after the other of the same kind, while things change: what is remembered of nodes is true.
  void preempt_again() {
    if (vip_.is_null() || below(8) == 0) {
      vip_ = somebody_important();
      vip_["spec"].erase("affinity");
      vip_["spec"].erase("topologySpreadConstraints");
    }
    if (below(4) == 0) draw_budgets();
    const auto chosen = preempt_by(vip_);
    if (chosen && below(2) == 0)
      for (const auto& v : chosen->victims) leave(v.pod->header().uid);
    else
      disturb();
  }

  json somebody_important() {
    json vip = pod();
    vip["metadata"]["uid"] = "uid-vip";
    vip["spec"]["priority"] = 10;
    return vip;
  }

  void draw_budgets() {
    plain_.clear();
    budgets_.clear();
    for (auto n = below(3); n > 0; --n) {
      plain_.push_back({one_of({"x", "y", "z"}),
                        {{"matchLabels", {{"app", one_of({"a", "b", "c"})}}}},
                        static_cast<std::int64_t>(below(2))});
      budgets_.emplace_back(
          *seal(encode("poddisruptionbudgets.policy",
                       {{"apiVersion", "policy/v1"},
                        {"kind", "PodDisruptionBudget"},
                        {"metadata", {{"name", "b"}, {"namespace", plain_.back().ns}}},
                        {"spec", {{"selector", plain_.back().selector}}},
                        {"status", {{"disruptionsAllowed", plain_.back().allowed}}}}),
                ++version_));
    }
  }

  std::optional<preemption_candidate> preempt_by(const json& vip) {
    std::optional<preemption_candidate> chosen;
    compare_preemption(vip, chosen);
    return chosen;
  }

  void compare_preemption(const json& vip, std::optional<preemption_candidate>& chosen) {
    truth_.default_spread = json::array();
    if (!oracle::best(truth_, vip).empty()) return;
    std::vector<oracle::candidate> all;
    for (const json& n : truth_.nodes)
      if (auto c = oracle::preempt_on(truth_, vip, n, plain_)) all.push_back(std::move(*c));
    const auto volumes = volumes_of(vip);
    const auto got = table_.preempt(pod_view(vip), budgets_, random_,
                                    {{}, volumes.empty() ? nullptr : &volumes});
    chosen = got.chosen;
    ASSERT_EQ(got.chosen.has_value(), !all.empty()) << vip << got.message;
    if (all.empty()) return;
    auto least = all.front().harm();
    const oracle::candidate* same_node = nullptr;
    for (const auto& c : all) {
      least = std::min(least, c.harm());
      if (c.node == got.chosen->node) same_node = &c;
    }
    ASSERT_NE(same_node, nullptr) << got.chosen->node;
    EXPECT_EQ(same_node->harm(), least) << vip;
    std::set<std::string> victims, expected;
    for (const auto& v : got.chosen->victims) victims.insert(v.pod->header().uid);
    for (const json& v : same_node->victims) expected.insert(string_at(v, {"metadata", "uid"}));
    EXPECT_EQ(victims, expected) << vip;
  }

  // What is placed is committed.
  void commit_all() {
    for (const auto& p : truth_.pods) {
      commit(p);
      table_.settle(string_at(p.document, {"metadata", "uid"}));
    }
    recount();
  }

  // Something happens to a pod that is there.
  void disturb() {
    if (truth_.pods.empty()) return;
    const auto at = truth_.pods.begin() + static_cast<std::ptrdiff_t>(below(truth_.pods.size()));
    const auto uid = string_at(at->document, {"metadata", "uid"});
    if (below(2) == 0) return leave(uid);
    if (below(2) == 0) at->document["metadata"]["deletionTimestamp"] = "2026-11-22T10:00:00Z";
    at->document["metadata"]["labels"] = some_labels();
    if (below(2) == 0) at->document["status"]["startTime"] = start_of_next(below(100));
    commit(*at);
    table_.settle(uid);
    recount(at->node);
  }

  void leave(const std::string& uid) {
    const auto at = std::find_if(truth_.pods.begin(), truth_.pods.end(), [&](const auto& p) {
      return string_at(p.document, {"metadata", "uid"}) == uid;
    });
    const auto node = at->node;
    table_.pods().remove(oracle::ns(at->document), uid);
    table_.settle(uid);
    truth_.pods.erase(at);
    recount(node);
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_.below(n); }
  bool often() { return below(4) != 0; }
  bool seldom() { return below(5) == 0; }
  std::string one_of(std::vector<std::string> list) { return list[below(list.size())]; }

  // Half of them kube-scheduler's own.
  profile some_profile() {
    profile p;
    if (below(2) == 0) return p;
    for (auto* weight :
         {&p.weights.resources_fit, &p.weights.balanced_allocation, &p.weights.node_affinity,
          &p.weights.taint_toleration, &p.weights.inter_pod_affinity, &p.weights.topology_spread,
          &p.weights.image_locality})
      if (below(2) == 0) *weight = static_cast<std::int64_t>(below(6));
    for (const auto bit : {node_unschedulable, taint_toleration, node_affinity, node_resources_fit,
                           pod_topology_spread, inter_pod_affinity, volume_restrictions,
                           node_volume_limits, volume_binding, volume_zone})
      if (below(8) == 0) p.filters.enabled &= ~static_cast<std::uint32_t>(bit);
    if (below(2) == 0) random_scoring(p);
    if (below(2) == 0) {
      p.hard_pod_affinity_weight = static_cast<std::int64_t>(below(50));
      p.ignores_preferences_of_others = below(2) == 0;
    }
    if (below(3) == 0) {
      const requirement rack{"rack", requirement::operation::in, {"r1"}};
      const requirement disk{"disk", requirement::operation::exists, {}};
      if (below(2) == 0) p.filters.added_affinity = {{{rack}, {}}, {{disk}, {}}};
      p.added_preferences = {{10, {{disk}, {}}}, {5, {{rack}, {}}}};
    }
    if (below(3) == 0) p.filters.ignored_groups = {"example.com"};
    if (below(3) == 0) random_spread(p);
    truth_.rules = p;
    return p;
  }

  void random_scoring(profile& p) {
    const auto some_resources = [&](bool weighted) {
      std::vector<scored_resource> out;
      for (const char* name : {"cpu", "memory", "ephemeral-storage", "example.com/gpu"})
        if (often()) out.push_back({name, weighted ? static_cast<std::int64_t>(1 + below(9)) : 1});
      if (out.empty()) out.push_back({"cpu", 1});
      return out;
    };
    p.fit.resources = some_resources(true);
    p.balanced = some_resources(false);
    p.fit.strategy = static_cast<scoring_strategy>(below(3));
    std::int64_t utilization = static_cast<std::int64_t>(below(30));
    for (auto n = 1 + below(4); n > 0; --n) {
      p.fit.shape.push_back({utilization, static_cast<std::int64_t>(below(11)) * 10});
      utilization += static_cast<std::int64_t>(1 + below(23));
    }
  }

  void random_spread(profile& p) {
    p.system_spread_defaults = false;
    p.default_spread.clear();
    spread_ = json::array();
    for (const char* when : {"DoNotSchedule", "ScheduleAnyway"})
      for (const char* topology_key :
           {"kubernetes.io/hostname", "topology.kubernetes.io/zone", "rack"}) {
        if (below(3) != 0) continue;
        spread_.push_back({{"topologyKey", topology_key},
                           {"whenUnsatisfiable", when},
                           {"maxSkew", 1 + below(3)}});
        p.default_spread.push_back(default_constraint_of(spread_.back()));
      }
  }

  // No two start together: of equals either may go.
  std::string start_of_next(std::uint64_t hour = 50) {
    return to_rfc3339(begin + std::chrono::hours(hour) + std::chrono::seconds(++starts_));
  }

  json some_labels() {
    json l = json::object();
    if (often()) l["app"] = one_of({"a", "b", "c"});
    if (seldom()) l["tier"] = one_of({"1", "2"});
    return l;
  }

  void add_node(std::uint64_t i) {
    const auto name = "n" + std::to_string(i);
    json labels = json::object();
    if (often() || often()) labels["kubernetes.io/hostname"] = seldom() ? "shared" : name;
    if (often()) labels["topology.kubernetes.io/zone"] = one_of({"z1", "z2", "z3"});
    if (often()) labels["rack"] = one_of({"r1", "r2"});
    if (seldom()) labels["disk"] = "ssd";
    json node = {
        {"metadata", {{"name", name}, {"labels", labels}}},
        {"status",
         {{"allocatable", {{"cpu", one_of({"1", "2", "8"})}, {"memory", "8Gi"}, {"pods", "12"}}}}}};
    if (often()) node["status"]["allocatable"]["example.com/gpu"] = one_of({"1", "4"});
    if (often()) node["status"]["allocatable"]["ephemeral-storage"] = "10Gi";
    if (seldom())
      node["spec"]["taints"] = {
          {{"key", "k"}, {"value", "v"}, {"effect", one_of({"NoSchedule", "PreferNoSchedule"})}}};
    if (below(9) == 0) node["spec"]["unschedulable"] = true;
    for (const char* image : {"img-a:1", "img-b:latest"})
      if (seldom())
        node["status"]["images"].push_back({{"names", {image}}, {"sizeBytes", 700 << 20}});
    truth_.nodes.push_back(node);
    table_.set(name, std::make_shared<const node_view>(node), {});
  }

  json selector() {
    switch (below(8)) {
      case 0:
        return json::object();
      case 1:
        return {{"matchExpressions", {{{"key", "app"}, {"operator", "Exists"}}}}};
      case 2:
        return {{"matchExpressions",
                 {{{"key", "app"}, {"operator", "NotIn"}, {"values", {one_of({"a", "b"})}}}}}};
      case 3:
        return {{"matchExpressions",
                 {{{"key", "app"}, {"operator", "In"}, {"values", {"a", one_of({"b", "c"})}}}}}};
      default:
        return {{"matchLabels", {{"app", one_of({"a", "b", "c"})}}}};
    }
  }

  std::string key() {
    return one_of({"kubernetes.io/hostname", "topology.kubernetes.io/zone", "rack"});
  }

  json term() {
    json t = {{"topologyKey", key()}};
    if (below(10) != 0) t["labelSelector"] = selector();
    if (seldom()) t["namespaces"] = {one_of({"x", "y"})};
    if (seldom())
      t["namespaceSelector"] =
          often() ? json{{"matchLabels", {{"team", one_of({"red", "blue"})}}}} : json::object();
    return t;
  }

  void add_terms(json& pod, const char* kind) {
    json& affinity = pod["spec"]["affinity"][kind];
    if (seldom() || seldom())
      for (auto n = 1 + below(2); n > 0; --n) affinity[oracle::required].push_back(term());
    if (seldom() || seldom())
      for (auto n = 1 + below(2); n > 0; --n)
        affinity[oracle::preferred].push_back(
            {{"weight", 1 + below(100)}, {"podAffinityTerm", term()}});
  }

  json constraint(const std::string& topology_key, const char* when) {
    json c = {
        {"topologyKey", topology_key}, {"whenUnsatisfiable", when}, {"maxSkew", 1 + below(3)}};
    if (below(10) != 0) c["labelSelector"] = selector();
    if (c.contains("labelSelector") && seldom()) c["matchLabelKeys"] = {"tier"};
    if (seldom()) c["nodeAffinityPolicy"] = "Ignore";
    if (seldom()) c["nodeTaintsPolicy"] = "Honor";
    if (seldom() && std::string(when) == "DoNotSchedule") c["minDomains"] = 1 + below(4);
    return c;
  }

  json pod() {
    json p = {{"metadata",
               {{"name", "p"}, {"namespace", one_of({"x", "y", "z"})}, {"labels", some_labels()}}},
              {"spec",
               {{"containers",
                 {{{"name", "c"},
                   {"image", one_of({"img-a:1", "img-b", "img-c"})},
                   {"resources", {{"requests", {{"cpu", one_of({"100m", "250m", "700m"})}}}}}}}}}}};
    json& requests = p["spec"]["containers"][0]["resources"]["requests"];
    if (seldom()) requests["example.com/gpu"] = 1;
    if (seldom()) requests["ephemeral-storage"] = one_of({"1Gi", "3Gi"});
    if (seldom()) requests["memory"] = one_of({"100Mi", "2Gi"});
    p["spec"]["priority"] = below(3) * 5;
    if (seldom()) p["spec"]["nodeSelector"]["rack"] = "r1";
    if (seldom()) p["spec"]["tolerations"] = {{{"key", "k"}, {"operator", "Exists"}}};
    if (seldom())
      p["spec"]["affinity"]["nodeAffinity"][oracle::preferred] = {
          {{"weight", 1 + below(50)},
           {"preference", {{"matchExpressions", {{{"key", "disk"}, {"operator", "Exists"}}}}}}}};
    if (below(4) == 0)
      for (auto n = 1 + below(2); n > 0; --n)
        p["spec"]["volumes"].push_back(
            {{"name", "v"},
             {"persistentVolumeClaim", {{"claimName", one_of(random_claims::names())}}}});
    else if (below(8) == 0)
      p["spec"]["volumes"] = {
          {{"name", "v"},
           {"gcePersistentDisk", {{"pdName", one_of({"d", "e"})}, {"readOnly", below(2) == 0}}}}};
    else if (below(8) == 0)
      p["spec"]["volumes"] = {
          {{"name", "v"},
           {"azureDisk", {{"diskName", "d"}, {"diskURI", one_of({"1", "2", "3"})}}}}};
    if (below(2) == 0) add_terms(p, "podAffinity");
    if (below(2) == 0) add_terms(p, "podAntiAffinity");
    if (below(3) == 0)
      for (const char* when : {"DoNotSchedule", "ScheduleAnyway"})
        for (const char* topology_key :
             {"kubernetes.io/hostname", "topology.kubernetes.io/zone", "rack"})
          if (seldom())
            p["spec"]["topologySpreadConstraints"].push_back(constraint(topology_key, when));
    return p;
  }

  volume_demand volumes_of(json pod) {
    pod["metadata"]["uid"] = "uid";
    return volume_demand(*seal(encode("pods", pod), 1), book_);
  }

  std::vector<spread_constraint> set_default_spread(const json& pod) {
    truth_.default_spread = json::array();
    if (below(3) != 0 || !at(pod, {"spec", "topologySpreadConstraints"}).empty()) return {};
    const json chosen = {{"matchLabels", {{"app", one_of({"a", "b"})}}}};
    truth_.default_spread = spread_;
    for (json& c : truth_.default_spread) c["labelSelector"] = chosen;
    std::string error;
    return spread_over(truth_.rules.default_spread,
                       matcher_in(oracle::ns(pod), *label_selector::from_json(chosen, error)));
  }

  void commit(const oracle::placed_pod& p) {
    json document = p.document;
    document["apiVersion"] = "v1";
    document["kind"] = "Pod";
    document["spec"]["nodeName"] = p.node;
    table_.pods().put(seal(encode("pods", document), ++version_));
  }

  void add_existing() {
    json p = pod();
    p["metadata"]["uid"] = "uid-" + std::to_string(++pods_);
    p["status"]["startTime"] = start_of_next();
    if (seldom()) p["metadata"]["deletionTimestamp"] = "2026-11-22T10:00:00Z";
    // Now and then on a node that is not there.
    const auto node = "n" + std::to_string(below(truth_.nodes.size() + 1));
    truth_.pods.push_back({p, node});
    commit(truth_.pods.back());
    recount();
  }

  // Offers, as the nodes would make them; what is assumed is not counted by them.
  void recount(const std::string& only = {}) {
    for (const json& n : truth_.nodes) {
      if (!only.empty() && oracle::name(n) != only) continue;
      usage u;
      for (const auto& p : truth_.pods)
        if (p.node == oracle::name(n) &&
            !table_.assumes(string_at(p.document, {"metadata", "uid"})))
          u.add(pod_view(p.document));
      table_.set(oracle::name(n), nullptr, u);
    }
  }

  void check_best(const json& pod, const circumstances& given) {
    const auto got = table_.best(pod_view(pod), given);
    EXPECT_EQ(std::set<std::string>(got.begin(), got.end()), oracle::best(truth_, pod)) << pod;
  }

  void check_reasons(const json& pod, const circumstances& given) {
    const auto got = table_.diagnose(pod_view(pod), given);
    const auto wanted = oracle::diagnose(truth_, pod);
    EXPECT_EQ(got.reasons, wanted.reasons) << pod;
    EXPECT_EQ(got.refused_by, wanted.refused_by) << pod;
    EXPECT_EQ(got.unresolvable, wanted.unresolvable) << pod;
  }

  // An explanation names the best nodes, and of each other node what its filters say first.
  void check_account(const json& pod, const circumstances& given) {
    const auto e = table_.explain(pod_view(pod), given);
    ASSERT_EQ(e.nodes.size(), truth_.nodes.size());
    std::set<std::string> best;
    for (const auto& n : e.nodes) {
      const auto at = std::find_if(truth_.nodes.begin(), truth_.nodes.end(),
                                   [&](const json& o) { return oracle::name(o) == n.node; });
      const auto refused = oracle::filter(truth_, pod, *at);
      if (n.best) best.insert(n.node);
      ASSERT_EQ(n.obstacles.empty(), !refused) << n.node << pod;
      if (!refused) continue;
      EXPECT_EQ(n.obstacles.front().by, refused->by) << n.node << pod;
      EXPECT_EQ(n.obstacles.front().reason, refused->reasons.front()) << n.node << pod;
      EXPECT_EQ(n.obstacles.front().unresolvable, refused->unresolvable) << n.node << pod;
      for (const auto& o : n.obstacles) {
        EXPECT_NE(o.figures, "");
        EXPECT_NE(o.remedy, "");
      }
    }
    EXPECT_EQ(best, oracle::best(truth_, pod)) << pod;
    EXPECT_EQ(ways_in(e, 1).empty(), e.feasible == e.nodes.size());
  }

  random_source random_;
  oracle::cluster truth_;
  // The constraints of pods that have none; Kubernetes' own but for some profiles.
  json spread_ = {{{"topologyKey", "kubernetes.io/hostname"},
                   {"whenUnsatisfiable", "ScheduleAnyway"},
                   {"maxSkew", 3}},
                  {{"topologyKey", "topology.kubernetes.io/zone"},
                   {"whenUnsatisfiable", "ScheduleAnyway"},
                   {"maxSkew", 5}}};
  offer_table table_;
  volume_book book_;
  std::vector<oracle::budget> plain_;
  std::vector<disruption_limit> budgets_;  // the same
  json vip_;
  std::uint64_t pods_ = 0;
  std::uint64_t starts_ = 0;
  std::uint64_t version_ = 0;
};

class SchedulingOracle : public testing::TestWithParam<int> {};

TEST_P(SchedulingOracle, AgreesOnRandomClusters) {
  for (int i = 0; i < 25; ++i) {
    const auto seed = static_cast<std::uint64_t>(GetParam() * 1000 + i);
    SCOPED_TRACE("seed " + std::to_string(seed));
    random_cluster cluster(seed);
    for (int round = 0; round < 6 && !testing::Test::HasFailure(); ++round) {
      cluster.place_some();
      cluster.disturb();
    }
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

TEST_P(SchedulingOracle, AgreesOnWhoHasToGo) {
  for (int i = 0; i < 10; ++i) {
    const auto seed = static_cast<std::uint64_t>(100'000 + GetParam() * 1000 + i);
    SCOPED_TRACE("seed " + std::to_string(seed));
    random_cluster cluster(seed);
    for (int round = 0; round < 4; ++round) cluster.place_some();
    cluster.commit_all();
    for (int round = 0; round < 6 && !testing::Test::HasFailure(); ++round) cluster.preempt();
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

TEST_P(SchedulingOracle, AgreesOnWhoHasToGoNext) {
  for (int i = 0; i < 10; ++i) {
    const auto seed = static_cast<std::uint64_t>(200'000 + GetParam() * 1000 + i);
    SCOPED_TRACE("seed " + std::to_string(seed));
    random_cluster cluster(seed);
    for (int round = 0; round < 4; ++round) cluster.place_some();
    cluster.commit_all();
    for (int round = 0; round < 20 && !testing::Test::HasFailure(); ++round)
      cluster.preempt_again();
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SchedulingOracle, testing::Range(0, 25));

}  // namespace
}  // namespace troupe::model
