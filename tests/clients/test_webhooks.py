"""Admission webhooks, good and bad ones, and ValidatingAdmissionPolicies with kubectl."""
import base64
import json
import os
import subprocess
import sys
import threading
import time
import unittest

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from hosts import wait_for
from local import NamespaceTest, own_address
from webhooks import Webhooks, allowed, denied, patched

EVERYTHING = [{"operations": ["*"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"]}]


def configmap(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def add(path, value):
    return {"op": "add", "path": path, "value": value}


class Admission(NamespaceTest):
    """Each case's webhooks see the objects of its namespace only."""

    def serve(self, handlers, **more):
        server = Webhooks(handlers, **more)
        self.addCleanup(server.stop)
        return server

    def hook(self, name, config, **more):
        return {"name": f"{name}.example.com", "clientConfig": config, "rules": EVERYTHING, "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": self.namespace}}, **more}

    def configure(self, kind, *hooks):
        self.apply({"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
                    "metadata": {"name": f"{self.namespace}-{kind.lower()}"}, "webhooks": list(hooks)})
        self.addCleanup(self.up.kubectl, "delete", kind, f"{self.namespace}-{kind.lower()}")

    def apply(self, *objects):
        return self.kubectl("apply", "-f", "-", input=yaml.safe_dump_all(objects))

    def run_create(self, document, *args):
        return self.up.kubectl("create", "-n", self.namespace, "-f", "-", *args, input=yaml.safe_dump(document))

    def test_mutating(self):
        server = self.serve({"/label": lambda r: patched(r, add("/metadata/labels", {"seen": r["operation"].lower()})),
                             "/data": lambda r: patched(r, add("/data/added", "yes")) if "added" not in (r["object"].get("data") or {})
                             else allowed(r, warnings=["it was there"])})
        self.configure("MutatingWebhookConfiguration",
                       self.hook("a", server.config("/label"), reinvocationPolicy="IfNeeded"), self.hook("b", server.config("/data")))
        done = self.run_create(configmap("x", a="1"))
        self.assertEqual(done.returncode, 0, done.stderr)
        made = self.get("cm", "x")
        self.assertEqual((made["metadata"]["labels"], made["data"]), ({"seen": "create"}, {"a": "1", "added": "yes"}))
        self.assertEqual(len(server.asked["/label"]), 2)  # b changed something after a
        asked = server.asked["/data"][0]
        self.assertEqual((asked["kind"], asked["resource"], asked["operation"], asked["namespace"], asked["name"], asked["dryRun"]),
                         ({"group": "", "version": "v1", "kind": "ConfigMap"},
                          {"group": "", "version": "v1", "resource": "configmaps"}, "CREATE", self.namespace, "x", False))
        self.assertEqual(asked["userInfo"]["username"], "kubernetes-admin")
        self.assertIn("Warning: it was there", self.up.kubectl("annotate", "cm", "x", "-n", self.namespace, "k=v").stderr)
        self.assertEqual(self.get("cm", "x")["metadata"]["labels"], {"seen": "update"})
        self.assertEqual(server.asked["/data"][-1]["oldObject"]["data"], {"a": "1", "added": "yes"})

    def test_validating(self):
        server = self.serve({
            "/check": lambda r: denied(r, "keep it", code=403) if r["operation"] == "DELETE" and r["name"] == "kept"
            else denied(r, "no secrets here") if "secret" in ((r["object"] or {}).get("data") or {}) else allowed(r, warnings=["looked at"])})
        self.configure("ValidatingWebhookConfiguration", self.hook("v", server.config("/check")))
        self.assertIn('admission webhook "v.example.com" denied the request: no secrets here', self.run_create(configmap("x", secret="1")).stderr)
        done = self.run_create(configmap("kept", a="1"))
        self.assertIn("Warning: looked at", done.stderr)
        self.assertIn("denied the request: no secrets here", self.refused("patch", "cm", "kept", "-p", '{"data":{"secret":"1"}}'))
        self.assertIn("denied the request: keep it", self.refused("delete", "cm", "kept"))
        self.assertIn("denied the request: keep it", self.refused("delete", "cm", "--all"))
        self.kubectl("get", "cm", "kept")
        self.assertIn("created (server dry run)", self.run_create(configmap("dry", a="1"), "--dry-run=server").stdout)
        self.assertTrue(server.asked["/check"][-1]["dryRun"])

    def test_who_is_asked(self):
        server = self.serve({"/no": lambda r: denied(r, "no")})
        self.configure("ValidatingWebhookConfiguration",
                       self.hook("objects", server.config("/no"), objectSelector={"matchLabels": {"a": "b"}}),
                       self.hook("conditions", server.config("/no"), matchConditions=[
                           {"name": "big", "expression": "object != null && has(object.data) && object.data.size() > 1"}]),
                       self.hook("deletes", server.config("/no"), rules=[{**EVERYTHING[0], "operations": ["DELETE"]}]))
        self.assertEqual(self.run_create(configmap("x", a="1")).returncode, 0)
        labelled = configmap("other", a="1")
        labelled["metadata"]["labels"] = {"a": "b"}
        self.assertIn('"objects.example.com" denied', self.run_create(labelled).stderr)
        self.assertIn('"conditions.example.com" denied', self.run_create(configmap("z", a="1", b="2")).stderr)
        self.assertIn('"deletes.example.com" denied', self.refused("delete", "cm", "x"))

    def test_what_cannot_be_changed_is_shown_to_both_kinds(self):
        server = self.serve({"/see": allowed, "/change": lambda r: patched(r, add("/metadata/labels", {"a": "b"})),
                             "/no": lambda r: denied(r, "not into this one") if r["operation"] == "CONNECT" else allowed(r)})
        rule = lambda operation, *resources: [{**EVERYTHING[0], "operations": [operation], "resources": list(resources)}]
        self.configure("MutatingWebhookConfiguration",
                       self.hook("deletes", server.config("/see"), rules=rule("DELETE", "configmaps")),
                       self.hook("changes", server.config("/change"), rules=rule("DELETE", "secrets")),
                       self.hook("connects", server.config("/see"), rules=rule("CONNECT", "pods/exec", "pods/portforward")))
        self.configure("ValidatingWebhookConfiguration",
                       self.hook("exec", server.config("/no"), rules=rule("CONNECT", "pods/exec")),
                       self.hook("binding", server.config("/no"), rules=rule("CREATE", "pods/binding")))
        self.run_create(configmap("x", a="1"))
        self.kubectl("delete", "cm", "x")
        seen = server.asked["/see"].pop()
        self.assertEqual((seen["operation"], seen["object"], seen["oldObject"]["data"], seen["options"]["kind"]),
                         ("DELETE", None, {"a": "1"}, "DeleteOptions"))
        self.kubectl("create", "secret", "generic", "s")
        self.assertIn('admission webhook "changes.example.com" attempted to modify the object, which is not supported for this operation',
                      self.refused("delete", "secret", "s"))
        self.kubectl("run", "p", "--image=busybox:1.35", "--", "sleep", "600")
        self.kubectl("wait", "--for=condition=Ready", "pod/p")
        self.assertIn('admission webhook "exec.example.com" denied the request: not into this one', self.refused("exec", "p", "--", "true"))
        seen = server.asked["/see"].pop()
        self.assertEqual((seen["operation"], seen["subResource"], seen["kind"]["kind"], seen["resource"]["resource"], seen["name"]),
                         ("CONNECT", "exec", "PodExecOptions", "pods", "p"))
        self.assertEqual((seen["object"]["kind"], seen["object"]["command"], seen["object"]["stdout"], seen["oldObject"]),
                         ("PodExecOptions", ["true"], True, None))
        self.run_create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "q"}, "spec": {
            "schedulerName": "none", "containers": [{"name": "c", "image": "busybox:1.35"}]}})
        self.kubectl("create", "--raw", f"/api/v1/namespaces/{self.namespace}/pods/q/binding", "-f", "-", input=json.dumps(
            {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "q"}, "target": {"kind": "Node", "name": "node1"}}))
        seen = server.asked["/no"].pop()
        self.assertEqual((seen["operation"], seen["subResource"], seen["kind"]["kind"], seen["object"]["target"]["name"]),
                         ("CREATE", "binding", "Binding", "node1"))

    def test_subresources_are_changed(self):
        replace = lambda path, value: {"op": "replace", "path": path, "value": value}
        server = self.serve({"/bind": lambda r: patched(r, replace("/target/name", "node2"), add("/metadata/annotations", {"by": "webhook"})),
                             "/evict": lambda r: patched(r, add("/deleteOptions", {"dryRun": ["All"]})),
                             "/scale": lambda r: patched(r, replace("/spec/replicas", 2)),
                             "/token": lambda r: patched(r, add("/spec/expirationSeconds", 7200)),
                             "/exec": lambda r: patched(r, replace("/command", ["echo", "other"])),
                             "/ports": lambda r: patched(r, add("/ports", [81])), "/broken": lambda r: patched(r, replace("/spec", "text")),
                             "/see": allowed})
        rule = lambda operation, group, version, resource: [
            {"operations": [operation], "apiGroups": [group], "apiVersions": [version], "resources": [resource]}]
        rules = {"bind": rule("CREATE", "", "v1", "pods/binding"), "evict": rule("CREATE", "", "v1", "pods/eviction"),
                 "scale": rule("UPDATE", "apps", "v1", "deployments/scale"), "token": rule("CREATE", "", "v1", "serviceaccounts/token"),
                 "exec": rule("CONNECT", "", "v1", "pods/exec"), "ports": rule("CONNECT", "", "v1", "pods/portforward"),
                 "broken": rule("UPDATE", "apps", "v1", "replicasets/scale")}
        self.configure("MutatingWebhookConfiguration", *(self.hook(name, server.config(f"/{name}"), rules=r) for name, r in rules.items()))
        self.configure("ValidatingWebhookConfiguration",
                       self.hook("see", server.config("/see"), rules=[r for name, all in rules.items() for r in all]))
        seen = lambda: server.asked["/see"].pop()
        self.run_create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "q"}, "spec": {
            "schedulerName": "none", "containers": [{"name": "c", "image": "busybox:1.35"}]}})
        self.kubectl("create", "--raw", f"/api/v1/namespaces/{self.namespace}/pods/q/binding", "-f", "-", input=json.dumps(
            {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "q"}, "target": {"kind": "Node", "name": "node1"}}))
        bound = self.get("pod", "q")
        self.assertEqual((bound["spec"]["nodeName"], bound["metadata"]["annotations"]["by"]), ("node2", "webhook"))
        self.assertEqual(seen()["object"]["target"]["name"], "node2")
        self.kubectl("wait", "--for=condition=Ready", "pod/q")
        self.assertIn("other", self.kubectl("exec", "q", "--", "echo", "this"))
        self.assertEqual(seen()["object"]["command"], ["echo", "other"])
        forward = self.up.kubectl("port-forward", "-n", self.namespace, "pod/q", "18080:80")
        self.assertIn("attempted to change the ports", forward.stderr)
        self.kubectl("create", "--raw", f"/api/v1/namespaces/{self.namespace}/pods/q/eviction", "-f", "-", input=json.dumps(
            {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "q", "namespace": self.namespace}}))
        self.assertNotIn("deletionTimestamp", self.get("pod", "q")["metadata"])
        shown = seen()
        self.assertEqual((shown["operation"], shown["subResource"], shown["kind"]["kind"], shown["object"]["deleteOptions"]["dryRun"]),
                         ("CREATE", "eviction", "Eviction", ["All"]))
        self.kubectl("create", "deployment", "d", "--image=busybox:1.35")
        for command in (("scale", "deployment/d", "--replicas=3"),
                        ("patch", "deployment", "d", "--subresource=scale", "-p", '{"spec":{"replicas":4}}')):
            self.kubectl(*command)
            self.assertEqual(self.get("deployment", "d")["spec"]["replicas"], 2)
            shown = seen()
            self.assertEqual((shown["kind"]["kind"], shown["object"]["spec"]["replicas"], shown["oldObject"]["kind"]), ("Scale", 2, "Scale"))
        name = self.get("replicasets")["items"][0]["metadata"]["name"]
        self.assertIn('"broken.example.com" made an object that cannot be decoded', self.refused("scale", f"rs/{name}", "--replicas=3"))
        self.kubectl("create", "serviceaccount", "bot")
        token = self.kubectl("create", "token", "bot").strip().split(".")[1]
        said = json.loads(base64.urlsafe_b64decode(token + "=="))
        self.assertEqual(said["exp"] - said["iat"], 7200)

    def test_who_asks_is_told_whole(self):
        server = self.serve({"/see": allowed})
        self.configure("ValidatingWebhookConfiguration", self.hook("see", server.config("/see")))
        self.policy(validations=[{"expression": "!has(request.userInfo.extra) || request.userInfo.uid != ''"}])
        self.kubectl("create", "serviceaccount", "bot")
        self.kubectl("create", "rolebinding", "bot", "--clusterrole=edit", f"--serviceaccount={self.namespace}:bot")
        token = self.kubectl("create", "token", "bot").strip()
        uid = self.get("serviceaccount", "bot")["metadata"]["uid"]
        with open(self.up.kubeconfig) as file:
            config = yaml.safe_load(file)
        config["users"][0]["user"] = {"token": token}
        path = f"{self.up.folder}/bot.kubeconfig"
        with open(path, "w") as file:
            yaml.safe_dump(config, file)
        self.kubectl("create", "configmap", "x", "-n", self.namespace, "--kubeconfig", path)
        user = server.asked["/see"][-1]["userInfo"]
        self.assertEqual((user["username"], user["uid"]), (f"system:serviceaccount:{self.namespace}:bot", uid))
        self.assertRegex(user["extra"]["authentication.kubernetes.io/credential-id"][0], "^JTI=")
        self.kubectl("create", "configmap", "y", "--as=jane", "--as-uid=u-7", "--as-group=system:masters")
        self.assertEqual(server.asked["/see"][-1]["userInfo"], {"username": "jane", "uid": "u-7", "groups": ["system:masters", "system:authenticated"]})

    def test_bad_servers(self):
        slow = lambda r: time.sleep(3) or allowed(r)
        server = self.serve({"/slow": slow, "/garbage": lambda r: b"<html>", "/uid": lambda r: {"uid": "other", "allowed": True},
                             "/silent": lambda r: {"uid": r["uid"]}, "/patch": lambda r: patched(r, {"op": "remove", "path": "/nothing"}),
                             "/undecodable": lambda r: patched(r, add("/data", "text")), "/huge": lambda r: b"x" * (4 << 20)})
        for path, kind, said in (("/slow", "Validating", "failed to call webhook"), ("/garbage", "Validating", "the answer is no JSON"),
                                 ("/uid", "Validating", "expected response.uid="), ("/silent", "Mutating", "does not say whether"),
                                 ("/patch", "Mutating", "a patch that does not fit"), ("/undecodable", "Mutating", "cannot be decoded"),
                                 ("/huge", "Validating", "failed to call webhook")):
            with self.subTest(path):
                hook = self.hook(path[1:], server.config(path), timeoutSeconds=1)
                self.configure(f"{kind}WebhookConfiguration", hook)
                started = time.time()
                stderr = self.run_create(configmap("x")).stderr
                self.assertLess(time.time() - started, 2.5)
                self.assertIn("InternalError", stderr)
                self.assertIn(said, stderr)
                self.configure(f"{kind}WebhookConfiguration", {**hook, "failurePolicy": "Ignore"})
                self.assertEqual(self.run_create(configmap("x")).returncode, 0)
                self.kubectl("delete", f"{kind}WebhookConfiguration", f"{self.namespace}-{kind.lower()}webhookconfiguration")
                self.kubectl("delete", "cm", "x")
        other = self.serve({"/": allowed})
        for config, said in (({"url": "https://127.0.0.1:1/"}, "connect"), ({**server.config("/slow"), "caBundle": other.ca}, "certificate verify failed")):
            self.configure("ValidatingWebhookConfiguration", self.hook("nobody", config, timeoutSeconds=1))
            self.assertIn(said, self.run_create(configmap("x")).stderr)

    def test_slow_ones_hold_up_nobody_else(self):
        server = self.serve({"/slow": lambda r: time.sleep(2) or allowed(r)})
        self.configure("ValidatingWebhookConfiguration", self.hook("slow", server.config("/slow"), timeoutSeconds=5))
        waiting = [threading.Thread(target=self.run_create, args=(configmap(f"slow{i}"),)) for i in range(8)]
        for thread in waiting:
            thread.start()
        wait_for(lambda: len(server.asked["/slow"]) >= 4, "the webhook is busy")
        started = time.time()
        self.kubectl("create", "configmap", f"quick-{self.namespace}", "-n", "default")
        self.assertLess(time.time() - started, 1.5)
        for thread in waiting:
            thread.join()
        self.assertEqual(len(self.kubectl("get", "cm", "-o", "name").split()), 9)  # with the root certificate's

    def test_services(self):
        address = own_address()
        server = self.serve({"/check": lambda r: denied(r, "through the service")}, names="DNS:hooks.services.svc", address=address)
        self.apply({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "hooks"}, "spec": {"ports": [{"name": "https", "port": 443}]}},
                   {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                    "metadata": {"name": "hooks", "labels": {"kubernetes.io/service-name": "hooks"}},
                    "ports": [{"name": "https", "port": server.port}], "endpoints": [{"addresses": [address]}]})
        config = {"service": {"name": "hooks", "namespace": self.namespace, "path": "/check"}, "caBundle": server.ca}
        self.configure("ValidatingWebhookConfiguration", self.hook("s", config))
        self.assertIn("denied the request: through the service", self.run_create(configmap("x")).stderr)
        self.kubectl("delete", "endpointslice", "hooks")
        self.assertIn('no endpoints available for service "hooks"', self.run_create(configmap("x")).stderr)

    def policy(self, binding=None, **fields):
        name = self.namespace
        match = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}
        self.apply({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name},
                    "spec": {"matchConstraints": {"resourceRules": EVERYTHING}, **fields}},
                   {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": f"{name}-b"},
                    "spec": {"policyName": name, "validationActions": ["Deny"], "matchResources": match, **(binding or {})}})
        self.addCleanup(self.up.kubectl, "delete", "validatingadmissionpolicy", name)
        self.addCleanup(self.up.kubectl, "delete", "validatingadmissionpolicybinding", f"{name}-b")

    def test_policies(self):
        self.policy(variables=[{"name": "keys", "expression": "has(object.data) ? object.data.size() : 0"}],
                    matchConditions=[{"name": "not-system", "expression": "!request.userInfo.username.startsWith('system:')"}],
                    validations=[{"expression": "variables.keys <= 2", "messageExpression": "string(variables.keys) + ' keys are too many'"},
                                 {"expression": "!object.metadata.name.startsWith('bad')", "reason": "Forbidden"}])
        self.assertEqual(self.run_create(configmap("x", a="1")).returncode, 0)
        self.assertIn(f"ValidatingAdmissionPolicy '{self.namespace}' with binding '{self.namespace}-b' denied request: 3 keys are too many",
                      self.run_create(configmap("other", a="1", b="2", c="3")).stderr)
        self.assertIn("failed expression: !object.metadata.name.startsWith('bad')", self.run_create(configmap("bad")).stderr)
        self.policy({"validationActions": ["Warn"]}, validations=[{"expression": "false", "message": "mind this"}])
        self.assertIn(f"Warning: Validation failed for ValidatingAdmissionPolicy '{self.namespace}' with binding '{self.namespace}-b': mind this",
                      self.run_create(configmap("z")).stderr)

    def test_types_of_policies(self):
        policy = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": self.namespace},
                  "spec": {"matchConstraints": {"resourceRules": EVERYTHING}, "validations": [{"expression": "object.dat.size() < 9"}]}}
        self.apply(policy)
        self.addCleanup(self.up.kubectl, "delete", "validatingadmissionpolicy", self.namespace)
        warned = lambda: self.get("validatingadmissionpolicy", self.namespace).get("status", {}).get("typeChecking", {}).get("expressionWarnings", [])
        wait_for(warned, "its types are checked")
        self.assertEqual(warned()[0]["fieldRef"], "spec.validations[0].expression")
        self.assertTrue(warned()[0]["warning"].startswith("/v1, Kind=ConfigMap: ERROR: <input>:1:7: undefined field 'dat'"))
        for expression, why in (("object.data", "must evaluate to bool"), ("request.none == 1", "undefined field 'none'"),
                                ("1 + 'a' == 2", "found no matching overload for '_+_' applied to '(int, string)'")):
            policy["spec"]["validations"][0]["expression"] = expression
            self.assertIn(why, self.refused("apply", "-f", "-", input=yaml.safe_dump(policy)))

    def test_parameters(self):
        self.apply(configmap("limits", most="2"))
        self.policy({"paramRef": {"name": "limits", "namespace": self.namespace, "parameterNotFoundAction": "Deny"}},
                    paramKind={"apiVersion": "v1", "kind": "ConfigMap"},
                    validations=[{"expression": "object == null || !has(object.data) || object.data.size() <= int(params.data.most)"}])
        self.assertEqual(self.run_create(configmap("x", a="1", b="2")).returncode, 0)
        self.assertIn("denied request", self.run_create(configmap("other", a="1", b="2", c="3")).stderr)
        self.kubectl("delete", "cm", "limits")
        self.assertIn("no params found", self.run_create(configmap("z")).stderr)
        # Which is no failure that the binding's actions decide about.
        self.policy({"validationActions": ["Warn"], "paramRef": {"name": "limits", "namespace": self.namespace, "parameterNotFoundAction": "Deny"}},
                    paramKind={"apiVersion": "v1", "kind": "ConfigMap"}, validations=[{"expression": "false"}])
        self.assertIn("no params found", self.run_create(configmap("z")).stderr)


if __name__ == "__main__":
    spec.main()
