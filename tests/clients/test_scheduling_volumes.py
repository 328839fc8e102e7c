"""Scheduling with kubectl, over hollow nodes: pods go where their volumes are, or can be."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import wait_for
from local import NamespaceTest

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"


class Volumes(NamespaceTest):
    flags = ("--store", "memory")

    def setUp(self):
        super().setUp()
        self.late, self.none = f"late-{self.namespace}", f"none-{self.namespace}"
        self.made = []

    def tearDown(self):
        self.kubectl("delete", "namespace", self.namespace, "--timeout=60s")
        for what in self.made:
            self.kubectl("delete", *what, "--wait=false")

    def cluster_object(self, made):
        self.create(made)
        self.made.append((made["kind"], made["metadata"]["name"]))

    def storage_class(self, name, mode="WaitForFirstConsumer", provisioner="kubernetes.io/no-provisioner", **more):
        self.cluster_object({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name},
                             "provisioner": provisioner, "volumeBindingMode": mode, **more})

    def volume(self, name, storage_class, node=None, labels=None, size="1Gi", **more):
        made = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name, "labels": labels or {}}, "spec": {
            "capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "storageClassName": storage_class,
            "persistentVolumeReclaimPolicy": "Retain", "local": {"path": f"/mnt/{name}"}, **more}}
        if node:
            made["spec"]["nodeAffinity"] = {"required": {"nodeSelectorTerms": [
                {"matchExpressions": [{"key": HOST, "operator": "In", "values": [node]}]}]}}
        self.cluster_object(made)

    def claim(self, name, storage_class, size="1Gi"):
        self.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": {
            "accessModes": ["ReadWriteOnce"], "storageClassName": storage_class, "resources": {"requests": {"storage": size}}}})

    def user(self, name, *claims, **more):
        self.create(pod(name, volumes=[{"name": c, "persistentVolumeClaim": {"claimName": c}} for c in claims], **more))

    def node_of(self, name):
        wait_for(lambda: self.get("pod", name)["spec"].get("nodeName"), f"{name} is on a node")
        return self.get("pod", name)["spec"]["nodeName"]

    def why(self, name):
        def said():
            conditions = self.get("pod", name)["status"].get("conditions", [])
            return [c["message"] for c in conditions if c["type"] == "PodScheduled" and c.get("reason") == "Unschedulable"]
        wait_for(said, f"{name} is unschedulable")
        return said()[0]

    def bound(self, claim):
        self.kubectl("wait", f"pvc/{claim}", "--for=jsonpath={.status.phase}=Bound", "--timeout=30s")
        return self.get("pvc", claim)["spec"]["volumeName"]

    def test_claims_that_are_not_bound_yet(self):
        self.storage_class(self.none, "Immediate")
        self.user("web", "data")
        self.assertEqual(self.why("web"), '0/2 nodes are available: persistentvolumeclaim "data" not found. preemption: 0/2 nodes are '
                                          'available: 2 Preemption is not helpful for scheduling.')
        self.claim("data", self.none)
        unbound = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/2 nodes are available: 2 " \
                  "Preemption is not helpful for scheduling."
        wait_for(lambda: self.why("web") == unbound, "the claim is seen")
        self.volume(f"{self.namespace}-v", self.none, "node2")
        self.assertEqual(self.node_of("web"), "node2")

    def test_the_node_of_a_bound_volume(self):
        self.storage_class(self.none, "Immediate")
        self.volume(f"{self.namespace}-v", self.none, "node1")
        self.claim("data", self.none)
        self.bound("data")
        self.user("elsewhere", "data", nodeSelector={HOST: "node2"})
        self.assertIn("1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had volume node affinity conflict", self.why("elsewhere"))
        self.user("web", "data")
        self.assertEqual(self.node_of("web"), "node1")

    def test_volumes_that_wait_for_their_first_consumer(self):
        self.storage_class(self.late)
        self.volume(f"{self.namespace}-small", self.late, "node1", size="1Gi")
        self.volume(f"{self.namespace}-large", self.late, "node2", size="5Gi")
        self.claim("large", self.late, "3Gi")
        self.claim("none", self.late, "9Gi")
        self.user("db", "large")
        self.assertEqual(self.node_of("db"), "node2")
        self.assertEqual(self.bound("large"), f"{self.namespace}-large")
        self.user("stuck", "none")
        self.assertIn("2 node(s) didn't find available persistent volumes to bind", self.why("stuck"))
        self.volume(f"{self.namespace}-huge", self.late, "node1", size="10Gi")
        self.assertEqual(self.node_of("stuck"), "node1")
        self.assertEqual(self.bound("none"), f"{self.namespace}-huge")

    def test_a_claim_of_one_pod_alone(self):
        self.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "mine"}, "spec": {
            "accessModes": ["ReadWriteOncePod"], "storageClassName": "standard", "resources": {"requests": {"storage": "1Gi"}}}})
        self.user("first", "mine")
        self.node_of("first")
        self.user("second", "mine")
        self.assertIn("2 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode", self.why("second"))
        self.kubectl("delete", "pod", "first")
        self.node_of("second")

    def test_volumes_that_are_made_for_the_node(self):
        self.claim("data", "standard")
        self.user("web", "data", nodeSelector={HOST: "node2"})
        self.assertEqual(self.node_of("web"), "node2")
        self.bound("data")
        self.assertEqual(self.get("pvc", "data")["metadata"]["annotations"]["volume.kubernetes.io/selected-node"], "node2")
        self.user("second", "data")
        self.assertEqual(self.node_of("second"), "node2")

    def test_topologies_that_a_class_allows(self):
        self.storage_class(self.late, provisioner="csi.example.com", allowedTopologies=[
            {"matchLabelExpressions": [{"key": HOST, "values": ["node2"]}]}])
        self.claim("data", self.late)
        self.user("web", "data")
        self.assertEqual(self.node_of("web"), "node2")

    def test_zones_of_volumes(self):
        self.kubectl("label", "node", "node1", f"{ZONE}=a")
        self.kubectl("label", "node", "node2", f"{ZONE}=b")
        for node in ("node1", "node2"):
            self.addCleanup(self.kubectl, "label", "node", node, f"{ZONE}-")
        self.storage_class(self.none, "Immediate")
        self.volume(f"{self.namespace}-v", self.none, "node1", labels={ZONE: "c"})
        self.claim("data", self.none)
        self.bound("data")
        self.user("web", "data")
        self.assertIn("1 node(s) had no available volume zone, 1 node(s) had volume node affinity conflict", self.why("web"))

    def test_limits_of_attached_volumes(self):
        self.storage_class(self.late, provisioner="csi.example.com")
        for node in ("node1", "node2"):
            self.cluster_object({"apiVersion": "storage.k8s.io/v1", "kind": "CSINode", "metadata": {"name": node}, "spec": {
                "drivers": [{"name": "csi.example.com", "nodeID": node, "allocatable": {"count": 1}}]}})
        for name in ("one", "two", "three"):
            self.claim(name, self.late)
        self.user("first", "one")
        self.user("second", "two")
        self.assertEqual({self.node_of("first"), self.node_of("second")}, {"node1", "node2"})
        self.user("third", "three")
        self.assertIn("2 node(s) exceed max volume count", self.why("third"))
        self.kubectl("delete", "pod", "first")
        self.node_of("third")


if __name__ == "__main__":
    spec.main()
