// floors: model
// Volumes that pods have to leave to each other: disks on one node, and claims of one pod alone.
#include "model/scheduling/offer_table.hpp"
#include "model/volumes/pod_volumes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::model {
namespace {

TEST(PodDisks, ConflictUnlessBothOnlyRead) {
  const struct {
    const char* first;
    const char* second;
    bool conflict;
  } cases[] = {
      {R"({"gcePersistentDisk":{"pdName":"d"}})", R"({"gcePersistentDisk":{"pdName":"d"}})", true},
      {R"({"gcePersistentDisk":{"pdName":"d"}})", R"({"gcePersistentDisk":{"pdName":"e"}})", false},
      {R"({"gcePersistentDisk":{"pdName":"d","readOnly":true}})",
       R"({"gcePersistentDisk":{"pdName":"d"}})", true},
      {R"({"gcePersistentDisk":{"pdName":"d","readOnly":true}})",
       R"({"gcePersistentDisk":{"pdName":"d","readOnly":true}})", false},
      {R"({"awsElasticBlockStore":{"volumeID":"v"}})",
       R"({"awsElasticBlockStore":{"volumeID":"v"}})", true},
      {R"({"awsElasticBlockStore":{"volumeID":"v","readOnly":true}})",
       R"({"awsElasticBlockStore":{"volumeID":"v","readOnly":true}})", true},
      {R"({"awsElasticBlockStore":{"volumeID":"v"}})", R"({"gcePersistentDisk":{"pdName":"v"}})",
       false},
      {R"({"iscsi":{"iqn":"q","lun":1}})", R"({"iscsi":{"iqn":"q","lun":2}})", true},
      {R"({"iscsi":{"iqn":"q","readOnly":true}})", R"({"iscsi":{"iqn":"q","readOnly":true}})",
       false},
      {R"({"rbd":{"monitors":["a","b"],"image":"i"}})",
       R"({"rbd":{"monitors":["b","c"],"image":"i","pool":"rbd"}})", true},
      {R"({"rbd":{"monitors":["a"],"image":"i"}})", R"({"rbd":{"monitors":["c"],"image":"i"}})",
       false},
      {R"({"rbd":{"monitors":["a"],"image":"i"}})",
       R"({"rbd":{"monitors":["a"],"image":"i","pool":"other"}})", false},
      {R"({"rbd":{"monitors":["a"],"image":"i","readOnly":true}})",
       R"({"rbd":{"monitors":["a"],"image":"i","readOnly":true}})", false},
  };
  for (const auto& c : cases) {
    const auto a = pod_volumes_of(json::array({json::parse(c.first)}), "p");
    const auto b = pod_volumes_of(json::array({json::parse(c.second)}), "p");
    EXPECT_EQ(conflict(a->disks[0], b->disks[0]), c.conflict) << c.first << " " << c.second;
    EXPECT_EQ(conflict(b->disks[0], a->disks[0]), c.conflict) << c.second << " " << c.first;
  }
}

TEST(PodVolumes, AreThoseThatDecideAboutPlaces) {
  EXPECT_EQ(pod_volumes_of(json::parse(R"([{"name":"c","configMap":{"name":"c"}}])"), "p"),
            nullptr);
  const auto found = pod_volumes_of(
      json::parse(
          R"([{"name":"a","persistentVolumeClaim":{"claimName":"data"}},{"name":"b","ephemeral":{}}])"),
      "p");
  EXPECT_THAT(found->claims, testing::ElementsAre("data", "p-b"));
}

struct VolumeRestrictions : testing::Test {
  static constexpr const char* in_use =
      "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access "
      "mode";

  offer_table table;
  volume_book book;
  random_source random{1};
  std::uint64_t versions = 0;

