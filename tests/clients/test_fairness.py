"""API priority and fairness: what a greedy user leaves to others."""
import base64
import http.client
import json
import os
import ssl
import sys
import tempfile
import threading
import time

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from local import UpTest

TOKENS = 'greedy-token,greedy,1,"team"\nmodest-token,modest,2,"team"\n'


class Fairness(UpTest):
    nodes = 1

    @classmethod
    def setUpClass(cls):
        with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as file:
            file.write(TOKENS)
        cls.addClassCleanup(os.unlink, file.name)
        cls.flags = ("--token-auth-file", file.name, "--authorization-mode", "AlwaysAllow", "--max-requests-inflight", "40",
                     "--max-mutating-requests-inflight", "20")
        super().setUpClass()
        with open(cls.up.kubeconfig) as config:
            cluster = yaml.safe_load(config)["clusters"][0]["cluster"]
        cls.host = cluster["server"].removeprefix("https://")
        cls.context = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        for i in range(20):
            cls.up.kubectl("create", "-f", "-", input=json.dumps(
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"big{i}"}, "data": {"x": "y" * 50000}}))

    def connect(self):
        return http.client.HTTPSConnection(self.host, context=self.context, timeout=60)

    def ask(self, connection, token, method, path, body=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request(method, path, body and json.dumps(body), {**headers, "Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer

    def test_a_schema_without_its_level_is_said_to_dangle(self):
        self.assertEqual({c["status"] for s in self.get("flowschemas")["items"] for c in s["status"]["conditions"]}, {"False"})
        self.kubectl("apply", "-f", "-", input=json.dumps(
            {"apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "FlowSchema", "metadata": {"name": "lost"},
             "spec": {"priorityLevelConfiguration": {"name": "gold"}, "matchingPrecedence": 9000}}))
        self.kubectl("wait", "--for=condition=Dangling", "flowschema/lost", "--timeout=10s")
        self.kubectl("apply", "-f", "-", input=json.dumps(
            {"apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "PriorityLevelConfiguration", "metadata": {"name": "gold"},
             "spec": {"type": "Limited", "limited": {"limitResponse": {"type": "Reject"}}}}))
        self.kubectl("wait", "--for=condition=Dangling=false", "flowschema/lost", "--timeout=10s")
        self.kubectl("delete", "flowschema/lost", "prioritylevelconfiguration/gold")

    def test_every_answer_names_its_schema_and_level(self):
        found = {}
        for kind in ("flowschemas", "prioritylevelconfigurations"):
            for item in self.get(kind)["items"]:
                found[item["metadata"]["uid"]] = item["metadata"]["name"]
        for token, path, schema, level in (("modest-token", "/api/v1/nodes", "global-default", "global-default"),
                                           ("modest-token", "/version", "global-default", "global-default"),
                                           ("", "/healthz", "probes", "exempt")):
            answer = self.ask(self.connect(), token, "GET", path)
            self.assertEqual(answer.status, 200)
            self.assertEqual(found[answer.headers["X-Kubernetes-PF-FlowSchema-UID"]], schema)
            self.assertEqual(found[answer.headers["X-Kubernetes-PF-PriorityLevel-UID"]], level)

    def test_the_defaults_are_there(self):
        self.assertEqual(len(self.get("flowschemas")["items"]), 13)
        self.assertEqual(len(self.get("prioritylevelconfigurations")["items"]), 8)

    def flood(self, threads, method, path, body=None):
        """So many connections that each ask without a pause; returns how to stop them and what they saw."""
        seen, stop = {}, threading.Event()

        def one(number):
            connection = self.connect()
            turn = 0
            while not stop.is_set():
                turn += 1
                made = body and body(f"{number}-{turn}")
                try:
                    code = self.ask(connection, "greedy-token", method, path, made).status
                except OSError:
                    connection = self.connect()
                    code = 0
                seen[code] = seen.get(code, 0) + 1
        running = [threading.Thread(target=one, args=(i,), daemon=True) for i in range(threads)]
        for thread in running:
            thread.start()

        def end():
            stop.set()
            for thread in running:
                thread.join(60)
            return seen
        return end

    def modest_writes(self, seconds, prefix):
        """Latencies of another user's small writes."""
        connection, times, end = self.connect(), [], time.monotonic() + seconds
        while time.monotonic() < end:
            began = time.monotonic()
            answer = self.ask(connection, "modest-token", "POST", "/api/v1/namespaces/default/configmaps",
                              {"metadata": {"name": f"{prefix}{len(times)}"}})
            self.assertEqual(answer.status, 201)
            times.append(time.monotonic() - began)
            time.sleep(0.02)
        return sorted(times)

    def under(self, name, *flood):
        end = self.flood(*flood)
        try:
            time.sleep(1)
            times = self.modest_writes(4, f"{name}-")
            began = time.monotonic()
            self.assertEqual(self.ask(self.connect(), "", "GET", "/readyz").status, 200)
            health = time.monotonic() - began
        finally:
            seen = end()
        p99 = times[int(len(times) * 0.99)]
        print(f"        {name}: greedy {seen}; modest {len(times)} writes, p50 {times[len(times) // 2] * 1e3:.0f} ms, "
              f"p99 {p99 * 1e3:.0f} ms; readyz {health * 1e3:.0f} ms")
        self.assertLess(p99, 1)
        self.assertLess(health, 2)

    def test_large_lists_of_one_leave_room_for_writes_of_another(self):
        self.under("lists", 64, "GET", "/api/v1/namespaces/default/configmaps")

    def test_writes_of_one_leave_room_for_writes_of_another(self):
        self.under("writes", 64, "POST", "/api/v1/namespaces/default/configmaps", lambda turn: {"metadata": {"name": f"greedy-{turn}"}})

    def test_a_level_without_queues_refuses(self):
        self.kubectl("apply", "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "PriorityLevelConfiguration", "metadata": {"name": "tight"},
             "spec": {"type": "Limited", "limited": {"nominalConcurrencyShares": 1, "limitResponse": {"type": "Reject"}}}},
            {"apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "FlowSchema", "metadata": {"name": "tight"},
             "spec": {"priorityLevelConfiguration": {"name": "tight"}, "matchingPrecedence": 10, "rules": [
                 {"subjects": [{"kind": "User", "user": {"name": "greedy"}}],
                  "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["secrets"], "namespaces": ["*"]}]}]}}]}))
        end = self.flood(16, "POST", "/api/v1/namespaces/default/secrets", lambda turn: {"metadata": {"name": f"s-{turn}"}})
        time.sleep(2)
        seen = end()
        self.assertEqual(set(seen) - {201, 429}, set(), seen)
        self.assertGreater(seen.get(201, 0), 0)
        self.assertGreater(seen.get(429, 0), 0)
        self.kubectl("delete", "flowschema/tight", "prioritylevelconfiguration/tight")


if __name__ == "__main__":
    spec.main()
