"""What the control plane keeps in order by itself, as kubectl shows it: endpoints, disruption budgets, claims, quotas, taints."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import wait_for
from local import NamespaceTest, columns

WEB = {"app": "web"}
GATE = "example.com/up"


def service(name, **more):
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"selector": WEB, "ports": [{"port": 80, "targetPort": "http"}], **more}}


def web_pod(name, **more):
    return pod(name, labels=WEB, container={"image": "web:1", "ports": [{"name": "http", "containerPort": 8080}]}, **more)


class Housekeeping(NamespaceTest):
    def field(self, what, path):
        return self.kubectl("get", *what.split(), "-o", f"jsonpath={path}")

    def ready(self, *names):
        self.kubectl("wait", "--for=condition=Ready", *(f"pod/{name}" for name in names), "--timeout=30s")

    def ips(self, *names):
        return sorted(self.field(f"pod {name}", "{.status.podIP}") for name in names)

    def endpoints(self, which="addresses"):
        return sorted(self.field("endpoints web", f"{{.subsets[*].{which}[*].ip}}").split())

    def slices(self, path="{.items[*].endpoints[*].addresses[0]}"):
        return sorted(self.field("endpointslices -l kubernetes.io/service-name=web", path).split())

    def test_endpoints_follow_pods(self):
        self.create(service("web"), web_pod("a"), web_pod("b"), pod("other", labels={"app": "db"}))
        self.ready("a", "b")
        both = self.ips("a", "b")
        wait_for(lambda: self.endpoints() == both and self.slices() == both, "both pods are endpoints")
        self.assertEqual(self.slices("{.items[*].ports[*].port}"), ["8080"])
        self.assertIn(f"{both[0]}:8080,{both[1]}:8080", self.kubectl("get", "endpoints", "web"))
        described = self.kubectl("describe", "service", "web")
        shown = next(columns(line)[1] for line in described.splitlines() if line.startswith("Endpoints:"))
        self.assertEqual(sorted(shown.split(",")), [f"{ip}:8080" for ip in both])
        self.kubectl("delete", "pod", "a", "--now")
        wait_for(lambda: self.endpoints() == self.slices() == self.ips("b"), "the deleted pod is no endpoint")
        self.kubectl("label", "pod", "b", "app-")
        wait_for(lambda: self.endpoints() == self.slices() == [], "a pod without the label is no endpoint")
        self.kubectl("delete", "service", "web")
        wait_for(lambda: self.kubectl("get", "endpoints,endpointslices", "--ignore-not-found") == "", "they go with the service")

    def test_endpoints_follow_readiness(self):
        self.create(service("web"), web_pod("gated", readinessGates=[{"conditionType": GATE}]))
        wait_for(lambda: self.endpoints("notReadyAddresses") == self.ips("gated") != [""], "it is not ready")
        state = "{.items[0].endpoints[0].conditions}"
        self.assertEqual(json.loads(self.field("endpointslices", state)), {"ready": False, "serving": False, "terminating": False})
        for up in ("True", "False"):
            change = {"status": {"conditions": [{"type": GATE, "status": up}]}}
            self.kubectl("patch", "pod", "gated", "--subresource=status", "--patch", json.dumps(change))
            which = "addresses" if up == "True" else "notReadyAddresses"
            wait_for(lambda: self.endpoints(which) == self.ips("gated"), f"the gate is {up}")

    def test_a_headless_service_names_its_pods(self):
        self.create(service("web", clusterIP="None"), web_pod("a", hostname="first", subdomain="web"))
        self.ready("a")
        wait_for(lambda: self.slices("{.items[*].endpoints[*].hostname}") == ["first"], "the host name is published")
        self.assertEqual(self.kubectl("get", "endpoints", "-l", "service.kubernetes.io/headless", "-o", "name"), "endpoints/web\n")

    def test_hand_written_endpoints_are_mirrored(self):
        without = service("web")
        del without["spec"]["selector"]
        self.create(without, {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "web"},
                              "subsets": [{"addresses": [{"ip": "192.0.2.7"}], "ports": [{"port": 5432}]}]})
        wait_for(lambda: self.slices() == ["192.0.2.7"], "a slice says the same")

    def test_a_drain_keeps_to_the_budget(self):
        on = lambda name, node: web_pod(name, nodeName=node)
        self.create(on("a", "node1"), on("b", "node1"))
        self.kubectl("create", "poddisruptionbudget", "pdb", "--selector=app=web", "--min-available=1")
        self.ready("a", "b")
        allowed = lambda: columns(self.kubectl("get", "pdb", "pdb", "--no-headers"))[3]
        wait_for(lambda: allowed() == "1", "one pod may go")
        self.addCleanup(self.kubectl, "uncordon", "node1")
        drain = ("drain", "node1", "--force", "--pod-selector=app=web", "--ignore-daemonsets")
        said = self.refused(*drain, "--timeout=4s")
        self.assertIn("Cannot evict pod as it would violate the pod's disruption budget.", said)
        wait_for(lambda: len(self.kubectl("get", "pods", "-o", "name").split()) == 1, "one pod went")
        self.assertEqual(allowed(), "0")
        self.create(on("c", "node2"))
        self.ready("c")
        wait_for(lambda: allowed() == "1", "its place was taken")
        self.assertIn("node/node1 drained", self.kubectl(*drain, "--timeout=30s"))
        self.assertEqual(self.kubectl("get", "pods", "-o", "name"), "pod/c\n")
        self.assertIn("DisruptionAllowed", self.field("pdb pdb", "{.status.conditions[*].type}"))

    def test_a_claim_in_use_stays(self):
        claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
                 "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "none", "resources": {"requests": {"storage": "1Gi"}}}}
        self.create(claim, pod("user", nodeName="node1", volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]))
        self.kubectl("delete", "pvc", "data", "--wait=false")
        self.assertIn("Terminating", self.kubectl("get", "pvc", "data"))
        self.assertIn("Used By:       user", self.kubectl("describe", "pvc", "data"))
        self.kubectl("delete", "pod", "user", "--now")
        self.kubectl("wait", "--for=delete", "pvc/data", "--timeout=20s")

    def test_a_claim_gets_a_volume_where_its_pod_runs(self):
        claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
                 "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
        self.create(claim)
        wait_for(lambda: "WaitForFirstConsumer" in self.kubectl("describe", "pvc", "data"), "it waits for a pod")
        self.create(pod("user", volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]))
        self.ready("user")
        name = self.field("pvc data", "{.spec.volumeName}")
        self.assertEqual(columns(self.kubectl("get", "pvc", "data", "--no-headers"))[:6], ["data", "Bound", name, "1Gi", "RWO", "standard"])
        self.assertIn(self.field("pod user", "{.spec.nodeName}"), self.field(f"pv {name}", "{.spec.nodeAffinity}"))
        self.kubectl("delete", "pod/user", "pvc/data", "--now")
        self.kubectl("wait", "--for=delete", f"pv/{name}", "--timeout=20s")

    def test_a_quota_shows_what_is_used(self):
        self.kubectl("create", "quota", "q", "--hard=pods=5,requests.cpu=2,count/configmaps=9,services=3")
        resources = {"requests": {"cpu": "250m"}}
        self.create(*(pod(name, container={"resources": resources}) for name in ("a", "b")), service("web"))
        used = lambda: {line.split()[0]: line.split()[1] for line in self.kubectl("describe", "quota", "q").splitlines()[4:]}
        configmaps = len(self.kubectl("get", "configmaps", "-o", "name").split())
        expected = {"pods": "2", "requests.cpu": "500m", "services": "1", "count/configmaps": str(configmaps)}
        wait_for(lambda: used() == expected, f"it uses {expected}")
        self.kubectl("delete", "pod", "a", "--now")
        wait_for(lambda: used()["pods"] == "1" and used()["requests.cpu"] == "250m", "a deleted pod uses nothing")

    def test_a_taint_drives_pods_away(self):
        self.create(pod("stays", nodeName="node2", tolerations=[{"operator": "Exists"}]), pod("goes", nodeName="node2"))
        self.ready("stays", "goes")
        self.kubectl("taint", "nodes", "node2", "example.com/out:NoExecute")
        self.addCleanup(self.kubectl, "taint", "nodes", "node2", "example.com/out-")
        self.kubectl("wait", "--for=delete", "pod/goes", "--timeout=20s")
        self.assertEqual(self.kubectl("get", "pods", "-o", "name"), "pod/stays\n")
        wait_for(lambda: "TaintManagerEviction" in self.kubectl("events", "--for=pod/goes"), "an event says why")


if __name__ == "__main__":
    spec.main()
