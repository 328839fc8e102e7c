"""What Kubernetes' conformance tests drive, as they drive it: by requests, not by kubectl."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from conformance import Conformance, configmap, pod, template, workload
from hosts import wait_for
from rest import JSON_PATCH, STRATEGIC

class Watches(Conformance):
    def test_labels_bring_objects_in_and_out(self):
        maps = f"{self.core}/configmaps"
        a, both = self.watch(f"{maps}?watch=1&labelSelector=m=A"), self.watch(f"{maps}?watch=1&labelSelector=m+in+(A,B)")
        self.rest.post(maps, configmap("one", {"m": "A"}))
        self.rest.patch(f"{maps}/one", {"data": {"n": "1"}})
        self.rest.patch(f"{maps}/one", {"metadata": {"labels": {"m": "B"}}})
        self.rest.patch(f"{maps}/one", {"data": {"n": "2"}})
        self.rest.patch(f"{maps}/one", {"metadata": {"labels": {"m": "A"}}})
        self.rest.delete(f"{maps}/one")
        wait_for(lambda: len(a.events) == 5 and len(both.events) == 6, "all is heard")
        self.assertEqual([e["type"] for e in a.events], ["ADDED", "MODIFIED", "DELETED", "ADDED", "DELETED"])
        self.assertEqual([e["type"] for e in both.events], ["ADDED"] + ["MODIFIED"] * 4 + ["DELETED"])
        # What left the selection is told as it was when it still was in it, at the version of leaving.
        self.assertEqual(a.events[2]["object"]["metadata"]["labels"], {"m": "A"})
        self.assertEqual(a.events[2]["object"]["metadata"]["resourceVersion"], both.events[2]["object"]["metadata"]["resourceVersion"])

    def test_a_watch_goes_on_where_one_ended(self):
        maps = f"{self.core}/configmaps"
        made = self.rest.post(maps, configmap("one"))
        first = self.rest.patch(f"{maps}/one", {"data": {"n": "1"}})
        self.rest.patch(f"{maps}/one", {"data": {"n": "2"}})
        self.rest.delete(f"{maps}/one")
        w = self.watch(f"{maps}?watch=1&fieldSelector=metadata.name=one&resourceVersion={first['metadata']['resourceVersion']}")
        wait_for(lambda: len(w.events) == 2, "what came after")
        self.assertEqual([e["type"] for e in w.events], ["MODIFIED", "DELETED"])
        self.assertGreater(int(w.events[1]["object"]["metadata"]["resourceVersion"]), int(made["metadata"]["resourceVersion"]))

    def test_all_watches_see_one_order(self):
        maps = f"{self.core}/configmaps"
        start = self.rest.get(maps)["metadata"]["resourceVersion"]
        watches = [self.watch(f"{maps}?watch=1&resourceVersion={start}") for _ in range(3)]
        for i in range(20):
            self.rest.post(maps, configmap(f"c{i}"))
            if i % 3 == 0:
                self.rest.patch(f"{maps}/c{i}", {"data": {"i": str(i)}})
            if i % 5 == 0:
                self.rest.delete(f"{maps}/c{i}")
        watches.append(self.watch(f"{maps}?watch=1&resourceVersion={start}"))
        # The namespace's own root certificates may come late.
        own = lambda w: [(e["type"], e["object"]["metadata"]["resourceVersion"]) for e in list(w.events)
                         if e["object"]["metadata"]["name"].startswith("c")]
        wait_for(lambda: all(len(own(w)) == 31 for w in watches), "all is heard")
        self.assertEqual({tuple(own(w)) for w in watches}, {tuple(own(watches[0]))})


class Collection(Conformance):
    """The garbage collector."""

    def owned(self, *owners, **changes):
        return {"ownerReferences": [{"apiVersion": o["apiVersion"], "kind": o["kind"], "name": o["metadata"]["name"],
                                     "uid": o["metadata"]["uid"], **changes} for o in owners]}

    def test_orphans_stay(self):
        rcs = f"{self.core}/replicationcontrollers"
        self.rest.post(rcs, workload("ReplicationController", "rc", 3, {"a": "b"}))
        wait_for(lambda: len(self.names(f"{self.core}/pods")) == 3, "three pods")
        self.rest.delete(f"{rcs}/rc", {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Orphan"})
        wait_for(lambda: self.rest.call("GET", f"{rcs}/rc")[0] == 404, "the controller is gone")
        pods = self.rest.get(f"{self.core}/pods")["items"]
        self.assertEqual([p["metadata"].get("ownerReferences") for p in pods], [None] * 3)
        # Another controller of the same selector takes them as its own.
        self.rest.post(rcs, workload("ReplicationController", "next", 3, {"a": "b"}))
        wait_for(lambda: all(p["metadata"].get("ownerReferences") for p in self.rest.get(f"{self.core}/pods")["items"]), "adopted")
        self.assertEqual(len(self.names(f"{self.core}/pods")), 3)

    def test_foreground_waits_for_the_pods(self):
        rcs = f"{self.core}/replicationcontrollers"
        held = workload("ReplicationController", "rc", 2, {"a": "b"})
        held["spec"]["template"]["metadata"]["finalizers"] = ["example.com/hold"]
        self.rest.post(rcs, held)
        wait_for(lambda: len(self.names(f"{self.core}/pods")) == 2, "two pods")
        self.rest.delete(f"{rcs}/rc", {"propagationPolicy": "Foreground"})
        wait_for(lambda: all("deletionTimestamp" in p["metadata"] for p in self.rest.get(f"{self.core}/pods")["items"]), "they end")
        rc = self.rest.get(f"{rcs}/rc")
        self.assertEqual(rc["metadata"]["finalizers"], ["foregroundDeletion"])
        self.assertIn("deletionTimestamp", rc["metadata"])
        for name in self.names(f"{self.core}/pods"):
            self.rest.patch(f"{self.core}/pods/{name}", {"metadata": {"finalizers": None}})
        wait_for(lambda: self.rest.call("GET", f"{rcs}/rc")[0] == 404, "the controller goes last")
        self.assertEqual(self.names(f"{self.core}/pods"), [])

    def test_a_dependent_with_another_owner_stays(self):
        maps = f"{self.core}/configmaps"
        going, staying = self.rest.post(maps, configmap("going")), self.rest.post(maps, configmap("staying"))
        both = configmap("both")
        both["metadata"].update(self.owned(going, staying, blockOwnerDeletion=True))
        only = configmap("only")
        only["metadata"].update(self.owned(going, blockOwnerDeletion=True))
        self.rest.post(maps, both)
        self.rest.post(maps, only)
        self.rest.delete(f"{maps}/going", {"propagationPolicy": "Foreground"})
        wait_for(lambda: self.rest.call("GET", f"{maps}/going")[0] == 404, "the owner is gone")
        self.assertEqual(self.rest.call("GET", f"{maps}/only")[0], 404)
        wait_for(lambda: len(self.rest.get(f"{maps}/both")["metadata"]["ownerReferences"]) == 1, "one owner is left")

    def test_a_circle_goes(self):
        pods = f"{self.core}/pods"
        made = [self.rest.post(pods, pod(f"pod{i}")) for i in range(3)]
        for i in range(3):
            self.rest.patch(f"{pods}/pod{i}", {"metadata": self.owned(made[i - 1], controller=True, blockOwnerDeletion=True)})
        self.rest.delete(f"{pods}/pod1", {"propagationPolicy": "Foreground"})
        wait_for(lambda: self.names(pods) == [], "the circle is gone")

    def test_an_absent_owner_of_another_namespace_does_not_count(self):
        maps = f"{self.core}/configmaps"
        lost = configmap("lost")
        lost["metadata"]["ownerReferences"] = [{"apiVersion": "v1", "kind": "Secret", "name": "never", "uid": "0" * 8}]
        self.rest.post(maps, lost)
        wait_for(lambda: self.rest.call("GET", f"{maps}/lost")[0] == 404, "who has no owner left goes")


class Workloads(Conformance):
    def test_a_controller_tells_that_a_quota_stops_it(self):
        self.rest.post(f"{self.core}/resourcequotas", {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "2"}}})
        wait_for(lambda: self.rest.get(f"{self.core}/resourcequotas/q")["status"].get("hard"), "the quota is known")
        for kind, path in (("ReplicationController", f"{self.core}/replicationcontrollers"), ("ReplicaSet", f"{self.apps}/replicasets")):
            with self.subTest(kind):
                self.rest.post(path, workload(kind, "it", 3, {"kind": kind.lower()}))
                failing = lambda: [c for c in self.rest.get(f"{path}/it")["status"].get("conditions", []) if c["type"] == "ReplicaFailure"]
                wait_for(failing, "it says so")
                self.assertEqual((failing()[0]["status"], failing()[0]["reason"]), ("True", "FailedCreate"))
                self.assertIn("exceeded quota: q", failing()[0]["message"])
                self.rest.patch(f"{path}/it", {"spec": {"replicas": 2}})
                wait_for(lambda: not failing(), "the condition goes")
                self.rest.patch(f"{path}/it", {"spec": {"replicas": 0}})
                wait_for(lambda: self.names(f"{self.core}/pods") == [], "there is room again")
                wait_for(lambda: self.rest.get(f"{self.core}/resourcequotas/q")["status"]["used"]["pods"] == "0", "counted")

    def test_pods_are_adopted_and_released(self):
        for kind, path in (("ReplicationController", f"{self.core}/replicationcontrollers"), ("ReplicaSet", f"{self.apps}/replicasets")):
            with self.subTest(kind):
                name = kind.lower()
                labels = {"name": name}
                self.rest.post(f"{self.core}/pods", pod(name, labels))
                self.rest.post(path, workload(kind, name, 1, labels))
                owner = lambda: self.rest.get(f"{self.core}/pods/{name}")["metadata"].get("ownerReferences")
                wait_for(owner, "adopted")
                self.assertEqual((owner()[0]["kind"], owner()[0]["controller"]), (kind, True))
                self.rest.patch(f"{self.core}/pods/{name}", {"metadata": {"labels": {"name": "not-matching"}}})
                wait_for(lambda: not owner(), "released")
                self.becomes(f"{path}/{name}", "another takes its place", status__replicas=1)

    def test_scale_is_read_and_written(self):
        for kind, path in (("ReplicationController", f"{self.core}/replicationcontrollers"), ("ReplicaSet", f"{self.apps}/replicasets"),
                           ("Deployment", f"{self.apps}/deployments"), ("StatefulSet", f"{self.apps}/statefulsets")):
            with self.subTest(kind):
                name = kind.lower()
                more = {"serviceName": "none"} if kind == "StatefulSet" else {}
                self.rest.post(path, workload(kind, name, 1, {"name": name}, **more))
                scale = self.rest.get(f"{path}/{name}/scale")
                self.assertEqual((scale["kind"], scale["apiVersion"], scale["spec"]), ("Scale", "autoscaling/v1", {"replicas": 1}))
                self.assertEqual(scale["status"]["selector"], f"name={name}")
                scale["spec"]["replicas"] = 2
                scale["metadata"].pop("resourceVersion")
                self.assertEqual(self.rest.put(f"{path}/{name}/scale", scale)["spec"], {"replicas": 2})
                self.becomes(f"{path}/{name}", "two", status__readyReplicas=2)
                self.rest.patch(f"{path}/{name}/scale", {"spec": {"replicas": 1}})
                self.becomes(f"{path}/{name}", "one", spec__replicas=1, status__replicas=1)

    def test_status_is_written_by_itself(self):
        for kind, path in (("ReplicaSet", "replicasets"), ("Deployment", "deployments"), ("StatefulSet", "statefulsets"), ("DaemonSet", "daemonsets")):
            with self.subTest(kind):
                name = f"{self.apps}/{path}/it"
                o = workload(kind, "it", 1, {"kind": path})
                if kind == "DaemonSet":
                    o["spec"].pop("replicas")
                self.rest.post(f"{self.apps}/{path}", o)
                condition = {"type": "StatusPatched", "status": "True", "reason": "E2E", "message": "set"}
                self.rest.patch(f"{name}/status", {"status": {"conditions": [condition]}})
                got = self.rest.get(f"{name}/status")["status"]["conditions"]
                self.assertIn(("StatusPatched", "E2E"), [(c["type"], c.get("reason")) for c in got])
                answer = self.rest.patch(f"{name}/status", {"spec": {"paused": True, "minReadySeconds": 9}, "metadata": {"labels": {"a": "b"}}})
                self.assertNotIn("minReadySeconds", answer["spec"])

    def test_a_failed_daemon_pod_is_tried_again(self):
        self.rest.post(f"{self.apps}/daemonsets", {"metadata": {"name": "ds"}, "spec": {
            "selector": {"matchLabels": {"d": "s"}}, "template": template({"d": "s"})}})
        self.becomes(f"{self.apps}/daemonsets/ds", "on both nodes", status__numberReady=2)
        victim = self.rest.get(f"{self.core}/pods")["items"][0]
        victim["status"]["phase"] = "Failed"
        victim["metadata"].pop("resourceVersion")
        self.rest.put(f"{self.core}/pods/{victim['metadata']['name']}/status", victim)
        wait_for(lambda: self.rest.call("GET", f"{self.core}/pods/{victim['metadata']['name']}")[0] == 404, "the failed one goes")
        self.becomes(f"{self.apps}/daemonsets/ds", "on both nodes again", status__numberReady=2)

    def test_revisions_of_a_daemon_set(self):
        revisions = f"{self.apps}/controllerrevisions"
        self.rest.post(f"{self.apps}/daemonsets", {"metadata": {"name": "ds"}, "spec": {
            "selector": {"matchLabels": {"d": "s"}}, "template": template({"d": "s"})}})
        first = wait_for(lambda: self.rest.get(f"{revisions}?labelSelector=d=s")["items"], "a revision")[0]
        self.assertEqual((first["revision"], first["metadata"]["ownerReferences"][0]["kind"]), (1, "DaemonSet"))
        self.rest.patch(f"{revisions}/{first['metadata']['name']}", {"metadata": {"labels": {"patched": "yes"}}})
        self.rest.patch(f"{self.apps}/daemonsets/ds", {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 1}}}}, STRATEGIC)
        wait_for(lambda: sorted(r["revision"] for r in self.rest.get(f"{revisions}?labelSelector=d=s")["items"]) == [1, 2], "two revisions")
        self.rest.delete(f"{revisions}?labelSelector=patched=yes")
        self.assertEqual([r["revision"] for r in self.rest.get(f"{revisions}?labelSelector=d=s")["items"]], [2])

    def test_a_job_adopts_and_releases(self):
        jobs = f"/apis/batch/v1/namespaces/{self.ns}/jobs"
        self.rest.post(jobs, {"metadata": {"name": "j"}, "spec": {"parallelism": 2, "template": template({}, restartPolicy="Never")}})
        pods = lambda: [p for p in self.rest.get(f"{self.core}/pods")["items"] if p["metadata"].get("ownerReferences")]
        wait_for(lambda: len(pods()) == 2, "two pods")
        orphan = pods()[0]["metadata"]["name"]
        self.rest.patch(f"{self.core}/pods/{orphan}", {"metadata": {"ownerReferences": None}})
        wait_for(lambda: orphan in [p["metadata"]["name"] for p in pods()], "adopted again")
        self.rest.patch(f"{self.core}/pods/{orphan}", {"metadata": {"labels": None}})
        wait_for(lambda: orphan not in [p["metadata"]["name"] for p in pods()], "released")

        self.rest.patch(f"{jobs}/j/status", {"status": {"conditions": [{"type": "CustomConditionType", "status": "True"}]}})
        self.rest.delete(f"{jobs}/j", {"propagationPolicy": "Background"})
        wait_for(lambda: self.rest.call("GET", f"{jobs}/j")[0] == 404, "gone")

    def test_evictions_wait_for_the_budget(self):
        budgets = f"/apis/policy/v1/namespaces/{self.ns}/poddisruptionbudgets"
        self.rest.post(f"{self.apps}/replicasets", workload("ReplicaSet", "rs", 3, {"foo": "bar"}))
        self.becomes(f"{self.apps}/replicasets/rs", "three ready", status__readyReplicas=3)
        self.rest.post(budgets, {"metadata": {"name": "foo"}, "spec": {"selector": {"matchLabels": {"foo": "bar"}}, "minAvailable": 3}})
        self.becomes(f"{budgets}/foo", "counted", status__currentHealthy=3, status__disruptionsAllowed=0)
        name = self.names(f"{self.core}/pods")[0]
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
        code, answer = self.rest.call("POST", f"{self.core}/pods/{name}/eviction", eviction)
        self.assertEqual((code, answer["details"]["causes"][0]["reason"]), (429, "DisruptionBudget"))
        self.rest.patch(f"{budgets}/foo", [{"op": "replace", "path": "/spec/minAvailable", "value": 2}], JSON_PATCH)
        self.becomes(f"{budgets}/foo", "one may go", status__disruptionsAllowed=1)
        self.rest.post(f"{self.core}/pods/{name}/eviction", eviction)
        self.rest.patch(f"{budgets}/foo/status", {"status": {"disruptedPods": {"x": "2026-01-01T00:00:00Z"}}})
        self.rest.delete(budgets)
        self.assertEqual(self.names(budgets), [])


if __name__ == "__main__":
    spec.main()
