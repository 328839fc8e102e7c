"""Scheduling with kubectl, over hollow nodes in zones: pods that want others near them, or far away, or spread evenly."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import wait_for
from local import NamespaceTest

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"


def near(key, **labels):
    return {"topologyKey": key, "labelSelector": {"matchLabels": labels}}


def affinity(kind="podAffinity", required=(), preferred=()):
    return {kind: {"requiredDuringSchedulingIgnoredDuringExecution": list(required),
                   "preferredDuringSchedulingIgnoredDuringExecution": [
                       {"weight": weight, "podAffinityTerm": term} for weight, term in preferred]}}


def spread(key, skew=1, when="DoNotSchedule", **more):
    return {"topologyKey": key, "maxSkew": skew, "whenUnsatisfiable": when, "labelSelector": {"matchLabels": {"app": "web"}}, **more}


class SchedulingTest(NamespaceTest):
    flags = ("--store", "memory")
    nodes = 4
    ZONES = {"node1": "a", "node2": "a", "node3": "b", "node4": "b"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for node, zone in cls.ZONES.items():
            done = cls.up.kubectl("label", "node", node, f"{ZONE}={zone}")
            assert done.returncode == 0, done.stderr

    def tearDown(self):
        self.kubectl("delete", "namespace", self.namespace, "--timeout=60s")

    def node_of(self, name):
        return self.get("pod", name)["spec"].get("nodeName")

    def placed(self, *names):
        """The nodes of the pods, once all have one."""
        wait_for(lambda: all(self.node_of(name) for name in names), f"{', '.join(names)} are on nodes")
        return [self.node_of(name) for name in names]

    def zones(self, nodes):
        return sorted(self.ZONES[node] for node in nodes)

    def why(self, name):
        """What the condition PodScheduled says of a pod that fits nowhere."""
        def said():
            conditions = self.get("pod", name)["status"].get("conditions", [])
            return [c["message"] for c in conditions if c["type"] == "PodScheduled" and c.get("reason") == "Unschedulable"]
        wait_for(said, f"{name} is unschedulable")
        return said()[0]


class Company(SchedulingTest):
    def test_pods_that_keep_apart(self):
        apart = affinity("podAntiAffinity", [near(HOST, app="web")])
        names = [f"web{i}" for i in range(5)]
        self.create(*(pod(name, labels={"app": "web"}, affinity=apart) for name in names[:4]))
        self.assertEqual(sorted(self.placed(*names[:4])), sorted(self.ZONES))
        self.create(pod(names[4], labels={"app": "web"}, affinity=apart))
        self.assertEqual(self.why("web4"), "0/4 nodes are available: 4 node(s) didn't match pod anti-affinity rules. preemption: "
                         "0/4 nodes are available: 4 No preemption victims found for incoming pod.")
        self.assertIn("FailedScheduling", self.kubectl("describe", "pod", "web4"))
        # Also one without any rules of its own.
        self.create(pod("plain", labels={"app": "web"}))
        self.assertIn("4 node(s) didn't satisfy existing pods anti-affinity rules", self.why("plain"))
        freed = self.node_of("web2")
        self.kubectl("delete", "pod", "web2")
        wait_for(lambda: freed in (self.node_of("web4"), self.node_of("plain")), "the room is taken")

    def test_pods_that_want_company(self):
        together = affinity("podAffinity", [near(ZONE, app="db")])
        self.create(pod("web", labels={"app": "web"}, affinity=together))
        self.assertIn("4 node(s) didn't match pod affinity rules", self.why("web"))
        self.create(pod("db", labels={"app": "db"}, nodeSelector={HOST: "node3"}))
        wait_for(lambda: self.node_of("web"), "web follows db")
        self.assertEqual(self.ZONES[self.node_of("web")], "b")
        # The first of a group that wants to be among its own does not wait for itself.
        group = affinity("podAffinity", [near(ZONE, app="group")])
        self.create(*(pod(f"group{i}", labels={"app": "group"}, affinity=group) for i in range(6)))
        self.assertEqual(len(set(self.zones(self.placed(*(f"group{i}" for i in range(6)))))), 1)

    def test_pods_of_other_namespaces(self):
        other = f"{self.namespace}-other"
        self.kubectl("create", "namespace", other)
        self.addCleanup(self.kubectl, "delete", "namespace", other)
        self.kubectl("label", "namespace", other, "team=red")
        self.kubectl("-n", other, "run", "db", "--image=db", "--labels=app=db", "--overrides",
                     json.dumps({"spec": {"nodeSelector": {HOST: "node2"}}}))
        wait_for(lambda: json.loads(self.kubectl("-n", other, "get", "pod", "db", "-o", "json"))["spec"].get("nodeName"), "db is placed")
        term = {**near(HOST, app="db"), "namespaceSelector": {"matchLabels": {"team": "red"}}}
        self.create(pod("web", affinity=affinity(required=[term])))
        self.assertEqual(self.placed("web"), ["node2"])
        self.create(pod("blind", affinity=affinity(required=[near(HOST, app="db")])))
        self.assertIn("didn't match pod affinity rules", self.why("blind"))

    def test_preferences(self):
        self.create(pod("cache", labels={"app": "cache"}, nodeSelector={HOST: "node4"}))
        self.placed("cache")
        self.create(pod("fan", affinity=affinity(preferred=[(100, near(HOST, app="cache"))])))
        self.assertEqual(self.placed("fan"), ["node4"])
        self.create(pod("shy", affinity=affinity("podAntiAffinity", preferred=[(100, near(ZONE, app="cache"))])))
        self.assertEqual(self.zones(self.placed("shy")), ["a"])

    def test_match_label_keys(self):
        def release(name, version):
            term = {**near(HOST, app="web"), "matchLabelKeys": ["version"]}
            return pod(name, labels={"app": "web", "version": version}, affinity=affinity("podAntiAffinity", [term]))
        self.create(*(release(f"old{i}", "1") for i in range(4)), *(release(f"new{i}", "2") for i in range(4)))
        self.assertEqual(len(set(self.placed(*(f"old{i}" for i in range(4))))), 4)
        self.assertEqual(len(set(self.placed(*(f"new{i}" for i in range(4))))), 4)


class Spread(SchedulingTest):
    def test_over_zones(self):
        names = [f"web{i}" for i in range(6)]
        self.create(*(pod(name, labels={"app": "web"}, topologySpreadConstraints=[spread(ZONE)]) for name in names))
        self.assertEqual(self.zones(self.placed(*names)), list("aaabbb"))
        # One zone more than the constraint allows.
        only_a = pod("more", labels={"app": "web"}, nodeSelector={ZONE: "a"}, topologySpreadConstraints=[
            spread(ZONE, nodeAffinityPolicy="Ignore")])
        self.create(only_a)
        self.assertEqual(self.zones(self.placed("more")), ["a"])
        self.create({**only_a, "metadata": {**only_a["metadata"], "name": "most"}})
        self.assertEqual(self.why("most").split(". preemption")[0], "0/4 nodes are available: 2 node(s) didn't match Pod's node "
                         "affinity/selector, 2 node(s) didn't match pod topology spread constraints")

    def test_minimum_of_domains_and_missing_labels(self):
        self.create(*(pod(f"web{i}", labels={"app": "web"}, topologySpreadConstraints=[spread(ZONE, minDomains=3)]) for i in range(3)))
        wait_for(lambda: sum(1 for i in range(3) if self.node_of(f"web{i}")) == 2, "two are placed: one a zone")
        waiting = next(f"web{i}" for i in range(3) if not self.node_of(f"web{i}"))
        self.assertIn("4 node(s) didn't match pod topology spread constraints", self.why(waiting))
        self.create(pod("nowhere", topologySpreadConstraints=[spread("rack")]))
        self.assertIn("4 node(s) didn't match pod topology spread constraints (missing required label)", self.why("nowhere"))

    def test_a_workload_without_constraints_is_spread_all_the_same(self):
        self.kubectl("create", "deployment", "web", "--image=web", "--replicas=8")
        self.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
        nodes = [p["spec"]["nodeName"] for p in self.get("pods", "-l", "app=web")["items"]]
        self.assertEqual({node: nodes.count(node) for node in nodes}, {node: 2 for node in self.ZONES})

    def test_rolling_with_a_key_of_the_revision(self):
        constraint = spread(HOST, matchLabelKeys=["pod-template-hash"])
        template = {"metadata": {"labels": {"app": "web"}}, "spec": {
            "containers": [{"name": "main", "image": "web:1"}], "topologySpreadConstraints": [constraint]}}
        self.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
            "replicas": 4, "selector": {"matchLabels": {"app": "web"}}, "template": template}})
        for image in ("web:1", "web:2"):
            self.kubectl("set", "image", "deployment/web", f"main={image}")
            self.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
            running = [p for p in self.get("pods", "-l", "app=web")["items"]
                       if p["spec"]["containers"][0]["image"] == image and "deletionTimestamp" not in p["metadata"]]
            self.assertEqual(sorted(p["spec"]["nodeName"] for p in running), sorted(self.ZONES))


if __name__ == "__main__":
    spec.main()
