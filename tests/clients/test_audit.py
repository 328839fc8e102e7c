"""What admission has to say in the audit log, and the nodes inside of `troupe up` in it."""
import json
import os
import sys
import tempfile
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from hosts import wait_for
from local import NamespaceTest

POLICY = """
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: Metadata}
"""
FAILURE = "validation.policy.admission.k8s.io/validation_failure"
SECURITY = "pod-security.kubernetes.io/"


class Audit(NamespaceTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="troupe-audit-")
        cls.addClassCleanup(folder.cleanup)
        cls.audit = f"{folder.name}/audit.log"
        with open(f"{folder.name}/policy", "w") as file:
            file.write(POLICY)
        cls.flags = ("--audit-policy-file", f"{folder.name}/policy", "--audit-log-path", cls.audit)
        super().setUpClass()

    def events(self, wanted):
        with open(self.audit) as file:
            return [e for e in map(json.loads, file) if wanted(e)]

    def annotations(self, resource):
        """Those of the creations of a kind in this case's namespace, in their order, without the authorizer's."""
        made = self.events(lambda e: e["verb"] == "create" and e.get("objectRef", {}).get("namespace") == self.namespace
                           and e["objectRef"]["resource"] == resource and e["user"]["username"] == "kubernetes-admin")
        return [{k: v for k, v in e["annotations"].items() if not k.startswith("authorization.k8s.io/")} for e in made]

    def bind(self, name, actions, operations=("CREATE",), resources=("configmaps",), **policy):
        """A policy for this case's configmaps, and its binding; returns when it is in force."""
        rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": list(operations), "resources": list(resources)}]
        group = "admissionregistration.k8s.io/v1"
        self.addCleanup(self.up.kubectl, "delete", "validatingadmissionpolicy,validatingadmissionpolicybinding", name)
        self.create({"apiVersion": group, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name},
                     "spec": {"matchConstraints": {"resourceRules": rules}, **policy}},
                    {"apiVersion": group, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name},
                     "spec": {"policyName": name, "validationActions": actions, "matchResources": {
                         "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": self.namespace}}}}})

    def test_an_answer_names_its_events(self):
        def named(path, **headers):
            with urllib.request.urlopen(urllib.request.Request(self.up.insecure + path, headers=headers)) as answer:
                return answer.headers.get_all("Audit-Id")
        configmaps = f"/api/v1/namespaces/{self.namespace}/configmaps"
        for asked in {}, {"Audit-ID": f"the {self.namespace} one"}:
            name, = named(configmaps, **asked)
            self.assertEqual(name, asked.get("Audit-ID", name))
            self.assertEqual([e["verb"] for e in self.events(lambda e: e["auditID"] == name)], ["list"])
        self.assertNotEqual(*named("/readyz"), *named("/readyz"))

    def test_failures_of_policies(self):
        self.bind("few", ["Audit"], validations=[{"expression": "true"}, {"expression": "object.data.size() < 2"}])
        self.kubectl("create", "configmap", "one", "--from-literal=a=1")
        self.kubectl("create", "configmap", "two", "--from-literal=a=1", "--from-literal=b=2")
        self.assertEqual(self.annotations("configmaps"), [{}, {
            FAILURE: r'[{"message":"failed expression: object.data.size() \u003c 2","policy":"few","binding":"few",'
                     '"expressionIndex":1,"validationActions":["Audit"]}]'}])

    def test_annotations_of_policies(self):
        self.bind("noted", ["Deny"], validations=[{"expression": "object.data.size() < 2", "message": "too much"}],
                  auditAnnotations=[{"key": "size", "valueExpression": "'holds ' + string(object.data.size())"},
                                    {"key": "none", "valueExpression": "null"}])
        self.kubectl("create", "configmap", "one", "--from-literal=a=1")
        self.assertIn("too much", self.refused("create", "configmap", "two", "--from-literal=a=1", "--from-literal=b=2"))
        # Also of a request that is refused.
        self.assertEqual(self.annotations("configmaps"), [{"noted/size": "holds 1"}, {"noted/size": "holds 2"}])

    def test_whom_a_body_names(self):
        """Kubernetes fills in the reference from what creations and updates bring, not from what it makes of them."""
        self.kubectl("create", "configmap", "one", "--from-literal=a=1")
        self.kubectl("create", "-f", "-", input=json.dumps(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "some-"}}))
        one = self.get("configmap", "one")
        self.kubectl("replace", "-f", "-", input=json.dumps({**one, "data": {"a": "2"}}))
        self.kubectl("label", "configmap", "one", "a=b")
        self.refused("create", "configmap", "one")
        place = {"resource": "configmaps", "namespace": self.namespace, "apiVersion": "v1"}
        mine = self.events(lambda e: e["user"]["username"] == "kubernetes-admin" and e.get("objectRef", {}).get("resource") == "configmaps"
                           and e["objectRef"]["namespace"] == self.namespace and e["verb"] != "get")
        self.assertEqual([(e["verb"], e["objectRef"]) for e in mine], [
            ("create", {**place, "name": "one"}), ("create", place),
            ("update", {**place, "name": "one", "uid": one["metadata"]["uid"], "resourceVersion": one["metadata"]["resourceVersion"]}),
            ("patch", {**place, "name": "one"}), ("create", {**place, "name": "one"})])

    def test_annotations_of_connections(self):
        self.kubectl("run", "p", "--image=busybox:1.35")
        wait_for(lambda: self.get("pod", "p")["status"]["phase"] == "Running", "it runs")
        self.bind("shells", ["Deny"], operations=["CONNECT"], resources=["pods/exec"],
                  validations=[{"expression": "object.command[0] == 'echo'", "message": "echo alone"}],
                  auditAnnotations=[{"key": "command", "valueExpression": "string(object.command[0])"}])
        self.kubectl("exec", "p", "--", "echo", "hello")
        self.assertIn("echo alone", self.refused("exec", "p", "--", "cat"))
        of_shells = lambda: self.events(lambda e: e.get("objectRef", {}).get("subresource") == "exec"
                                        and e["objectRef"]["namespace"] == self.namespace)
        wait_for(lambda: len(of_shells()) >= 3, "the streams have ended", 10)
        told = [(e["stage"], e["responseStatus"]["code"], e["annotations"].get("shells/command")) for e in of_shells()]
        self.assertIn(("ResponseStarted", 101, "echo"), told)
        self.assertIn(("ResponseComplete", 101, "echo"), told)
        self.assertIn(("ResponseComplete", 422, "cat"), told)

    def test_pod_security(self):
        self.kubectl("label", "namespace", self.namespace, f"{SECURITY}enforce=baseline", f"{SECURITY}audit=restricted",
                     f"{SECURITY}audit-version=v1.30")
        self.kubectl("run", "p", "--image=busybox:1.35")
        self.refused("run", "q", "--image=busybox:1.35", "--privileged")
        self.kubectl("create", "deployment", "d", "--image=busybox:1.35")
        p, q = self.annotations("pods")
        self.assertEqual(p.pop(f"{SECURITY}enforce-policy"), "baseline:latest")
        self.assertIn('would violate PodSecurity "restricted:v1.30": allowPrivilegeEscalation != false', p.pop(f"{SECURITY}audit-violations"))
        self.assertEqual(p, {})
        self.assertEqual(sorted(q), [f"{SECURITY}audit-violations", f"{SECURITY}enforce-policy"])
        self.assertEqual([sorted(d) for d in self.annotations("deployments")], [[f"{SECURITY}audit-violations"]])

    def test_pods_where_nothing_is_enforced(self):
        self.kubectl("run", "p", "--image=busybox:1.35")
        self.assertEqual(self.annotations("pods"), [{f"{SECURITY}enforce-policy": "privileged:latest"}])

    def test_nodes_of_this_process(self):
        self.kubectl("run", "p", "--image=busybox:1.35")
        of_pod = lambda e: e["user"].get("username", "").startswith("system:node:") and \
            e.get("objectRef", {}).get("namespace") == self.namespace and e["objectRef"].get("subresource") == "status"
        wait_for(lambda: self.events(of_pod), "its kubelet writes the pod's status", 10)
        event = self.events(of_pod)[0]
        self.assertEqual(event["user"]["username"], "system:node:" + self.get("pod", "p")["spec"]["nodeName"])
        self.assertIn("system:nodes", event["user"]["groups"])
        self.assertEqual((event["sourceIPs"], event["responseStatus"]["code"]), (["127.0.0.1"], 200))
        leases = self.events(lambda e: e.get("objectRef", {}).get("resource") == "leases" and e["objectRef"].get("namespace") == "kube-node-lease")
        self.assertEqual({e["user"]["username"] for e in leases if e["user"]["username"].startswith("system:node:")},
                         {"system:node:node1", "system:node:node2"})
        # And counted like others'.
        metrics = self.kubectl("get", "--raw", "/metrics")
        self.assertRegex(metrics, r'apiserver_request_total\{[^}]*resource="pods"[^}]*subresource="status"[^}]*\} [1-9]')


if __name__ == "__main__":
    spec.main()
