// floors: model
#include "model/volumes/binding.hpp"
#include "model/volumes/host_path.hpp"

#include <gmock/gmock.h>

#include <list>

namespace troupe::model {
namespace {

using testing::IsEmpty;

const time_point now = *from_rfc3339("2026-01-01T00:00:00Z");

json claim_of(const char* spec = "{}", const char* metadata = "{}", const char* phase = "Pending") {
  json claim = json::parse(R"({"spec":{"accessModes":["ReadWriteOnce"],
      "resources":{"requests":{"storage":"2Gi"}}}})");
  claim["metadata"] = {{"name", "data"}, {"namespace", "d"}, {"uid", "u1"}};
  claim["metadata"].update(json::parse(metadata));
  claim["spec"].update(json::parse(spec));
  claim["status"] = {{"phase", phase}};
  return claim;
}

json volume_of(const std::string& name, const char* spec = "{}", const char* phase = "Available") {
  json volume = json::parse(R"({"spec":{"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"},
      "capacity":{"storage":"5Gi"},"persistentVolumeReclaimPolicy":"Retain"}})");
  volume["metadata"]["name"] = name;
  volume["spec"].update(json::parse(spec));
  volume["status"] = {{"phase", phase}};
  return volume;
}

json class_of(const char* provisioner, const char* mode) {
  return {{"provisioner", provisioner}, {"volumeBindingMode", mode}};
}

TEST(FindMatch, TakesTheSmallestVolumeThatFits) {
  std::list<volume_facts> all;
  const auto add = [&](const char* name, const char* spec, const char* phase = "Available") {
    all.emplace_back(volume_of(name, spec, phase));
  };
  add("small", R"({"capacity":{"storage":"1Gi"}})");
  add("large", R"({"capacity":{"storage":"9Gi"}})");
  add("fit", R"({"capacity":{"storage":"3Gi"}})");
  add("more-modes", R"({"capacity":{"storage":"2Gi"},
                        "accessModes":["ReadWriteOnce","ReadOnlyMany"]})");
  add("pending", R"({"capacity":{"storage":"2Gi"}})", "Pending");
  add("others", R"({"capacity":{"storage":"2Gi"},"claimRef":{"namespace":"d","name":"x"}})");
  add("fast", R"({"capacity":{"storage":"2Gi"},"storageClassName":"fast"})");
  add("block", R"({"capacity":{"storage":"2Gi"},"volumeMode":"Block"})");
  add("near", R"({"capacity":{"storage":"2Gi"},"storageClassName":"local","nodeAffinity":{
      "required":{"nodeSelectorTerms":[{"matchExpressions":[
          {"key":"zone","operator":"In","values":["a"]}]}]}}})");
  std::vector<const volume_facts*> volumes;
  for (const auto& v : all) volumes.push_back(&v);
  const node_view there(json::parse(R"({"metadata":{"name":"n","labels":{"zone":"a"}}})"));
  const node_view elsewhere(json::parse(R"({"metadata":{"name":"m","labels":{"zone":"b"}}})"));
  struct {
    const char* spec;
    const node_view* node;
    const char* found;
  } const cases[] = {
      {"{}", nullptr, "fit"},
      {R"({"resources":{"requests":{"storage":"10Gi"}}})", nullptr, ""},
      {R"({"accessModes":["ReadOnlyMany"]})", nullptr, "more-modes"},
      {R"({"storageClassName":"fast"})", nullptr, "fast"},
      {R"({"volumeMode":"Block"})", nullptr, "block"},
      {R"({"selector":{"matchLabels":{"a":"b"}}})", nullptr, ""},
      {R"({"storageClassName":"local"})", &there, "near"},
      {R"({"storageClassName":"local"})", &elsewhere, ""},
  };
  for (const auto& c : cases) {
    const auto* found = find_match(claim_of(c.spec), volumes, c.node);
    EXPECT_EQ(found ? found->name : "", c.found) << c.spec;
  }
  add("reserved", R"({"storageClassName":"fast","claimRef":{"namespace":"d","name":"data"}})");
  volumes.push_back(&all.back());
  EXPECT_EQ(find_match(claim_of(), volumes, nullptr)->name, "reserved");
}

