// floors: model
#include "model/cron.hpp"
#include "model/strategy.hpp"
#include "tests/unit/model/rules.hpp"

namespace troupe::model::rules {
namespace {

/// As it is stored: with its identity, its selector and its labels.
json created(const char* more = "{}") {
  json object = json::parse(R"({"metadata": {"name": "pi", "namespace": "default"},
    "spec": {"template": {"spec": {"restartPolicy": "Never",
      "containers": [{"name": "c", "image": "pi:1"}]}}}})");
  object["spec"].update(json::parse(more));
  object = prepared("jobs.batch", object);
  prepare_for_create(kind("jobs.batch"), object, "u1", *from_rfc3339("2026-01-01T00:00:00Z"),
                     {"joe", {}});
  object.erase("status");
  return object;
}

const std::string immutable = ": field is immutable";

TEST(JobRules, GeneratedSelectorAndLabels) {
  const json job = created();
  const json labels = {{"batch.kubernetes.io/controller-uid", "u1"},
                       {"batch.kubernetes.io/job-name", "pi"},
                       {"controller-uid", "u1"},
                       {"job-name", "pi"}};
  EXPECT_EQ(job["spec"]["template"]["metadata"]["labels"], labels);
  EXPECT_EQ(job["spec"]["selector"],
            json({{"matchLabels", {{"batch.kubernetes.io/controller-uid", "u1"}}}}));
  expect_create_faults(
      "jobs.batch", job,
      {{"/spec/template/metadata/labels/job-name",
        R"("x")",
        {"spec.template.metadata.labels[job-name]: Invalid value: map[string]string{"}},
       {"/spec/template/metadata/labels/controller-uid",
        "-",
        {"spec.template.metadata.labels[controller-uid]: Required value: must be 'u1'"}},
       {"/spec/selector",
        R"({"matchLabels": {"a": "b"}})",
        {"spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{\"a\":"
         "\"b\"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: `selector` not "
         "auto-generated",
         "spec.template.metadata.labels: Invalid value: map[string]string{"}}});
  const json manual = created(R"({"manualSelector": true, "selector": {"matchLabels": {"a": "b"}},
    "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"restartPolicy": "Never",
      "containers": [{"name": "c", "image": "pi:1"}]}}})");
  EXPECT_EQ(manual["spec"]["template"]["metadata"]["labels"], json({{"a", "b"}}));
  EXPECT_THAT(create("jobs.batch", manual), ::testing::IsEmpty());
  EXPECT_THAT(
      create("jobs.batch", created(R"({"manualSelector": true})")),
      ::testing::ElementsAre("spec.selector: Required value",
                             ::testing::StartsWith("spec.template.metadata.labels: Invalid value: "
                                                   "map[string]string(nil): `selector`")));
}

TEST(JobRules, OnCreate) {
  expect_create_faults(
      "jobs.batch", created(),
      {{"/spec/parallelism", "-1", {"spec.parallelism: Invalid value: -1: must be greater"}},
       {"/spec/completions", "-1", {"spec.completions: Invalid value: -1: must be greater"}},
       {"/spec/backoffLimit", "-1", {"spec.backoffLimit: Invalid value: -1: must be greater"}},
       {"/spec/activeDeadlineSeconds", "-1", {"spec.activeDeadlineSeconds: Invalid value: -1"}},
       {"/spec/ttlSecondsAfterFinished", "-1", {"spec.ttlSecondsAfterFinished: Invalid value"}},
       {"/spec/template/spec/restartPolicy",
        R"("Always")",
        {"spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", "
         "\"Never\""}},
       {"/spec/template/spec/restartPolicy",
        "-",
        {"spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", "
         "\"Never\""}},
       {"/spec/completionMode",
        R"("Some")",
        {"spec.completionMode: Unsupported value: \"Some\": supported values: \"NonIndexed\", "
         "\"Indexed\""}},
       {"/spec/backoffLimitPerIndex",
        "1",
        {"spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"}},
       {"/spec/maxFailedIndexes",
        "1",
        {"spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
         "spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode"}},
       {"/spec/successPolicy",
        R"({"rules": [{"succeededCount": 1}]})",
        {"spec.successPolicy: Invalid value: {\"rules\":[{\"succeededCount\":1}]}: requires "
         "indexed completion mode"}},
       {"/spec/podReplacementPolicy",
        R"("Never")",
        {"spec.podReplacementPolicy: Unsupported value: \"Never\": supported values: \"Failed\", "
         "\"TerminatingOrFailed\""}},
       {"/spec/managedBy",
        R"("me")",
        {"spec.managedBy: Invalid value: \"me\": must be a domain-prefixed path (such as "
         "\"acme.io/foo\")"}},
       {"/spec/managedBy",
        R"("A.b/c d")",
        {"spec.managedBy: Invalid value: \"A.b\": a lowercase RFC 1123 subdomain must consist of",
         "spec.managedBy: Invalid value: \"c d\": Invalid path (regex used for validation is"}}});
}

