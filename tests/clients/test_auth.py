"""Who one is and what one may do, with kubectl: RBAC, service accounts, tokens, impersonation, escalation."""
import base64
import json
import os
import ssl
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from hosts import wait_for
from local import NamespaceTest


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


# What people do with secrets is written down without them, other writes whole; nothing of the machinery.
AUDIT_POLICY = """
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, userGroups: ["system:nodes"]}
- {level: Metadata, resources: [{group: "", resources: [secrets, serviceaccounts/token]}]}
- {level: RequestResponse, verbs: [create, delete]}
- {level: Metadata, verbs: [get, watch]}
"""


class Auth(NamespaceTest):
    @classmethod
    def setUpClass(cls):
        cls.tokens = f"/tmp/troupe-tokens-{os.getpid()}.csv"
        with open(cls.tokens, "w") as file:
            file.write('tok-jane,jane,u-1,"devs,ops"\ntok-bob,bob,u-2\n')
        cls.policy = cls.tokens.replace(".csv", ".yaml")
        with open(cls.policy, "w") as file:
            file.write(AUDIT_POLICY)
        cls.audit = cls.tokens.replace(".csv", ".log")
        for path in (cls.tokens, cls.policy, cls.audit):
            cls.addClassCleanup(os.remove, path)
        cls.flags = ("--token-auth-file", cls.tokens, "--audit-policy-file", cls.policy, "--audit-log-path", cls.audit)
        super().setUpClass()
        cls.server = cls.up.kubectl("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}").stdout
        cls.ca = f"{cls.up.data}/pki/ca.crt"

    def bearer(self, token, *args, input=None):
        """kubectl as whoever the token speaks for, without the administrator's certificate."""
        return self.up.run("kubectl", f"--server={self.server}", f"--certificate-authority={self.ca}", f"--token={token}",
                           "--kubeconfig=/dev/null", f"--namespace={self.namespace}", *args, input=input)

    def told(self, token, *args):
        done = self.bearer(token, *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def forbidden(self, done):
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stderr, "is forbidden: |^error: forbidden: |Forbidden")
        return done.stderr

    def token(self, account, *flags):
        return self.kubectl("create", "token", account, *flags).strip()

    def test_a_static_token_says_who_one_is(self):
        who = json.loads(self.told("tok-jane", "auth", "whoami", "-o", "json"))["status"]["userInfo"]
        self.assertEqual(who, {"username": "jane", "uid": "u-1", "groups": ["devs", "ops", "system:authenticated"]})
        self.assertIn("Unauthorized", self.bearer("tok-nobody", "get", "pods").stderr)

    def test_rights_come_with_a_binding_and_go_with_it(self):
        self.assertIn('pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace '
                      f'"{self.namespace}"', self.forbidden(self.bearer("tok-bob", "get", "pods")))
        self.kubectl("create", "role", "reader", "--verb=get,list", "--resource=pods")
        self.kubectl("create", "rolebinding", "bob-reads", "--role=reader", "--user=bob")
        self.assertEqual(self.told("tok-bob", "auth", "can-i", "list", "pods"), "yes\n")
        self.told("tok-bob", "get", "pods")
        self.forbidden(self.bearer("tok-bob", "get", "pods", "--namespace=default"))
        self.forbidden(self.bearer("tok-bob", "delete", "pod", "x"))
        self.kubectl("delete", "rolebinding", "bob-reads")
        self.forbidden(self.bearer("tok-bob", "get", "pods"))

    def test_view_edit_and_admin_are_filled(self):
        for role, verb, what, answer in [("view", "get", "configmaps", "yes"), ("view", "get", "secrets", "no"),
                                         ("edit", "create", "deployments.apps", "yes"), ("edit", "create", "roles", "no"),
                                         ("admin", "create", "roles", "yes"), ("admin", "create", "resourcequotas", "no")]:
            with self.subTest(f"{role} {verb} {what}"):
                self.kubectl("create", "rolebinding", role, f"--clusterrole={role}", f"--user={role}-user")
                done = self.up.kubectl("auth", "can-i", verb, what, f"--as={role}-user", "-n", self.namespace)
                self.assertEqual(done.stdout.strip(), answer, done.stderr)
                self.kubectl("delete", "rolebinding", role)

    def test_can_i_list_shows_the_rules(self):
        self.kubectl("create", "role", "one", "--verb=get", "--resource=configmaps", "--resource-name=c")
        self.kubectl("create", "rolebinding", "one", "--role=one", "--user=bob")
        lines = [line.split() for line in self.told("tok-bob", "auth", "can-i", "--list").splitlines()]
        self.assertIn(["configmaps", "[]", "[c]", "[get]"], lines)
        self.assertIn(["selfsubjectreviews.authentication.k8s.io", "[]", "[]", "[create]"], lines)
        self.assertIn(["[/healthz]", "[]", "[get]"], lines)

    def test_nobody_gives_what_they_do_not_have(self):
        self.kubectl("create", "rolebinding", "bob-admin", "--clusterrole=admin", "--user=bob")
        self.told("tok-bob", "create", "role", "fine", "--verb=get", "--resource=pods")
        said = self.forbidden(self.bearer("tok-bob", "create", "role", "more", "--verb=get", "--resource=nodes"))
        self.assertIn('user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n'
                      '{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}', said)
        said = self.forbidden(self.bearer("tok-bob", "create", "rolebinding", "root", "--clusterrole=cluster-admin", "--user=bob"))
        self.assertIn('{APIGroups:["*"], Resources:["*"], Verbs:["*"]}', said)
        self.forbidden(self.bearer("tok-bob", "create", "clusterrolebinding", "root", "--clusterrole=cluster-admin", "--user=bob"))
        said = self.forbidden(self.bearer("tok-bob", "get", "pods", "--as=kubernetes-admin"))
        self.assertIn('users "kubernetes-admin" is forbidden: User "bob" cannot impersonate resource "users"', said)

    def test_reconcile_brings_roles_up_to_date(self):
        manifest = json.dumps({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r", "namespace": self.namespace},
            "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}]})
        self.kubectl("create", "role", "r", "--verb=list", "--resource=pods")
        said = self.kubectl("auth", "reconcile", "-f", "-", input=manifest)
        self.assertIn("role.rbac.authorization.k8s.io/r reconciled", said)
        rules = self.get("role", "r")["rules"]
        self.assertEqual(sorted(verb for rule in rules for verb in rule["verbs"]), ["get", "list"])

    def test_a_token_speaks_for_its_account(self):
        self.kubectl("create", "serviceaccount", "bot")
        token = self.token("bot", "--duration=10m")
        said = claims(token)
        self.assertEqual(said["sub"], f"system:serviceaccount:{self.namespace}:bot")
        self.assertEqual(said["exp"] - said["iat"], 600)
        who = json.loads(self.told(token, "auth", "whoami", "-o", "json"))["status"]["userInfo"]
        self.assertEqual(who["username"], said["sub"])
        self.assertEqual(who["groups"], ["system:serviceaccounts", f"system:serviceaccounts:{self.namespace}",
                                         "system:authenticated"])
        self.assertEqual(who["extra"], {"authentication.kubernetes.io/credential-id": ["JTI=" + said["jti"]]})
        self.forbidden(self.bearer(token, "get", "pods"))
        self.kubectl("create", "rolebinding", "bot", "--clusterrole=view", f"--serviceaccount={self.namespace}:bot")
        self.told(token, "get", "pods")
        self.kubectl("delete", "serviceaccount", "bot")
        self.assertIn("Unauthorized", self.bearer(token, "get", "pods").stderr)

    def test_a_token_is_for_its_audience(self):
        self.kubectl("create", "serviceaccount", "bot")
        token = self.token("bot", "--audience=vault")
        self.assertIn("Unauthorized", self.bearer(token, "get", "pods").stderr)
        for audiences, good in ((["vault"], True), (["vault", "x"], True), (["x"], False), ([], False)):
            review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
                      "spec": {"token": token, "audiences": audiences}}
            status = json.loads(self.kubectl("create", "-f", "-", "-o", "json", input=json.dumps(review)))["status"]
            self.assertEqual(status.get("authenticated", False), good, status)
            if good:
                self.assertEqual(status["audiences"], ["vault"])

    def test_a_bound_token_ends_with_its_pod(self):
        self.kubectl("run", "p", "--image=busybox:1.35")
        token = self.token("default", "--bound-object-kind=Pod", "--bound-object-name=p")
        self.told(token, "auth", "whoami")
        self.kubectl("delete", "pod", "p", "--force", "--grace-period=0")
        self.assertIn("Unauthorized", self.bearer(token, "auth", "whoami").stderr)
        self.assertIn('pods "p" not found', self.refused("create", "token", "default", "--bound-object-kind=Pod",
                                                         "--bound-object-name=p"))
        self.assertIn("may not specify a duration less than 10 minutes", self.refused("create", "token", "default", "--duration=1m"))

    def test_a_secret_is_filled_with_a_token(self):
        self.kubectl("create", "serviceaccount", "bot")
        secret = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
                  "metadata": {"name": "old", "annotations": {"kubernetes.io/service-account.name": "bot"}}}
        self.kubectl("create", "-f", "-", input=json.dumps(secret))
        wait_for(lambda: "token" in self.get("secret", "old").get("data", {}), "the token", 10)
        data = self.get("secret", "old")["data"]
        token = base64.b64decode(data["token"]).decode()
        self.assertEqual(base64.b64decode(data["namespace"]).decode(), self.namespace)
        self.assertIn(b"BEGIN CERTIFICATE", base64.b64decode(data["ca.crt"]))
        self.assertIn(f"system:serviceaccount:{self.namespace}:bot", self.told(token, "auth", "whoami"))
        self.kubectl("delete", "serviceaccount", "bot")
        self.assertIn("Unauthorized", self.bearer(token, "auth", "whoami").stderr)
        wait_for(lambda: "NotFound" in self.up.kubectl("get", "secret", "old", "-n", self.namespace).stderr, "the secret's end", 10)

    def test_a_pod_gets_the_token_of_its_account(self):
        self.kubectl("run", "p", "--image=busybox:1.35")
        pod = self.get("pod", "p")["spec"]
        volume = pod["volumes"][0]["name"]
        self.assertRegex(volume, "^kube-api-access-[a-z0-9]{5}$")
        self.assertEqual(pod["containers"][0]["volumeMounts"],
                         [{"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": volume, "readOnly": True}])
        self.assertIn('error looking up service account', self.refused(
            "run", "q", "--image=busybox:1.35", '--overrides={"spec":{"serviceAccountName":"gone"}}'))
        self.kubectl("patch", "serviceaccount", "default", "-p", '{"automountServiceAccountToken":false}')
        self.kubectl("run", "r", "--image=busybox:1.35")
        self.assertNotIn("volumes", self.get("pod", "r")["spec"])

    def events(self, **wanted):
        """The audit log's events whose members (by path, with __ for a step) have these values."""
        def value(event, path):
            for step in path.split("__"):
                event = event.get(step, {}) if isinstance(event, dict) else {}
            return event
        with open(self.audit) as file:
            events = [json.loads(line) for line in file]
        return [e for e in events if all(value(e, path) == v for path, v in wanted.items())]

    def test_what_is_asked_is_written_down(self):
        self.kubectl("create", "secret", "generic", "s", "--from-literal=a=b")
        self.kubectl("create", "configmap", "c", "--from-literal=a=b")
        self.bearer("tok-bob", "delete", "configmap", "c")
        self.bearer("tok-bob", "get", "secret", "s", "--as=jane")
        mine = {"objectRef__namespace": self.namespace}
        secret, = self.events(objectRef__resource="secrets", verb="create", **mine)
        self.assertEqual((secret["level"], secret["stage"], secret["responseStatus"]["code"], secret["sourceIPs"]),
                         ("Metadata", "ResponseComplete", 201, ["127.0.0.1"]))
        self.assertNotIn("requestObject", secret)
        made, = self.events(objectRef__resource="configmaps", verb="create", user__username="kubernetes-admin", **mine)
        self.assertEqual((made["requestObject"]["data"], made["annotations"]["authorization.k8s.io/decision"]), ({"a": "b"}, "allow"))
        refused, = self.events(objectRef__resource="configmaps", verb="delete", user__username="bob", **mine)
        self.assertEqual((refused["responseStatus"]["code"], refused["annotations"]["authorization.k8s.io/decision"],
                          refused["objectRef"]["name"]), (403, "forbid", "c"))
        played, = self.events(objectRef__resource="secrets", user__username="bob", **mine)
        self.assertEqual((played["responseStatus"]["code"], played["annotations"]["authorization.k8s.io/decision"]), (403, "forbid"))
        self.assertEqual(self.events(user__username="system:node:node1"), [])

    def test_who_is_not_known_is_written_down_and_counted(self):
        self.assertIn("Unauthorized", self.bearer("tok-nobody", "get", "--raw", "/api/v1/namespaces/default/pods/unseen").stderr)
        found, = self.events(requestURI="/api/v1/namespaces/default/pods/unseen")
        self.assertEqual((found["stage"], found["responseStatus"]["code"], found["responseStatus"]["message"]),
                         ("ResponseStarted", 401, "Authentication failed, attempted: bearer"))
        self.assertNotIn("annotations", found)
        metrics = self.kubectl("get", "--raw", "/metrics")
        self.assertRegex(metrics, r'apiserver_request_total\{verb="GET",.*resource="pods",.*code="401"\} [1-9]')
        self.assertRegex(metrics, r'authentication_attempts\{result="failure"\} [1-9]')

    def test_a_watch_counts_its_events(self):
        self.kubectl("get", "--raw", f"/api/v1/namespaces/{self.namespace}/configmaps?watch=1&timeoutSeconds=1")
        metrics = self.kubectl("get", "--raw", "/metrics")
        self.assertRegex(metrics, r'apiserver_watch_events_total\{group="",version="v1",kind="ConfigMap"\} [1-9]')
        self.assertRegex(metrics, r'apiserver_watch_events_sizes_bucket\{group="",version="v1",kind="ConfigMap",le="131072"\} [1-9]')

    def test_a_node_reads_only_what_its_pods_need(self):
        node = ("--as=system:node:node1", "--as-group=system:nodes")
        self.kubectl("create", "secret", "generic", "mine", "--from-literal=a=b")
        self.kubectl("create", "secret", "generic", "others", "--from-literal=a=b")
        self.kubectl("run", "p", "--image=busybox:1.35", "--overrides", json.dumps({"spec": {
            "nodeName": "node1", "volumes": [{"name": "s", "secret": {"secretName": "mine"}}]}}))
        self.kubectl("get", "secret", "mine", *node)
        self.assertIn("no relationship found between node 'node1' and this object", self.refused("get", "secret", "others", *node))
        self.assertIn("no relationship found", self.refused("get", "secret", "mine", "--as=system:node:node2",
                                                            "--as-group=system:nodes"))
        self.assertIn("can only read resources of this type", self.refused("delete", "secret", "mine", *node))
        self.assertIn("cannot read 'node2', only its own Node object", self.refused("get", "node", "node2", *node))
        self.assertIn("is not allowed to modify node", self.refused(
            "create", "-f", "-", *node, input='{"apiVersion":"v1","kind":"Node","metadata":{"name":"node3"}}'))
        self.assertIn("node requested token not bound to a pod", self.refused("create", "token", "default", *node))

    def test_headers_of_a_front_mean_nothing(self):
        request = urllib.request.Request(f"{self.server}/api/v1/pods", headers={
            "X-Remote-User": "admin", "X-Remote-Group": "system:masters"})
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, context=ssl.create_default_context(cafile=self.ca))
        self.assertEqual(refused.exception.code, 403)
        self.assertIn("system:anonymous", refused.exception.read().decode())

    def test_the_keys_are_published(self):
        token = self.token("default")
        configuration = json.loads(self.told(token, "get", "--raw", "/.well-known/openid-configuration"))
        self.assertEqual(configuration["issuer"], claims(token)["iss"])
        keys = json.loads(self.told(token, "get", "--raw", "/openid/v1/jwks"))["keys"]
        header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
        self.assertEqual([key["kid"] for key in keys], [header["kid"]])
        self.forbidden(self.bearer("tok-bob", "get", "--raw", "/openid/v1/jwks"))

    def test_a_deleted_default_role_comes_back_with_the_next_start(self):
        self.kubectl("delete", "clusterrole", "system:basic-user")
        self.assertIn("do not have permission", self.bearer("tok-bob", "auth", "whoami").stderr)
        self.up.kill_and_restart()
        self.told("tok-bob", "auth", "whoami")


if __name__ == "__main__":
    spec.main()
