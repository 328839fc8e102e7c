"""The Python client's dynamic part and leader election, and watches that go on over a restart of the server."""
import json
import os
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import Process, wait_for
from local import UpTest

try:
    import kubernetes
    from kubernetes import dynamic
    from kubernetes.dynamic import exceptions
except ImportError:
    kubernetes = None


def config_map(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def deployment(name):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
            "spec": {"selector": {"matchLabels": {"app": name}},
                     "template": {"metadata": {"labels": {"app": name}}, "spec": pod(name)["spec"]}}}


@unittest.skipUnless(kubernetes, "python3-kubernetes is not installed")
class DynamicClient(UpTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        api = kubernetes.config.new_client_from_config(cls.up.kubeconfig)
        # Its cache of discovery is a file in the temporary directory, named by the server's address.
        cls.client = dynamic.DynamicClient(api, cache_file=f"{cls.up.folder}/discovery.json")

    def kind(self, api_version, kind):
        return self.client.resources.get(api_version=api_version, kind=kind)

    def test_discovery_finds_every_kind_with_its_verbs_and_subresources(self):
        pods = self.kind("v1", "Pod")
        self.assertTrue(pods.namespaced)
        self.assertIn("watch", pods.verbs)
        self.assertIn("log", pods.subresources)
        self.assertEqual(self.client.resources.get(api_version="apps/v1", name="deployments").kind, "Deployment")
        self.assertEqual(self.client.resources.get(short_names=["netpol"]).group, "networking.k8s.io")
        with self.assertRaises(exceptions.ResourceNotFoundError):
            self.kind("example.com/v1", "Nothing")
        for api_version, kind in (("batch/v1", "CronJob"), ("autoscaling/v2", "HorizontalPodAutoscaler"),
                                  ("rbac.authorization.k8s.io/v1", "ClusterRole"), ("policy/v1", "PodDisruptionBudget"),
                                  ("storage.k8s.io/v1", "StorageClass"), ("discovery.k8s.io/v1", "EndpointSlice")):
            self.assertIsNotNone(self.kind(api_version, kind).get().items, kind)

    def test_an_object_from_its_creation_to_its_end(self):
        maps = self.kind("v1", "ConfigMap")
        created = maps.create(config_map("dyn", a="1"), namespace="default")
        self.assertEqual(maps.get(name="dyn", namespace="default").metadata.uid, created.metadata.uid)
        body = created.to_dict()
        body["data"] = {"b": "2"}
        replaced = maps.replace(body, namespace="default")
        self.assertEqual(replaced.to_dict()["data"], {"b": "2"})
        with self.assertRaises(exceptions.ConflictError):
            maps.replace(body, namespace="default")  # its version is an old one by now
        maps.delete(name="dyn", namespace="default")
        with self.assertRaises(exceptions.NotFoundError):
            maps.get(name="dyn", namespace="default")

    def test_each_kind_of_patch(self):
        deployments = self.kind("apps/v1", "Deployment")
        deployments.create(deployment("patched"), namespace="default")

        def patch(body, content_type):
            return deployments.patch(body, name="patched", namespace="default", content_type=content_type).to_dict()
        container = {"name": "second", "image": "busybox:1.35"}
        merged = patch({"spec": {"template": {"spec": {"containers": [container]}}}},
                       "application/strategic-merge-patch+json")
        self.assertEqual(len(merged["spec"]["template"]["spec"]["containers"]), 2)  # merged by their names
        replaced = patch({"spec": {"template": {"spec": {"containers": [container]}}}}, "application/merge-patch+json")
        self.assertEqual(len(replaced["spec"]["template"]["spec"]["containers"]), 1)
        patched = patch([{"op": "test", "path": "/spec/replicas", "value": 1},
                         {"op": "replace", "path": "/spec/replicas", "value": 3}], "application/json-patch+json")
        self.assertEqual(patched["spec"]["replicas"], 3)
        deployments.delete(name="patched", namespace="default")

    def test_apply_owns_fields_and_meets_conflicts(self):
        maps = self.kind("v1", "ConfigMap")
        def apply(manager, force=False, **data):
            # As text: the client sends documents as JSON alone, and this type is YAML's.
            return maps.server_side_apply(json.dumps(config_map("owned", **data)), name="owned", namespace="default",
                                          field_manager=manager, force_conflicts=force)
        first = apply("one", a="1", b="1")
        self.assertEqual([entry.manager for entry in first.metadata.managedFields], ["one"])
        with self.assertRaises(exceptions.ConflictError):
            apply("two", a="2")
        self.assertEqual(apply("two", force=True, a="2").to_dict()["data"], {"a": "2", "b": "1"})
        maps.delete(name="owned", namespace="default")

    def test_subresources(self):
        deployments = self.kind("apps/v1", "Deployment")
        deployments.create(deployment("scaled"), namespace="default")
        scale = deployments.scale.get(name="scaled", namespace="default")
        self.assertEqual((scale.kind, scale.spec.replicas), ("Scale", 1))
        deployments.scale.patch({"spec": {"replicas": 2}}, name="scaled", namespace="default",
                                content_type="application/merge-patch+json")
        self.assertEqual(deployments.get(name="scaled", namespace="default").spec.replicas, 2)
        deployments.status.patch({"status": {"observedGeneration": 7}, "spec": {"replicas": 9}}, name="scaled",
                                 namespace="default", content_type="application/merge-patch+json")
        now = deployments.get(name="scaled", namespace="default")
        self.assertEqual((now.status.observedGeneration, now.spec.replicas), (7, 2))
        deployments.delete(name="scaled", namespace="default")

    def test_a_watch_and_the_deletion_of_a_collection(self):
        maps = self.kind("v1", "ConfigMap")
        labels = {"in": "collection"}
        start = maps.get(namespace="default").metadata.resourceVersion
        for name in ("one", "two"):
            maps.create({**config_map(name), "metadata": {"name": name, "labels": labels}}, namespace="default")
        maps.delete(namespace="default", label_selector="in=collection")
        seen = []
        for event in maps.watch(namespace="default", resource_version=start, label_selector="in=collection", timeout=20):
            seen.append(f"{event['type']} {event['object'].metadata.name}")
            if len(seen) == 4:
                break
        self.assertEqual(seen, ["ADDED one", "ADDED two", "DELETED one", "DELETED two"])


CANDIDATE = """
import sys, threading
import kubernetes
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.configmaplock import ConfigMapLock
_, kubeconfig, name = sys.argv
kubernetes.config.load_kube_config(kubeconfig)
leaderelection.LeaderElection(electionconfig.Config(
    ConfigMapLock("election", "default", name), lease_duration=3, renew_deadline=2, retry_period=1,
    onstarted_leading=lambda: print(name, "leads", flush=True), onstopped_leading=None)).run()
"""


@unittest.skipUnless(kubernetes, "python3-kubernetes is not installed")
class LeaderElection(UpTest):
    def candidate(self, name):
        """A process that stands for election and prints when it leads."""
        process = Process([sys.executable, "-c", CANDIDATE, self.up.kubeconfig, name], f"{self.up.folder}/{name}.log")
        self.addCleanup(process.kill)
        return process

    def test_one_of_two_leads_and_the_other_takes_over_when_it_is_killed(self):
        first = self.candidate("first")
        wait_for(lambda: "first leads" in first.log(), "the first leads")
        second = self.candidate("second")
        wait_for(lambda: "lease held by first" in second.log(), "the second waits")
        kubernetes.config.load_kube_config(self.up.kubeconfig)
        record = kubernetes.client.CoreV1Api().read_namespaced_config_map("election", "default")
        self.assertIn("first", record.metadata.annotations["control-plane.alpha.kubernetes.io/leader"])
        self.assertNotIn("second leads", second.log())
        first.kill()
        wait_for(lambda: "second leads" in second.log(), "the second leads")

    def test_a_lease_is_taken_by_one_of_many_at_once(self):
        kubernetes.config.load_kube_config(self.up.kubeconfig)
        leases = kubernetes.client.CoordinationV1Api()
        leases.create_namespaced_lease("default", {"metadata": {"name": "race"}, "spec": {}})
        version = leases.read_namespaced_lease("race", "default").metadata.resource_version
        outcomes = []

        def take(name):
            try:
                leases.replace_namespaced_lease("race", "default", {
                    "metadata": {"name": "race", "resourceVersion": version}, "spec": {"holderIdentity": name}})
                outcomes.append(200)
            except kubernetes.client.ApiException as refused:
                outcomes.append(refused.status)
        threads = [threading.Thread(target=take, args=(f"candidate-{i}",)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(outcomes), [200] + [409] * 7)


@unittest.skipUnless(kubernetes, "python3-kubernetes is not installed")
class WatchOverRestart(UpTest):
    def core(self):
        return kubernetes.client.CoreV1Api(kubernetes.config.new_client_from_config(self.up.kubeconfig))

    def events_since(self, version, count):
        seen = []
        for event in kubernetes.watch.Watch().stream(self.core().list_namespaced_config_map, "default",
                                                     resource_version=version, timeout_seconds=5):
            seen.append(f"{event['type']} {event['object'].metadata.name}")
            if len(seen) == count:
                break
        return seen

    def test_a_version_of_before_a_kill_is_resumed_from(self):
        core = self.core()
        core.create_namespaced_config_map("default", config_map("early"))
        version = core.list_namespaced_config_map("default").metadata.resource_version
        core.create_namespaced_config_map("default", config_map("before"))
        core.patch_namespaced_config_map("early", "default", {"data": {"a": "1"}})
        core.delete_namespaced_config_map("before", "default")
        self.up.kill_and_restart()
        self.core().create_namespaced_config_map("default", config_map("after"))
        self.assertEqual(self.events_since(version, 4),
                         ["ADDED before", "MODIFIED early", "DELETED before", "ADDED after"])


if __name__ == "__main__":
    spec.main()
