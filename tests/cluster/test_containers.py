"""How containers start, end and are replaced on a real runtime, as Kubernetes' node tests drive it: exit codes and policies, other
images, parts of volumes that an expression names, probes that leave little time or lead elsewhere."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import BUSYBOX, ClusterTest, condition, pod
from hosts import wait_for

STAYS = "sleep 1000000"


class Containers(ClusterTest):
    workers = ("node1",)

    def status(self, name):
        return (self.cluster.get("pod", name)["status"].get("containerStatuses") or [{}])[0]

    def waits_for(self, name, reason):
        return self.cluster.wait_pod(name, lambda p: (p["status"].get("containerStatuses") or [{}])[0].get("state", {}).get("waiting", {})
                                     .get("reason") == reason, reason)["status"]["containerStatuses"][0]["state"]["waiting"]["message"]

    def restarted(self, name, timeout=60):
        wait_for(lambda: self.status(name).get("restartCount", 0) >= 1, f"{name} is restarted", timeout, 0.3)

    def said(self, name, reason):
        return [e["message"] for e in self.cluster.events(name) if e["reason"] == reason]


class Lives(Containers):
    def test_policies_and_exit_codes(self):
        count = "n=$(cat /v/n 2>/dev/null || echo 0); echo $((n+1)) > /v/n; "
        rows = (("Always", "test $n -ge 1 && sleep 1000000; exit 1", "Running", 1), ("OnFailure", "test $n -ge 1 && exit 0; exit 1", "Succeeded", 1),
                ("Never", "exit 1", "Failed", 0))
        self.cluster.create(*[pod(policy.lower(), count + command, restartPolicy=policy, volumes=[{"name": "v", "emptyDir": {}}],
                                  container={"volumeMounts": [{"name": "v", "mountPath": "/v"}]}) for policy, command, _, _ in rows])
        for policy, _, phase, restarts in rows:
            with self.subTest(policy):
                p = self.cluster.wait_pod(policy.lower(), lambda p: p["status"]["phase"] == phase and p["status"]["containerStatuses"][0]
                                          ["restartCount"] == restarts, f"is {phase} after {restarts}")
                state = p["status"]["containerStatuses"][0]["state"]
                if phase != "Running":
                    self.assertEqual((state["terminated"]["exitCode"], state["terminated"]["reason"]), {"Succeeded": (0, "Completed"), "Failed": (1, "Error")}[phase])
                    self.assertEqual(condition(p, "Ready"), "False")

    def test_another_image(self):
        for policy in ("Always", "Never"):
            with self.subTest(policy):
                name = f"image-{policy.lower()}"
                self.cluster.create(pod(name, STAYS, restartPolicy=policy))
                self.cluster.wait_running(name)
                old = self.status(name)["containerID"]
                self.cluster.kubectl("set", "image", f"pod/{name}", "main=docker.io/library/busybox:1.35")
                self.restarted(name)
                self.cluster.wait_running(name)
                self.assertNotEqual(self.status(name)["containerID"], old)
                self.assertEqual(self.said(name, "Killing"), ["Container main definition changed, will be restarted"])
        # A pod that lies fallow for its image runs as soon as it gets a better one.
        self.cluster.create(pod("odd", container={"image": "UPPER/Bad:::x"}))
        self.assertIn("couldn't parse image name", self.waits_for("odd", "InvalidImageName"))
        self.cluster.kubectl("set", "image", "pod/odd", "main=busybox:1.35")
        self.cluster.wait_running("odd", 10)

    def test_parts_of_volumes(self):
        def made(name, expression, *env):
            return pod(name, STAYS, volumes=[{"name": "w", "emptyDir": {}}], container={"env": [{"name": n, **v} for n, v in env], "volumeMounts": [
                {"name": "w", "mountPath": "/part", "subPathExpr": expression}, {"name": "w", "mountPath": "/whole"}]})
        note = ("NOTE", {"valueFrom": {"fieldRef": {"fieldPath": "metadata.annotations['part']"}}})
        for name, value, why in (("above", "..", "unable to provision SubPath `..`: must not contain '..'"),
                                 ("absolute", "/tmp", "error SubPath `/tmp` must not be an absolute path")):
            self.cluster.create(made(name, "$(PART)", ("PART", {"value": value})))
            self.assertEqual(self.waits_for(name, "CreateContainerConfigError"), why)
        self.cluster.create(made("later", "$(NOTE)/$(NAME)", ("NAME", {"value": "foo"}), note))
        self.assertEqual(self.waits_for("later", "CreateContainerConfigError"), "missing value for NOTE")
        self.cluster.kubectl("annotate", "pod", "later", "part=mine")
        self.cluster.wait_running("later", 10)
        self.assertEqual(self.cluster.kubectl("exec", "later", "--", "sh", "-c", "touch /whole/mine/foo/log; ls /part"), "log\n")


    def test_ends(self):
        """A hook takes its time from that of the container, and sidecars end after it, the last one first."""
        folder = self.cluster.lan["node1"].folder
        says = lambda name: f"trap 'echo {name} >> /h/ends; exit 0' TERM; while :; do sleep 0.1; done"
        mounts = {"volumeMounts": [{"name": "h", "mountPath": "/h"}]}
        ordered = pod("ordered", says("main"), volumes=[{"name": "h", "hostPath": {"path": folder}}], terminationGracePeriodSeconds=20, container=mounts)
        ordered["spec"]["initContainers"] = [{"name": name, "image": BUSYBOX, "restartPolicy": "Always", "command": ["sh", "-c", says(name)], **mounts}
                                             for name in ("first", "second")]
        deaf = pod("deaf-hook", "trap '' TERM; while :; do sleep 0.1; done", terminationGracePeriodSeconds=6, container={
            "lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}}})
        self.cluster.create(ordered, deaf)
        self.cluster.wait_running("ordered")
        self.cluster.wait_running("deaf-hook")
        begun = time.monotonic()
        self.cluster.kubectl("delete", "pod", "deaf-hook", "ordered", "--wait=false")
        self.cluster.wait_gone("pod", "deaf-hook")
        self.assertLess(time.monotonic() - begun, 10, "5 s of the hook, and 2 more")
        self.cluster.wait_gone("pod", "ordered")
        with open(f"{folder}/ends") as file:
            self.assertEqual(file.read().split(), ["main", "second", "first"])


class Probes(Containers):
    EVERY = {"periodSeconds": 1, "failureThreshold": 1, "initialDelaySeconds": 1}

    def test_a_probe_leaves_less_time(self):
        deaf = "trap '' TERM; while :; do sleep 1; done"
        probe = {"exec": {"command": ["false"]}, "terminationGracePeriodSeconds": 1, **self.EVERY}
        self.cluster.create(pod("deaf", deaf, terminationGracePeriodSeconds=500, container={"livenessProbe": probe}),
                            pod("deaf-once", deaf, terminationGracePeriodSeconds=500, restartPolicy="Never", container={"livenessProbe": probe}))
        self.restarted("deaf", 20)
        self.assertEqual(self.said("deaf", "Unhealthy")[0], "Liveness probe failed: ")
        self.assertEqual(self.said("deaf", "Killing")[0], "Container main failed liveness probe, will be restarted")
        self.cluster.wait_pod("deaf-once", lambda p: p["status"]["phase"] == "Failed", "fails", 20)
        self.assertEqual(self.said("deaf-once", "Killing"), ["Container main failed liveness probe"])
        unhealthy = [e for e in self.cluster.events("deaf-once") if e["reason"] == "Unhealthy"]
        self.assertEqual([e.get("count", 1) for e in unhealthy], [1], "who is to end is not asked again")

    def test_probes_are_sent_on_to_the_same_host_alone(self):
        page = "mkdir -p /w/cgi-bin; printf '#!/bin/sh\\necho Status: 302 Found; echo Location: {}; echo' > /w/cgi-bin/r; chmod +x /w/cgi-bin/r; exec httpd -f -p 8080 -h /w"
        probe = {"httpGet": {"path": "/cgi-bin/r", "port": 8080}, **self.EVERY}
        self.cluster.create(pod("on", page.format("/none"), container={"livenessProbe": probe}),
                            pod("abroad", page.format("http://203.0.113.9/"), container={"livenessProbe": probe}))
        self.restarted("on", 30)
        self.assertIn("Liveness probe failed: HTTP probe failed with statuscode: 404", self.said("on", "Unhealthy"))
        self.assertEqual(self.cluster.wait_event("abroad", "ProbeWarning")["message"], "Liveness probe warning: Probe terminated redirects")
        self.assertEqual(self.status("abroad")["restartCount"], 0)


if __name__ == "__main__":
    spec.main()