TEST(JobRules, OfIndexedJobs) {
  const json valid = created(R"({"completionMode": "Indexed", "completions": 5, "parallelism": 5,
    "backoffLimitPerIndex": 1, "maxFailedIndexes": 2})");
  expect_create_faults(
      "jobs.batch", valid,
      {{"/spec/completions",
        "-",
        {"spec.completions: Required value: when completion mode is Indexed"}},
       {"/spec/maxFailedIndexes",
        "6",
        {"spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions"}},
       {"/spec/parallelism",
        "100001",
        {"spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when "
         "completion mode is Indexed"}},
       {"/spec/successPolicy",
        R"({"rules": [{}]})",
        {"spec.successPolicy.rules[0]: Required value: at least one of succeededCount or "
         "succeededIndexes must be specified"}},
       {"/spec/successPolicy",
        R"({"rules": [{"succeededIndexes": "0-2,5"}]})",
        {"spec.successPolicy.rules[0].succeededIndexes: Invalid value: \"0-2,5\": error parsing "
         "succeededIndexes: too large index: \"5\""}},
       {"/spec/successPolicy",
        R"({"rules": [{"succeededIndexes": "3,1"}]})",
        {"spec.successPolicy.rules[0].succeededIndexes: Invalid value: \"3,1\": error parsing "
         "succeededIndexes: non-increasing order, previous: 3, current: 1"}},
       {"/spec/successPolicy",
        R"({"rules": [{"succeededIndexes": "0-1", "succeededCount": 3}]})",
        {"spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal "
         "to 2 (the number of indexes in the specified succeededIndexes field)"}},
       {"/spec/successPolicy",
        R"({"rules": [{"succeededCount": 9}]})",
        {"spec.successPolicy.rules[0].succeededCount: Invalid value: 9: must be less than or equal "
         "to 5 (the number of specified completions)"}}});
  json many = valid;
  many["spec"]["completions"] = 200000;
  many["spec"]["parallelism"] = 20000;
  many["spec"].erase("maxFailedIndexes");
  EXPECT_THAT(create("jobs.batch", many),
              ::testing::ElementsAre(
                  "spec.maxFailedIndexes: Required value: must be specified when completions is "
                  "above 100000",
                  ::testing::StartsWith("spec.parallelism: Invalid value: 20000: must be less than "
                                        "or equal to 10000 when completions are above 100000")));
  json named = valid;
  named["metadata"]["name"] = std::string(62, 'a');
  EXPECT_THAT(create("jobs.batch", named),
              ::testing::Contains(::testing::StartsWith("metadata.name: Invalid value: \"aaa")));
}