TEST(ClaimStep, BindsInFourWrites) {
  json volume = volume_of("v");
  json claim = claim_of();
  // The volume gets the claim.
  auto step = bind_claim(volume, claim);
  ASSERT_FALSE(step.volume.is_null());
  volume = step.volume;
  EXPECT_EQ(volume["spec"]["claimRef"]["uid"], "u1");
  EXPECT_TRUE(has_annotation(volume, bound_by_controller));
  EXPECT_TRUE(next_volume_step(volume, claim, now).volume.is_null());
  // The claim gets the volume.
  step = bind_claim(volume, claim);
  ASSERT_FALSE(step.status);
  claim = step.claim;
  EXPECT_EQ(claim["spec"]["volumeName"], "v");
  EXPECT_TRUE(has_annotation(claim, bind_completed));
  // Both say that they are bound.
  claim_surroundings around;
  around.named_volume = volume;
  step = next_claim_step(claim, around);
  ASSERT_TRUE(step.status);
  claim = step.claim;
  EXPECT_EQ(claim["status"], json::parse(R"({"phase":"Bound","accessModes":["ReadWriteOnce"],
                                             "capacity":{"storage":"5Gi"}})"));
  const auto bound = next_volume_step(volume, claim, now);
  EXPECT_EQ(bound.volume["status"]["phase"], "Bound");
  EXPECT_TRUE(bound.status);
  // There is nothing left to do.
  around.named_volume = bound.volume;
  EXPECT_TRUE(next_claim_step(claim, around).claim.is_null());
  EXPECT_TRUE(next_volume_step(bound.volume, claim, now).volume.is_null());
}

TEST(ClaimStep, SaysWhyAClaimWaits) {
  const auto node = std::make_shared<node_view>(json::parse(R"({"metadata":{"name":"n1"}})"));
  struct {
    const char* spec;
    claim_surroundings around;
    const char* reason;
    const char* message;
  } cases[] = {
      {"{}",
       {},
       "FailedBinding",
       "no persistent volumes available for this claim and no storage class is set"},
      {R"({"storageClassName":"gone"})",
       {},
       "ProvisioningFailed",
       "storageclass.storage.k8s.io \"gone\" not found"},
      {R"({"storageClassName":"c"})",
       {},
       "WaitForFirstConsumer",
       "waiting for first consumer to be created before binding"},
      {R"({"storageClassName":"c"})",
       {},
       "WaitForPodScheduled",
       "waiting for pod p to be scheduled"},
      {R"({"storageClassName":"c"})",
       {},
       "ProvisioningFailed",
       "no provisionable volume plugin matched"},
      {R"({"volumeName":"v"})",
       {},
       "VolumeMismatch",
       "Cannot bind to requested volume \"v\": requested PV is too small"},
      {R"({"volumeName":"v"})",
       {},
       "FailedBinding",
       "volume \"v\" already bound to a different claim."},
  };
  cases[2].around.storage_class = cases[3].around.storage_class =
      class_of("example.com/p", "WaitForFirstConsumer");
  cases[3].around.waiting_pods = {"p"};
  cases[4].around.storage_class = class_of("kubernetes.io/no-provisioner", "Immediate");
  cases[5].around.named_volume = volume_of("v", R"({"capacity":{"storage":"1Gi"}})");
  cases[6].around.named_volume =
      volume_of("v", R"({"claimRef":{"namespace":"d","name":"x","uid":"u2"}})");
  for (const auto& c : cases) {
    const auto step = next_claim_step(claim_of(c.spec), c.around);
    ASSERT_EQ(step.remarks.size(), 1u) << c.reason;
    EXPECT_EQ(step.remarks[0].reason, c.reason);
    EXPECT_EQ(step.remarks[0].message, c.message);
    EXPECT_TRUE(step.claim.is_null()) << "it is Pending already";
  }
}

TEST(ClaimStep, AsksForAVolumeOnceItsNodeIsKnown) {
  claim_surroundings around;
  around.storage_class = class_of("example.com/p", "WaitForFirstConsumer");
  around.consumer_node = std::make_shared<node_view>(json::parse(R"({"metadata":{"name":"n1"}})"));
  const auto step = next_claim_step(claim_of(R"({"storageClassName":"c"})"), around);
  ASSERT_FALSE(step.status);
  EXPECT_EQ(step.claim["metadata"]["annotations"],
            json::parse(R"({"volume.kubernetes.io/selected-node":"n1",
                            "volume.kubernetes.io/storage-provisioner":"example.com/p",
                            "volume.beta.kubernetes.io/storage-provisioner":"example.com/p"})"));
  EXPECT_TRUE(next_claim_step(step.claim, around).claim.is_null());
}

TEST(ClaimStep, GivesAClaimWithoutClassTheDefaultOne) {
  claim_surroundings around;
  around.default_class = "standard";
  EXPECT_EQ(next_claim_step(claim_of(), around).claim["spec"]["storageClassName"], "standard");
  EXPECT_TRUE(next_claim_step(claim_of(R"({"storageClassName":""})"), around).claim.is_null());
}

