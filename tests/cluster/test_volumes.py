"""Volumes of the provisioner with a real kubelet: made for a claim, used by a pod, and gone with the claim."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import ClusterTest, pod


class Provisioned(ClusterTest):
    workers = ("node1",)

    def use(self, mode):
        """A claim of a class of the mode, written to by a pod; returns the volume and its directory, the pod still there."""
        name = mode.lower()
        root = f"{self.cluster.lan.folder}/{name}"
        self.cluster.create(
            {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}, "parameters": {"path": root},
             "provisioner": "troupe.io/host-path", "volumeBindingMode": mode},
            {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": {
                "accessModes": ["ReadWriteOnce"], "storageClassName": name, "resources": {"requests": {"storage": "1Mi"}}}},
            pod(name, "echo kept > /data/file; sync", restartPolicy="Never", volumes=[
                {"name": "data", "persistentVolumeClaim": {"claimName": name}}],
                container={"volumeMounts": [{"name": "data", "mountPath": "/data"}]}))
        self.cluster.wait_pod(name, lambda p: p["status"]["phase"] == "Succeeded", "ends")
        volume = self.cluster.get("pvc", name)["spec"]["volumeName"]
        return volume, f"{root}/{volume}"

    def test_directories_go_with_their_claims(self):
        for mode in ("WaitForFirstConsumer", "Immediate"):
            with self.subTest(mode):
                name = mode.lower()
                volume, folder = self.use(mode)
                with open(f"{folder}/file") as file:
                    self.assertEqual(file.read(), "kept\n")
                self.cluster.kubectl("delete", "pvc", name, "--wait=false")
                self.assertTrue(os.path.exists(folder), "a pod still has the claim")
                self.cluster.kubectl("delete", "pod", name)
                self.cluster.wait_gone("pv", volume)
                self.assertFalse(os.path.exists(folder))
                self.assertEqual(os.listdir(os.path.dirname(folder)), [], "the class's root stays, empty")


if __name__ == "__main__":
    spec.main()
