"""HTTP extenders of a KubeSchedulerConfiguration, as a small server of the tests: what they say, and what they fail to say."""
import json
import os
import ssl
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import wait_for
from local import NamespaceTest
from test_pod_groups import DEFINITION, GROUP
from webhooks import self_signed

FOLDER = tempfile.TemporaryDirectory()
FILE = f"{FOLDER.name}/scheduler.yaml"


class Extender:
    """Answers verbs by `handlers`: functions from what was asked to an answer; an integer is a code."""

    def __init__(self, certificate=None):
        self.handlers, self.asked = {}, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                verb = self.path.rsplit("/", 1)[1]
                outer.asked.append((verb, asked))
                made = outer.handlers[verb](asked)
                code, body = (made, b"no") if isinstance(made, int) else (200, json.dumps(made).encode())
                try:
                    self.send_response(code)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True  # the scheduler lost patience

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server.server_address[1]}/scheduler"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def names(asked):
    return asked["NodeNames"] if asked["NodeNames"] is not None else [n["metadata"]["name"] for n in asked["Nodes"]["items"]]


MANAGED = ("example.com/strict", "example.com/easy", "example.com/bound", "example.com/secret", "example.com/picky",
           "example.com/choosy")


class Extenders(NamespaceTest):
    flags = ("--store", "memory", "--scheduler-config", FILE)
    nodes = 3

    @classmethod
    def setUpClass(cls):
        cls.strict, cls.easy, cls.binder = Extender(), Extender(), Extender()
        certificate = self_signed(FOLDER.name, "DNS:extender.example")
        cls.secret = Extender(certificate)
        cls.picky, cls.picky_by_name = Extender(), Extender()

        def extender(server, resource, **more):
            return {"urlPrefix": server.url, "httpTimeout": "1s", "managedResources": [{"name": resource, "ignoredByScheduler": True}],
                    **more}
        with open(FILE, "w", encoding="utf-8") as file:
            yaml.safe_dump({"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration", "extenders": [
                extender(cls.strict, MANAGED[0], filterVerb="filter", prioritizeVerb="prioritize", weight=10, nodeCacheCapable=True),
                extender(cls.easy, MANAGED[1], filterVerb="filter", ignorable=True),
                extender(cls.binder, MANAGED[2], bindVerb="bind"),
                extender(cls.picky, MANAGED[4], preemptVerb="preempt"),
                extender(cls.picky_by_name, MANAGED[5], preemptVerb="preempt", nodeCacheCapable=True),
                extender(cls.secret, MANAGED[3], filterVerb="filter", enableHTTPS=True, tlsConfig={
                    "serverName": "extender.example", "caFile": certificate[0]})]}, file)
        super().setUpClass()

    def asking(self, name, resource):
        amounts = {resource: "1"}
        return pod(name, container={"resources": {"requests": amounts, "limits": amounts}})

    def node_of(self, name):
        return self.get("pod", name)["spec"].get("nodeName")

    def placed(self, name):
        wait_for(lambda: self.node_of(name), f"{name} is on a node")
        return self.node_of(name)

    def said(self, name, message):
        wait_for(lambda: message in self.kubectl("describe", "pod", name), f"{name} is told {message}")

    def test_an_extender_filters_and_scores(self):
        self.strict.handlers = {
            "filter": lambda asked: {"NodeNames": [n for n in names(asked) if n != "node1"],
                                     "FailedNodes": {"node1": "node(s) were not to its taste"}},
            "prioritize": lambda asked: [{"Host": n, "Score": 10 if n == "node3" else 0} for n in names(asked)]}
        self.create(*(self.asking(f"liked{i}", MANAGED[0]) for i in range(3)))
        for i in range(3):
            self.assertEqual(self.placed(f"liked{i}"), "node3")
        verb, asked = self.strict.asked[0]
        self.assertEqual(verb, "filter")
        self.assertEqual(asked["Pod"]["metadata"]["namespace"], self.namespace)
        self.assertEqual(sorted(asked["NodeNames"]), ["node1", "node2", "node3"])
        # Pods that it does not manage are none of its business.
        before = len(self.strict.asked)
        self.create(pod("plain"))
        self.placed("plain")
        self.assertEqual(len(self.strict.asked), before)

    def test_what_it_refuses_is_explained_and_tried_again(self):
        self.strict.handlers = {"filter": lambda asked: {"NodeNames": [], "FailedNodes": {n: "no" for n in names(asked)}}}
        self.create(self.asking("refused", MANAGED[0]))
        self.said("refused", "0/3 nodes are available: 3 no.")
        self.strict.handlers = {"filter": lambda asked: {"NodeNames": names(asked)}, "prioritize": lambda asked: []}
        self.kubectl("label", "node", "node2", "changed=yes")
        self.placed("refused")

    def test_an_extender_that_fails_or_lies_or_hangs_holds_up_nobody_else(self):
        for i, (handler, message) in enumerate([
                (lambda asked: 500, f"failed filter with extender at URL {self.strict.url}/filter, code 500"),
                (lambda asked: {"Error": "it is Sunday"}, "it is Sunday"),
                (lambda asked: {"NodeNames": ["node9"]}, f'extender "{self.strict.url}" claims a filtered node "node9" which is '
                 "not found in the input node list"),
                (lambda asked: time.sleep(3), f'Post "{self.strict.url}/filter": ')]):
            self.strict.handlers = {"filter": handler}
            name = f"unlucky{i}"
            self.create(self.asking(name, MANAGED[0]), pod(f"lucky{i}"))
            self.placed(f"lucky{i}")
            self.said(name, message)
            self.assertIsNone(self.node_of(name))
            conditions = self.get("pod", name)["status"]["conditions"]
            self.assertEqual([c["reason"] for c in conditions if c["type"] == "PodScheduled"], ["SchedulerError"])
            self.kubectl("delete", "pod", name, "--wait=false")

    def test_one_that_may_be_ignored_is_ignored_when_it_fails(self):
        self.easy.handlers = {"filter": lambda asked: 503}
        self.create(self.asking("anyhow", MANAGED[1]))
        self.placed("anyhow")
        self.easy.handlers = {"filter": lambda asked: {"Nodes": {"items": [n for n in asked["Nodes"]["items"]
                                                                           if n["metadata"]["name"] == "node2"]}}}
        self.create(self.asking("chosen", MANAGED[1]))
        self.assertEqual(self.placed("chosen"), "node2")

    def test_one_over_https_is_trusted_by_its_authority_and_name(self):
        self.secret.handlers = {"filter": lambda asked: asked}
        self.create(self.asking("trusted", MANAGED[3]))
        self.placed("trusted")
        self.assertEqual([verb for verb, _ in self.secret.asked], ["filter"])

    def test_extenders_have_a_say_in_preemption(self):
        self.kubectl("create", "priorityclass", "urgent", "--value=1000")
        self.addCleanup(self.kubectl, "delete", "priorityclass", "urgent")
        cpus = int(self.get("node", "node1")["status"]["allocatable"]["cpu"])
        room = {"resources": {"requests": {"cpu": f"{cpus * 1000 - 500}m"}}}
        self.create(*(pod(f"low{i}", nodeName=f"node{i}", container=room) for i in (1, 2, 3)))
        for i in (1, 2, 3):
            wait_for(lambda name=f"low{i}": self.get("pod", name)["status"]["phase"] == "Running", f"low{i} runs")

        def without(node):
            def preempt(asked):
                key = "NodeNameToVictims" if asked["NodeNameToVictims"] is not None else "NodeNameToMetaVictims"
                return {"NodeNameToMetaVictims": {name: {
                    "Pods": [{"UID": p["UID"] if "UID" in p else p["metadata"]["uid"]} for p in victims["Pods"]],
                    "NumPDBViolations": victims["NumPDBViolations"]} for name, victims in asked[key].items() if name != node}}
            return preempt
        self.picky.handlers = {"preempt": lambda asked: {"NodeNameToMetaVictims": {"node1": {"Pods": [{"UID": "nobody"}]}}}}
        self.picky_by_name.handlers = {"preempt": without("node3")}
        urgent = pod("urgent", priorityClassName="urgent", container={"resources": {
            "requests": {**room["resources"]["requests"], MANAGED[4]: "1", MANAGED[5]: "1"},
            "limits": {MANAGED[4]: "1", MANAGED[5]: "1"}}})
        self.create(urgent)
        self.said("urgent", "claims to preempt pod (UID: nobody) on node: node1, but the pod is not found on that node")
        self.assertEqual(len(self.get("pods")["items"]), 4)
        self.picky.handlers = {"preempt": without("node1")}
        self.kubectl("label", "node", "node1", "again=yes")
        self.kubectl("create", "-f", "-", input=json.dumps(pod("passing")))  # its end wakes those that wait for room
        self.placed("passing")
        self.kubectl("delete", "pod", "passing", "--wait=false")
        self.assertEqual(self.placed("urgent"), "node2")
        self.assertEqual(sorted(self.picky.asked[0][1]["NodeNameToVictims"]), ["node1", "node2", "node3"])
        self.assertEqual(sorted(self.picky_by_name.asked[-1][1]["NodeNameToMetaVictims"]), ["node2", "node3"])

    def test_pods_of_a_gang_are_asked_about_and_go_together(self):
        self.create(DEFINITION)
        self.kubectl("wait", "--for=condition=Established", f"crd/{DEFINITION['metadata']['name']}", "--timeout=30s")
        self.create({"apiVersion": f"{GROUP}/v1alpha1", "kind": "PodGroup", "metadata": {"name": "trio"}, "spec": {"minMember": 3}})
        members = [self.asking(f"member{i}", MANAGED[0]) for i in range(2)] + [pod("member2")]
        for m in members:
            m["metadata"]["labels"] = {f"{GROUP}/pod-group": "trio"}
        all_names = [m["metadata"]["name"] for m in members]

        def refuse(name):
            return {"filter": lambda asked: {"NodeNames": [] if asked["Pod"]["metadata"]["name"] == name else ["node2"]},
                    "prioritize": lambda asked: []}
        self.strict.handlers = refuse("member1")
        self.create(*members)
        wait_for(lambda: "needs 3 pods placed at once, there is room for 2" in self.kubectl("describe", "pods"), "they are told")
        self.assertEqual([self.node_of(name) for name in all_names], [None] * 3)
        self.strict.handlers = {"filter": lambda asked: 500}
        self.kubectl("label", "node", "node1", "woken=yes")
        self.said("member2", f"failed filter with extender at URL {self.strict.url}/filter, code 500")
        self.assertEqual([self.node_of(name) for name in all_names], [None] * 3)
        self.strict.handlers = refuse("nobody")
        self.assertEqual([self.placed(name) for name in all_names[:2]], ["node2"] * 2)
        self.placed("member2")
        self.assertNotIn("member2", [asked["Pod"]["metadata"]["name"] for _, asked in self.strict.asked])

    def test_an_extender_binds_by_itself(self):
        def bind(asked):
            done = self.up.kubectl("create", "--raw", f"/api/v1/namespaces/{asked['PodNamespace']}/pods/{asked['PodName']}/binding",
                                   "-f", "-", input=json.dumps({
                                       "apiVersion": "v1", "kind": "Binding", "metadata": {"name": asked["PodName"], "uid": asked["PodUID"]},
                                       "target": {"apiVersion": "v1", "kind": "Node", "name": asked["Node"]}}))
            return {"Error": done.stderr if done.returncode else ""}
        self.binder.handlers = {"bind": lambda asked: {"Error": "not today"}}
        self.create(self.asking("bound", MANAGED[2]))
        self.said("bound", "not today")
        self.binder.handlers = {"bind": bind}
        self.placed("bound")
        self.said("bound", "Successfully assigned")


if __name__ == "__main__":
    spec.main()
