"""The Python client's dynamic part and leader election."""
import datetime
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

    def test_discovery_is_kept_and_found_again(self):
        cache = f"{self.up.folder}/kept.json"
        api = kubernetes.config.new_client_from_config(self.up.kubeconfig)
        first = dynamic.DynamicClient(api, cache_file=cache)
        jobs = first.resources.get(api_version="batch/v1", kind="Job")
        with open(cache) as file:
            self.assertIn("batch", json.load(file)["resources"]["apis"])
        again = dynamic.DynamicClient(api, cache_file=cache)
        found = again.resources.get(api_version="batch/v1", kind="Job")
        self.assertEqual((found.name, found.verbs, sorted(found.subresources)),
                         (jobs.name, jobs.verbs, sorted(jobs.subresources)))
        self.assertEqual(again.version["kubernetes"]["minor"], "32")
        eager = dynamic.DynamicClient(api, cache_file=f"{self.up.folder}/eager.json", discoverer=dynamic.EagerDiscoverer)
        self.assertEqual({r.group_version for r in eager.resources.search(kind="HorizontalPodAutoscaler")},
                         {"autoscaling/v1", "autoscaling/v2"})
        self.assertEqual(eager.resources.get(api_version="v1", kind="PodList").base_kind, "Pod")
        listed = 0
        for resources in again.resources:  # every kind that is served can be asked for by what its discovery says
            for resource in resources:
                if resource.kind.endswith("List") or "list" not in resource.verbs:
                    continue
                self.assertEqual(resource.get(limit=1).kind, resource.kind + "List")
                listed += 1
        self.assertGreater(listed, 40)

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
        own = {"type": "Own", "status": "True"}
        deployments.status.patch({"status": {"conditions": [own]}, "spec": {"replicas": 9}}, name="scaled",
                                 namespace="default", content_type="application/merge-patch+json")
        now = deployments.get(name="scaled", namespace="default")
        self.assertIn("Own", [condition.type for condition in now.status.conditions])
        self.assertEqual(now.spec.replicas, 2)
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

    def test_a_dry_run_and_what_is_refused(self):
        services = self.kind("v1", "Service")
        body = {"metadata": {"name": "dry"}, "spec": {"ports": [{"port": 80}]}}
        self.assertTrue(services.create(body, namespace="default", dry_run="All").metadata.uid)
        with self.assertRaises(exceptions.NotFoundError):
            services.get(name="dry", namespace="default")
        body["spec"]["ports"][0]["port"] = 0
        with self.assertRaises(exceptions.UnprocessibleEntityError) as caught:
            services.create(body, namespace="default")
        status = json.loads(caught.exception.body)
        self.assertEqual((status["reason"], status["details"]["causes"][0]["field"]), ("Invalid", "spec.ports[0].port"))
        with self.assertRaises(exceptions.BadRequestError):
            services.get(namespace="default", label_selector="!!")
        with self.assertRaises(exceptions.MethodNotAllowedError):
            self.client.request("put", "/api/v1/namespaces/default/services", body=body)