TEST(JobRules, OfPodFailurePolicies) {
  const json valid = created(R"({"podFailurePolicy": {"rules": [
    {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [1, 2]}}]}})");
  EXPECT_EQ(valid["spec"]["podReplacementPolicy"], "Failed");
  const std::string rule = "spec.podFailurePolicy.rules[0]";
  expect_create_faults(
      "jobs.batch", valid,
      {{"/spec/podFailurePolicy/rules/0/action",
        "-",
        {rule + ".action: Required value: valid values: [\"Count\" \"FailIndex\" \"FailJob\" "
                "\"Ignore\"]"}},
       {"/spec/podFailurePolicy/rules/0/action",
        R"("Stop")",
        {rule + ".action: Unsupported value: \"Stop\": supported values: \"Count\", "
                "\"FailIndex\", \"FailJob\", \"Ignore\""}},
       {"/spec/podFailurePolicy/rules/0/action",
        R"("FailIndex")",
        {rule + ".action: Invalid value: \"FailIndex\": requires the backoffLimitPerIndex to be "
                "set"}},
       {"/spec/podFailurePolicy/rules/0/onExitCodes",
        "-",
        {rule + ": Invalid value: specifying one of OnExitCodes and OnPodConditions is required"}},
       {"/spec/podFailurePolicy/rules/0/onPodConditions",
        R"([{"type": "A b"}])",
        {rule + ".onPodConditions[0].type: Invalid value: \"A b\": name part must consist of",
         rule + ": Invalid value: specifying both OnExitCodes and OnPodConditions is not "
                "supported"}},
       {"/spec/podFailurePolicy/rules/0/onExitCodes/operator",
        R"("Out")",
        {rule + ".onExitCodes.operator: Unsupported value: \"Out\": supported values: \"In\", "
                "\"NotIn\""}},
       {"/spec/podFailurePolicy/rules/0/onExitCodes/containerName",
        R"("x")",
        {rule + ".onExitCodes.containerName: Invalid value: \"x\": must be one of the container or "
                "initContainer names in the pod template"}},
       {"/spec/podFailurePolicy/rules/0/onExitCodes/values",
        "[2, 0, 2]",
        {rule + ".onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator",
         rule + ".onExitCodes.values[2]: Duplicate value: 2",
         rule + ".onExitCodes.values: Invalid value: []int32{2, 0, 2}: must be ordered"}},
       {"/spec/podFailurePolicy/rules/0/onExitCodes/values",
        "[]",
        {rule + ".onExitCodes.values: Invalid value: []int32{}: at least one value is required"}},
       {"/spec/podReplacementPolicy",
        R"("TerminatingOrFailed")",
        {"spec.podReplacementPolicy: Unsupported value: \"TerminatingOrFailed\": supported values: "
         "\"Failed\""}},
       {"/spec/template/spec/restartPolicy",
        R"("OnFailure")",
        {"spec.template.spec.restartPolicy: Invalid value: \"OnFailure\": only \"Never\" is "
         "supported when podFailurePolicy is specified"}}});
}

TEST(JobRules, OnUpdate) {
  const json running = created();
  expect_update_faults(
      "jobs.batch", running,
      {{"/spec/suspend", "true", {}},
       {"/spec/parallelism", "3", {}},
       {"/spec/completions", "3", {"spec.completions: Invalid value: 3" + immutable}},
       {"/spec/template/spec/containers/0/image", R"("pi:2")", {"spec.template: Invalid value: {"}},
       {"/spec/template/spec/nodeSelector", R"({"a": "b"})", {"spec.template: Invalid value: {"}},
       {"/spec/managedBy",
        R"("a.com/b")",
        {"spec.managedBy: Invalid value: \"a.com/b\"" + immutable}},
       {"/spec/selector/matchLabels/job-name",
        R"("pi")",
        {"spec.selector: Invalid value: v1.LabelSelector{"}}});
  // Where its pods go may change as long as there have been none.
  expect_update_faults(
      "jobs.batch", created(R"({"suspend": true})"),
      {{"/spec/template/spec/nodeSelector", R"({"a": "b"})", {}},
       {"/spec/template/spec/tolerations", R"([{"operator": "Exists"}])", {}},
       {"/spec/template/metadata/labels/more", R"("x")", {}},
       {"/spec/template/spec/schedulingGates", R"([{"name": "g"}])", {}},
       {"/spec/template/spec/affinity", R"({"nodeAffinity": {}})", {}},
       {"/spec/template/spec/affinity",
        R"({"podAffinity": {}})",
        {"spec.template: Invalid value: {"}},
       {"/spec/template/spec/hostNetwork", "true", {"spec.template: Invalid value: {"}}});
  const json indexed =
      created(R"({"completionMode": "Indexed", "completions": 2, "parallelism": 3})");
  expect_update_faults("jobs.batch", indexed,
                       {{"/spec/completions", "3", {}},
                        {"/spec/completions",
                         "4",
                         {"spec.completions: Invalid value: 4: can only be modified in tandem with "
                          "spec.parallelism"}}});
}

