// floors: model
#include "model/kubelet/volumes.hpp"

#include <gmock/gmock.h>

#include <map>

namespace troupe::model::kubelet {
namespace {

using testing::HasSubstr;

class ClaimedVolumes : public testing::Test {
 protected:
  ClaimedVolumes() {
    claim("data", "v", "Bound");
    volume("v", R"({"hostPath":{"path":"/srv/v","type":"DirectoryOrCreate"}})");
  }
  void claim(const std::string& name, const std::string& volume, const char* phase) {
    json& c = objects[{"persistentvolumeclaims", name}];
    c["metadata"]["uid"] = "u-" + volume;
    c["spec"]["volumeName"] = volume;
    c["status"]["phase"] = phase;
  }
  void volume(const std::string& name, const char* spec) {
    json& v = objects[{"persistentvolumes", name}];
    v["spec"] = json::parse(spec);
    v["spec"]["claimRef"]["uid"] = "u-" + name;
  }
  static json pod(const char* volume) {
    json out;
    out["metadata"] = {{"name", "p"}, {"namespace", "d"}};
    out["spec"]["volumes"] = json::array({json::parse(volume)});
    return out;
  }
  volume_plan plan(const char* volume) const {
    return plan_volumes(pod(volume), "/pods/1", {}, lookup());
  }
  object_lookup lookup() const {
    return [this](const std::string& resource, const std::string& name) -> const json& {
      static const json none;
      const auto found = objects.find({resource, name});
      return found == objects.end() ? none : found->second;
    };
  }
  std::map<std::pair<std::string, std::string>, json> objects;
};

constexpr const char* data = R"({"name":"a","persistentVolumeClaim":{"claimName":"data"}})";

TEST_F(ClaimedVolumes, AreTheDirectoriesThatTheirVolumesName) {
  const auto found = plan(data);
  EXPECT_EQ(found.error, "");
  EXPECT_EQ(found.volumes.at("a").host_path, "/srv/v");
  EXPECT_FALSE(found.volumes.at("a").read_only);
  ASSERT_EQ(found.host_paths.size(), 1u);
  EXPECT_EQ(found.host_paths[0].type, "DirectoryOrCreate");
  EXPECT_TRUE(plan(R"({"name":"a","persistentVolumeClaim":{"claimName":"data","readOnly":true}})")
                  .volumes.at("a")
                  .read_only);
}

TEST_F(ClaimedVolumes, OfALocalVolumeAndAnEphemeralClaim) {
  claim("p-scratch", "l", "Bound");
  volume("l", R"({"local":{"path":"/mnt/disk"}})");
  EXPECT_EQ(plan(R"({"name":"scratch","ephemeral":{}})").volumes.at("scratch").host_path,
            "/mnt/disk");
}

TEST_F(ClaimedVolumes, AreLookedForInTwoSteps) {
  const auto first = volume_references(pod(data));
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].resource, "persistentvolumeclaims");
  const auto second = bound_volumes(pod(data), lookup());
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].resource, "persistentvolumes");
  EXPECT_EQ(second[0].name, "v");
}

TEST_F(ClaimedVolumes, SayWhatTheyWaitFor) {
  claim("pending", "", "Pending");
  claim("stolen", "v", "Bound");
  objects[{"persistentvolumeclaims", "stolen"}]["metadata"]["uid"] = "other";
  claim("remote", "r", "Bound");
  volume("r", R"({"nfs":{"path":"/"}})");
  struct {
    const char* claim;
    const char* why;
  } const cases[] = {
      {"gone",
       "error processing PVC d/gone: failed to fetch PVC from API server: persistentvolumeclaims "
       "\"gone\" not found"},
      {"pending", "error processing PVC d/pending: PVC is not bound"},
      {"stolen", "error processing PVC d/stolen: PV v is not bound to the claim"},
      {"remote", "no volume plugin matched"},
  };
  for (const auto& c : cases) {
    json v = json::parse(data);
    v["persistentVolumeClaim"]["claimName"] = c.claim;
    EXPECT_THAT(plan(v.dump().c_str()).error, HasSubstr(c.why));
  }
}

}  // namespace
}  // namespace troupe::model::kubelet
