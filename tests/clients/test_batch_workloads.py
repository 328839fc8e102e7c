"""Jobs, CronJobs and StatefulSets with kubectl, over hollow nodes."""
import datetime
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from hosts import wait_for
from local import NamespaceTest, columns


def job(name, command, **fields):
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
            "spec": {**fields, "template": {"spec": {
                "restartPolicy": "Never", "containers": [{"name": "main", "image": "busybox:1.35", "command": command}]}}}}


def stateful_set(name="web", replicas=3, **fields):
    labels = {"app": name}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name},
            "spec": {"replicas": replicas, "serviceName": name, "selector": {"matchLabels": labels}, **fields,
                     "template": {"metadata": {"labels": labels},
                                  "spec": {"terminationGracePeriodSeconds": 1,
                                           "containers": [{"name": "main", "image": "web:1"}]}}}}


class BatchWorkloads(NamespaceTest):
    def tearDown(self):
        # Two nodes take 220 pods: one case's are not to be in the next one's way.
        self.kubectl("delete", "namespace", self.namespace, "--timeout=60s")

    def field(self, what, path):
        return self.kubectl("get", *what.split(), "-o", f"jsonpath={path}")

    def names(self, kind, *args):
        return self.kubectl("get", kind, *args, "-o", "name").split()

    def reasons(self, what):
        """The reasons of the events of an object, oldest first."""
        kind, name = what.split("/")
        return self.kubectl("get", "events", "--field-selector", f"involvedObject.kind={kind},involvedObject.name={name}",
                            "--sort-by=.metadata.creationTimestamp", "-o", "jsonpath={.items[*].reason}").split()

    def wait(self, condition, what):
        self.kubectl("wait", f"--for={condition}", what, "--timeout=60s")

    def rolled_out(self, name="web"):
        self.kubectl("rollout", "status", f"statefulset/{name}", "--timeout=60s")

    # Jobs

    def test_a_job_completes(self):
        self.assertEqual(self.kubectl("create", "job", "pi", "--image=busybox:1.35", "--", "sleep", "1"), "job.batch/pi created\n")
        self.wait("condition=complete", "job/pi")
        self.assertEqual(columns(self.kubectl("get", "job", "pi", "--no-headers"))[:3], ["pi", "Complete", "1/1"])
        pod = self.get("pods", "-l", "job-name=pi")["items"][0]
        self.assertEqual(pod["status"]["phase"], "Succeeded")
        self.assertNotIn("finalizers", pod["metadata"])
        self.assertEqual(self.reasons("Job/pi"), ["SuccessfulCreate", "Completed"])
        described = self.kubectl("describe", "job", "pi")
        self.assertIn("Pods Statuses:    0 Active (0 Ready) / 1 Succeeded / 0 Failed", described)
        self.assertEqual(self.kubectl("delete", "job", "pi"), f'job.batch "pi" deleted\n')
        wait_for(lambda: not self.names("pods"), "its pods are gone")

    def test_a_job_fails(self):
        self.create(job("bad", ["sh", "-c", "exit 3"], backoffLimit=0))
        self.wait("condition=failed", "job/bad")
        self.assertEqual(self.field("job bad", '{.status.conditions[?(@.type=="Failed")].reason}'), "BackoffLimitExceeded")
        self.assertEqual(self.field("job bad", "{.status.failed}"), "1")
        self.assertEqual(columns(self.kubectl("get", "job", "bad", "--no-headers"))[:3], ["bad", "Failed", "0/1"])

    def test_a_container_that_fails_is_restarted(self):
        again = job("again", ["false"], backoffLimit=1)
        again["spec"]["template"]["spec"]["restartPolicy"] = "OnFailure"
        self.create(again)
        self.wait("condition=failed", "job/again")
        self.assertEqual(self.field("job again", '{.status.conditions[?(@.type=="Failed")].reason}'), "BackoffLimitExceeded")
        wait_for(lambda: not self.names("pods"), "its pod is gone")

    def test_a_failure_policy_ends_a_job(self):
        rules = [{"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}}]
        self.create(job("strict", ["sh", "-c", "exit 42"], podFailurePolicy={"rules": rules}))
        self.wait("condition=failed", "job/strict")
        message = self.field("job strict", '{.status.conditions[?(@.type=="Failed")].message}')
        self.assertRegex(message, r"^Container main for pod [a-z-]+/strict-\w+ failed with exit code 42 matching FailJob rule at index 0$")

    def test_an_indexed_job(self):
        self.create(job("shards", ["sleep", "1"], completions=5, parallelism=3, completionMode="Indexed"))
        self.wait("condition=complete", "job/shards")
        self.assertEqual(self.field("job shards", "{.status.completedIndexes} {.status.succeeded}"), "0-4 5")
        pods = self.get("pods", "-l", "job-name=shards")["items"]
        indexes = sorted(p["metadata"]["labels"]["batch.kubernetes.io/job-completion-index"] for p in pods)
        self.assertEqual(indexes, ["0", "1", "2", "3", "4"])
        self.assertEqual({p["spec"]["hostname"] for p in pods}, {f"shards-{i}" for i in range(5)})

    def test_a_job_sleeps_and_wakes(self):
        self.create(job("long", ["sleep", "infinity"], parallelism=2, suspend=True))
        self.wait("condition=Suspended", "job/long")
        self.assertEqual(self.names("pods"), [])
        self.kubectl("patch", "job", "long", "-p", '{"spec":{"suspend":false}}')
        self.wait("jsonpath={.status.ready}=2", "job/long")
        self.kubectl("patch", "job", "long", "-p", '{"spec":{"suspend":true}}')
        wait_for(lambda: not self.names("pods"), "its pods are gone")
        self.assertEqual(self.field("job long", "{.status.failed}"), "")
        self.kubectl("patch", "job", "long", "-p", '{"spec":{"suspend":false}}')
        self.wait("jsonpath={.status.active}=2", "job/long")
        self.kubectl("patch", "job", "long", "-p", '{"spec":{"parallelism":1}}')
        self.wait("jsonpath={.status.active}=1", "job/long")
        self.assertIn("Resumed", self.reasons("Job/long"))

    def test_a_job_goes_after_its_time(self):
        self.create(job("brief", ["true"], ttlSecondsAfterFinished=2))
        self.wait("condition=complete", "job/brief")
        self.wait("delete", "job/brief")
        wait_for(lambda: not self.names("pods"), "its pods are gone")

    def test_a_deadline(self):
        self.create(job("late", ["sleep", "infinity"], activeDeadlineSeconds=2))
        self.wait("condition=failed", "job/late")
        self.assertEqual(self.field("job late", '{.status.conditions[?(@.type=="Failed")].reason}'), "DeadlineExceeded")

    def test_a_job_counts_over_a_kill(self):
        self.create(job("counted", ["sleep", "2"], completions=40, parallelism=20, completionMode="Indexed", backoffLimitPerIndex=3))
        wait_for(lambda: int(self.field("job counted", "{.status.succeeded}") or 0) >= 5, "some have succeeded")
        self.up.kill_and_restart()
        self.kubectl("config", "set-context", "--current", "--namespace", self.namespace)
        self.wait("condition=complete", "job/counted")
        status = self.get("job", "counted")["status"]
        phases = [p["status"]["phase"] for p in self.get("pods")["items"]]
        self.assertEqual((status["succeeded"], status["completedIndexes"]), (40, "0-39"))
        self.assertEqual((phases.count("Succeeded"), phases.count("Failed")), (40, status.get("failed", 0)))

    # CronJobs

    def test_a_cron_job(self):
        made = self.kubectl("create", "cronjob", "tidy", "--image=busybox:1.35", "--schedule=0 0 1 1 *", "--", "sleep", "1")
        self.assertEqual(made, "cronjob.batch/tidy created\n")
        self.assertEqual(self.kubectl("create", "job", "now", "--from=cronjob/tidy"), "job.batch/now created\n")
        self.wait("condition=complete", "job/now")
        self.assertEqual(self.field("job now", "{.metadata.annotations.cronjob\\.kubernetes\\.io/instantiate}"), "manual")
        self.wait("jsonpath={.status.lastSuccessfulTime}", "cronjob/tidy")

    def test_a_cron_job_starts_jobs(self):
        # Its last start was missed a moment ago.
        self.kubectl("create", "cronjob", "often", "--image=busybox:1.35", "--schedule=* * * * *", "--", "true")
        started = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0) - datetime.timedelta(minutes=5)
        self.kubectl("patch", "cronjob", "often", "--subresource=status", "--type=merge", "-p",
                     '{"status":{"lastScheduleTime":"%s"}}' % started.strftime("%Y-%m-%dT%H:%M:%SZ"))
        wait_for(lambda: self.names("jobs"), "a job is started")
        name = self.names("jobs")[0].split("/")[1]
        minute = int(name.removeprefix("often-"))
        self.assertLess(abs(minute - datetime.datetime.now().timestamp() / 60), 2)
        self.wait("condition=complete", f"job/{name}")
        self.wait("jsonpath={.status.lastSuccessfulTime}", "cronjob/often")
        wait_for(lambda: "SawCompletedJob" in self.reasons("CronJob/often"), "the completion is told")
        self.assertEqual(self.reasons("CronJob/often")[0], "SuccessfulCreate")
        self.kubectl("patch", "cronjob", "often", "-p", '{"spec":{"suspend":true}}')
        self.assertEqual(columns(self.kubectl("get", "cronjob", "often", "--no-headers"))[:4], ["often", "* * * * *", "<none>", "True"])
        self.kubectl("delete", "cronjob", "often")
        wait_for(lambda: not self.names("jobs") and not self.names("pods"), "what it started is gone")

    # StatefulSets

    def test_a_stateful_set_scales_in_order(self):
        self.create(stateful_set())
        self.rolled_out()
        born = self.kubectl("get", "pods", "--sort-by=.metadata.creationTimestamp", "-o", "name").split()
        self.assertEqual(born, ["pod/web-0", "pod/web-1", "pod/web-2"])
        self.assertEqual(columns(self.kubectl("get", "statefulset", "web", "--no-headers"))[:2], ["web", "3/3"])
        self.kubectl("scale", "statefulset", "web", "--replicas=5")
        self.rolled_out()
        self.assertEqual(len(self.names("pods")), 5)
        self.kubectl("scale", "statefulset", "web", "--replicas=1")
        wait_for(lambda: self.names("pods") == ["pod/web-0"], "one pod is left")
        gone = [m.split()[2] for m in self.field("events --field-selector=reason=SuccessfulDelete --sort-by=.metadata.creationTimestamp",
                                                 "{range .items[*]}{.message}{'\\n'}{end}").splitlines()]
        self.assertEqual(gone, ["web-4", "web-3", "web-2", "web-1"])

    def test_a_stateful_set_rolls_out_and_back(self):
        self.create(stateful_set())
        self.rolled_out()
        first = self.field("statefulset web", "{.status.currentRevision}")
        self.assertEqual(self.kubectl("set", "image", "statefulset/web", "main=web:2"), "statefulset.apps/web image updated\n")
        self.rolled_out()
        self.assertEqual(set(self.field("pods", "{.items[*].spec.containers[0].image}").split()), {"web:2"})
        self.kubectl("rollout", "restart", "statefulset/web")
        self.rolled_out()
        history = self.kubectl("rollout", "history", "statefulset/web")
        self.assertEqual([line.split()[0] for line in history.splitlines()[2:] if line], ["1", "2", "3"])
        self.assertIn("web:1", self.kubectl("rollout", "history", "statefulset/web", "--revision=1"))
        self.assertEqual(self.kubectl("rollout", "undo", "statefulset/web", "--to-revision=1"), "statefulset.apps/web rolled back\n")
        wait_for(lambda: self.field("statefulset web", "{.status.currentRevision}") == first, "the first revision is current")
        self.rolled_out()
        self.assertEqual(set(self.field("pods", "{.items[*].spec.containers[0].image}").split()), {"web:1"})

    def test_a_stateful_set_leaves_its_pods(self):
        self.create(stateful_set(replicas=2))
        self.rolled_out()
        before = self.field("pod web-1", "{.metadata.uid}")
        self.kubectl("delete", "statefulset", "web", "--cascade=orphan")
        self.assertEqual(self.field("pod web-1", "{.metadata.ownerReferences}"), "")
        self.create(stateful_set(replicas=2))
        self.rolled_out()
        self.assertEqual(self.field("pod web-1", "{.metadata.uid}"), before)
        self.kubectl("delete", "statefulset", "web", "--cascade=foreground")
        self.assertEqual(self.names("pods"), [])

    def test_a_stateful_set_has_claims(self):
        claim = {"metadata": {"name": "data"},
                 "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
        self.create(stateful_set(replicas=2, volumeClaimTemplates=[claim],
                                 persistentVolumeClaimRetentionPolicy={"whenScaled": "Delete", "whenDeleted": "Retain"}))
        self.rolled_out()
        self.assertEqual(self.names("pvc"), ["persistentvolumeclaim/data-web-0", "persistentvolumeclaim/data-web-1"])
        volume = self.field("pvc data-web-0", "{.spec.volumeName}")
        self.assertNotEqual(volume, "")
        self.kubectl("delete", "pod", "web-0")
        self.rolled_out()
        self.assertEqual(self.field("pvc data-web-0", "{.spec.volumeName}"), volume)
        self.kubectl("scale", "statefulset", "web", "--replicas=1")
        wait_for(lambda: self.names("pvc") == ["persistentvolumeclaim/data-web-0"], "the claim of the last pod is gone")
        self.kubectl("delete", "statefulset", "web")
        wait_for(lambda: not self.names("pods"), "its pods are gone")
        self.assertEqual(self.field("pvc data-web-0", "{.status.phase}"), "Bound")

    def test_a_pod_that_is_deleted_comes_back(self):
        self.create(stateful_set(replicas=2, podManagementPolicy="Parallel"))
        self.rolled_out()
        before = self.field("pod web-0", "{.metadata.uid}")
        self.kubectl("delete", "pod", "web-0")
        wait_for(lambda: self.up.kubectl("get", "pod", "web-0", "-o", "jsonpath={.metadata.uid}").stdout not in ("", before),
                 "another pod has its name")
        self.rolled_out()


if __name__ == "__main__":
    spec.main()
