// floors: model
// Claims that wait for their pod's node: which of the volumes that there are a node gives them.
#include "model/scheduling/volume_demand.hpp"

#include "model/random.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

constexpr const char* host_key = "kubernetes.io/hostname";

class VolumeDemand : public testing::Test {
 protected:
  void put(const char* resource, const json& document) {
    book_.put(seal(encode(resource, document), ++versions_));
  }
  void add_class(const char* provisioner) {
    put("storageclasses.storage.k8s.io", {{"metadata", {{"name", "local"}}},
                                          {"provisioner", provisioner},
                                          {"volumeBindingMode", "WaitForFirstConsumer"}});
  }
  json claim(const std::string& name, const std::string& size) {
    const json c = {{"metadata", {{"name", name}, {"namespace", "d"}, {"uid", "uid-" + name}}},
                    {"spec",
                     {{"accessModes", {"ReadWriteOnce"}},
                      {"storageClassName", "local"},
                      {"resources", {{"requests", {{"storage", size}}}}}}}};
    put("persistentvolumeclaims", c);
    return c;
  }
  json volume(const std::string& name, const std::string& size, const json& requirements) {
    json v = {{"metadata", {{"name", name}}},
              {"spec",
               {{"accessModes", {"ReadWriteOnce"}},
                {"storageClassName", "local"},
                {"capacity", {{"storage", size}}}}},
              {"status", {{"phase", "Available"}}}};
    if (!requirements.empty())
      v["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"] = {
          {{"matchExpressions", requirements}}};
    return v;
  }
  static json in(const char* key, std::vector<std::string> values) {
    return {{"key", key}, {"operator", "In"}, {"values", std::move(values)}};
  }
  static node_view node(const std::string& name, const std::string& zone = "a") {
    return node_view(
        json{{"metadata", {{"name", name}, {"labels", {{host_key, name}, {"zone", zone}}}}}});
  }
  volume_demand demand(const std::vector<std::string>& claims) {
    json pod = {{"metadata", {{"name", "p"}, {"namespace", "d"}, {"uid", "p"}}},
                {"spec", {{"containers", {{{"name", "c"}}}}}}};
    for (const auto& c : claims)
      pod["spec"]["volumes"].push_back(
          {{"name", c}, {"persistentVolumeClaim", {{"claimName", c}}}});
    return volume_demand(*seal(encode("pods", pod), 1), book_);
  }
  /// "volume of claim", in the order in which they are written.
  static std::vector<std::string> chosen(const volume_demand& d, const node_view& n) {
    std::vector<std::string> out;
    for (const auto& [stored, document] : d.reservations(n))
      out.push_back(stored->key().name + " of " +
                    string_at(document, {"spec", "claimRef", "name"}));
    return out;
  }

  volume_book book_;
  std::uint64_t versions_ = 0;
};

TEST_F(VolumeDemand, EachClaimOfAPodGetsAVolumeOfItsOwn) {
  add_class("kubernetes.io/no-provisioner");
  claim("small", "1Gi");
  claim("large", "5Gi");
  put("persistentvolumes", volume("v1", "6Gi", json::array({in(host_key, {"n1"})})));
  const auto wanted = demand({"small", "large"});
  EXPECT_TRUE(wanted.refusal_of(node("n1"), {}));
  put("persistentvolumes", volume("v2", "2Gi", json::array({in(host_key, {"n1", "n2"})})));
  const auto now = demand({"small", "large"});
  EXPECT_FALSE(now.refusal_of(node("n1"), {}));
  EXPECT_EQ(chosen(now, node("n1")), (std::vector<std::string>{"v1 of large", "v2 of small"}));
  EXPECT_TRUE(now.refusal_of(node("n2"), {}));
}

TEST_F(VolumeDemand, AVolumeThatIsGoneOrTakenIsNobodysChoice) {
  add_class("kubernetes.io/no-provisioner");
  claim("data", "1Gi");
  auto v = volume("v", "1Gi", json::array({in(host_key, {"n1"})}));
  put("persistentvolumes", v);
  EXPECT_FALSE(demand({"data"}).refusal_of(node("n1"), {}));
  v["spec"]["claimRef"] = {{"namespace", "d"}, {"name", "other"}};
  put("persistentvolumes", v);
  EXPECT_TRUE(demand({"data"}).refusal_of(node("n1"), {}));
  v["spec"]["claimRef"] = {{"namespace", "d"}, {"name", "data"}};
  put("persistentvolumes", v);
  EXPECT_FALSE(demand({"data"}).refusal_of(node("n1"), {})) << "it is reserved for this one";
  EXPECT_TRUE(demand({"data"}).refusal_of(node("n2"), {}));
  book_.remove(*seal(encode("persistentvolumes", v), ++versions_));
  EXPECT_TRUE(demand({"data"}).refusal_of(node("n1"), {}));
}

TEST_F(VolumeDemand, EveryNodeGivesWhatALookAtAllVolumesWouldFind) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    random_source random(seed);
    const auto below = [&](std::uint64_t n) { return random.below(n); };
    for (const auto& resource : volume_book::resources()) book_.clear(resource);
    add_class(below(2) == 0 ? "kubernetes.io/no-provisioner" : "csi.example.com");
    const auto c = claim("data", std::to_string(1 + below(3)) + "Gi");
    std::vector<volume_facts> all;
    for (std::uint64_t i = below(12); i > 0; --i) {
      json requirements = json::array();
      if (below(3) != 0)
        requirements.push_back(below(4) == 0 ? in(host_key, {"n1", "n2"})
                                             : in(host_key, {"n" + std::to_string(below(4))}));
      if (below(4) == 0) requirements.push_back(in("zone", {below(2) == 0 ? "a" : "b"}));
      auto v =
          volume("v" + std::to_string(i + 10), std::to_string(1 + below(4)) + "Gi", requirements);
      if (below(8) == 0)
        v["spec"]["claimRef"] = {{"namespace", "d"}, {"name", below(2) == 0 ? "data" : "other"}};
      put("persistentvolumes", v);
      all.emplace_back(v);
    }
    std::vector<const volume_facts*> volumes;
    for (const auto& v : all) volumes.push_back(&v);
    std::sort(volumes.begin(), volumes.end(),
              [](const auto* a, const auto* b) { return a->name < b->name; });
    const auto wanted = demand({"data"});
    for (int i = 0; i < 5; ++i) {
      const auto n = node("n" + std::to_string(i), i % 2 == 0 ? "a" : "b");
      const auto* best = find_match(c, volumes, &n);
      const bool free = best && best->claim.empty();
      const bool its_own = best && !best->claim.empty();
      const auto got = chosen(wanted, n);
      // Who finds none may have one made, and who has one keeps it.
      EXPECT_TRUE(!free || got == std::vector<std::string>{best->name + " of data"})
          << "seed " << seed << " " << n.name << ": " << testing::PrintToString(got);
      EXPECT_TRUE(!its_own || !wanted.refusal_of(n, {}) == best->reaches(n)) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace troupe::model
