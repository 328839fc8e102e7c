// floors: model
#include "model/namespace_conditions.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

const time_point now = *from_rfc3339("2026-01-01T00:00:00Z");

object_ptr object(const char* resource, const json& finalizers = nullptr) {
  json document = {{"metadata", {{"name", "x"}, {"namespace", "d"}}}};
  if (!finalizers.is_null()) document["metadata"]["finalizers"] = finalizers;
  return seal(encode(resource, document), 1);
}

std::string condition(const json& ns, const char* type) {
  for (const json& c : at(ns, {"status", "conditions"}))
    if (string_at(c, {"type"}) == type)
      return string_at(c, {"status"}) + " " + string_at(c, {"reason"}) + ": " +
             string_at(c, {"message"});
  return {};
}

TEST(NamespaceConditions, AnEmptyNamespaceIsFine) {
  json ns = json::object();
  EXPECT_TRUE(set_namespace_conditions(ns, {}, now));
  EXPECT_EQ(condition(ns, "NamespaceDeletionDiscoveryFailure"),
            "False ResourcesDiscovered: All resources successfully discovered");
  EXPECT_EQ(condition(ns, "NamespaceDeletionGroupVersionParsingFailure"),
            "False ParsedGroupVersions: All legacy kube types successfully parsed");
  EXPECT_EQ(condition(ns, "NamespaceDeletionContentFailure"),
            "False ContentDeleted: All content successfully deleted, may be waiting on "
            "finalization");
  EXPECT_EQ(condition(ns, "NamespaceContentRemaining"),
            "False ContentRemoved: All content successfully removed");
  EXPECT_EQ(condition(ns, "NamespaceFinalizersRemaining"),
            "False ContentRemoved: All content successfully removed");
  EXPECT_EQ(at(ns, {"status", "conditions"})[0]["lastTransitionTime"], "2026-01-01T00:00:00Z");
  EXPECT_FALSE(set_namespace_conditions(ns, {}, now + std::chrono::seconds(5)));
}

TEST(NamespaceConditions, TellWhatIsLeftAndWhatHoldsIt) {
  namespace_remains left;
  add_remaining(left, *object("pods"));
  add_remaining(left, *object("pods", {"a/b", "c/d"}));
  add_remaining(left, *object("deployments.apps", {"a/b", "e/f"}));
  json ns = json::object();
  set_namespace_conditions(ns, left, now);
  EXPECT_EQ(condition(ns, "NamespaceContentRemaining"),
            "True SomeResourcesRemain: Some resources are remaining: deployments.apps has 1 "
            "resource instances, pods. has 2 resource instances");
  EXPECT_EQ(condition(ns, "NamespaceFinalizersRemaining"),
            "True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: "
            "a/b in 2 resource instances, c/d in 1 resource instances, e/f in 1 resource "
            "instances");
  EXPECT_TRUE(set_namespace_conditions(ns, {}, now));
}

TEST(NamespaceConditions, TellWhatCouldNotBeDeleted) {
  namespace_remains left;
  left.failures = {"b is full", "a is away"};
  json ns = json::object();
  set_namespace_conditions(ns, left, now);
  EXPECT_EQ(condition(ns, "NamespaceDeletionContentFailure"),
            "True ContentDeletionFailed: Failed to delete all resource types, 2 remaining: a is "
            "away, b is full");
}

}  // namespace
}  // namespace troupe::model
