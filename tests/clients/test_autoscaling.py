"""What nodes and pods use, with kubectl top, and Deployments that follow it, with kubectl autoscale."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from hosts import wait_for
from local import NamespaceTest, columns

METRICS = "/apis/metrics.k8s.io/v1beta1"


class Autoscaling(NamespaceTest):
    def deploy(self, replicas=2):
        self.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
                     "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": {
                         "metadata": {"labels": {"app": "web"}},
                         "spec": {"containers": [
                             {"name": "web", "image": "web:1", "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}},
                             {"name": "side", "image": "side:1", "resources": {"requests": {"cpu": "100m"}}}]}}}})
        self.kubectl("rollout", "status", "deployment/web", "--timeout=60s")

    def use(self, cpu, memory="32Mi"):
        """Each container of each pod seems to use so much from now on."""
        self.kubectl("annotate", "pods", "--all", "--overwrite", f"troupe.dev/use-cpu={cpu}", f"troupe.dev/use-memory={memory}")

    def top(self, *args):
        """Rows of kubectl top; none while there are no figures yet."""
        done = self.up.kubectl("top", *args, "--no-headers")
        return [line.split() for line in done.stdout.splitlines()] if done.returncode == 0 else []

    def replicas(self):
        return int(self.kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}"))

    def conditions(self, hpa="web"):
        found = self.get("hpa", hpa)["status"].get("conditions", [])
        return {c["type"]: (c["status"], c["reason"]) for c in found}

    def test_top(self):
        self.deploy()
        self.use("25m")
        names = sorted(p["metadata"]["name"] for p in self.get("pods")["items"])
        wait_for(lambda: self.top("pods") == [[name, "50m", "64Mi"] for name in names], "both pods are measured", 60)
        self.assertEqual(len(self.top("pods", "--containers")), 4)
        self.assertIn(["side", "25m", "32Mi"], [row[1:] for row in self.top("pods", "--containers")])
        self.kubectl("annotate", "pod", names[1], "--overwrite", "troupe.dev/use-cpu=100m")
        wait_for(lambda: self.top("pods", "--sort-by=cpu") == [[names[1], "200m", "64Mi"], [names[0], "50m", "64Mi"]],
                 "the busy pod comes first", 60)
        self.assertEqual([row[0] for row in self.top("pods", "-l", "app=web")], names)
        self.assertEqual(self.top("pods", "-l", "app=other"), [])
        self.kubectl("create", "rolebinding", "viewer", "--clusterrole=view", "--user=viewer")
        wait_for(lambda: len(self.top("pods", "--as=viewer")) == 2, "who may view may see what pods use", 30)
        nodes = self.top("nodes")
        self.assertEqual(len(nodes), 2)
        for name, cpu, share, memory, memory_share in nodes:
            self.assertRegex(f"{cpu} {share} {memory} {memory_share}", r"^\d+m \d+% \d+Mi \d+%$")
        self.assertEqual(self.kubectl("top", "node", nodes[0][0], "--no-headers").split()[0], nodes[0][0])

    def test_troupe_top(self):
        self.deploy(1)
        self.use("25m")
        name = self.get("pods")["items"][0]["metadata"]["name"]
        top = lambda *args: self.up.troupe("top", *args)
        shown = lambda *args: [columns(line) for line in top("pod", "-n", self.namespace, *args).stdout.splitlines()]
        wait_for(lambda: shown() == [["NAME", "CPU(cores)", "MEMORY(bytes)"], [name, "50m", "64Mi"]], "the pod is measured", 60)
        self.assertEqual(shown("--containers", "--no-headers"), [[name, "side", "25m", "32Mi"], [name, "web", "25m", "32Mi"]])
        self.assertEqual(shown(name, "--no-headers"), [[name, "50m", "64Mi"]])
        self.assertEqual(top("pod", "-n", self.namespace, "-l", "app=none").stderr, f"No resources found in {self.namespace} namespace.\n")
        self.assertEqual(top("pod", "--sort-by", "name").stderr, "error: --sort-by accepts only cpu or memory\n")
        self.assertEqual(sorted(columns(line)[0] for line in top("nodes").stdout.splitlines()), ["NAME", "node1", "node2"])
        self.assertEqual(columns(top("nodes").stdout.splitlines()[0]), ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"])

    def test_the_metrics_api(self):
        self.assertIn("metrics.k8s.io/v1beta1", self.kubectl("api-versions"))
        kinds = {r["name"]: r for r in json.loads(self.kubectl("get", "--raw", METRICS))["resources"]}
        self.assertEqual({name: (r["kind"], r["namespaced"], r["verbs"]) for name, r in kinds.items()},
                         {"nodes": ("NodeMetrics", False, ["get", "list"]), "pods": ("PodMetrics", True, ["get", "list"])})
        self.deploy(1)
        self.use("30m", "10Mi")
        name = self.get("pods")["items"][0]["metadata"]["name"]
        pod = lambda: self.up.kubectl("get", "--raw", f"{METRICS}/namespaces/{self.namespace}/pods/{name}").stdout
        wait_for(lambda: '"30m"' in pod(), "the pod is measured", 60)
        pod = json.loads(pod())
        self.assertEqual(pod["kind"], "PodMetrics")
        self.assertEqual(pod["metadata"]["labels"]["app"], "web")
        self.assertEqual(pod["window"], "15s")
        self.assertEqual([c["usage"] for c in pod["containers"]], [{"cpu": "30m", "memory": "10Mi"}] * 2)
        shown = self.kubectl("get", "podmetrics").splitlines()
        self.assertEqual(columns(shown[0]), ["NAME", "CPU", "MEMORY", "WINDOW"])
        self.assertEqual(columns(shown[1]), [name, "60m", "20Mi", "15s"])
        self.assertIn('pods.metrics.k8s.io "none" not found', self.refused("get", "podmetrics", "none"))
        self.assertEqual(len(self.get("nodemetrics")["items"]), 2)

    def test_an_autoscaler_follows_the_load(self):
        self.deploy(1)
        self.use("50m")
        self.assertEqual(self.kubectl("autoscale", "deployment", "web", "--min=1", "--max=4", "--cpu-percent=50"),
                         "horizontalpodautoscaler.autoscaling/web autoscaled\n")
        wait_for(lambda: self.conditions().get("ScalingActive") == ("True", "ValidMetricFound"), "the load is known", 90)
        self.assertEqual(self.conditions(), {"AbleToScale": ("True", "ReadyForNewScale"), "ScalingActive": ("True", "ValidMetricFound"),
                                             "ScalingLimited": ("False", "DesiredWithinRange")})
        row = columns(self.kubectl("get", "hpa", "web", "--no-headers"))
        self.assertEqual(row[:6], ["web", "Deployment/web", "cpu: 50%/50%", "1", "4", "1"])
        self.use("100m")  # all that is asked for
        wait_for(lambda: self.replicas() == 2, "there are two pods", 60)
        described = self.kubectl("describe", "hpa", "web")
        self.assertRegex(described, r"resource cpu on pods +\(as a percentage of request\): +\d+% \(\d+m\) / 50%")
        self.assertRegex(described, r"SuccessfulRescale .*horizontal-pod-autoscaler +New size: 2; reason: cpu resource utilization "
                                    r"\(percentage of request\) above target")
        self.kubectl("scale", "deployment/web", "--replicas=6")
        wait_for(lambda: self.replicas() == 4, "no more than four are left", 60)
        self.assertIn("Current number of replicas above Spec.MaxReplicas", self.kubectl("events", "--for=hpa/web"))
        self.kubectl("scale", "deployment/web", "--replicas=0")
        wait_for(lambda: self.conditions()["ScalingActive"] == ("False", "ScalingDisabled"), "zero switches it off", 60)
        self.assertEqual(self.replicas(), 0)

    def test_a_kind_that_a_definition_adds_is_scaled(self):
        scale = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas", "labelSelectorPath": ".status.selector"}
        version = {"name": "v1", "served": True, "storage": True, "subresources": {"status": {}, "scale": scale},
                   "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}
        self.create({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "fleets.example.com"},
                     "spec": {"group": "example.com", "scope": "Namespaced", "versions": [version],
                              "names": {"plural": "fleets", "singular": "fleet", "kind": "Fleet", "listKind": "FleetList"}}})
        self.kubectl("wait", "--for=condition=Established", "crd/fleets.example.com", "--timeout=20s")
        self.create({"apiVersion": "example.com/v1", "kind": "Fleet", "metadata": {"name": "f"}, "spec": {"replicas": 9}},
                    {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "f"}, "spec": {
                        "scaleTargetRef": {"apiVersion": "example.com/v1", "kind": "Fleet", "name": "f"}, "maxReplicas": 5}})
        wait_for(lambda: self.kubectl("get", "fleet", "f", "-o", "jsonpath={.spec.replicas}") == "5", "it has the most there may be", 40)
        self.assertEqual(self.conditions("f")["AbleToScale"], ("True", "SucceededRescale"))
        self.kubectl("delete", "crd", "fleets.example.com")

    def test_measures_that_nobody_serves(self):
        self.deploy(1)
        metric = {"type": "Pods", "pods": {"metric": {"name": "requests"}, "target": {"type": "AverageValue", "averageValue": "10"}}}
        self.create({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"},
                     "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "maxReplicas": 3,
                              "metrics": [metric]}})
        wait_for(lambda: self.conditions().get("ScalingActive") == ("False", "FailedGetPodsMetric"), "it says so", 60)
        self.assertIn("<unknown>/10", self.kubectl("get", "hpa", "web"))
        self.assertIn("no custom metrics API (custom.metrics.k8s.io) registered", self.kubectl("describe", "hpa", "web"))
        self.create({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "none"},
                     "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "none"}, "maxReplicas": 3}})
        wait_for(lambda: self.conditions("none").get("AbleToScale") == ("False", "FailedGetScale"), "it has no target", 60)


if __name__ == "__main__":
    spec.main()
