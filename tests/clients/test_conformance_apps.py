"""What Kubernetes' conformance tests drive of DaemonSets, Deployments and StatefulSets: how they roll, scale and repair."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from conformance import PAUSE, Conformance, pod, workload
from hosts import wait_for
from rest import MERGE, STRATEGIC

OLD, NEW = PAUSE["image"], "other:1"


def image(name, **more):
    return {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": name, **more}]}}}}


class Apps(Conformance):
    def make(self, kind, name, replicas, labels, **spec):
        made = workload(kind, name, replicas, labels, **spec)
        made["metadata"]["labels"] = dict(labels)
        made["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 0
        if kind == "DaemonSet":
            made["spec"].pop("replicas")
        return made

    def pods(self, labels=""):
        return [p for p in self.rest.get(f"{self.core}/pods?labelSelector={labels}")["items"] if "deletionTimestamp" not in p["metadata"]]

    def images(self):
        return sorted(p["spec"]["containers"][0]["image"] for p in self.pods())

    def images_become(self, *wanted):
        try:
            wait_for(lambda: self.images() == sorted(wanted), f"pods of {wanted}")
        except AssertionError:
            self.assertEqual(self.images(), sorted(wanted))

    def order(self, watch, kind):
        return [name for event, name in watch.heard() if event == kind]


class DaemonSets(Apps):
    def setUp(self):
        super().setUp()
        self.path = f"{self.apps}/daemonsets/ds"

    def start(self, **spec):
        self.rest.post(f"{self.apps}/daemonsets", self.make("DaemonSet", "ds", 0, {"d": "s"}, **spec))
        self.becomes(self.path, "on both nodes", status__numberAvailable=2)

    def revisions(self):
        return sorted(r["revision"] for r in self.rest.get(f"{self.apps}/controllerrevisions")["items"])

    def test_labels_of_nodes_choose(self):
        colour = lambda node, c: self.rest.patch(f"/api/v1/nodes/{node}", {"metadata": {"labels": {"colour": c}}})
        where = lambda name: sorted(p["spec"].get("nodeName", "") for p in self.pods(f"d={name}"))
        required = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
            {"matchExpressions": [{"key": "colour", "operator": "In", "values": ["blue", "green"]}]}]}}}
        for name, how in (("selector", {"nodeSelector": {"colour": "blue"}}), ("affinity", {"affinity": required})):
            made = self.make("DaemonSet", name, 0, {"d": name})
            made["spec"]["template"]["spec"].update(how)
            self.rest.post(f"{self.apps}/daemonsets", made)
        self.becomes(f"{self.apps}/daemonsets/affinity", "looked at", status__observedGeneration=1)
        self.assertEqual(self.pods(), [])
        colour("node1", "blue")
        wait_for(lambda: where("selector") == where("affinity") == ["node1"], "both are on the blue node")
        colour("node1", "green")
        wait_for(lambda: (where("selector"), where("affinity")) == ([], ["node1"]), "one does not like green")
        self.rest.patch(f"{self.apps}/daemonsets/selector", {"spec": {"template": {"spec": {"nodeSelector": {"colour": "green"}}}}})
        wait_for(lambda: where("selector") == ["node1"], "now it does")
        colour("node1", None)
        wait_for(lambda: self.pods() == [], "nobody is left")

    def test_updates_and_back(self):
        self.start(updateStrategy={"type": "OnDelete"})
        self.rest.patch(self.path, image(NEW), STRATEGIC)
        self.becomes(self.path, "looked at", status__observedGeneration=2)
        self.assertEqual((self.images(), self.revisions()), ([OLD, OLD], [1, 2]))
        self.rest.delete(f"{self.core}/pods/{self.pods()[0]['metadata']['name']}")
        self.images_become(OLD, NEW)
        self.rest.patch(self.path, {"spec": {"updateStrategy": {"type": "RollingUpdate"}}})
        self.images_become(NEW, NEW)
        self.becomes(self.path, "they run", status__numberAvailable=2)
        newest = [r for r in self.rest.get(f"{self.apps}/controllerrevisions")["items"] if r["revision"] == 2][0]
        self.assertEqual({p["metadata"]["labels"]["controller-revision-hash"] for p in self.pods()},
                         {newest["metadata"]["labels"]["controller-revision-hash"]})
        # A bad update is taken back without a restart of what it had not reached.
        before = {p["metadata"]["uid"] for p in self.pods()}
        self.rest.patch(self.path, image("foo:non-existent", resources={"requests": {"cpu": "9999"}}), STRATEGIC)
        wait_for(lambda: [p for p in self.pods() if p["status"]["phase"] == "Pending"], "one waits")
        self.rest.patch(self.path, image(NEW, resources={"requests": None}), STRATEGIC)
        self.images_become(NEW, NEW)
        self.becomes(self.path, "they run", status__numberAvailable=2)
        self.assertEqual(len(before & {p["metadata"]["uid"] for p in self.pods()}), 1)
        self.assertEqual(self.revisions(), [1, 3, 4])

    def test_a_surge(self):
        self.start(updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}})
        seen = []

        def all_new():
            seen.append((len(self.pods()), self.rest.get(self.path)["status"].get("numberAvailable", 0)))
            return self.images() == [NEW, NEW]
        self.rest.patch(self.path, image(NEW), STRATEGIC)
        wait_for(all_new, "all are new", every=0.02)
        self.assertEqual((max(n for n, _ in seen) <= 3, min(a for _, a in seen)), (True, 2), seen)


class Deployments(Apps):
    def sizes(self):
        notes = "deployment.kubernetes.io/"
        return sorted((r["spec"]["replicas"], r["metadata"]["annotations"].get(notes + "desired-replicas"),
                       r["metadata"]["annotations"].get(notes + "max-replicas")) for r in self.rest.get(f"{self.apps}/replicasets")["items"])

    def old_set(self, **labels):
        made = self.make("ReplicaSet", "old", 1, labels)
        self.rest.post(f"{self.apps}/replicasets", made)
        self.becomes(f"{self.apps}/replicasets/old", "it runs", status__readyReplicas=1)

    def test_a_set_of_before_is_taken_in(self):
        made = self.make("ReplicaSet", "old", 1, {"name": "web", "more": "x"})
        made["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "3546343826724305832"}
        self.rest.post(f"{self.apps}/replicasets", made)
        self.becomes(f"{self.apps}/replicasets/old", "it runs", status__readyReplicas=1)
        self.rest.post(f"{self.apps}/deployments", self.make("Deployment", "d", 1, {"name": "web"}))
        old = self.becomes(f"{self.apps}/replicasets/old", "it is replaced", spec__replicas=0)
        self.assertEqual(old["metadata"]["ownerReferences"][0]["name"], "d")
        self.assertEqual(self.rest.get(f"{self.apps}/deployments/d")["metadata"]["annotations"]["deployment.kubernetes.io/revision"],
                         "3546343826724305833")

    def test_no_history(self):
        self.old_set(name="web")
        made = self.make("Deployment", "d", 1, {"name": "web"}, revisionHistoryLimit=0)
        made["spec"]["template"]["spec"]["containers"][0]["image"] = NEW
        self.rest.post(f"{self.apps}/deployments", made)
        wait_for(lambda: self.names(f"{self.apps}/replicasets")[0] != "old" and len(self.names(f"{self.apps}/replicasets")) == 1, "the old one goes")

    def test_recreate_never_mixes(self):
        self.rest.post(f"{self.apps}/deployments", self.make("Deployment", "d", 2, {"name": "x"}, strategy={"type": "Recreate"}))
        self.becomes(f"{self.apps}/deployments/d", "they run", status__availableReplicas=2)
        watch = self.watch(f"{self.core}/pods?watch=1&labelSelector=name=x")
        self.rest.patch(f"{self.apps}/deployments/d", image(NEW), STRATEGIC)
        self.becomes(f"{self.apps}/deployments/d", "they run again", status__updatedReplicas=2, status__availableReplicas=2)
        alive = {}
        for event in list(watch.events):
            o = event["object"]
            alive[o["metadata"]["name"]] = o["metadata"]["labels"]["pod-template-hash"]
            if event["type"] == "DELETED":
                alive.pop(o["metadata"]["name"])
            self.assertLessEqual(len(set(alive.values())), 1)

    def test_scaling_in_the_middle_of_a_rollout_is_shared(self):
        path = f"{self.apps}/deployments/d"
        self.rest.post(f"{self.apps}/deployments", self.make("Deployment", "d", 10, {"name": "x"}, strategy={
            "type": "RollingUpdate", "rollingUpdate": {"maxSurge": 3, "maxUnavailable": 2}}))
        self.becomes(path, "ten run", status__availableReplicas=10)
        self.rest.patch(path, image("none:404", resources={"requests": {"cpu": "9999"}}), STRATEGIC)
        wait_for(lambda: self.sizes() == [(5, "10", "13"), (8, "10", "13")], "the rollout is stuck")
        self.becomes(path, "eight are left", status__availableReplicas=8)
        self.rest.patch(f"{path}/scale", {"spec": {"replicas": 30}})
        wait_for(lambda: self.sizes() == [(13, "30", "33"), (20, "30", "33")], "both grow")

    def test_statuses_of_others_stay(self):
        for kind, path in (("Deployment", "deployments"), ("ReplicaSet", "replicasets"), ("StatefulSet", "statefulsets")):
            with self.subTest(kind):
                more = {"serviceName": "none"} if kind == "StatefulSet" else {}
                self.rest.post(f"{self.apps}/{path}", self.make(kind, "it", 1, {"kind": path}, **more))
                self.becomes(f"{self.apps}/{path}/it", "it runs", status__readyReplicas=1)
                self.rest.patch(f"{self.apps}/{path}/it/status", {"status": {"conditions": [{"type": "E2E", "status": "True"}]}}, STRATEGIC)
                self.rest.patch(f"{self.apps}/{path}/it", {"spec": {"replicas": 2}})
                s = self.becomes(f"{self.apps}/{path}/it", "its controller wrote, too", status__readyReplicas=2)
                self.assertIn("E2E", [c["type"] for c in s["status"]["conditions"]])
                self.rest.delete(f"{self.apps}/{path}?labelSelector=kind={path}")
                wait_for(lambda: not self.pods(f"kind={path}"), "its pods go with it")


class StatefulSets(Apps):
    def setUp(self):
        super().setUp()
        self.path = f"{self.apps}/statefulsets/ss"

    def start(self, replicas=3, wait=True, template=None, **spec):
        made = self.make("StatefulSet", "ss", replicas, {"a": "b"}, serviceName="svc", **spec)
        made["spec"]["template"]["spec"].update(template or {})
        self.rest.post(f"{self.apps}/statefulsets", made)
        if wait:
            self.becomes(self.path, "they run", status__availableReplicas=replicas)
        return self.rest.get(self.path)["status"].get("currentRevision")

    def revisions(self):
        return {p["metadata"]["name"]: p["metadata"]["labels"]["controller-revision-hash"] for p in self.pods()}

    def ready(self, ordinal, status):
        self.rest.patch(f"{self.core}/pods/ss-{ordinal}/status", {"status": {"conditions": [{"type": "e2e/ready", "status": status}]}}, STRATEGIC)

    def update(self, old):
        self.rest.patch(self.path, image(NEW), STRATEGIC)
        return wait_for(lambda: (r := self.rest.get(self.path)["status"]["updateRevision"]) != old and r, "another revision")

    def test_a_rollout_and_back(self):
        old = self.start()
        watch = self.watch(f"{self.core}/pods?watch=1&labelSelector=a=b")
        new = self.update(old)
        self.becomes(self.path, "rolled out", status__currentRevision=new, status__readyReplicas=3)
        self.assertEqual(self.order(watch, "DELETED"), ["ss-2", "ss-1", "ss-0"])
        self.rest.patch(self.path, image(OLD), STRATEGIC)
        self.becomes(self.path, "rolled back", status__currentRevision=old, status__readyReplicas=3)
        self.assertEqual(set(self.revisions().values()), {old})
        self.assertEqual(sorted((r["revision"], r["metadata"]["name"]) for r in self.rest.get(f"{self.apps}/controllerrevisions")["items"]),
                         [(2, new), (3, old)])

    def test_a_canary_and_phases(self):
        partition = lambda n: self.rest.patch(self.path, {"spec": {"updateStrategy": {"rollingUpdate": {"partition": n}}}})
        old = self.start(updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 3}})
        new = self.update(old)
        self.assertEqual(set(self.revisions().values()), {old})
        partition(2)
        canary = {"ss-0": old, "ss-1": old, "ss-2": new}
        wait_for(lambda: self.revisions() == canary, "the last one is new")
        self.becomes(self.path, "it runs", status__readyReplicas=3)
        for ordinal in (0, 2):
            self.rest.delete(f"{self.core}/pods/ss-{ordinal}")
        wait_for(lambda: self.revisions() == canary, "each comes back as it was")
        partition(0)
        self.becomes(self.path, "all are new", status__currentRevision=new, status__readyReplicas=3)

    def test_order_and_halting(self):
        watch = self.watch(f"{self.core}/pods?watch=1&labelSelector=a=b")
        self.start(1, wait=False, template={"readinessGates": [{"conditionType": "e2e/ready"}]})
        there = lambda *names: wait_for(lambda: sorted(p["metadata"]["name"] for p in self.pods()) == list(names), f"{names}")
        there("ss-0")
        self.rest.patch(f"{self.path}/scale", {"spec": {"replicas": 3}})
        for ordinal in range(3):
            there(*[f"ss-{i}" for i in range(ordinal + 1)])
            self.ready(ordinal, "True")
        self.becomes(self.path, "all are ready", status__readyReplicas=3)
        for ordinal in range(3):
            self.ready(ordinal, "False")
        self.becomes(self.path, "none is", status__readyReplicas=None)
        self.rest.patch(f"{self.path}/scale", {"spec": {"replicas": 0}})
        self.becomes(self.path, "that is heard", status__observedGeneration=3)
        there("ss-0", "ss-1", "ss-2")
        for ordinal in range(3):
            self.ready(ordinal, "True")
        wait_for(lambda: self.pods() == [], "it goes on")
        self.assertEqual([n for e, n in watch.heard() if e in ("ADDED", "DELETED")], ["ss-0", "ss-1", "ss-2", "ss-2", "ss-1", "ss-0"])

    def test_a_pod_whose_port_is_taken_comes_again(self):
        port = [{"containerPort": 21017, "hostPort": 21017}]
        taken = pod("taken", nodeName="node1")
        taken["spec"]["containers"][0]["ports"] = port
        self.rest.post(f"{self.core}/pods", taken)
        self.becomes(f"{self.core}/pods/taken", "it runs", status__phase="Running")
        watch = self.watch(f"{self.core}/pods?watch=1&labelSelector=a=b")
        self.start(1, wait=False, template={"nodeName": "node1", "containers": [{**PAUSE, "ports": port}]})
        failed = wait_for(lambda: [e["object"] for e in watch.events if e["object"]["status"].get("phase") == "Failed"], "refused")[0]
        self.assertEqual((failed["status"]["reason"], failed["status"]["message"]), (
            "NodePorts", "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"))
        wait_for(lambda: len({e["object"]["metadata"]["uid"] for e in watch.events}) > 1, "another one comes")
        self.rest.delete(f"{self.core}/pods/taken")
        self.becomes(self.path, "it runs", status__readyReplicas=1)

    def test_claims_and_ordinals(self):
        claims = lambda: self.names(f"{self.core}/persistentvolumeclaims")
        self.start(2, persistentVolumeClaimRetentionPolicy={"whenDeleted": "Delete", "whenScaled": "Delete"}, volumeClaimTemplates=[
            {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}}])
        self.rest.patch(f"{self.path}/scale", {"spec": {"replicas": 1}})
        wait_for(lambda: claims() == ["data-ss-0"], "one claim is left")
        self.rest.patch(self.path, {"spec": {"ordinals": {"start": 5}}})
        wait_for(lambda: self.names(f"{self.core}/pods") == ["ss-5"] and claims() == ["data-ss-5"], "it begins with five")
        code, answer = self.rest.call("PATCH", self.path, {"spec": {"podManagementPolicy": "Parallel"}}, MERGE)
        self.assertEqual((code, answer["details"]["causes"][0]["field"]), (422, "spec"), answer)
        self.rest.delete(self.path)
        wait_for(lambda: claims() == [], "all go")


if __name__ == "__main__":
    spec.main()
