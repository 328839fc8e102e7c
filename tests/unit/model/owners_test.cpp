// floors: model
#include "model/owners.hpp"

#include <gmock/gmock.h>

#include <map>

namespace troupe::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using action = collection::action;

json reference(const char* kind, const char* name, const char* api_version = "v1") {
  return {{"apiVersion", api_version}, {"kind", kind}, {"name", name}, {"uid", name}};
}

// Objects by key; each uid is the object's name.
class Owners : public testing::Test {
 protected:
  std::map<object_key, object_ptr> objects;

  void put(const char* resource, const char* ns, const char* name,
           const json& more = json::object()) {
    json document = {{"metadata", {{"name", name}, {"namespace", ns}, {"uid", name}}}};
    document["metadata"].update(more);
    objects[{resource, ns, name}] = seal(encode(resource, document), 1);
  }
  void put_waiting(const char* name) {
    put("configmaps", "d", name,
        {{"deletionTimestamp", "2026-01-01T00:00:00Z"}, {"finalizers", {"foregroundDeletion"}}});
  }
  collection decide(const std::vector<json>& references, bool owns = false,
                    const json& more = json::object(), const char* ns = "d") {
    json document = {{"metadata", {{"name", "x"}, {"ownerReferences", json(references)}}}};
    document["metadata"].update(more);
    return decide_collection(document, {ns[0] == 0 ? "nodes" : "pods", ns, "x"}, owns,
                             [this](const object_key& key) {
                               const auto at = objects.find(key);
                               return at == objects.end() ? nullptr : at->second;
                             });
  }
};

TEST_F(Owners, AnObjectLivesAsLongAsOneOfItsOwners) {
  put("configmaps", "d", "a");
  put("nodes", "", "n");
  EXPECT_EQ(decide({}).what, action::keep);
  EXPECT_EQ(decide({reference("ConfigMap", "a")}).what, action::keep);
  EXPECT_EQ(decide({reference("Node", "n")}).what, action::keep);
  const auto released = decide({reference("ConfigMap", "a"), reference("ConfigMap", "b")});
  EXPECT_EQ(released.what, action::release);
  EXPECT_THAT(released.released, ElementsAre("b"));
  const auto gone = decide({reference("ConfigMap", "b"), reference("Secret", "a")});
  EXPECT_EQ(gone.what, action::remove);
  EXPECT_EQ(gone.policy, "Background");
}

TEST_F(Owners, ANameInAnotherNamespaceOrWithAnotherUidIsNoOwner) {
  put("configmaps", "other", "a");
  EXPECT_EQ(decide({reference("ConfigMap", "a")}).what, action::remove);
  put("configmaps", "d", "a", {{"uid", "another"}});
  EXPECT_EQ(decide({reference("ConfigMap", "a")}).what, action::remove);
}

TEST_F(Owners, NothingIsRemovedOnADoubt) {
  EXPECT_EQ(decide({reference("Thing", "t", "example.com/v1")}).what, action::wait);
  EXPECT_EQ(decide({reference("ConfigMap", "a"), reference("Thing", "t", "example.com/v1")}).what,
            action::wait);
  const auto scope = decide({reference("ConfigMap", "a")}, false, json::object(), "");
  EXPECT_EQ(scope.what, action::keep);
  EXPECT_EQ(scope.absent.size(), 1u);
}

TEST_F(Owners, AnOwnerThatWaitsIsOneNoMore) {
  put_waiting("a");
  put("configmaps", "d", "b");
  EXPECT_EQ(decide({reference("ConfigMap", "a")}).policy, "Background");
  EXPECT_EQ(decide({reference("ConfigMap", "a")}, true).policy, "Foreground");
  const auto released = decide({reference("ConfigMap", "a"), reference("ConfigMap", "b")}, true);
  EXPECT_EQ(released.what, action::release);
  EXPECT_THAT(released.released, ElementsAre("a"));
  EXPECT_THAT(released.absent, IsEmpty());
}

TEST_F(Owners, FinalizersOnTheObjectSayHowItsOwnDependentsFare) {
  EXPECT_EQ(
      decide({reference("ConfigMap", "b")}, false, json::parse(R"({"finalizers":["orphan"]})"))
          .policy,
      "Orphan");
  EXPECT_EQ(decide({reference("ConfigMap", "b")}, false,
                   json::parse(R"({"finalizers":["foregroundDeletion"]})"))
                .policy,
            "Foreground");
}

TEST_F(Owners, ReferencesAndFinalizersAreTakenAwayWhole) {
  const json object = json::parse(R"({"metadata":{"finalizers":["orphan"],"ownerReferences":[
      {"uid":"a","blockOwnerDeletion":true},{"uid":"b"}]}})");
  EXPECT_TRUE(blocks_deletion(object, "a"));
  EXPECT_FALSE(blocks_deletion(object, "b"));
  EXPECT_FALSE(blocks_deletion(unblocked(object), "a"));
  EXPECT_EQ(without_owners(object, {"a"})["metadata"]["ownerReferences"],
            json::array({{{"uid", "b"}}}));
  EXPECT_FALSE(without_owners(object, {"a", "b"})["metadata"].contains("ownerReferences"));
  EXPECT_FALSE(without_finalizer(object, "orphan")["metadata"].contains("finalizers"));
}

}  // namespace
}  // namespace troupe::model
