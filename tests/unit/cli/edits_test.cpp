// floors: cli
#include "cli/commands/drain_plan.hpp"
#include "cli/commands/metadata_edit.hpp"
#include "cli/commands/session.hpp"
#include "cli/commands/taint_edit.hpp"

#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

using model::json;

/// What a call throws as command_failure, or "".
template <class F>
std::string failure_of(F&& f) {
  try {
    f();
  } catch (const command_failure& e) {
    return e.what();
  }
  return "";
}

using words = std::vector<std::string>;

TEST(Changes, FollowTheResources) {
  const auto [resources, changes] = split_changes({"pods", "web", "a=1", "b-"}, "label");
  EXPECT_EQ(resources, (words{"pods", "web"}));
  EXPECT_EQ(changes, (words{"a=1", "b-"}));
  EXPECT_EQ(split_changes({"node", "n1", "a:NoSchedule"}, "taint", true).changes.size(), 1u);
  EXPECT_EQ(failure_of([] {
              split_changes({"pods", "a=1", "web"}, "label");
            }),
            "error: all resources must be specified before label changes: web");
}

TEST(MetadataEdit, SaysWhatItDoesNotUnderstand) {
  struct {
    const metadata_map& map;
    words changes;
    std::string failure;
  } const cases[] = {
      {label_map, {"a=1", "b-"}, ""},
      {label_map, {"a"}, "error: unknown label spec: a"},
      {label_map, {"a=1=2"}, "error: invalid label spec: a=1=2"},
      {label_map,
       {"a=1", "a-"},
       "error: can not both modify and remove a label in the same command"},
      {annotation_map, {"a=1=2"}, ""},
      {annotation_map, {"a", "b"}, "error: invalid annotation format: a, b"},
      {annotation_map,
       {"a=1", "a-"},
       "error: can not both modify and remove the following annotation(s) in the same command: a"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(failure_of([&] { parse_metadata_edit(c.map, c.changes); }), c.failure)
        << c.changes[0];
  EXPECT_TRUE(failure_of([] {
                parse_metadata_edit(label_map, {"a=b c"});
              }).starts_with("error: invalid label value: \"a=b c\": "));
}

TEST(MetadataEdit, PatchesOnlyWhatChanges) {
  const json pod = {{"metadata", {{"labels", {{"app", "web"}, {"tier", "front"}}}}}};
  struct {
    words changes;
    bool overwrite;
    json patch;
    std::string outcome;
  } const cases[] = {
      {{"new=1"}, false, {{"metadata", {{"labels", {{"new", "1"}}}}}}, "labeled"},
      {{"app=web"}, false, json::object(), "not labeled"},
      {{"app=db"}, true, {{"metadata", {{"labels", {{"app", "db"}}}}}}, "labeled"},
      {{"tier-"}, false, {{"metadata", {{"labels", {{"tier", nullptr}}}}}}, "unlabeled"},
      {{"absent-"}, false, json::object(), "not labeled"},
  };
  for (const auto& c : cases) {
    auto edit = parse_metadata_edit(label_map, c.changes);
    edit.overwrite = c.overwrite;
    const json patch = metadata_patch(label_map, edit, pod);
    EXPECT_EQ(patch, c.patch) << c.changes[0];
    json after = pod;
    after.merge_patch(patch);
    EXPECT_EQ(metadata_outcome(label_map, edit, pod, after), c.outcome) << c.changes[0];
  }
  auto edit = parse_metadata_edit(label_map, {"new=1"});
  edit.resource_version = "7";
  EXPECT_EQ(metadata_patch(label_map, edit, pod)["metadata"]["resourceVersion"], "7");
}

TEST(MetadataEdit, OverwritesOnlyWhenToldTo) {
  const json pod = {{"metadata",
                     {{"labels", {{"app", "web"}}},
                      {"annotations", {{"note", "old"}, {"kubernetes.io/change-cause", "x"}}}}}};
  EXPECT_EQ(failure_of([&] {
              metadata_patch(label_map, parse_metadata_edit(label_map, {"app=db"}), pod);
            }),
            "error: 'app' already has a value (web), and --overwrite is false");
  EXPECT_EQ(failure_of([&] {
              metadata_patch(annotation_map, parse_metadata_edit(annotation_map, {"note=new"}),
                             pod);
            }),
            "error: --overwrite is false but found the following declared annotation(s): 'note' "
            "already has a value (old)");
  const auto cause = parse_metadata_edit(annotation_map, {"kubernetes.io/change-cause=y"});
  EXPECT_EQ(failure_of([&] { metadata_patch(annotation_map, cause, pod); }), "");
}

TEST(TaintEdit, SaysWhatItDoesNotUnderstand) {
  const struct {
    words changes;
    std::string failure;
  } cases[] = {
      {{"a=1:NoSchedule", "b:NoExecute", "c-", "d:PreferNoSchedule-"}, ""},
      {{"a=1:Never"}, "error: invalid taint effect: Never, unsupported taint effect"},
      {{"a"}, "error: invalid taint spec: a"},
      {{"a:b:NoSchedule"}, "error: invalid taint spec: a:b:NoSchedule"},
      {{"a=1=2:NoSchedule"}, "error: invalid taint spec: a=1=2:NoSchedule"},
      {{"a:NoSchedule", "a-"},
       "error: can not both modify and remove the following taint(s) in the same command: "
       "{\"a\":\"\"}"},
  };
  for (const auto& c : cases) {
    const auto said = failure_of([&] { parse_taint_edit(c.changes); });
    if (c.failure.empty())
      EXPECT_EQ(said, "") << c.changes[0];
    else
      EXPECT_TRUE(said.starts_with(c.failure)) << said;
  }
}

TEST(TaintEdit, MakesTheListAndNamesTheOutcome) {
  const json a = {{"key", "a"}, {"value", "1"}, {"effect", "NoSchedule"}};
  const json b = {{"key", "b"}, {"effect", "NoExecute"}};
  const json node = {{"metadata", {{"name", "n1"}}}, {"spec", {{"taints", {a, b}}}}};
  const auto edited = [&](const words& changes, bool overwrite = false) {
    return edit_taints(parse_taint_edit(changes), node, overwrite);
  };
  auto done = edited({"c=x:NoSchedule"});
  EXPECT_EQ(done.outcome, "tainted");
  EXPECT_EQ(done.taints.size(), 3u);
  done = edited({"a-"});
  EXPECT_EQ(done.outcome, "untainted");
  EXPECT_EQ(done.taints, json::array({b}));
  done = edited({"c:NoSchedule", "b:NoExecute-"});
  EXPECT_EQ(done.outcome, "modified");
  done = edited({"a=2:NoSchedule"}, true);
  EXPECT_EQ(done.outcome, "modified");
  EXPECT_EQ(done.taints[0]["value"], "2");
  EXPECT_EQ(done.taints.size(), 2u);
  EXPECT_EQ(failure_of([&] { edited({"a=2:NoSchedule"}); }),
            "error: node n1 already has a taint(s) with same effect(s) and --overwrite is false");
  EXPECT_EQ(failure_of([&] { edited({"a:NoExecute-"}); }),
            "error: taint \"a:NoExecute\" not found");
}

json pod(const std::string& name, const json& more = json::object()) {
  json out = {{"metadata", {{"name", name}, {"namespace", "default"}}}};
  out.merge_patch(more);
  return out;
}

TEST(DrainPlan, JudgesPodsAsKubectlDoes) {
  const json owned = {
      {"metadata",
       {{"ownerReferences", {{{"kind", "ReplicaSet"}, {"name", "r"}, {"controller", true}}}}}}};
  const json daemon = {
      {"metadata",
       {{"ownerReferences", {{{"kind", "DaemonSet"}, {"name", "d"}, {"controller", true}}}}}}};
  json local = owned;
  local["spec"]["volumes"] = {{{"name", "v"}, {"emptyDir", json::object()}}};
  const struct {
    const char* what;
    json pod;
    drain_wishes wishes;
    std::size_t evicted;
    std::string warning, fault;
  } cases[] = {
      {"of a controller", pod("p", owned), {}, 1, "", ""},
      {"of nobody",
       pod("p"),
       {},
       0,
       "",
       "cannot delete cannot delete Pods that declare no controller (use --force to override): "
       "default/p"},
      {"of nobody, forced",
       pod("p"),
       {.force = true},
       1,
       "deleting Pods that declare no controller: default/p",
       ""},
      {"of nobody, ended", pod("p", {{"status", {{"phase", "Succeeded"}}}}), {}, 1, "", ""},
      {"of a DaemonSet",
       pod("p", daemon),
       {},
       0,
       "",
       "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): default/p"},
      {"of a DaemonSet, ignored",
       pod("p", daemon),
       {.ignore_daemon_sets = true},
       0,
       "ignoring DaemonSet-managed Pods: default/p",
       ""},
      {"with local data",
       pod("p", local),
       {},
       0,
       "",
       "cannot delete Pods with local storage (use --delete-emptydir-data to override): default/p"},
      {"with local data, allowed", pod("p", local), {.delete_empty_dirs = true}, 1, "", ""},
      {"a mirror",
       pod("p", {{"metadata", {{"annotations", {{"kubernetes.io/config.mirror", "x"}}}}}}),
       {},
       0,
       "",
       ""},
  };
  for (const auto& c : cases) {
    const std::vector<json> pods{c.pod};
    const auto plan =
        plan_drain(pods, c.wishes, [](const auto&, const auto&) { return std::string(); });
    EXPECT_EQ(plan.pods.size(), c.evicted) << c.what;
    EXPECT_EQ(plan.warning, c.warning) << c.what;
    EXPECT_EQ(plan.fault, c.fault) << c.what;
  }
}

TEST(DrainPlan, OneFaultHoldsAllPods) {
  const json owned = {
      {"metadata",
       {{"ownerReferences", {{{"kind", "ReplicaSet"}, {"name", "r"}, {"controller", true}}}}}}};
  const std::vector<json> pods{pod("good", owned), pod("alone")};
  EXPECT_TRUE(
      plan_drain(pods, {}, [](const auto&, const auto&) { return std::string(); }).pods.empty());
}

}  // namespace
}  // namespace troupe::cli