  void SetUp() override {
    for (const char* name : {"n1", "n2"})
      table.set(name,
                std::make_shared<const node_view>(
                    json{{"metadata", {{"name", name}}},
                         {"status", {{"allocatable", {{"cpu", "4"}, {"pods", "110"}}}}}}),
                {});
  }
  object_ptr stored(const std::string& resource, const json& document) {
    return seal(encode(resource, document), ++versions);
  }
  /// A claim that is bound to a volume that every node reaches.
  void claim(const std::string& name, const char* mode) {
    book.put(stored("persistentvolumes",
                    {{"metadata", {{"name", "v-" + name}}}, {"spec", json::object()}}));
    book.put(stored("persistentvolumeclaims",
                    {{"metadata",
                      {{"name", name},
                       {"namespace", "default"},
                       {"annotations", {{"pv.kubernetes.io/bind-completed", "yes"}}}}},
                     {"spec", {{"accessModes", {mode}}, {"volumeName", "v-" + name}}},
                     {"status", {{"phase", "Bound"}}}}));
  }
  static json pod(const std::string& name, const json& volume, int priority = 0) {
    return {{"metadata", {{"name", name}, {"namespace", "default"}, {"uid", name}}},
            {"spec",
             {{"priority", priority},
              {"containers", {{{"name", "c"}}}},
              {"volumes", json::array({volume})}}}};
  }
  static json of_claim(const std::string& name) {
    return {{"name", "v"}, {"persistentVolumeClaim", {{"claimName", name}}}};
  }
  static json of_disk() { return {{"name", "v"}, {"gcePersistentDisk", {{"pdName", "disk"}}}}; }
  /// Where it goes; it is there from then on.
  std::string place(const json& document) {
    const auto o = stored("pods", document);
    const volume_demand demand(*o, book);
    const auto view = o->view<pod_view>();
    return table.place({&view, 1}, random, {{}, &demand}).front();
  }
  void run(json document, const std::string& node) {
    document["spec"]["nodeName"] = node;
    table.pods().put(stored("pods", document));
  }
  std::string reasons(const json& document) {
    const auto o = stored("pods", document);
    const volume_demand demand(*o, book);
    return table.diagnose(*o->view<pod_view>(), {{}, &demand}).message("");
  }
  std::string preempt(const json& document) {
    const auto o = stored("pods", document);
    const volume_demand demand(*o, book);
    const auto found = table.preempt(*o->view<pod_view>(), {}, random, {{}, &demand});
    if (!found.chosen) return found.message;
    return found.chosen->node + ":" + found.chosen->victims.front().pod->key().name;
  }
};

TEST_F(VolumeRestrictions, PodsWithOneDiskAreOnDifferentNodes) {
  const auto first = place(pod("a", of_disk()));
  const auto second = place(pod("b", of_disk()));
  EXPECT_NE(first, second);
  EXPECT_FALSE(second.empty());
  EXPECT_EQ(place(pod("c", of_disk())), "");
  EXPECT_EQ(reasons(pod("c", of_disk())),
            "0/2 nodes are available: 2 node(s) had no available disk.");
}

TEST_F(VolumeRestrictions, AClaimOfOnePodAloneIsOnNoOtherNodeEither) {
  claim("mine", "ReadWriteOncePod");
  claim("ours", "ReadWriteOnce");
  EXPECT_NE(place(pod("a", of_claim("mine"))), "") << "it is on its way there";
  EXPECT_EQ(place(pod("b", of_claim("mine"))), "");
  EXPECT_EQ(reasons(pod("b", of_claim("mine"))),
            "0/2 nodes are available: 2 " + std::string(in_use) + ".");
  table.forget("a");
  run(pod("a", of_claim("mine")), "n1");
  EXPECT_EQ(place(pod("b", of_claim("mine"))), "");
  table.pods().remove("default", "a");
  EXPECT_NE(place(pod("b", of_claim("mine"))), "");
  for (const char* name : {"c", "d"}) EXPECT_NE(place(pod(name, of_claim("ours"))), "");
}

TEST_F(VolumeRestrictions, WhoMattersMoreGetsTheClaimByPreemption) {
  claim("mine", "ReadWriteOncePod");
  run(pod("a", of_claim("mine")), "n2");
  EXPECT_EQ(preempt(pod("vip", of_claim("mine"), 10)), "n2:a");
  EXPECT_EQ(preempt(pod("equal", of_claim("mine"), 0)),
            "0/2 nodes are available: 2 No preemption victims found for incoming pod.");
}

TEST_F(VolumeRestrictions, AreNothingToAProfileWithoutThem) {
  profile rules;
  rules.filters.enabled &= ~volume_restrictions;
  offer_table other(rules);
  other.set("n1",
            std::make_shared<const node_view>(
                json{{"metadata", {{"name", "n1"}}},
                     {"status", {{"allocatable", {{"cpu", "4"}, {"pods", "110"}}}}}}),
            {});
  for (const char* name : {"a", "b"}) {
    const auto o = stored("pods", pod(name, of_disk()));
    const volume_demand demand(*o, book);
    const auto view = o->view<pod_view>();
    EXPECT_EQ(other.place({&view, 1}, random, {{}, &demand}).front(), "n1");
  }
}

}  // namespace
}  // namespace troupe::model
