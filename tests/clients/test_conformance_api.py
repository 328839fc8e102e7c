"""What Kubernetes' conformance tests drive of the API itself and of the kinds without a namespace."""
import base64
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from conformance import Conformance, template, workload
from hosts import wait_for
from rest import MERGE, STRATEGIC

TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"


class Kinds(Conformance):
    def life(self, path, made, change, status=None):
        """create, get, list, watch, patch, replace, status, delete of a collection: what each test of a kind's API does."""
        name = made["metadata"]["name"]
        made["metadata"].setdefault("labels", {})["e2e"] = self.ns
        selected = f"{path}?labelSelector=e2e={self.ns}"
        watched = self.watch(f"{selected}&watch=1")
        created = self.rest.post(path, made)
        self.assertEqual(self.rest.get(f"{path}/{name}")["metadata"]["uid"], created["metadata"]["uid"])
        self.assertEqual(self.names(selected), [name])
        patched = self.rest.patch(f"{path}/{name}", {"metadata": {"annotations": {"patched": "true"}}})
        self.assertEqual(patched["metadata"]["annotations"]["patched"], "true")
        patched["metadata"]["annotations"]["updated"] = "true"
        self.assertEqual(self.rest.put(f"{path}/{name}", patched)["metadata"]["annotations"]["updated"], "true")
        stale = dict(patched, metadata=dict(patched["metadata"], resourceVersion=created["metadata"]["resourceVersion"]))
        if created["metadata"]["resourceVersion"] != patched["metadata"]["resourceVersion"]:
            self.assertEqual(self.rest.call("PUT", f"{path}/{name}", stale)[0], 409)
        if change:
            for key, value in change.items():
                self.assertEqual(self.rest.patch(f"{path}/{name}", {key: value})[key], value)
        if status:
            self.rest.get(f"{path}/{name}/status")
            answer = self.rest.patch(f"{path}/{name}/status", {"status": status})
            for key in status:
                self.assertIn(key, answer["status"])
            wait_for(lambda: self.rest.call("PUT", f"{path}/{name}/status", self.rest.get(f"{path}/{name}/status"))[0] == 200,
                     "written, though its controller writes, too")
        self.rest.delete(f"{path}/{name}")
        wait_for(lambda: self.rest.call("GET", f"{path}/{name}")[0] == 404, "it is gone")
        for i in range(2):
            again = dict(made, metadata=dict(made["metadata"], name=f"{name}-{i}"))
            self.rest.post(path, again)
        self.assertEqual(len(self.names(selected)), 2)
        self.rest.delete(selected)
        wait_for(lambda: not self.names(selected), "the collection is empty")
        wait_for(lambda: [e["type"] for e in watched.events].count("DELETED") == 3, "all of it is heard")
        self.assertEqual(watched.heard()[0], ("ADDED", name))

    def test_lives(self):
        condition = [{"type": "E2E", "status": "True", "reason": "Test", "message": "set", "lastTransitionTime": "2026-01-01T00:00:00Z"}]
        key = base64.b64encode(b"x").decode()
        ns = f"namespaces/{self.ns}"
        hook = {"name": "a.example.com", "clientConfig": {"url": "https://127.0.0.1:1/x"}, "sideEffects": "None", "admissionReviewVersions": ["v1"],
                "rules": [{"apiGroups": ["none"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["x"]}]}
        for path, made, change, status in (
                ("node.k8s.io/v1/runtimeclasses", {"handler": "h"}, None, None),
                ("scheduling.k8s.io/v1/priorityclasses", {"value": 7}, {"description": "d"}, None),
                ("storage.k8s.io/v1/csidrivers", {"spec": {"attachRequired": False}}, None, None),
                ("storage.k8s.io/v1/csinodes", {"spec": {"drivers": []}}, None, None),
                ("storage.k8s.io/v1/storageclasses", {"provisioner": "p.example.com"}, None, None),
                (f"storage.k8s.io/v1/{ns}/csistoragecapacities", {"storageClassName": "c"}, {"capacity": "1Gi"}, None),
                ("networking.k8s.io/v1/ingressclasses", {"spec": {"controller": "example.com/c"}}, None, None),
                (f"networking.k8s.io/v1/{ns}/ingresses", {"spec": {"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}}}, None,
                 {"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}]}}),
                (f"networking.k8s.io/v1/{ns}/networkpolicies", {"spec": {"podSelector": {}}}, None, None),
                (f"discovery.k8s.io/v1/{ns}/endpointslices", {"addressType": "IPv4", "endpoints": []}, None, None),
                (f"coordination.k8s.io/v1/{ns}/leases", {"spec": {"holderIdentity": "a"}}, {"spec": {"holderIdentity": "b"}}, None),
                (f"policy/v1/{ns}/poddisruptionbudgets", {"spec": {"minAvailable": 1, "selector": {}}}, None, {"conditions": condition}),
                (f"autoscaling/v2/{ns}/horizontalpodautoscalers",
                 {"spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}}}, None, {"conditions": condition}),
                (f"autoscaling/v1/{ns}/horizontalpodautoscalers",
                 {"spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}}}, None, None),
                (f"batch/v1/{ns}/cronjobs", {"spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": template({}, restartPolicy="Never")}}}},
                 None, {"lastScheduleTime": "2026-01-01T00:00:00Z"}),
                (f"apps/v1/{ns}/controllerrevisions", {"data": {"a": 1}, "revision": 1}, {"revision": 2}, None),
                (f"rbac.authorization.k8s.io/v1/{ns}/roles", {"rules": []}, None, None),
                (f"rbac.authorization.k8s.io/v1/{ns}/rolebindings", {"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"}}, None, None),
                ("rbac.authorization.k8s.io/v1/clusterroles", {"rules": []}, None, None),
                ("flowcontrol.apiserver.k8s.io/v1/flowschemas", {"spec": {"matchingPrecedence": 9000, "priorityLevelConfiguration": {"name": "global-default"}}},
                 None, {"conditions": condition}),
                ("flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
                 {"spec": {"type": "Limited", "limited": {"nominalConcurrencyShares": 2, "limitResponse": {"type": "Reject"}}}}, None, {"conditions": condition}),
                ("admissionregistration.k8s.io/v1/validatingwebhookconfigurations", {"webhooks": [hook]}, None, None),
                ("admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", {"webhooks": [hook]}, None, None),
                ("admissionregistration.k8s.io/v1/validatingadmissionpolicies",
                 {"spec": {"matchConstraints": {"resourceRules": hook["rules"]}, "validations": [{"expression": "true"}]}}, None, {"conditions": condition}),
                ("admissionregistration.k8s.io/v1/validatingadmissionpolicybindings", {"spec": {"policyName": "p", "validationActions": ["Deny"]}}, None, None)):
            with self.subTest(path):
                self.life("/apis/" + path, {"metadata": {"name": "e2e"}, **made}, change, status)
        for path, made, status in (
                ("secrets", {"data": {"k": key}}, None), ("serviceaccounts", {}, None), ("podtemplates", {"template": template({})}, None),
                ("limitranges", {"spec": {"limits": []}}, None), ("resourcequotas", {"spec": {"hard": {"pods": "9"}}}, {"hard": {"pods": "9"}}),
                ("endpoints", {}, None), ("events", {"involvedObject": {"namespace": self.ns}}, None),
                ("replicationcontrollers", {"spec": {"replicas": 0, "selector": {"a": "b"}, "template": template({"a": "b"})}}, {"replicas": 0})):
            with self.subTest(path):
                self.life(f"{self.core}/{path}", {"metadata": {"name": "e2e"}, **made}, None, status)
        volume = {"spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"}, "storageClassName": "none"}}
        with self.subTest("persistentvolumes"):
            self.life("/api/v1/persistentvolumes", {"metadata": {"name": "e2e"}, **volume}, None, {"message": "m"})

    def test_what_stays_as_it_was_made(self):
        for path, made, change, field in (
                ("/apis/scheduling.k8s.io/v1/priorityclasses", {"value": 7}, {"value": 8}, "value"),
                ("/apis/node.k8s.io/v1/runtimeclasses", {"handler": "a"}, {"handler": "b"}, "handler"),
                ("/apis/storage.k8s.io/v1/storageclasses", {"provisioner": "a.b"}, {"provisioner": "c.d"}, "provisioner"),
                (f"{self.core}/configmaps", {"immutable": True, "data": {"a": "b"}}, {"data": {"a": "c"}}, "data"),
                (f"{self.core}/secrets", {"immutable": True, "stringData": {"a": "b"}}, {"stringData": {"a": "c"}}, "data"),
                (f"{self.core}/secrets", {"type": "example.com/a"}, {"type": "example.com/b"}, "type"),
                (f"{self.apps}/deployments", {"spec": workload("Deployment", "x", 0, {"a": "b"})["spec"]},
                 {"spec": {"selector": {"matchLabels": {"a": "b", "c": "d"}}, "template": {"metadata": {"labels": {"c": "d"}}}}}, "spec.selector")):
            with self.subTest(path):
                self.rest.post(path, {"metadata": {"name": "fixed"}, **made})
                code, answer = self.rest.call("PATCH", f"{path}/fixed", change, MERGE)
                self.assertEqual((code, [c["field"] for c in answer["details"]["causes"]]), (422, [field]), answer)
                self.rest.delete(f"{path}/fixed")


class Reviews(Conformance):
    def test_who_may_what(self):
        attributes = {"namespace": self.ns, "verb": "get", "resource": "pods"}
        path = "/apis/authorization.k8s.io/v1"
        for kind, where, body, allowed in (
                ("SubjectAccessReview", f"{path}/subjectaccessreviews", {"user": "nobody", "resourceAttributes": attributes}, False),
                ("SubjectAccessReview", f"{path}/subjectaccessreviews", {"user": "a", "groups": ["system:masters"], "resourceAttributes": attributes}, True),
                ("SelfSubjectAccessReview", f"{path}/selfsubjectaccessreviews", {"resourceAttributes": attributes}, True),
                ("LocalSubjectAccessReview", f"{path}/namespaces/{self.ns}/localsubjectaccessreviews", {"user": "nobody", "resourceAttributes": attributes}, False)):
            answer = self.rest.post(where, {"kind": kind, "apiVersion": "authorization.k8s.io/v1", "metadata": {"namespace": self.ns} if "Local" in kind else {}, "spec": body})
            self.assertEqual(answer["status"]["allowed"], allowed, kind)
        rules = self.rest.post(f"{path}/selfsubjectrulesreviews", {"spec": {"namespace": self.ns}})["status"]
        self.assertIn("*", rules["resourceRules"][0]["verbs"])
        who = self.rest.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1"})
        self.assertIn("username", who["status"]["userInfo"])

    def test_tables_only_of_what_is_listed(self):
        code, answer = self.rest.call("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                                      {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}}, accept=TABLE)
        self.assertEqual(code, 406, answer)
        for path in ("/api/v1/nodes", f"{self.core}/pods"):
            code, answer = self.rest.call("GET", path, accept=TABLE)
            self.assertEqual((code, answer["kind"], answer["columnDefinitions"][0]["name"]), (200, "Table", "Name"))


class Chunks(Conformance):
    def test_a_list_in_chunks(self):
        maps = f"{self.core}/podtemplates"
        for i in range(40):
            self.rest.post(maps, {"metadata": {"name": f"t{i:02}"}, "template": template({})})
        for size in (3, 7, 40):
            found, version, more = [], None, ""
            while True:
                page = self.rest.get(f"{maps}?limit={size}&continue={more}")
                version = version or page["metadata"]["resourceVersion"]
                self.assertEqual(page["metadata"]["resourceVersion"], version)
                found += [o["metadata"]["name"] for o in page["items"]]
                more = page["metadata"].get("continue", "")
                if not more:
                    break
                self.assertEqual(page["metadata"]["remainingItemCount"], 40 - len(found))
            self.assertEqual(found, [f"t{i:02}" for i in range(40)])


class Definitions(Conformance):
    def test_status_of_a_definition(self):
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        self.rest.post(path, {"metadata": {"name": "noxus.e2e.example.com", "labels": {"e2e": "crd"}}, "spec": {
            "group": "e2e.example.com", "scope": "Namespaced", "names": {"plural": "noxus", "singular": "noxu", "kind": "Noxu"},
            "versions": [{"name": "v1", "served": True, "storage": True, "subresources": {"status": {}, "scale": {
                "specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas", "labelSelectorPath": ".status.selector"}}, "schema": {
                "openAPIV3Schema": {"type": "object", "properties": {
                    "spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {"a": {"type": "string", "default": "A"}}},
                    "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}}}]}})
        wait_for(lambda: "True" in [c["status"] for c in self.rest.get(f"{path}/noxus.e2e.example.com").get("status", {}).get("conditions", [])
                                    if c["type"] == "Established"], "established")
        d = self.rest.get(f"{path}/noxus.e2e.example.com/status")
        d["status"]["conditions"].append({"type": "StatusUpdate", "status": "True", "reason": "E2E", "message": "set"})
        d = self.rest.put(f"{path}/noxus.e2e.example.com/status", d)
        self.assertIn("StatusUpdate", [c["type"] for c in d["status"]["conditions"]])
        objects = f"/apis/e2e.example.com/v1/namespaces/{self.ns}/noxus"
        o = self.rest.post(objects, {"apiVersion": "e2e.example.com/v1", "kind": "Noxu", "metadata": {"name": "n"}, "spec": {"replicas": 1}, "status": {"x": 1}})
        self.assertEqual((o["spec"], "status" in o, o["metadata"]["generation"]), ({"a": "A", "replicas": 1}, False, 1))
        o = self.rest.patch(f"{objects}/n/status", {"spec": {"replicas": 9}, "metadata": {"labels": {"a": "b"}}, "status": {"replicas": 1, "selector": "a=b"}})
        self.assertEqual((o["spec"]["replicas"], o["metadata"].get("labels"), o["metadata"]["generation"]), (1, None, 1))
        scale = self.rest.get(f"{objects}/n/scale")
        self.assertEqual((scale["spec"], scale["status"]), ({"replicas": 1}, {"replicas": 1, "selector": "a=b"}))
        self.rest.patch(f"{objects}/n/scale", {"spec": {"replicas": 5}})
        o = self.rest.get(f"{objects}/n")
        self.assertEqual((o["spec"]["replicas"], o["metadata"]["generation"]), (5, 2))
        self.rest.delete(f"{path}?labelSelector=e2e=crd")
        wait_for(lambda: self.rest.call("GET", objects)[0] == 404, "no longer served")

    def test_versions_that_are_preferred(self):
        groups = self.rest.get("/apis")["groups"]
        self.assertIn("apiextensions.k8s.io", [g["name"] for g in groups])
        for group in groups:
            one = self.rest.get(f"/apis/{group['name']}")
            self.assertEqual((one["kind"], one["preferredVersion"]), ("APIGroup", group["preferredVersion"]))
            self.assertIn(one["preferredVersion"], one["versions"])
            for version in one["versions"]:
                self.assertEqual(self.rest.get(f"/apis/{version['groupVersion']}")["groupVersion"], version["groupVersion"])


class Requests(Conformance):
    def test_certificates(self):
        path = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
        key = subprocess.run(["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=e2e"],
                             capture_output=True, check=True).stdout
        made = {"metadata": {"generateName": "e2e-", "labels": {"e2e": "csr"}}, "spec": {
            "request": base64.b64encode(key).decode(), "signerName": "example.com/e2e", "usages": ["digital signature", "client auth"]}}
        one = self.rest.post(path, made)
        name = one["metadata"]["name"]
        self.assertTrue(one["spec"]["username"])
        one["status"]["conditions"] = [{"type": "Approved", "status": "True", "reason": "E2E", "message": "set"}]
        one["status"]["certificate"] = base64.b64encode(b"ignored here").decode()
        approved = self.rest.put(f"{path}/{name}/approval", one)
        self.assertEqual((approved["status"]["conditions"][0]["type"], approved["status"].get("certificate")), ("Approved", None))
        changed = self.rest.patch(f"{path}/{name}/status", {"metadata": {"annotations": {"a": "b"}}, "status": {"conditions": [
            {"type": "Failed", "status": "True", "reason": "E2E", "message": "set"}]}}, STRATEGIC)
        self.assertEqual(sorted(c["type"] for c in changed["status"]["conditions"]), ["Approved", "Failed"])
        self.assertEqual(changed["metadata"]["annotations"], {"a": "b"})
        self.rest.delete(f"{path}?labelSelector=e2e=csr")
        self.assertEqual(self.names(f"{path}?labelSelector=e2e=csr"), [])


if __name__ == "__main__":
    spec.main()
