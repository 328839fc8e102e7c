"""Life and death of pods on a real runtime: restarts, exit codes, logs, deletion, images that are not there."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import ClusterTest, KubectlError, pod
from hosts import wait_for


def main_status(pod):
    return (pod["status"].get("containerStatuses") or [{}])[0]


class Lifecycle(ClusterTest):
    workers = ("node1",)

    def test_restart_policy_always_backs_off(self):
        self.cluster.create(pod("crash", "echo about to fail; exit 3"))
        crashed = self.cluster.wait_pod(
            "crash", lambda pod: main_status(pod).get("restartCount", 0) >= 2 and "waiting" in main_status(pod)["state"],
            "has crashed twice and waits", timeout=90)
        status = main_status(crashed)
        self.assertEqual(status["state"]["waiting"]["reason"], "CrashLoopBackOff")
        self.assertRegex(status["state"]["waiting"]["message"], r"^back-off \d+s restarting failed container=main pod=crash_default")
        last = status["lastState"]["terminated"]
        self.assertEqual((last["exitCode"], last["reason"]), (3, "Error"))
        self.assertEqual(crashed["status"]["phase"], "Running")
        self.cluster.wait_event("crash", "BackOff")
        wait_for(lambda: "CrashLoopBackOff" in self.cluster.kubectl("get", "pod", "crash"), "kubectl shows that it waits")

    def test_restart_policy_on_failure(self):
        # The emptyDir outlives the container, so the second try finds what the first one left.
        tries = {"volumes": [{"name": "tries", "emptyDir": {}}],
                 "container": {"volumeMounts": [{"name": "tries", "mountPath": "/tries"}]}}
        self.cluster.create(pod("second-try", "test -e /tries/one || { touch /tries/one; exit 1; }",
                                restartPolicy="OnFailure", **tries))
        done = self.cluster.wait_pod("second-try", lambda pod: pod["status"]["phase"] == "Succeeded", "succeeds", 90)
        self.assertEqual(main_status(done)["restartCount"], 1)
        self.assertEqual(main_status(done)["state"]["terminated"]["reason"], "Completed")

    def test_restart_policy_never(self):
        self.cluster.create(pod("fails", "exit 7", restartPolicy="Never"), pod("works", "true", restartPolicy="Never"))
        failed = self.cluster.wait_pod("fails", lambda pod: pod["status"]["phase"] == "Failed", "fails")
        ended = main_status(failed)["state"]["terminated"]
        self.assertEqual((ended["exitCode"], ended["reason"]), (7, "Error"))
        self.assertLessEqual(ended["startedAt"], ended["finishedAt"])
        worked = self.cluster.wait_pod("works", lambda pod: pod["status"]["phase"] == "Succeeded", "succeeds")
        self.assertEqual(main_status(worked)["restartCount"], 0)
        self.assertRegex(self.cluster.kubectl("get", "pod", "works", "--no-headers"), r"^works\s+0/1\s+Completed\s+0\s")

    def test_logs(self):
        two = pod("talk", "for i in 1 2 3 4 5; do echo line $i; done; sleep 1000000")
        two["spec"]["containers"].append({**two["spec"]["containers"][0], "name": "other",
                                          "command": ["sh", "-c", "echo from the other; echo to stderr >&2; sleep 1000000"]})
        self.cluster.create(two)
        self.cluster.wait_running("talk")
        logs = lambda *flags: self.cluster.kubectl("logs", "talk", *flags)
        wait_for(lambda: "line 5" in logs("-c", "main"), "all lines are in the log")
        self.assertEqual(logs("-c", "main"), "".join(f"line {i}\n" for i in range(1, 6)))
        self.assertEqual(logs("-c", "main", "--tail=2"), "line 4\nline 5\n")
        self.assertEqual(sorted(logs("-c", "other").splitlines()), ["from the other", "to stderr"])
        self.assertEqual(logs("-c", "main", "--since=1h", "--tail=1"), "line 5\n")
        self.assertRegex(logs("-c", "main", "--timestamps", "--tail=1"), r"^\d{4}-\d\d-\d\dT[\d:.]+Z line 5\n$")
        self.assertIn("line 1", logs())  # the first container is the default one
        with self.assertRaisesRegex(KubectlError, "container nobody is not valid for pod talk"):
            logs("-c", "nobody")

    def test_logs_follow(self):
        self.cluster.create(pod("counts", "i=0; while [ $i -lt 8 ]; do echo tick $i; i=$((i+1)); sleep 0.5; done",
                                restartPolicy="Never"))
        self.cluster.wait_pod("counts", lambda pod: pod["status"]["phase"] in ("Running", "Succeeded"), "runs")
        # Follows to the end of the container, then ends by itself.
        self.assertEqual(self.cluster.kubectl("logs", "-f", "counts"), "".join(f"tick {i}\n" for i in range(8)))

    def test_logs_previous(self):
        self.cluster.create(pod("again", "echo run of $(cat /proc/sys/kernel/random/uuid); exit 1"))
        self.cluster.wait_pod("again", lambda pod: main_status(pod).get("restartCount", 0) >= 1, "was restarted")
        previous = self.cluster.kubectl("logs", "--previous", "again")
        self.assertRegex(previous, r"^run of [0-9a-f-]{36}\n$")

    def test_graceful_deletion_lets_the_container_end(self):
        self.cluster.create(pod("polite", "trap 'echo bye; sleep 2; exit 0' TERM; while :; do sleep 0.1; done",
                                terminationGracePeriodSeconds=30))
        self.cluster.wait_running("polite")
        start = time.monotonic()
        self.cluster.kubectl("delete", "pod", "polite", "--wait=false")
        leaving = self.cluster.get("pod", "polite")
        self.assertEqual(leaving["metadata"]["deletionGracePeriodSeconds"], 30)
        self.assertIn("Terminating", self.cluster.kubectl("get", "pod", "polite"))
        self.cluster.wait_gone("pod", "polite")
        self.assertGreater(time.monotonic() - start, 1.5)
        self.assertLess(time.monotonic() - start, 15)

    def test_a_container_that_will_not_end_is_killed(self):
        self.cluster.create(pod("stubborn", "trap '' TERM; while :; do sleep 0.1; done", terminationGracePeriodSeconds=2))
        self.cluster.wait_running("stubborn")
        start = time.monotonic()
        self.cluster.kubectl("delete", "pod", "stubborn")
        self.assertGreater(time.monotonic() - start, 1.5)
        self.assertLess(time.monotonic() - start, 15)

    def test_forced_deletion_is_at_once_and_leaves_nothing(self):
        self.cluster.create(pod("forced", "trap '' TERM; while :; do sleep 0.1; done", terminationGracePeriodSeconds=600))
        running = self.cluster.wait_running("forced")
        id = main_status(running)["containerID"].removeprefix("containerd://")
        self.cluster.kubectl("delete", "pod", "forced", "--force", "--grace-period=0")
        self.assertIsNone(self.cluster.get("pod", "forced"))
        wait_for(lambda: id not in self.cluster.lan["node1"].containerd.tasks(), "its container is gone")

    def test_a_pod_finds_the_token_of_its_account(self):
        self.cluster.create(pod("asks", "cd /var/run/secrets/kubernetes.io/serviceaccount; cat namespace; echo; head -n 1 ca.crt; "
                                "cat token; echo; sleep 1000000"))
        self.cluster.wait_running("asks")
        lines = wait_for(lambda: (lines := self.cluster.kubectl("logs", "asks").splitlines())[2:] and lines, "the log has it all")
        self.assertEqual(lines[:2], ["default", "-----BEGIN CERTIFICATE-----"])
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": lines[2]}}
        status = json.loads(self.cluster.kubectl("create", "-f", "-", "-o", "json", input=json.dumps(review)))["status"]
        self.assertEqual(status["user"]["username"], "system:serviceaccount:default:default")
        self.assertEqual((status["user"]["extra"]["authentication.kubernetes.io/pod-name"],
                          status["user"]["extra"]["authentication.kubernetes.io/node-name"]), (["asks"], ["node1"]))

    def test_an_image_that_is_not_there(self):
        self.cluster.create(pod("bad", container={"image": "localhost:1/no/such:1"}))
        seen = set()

        def backs_off(pod):
            seen.add(main_status(pod).get("state", {}).get("waiting", {}).get("reason"))
            return "ImagePullBackOff" in seen
        bad = self.cluster.wait_pod("bad", backs_off, "backs off")
        self.assertIn("ErrImagePull", seen)
        self.assertEqual(bad["status"]["phase"], "Pending")
        self.assertIn('Back-off pulling image "localhost:1/no/such:1"', main_status(bad)["state"]["waiting"]["message"])
        self.cluster.wait_event("bad", "Failed", 'Failed to pull image "localhost:1/no/such:1"')
        self.cluster.wait_event("bad", "Failed", "Error: ErrImagePull")
        self.cluster.wait_event("bad", "BackOff", 'Back-off pulling image "localhost:1/no/such:1"')


if __name__ == "__main__":
    spec.main()
