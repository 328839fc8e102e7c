"""The life of a whole application with kubectl on hollow nodes: applied, updated badly and undone, scaled, drained, hit by the loss of a node, and deleted."""
import json
import os
import sys

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from hosts import Process, wait_for
from local import NamespaceTest
from spec import troupe


def template(app, image="app:1", **more):
    requests = {"requests": {"cpu": "10m", "memory": "8Mi"}}
    return {"metadata": {"labels": {"app": app}},
            "spec": {"containers": [{"name": app, "image": image, "resources": requests, **more}]}}


def workload(kind, name, api="apps/v1", **fields):
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name},
            "spec": {"selector": {"matchLabels": {"app": name}}, "template": template(name), **fields}}


def shop():
    """A shop: a web tier with its configuration, a database with volumes, agents on the nodes, and jobs."""
    web = workload("Deployment", "web", replicas=4)
    web["spec"]["template"] = template(
        "web", envFrom=[{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": "password"}}], ports=[{"name": "http", "containerPort": 80}])
    web["spec"]["template"]["spec"]["tolerations"] = [
        {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 2}
        for key in ("not-ready", "unreachable")]
    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard",
                                                    "resources": {"requests": {"storage": "1Gi"}}}}
    database = workload("StatefulSet", "db", replicas=2, serviceName="db", volumeClaimTemplates=[claim])
    once = {"containers": [{"name": "c", "image": "job:1", "command": ["true"]}], "restartPolicy": "Never"}
    job = {"template": {"spec": once}}
    port = {"name": "http", "port": 80, "targetPort": "http"}
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"colour": "blue"}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "password"}, "stringData": {"password": "secret"}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [port]}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db"},
         "spec": {"clusterIP": "None", "selector": {"app": "db"}, "ports": [{"port": 5432}]}},
        web, database, workload("DaemonSet", "agent"),
        {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"}, "spec": {**job, "completions": 2}},
        {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "report"},
         "spec": {"schedule": "*/5 * * * *", "jobTemplate": {"spec": job}}},
        {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"},
         "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "minReplicas": 2, "maxReplicas": 600,
                  "behavior": {"scaleDown": {"selectPolicy": "Disabled"}}}},
        {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"},
         "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}}},
    ]