json finished() {
  json job = created(R"({"completionMode": "Indexed", "completions": 4, "parallelism": 2})");
  job["status"] = json::parse(R"({"startTime": "2026-01-01T00:00:00Z", "succeeded": 4,
    "completionTime": "2026-01-01T00:01:00Z", "completedIndexes": "0-3", "conditions": [
      {"type": "SuccessCriteriaMet", "status": "True"}, {"type": "Complete", "status": "True"}]})");
  return job;
}

TEST(JobRules, OfStatus) {
  const std::string conditions = "status.conditions: Invalid value: ";
  expect_status_faults(
      "jobs.batch", finished(),
      {{"/status/active",
        "-1",
        {"status.active: Invalid value: -1: must be greater",
         "status.ready: Invalid value: 0: cannot set more ready pods than active"}},
       {"/status/active",
        "1",
        {"status.active: Invalid value: 1: active>0 is invalid for finished"}},
       {"/status/ready", "1", {"status.ready: Invalid value: 1: cannot set more ready pods than"}},
       {"/status/succeeded",
        "3",
        {"status.succeeded: Invalid value: 3: cannot decrease the succeeded counter"}},
       {"/status/terminating",
        "1",
        {"status.terminating: Invalid value: 1: terminating>0 is invalid for finished job"}},
       {"/status/completedIndexes",
        R"("0-4")",
        {"status.completedIndexes: Invalid value: \"0-4\": error parsing completedIndexes: too "
         "large index: \"4\""}},
       {"/status/failedIndexes",
        R"("1")",
        {"status.failedIndexes: Invalid value: \"1\": cannot set non-null failedIndexes when "
         "backoffLimitPerIndex is null",
         "status.failedIndexes: Invalid value: \"1\": failedIndexes and completedIndexes overlap "
         "at index: 1"}},
       {"/status/uncountedTerminatedPods",
        R"({"succeeded": ["a", "a"]})",
        {"status.uncountedTerminatedPods.succeeded[1]: Duplicate value: \"a\"",
         "status.uncountedTerminatedPods: Invalid value: {"}},
       {"/status/conditions/1/status",
        R"("False")",
        {conditions + "cannot disable the terminal Complete=True condition",
         "status.completionTime: Invalid value: 2026-01-01 00:01:00 +0000 UTC: cannot set "
         "completionTime when there is no Complete=True condition"}},
       {"/status/conditions/0/status",
        R"("False")",
        {conditions + "cannot set Complete=True condition without the SuccessCriteriaMet=true",
         conditions + "cannot disable the SuccessCriteriaMet=True condition"}},
       {"/status/completionTime",
        "-",
        {"status.completionTime: Required value: completionTime is required for Complete jobs"}},
       {"/status/completionTime",
        R"("2025-01-01T00:00:00Z")",
        {"status.completionTime: Invalid value: 2025-01-01 00:00:00 +0000 UTC: must be equal to or "
         "after `startTime`",
         "status.completionTime: Invalid value: 2025-01-01 00:00:00 +0000 UTC" + immutable}},
       {"/status/startTime",
        "-",
        {"status.startTime: Required value: startTime cannot be removed for unsuspended job",
         "status.startTime: Required value: startTime is required for finished job"}}});
  json failed = created();
  json broken = failed;
  broken["status"]["conditions"] = {{{"type", "Failed"}, {"status", "True"}}};
  broken["status"]["startTime"] = "2026-01-01T00:00:00Z";
  EXPECT_THAT(update_status("jobs.batch", failed, broken),
              ::testing::ElementsAre(conditions + "cannot set Failed=True condition without the "
                                                  "FailureTarget=true condition"));
}

json cron_job() {
  return json::parse(R"({"metadata": {"name": "nightly", "namespace": "default"},
    "spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": {"spec": {
      "restartPolicy": "OnFailure", "containers": [{"name": "c", "image": "i"}]}}}}}})");
}

