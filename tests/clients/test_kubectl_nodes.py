"""kubectl's commands around nodes and pods: cordon, taint, drain, run, debug, logs, wait, deletes."""
import json
import os
import sys

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import wait_for
from local import NamespaceTest

LABELS = {"app": "web"}


def workload(kind, name, image="web:1", labels=None, **more):
    labels = labels or LABELS
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "labels": labels},
            "spec": {"selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": image}]}}, **more}}


def owned(made, owner):
    made["metadata"]["ownerReferences"] = [{"apiVersion": owner["apiVersion"], "kind": owner["kind"], "controller": True,
                                            "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}]
    return made


class Nodes(NamespaceTest):
    def field(self, what, path):
        return self.kubectl("get", what, "-o", f"jsonpath={path}")

    def test_cordon_and_taint_several(self):
        self.assertEqual(self.kubectl("cordon", "-l", "kubernetes.io/hostname=node2"), "node/node2 cordoned\n")
        self.assertEqual(self.kubectl("cordon", "node2"), "node/node2 already cordoned\n")
        self.assertEqual(self.kubectl("uncordon", "node1", "node2"), "node/node1 already uncordoned\nnode/node2 uncordoned\n")
        taint = lambda *args: self.kubectl("taint", "nodes", "--all", *args)
        self.assertEqual(taint("a=b:PreferNoSchedule"), "node/node1 tainted\nnode/node2 tainted\n")
        self.assertIn("already has a taint(s) with same effect(s)", self.refused("taint", "nodes", "--all", "a=c:PreferNoSchedule"))
        self.assertEqual(taint("a=c:PreferNoSchedule", "--overwrite"), "node/node1 modified\nnode/node2 modified\n")
        self.assertEqual(self.field("node/node1", "{.spec.taints[*].value}"), "c")
        self.assertEqual(taint("a-"), "node/node1 untainted\nnode/node2 untainted\n")
        self.kubectl("label", "node", "node1", "node-role.kubernetes.io/worker=")
        self.assertEqual(self.field("node/node1", "{.spec.taints}"), "")
        self.assertIn(" worker ", self.kubectl("get", "node", "node1", "--no-headers"))

    def test_drain_spares_what_it_has_to(self):
        self.create(workload("DaemonSet", "agents", labels={"app": "agents"}))
        self.kubectl("rollout", "status", "daemonset/agents", "--timeout=30s")
        with_dir = pod("with-dir", nodeName="node1", labels=LABELS, volumes=[{"name": "v", "emptyDir": {}}])
        self.create(with_dir, pod("plain", nodeName="node1", labels=LABELS))
        self.kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=30s")
        self.addCleanup(self.kubectl, "uncordon", "node1")
        said = self.refused("drain", "node1")
        for reason in ("use --ignore-daemonsets to ignore", "use --delete-emptydir-data to override", "use --force to override"):
            self.assertIn(reason, said)
        flags = ("node1", "--force", "--ignore-daemonsets", "--delete-emptydir-data", "--grace-period=1", "--timeout=30s")
        self.assertIn("evicting pod drain-spares-what-it-has-to/plain (server dry run)", self.kubectl("drain", *flags, "--dry-run=server"))
        self.assertIn("pod/plain deleted", self.kubectl("drain", *flags, "--disable-eviction", "--pod-selector=app=web"))
        self.assertIn("node/node1 drained", self.kubectl("drain", *flags))
        left = self.kubectl("get", "pods", "-o", "name").split()
        self.assertEqual([name.startswith("pod/agents-") for name in left], [True, True])

    def test_run_in_its_ways(self):
        dry = yaml.safe_load(self.kubectl("run", "r", "--image=web", "--port=80", "--dry-run=client", "-o", "yaml"))
        self.assertEqual(dry["spec"]["containers"][0]["ports"], [{"containerPort": 80}])
        made = json.loads(self.kubectl("run", "r", "--image=web", "--dry-run=server", "-o", "json"))
        self.assertEqual(made["spec"]["containers"][0]["imagePullPolicy"], "Always")
        self.refused("get", "pod", "r")
        self.kubectl("run", "r", "--image=web:1", "--restart=Never", "--annotations=a=b", '--overrides={"spec":{"nodeName":"node2"}}')
        self.assertEqual(self.field("pod/r", "{.spec.nodeName} {.spec.restartPolicy} {.metadata.annotations.a}"), "node2 Never b")

    def test_debug_and_logs(self):
        self.create(pod("p", labels=LABELS), pod("q", labels=LABELS))
        self.kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=30s")
        debug = lambda *args: self.kubectl("debug", *args, "--image=tools:1", "--profile=general", "-q")
        debug("pod/p", "-c", "tools")
        self.assertEqual(self.field("pod/p", "{.spec.ephemeralContainers[*].name}"), "tools")
        debug("pod/p", "--copy-to=copy")
        self.assertIn("tools:1", self.field("pod/copy", "{.spec.containers[*].image}"))
        debug("node/node1")
        self.assertIn("node-debugger-node1-", self.kubectl("get", "pods", "-o", "name"))
        logs = self.kubectl("logs", "-l", "app=web", "--prefix", "--tail=1").splitlines()
        self.assertTrue(all(line.startswith("[pod/") for line in logs), logs)
        self.assertIn("started on", self.kubectl("logs", "q", "--all-containers"))
        self.kubectl("delete", "pods", "--all", "--now")

    def test_waits(self):
        self.create(pod("p"))
        self.kubectl("wait", "--for=condition=PodScheduled=true", "pod/p", "--timeout=20s")
        self.kubectl("wait", "--for=jsonpath={.status.podIP}", "pod/p", "--timeout=20s")
        self.assertIn("timed out waiting for the condition on pods/p", self.refused("wait", "--for=condition=Ready=false", "pod/p", "--timeout=1s"))
        self.assertIn("no matching resources found", self.refused("wait", "--for=condition=Ready", "pod", "-l", "a=b", "--timeout=1s"))
        self.assertIn("NotFound", self.refused("wait", "--for=condition=Ready", "pod/none", "--timeout=1s"))
        self.assertEqual(self.kubectl("wait", "--for=delete", "pod/none", "--timeout=1s"), "")

    def test_how_far_a_held_pod_is(self):
        missing = {"volumes": [{"name": "v", "configMap": {"name": "missing"}}]}
        first = {"initContainers": [{"name": "first", "image": "web:1"}]}
        self.create(pod("plain", **missing), pod("begins", **missing, **first))
        for name, shown in (("plain", ["0/1", "ContainerCreating"]), ("begins", ["0/1", "Init:0/1"])):
            wait_for(lambda: self.kubectl("get", "pod", name, "--no-headers").split()[1:3] == shown, f"{name}: {shown}")
        self.assertIn('configmap "missing" not found', self.kubectl("describe", "pod", "begins"))
        self.kubectl("delete", "pods", "--all", "--now")

    def test_deletes(self):
        self.create(*(pod(name, labels={"app": app}) for name, app in (("a", "red"), ("b", "red"), ("c", "blue"))),
                    workload("Deployment", "web", replicas=0))
        self.kubectl("create", "service", "clusterip", "s", "--tcp=80")
        self.assertEqual(self.kubectl("delete", "pod,service", "-l", "app in (red, s)", "--now"),
                         'pod "a" deleted\npod "b" deleted\nservice "s" deleted\n')
        self.assertEqual(self.kubectl("delete", "pod", "--field-selector=metadata.name=c", "--grace-period=0", "--force"),
                         'pod "c" force deleted\n')
        self.assertEqual(self.refused("delete", "pod/c", "service/s"), 'Error from server (NotFound): pods "c" not found\n'
                                                                     'Error from server (NotFound): services "s" not found\n')
        owner = self.get("deployment", "web")
        self.create(owned(workload("ReplicaSet", "kept", replicas=0), owner))
        self.kubectl("delete", "deployment", "web", "--cascade=orphan")
        self.assertEqual(self.field("rs/kept", "{.metadata.ownerReferences}"), "")
        self.kubectl("delete", "all", "--all")
        self.assertEqual(self.kubectl("get", "all", "-o", "name"), "")
        self.assertIn("(server dry run)", self.kubectl("delete", "namespace", self.namespace, "--dry-run=server"))
        self.kubectl("delete", "namespace", self.namespace, "--timeout=30s")


if __name__ == "__main__":
    spec.main()
