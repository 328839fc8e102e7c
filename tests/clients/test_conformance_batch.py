"""What Kubernetes' conformance tests drive of Jobs and CronJobs."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from conformance import Conformance
from hosts import wait_for
from rest import MERGE

FOREVER, FAILS = ("sleep", "100000"), ("sh", "-c", "exit 1")


def job(command, policy="Never", **changes):
    return {"spec": {"template": {"spec": {"restartPolicy": policy, "terminationGracePeriodSeconds": 0, "containers": [
        {"name": "c", "image": "busybox:1.35", "command": list(command)}]}}, **changes}}


class Batch(Conformance):
    def setUp(self):
        super().setUp()
        self.jobs = f"/apis/batch/v1/namespaces/{self.ns}/jobs"

    def make(self, name, command=("true",), **changes):
        return self.rest.post(self.jobs, {"metadata": {"name": name}, **job(command, **changes)})

    def get(self, name):
        return self.rest.get(f"{self.jobs}/{name}")

    def pods(self, name):
        return self.rest.get(f"{self.core}/pods?labelSelector=job-name={name}")["items"]

    def ends(self, name, kind):
        """The conditions of a Job that has ended so, as (type, reason, message)."""
        conditions = lambda: [c for c in self.get(name)["status"].get("conditions", []) if c["status"] == "True"]
        wait_for(lambda: kind in [c["type"] for c in conditions()], f"{name}: {kind}")
        return [(c["type"], c["reason"], c["message"]) for c in conditions()]


class Jobs(Batch):
    def test_each_end_says_why(self):
        reached = ("CompletionsReached", "Reached expected number of succeeded pods")
        limit = ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
        late = ("DeadlineExceeded", "Job was active longer than specified deadline")
        indexed = {"completionMode": "Indexed", "parallelism": 2}
        for name, command, changes, kind, why in (
                ("four", ("true",), {"completions": 4, "parallelism": 2}, "Complete", reached),
                ("limit", FAILS, {"backoffLimit": 1}, "Failed", limit),
                ("on-failure", FAILS, {"backoffLimit": 1, "policy": "OnFailure"}, "Failed", limit),
                ("late", FOREVER, {"activeDeadlineSeconds": 1}, "Failed", late),
                ("indexes", FAILS, {**indexed, "completions": 2, "backoffLimitPerIndex": 0}, "Failed", ("FailedIndexes", "Job has failed indexes")),
                ("most", FAILS, {**indexed, "completions": 3, "backoffLimitPerIndex": 0, "maxFailedIndexes": 0}, "Failed", (
                    "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes")),
                ("enough", ("true",), {"completionMode": "Indexed", "parallelism": 1, "completions": 3, "successPolicy": {
                    "rules": [{"succeededIndexes": "0", "succeededCount": 1}]}}, "Complete", ("SuccessPolicy", "Matched rules at index 0"))):
            with self.subTest(name):
                self.make(name, command, **changes)
                first = "SuccessCriteriaMet" if kind == "Complete" else "FailureTarget"
                self.assertEqual(self.ends(name, kind), [(first, *why), (kind, *why)])
        self.assertEqual(self.get("enough")["status"]["completedIndexes"], "0")
        self.assertEqual(self.get("indexes")["status"]["failedIndexes"], "0,1")
        self.assertEqual(self.pods("on-failure"), [], "what would start again for ever is ended")

    def test_failures_that_do_not_count(self):
        self.make("evicted", FOREVER, backoffLimit=0, podFailurePolicy={"rules": [
            {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}]})
        running = lambda: [p["metadata"]["name"] for p in self.pods("evicted") if p["status"]["phase"] == "Running"]
        first = wait_for(running, "it runs")[0]
        self.rest.post(f"{self.core}/pods/{first}/eviction", {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": first}})
        wait_for(lambda: [n for n in running() if n != first], "another one runs")
        self.assertNotIn("failed", self.get("evicted")["status"])
        self.make("ends", FAILS, podFailurePolicy={"rules": [
            {"action": "FailJob", "onExitCodes": {"containerName": "c", "operator": "In", "values": [1]}}]})
        why = self.ends("ends", "Failed")[-1]
        self.assertEqual(why[1:], ("PodFailurePolicy", f"Container c for pod {self.ns}/{self.pods('ends')[0]['metadata']['name']} "
                                   "failed with exit code 1 matching FailJob rule at index 0"))

    def test_a_job_that_sleeps_may_change_its_template(self):
        self.make("s", FOREVER, parallelism=2, suspend=True)
        self.assertEqual(self.ends("s", "Suspended"), [("Suspended", "JobSuspended", "Job suspended")])
        self.assertNotIn("startTime", self.get("s")["status"])
        self.rest.patch(f"{self.jobs}/s", {"spec": {"template": {"spec": {"nodeSelector": {"kubernetes.io/hostname": "node2"}}}}})
        self.rest.patch(f"{self.jobs}/s", {"spec": {"suspend": False}})
        self.becomes(f"{self.jobs}/s", "both run", status__ready=2)
        self.assertEqual({p["spec"]["nodeName"] for p in self.pods("s")}, {"node2"})
        code, answer = self.rest.call("PATCH", f"{self.jobs}/s", {"spec": {"template": {"spec": {"nodeSelector": None}}}}, MERGE)
        self.assertEqual((code, answer["details"]["causes"][0]["field"]), (422, "spec.template"), answer)
        self.rest.patch(f"{self.jobs}/s", {"spec": {"suspend": True}})
        wait_for(lambda: not self.pods("s"), "they go")

    def test_indexes_and_others_controllers(self):
        self.make("i", FOREVER, completions=2, parallelism=2, completionMode="Indexed")
        self.becomes(f"{self.jobs}/i", "both run", status__ready=2)
        for p in self.pods("i"):
            index = p["metadata"]["labels"]["batch.kubernetes.io/job-completion-index"]
            self.assertEqual((p["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"], p["spec"]["hostname"]), (index, f"i-{index}"))
        self.rest.patch(f"{self.jobs}/i", {"spec": {"completions": 3, "parallelism": 3}})
        self.becomes(f"{self.jobs}/i", "a third", status__ready=3)
        code, _ = self.rest.call("PATCH", f"{self.jobs}/i", {"spec": {"completions": 5}}, MERGE)
        self.assertEqual(code, 422)
        self.make("theirs", managedBy="example.com/other")
        self.make("ours")
        self.ends("ours", "Complete")
        self.assertEqual((self.pods("theirs"), self.get("theirs")["status"]), ([], {}))

    def test_a_life(self):
        watch = self.watch(f"{self.jobs}?watch=1&labelSelector=e2e=x")
        self.rest.post(self.jobs, {"metadata": {"name": "l", "labels": {"e2e": "x"}}, **job(FOREVER)})
        self.becomes(f"{self.jobs}/l", "it runs", status__active=1)
        o = self.rest.patch(f"{self.jobs}/l/status", {"metadata": {"annotations": {"a": "b"}}, "status": {"conditions": [
            {"type": "E2E", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}})
        self.assertEqual((o["metadata"]["annotations"]["a"], o["status"]["conditions"][0]["type"]), ("b", "E2E"))
        code, _ = self.rest.call("PATCH", f"{self.jobs}/l/status", {"status": {"startTime": "2026-01-01T00:00:00Z"}}, MERGE)
        self.assertEqual(code, 422, "a Job that runs began when it did")
        self.rest.delete(f"{self.jobs}?labelSelector=e2e=x", {"propagationPolicy": "Background"})
        wait_for(lambda: not self.pods("l"), "its pods go with it")
        wait_for(lambda: watch.heard()[-1] == ("DELETED", "l"), "that is heard")
        # As ever, who only deletes a Job leaves its pods.
        self.make("left", FOREVER)
        self.becomes(f"{self.jobs}/left", "it runs", status__ready=1)
        self.rest.delete(f"{self.jobs}/left")
        wait_for(lambda: self.rest.call("GET", f"{self.jobs}/left")[0] == 404 and self.pods("left"), "its pod stays")
        self.assertNotIn("ownerReferences", self.pods("left")[0]["metadata"])


class CronJobs(Batch):
    def test_what_is_refused(self):
        path = f"/apis/batch/v1/namespaces/{self.ns}/cronjobs"
        for name, changes, field, why in (
                ("tz", {"schedule": "TZ=UTC 0 0 * * *"}, "spec.schedule", "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"),
                ("zone", {"timeZone": "No/Where"}, "spec.timeZone", "unknown time zone No/Where"),
                ("few", {"schedule": "a b c"}, "spec.schedule", "expected exactly 5 fields, found 3: [a b c]"),
                ("n" * 53, {}, "metadata.name", "must be no more than 52 characters")):
            code, answer = self.rest.call("POST", path, {"metadata": {"name": name}, "spec": {
                "schedule": "0 0 * * *", "jobTemplate": job(("true",)), **changes}})
            self.assertEqual((code, answer["details"]["causes"][0]["field"]), (422, field), answer)
            self.assertIn(why, answer["message"])

    def test_annotations_are_added_to_a_template_that_had_no_metadata(self):
        path = f"/apis/batch/v1/namespaces/{self.ns}/cronjobs"
        self.rest.post(path, {"metadata": {"name": "c"}, "spec": {"schedule": "0 0 1 1 *", "jobTemplate": job(("true",))}})
        for place in ("/spec/jobTemplate/metadata", "/spec/jobTemplate/spec/template/metadata"):
            self.rest.patch(f"{path}/c", [{"op": "add", "path": f"{place}/annotations", "value": {"a": "b"}}], "application/json-patch+json")
        template = self.rest.get(f"{path}/c")["spec"]["jobTemplate"]
        self.assertEqual((template["metadata"], template["spec"]["template"]["metadata"]), ({"annotations": {"a": "b"}},) * 2)


if __name__ == "__main__":
    spec.main()
