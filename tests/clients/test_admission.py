"""What is let into a namespace, with kubectl: limits, quotas, pod security, classes."""
import concurrent.futures
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from hosts import wait_for
from local import NamespaceTest


class Admission(NamespaceTest):
    def apply(self, **document):
        self.kubectl("apply", "-f", "-", input=json.dumps({"apiVersion": "v1", **document}))

    def test_a_quota_is_never_overdrawn(self):
        self.kubectl("create", "quota", "q", "--hard=configmaps=6")
        used = lambda: int(self.get("quota", "q").get("status", {}).get("used", {}).get("configmaps", -1))
        wait_for(lambda: used() == 1, "kube-root-ca.crt is counted", 10)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            done = list(pool.map(lambda i: self.up.kubectl("create", "configmap", f"c{i}", "-n", self.namespace), range(16)))
        self.assertEqual(sum(d.returncode == 0 for d in done), 5)
        refusals = {d.stderr for d in done if d.returncode != 0}
        for text in refusals:
            self.assertIn("exceeded quota: q, requested: configmaps=1, used: configmaps=6, limited: configmaps=6", text)
        wait_for(lambda: used() == 6, "the quota's status", 10)
        self.kubectl("delete", "configmap", *[f"c{i}" for i in range(16)], "--ignore-not-found")
        self.kubectl("create", "configmap", "again")

    def test_a_quota_asks_for_what_it_counts(self):
        self.kubectl("create", "quota", "q", "--hard=requests.cpu=1")
        self.assertIn("failed quota: q: must specify requests.cpu for: p", self.refused("run", "p", "--image=busybox:1.35"))

    def test_limits_are_filled_in_and_kept(self):
        self.apply(kind="LimitRange", metadata={"name": "l"}, spec={"limits": [
            {"type": "Container", "default": {"cpu": "500m"}, "defaultRequest": {"cpu": "100m"}, "max": {"cpu": "1"}}]})
        self.kubectl("run", "p", "--image=busybox:1.35")
        pod = self.get("pod", "p")
        self.assertEqual(pod["spec"]["containers"][0]["resources"], {"limits": {"cpu": "500m"}, "requests": {"cpu": "100m"}})
        self.assertEqual(pod["metadata"]["annotations"]["kubernetes.io/limit-ranger"],
                         "LimitRanger plugin set: cpu request for container p; cpu limit for container p")
        override = {"spec": {"containers": [{"name": "q", "image": "busybox:1.35", "resources": {"limits": {"cpu": "2"}}}]}}
        self.assertIn("maximum cpu usage per Container is 1, but limit is 2",
                      self.refused("run", "q", "--image=busybox:1.35", "--overrides", json.dumps(override)))

    def test_pod_security_by_labels(self):
        self.kubectl("label", "namespace", self.namespace, "pod-security.kubernetes.io/enforce=baseline",
                     "pod-security.kubernetes.io/warn=restricted")
        done = self.up.kubectl("run", "p", "--image=busybox:1.35", "-n", self.namespace)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('Warning: would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false', done.stderr)
        self.assertIn('violates PodSecurity "baseline:latest": privileged (container "q" must not set '
                      'securityContext.privileged=true)', self.refused("run", "q", "--image=busybox:1.35", "--privileged"))
        self.assertIn("must be one of privileged, baseline, restricted",
                      self.refused("label", "namespace", self.namespace, "pod-security.kubernetes.io/audit=strict"))
        done = self.up.kubectl("create", "deployment", "d", "--image=busybox:1.35", "-n", self.namespace)
        self.assertIn('would violate PodSecurity "restricted:latest"', done.stderr)

    def test_pod_security_looks_again(self):
        self.kubectl("run", "p", "--image=busybox:1.35", "--privileged")
        self.kubectl("run", "plain", "--image=busybox:1.35")
        wait_for(lambda: self.get("pod", "plain")["status"]["phase"] == "Running", "it runs")
        self.kubectl("label", "namespace", self.namespace, "pod-security.kubernetes.io/enforce=baseline")
        self.kubectl("label", "pod", "p", "a=b")
        # What runs may stay, but gets nothing new to run.
        self.assertIn('violates PodSecurity "baseline:latest": privileged', self.refused("set", "image", "pod/p", "p=busybox:1.36"))
        self.kubectl("set", "image", "pod/plain", "plain=busybox:1.36")
        self.assertIn('violates PodSecurity "baseline:latest": privileged',
                      self.refused("debug", "plain", "--image=busybox:1.35", "--profile=sysadmin", "--attach=false", "-c", "bad"))
        self.kubectl("debug", "plain", "--image=busybox:1.35", "--profile=baseline", "--attach=false", "-c", "good")
        self.assertEqual([c["name"] for c in self.get("pod", "plain")["spec"]["ephemeralContainers"]], ["good"])

    def test_default_classes(self):
        priority = "default-" + self.namespace
        self.kubectl("create", "priorityclass", priority, "--value=17", "--global-default")
        self.addCleanup(self.kubectl, "delete", "priorityclass", priority)
        self.kubectl("run", "p", "--image=busybox:1.35")
        self.assertEqual(self.get("pod", "p")["spec"]["priority"], 17)
        self.assertEqual(self.get("pod", "p")["spec"]["priorityClassName"], priority)
        self.apply(apiVersion="node.k8s.io/v1", kind="RuntimeClass", metadata={"name": "vm"}, handler="runc",
                   overhead={"podFixed": {"memory": "64Mi"}})
        self.kubectl("run", "q", "--image=busybox:1.35", '--overrides={"spec":{"runtimeClassName":"vm"}}')
        self.assertEqual(self.get("pod", "q")["spec"]["overhead"], {"memory": "64Mi"})
        self.assertIn('pod rejected: RuntimeClass "gone" not found', self.refused(
            "run", "r", "--image=busybox:1.35", '--overrides={"spec":{"runtimeClassName":"gone"}}'))


if __name__ == "__main__":
    spec.main()