TEST(CronJobRules, OnCreate) {
  json valid = cron_job();
  expect_create_faults(
      "cronjobs.batch", valid,
      {{"/metadata/name",
        R"("a2345678901234567890123456789012345678901234567890123")",
        {"metadata.name: Invalid value: \"a2345678901234567890123456789012345678901234567890123\": "
         "must be no more than 52 characters"}},
       {"/spec/schedule", "-", {"spec.schedule: Required value"}},
       {"/spec/schedule",
        R"("bad")",
        {"spec.schedule: Invalid value: \"bad\": expected exactly 5 fields, found 1: [bad]"}},
       {"/spec/schedule",
        R"("TZ=UTC 0 * * * *")",
        {"spec.schedule: Invalid value: \"TZ=UTC 0 * * * *\": cannot use TZ or CRON_TZ in "
         "schedule, use timeZone field instead"}},
       {"/spec/timeZone", R"("Europe/Oslo")", {}},
       {"/spec/timeZone",
        R"("")",
        {"spec.timeZone: Invalid value: \"\": timeZone must be nil or non-empty string"}},
       {"/spec/timeZone",
        R"("Local")",
        {"spec.timeZone: Invalid value: \"Local\": timeZone must be an explicit time zone as "
         "defined in https://www.iana.org/time-zones"}},
       {"/spec/timeZone",
        R"("Mars/Olympus")",
        {"spec.timeZone: Invalid value: \"Mars/Olympus\": unknown time zone Mars/Olympus"}},
       {"/spec/timeZone",
        R"("../etc")",
        {"spec.timeZone: Invalid value: \"../etc\": unknown time zone ../etc"}},
       {"/spec/concurrencyPolicy",
        R"("Queue")",
        {"spec.concurrencyPolicy: Unsupported value: \"Queue\": supported values: \"Allow\", "
         "\"Forbid\", \"Replace\""}},
       {"/spec/startingDeadlineSeconds", "-1", {"spec.startingDeadlineSeconds: Invalid value: -1"}},
       {"/spec/successfulJobsHistoryLimit",
        "-1",
        {"spec.successfulJobsHistoryLimit: Invalid value: -1"}},
       {"/spec/jobTemplate/spec/selector",
        R"({"matchLabels": {"a": "b"}})",
        {"spec.jobTemplate.spec.selector: Invalid value: v1.LabelSelector{"}},
       {"/spec/jobTemplate/spec/manualSelector",
        "true",
        {"spec.jobTemplate.spec.manualSelector: Unsupported value: \"true\": supported values: "
         "\"nil\", \"false\""}},
       {"/spec/jobTemplate/spec/template/spec/restartPolicy",
        "-",
        {"spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values"}}});
}

TEST(CronJobRules, AnUpdateMayKeepAZoneInTheSchedule) {
  json old = cron_job();
  old["spec"]["schedule"] = "TZ=UTC 0 * * * *";
  json now = old;
  now["spec"]["schedule"] = "TZ=UTC 1 * * * *";
  EXPECT_THAT(update("cronjobs.batch", old, now), ::testing::IsEmpty());
  now["spec"]["timeZone"] = "UTC";
  EXPECT_THAT(update("cronjobs.batch", old, now),
              ::testing::ElementsAre("spec.schedule: Invalid value: \"TZ=UTC 1 * * * *\": cannot "
                                     "use both timeZone field and TZ or CRON_TZ in schedule"));
}

TEST(Cron, SchedulesAndTheirFaults) {
  const std::pair<const char*, const char*> table[] = {
      {"* * * * *", ""},
      {"*/5 0-6/2 1,15 jan-MAR mon", ""},
      {"? ? ? ? ?", ""},
      {"5/15 * * * *", ""},
      {"@hourly", ""},
      {"@every 1h30m", ""},
      {"CRON_TZ=Asia/Tokyo 0 9 * * 1-5", ""},
      {"", "empty spec string"},
      {"* * * *", "expected exactly 5 fields, found 4: [* * * *]"},
      {"60 * * * *", "end of range (60) above maximum (59): 60"},
      {"* * 0 * *", "beginning of range (0) below minimum (1): 0"},
      {"5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"},
      {"*/0 * * * *", "step of range should be a positive number: */0"},
      {"1-2-3 * * * *", "too many hyphens: 1-2-3"},
      {"1/2/3 * * * *", "too many slashes: 1/2/3"},
      {"x * * * *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax"},
      {"@never", "unrecognized descriptor: @never"},
      {"@every x", "failed to parse duration @every x: time: invalid duration \"x\""},
      {"TZ=Mars 0 * * * *", "provided bad location Mars: unknown time zone Mars"}};
  for (const auto& [schedule, fault] : table) EXPECT_EQ(cron_fault(schedule), fault) << schedule;
}

}  // namespace
}  // namespace troupe::model::rules
