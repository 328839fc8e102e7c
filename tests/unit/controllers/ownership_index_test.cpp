// floors: actors/controllers
#include "actors/controllers/ownership_index.hpp"

#include "model/workload/pod_facts.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using model::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using kind = store::event::kind;

class OwnershipIndex : public testing::Test {
 protected:
  ownership_index<model::pod_facts> index{"ReplicaSet", "pods"};
  store::cache objects;
  std::uint64_t version = 0;

  // A pod; its owner's uid is the owner's name.
  model::object_ptr pod(const std::string& name, const std::string& app,
                        const std::string& owner = {}, const char* owner_kind = "ReplicaSet") {
    json document = {
        {"metadata",
         {{"name", name}, {"namespace", "d"}, {"uid", name}, {"labels", {{"app", app}}}}}};
    if (!owner.empty())
      document["metadata"]["ownerReferences"] = json::array(
          {{{"uid", owner}, {"kind", owner_kind}, {"name", owner}, {"controller", true}}});
    return model::seal(model::encode("pods", document), ++version);
  }
  std::vector<std::string> happened(const store::event& e) {
    objects.apply({e});
    return index.observe(e);
  }
  auto added(const model::object_ptr& o) { return happened({kind::added, o, nullptr}); }
  auto modified(const model::object_ptr& o) { return happened({kind::modified, o, nullptr}); }
  auto removed(const model::object_ptr& o) { return happened({kind::deleted, o, nullptr}); }

  void controller(const std::string& name, const json& selector) {
    std::string error;
    index.put_controller(
        *model::seal(
            model::encode("replicasets.apps",
                          {{"metadata", {{"name", name}, {"namespace", "d"}, {"uid", name}}}}),
            ++version),
        model::label_selector::from_json(selector, error), objects);
  }
  std::vector<std::string> owned(const std::string& uid) {
    std::vector<std::string> out;
    for (const auto& [key, d] : index.owned(uid)) out.push_back(key);
    return out;
  }
  std::vector<std::string> orphans(const json& selector) {
    std::string error;
    std::vector<std::string> out;
    for (const auto& o : index.orphans("d", *model::label_selector::from_json(selector, error)))
      out.push_back(o->key().name);
    return out;
  }
};

const json web = {{"matchLabels", {{"app", "web"}}}};
const json not_db = {
    {"matchExpressions",
     json::array({{{"key", "app"}, {"operator", "NotIn"}, {"values", json::array({"db"})}}})}};

TEST_F(OwnershipIndex, APodConcernsItsController) {
  controller("rs", web);
  EXPECT_THAT(added(pod("a", "web", "rs")), ElementsAre("replicasets.apps/d/rs"));
  EXPECT_THAT(owned("rs"), ElementsAre("pods/d/a"));
  EXPECT_THAT(modified(pod("a", "web", "rs")), ElementsAre("replicasets.apps/d/rs"));
  EXPECT_THAT(removed(pod("a", "web", "rs")), ElementsAre("replicasets.apps/d/rs"));
  EXPECT_THAT(owned("rs"), IsEmpty());
}

TEST_F(OwnershipIndex, APodThatChangesHandsConcernsBoth) {
  controller("rs", web);
  controller("rs2", web);
  added(pod("a", "web", "rs"));
  EXPECT_THAT(modified(pod("a", "web", "rs2")),
              ElementsAre("replicasets.apps/d/rs", "replicasets.apps/d/rs2"));
  EXPECT_THAT(owned("rs"), IsEmpty());
  EXPECT_THAT(owned("rs2"), ElementsAre("pods/d/a"));
}

TEST_F(OwnershipIndex, AnOrphanConcernsAllThatSelectIt) {
  controller("rs", web);
  controller("any", not_db);
  controller("db", {{"matchLabels", {{"app", "db"}}}});
  EXPECT_THAT(added(pod("a", "web")),
              UnorderedElementsAre("replicasets.apps/d/rs", "replicasets.apps/d/any"));
  added(pod("b", "db"));
  EXPECT_THAT(orphans(web), ElementsAre("a"));
  EXPECT_THAT(orphans(not_db), ElementsAre("a"));
  removed(pod("a", "web"));
  EXPECT_THAT(orphans(web), IsEmpty());
}

TEST_F(OwnershipIndex, AReleasedPodConcernsWhoHadIt) {
  controller("rs", web);
  added(pod("a", "web", "rs"));
  EXPECT_THAT(modified(pod("a", "other")), ElementsAre("replicasets.apps/d/rs"));
  EXPECT_THAT(owned("rs"), IsEmpty());
}

TEST_F(OwnershipIndex, ADroppedControllerIsConcernedByNothing) {
  controller("rs", web);
  index.drop_controller("replicasets.apps/d/rs");
  EXPECT_THAT(added(pod("a", "web", "rs")), IsEmpty());
  EXPECT_THAT(added(pod("b", "web")), IsEmpty());
  // Its successor of the same name has another uid, and what was left behind is not its own.
  controller("rs", web);
  EXPECT_THAT(owned("rs"), ElementsAre("pods/d/a"));
}

TEST_F(OwnershipIndex, PodsOfOtherKindsAreLeftAlone) {
  added(pod("a", "web", "set", "StatefulSet"));
  EXPECT_THAT(owned("set"), IsEmpty());
}

TEST_F(OwnershipIndex, ARelistConcernsAllControllers) {
  controller("rs", web);
  added(pod("a", "web", "rs"));
  added(pod("b", "web"));
  EXPECT_THAT(index.forget_dependents(), ElementsAre("replicasets.apps/d/rs"));
  EXPECT_THAT(owned("rs"), IsEmpty());
  EXPECT_THAT(orphans(web), IsEmpty());
}

TEST_F(OwnershipIndex, ARelistOfControllersKeepsWhatTheyHave) {
  controller("rs", web);
  controller("gone", web);
  added(pod("a", "web", "rs"));
  index.forget_controllers();
  EXPECT_THAT(index.controllers(), IsEmpty());
  controller("rs", web);
  EXPECT_THAT(owned("rs"), ElementsAre("pods/d/a"));
  EXPECT_THAT(added(pod("b", "web")), ElementsAre("replicasets.apps/d/rs"));
}

TEST_F(OwnershipIndex, TheFirstControllerOfANamespaceFindsItsOrphans) {
  added(pod("early", "web"));
  added(pod("db", "db"));
  EXPECT_THAT(orphans(web), IsEmpty()) << "nobody may take them in";
  controller("rs", web);
  EXPECT_THAT(orphans(web), ElementsAre("early"));
  controller("rs", web);  // changed
  controller("rs2", web);
  index.drop_controller("replicasets.apps/d/rs");
  EXPECT_THAT(orphans(web), ElementsAre("early"));
  index.drop_controller("replicasets.apps/d/rs2");
  EXPECT_THAT(orphans(web), IsEmpty());
}

TEST_F(OwnershipIndex, ASelectorOfNothingSelectsNothing) {
  controller("rs", json::object());
  EXPECT_THAT(added(pod("a", "web")), IsEmpty());
  EXPECT_THAT(orphans(json::object()), IsEmpty());
}

}  // namespace
}  // namespace troupe
