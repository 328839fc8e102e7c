"""Gangs with kubectl, over hollow nodes: pods of a PodGroup go all together or not at all."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import wait_for
from local import NamespaceTest

GROUP = "scheduling.x-k8s.io"
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": f"podgroups.{GROUP}",
                 "annotations": {"api-approved.kubernetes.io": "https://github.com/kubernetes-sigs/scheduler-plugins/pull/50"}},
    "spec": {"group": GROUP, "scope": "Namespaced",
             "names": {"plural": "podgroups", "singular": "podgroup", "kind": "PodGroup", "shortNames": ["pg", "pgs"]},
             "versions": [{"name": "v1alpha1", "served": True, "storage": True, "subresources": {"status": {}},
                           "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                               "spec": {"type": "object", "properties": {
                                   "minMember": {"type": "integer", "format": "int32", "minimum": 1},
                                   "scheduleTimeoutSeconds": {"type": "integer", "format": "int32"}}},
                               "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}}}]}}


def member(name, group, cpu="1"):
    return pod(name, labels={f"{GROUP}/pod-group": group}, container={"resources": {"requests": {"cpu": cpu}}})


class PodGroups(NamespaceTest):
    flags = ("--store", "memory")
    nodes = 2

    def setUp(self):
        super().setUp()
        self.create(DEFINITION)
        self.kubectl("wait", "--for=condition=Established", f"crd/podgroups.{GROUP}", "--timeout=30s")

    def group(self, name, least):
        self.create({"apiVersion": f"{GROUP}/v1alpha1", "kind": "PodGroup", "metadata": {"name": name},
                     "spec": {"minMember": least, "scheduleTimeoutSeconds": 30}})

    def nodes_of(self, *names):
        return [self.get("pod", name)["spec"].get("nodeName") for name in names]

    def test_pods_of_a_group_wait_for_each_other_and_for_room(self):
        self.group("training", 3)
        self.create(member("worker0", "training"), member("worker1", "training"))
        wait_for(lambda: "is incomplete: 2 of 3 pods are there" in self.kubectl("describe", "pod", "worker0"), "it is told")
        self.assertEqual(self.nodes_of("worker0", "worker1"), [None, None])
        self.create(member("worker2", "training"))
        names = [f"worker{i}" for i in range(3)]
        wait_for(lambda: all(self.nodes_of(*names)), "all are on nodes")
        self.kubectl("wait", "pod", *names, "--for=condition=Ready", "--timeout=30s")
        wait_for(lambda: self.get("podgroup", "training")["status"]["phase"] == "Running", "the group runs")
        status = self.get("podgroup", "training")["status"]
        self.assertEqual([status[key] for key in ("scheduled", "running", "succeeded", "failed")], [3, 3, 0, 0])
        # Another group that is too large for the cluster takes nothing of it.
        self.group("huge", 3)
        cpus = int(self.get("node", "node1")["status"]["allocatable"]["cpu"])
        self.create(*(member(f"huge{i}", "huge", cpu=str(cpus - 2)) for i in range(3)))
        wait_for(lambda: "pod group" in "".join(self.kubectl("describe", "pod", f"huge{i}") for i in range(3)), "it is told")
        self.assertEqual(self.nodes_of("huge0", "huge1", "huge2"), [None] * 3)
        self.create(pod("alone", container={"resources": {"requests": {"cpu": str(cpus - 2)}}}))
        wait_for(lambda: all(self.nodes_of("alone")), "its room is free")


if __name__ == "__main__":
    spec.main()
