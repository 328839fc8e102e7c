"""What Kubernetes' conformance tests drive of nodes, scheduling and what admits pods to them, on simulated nodes."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from conformance import PAUSE, Conformance, pod
from hosts import wait_for
from rest import STRATEGIC

CLASSES = "/apis/scheduling.k8s.io/v1/priorityclasses"


def condition(o, kind):
    return next((c for c in o["status"].get("conditions", []) if c["type"] == kind), {})


class Nodes(Conformance):
    def setUp(self):
        super().setUp()
        self.pods = f"{self.core}/pods"

    def make(self, name, labels=None, **changes):
        container = {**PAUSE, **changes.pop("container", {})}
        return self.rest.post(self.pods, pod(name, labels, containers=[container], **changes))

    def events(self, name, reason):
        return self.rest.get(f"{self.core}/events?fieldSelector=involvedObject.name={name},reason={reason}")["items"]


class Kubelets(Nodes):
    def test_a_pod_that_does_not_fit_its_node_has_failed(self):
        for name, changes, reason, message in (
                ("selects", {"nodeSelector": {"a": "b"}}, "NodeAffinity",
                 "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"),
                ("large", {"container": {"resources": {"requests": {"cpu": "9999"}}}}, "OutOfcpu",
                 "Node didn't have enough resource: cpu, requested: 9999000, used: 0, capacity: 32000"),
                ("foreign", {"os": {"name": "windows"}}, "PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS")):
            with self.subTest(name):
                self.make(name, nodeName="node1", **changes)
                p = self.becomes(f"{self.pods}/{name}", "it is refused", status__phase="Failed")
                self.assertEqual((p["status"]["reason"], p["status"]["message"]), (reason, "Pod was rejected: " + message))
                self.assertEqual(wait_for(lambda: self.events(name, reason), "an event")[0]["message"], message)
        # Neither takes anything from others.
        self.make("fits", nodeName="node1", container={"resources": {"requests": {"cpu": "20"}}})
        self.becomes(f"{self.pods}/fits", "it runs", status__phase="Running")

    def test_another_image_is_another_container(self):
        for policy in ("Always", "Never"):
            with self.subTest(policy):
                name = policy.lower()
                self.make(name, restartPolicy=policy)
                old = self.becomes(f"{self.pods}/{name}", "it runs", status__phase="Running")["status"]["containerStatuses"][0]
                self.rest.patch(f"{self.pods}/{name}", {"spec": {"containers": [{"name": "main", "image": "other:1"}]}}, STRATEGIC)
                status = lambda: self.rest.get(f"{self.pods}/{name}")["status"]["containerStatuses"][0]
                new = wait_for(lambda: (s := status())["restartCount"] == 1 and s["ready"] and s, "restarted")
                self.assertEqual((new["image"], new["containerID"] != old["containerID"]), ("other:1", True))
                self.assertEqual(self.rest.get(f"{self.pods}/{name}")["status"]["phase"], "Running")
                self.assertEqual([e["message"] for e in self.events(name, "Killing")], ["Container main definition changed, will be restarted"])

    def test_a_name_that_no_image_has(self):
        self.make("odd", container={"image": "UPPER/Bad:::x"})
        waiting = lambda: self.rest.get(f"{self.pods}/odd")["status"].get("containerStatuses", [{}])[0].get("state", {}).get("waiting", {})
        wait_for(lambda: waiting().get("reason") == "InvalidImageName", "it cannot be pulled")
        why = ('Failed to apply default image tag "UPPER/Bad:::x": couldn\'t parse image name "UPPER/Bad:::x": '
               "invalid reference format: repository name must be lowercase")
        self.assertEqual((waiting()["message"], self.events("odd", "InspectFailed")[0]["message"]), (why, why))
        self.rest.patch(f"{self.pods}/odd", {"spec": {"containers": [{"name": "main", "image": "good:1"}]}}, STRATEGIC)
        self.becomes(f"{self.pods}/odd", "it runs with another one", status__phase="Running")


class Scheduling(Nodes):
    def test_taints_that_evict(self):
        taint = {"key": "k", "value": "v", "effect": "NoExecute"}
        tolerates = {**taint, "operator": "Equal"}
        watch = self.watch(f"{self.pods}?watch=1")
        for name, more in (("none", []), ("ever", [tolerates]), ("briefly", [{**tolerates, "tolerationSeconds": 1}]),
                           ("long", [{**tolerates, "tolerationSeconds": 600}])):
            self.make(name, tolerations=more, nodeSelector={"kubernetes.io/hostname": "node2"})
            self.becomes(f"{self.pods}/{name}", "it runs", status__phase="Running")
        self.rest.patch("/api/v1/nodes/node2", {"spec": {"taints": [taint]}})
        try:
            wait_for(lambda: self.names(self.pods) == ["ever", "long"], "two go")
            gone = [e["object"] for e in watch.events if e["object"]["metadata"]["name"] == "none"][-1]
            why = condition(gone, "DisruptionTarget")
            self.assertEqual((why["reason"], why["message"]), ("DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint"))
            self.assertEqual([n for e, n in watch.heard() if e == "DELETED"], ["none", "briefly"])
        finally:
            self.rest.patch("/api/v1/nodes/node2", {"spec": {"taints": None}})
        wait_for(lambda: self.events("long", "TaintManagerEviction"), "it may stay")
        self.assertEqual(self.events("long", "TaintManagerEviction")[-1]["message"], f"Cancelling deletion of Pod {self.ns}/long")

    def test_host_ports(self):
        def wants(name, ip, protocol):
            self.make(name, nodeSelector={"kubernetes.io/hostname": "node2"}, container={"ports": [
                {"containerPort": 80, "hostPort": 54321, "hostIP": ip, "protocol": protocol}]})
        for name, ip, protocol in (("a", "127.0.0.1", "TCP"), ("b", "10.0.0.1", "TCP"), ("c", "10.0.0.1", "UDP")):
            wants(name, ip, protocol)
            self.becomes(f"{self.pods}/{name}", "it runs", status__phase="Running")
        wants("all", "0.0.0.0", "TCP")
        why = wait_for(lambda: condition(self.rest.get(f"{self.pods}/all"), "PodScheduled"), "it is refused")
        self.assertIn("1 node(s) didn't have free ports for the requested pod ports", why["message"])

    def test_gates(self):
        self.make("gated", schedulingGates=[{"name": "a"}, {"name": "b"}])
        why = wait_for(lambda: condition(self.rest.get(f"{self.pods}/gated"), "PodScheduled"), "it waits")
        self.assertEqual((why["reason"], why["message"]), ("SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates"))
        self.rest.patch(f"{self.pods}/gated", {"spec": {"nodeSelector": {"kubernetes.io/hostname": "node2"}, "schedulingGates": [{"name": "b"}]}})
        self.rest.patch(f"{self.pods}/gated", {"spec": {"schedulingGates": None}})
        self.becomes(f"{self.pods}/gated", "it goes where it was told meanwhile", spec__nodeName="node2")
        self.assertEqual(self.rest.call("PATCH", f"{self.pods}/gated", {"spec": {"schedulingGates": [{"name": "c"}]}}, STRATEGIC)[0], 422)

    def test_a_binding_is_for_once(self):
        self.make("p", schedulerName="nobody")
        bind = lambda: self.rest.call("POST", f"{self.pods}/p/binding", {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "node1"}})
        self.assertEqual(bind()[0], 201)
        code, answer = bind()
        self.assertEqual((code, answer["message"]), (409, 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "node1"'))


class Priorities(Nodes):
    def test_those_of_the_system(self):
        for name, value in (("system-node-critical", 2000001000), ("system-cluster-critical", 2000000000)):
            self.assertEqual(self.rest.get(f"{CLASSES}/{name}")["value"], value)
            code, answer = self.rest.call("DELETE", f"{CLASSES}/{name}")
            self.assertEqual((code, answer["message"]), (403, f'priorityclasses.scheduling.k8s.io "{name}" is forbidden: '
                                                         "this is a system priority class and cannot be deleted"))
        self.assertEqual(self.make("p", priorityClassName="system-node-critical")["spec"]["priority"], 2000001000)
        code, answer = self.rest.call("POST", CLASSES, {"metadata": {"name": "system-mine"}, "value": 1})
        self.assertEqual((code, answer["details"]["causes"][0]["field"]), (422, "metadata.name"))

    def test_one_is_the_default(self):
        self.rest.post(CLASSES, {"metadata": {"name": "usual"}, "value": 5, "globalDefault": True})
        try:
            refused = 'priorityclasses.scheduling.k8s.io "{}" is forbidden: PriorityClass usual is already marked as default. Only one default can exist'
            code, answer = self.rest.call("POST", CLASSES, {"metadata": {"name": "other"}, "value": 5, "globalDefault": True})
            self.assertEqual((code, answer["message"]), (403, refused.format("other")))
            self.rest.post(CLASSES, {"metadata": {"name": "other"}, "value": 5})
            code, answer = self.rest.call("PATCH", f"{CLASSES}/other", {"globalDefault": True}, STRATEGIC)
            self.assertEqual((code, answer["message"]), (403, refused.format("other")))
            self.rest.patch(f"{CLASSES}/usual", {"description": "stays the default"})
            p = self.make("p")
            self.assertEqual((p["spec"]["priority"], p["spec"]["priorityClassName"]), (5, "usual"))
        finally:
            for name in ("usual", "other"):
                self.rest.call("DELETE", f"{CLASSES}/{name}")

    def test_what_a_pod_may_not_say(self):
        for changes, why in (({"priorityClassName": "nope"}, "no PriorityClass with name nope was found"),
                             ({"priority": 7}, "the integer value of priority (7) must not be provided in pod spec; priority admission "
                              "controller computed 0 from the given PriorityClass name"),
                             ({"runtimeClassName": "nope"}, 'pod rejected: RuntimeClass "nope" not found')):
            code, answer = self.rest.call("POST", self.pods, pod("p", **changes))
            self.assertEqual((code, answer["message"]), (403, f'pods "p" is forbidden: {why}'))


if __name__ == "__main__":
    spec.main()