TEST(ClaimStep, OfABoundClaimThatLosesItsVolume) {
  const char* bound = R"({"annotations":{"pv.kubernetes.io/bind-completed":"yes"}})";
  struct {
    const char* spec;
    json volume;
    const char* reason;
  } const cases[] = {
      {"{}", nullptr, "ClaimLost"},
      {R"({"volumeName":"v"})", nullptr, "ClaimLost"},
      {R"({"volumeName":"v"})",
       volume_of("v", R"({"claimRef":{"namespace":"d","name":"data","uid":"u2"}})"),
       "ClaimMisbound"},
  };
  for (const auto& c : cases) {
    claim_surroundings around;
    around.named_volume = c.volume;
    const auto step = next_claim_step(claim_of(c.spec, bound, "Bound"), around);
    EXPECT_EQ(step.claim["status"]["phase"], "Lost");
    EXPECT_EQ(step.remarks.at(0).reason, c.reason);
    EXPECT_THAT(next_claim_step(step.claim, around).remarks, IsEmpty());
  }
}

TEST(VolumeStep, FollowsTheClaimAndThePolicy) {
  const char* ours = R"({"claimRef":{"namespace":"d","name":"data","uid":"u1"}})";
  const char* ours_delete = R"({"claimRef":{"namespace":"d","name":"data","uid":"u1"},
                                "persistentVolumeReclaimPolicy":"Delete"})";
  const char* nfs_delete = R"({"claimRef":{"namespace":"d","name":"data","uid":"u1"},
                               "persistentVolumeReclaimPolicy":"Delete","hostPath":null,
                               "nfs":{"path":"/"}})";
  struct {
    const char* spec;
    const char* phase;
    json claim;
    const char* next;  // phase; "": nothing to do; "-": it goes
  } const cases[] = {
      {"{}", "Pending", nullptr, "Available"},
      {R"({"claimRef":{"namespace":"d","name":"data"}})", "Pending", nullptr, "Available"},
      {ours, "Available", claim_of(), ""},
      {ours, "Available", claim_of(R"({"volumeName":"v"})"), "Bound"},
      {ours, "Bound", nullptr, "Released"},
      {ours, "Bound", claim_of("{}", R"({"uid":"u2"})"), "Released"},
      {ours, "Released", nullptr, ""},
      {ours_delete, "Released", nullptr, "-"},
      {nfs_delete, "Released", nullptr, "Failed"},
      {nfs_delete, "Failed", nullptr, ""},
  };
  for (const auto& c : cases) {
    auto volume = volume_of("v", c.spec, c.phase);
    if (std::string_view(c.phase) == "Failed")
      volume["status"]["message"] =
          "error getting deleter volume plugin for volume \"v\": no "
          "deletable volume plugin matched";
    const auto step = next_volume_step(volume, c.claim, now);
    const auto phase = step.remove ? "-" : string_at(step.volume, {"status", "phase"});
    EXPECT_EQ(phase, c.next) << c.spec << c.phase;
  }
}

TEST(VolumeStep, LetsGoOfAClaimThatGotAnother) {
  const auto claim = claim_of(R"({"volumeName":"other"})");
  auto volume = volume_of("v", R"({"claimRef":{"namespace":"d","name":"data","uid":"u1"}})");
  EXPECT_EQ(next_volume_step(volume, claim, now).volume["spec"]["claimRef"],
            json::parse(R"({"namespace":"d","name":"data"})"));
  volume["metadata"]["annotations"][bound_by_controller] = "yes";
  const auto step = next_volume_step(volume, claim, now);
  EXPECT_FALSE(step.volume["spec"].contains("claimRef"));
  EXPECT_FALSE(step.volume["metadata"].contains("annotations"));
}

TEST(HostPathVolume, IsADirectoryOfTheClaimsNode) {
  const auto volume = host_path_volume(claim_of(R"({"storageClassName":"standard"})"),
                                       standard_storage_class(), "n1");
  EXPECT_EQ(volume["metadata"]["name"], "pvc-u1");
  EXPECT_EQ(volume["spec"]["hostPath"],
            json::parse(R"({"path":"/var/lib/troupe/volumes/pvc-u1","type":"DirectoryOrCreate"})"));
  EXPECT_EQ(volume["spec"]["persistentVolumeReclaimPolicy"], "Delete");
  EXPECT_TRUE(is_bound_to(volume_facts(volume), claim_of()));
  const node_view near(
      json::parse(R"({"metadata":{"name":"n1","labels":{"kubernetes.io/hostname":"n1"}}})"));
  const node_view far(
      json::parse(R"({"metadata":{"name":"n2","labels":{"kubernetes.io/hostname":"n2"}}})"));
  EXPECT_TRUE(volume_facts(volume).reaches(near));
  EXPECT_FALSE(volume_facts(volume).reaches(far));
}