class Application(NamespaceTest):
    flags = ("--max-pods", "400", "--cluster-cidr", "10.244.0.0/16")

    def pods(self, app="web"):
        return [p for p in self.get("pods", "-l", f"app={app}")["items"] if "deletionTimestamp" not in p["metadata"]]

    def status(self, what, name):
        return self.get(what, name).get("status", {})

    def images(self):
        return {p["spec"]["containers"][0]["image"] for p in self.pods()}

    def ready_addresses(self):
        slices = self.get("endpointslices", "-l", "kubernetes.io/service-name=web")["items"]
        return sorted(e["addresses"][0] for s in slices for e in s["endpoints"] or [] if e["conditions"]["ready"])

    def serves_all(self, count):
        web = self.status("deployment", "web")
        pods = [p for p in self.pods() if p["status"].get("podIP")]
        return (web.get("availableReplicas") == count and web.get("updatedReplicas") == count and len(pods) == count
                and self.ready_addresses() == sorted(p["status"]["podIP"] for p in pods))

    def start_worker(self):
        """A third node, in a process of its own, so that it can be lost."""
        created = self.up.troupe("token", "create", "--role", "worker")
        self.assertEqual(created.returncode, 0, created.stderr)
        path = f"{self.up.folder}/worker.yaml"
        with open(path, "w") as out:
            yaml.safe_dump({"dataDir": f"{self.up.folder}/worker", "roles": ["kubelet"], "nodeName": "far", "kubelet": {
                "runtime": "hollow", "maxPods": 400}, "join": yaml.safe_load(created.stdout)["join"]}, out)
        worker = Process([troupe(), "node", "--config", path], f"{self.up.folder}/worker.log")
        self.addCleanup(lambda: worker.running() and worker.stop())
        wait_for(lambda: self.up.kubectl("get", "node", "far").returncode == 0, "the node is registered", 30)
        self.kubectl("wait", "--for=condition=Ready", "node/far", "--timeout=30s")
        return worker

    def test_an_application(self):
        self.kubectl("apply", "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": shop()}))
        self.is_complete()
        self.recovers_from_a_bad_image()
        self.scales()
        self.survives_a_drain()
        self.survives_the_loss_of_a_node()
        self.ends_with_its_namespace()

    def is_complete(self):
        wait_for(lambda: self.serves_all(4), "the web tier serves", 60)
        wait_for(lambda: self.status("statefulset", "db").get("availableReplicas") == 2, "the database is there", 60)
        self.assertEqual({p["metadata"]["name"] for p in self.pods("db")}, {"db-0", "db-1"})
        self.assertEqual({(c["metadata"]["name"], c["status"]["phase"]) for c in self.get("pvc")["items"]},
                         {("data-db-0", "Bound"), ("data-db-1", "Bound")})
        wait_for(lambda: self.status("daemonset", "agent").get("numberReady") == 2, "each node has an agent", 60)
        wait_for(lambda: self.status("job", "migrate").get("succeeded") == 2, "the migration is done", 60)
        self.assertEqual([c["type"] for c in self.status("job", "migrate")["conditions"] if c["status"] == "True"][-1], "Complete")
        wait_for(lambda: self.status("pdb", "web").get("disruptionsAllowed") == 1, "one pod may be disrupted", 30)
        applied = self.kubectl("apply", "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": shop()}))
        # What kubectl sends of claim templates and of a budget's selector is always a patch.
        changed = {line.split()[0] for line in applied.splitlines() if not line.endswith(" unchanged")}
        self.assertLessEqual(changed, {"secret/password", "statefulset.apps/db", "poddisruptionbudget.policy/web"})
        self.assertEqual(self.get("statefulset", "db")["metadata"]["generation"], 1)

    def recovers_from_a_bad_image(self):
        self.kubectl("set", "image", "deployment/web", "web=nowhere.invalid/app:2")
        wait_for(lambda: "nowhere.invalid/app:2" in self.images(), "the bad image is tried", 30)
        waiting = lambda: [c["state"].get("waiting", {}).get("reason") for p in self.pods() for c in p["status"].get("containerStatuses", [])]
        wait_for(lambda: {"ErrImagePull", "ImagePullBackOff"} & set(waiting()), "it cannot be pulled", 30)
        self.assertGreaterEqual(self.status("deployment", "web")["availableReplicas"], 3)
        self.assertGreaterEqual(len(self.ready_addresses()), 3)
        self.kubectl("rollout", "undo", "deployment/web")
        wait_for(lambda: self.images() == {"app:1"} and self.serves_all(4), "the old image is back", 60)

    def scales(self):
        self.kubectl("scale", "deployment/web", "--replicas=500")
        wait_for(lambda: self.status("deployment", "web").get("availableReplicas") == 500, "500 pods run", 120)
        wait_for(lambda: len(self.ready_addresses()) == 500, "500 pods serve", 60)
        nodes = [p["spec"]["nodeName"] for p in self.pods()]
        self.assertEqual(sorted(set(nodes)), sorted(n["metadata"]["name"] for n in self.get("nodes")["items"]))
        self.kubectl("scale", "deployment/web", "--replicas=4")
        wait_for(lambda: self.serves_all(4), "four are left", 120)
        conditions = {c["type"]: c["status"] for c in self.status("hpa", "web")["conditions"]}
        self.assertEqual(conditions["AbleToScale"], "True")

    def survives_a_drain(self):
        node = self.pods()[0]["spec"]["nodeName"]
        done = self.up.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=50s")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.get("node", node)["spec"]["unschedulable"])
        left = {p["metadata"]["labels"].get("app") for p in self.get("pods", "--field-selector", f"spec.nodeName={node}")["items"]
                if p["status"]["phase"] == "Running"}
        self.assertEqual(left, {"agent"})
        wait_for(lambda: self.serves_all(4), "the web tier serves from elsewhere", 60)
        self.kubectl("uncordon", node)
        wait_for(lambda: self.status("statefulset", "db").get("availableReplicas") == 2, "the database is back where its data is", 60)

    def survives_the_loss_of_a_node(self):
        worker = self.start_worker()
        wait_for(lambda: self.status("daemonset", "agent").get("numberReady") == 3, "the new node has an agent", 60)
        self.kubectl("scale", "deployment/web", "--replicas=30")
        wait_for(lambda: self.serves_all(30), "30 pods serve", 60)
        lost = [p["metadata"]["name"] for p in self.pods() if p["spec"]["nodeName"] == "far"]
        self.assertTrue(lost)
        ranges = [n["spec"]["podCIDR"] for n in self.get("nodes")["items"]]
        self.assertEqual(sorted(ranges), ["10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"])
        worker.kill()
        ready = lambda: {c["type"]: c["status"] for c in self.get("node", "far")["status"]["conditions"]}["Ready"]
        wait_for(lambda: ready() == "Unknown", "the node is lost", 90)
        wait_for(lambda: not {p["metadata"]["name"] for p in self.pods()} & set(lost) and len(self.pods()) == 30, "its pods are replaced", 60)
        wait_for(lambda: self.serves_all(30), "30 pods serve again", 60)
        self.assertNotIn("far", {p["spec"]["nodeName"] for p in self.pods()})
        self.kubectl("taint", "node", "far", "node.kubernetes.io/out-of-service=:NoExecute")
        stuck = lambda: {p["metadata"]["name"] for p in self.get("pods")["items"] if p["spec"].get("nodeName") == "far"
                         and "deletionTimestamp" in p["metadata"]}
        wait_for(lambda: not stuck(), "what could not end there is gone", 60)
        self.kubectl("delete", "node", "far")

    def ends_with_its_namespace(self):
        volumes = {c["spec"]["volumeName"] for c in self.get("pvc")["items"]}
        self.kubectl("delete", "namespace", self.namespace, "--timeout=55s")
        self.assertIn("NotFound", self.refused("get", "namespace", self.namespace))
        for kind in ("pods", "deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "cronjobs", "endpointslices", "pvc", "hpa",
                     "pdb", "services", "secrets"):
            left = [o["metadata"]["name"] for o in self.get(kind, "-A")["items"] if o["metadata"]["namespace"] == self.namespace]
            self.assertEqual(left, [], kind)
        gone = lambda: not volumes & {v["metadata"]["name"] for v in self.get("pv")["items"]}
        wait_for(gone, "the volumes go with their claims", 60)


if __name__ == "__main__":
    spec.main()
