"""The official Python client: create, list, watch, patch, delete, and its errors."""
import os
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import wait_for
from local import UpTest

try:
    import kubernetes
except ImportError:
    kubernetes = None


@unittest.skipUnless(kubernetes, "python3-kubernetes is not installed")
class PythonClient(UpTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kubernetes.config.load_kube_config(cls.up.kubeconfig)
        cls.core = kubernetes.client.CoreV1Api()

    def test_create_read_list_delete(self):
        created = self.core.create_namespaced_pod("default", pod("py", labels={"from": "python"}))
        self.assertTrue(created.metadata.uid)
        wait_for(lambda: self.core.read_namespaced_pod("py", "default").status.phase == "Running", "py runs")
        listed = self.core.list_namespaced_pod("default", label_selector="from=python")
        self.assertEqual([item.metadata.name for item in listed.items], ["py"])
        self.core.delete_namespaced_pod("py", "default", grace_period_seconds=0)
        with self.assertRaises(kubernetes.client.ApiException) as caught:
            self.core.read_namespaced_pod("py", "default")
        self.assertEqual(caught.exception.status, 404)

    def test_patch_and_replace(self):
        self.core.create_namespaced_config_map("default", {"metadata": {"name": "pm"}, "data": {"a": "1"}})
        self.core.patch_namespaced_config_map("pm", "default", {"data": {"b": "2"}})
        current = self.core.read_namespaced_config_map("pm", "default")
        self.assertEqual(current.data, {"a": "1", "b": "2"})
        current.data = {"c": "3"}
        replaced = self.core.replace_namespaced_config_map("pm", "default", current)
        self.assertEqual(replaced.data, {"c": "3"})
        with self.assertRaises(kubernetes.client.ApiException) as caught:
            self.core.replace_namespaced_config_map("pm", "default", current)  # its version is an old one by now
        self.assertEqual(caught.exception.status, 409)
        self.core.delete_namespaced_config_map("pm", "default")

    def test_watch(self):
        start = self.core.list_namespaced_config_map("default").metadata.resource_version
        name = "watched"

        def change():
            self.core.create_namespaced_config_map("default", {"metadata": {"name": name}})
            self.core.patch_namespaced_config_map(name, "default", {"data": {"a": "1"}})
            self.core.delete_namespaced_config_map(name, "default")
        changes = threading.Thread(target=change)
        changes.start()
        kinds = []
        for event in kubernetes.watch.Watch().stream(self.core.list_namespaced_config_map, "default",
                                                     resource_version=start, timeout_seconds=20):
            if event["object"].metadata.name == name:
                kinds.append(event["type"])
                if event["type"] == "DELETED":
                    break
        changes.join()
        self.assertEqual(kinds, ["ADDED", "MODIFIED", "DELETED"])

    def test_lists_in_chunks(self):
        for i in range(7):
            self.core.create_namespaced_config_map("default", {"metadata": {"name": f"chunk-{i}", "labels": {"in": "chunks"}}})
        names, token = [], None
        while token != "":
            part = self.core.list_namespaced_config_map("default", label_selector="in=chunks", limit=3, _continue=token)
            self.assertLessEqual(len(part.items), 3)
            names += [item.metadata.name for item in part.items]
            token = part.metadata._continue or ""
        self.assertEqual(names, [f"chunk-{i}" for i in range(7)])
        self.core.delete_collection_namespaced_config_map("default", label_selector="in=chunks")
        self.assertEqual(self.core.list_namespaced_config_map("default", label_selector="in=chunks").items, [])

    def test_a_namespace_is_held_by_all_its_finalizers(self):
        body = {"metadata": {"name": "held"}, "spec": {"finalizers": ["example.com/mine"]}}
        created = self.core.create_namespace(body)
        self.assertEqual(created.spec.finalizers, ["example.com/mine", "kubernetes"])
        self.core.delete_namespace("held")
        wait_for(lambda: self.core.read_namespace("held").spec.finalizers == ["example.com/mine"], "it is empty")
        self.assertEqual(self.core.read_namespace("held").status.phase, "Terminating")
        # Written by hand, with neither a version nor a list: nothing holds it any more.
        self.core.replace_namespace_finalize("held", {"metadata": {"name": "held"}, "spec": {}})
        with self.assertRaises(kubernetes.client.ApiException) as caught:
            self.core.read_namespace("held")
        self.assertEqual(caught.exception.status, 404)

    def test_leases(self):
        leases = kubernetes.client.CoordinationV1Api()
        lease = {"metadata": {"name": "mine"}, "spec": {"holderIdentity": "a", "leaseDurationSeconds": 15}}
        # Kubernetes creates a lease by PUT, too.
        self.assertEqual(leases.replace_namespaced_lease("mine", "default", lease).spec.holder_identity, "a")
        lease = leases.read_namespaced_lease("mine", "default")  # an update has to name the version
        lease.spec.holder_identity = "b"
        self.assertEqual(leases.replace_namespaced_lease("mine", "default", lease).spec.holder_identity, "b")
        leases.delete_namespaced_lease("mine", "default")

    def test_binding(self):
        self.core.create_namespaced_pod("default", pod("bound", schedulerName="nobody"))
        node = self.core.list_node().items[0].metadata.name
        body = {"metadata": {"name": "bound"}, "target": {"apiVersion": "v1", "kind": "Node", "name": node}}
        self.core.create_namespaced_pod_binding("bound", "default", body, _preload_content=False)
        self.assertEqual(self.core.read_namespaced_pod("bound", "default").spec.node_name, node)
        with self.assertRaises(kubernetes.client.ApiException) as caught:
            self.core.create_namespaced_pod_binding("bound", "default", body, _preload_content=False)
        self.assertEqual(caught.exception.status, 409)
        self.core.delete_namespaced_pod("bound", "default", grace_period_seconds=0)

    def test_objects_that_no_controller_has_touched(self):
        """The client's models refuse None where a field is required."""
        template = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "main", "image": "web:1"}]}}
        workload = {"metadata": {"name": "bare"}, "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": template}}
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "none"}
        api = kubernetes.client
        apps = api.AppsV1Api()
        self.assertEqual(apps.create_namespaced_replica_set("default", {**workload, "spec": {**workload["spec"], "replicas": 0}})
                         .status.replicas, 0)
        self.assertEqual(apps.create_namespaced_stateful_set("default", {**workload, "spec": {**workload["spec"], "replicas": 0}})
                         .spec.service_name, "")
        daemons = {**workload, "spec": {**workload["spec"], "template": {**template, "spec": {**template["spec"], "nodeSelector": {"a": "b"}}}}}
        self.assertEqual(apps.create_namespaced_daemon_set("default", daemons).status.number_ready, 0)
        budget = {"metadata": {"name": "bare"}, "spec": {"minAvailable": 1}}
        self.assertEqual(api.PolicyV1Api().create_namespaced_pod_disruption_budget("default", budget).status.expected_pods, 0)
        scaler = {"metadata": {"name": "bare"}, "spec": {"maxReplicas": 2, "scaleTargetRef": target}}
        made = api.AutoscalingV1Api().create_namespaced_horizontal_pod_autoscaler("default", scaler)
        self.assertEqual((made.status.current_replicas, made.status.desired_replicas), (0, 0))
        self.assertEqual(self.core.create_node({"metadata": {"name": "bare"}}).status.node_info.kubelet_version, "")
        self.core.delete_node("bare")


if __name__ == "__main__":
    spec.main()