TEST(HostPathVolume, HasADirectoryThatMayBeRemoved) {
  const std::string name = "pvc-01234567-89ab-cdef-0123-456789abcdef";
  const std::pair<std::string, bool> table[] = {
      {"/var/lib/troupe/volumes/" + name, true},
      {"/srv/" + name, true},
      {"/" + name, false},
      {name, false},
      {"", false},
      {"/", false},
      {"/srv/" + name + "/", false},
      {"/srv/" + name + "/..", false},
      {"/srv/../etc/" + name, false},
      {"/srv/./" + name, false},
      {"/srv//" + name, false},
      {"/srv/" + name + "0", false},
      {"/srv/pvc-01234567-89ab-cdef-0123-456789abcdeX", false},
      {"/etc", false},
      {std::string("/srv/\0", 6) + name, false},
  };
  for (const auto& [path, good] : table) EXPECT_EQ(is_host_path_directory(path), good) << path;
}

TEST(HostPathVolume, LeavesADirectoryWhenNobodyHasIt) {
  json claim = claim_of(R"({"storageClassName":"standard"})");
  claim["metadata"]["uid"] = "01234567-89ab-cdef-0123-456789abcdef";
  auto volume = host_path_volume(claim, standard_storage_class(), "host-1");
  const auto path = volume["spec"]["hostPath"]["path"].get<std::string>();
  const std::vector<std::string> roots{host_path_root};
  EXPECT_FALSE(remains_of_host_path(volume, roots)) << "it is not being deleted";
  volume["metadata"]["deletionTimestamp"] = "2024-01-01T00:00:00Z";
  volume["metadata"]["finalizers"].push_back("kubernetes.io/pv-protection");
  EXPECT_FALSE(remains_of_host_path(volume, roots)) << "a claim has it";
  volume["metadata"]["finalizers"].erase(1);
  const auto left = remains_of_host_path(volume, roots);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->directory, path);
  EXPECT_EQ(left->hostnames, std::set<std::string>{"host-1"});
  EXPECT_EQ(remains_of_host_path(volume, {"/elsewhere"})->directory, "");
  auto other = volume;
  other["metadata"]["name"] = "pvc-ffffffff-89ab-cdef-0123-456789abcdef";
  EXPECT_EQ(remains_of_host_path(other, roots)->directory, "") << "of another volume";
  volume["spec"]["persistentVolumeReclaimPolicy"] = "Retain";
  EXPECT_EQ(remains_of_host_path(volume, roots)->directory, "");
  volume["metadata"]["finalizers"].clear();
  EXPECT_FALSE(remains_of_host_path(volume, roots));
}

TEST(HostPathVolume, OfNoNodeInParticularLeavesDirectoriesWhereItWasUsed) {
  json claim = claim_of(R"({"storageClassName":"standard"})");
  claim["metadata"]["uid"] = "01234567-89ab-cdef-0123-456789abcdef";
  auto volume = host_path_volume(claim, standard_storage_class(), "");
  volume["metadata"]["deletionTimestamp"] = "2024-01-01T00:00:00Z";
  const std::vector<std::string> roots{host_path_root};
  ASSERT_TRUE(remains_of_host_path(volume, roots));
  EXPECT_EQ(remains_of_host_path(volume, roots)->directory, "") << "nobody has used it";
  const auto hosts = with_host_path_users(volume, {"host-2"});
  EXPECT_EQ(hosts, "host-2");
  volume["metadata"]["annotations"][host_path_hosts] = *hosts;
  EXPECT_FALSE(with_host_path_users(volume, {"host-2"}));
  EXPECT_EQ(with_host_path_users(volume, {"host-1"}), "host-1,host-2");
  volume["metadata"]["annotations"][host_path_hosts] = "host-1,host-2";
  const auto left = remains_of_host_path(volume, roots);
  EXPECT_NE(left->directory, "");
  EXPECT_EQ(left->hostnames, (std::set<std::string>{"host-1", "host-2"}));
  EXPECT_FALSE(
      with_host_path_users(host_path_volume(claim, standard_storage_class(), "host-1"), {"host-2"}))
      << "one node's volume is on no other";
}

}  // namespace
}  // namespace troupe::model
