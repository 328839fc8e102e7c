"""Preemption with kubectl, over hollow nodes: pods of a higher priority take the room of others, as budgets and policies allow."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import wait_for
from local import NamespaceTest

PRIORITIES = {"low": -10, "middle": 10, "high": 1000}


def milli(cpu):
    return int(cpu[:-1]) if cpu.endswith("m") else int(cpu) * 1000


class Preemption(NamespaceTest):
    flags = ("--store", "memory")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, value in PRIORITIES.items():
            done = cls.up.kubectl("create", "priorityclass", name, f"--value={value}")
            assert done.returncode == 0, done.stderr
        done = cls.up.kubectl("create", "priorityclass", "patient", "--value=1000", "--preemption-policy=Never")
        assert done.returncode == 0, done.stderr
        cls.cpu = milli(cls.up.kubectl("get", "node", "node1", "-o", "jsonpath={.status.allocatable.cpu}").stdout)

    def setUp(self):
        super().setUp()
        # A third of a node: two of them, and one of a half, fit nowhere together.
        self.third, self.half = f"{self.cpu * 3 // 10}m", f"{self.cpu * 6 // 10}m"

    def tearDown(self):
        self.kubectl("delete", "namespace", self.namespace, "--timeout=60s")

    def make(self, name, priority, cpu, node="node1", **more):
        self.create(pod(name, priorityClassName=priority, nodeSelector={"kubernetes.io/hostname": node},
                        container={"resources": {"requests": {"cpu": cpu}}}, **more))

    def running(self, *names):
        self.kubectl("wait", "--for=condition=Ready", *(f"pod/{name}" for name in names), "--timeout=30s")

    def there(self, name):
        return self.up.kubectl("get", "pod", name).returncode == 0

    def why(self, name):
        def said():
            conditions = self.get("pod", name)["status"].get("conditions", [])
            return [c["message"] for c in conditions if c["type"] == "PodScheduled" and c.get("reason") == "Unschedulable"]
        wait_for(said, f"{name} is unschedulable")
        return said()[0]

    def test_the_least_important_goes(self):
        for name, priority in (("a", "middle"), ("b", "low"), ("c", "middle")):
            self.make(name, priority, self.third)
        self.running("a", "b", "c")
        # So that the victim can be looked at when it has ended.
        self.kubectl("patch", "pod", "b", "-p", '{"metadata":{"finalizers":["example.com/hold"]}}')
        self.make("vip", "high", self.third)
        wait_for(lambda: self.get("pod", "vip")["status"].get("nominatedNodeName") == "node1", "vip is promised node1")
        failed = lambda: self.kubectl("get", "events", "--field-selector=involvedObject.name=vip,reason=FailedScheduling",
                                      "-o", "jsonpath={.items[0].message}")
        wait_for(failed, "its first failure is told")
        self.assertEqual(failed(), "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector.")
        victim = self.get("pod", "b")
        self.assertIn("deletionTimestamp", victim["metadata"])
        target = next(c for c in victim["status"]["conditions"] if c["type"] == "DisruptionTarget")
        self.assertEqual((target["status"], target["reason"], target["message"]), (
            "True", "PreemptionByScheduler", "default-scheduler: preempting to accommodate a higher priority pod"))
        self.running("vip")
        self.kubectl("patch", "pod", "b", "-p", '{"metadata":{"finalizers":null}}')
        wait_for(lambda: not self.there("b"), "the victim is gone")
        self.assertTrue(self.there("a") and self.there("c"))
        events = lambda: self.kubectl("get", "events", "--field-selector=involvedObject.name=b,reason=Preempted", "-o", "jsonpath={.items[*].message}")
        uid = self.get("pod", "vip")["metadata"]["uid"]
        wait_for(lambda: events() == f"Preempted by pod {uid} on node node1", "the victim's event is told")

    def test_who_does_not_preempt(self):
        self.make("a", "middle", self.half)
        self.running("a")
        self.make("patient", "patient", self.half)
        self.assertTrue(self.why("patient").endswith("preemption: not eligible due to preemptionPolicy=Never."))
        self.make("equal", "middle", self.half)
        self.assertTrue(self.why("equal").endswith("preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, "
                                                   "1 Preemption is not helpful for scheduling."), self.why("equal"))
        self.make("huge", "high", f"{self.cpu * 2}m")
        self.assertTrue(self.why("huge").endswith("preemption: 0/2 nodes are available: 1 Insufficient cpu, 1 Preemption is not helpful "
                                                  "for scheduling."), self.why("huge"))
        self.assertTrue(self.there("a"))

    def test_budgets_are_kept_where_possible(self):
        self.make("guarded", "low", self.third, labels={"app": "guarded"})
        self.make("free", "low", self.third, labels={"app": "free"})
        self.make("other", "middle", self.third)
        self.running("guarded", "free", "other")
        self.kubectl("create", "poddisruptionbudget", "guard", "--selector=app=guarded", "--min-available=1")
        wait_for(lambda: self.get("pdb", "guard")["status"].get("currentHealthy") == 1, "the budget is counted")
        self.make("vip", "high", self.third)
        self.running("vip")
        self.assertEqual([self.there(name) for name in ("guarded", "free", "other")], [True, False, True])
        # Where there is no other way, a budget does not hold it up.
        self.make("vip2", "high", self.half)
        self.running("vip2")
        self.assertFalse(self.there("guarded"))

    def test_a_node_with_the_least_harm(self):
        self.make("one", "middle", self.half, node="node1")
        self.make("two", "low", self.half, node="node2")
        self.running("one", "two")
        self.create(pod("vip", priorityClassName="high", container={"resources": {"requests": {"cpu": self.half}}}))
        self.running("vip")
        self.assertEqual(self.get("pod", "vip")["spec"]["nodeName"], "node2")
        self.assertEqual((self.there("one"), self.there("two")), (True, False))


if __name__ == "__main__":
    spec.main()
