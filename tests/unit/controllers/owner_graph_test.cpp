// floors: actors/controllers
#include "actors/controllers/owner_graph.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using model::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using kind = store::event::kind;

// An object whose uid is its name.
model::object_ptr object(const std::string& name, const std::vector<json>& owners = {},
                         const std::string& ns = "d", const json& more = json::object()) {
  static std::uint64_t version = 0;
  json document = {{"metadata", {{"name", name}, {"namespace", ns}, {"uid", name}}}};
  document["metadata"].update(more);
  for (const auto& owner : owners)
    document["metadata"]["ownerReferences"].push_back(owner.is_string() ? json{{"uid", owner}}
                                                                        : owner);
  return model::seal(model::encode("secrets", document), ++version);
}

json blocking(const char* owner) {
  return {{"uid", owner}, {"blockOwnerDeletion", true}};
}

json foreground() {
  return {{"deletionTimestamp", "2026-01-01T00:00:00Z"}, {"finalizers", {"foregroundDeletion"}}};
}

TEST(OwnerGraph, ObjectsWithoutOwnersCostNothing) {
  owner_graph g;
  EXPECT_THAT(g.apply({kind::added, object("a"), nullptr}), IsEmpty());
  EXPECT_EQ(g.owners(), 0u);
}

TEST(OwnerGraph, TheFirstDependentLooksForItsOwner) {
  owner_graph g;
  EXPECT_THAT(g.apply({kind::added, object("x", {"a"}), nullptr}), ElementsAre("secrets/d/x"));
  EXPECT_TRUE(g.unsure("a"));
  EXPECT_THAT(g.apply({kind::added, object("y", {"a"}), nullptr}), IsEmpty());
  EXPECT_THAT(g.found("a", {"secrets", "d", "a"}), IsEmpty());
  EXPECT_FALSE(g.unsure("a"));
  EXPECT_THAT(g.apply({kind::added, object("z", {"a"}), nullptr}), IsEmpty());
  EXPECT_EQ(g.dependents("a")->size(), 3u);
}

TEST(OwnerGraph, AnAbsentOwnerConcernsAllThatNameIt) {
  owner_graph g;
  g.apply({kind::added, object("x", {"a"}), nullptr});
  g.apply({kind::added, object("y", {"a"}), nullptr});
  EXPECT_THAT(g.absent("a"), UnorderedElementsAre("secrets/d/x", "secrets/d/y"));
  EXPECT_THAT(g.absent("a"), IsEmpty());
  EXPECT_THAT(g.apply({kind::added, object("z", {"a"}), nullptr}), ElementsAre("secrets/d/z"));
}

TEST(OwnerGraph, ARemovedOwnerConcernsItsDependents) {
  owner_graph g;
  const auto a = object("a");
  g.apply({kind::added, object("x", {"a", "b"}), nullptr});
  EXPECT_THAT(g.apply({kind::added, a, nullptr}), IsEmpty());
  EXPECT_THAT(g.apply({kind::deleted, a, a}), ElementsAre("secrets/d/x"));
}

TEST(OwnerGraph, ForgetsDependentsThatGoOrChooseOtherOwners) {
  owner_graph g;
  const auto x = object("x", {"a", "b"});
  const auto changed = object("x", {"b"});
  g.apply({kind::added, x, nullptr});
  g.apply({kind::modified, changed, x});
  EXPECT_EQ(g.dependents("a"), nullptr);
  EXPECT_EQ(g.dependents("b")->size(), 1u);
  g.apply({kind::deleted, changed, changed});
  EXPECT_EQ(g.owners(), 0u);
}

TEST(OwnerGraph, DependentsInAnotherNamespaceAreLookedAt) {
  owner_graph g;
  g.apply({kind::added, object("x", {"a"}), nullptr});
  g.apply({kind::added, object("y", {"a"}, "other"), nullptr});
  EXPECT_THAT(g.found("a", {"secrets", "d", "a"}), ElementsAre("secrets/other/y"));
  EXPECT_THAT(g.apply({kind::added, object("z", {"a"}, "third"), nullptr}),
              ElementsAre("secrets/third/z"));
  EXPECT_EQ(g.where("a")->ns, "d");
}

TEST(OwnerGraph, AWaitingOwnerIsLookedAtWhenTheLastIsGone) {
  owner_graph g;
  const auto x = object("x", {blocking("a")});
  const auto y = object("y", {blocking("a")});
  const auto a = object("a");
  const auto ending = object("a", {}, "d", foreground());
  g.apply({kind::added, a, nullptr});
  g.apply({kind::added, x, nullptr});
  g.apply({kind::added, y, nullptr});
  EXPECT_THAT(g.apply({kind::modified, ending, a}), ElementsAre("secrets/d/a"));
  g.await("a", {"secrets/d/x", "secrets/d/y"});
  EXPECT_THAT(g.apply({kind::deleted, x, x}), IsEmpty());
  const auto free = object("y", {"a"});
  EXPECT_THAT(g.apply({kind::modified, object("y", {blocking("a")}), y}), IsEmpty());
  EXPECT_THAT(g.apply({kind::modified, free, y}), ElementsAre("secrets/d/a"));
  EXPECT_THAT(*g.awaited("a"), IsEmpty());
  // One more, while it waits: both are looked at anew.
  EXPECT_THAT(g.apply({kind::added, object("z", {blocking("a")}), nullptr}),
              UnorderedElementsAre("secrets/d/a", "secrets/d/z"));
  EXPECT_EQ(g.awaited("a"), nullptr);
}

TEST(OwnerGraph, KeysAreReadAsTheyAreWritten) {
  for (const model::object_key& key :
       {model::object_key{"pods", "default", "web"}, model::object_key{"nodes", "", "n1"},
        model::object_key{"clusterroles.rbac.authorization.k8s.io", "", "system:node"}})
    EXPECT_EQ(parse_key(to_string(key)), key);
}

}  // namespace
}  // namespace troupe
