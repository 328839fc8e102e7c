"""Attempts to get more rights than one has: each is refused with the right status and stands in the audit log."""
import base64
import json
import os
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from hosts import wait_for
from local import NamespaceTest

AUDIT_POLICY = """
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: Metadata}
"""
RBAC = "/apis/rbac.authorization.k8s.io/v1"
ROOT = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
BOB = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "bob"}
NODE = {"Impersonate-User": "system:node:node1", "Impersonate-Group": "system:nodes"}


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True)


def role(name, *rules, **metadata):
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name, **metadata}, "rules": list(rules)}


def binding(kind, name, to=ROOT):
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name}, "subjects": [BOB], "roleRef": to}


NODES = {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}


class Escalation(NamespaceTest):
    """bob is the administrator of his namespace, and no more."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="troupe-escalation-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        for name, text in (("tokens", "tok-bob,bob,u-2\n"), ("policy", AUDIT_POLICY)):
            with open(f"{cls.folder}/{name}", "w") as file:
                file.write(text)
        cls.audit = f"{cls.folder}/audit.log"
        cls.flags = ("--token-auth-file", f"{cls.folder}/tokens", "--audit-policy-file", f"{cls.folder}/policy",
                     "--audit-log-path", cls.audit)
        super().setUpClass()
        cls.server = cls.up.kubectl("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}").stdout
        cls.ca = f"{cls.up.data}/pki/ca.crt"

    def setUp(self):
        super().setUp()
        self.kubectl("create", "rolebinding", "bob-admin", "--clusterrole=admin", "--user=bob")
        with open(self.audit) as file:
            self.seen = len(file.readlines())

    def send(self, method, path, body=None, headers=None, token="tok-bob", certificate=None, type="application/json"):
        """The status and the message of the answer."""
        context = ssl.create_default_context(cafile=self.ca)
        if certificate:
            context.load_cert_chain(*certificate)
        headers = {"Content-Type": type, "User-Agent": "intruder", **(headers or {})}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self.server + path, method=method, headers=headers,
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, context=context) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())["message"]

    def new_events(self, **wanted):
        with open(self.audit) as file:
            events = [json.loads(line) for line in file.readlines()[self.seen:]]
        return [e for e in events if all(e.get(k) == v for k, v in wanted.items())]

    def attempt(self, name, code, said, decision, user, verb, path, body=None, **how):
        """It is refused like this, and one event says so."""
        with self.subTest(name):
            with open(self.audit) as file:
                self.seen = len(file.readlines())
            method = {"create": "POST", "update": "PUT", "patch": "PATCH", "get": "GET", "list": "GET", "delete": "DELETE"}[verb]
            found, message = self.send(method, path, body, **how)
            self.assertEqual(found, code, message)
            self.assertIn(said, message)
            event, = self.new_events(requestURI=path, userAgent="intruder")
            self.assertEqual((event["responseStatus"]["code"], event["verb"], event["sourceIPs"]), (code, verb, ["127.0.0.1"]), event)
            self.assertEqual(event.get("annotations", {}).get("authorization.k8s.io/decision"), decision, event)
            self.assertEqual(event["user"].get("username", ""), user, event)
            return event

    def test_roles_and_bindings(self):
        place = f"{RBAC}/namespaces/{self.namespace}"
        self.kubectl("create", "role", "harmless", "--verb=get", "--resource=pods")
        # Who may write roles at all is let through by the authorizer; what stands in them is judged behind it.
        for name, decision, verb, path, body, how in (
                ("a role beyond one's rights", "allow", "create", f"{place}/roles", role("more", NODES), {}),
                ("a role that grows", "allow", "update", f"{place}/roles/harmless", role("harmless", NODES), {}),
                ("a role that is patched", "allow", "patch", f"{place}/roles/harmless", {"rules": [NODES]},
                 {"type": "application/merge-patch+json"}),
                ("a role with all verbs", "allow", "create", f"{place}/roles",
                 role("all", {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}), {}),
                ("a binding to a greater role", "allow", "create", f"{place}/rolebindings", binding("RoleBinding", "root"), {}),
                ("a binding of the whole cluster", "forbid", "create", f"{RBAC}/clusterrolebindings",
                 binding("ClusterRoleBinding", "root"), {}),
                ("a cluster role", "forbid", "create", f"{RBAC}/clusterroles", {**role("more", NODES), "kind": "ClusterRole"}, {}),
                ("a greater cluster role's rights", "forbid", "patch", f"{RBAC}/clusterroles/admin", {"rules": [NODES]},
                 {"type": "application/merge-patch+json"}),
                ("another's namespace", "forbid", "create", f"{RBAC}/namespaces/default/rolebindings", binding("RoleBinding", "root"), {})):
            said = "is attempting to grant RBAC permissions not currently held" if decision == "allow" else 'User "bob" cannot'
            self.attempt(name, 403, said, decision, "bob", verb, path, body, **how)
        self.assertEqual(self.get("role", "harmless")["rules"], [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}])

    def test_impersonation(self):
        path = f"/api/v1/namespaces/{self.namespace}/configmaps"
        for name, headers, said in (
                ("a user", {"Impersonate-User": "kubernetes-admin"}, 'users "kubernetes-admin" is forbidden'),
                ("a group", {"Impersonate-User": "bob", "Impersonate-Group": "system:masters"}, "is forbidden"),
                ("an account", {"Impersonate-User": "system:serviceaccount:kube-system:default"}, 'serviceaccounts "default" is forbidden'),
                ("a uid", {"Impersonate-User": "bob", "Impersonate-Uid": "1"}, "is forbidden"),
                ("an extra", {"Impersonate-User": "bob", "Impersonate-Extra-Scopes": "all"}, "is forbidden")):
            self.attempt(name, 403, said, "forbid", "bob", "list", path, headers=headers)
        # The administrator of a namespace may speak for its accounts, with no more rights than they have.
        account = f"system:serviceaccount:{self.namespace}:default"
        event = self.attempt("an account of one's own", 403, f'User "{account}" cannot list', "forbid", "bob", "list", path,
                             headers={"Impersonate-User": account})
        self.assertEqual(event["impersonatedUser"]["username"], account)

    def test_identity_of_a_node(self):
        self.kubectl("create", "secret", "generic", "s", "--from-literal=a=b")
        admin = {"token": None, "certificate": (f"{self.up.data}/pki/admin.crt", f"{self.up.data}/pki/admin.key"), "headers": NODE}
        node3 = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node3"}}
        for name, said, decision, verb, path, body, type in (
                ("a secret that no pod of the node names", "no relationship found", "forbid", "get",
                 f"/api/v1/namespaces/{self.namespace}/secrets/s", None, None),
                ("all secrets", "can only", "forbid", "list", "/api/v1/secrets", None, None),
                ("another node's object", "is not allowed to modify node", "allow", "create", "/api/v1/nodes", node3, None),
                ("another node's labels", "is not allowed to modify node", "allow", "patch", "/api/v1/nodes/node2",
                 {"metadata": {"labels": {"a": "b"}}}, "application/merge-patch+json"),
                ("a label that isolates nodes", "is not allowed to modify labels", "allow", "patch", "/api/v1/nodes/node1",
                 {"metadata": {"labels": {"node-restriction.kubernetes.io/a": "b"}}}, "application/merge-patch+json"),
                ("a token of an account that no pod of the node uses", "no relationship found", "forbid", "create",
                 f"/api/v1/namespaces/{self.namespace}/serviceaccounts/default/token",
                 {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": []}}, None)):
            event = self.attempt(name, 403, said, decision, "kubernetes-admin", verb, path, body,
                                 **admin, **({"type": type} if type else {}))
            if event:
                self.assertEqual(event["impersonatedUser"]["username"], "system:node:node1")

    def test_tokens(self):
        path = f"/api/v1/namespaces/{self.namespace}/pods"
        self.kubectl("create", "serviceaccount", "bot")
        good = self.kubectl("create", "token", "bot").strip()
        head, body, signature = good.split(".")
        encode = lambda document: base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")
        claims = json.loads(base64.urlsafe_b64decode(body + "=="))
        for name, token in (("of another audience", self.kubectl("create", "token", "bot", "--audience=vault").strip()),
                            ("with other claims", f"{head}.{encode({**claims, 'sub': 'system:serviceaccount:kube-system:default'})}.{signature}"),
                            ("without a signature", f"{encode({'alg': 'none', 'typ': 'JWT'})}.{body}."),
                            ("of an unknown key", f"{encode({'alg': 'ES256', 'kid': 'x'})}.{body}.{signature}"),
                            ("of nobody", "tok-nobody")):
            event = self.attempt(name, 401, "Unauthorized", None, "", "list", path, token=token)
            if event:
                self.assertEqual(event["responseStatus"]["message"], "Authentication failed, attempted: bearer")

    def certificate(self, name, subject, signer=None):
        made = (f"{self.folder}/{name}.crt", f"{self.folder}/{name}.key")
        signed = ["-CA", signer[0], "-CAkey", signer[1]] if signer else []
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", subject,
                "-out", made[0], "-keyout", made[1], *signed)
        return made

    def test_certificates(self):
        path = f"/api/v1/namespaces/{self.namespace}/pods"
        pki = f"{self.up.data}/pki"
        other_ca = self.certificate("other-ca", "/CN=ca")
        for name, certificate, headers in (
                ("of another authority", self.certificate("root", "/O=system:masters/CN=kubernetes-admin", other_ca), {}),
                ("of its own", self.certificate("self", "/O=system:masters/CN=kubernetes-admin"), {}),
                ("of the front proxy", (f"{pki}/front-proxy-client.crt", f"{pki}/front-proxy-client.key"),
                 {"X-Remote-User": "kubernetes-admin", "X-Remote-Group": "system:masters"})):
            event = self.attempt(name, 401, "Unauthorized", None, "", "list", path, token=None, certificate=certificate, headers=headers)
            if event:
                self.assertEqual(event["responseStatus"]["message"], "Authentication failed, attempted: x509")

    def test_headers_of_a_front(self):
        path = f"/api/v1/namespaces/{self.namespace}/secrets"
        headers = {"X-Remote-User": "kubernetes-admin", "X-Remote-Group": "system:masters", "X-Remote-Extra-Scopes": "all"}
        self.attempt("of nobody", 403, 'User "system:anonymous" cannot list', "forbid", "system:anonymous", "list", path,
                     token=None, headers=headers)
        self.attempt("of somebody", 403, 'User "bob" cannot list', "forbid", "bob", "list", "/api/v1/secrets", headers=headers)

    def test_requests_for_certificates(self):
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                "/O=system:masters/CN=bob", "-out", f"{self.folder}/bob.csr", "-keyout", f"{self.folder}/bob.key")
        with open(f"{self.folder}/bob.csr", "rb") as file:
            request = {"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {"name": self.namespace},
                       "spec": {"request": base64.b64encode(file.read()).decode(), "usages": ["client auth"],
                                "signerName": "kubernetes.io/kube-apiserver-client"}}
        requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
        self.attempt("without rights", 403, 'User "bob" cannot create', "forbid", "bob", "create", requests, request)
        self.kubectl("create", "clusterrole", "asks", "--verb=create", "--resource=certificatesigningrequests")
        self.kubectl("create", "clusterrolebinding", "asks", "--clusterrole=asks", "--user=bob")
        self.attempt("for the group of the mighty", 403, "system:masters", "allow", "bob", "create", requests, request)

    def edge_user(self):
        """A kubeconfig of jane's, whose certificate was signed here."""
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=jane",
                "-out", f"{self.folder}/jane.csr", "-keyout", f"{self.folder}/jane.key")
        with open(f"{self.folder}/jane.csr", "rb") as file:
            request = {"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {"name": "jane"},
                       "spec": {"request": base64.b64encode(file.read()).decode(), "usages": ["client auth"],
                                "signerName": "kubernetes.io/kube-apiserver-client"}}
        self.kubectl("create", "-f", "-", input=json.dumps(request))
        self.kubectl("certificate", "approve", "jane")
        wait_for(lambda: self.get("csr", "jane")["status"].get("certificate"), "the certificate")
        config = json.loads(self.kubectl("config", "view", "--raw", "-o", "json"))
        with open(f"{self.folder}/jane.key", "rb") as file:
            config["users"][0]["user"] = {"client-certificate-data": self.get("csr", "jane")["status"]["certificate"],
                                          "client-key-data": base64.b64encode(file.read()).decode()}
        with open(f"{self.folder}/jane.kubeconfig", "w") as file:
            json.dump(config, file)
        return f"{self.folder}/jane.kubeconfig"

    def test_the_edge_door(self):
        jane = self.edge_user()
        done = self.up.troupe("get", "secrets", "-n", self.namespace, "--kubeconfig", jane)
        self.assertIn('User "jane" cannot list resource "secrets"', done.stderr)
        path = f"/api/v1/namespaces/{self.namespace}/secrets"
        event, = [e for e in self.new_events(verb="list", userAgent="troupe") if e["requestURI"].split("?")[0] == path]
        self.assertEqual((event["user"], event["userAgent"], event["verb"], event["sourceIPs"], event["responseStatus"]["code"],
                          event["annotations"]["authorization.k8s.io/decision"], event["stage"]),
                         ({"username": "jane", "groups": ["system:authenticated"]}, "troupe", "list", ["127.0.0.1"], 403, "forbid",
                          "ResponseComplete"))
        metrics = self.kubectl("get", "--raw", "/metrics")
        self.assertRegex(metrics, r'apiserver_request_total\{verb="LIST",.*resource="secrets",.*code="403"\} [1-9]')
        # A watch is there from its beginning to its end.
        self.kubectl("create", "rolebinding", "jane-views", "--clusterrole=view", "--user=jane")
        watch = subprocess.Popen([spec.troupe(), "get", "configmaps", "--watch", "-n", self.namespace, "--kubeconfig", jane],
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(watch.stdout.close)
        self.addCleanup(watch.wait)
        self.addCleanup(watch.kill)
        stages = lambda: [e["stage"] for e in self.new_events(verb="watch", userAgent="troupe")]
        wait_for(lambda: "ResponseStarted" in stages(), "the watch has begun")
        watch.kill()
        wait_for(lambda: "ResponseComplete" in stages(), "the watch has ended")


if __name__ == "__main__":
    spec.main()
