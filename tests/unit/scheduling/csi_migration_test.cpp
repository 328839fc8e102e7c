// floors: model
// Volumes of plugins in Kubernetes' tree, as nodes count them.
#include "model/volumes/csi_migration.hpp"

#include "model/scheduling/offer_table.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

std::string said(const std::optional<counted_volume>& v) {
  return v ? text_of(*v) : "nothing";
}

TEST(CsiMigration, VolumesAreCountedAsTheirDrivers) {
  struct {
    const char *volume, *counted;
  } const cases[] = {
      {R"({"awsElasticBlockStore":{"volumeID":"vol-1"}})", ":ebs.csi.aws.com/vol-1"},
      {R"({"awsElasticBlockStore":{"volumeID":"aws://us-east-1a/vol-1"}})",
       ":ebs.csi.aws.com/vol-1"},
      {R"({"awsElasticBlockStore":{"volumeID":"aws:///vol-1"}})", ":ebs.csi.aws.com/vol-1"},
      {R"({"awsElasticBlockStore":{"volumeID":"aws://us-east-1a/snap-1"}})", "nothing"},
      {R"({"gcePersistentDisk":{"pdName":"d"}})",
       ":pd.csi.storage.gke.io/projects/UNSPECIFIED/zones/UNSPECIFIED/disks/d"},
      {R"({"azureDisk":{"diskName":"d","diskURI":"/subscriptions/d"}})",
       ":disk.csi.azure.com//subscriptions/d"},
      {R"({"cinder":{"volumeID":"c"}})", ":cinder.csi.openstack.org/c"},
      {R"({"portworxVolume":{"volumeID":"p"}})", "?pxd.portworx.com/p"},
      {R"({"azureFile":{"shareName":"s"}})", "nothing"},
      {R"({"vsphereVolume":{"volumePath":"v"}})", "nothing"},
      {R"({"nfs":{"server":"s","path":"/"}})", "nothing"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(said(counted_inline(json::parse(c.volume))), c.counted);
    EXPECT_EQ(said(counted_persistent(json::parse(c.volume), {})), c.counted);
    EXPECT_TRUE(c.counted == std::string("nothing") || (words_in(c.volume) & bit_of(word::disk)))
        << c.volume;
  }
  EXPECT_EQ(
      said(counted_persistent(json::parse(R"({"csi":{"driver":"d","volumeHandle":"h"}})"), {})),
      ":d/h");
  const auto back = counted_of("?pxd.portworx.com/a/b");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->driver, "pxd.portworx.com");
  EXPECT_EQ(back->handle, "a/b");
  EXPECT_TRUE(back->where_migrated);
  EXPECT_FALSE(counted_of("default/claim"));
}

TEST(CsiMigration, ADiskOfGoogleIsInItsZoneOrRegion) {
  struct {
    const char *key, *zones, *place;
  } const cases[] = {
      {"topology.kubernetes.io/zone", "us-central1-a", "zones/us-central1-a"},
      {"failure-domain.beta.kubernetes.io/zone", "us-central1-a", "zones/us-central1-a"},
      {"topology.kubernetes.io/zone", "us-central1-a__us-central1-b", "regions/us-central1"},
      {"other", "us-central1-a", "zones/UNSPECIFIED"},
  };
  const json disk = {{"gcePersistentDisk", {{"pdName", "d"}}}};
  for (const auto& c : cases)
    EXPECT_EQ(counted_persistent(disk, {{c.key, c.zones}})->handle,
              std::string("projects/UNSPECIFIED/") + c.place + "/disks/d");
  EXPECT_FALSE(
      counted_persistent(disk, {{"topology.kubernetes.io/zone", "eu-west1-a__us-east1-b"}}));
}

TEST(CsiMigration, ProvisionersAreTheirDriversToo) {
  EXPECT_EQ(counted_provisioned("kubernetes.io/aws-ebs").driver, "ebs.csi.aws.com");
  EXPECT_TRUE(counted_provisioned("kubernetes.io/portworx-volume").where_migrated);
  EXPECT_EQ(counted_provisioned("kubernetes.io/azure-file").driver, "");
  EXPECT_EQ(counted_provisioned("kubernetes.io/vsphere-volume").driver, "");
  EXPECT_EQ(counted_provisioned("example.com/csi").driver, "example.com/csi");
}

TEST(CsiMigration, PortworxIsMigratedWhereTheNodeSaysSo) {
  const auto node = [](const char* plugins) {
    return json{{"metadata",
                 {{"annotations", {{"storage.alpha.kubernetes.io/migrated-plugins", plugins}}}}}};
  };
  EXPECT_TRUE(migrates_portworx(node("kubernetes.io/aws-ebs,kubernetes.io/portworx-volume")));
  EXPECT_FALSE(migrates_portworx(node("kubernetes.io/aws-ebs")));
  EXPECT_FALSE(migrates_portworx(json::object()));
}

// A node that takes two volumes of AWS.
struct VolumeLimits : testing::Test {
  void SetUp() override {
    const json n = {{"metadata", {{"name", "n"}}},
                    {"status", {{"allocatable", {{"cpu", "64"}, {"pods", "110"}}}}}};
    table.set("n", std::make_shared<const node_view>(n), {});
    put("csinodes.storage.k8s.io",
        {{"metadata", {{"name", "n"}}},
         {"spec",
          {{"drivers", {{{"name", "ebs.csi.aws.com"}, {"allocatable", {{"count", 2}}}}}}}}});
    put("storageclasses.storage.k8s.io", {{"metadata", {{"name", "gp2"}}},
                                          {"provisioner", "kubernetes.io/aws-ebs"},
                                          {"volumeBindingMode", "WaitForFirstConsumer"}});
  }
  void put(const char* resource, const json& document) {
    book.put(seal(encode(resource, document), ++versions));
  }
  static json disk(const char* id) {
    return {{"name", "v"}, {"awsElasticBlockStore", {{"volumeID", id}}}};
  }
  static json claim(const char* name) {
    return {{"name", "v"}, {"persistentVolumeClaim", {{"claimName", name}}}};
  }
  object_ptr pod(json volumes, int priority = 0) {
    const auto name = "p" + std::to_string(++versions);
    return seal(encode("pods", {{"metadata", {{"name", name}, {"namespace", "d"}, {"uid", name}}},
                                {"spec",
                                 {{"priority", priority},
                                  {"containers", {{{"name", "c"}}}},
                                  {"volumes", std::move(volumes)}}}}),
                ++versions);
  }
  void run(json volumes) {
    auto p = pod(std::move(volumes))->parse();
    p["spec"]["nodeName"] = "n";
    table.pods().put(seal(encode("pods", p), ++versions));
  }
  void bind(const char* name, const json& source) {
    json volume = {{"metadata", {{"name", std::string("of-") + name}}}, {"spec", source}};
    put("persistentvolumes", volume);
    put("persistentvolumeclaims",
        {{"metadata",
          {{"name", name},
           {"namespace", "d"},
           {"annotations", {{"pv.kubernetes.io/bind-completed", "yes"}}}}},
         {"spec",
          {{"accessModes", {"ReadWriteMany"}}, {"volumeName", std::string("of-") + name}}}});
  }
  bool fits(json volumes) {
    const auto p = pod(std::move(volumes));
    const volume_demand demand(*p, book);
    return !table.best(*p->view<pod_view>(), {{}, &demand}).empty();
  }

  volume_book book;
  offer_table table;
  random_source random{1};
  std::uint64_t versions = 0;
};

TEST_F(VolumeLimits, VolumesInTheTreeTakeTheRoomOfTheirDriver) {
  bind("tree", {{"awsElasticBlockStore", {{"volumeID", "aws://z/vol-1"}}}});
  bind("csi", {{"csi", {{"driver", "ebs.csi.aws.com"}, {"volumeHandle", "vol-2"}}}});
  put("persistentvolumeclaims", {{"metadata", {{"name", "new"}, {"namespace", "d"}}},
                                 {"spec", {{"storageClassName", "gp2"}}}});
  EXPECT_FALSE(fits({disk("vol-1"), disk("vol-2"), disk("vol-3")}));
  EXPECT_TRUE(fits({claim("tree"), disk("vol-1"), disk("vol-2")})) << "two volumes, by three names";
  run({claim("tree")});
  EXPECT_TRUE(fits({claim("csi")}));
  EXPECT_TRUE(fits({claim("new")}));
  run({claim("csi")});
  EXPECT_FALSE(fits({claim("new")}));
  EXPECT_FALSE(fits({disk("vol-3")}));
  EXPECT_TRUE(fits({claim("tree")})) << "it is there already";
}

TEST_F(VolumeLimits, VolumesWithoutAClaimAreCountedAndGo) {
  run({disk("vol-1")});
  run({disk("vol-2")});
  EXPECT_FALSE(fits({disk("vol-3")}));
  bind("tree", {{"awsElasticBlockStore", {{"volumeID", "vol-3"}}}});
  EXPECT_FALSE(fits({claim("tree")}));
  // Whoever goes for a more important pod takes the volumes along.
  const auto vip = pod({claim("tree")}, 10);
  const volume_demand demand(*vip, book);
  const auto found = table.preempt(*vip->view<pod_view>(), {}, random, {{}, &demand});
  ASSERT_TRUE(found.chosen);
  EXPECT_EQ(found.chosen->victims.size(), 1u);
  const auto& gone = found.chosen->victims[0].pod->header();
  table.pods().remove("d", gone.uid);
  EXPECT_TRUE(fits({claim("tree")}));
}

}  // namespace
}  // namespace troupe::model