CANDIDATE = """
import sys, threading
import kubernetes
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.configmaplock import ConfigMapLock
_, kubeconfig, name = sys.argv
kubernetes.config.load_kube_config(kubeconfig)
leaderelection.LeaderElection(electionconfig.Config(
    ConfigMapLock("election", "default", name), lease_duration=3, renew_deadline=2, retry_period=1,
    onstarted_leading=lambda: print(name + " leads\\n", end="", flush=True), onstopped_leading=None)).run()
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

    def test_a_lease_goes_to_the_next_when_it_has_run_out(self):
        kubernetes.config.load_kube_config(self.up.kubeconfig)
        leases = kubernetes.client.CoordinationV1Api()

        def stand(name, stop):
            """Takes the lease when it is free or has run out and renews it, as client-go does, until `stop`."""
            while not stop.wait(0.1):
                now = datetime.datetime.now(datetime.timezone.utc)
                spec = {"holderIdentity": name, "leaseDurationSeconds": 1, "renewTime": now, "acquireTime": now}
                try:
                    lease = leases.read_namespaced_lease("shared", "default")
                    mine = lease.spec.holder_identity == name
                    if not mine and now < lease.spec.renew_time + datetime.timedelta(seconds=1):
                        continue
                    spec["acquireTime"] = lease.spec.acquire_time if mine else now
                    spec["leaseTransitions"] = (lease.spec.lease_transitions or 0) + (not mine)
                    lease.spec = spec
                    leases.replace_namespaced_lease("shared", "default", lease)
                except kubernetes.client.ApiException as refused:
                    if refused.status == 404:
                        leases.create_namespaced_lease("default", {"metadata": {"name": "shared"}, "spec": spec})
                    elif refused.status != 409:
                        raise

        def holder():
            try:
                return leases.read_namespaced_lease("shared", "default").spec
            except kubernetes.client.ApiException:
                return None
        ends = {name: threading.Event() for name in ("one", "two")}
        threads = {name: threading.Thread(target=stand, args=(name, end)) for name, end in ends.items()}
        threads["one"].start()
        acquired = wait_for(holder, "one has it").acquire_time
        threads["two"].start()
        wait_for(lambda: holder().renew_time > acquired + datetime.timedelta(seconds=1.5), "it is renewed")
        kept = holder()
        self.assertEqual((kept.holder_identity, kept.acquire_time), ("one", acquired))  # to the microsecond
        ends["one"].set()
        wait_for(lambda: holder().holder_identity == "two", "two has it")
        self.assertEqual(holder().lease_transitions, 1)
        ends["two"].set()
        for thread in threads.values():
            thread.join()

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
class RestrictedAccount(UpTest):
    """A program that has a service account, and of rights only what it needs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kubectl = lambda *args: cls.up.kubectl("-n", "default", *args).stdout
        kubectl("create", "serviceaccount", "bot")
        kubectl("create", "role", "bot", "--verb=get,list,watch,create,update,patch", "--resource=configmaps")
        kubectl("create", "rolebinding", "bot", "--role=bot", "--serviceaccount=default:bot")
        cls.kubeconfig = f"{cls.up.folder}/bot"
        server = kubectl("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}")
        with open(cls.kubeconfig, "w") as file:
            json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "bot",
                       "clusters": [{"name": "c", "cluster": {"server": server, "certificate-authority": f"{cls.up.data}/pki/ca.crt"}}],
                       "users": [{"name": "bot", "user": {"token": kubectl("create", "token", "bot").strip()}}],
                       "contexts": [{"name": "bot", "context": {"cluster": "c", "user": "bot", "namespace": "default"}}]}, file)

    def test_the_dynamic_client_does_what_it_may(self):
        client = dynamic.DynamicClient(kubernetes.config.new_client_from_config(self.kubeconfig),
                                       cache_file=f"{self.up.folder}/bot.json")
        maps = client.resources.get(api_version="v1", kind="ConfigMap")
        maps.create(body=config_map("mine", a="1"), namespace="default")
        maps.patch(body=config_map("mine", a="2"), namespace="default", content_type="application/merge-patch+json")
        self.assertEqual(maps.get(name="mine", namespace="default").data.a, "2")
        with self.assertRaises(exceptions.ForbiddenError) as refused:
            maps.delete(name="mine", namespace="default")
        self.assertIn("system:serviceaccount:default:bot", str(refused.exception.body))
        for kind, namespace in (("ConfigMap", "kube-system"), ("Secret", "default")):
            with self.assertRaises(exceptions.ForbiddenError):
                client.resources.get(api_version="v1", kind=kind).get(namespace=namespace)

    def test_it_can_stand_for_election(self):
        process = Process([sys.executable, "-c", CANDIDATE, self.kubeconfig, "bot"], f"{self.up.folder}/bot.log")
        self.addCleanup(process.kill)
        wait_for(lambda: "bot leads" in process.log(), "the account's program leads")


if __name__ == "__main__":
    spec.main()
