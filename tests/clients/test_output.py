"""What kubectl prints: the server's columns for every kind, and kubectl's own output formats over them."""
import json
import os
import sys

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import condition, pod
from hosts import wait_for
from kinds import KINDS, SELECTOR, TEMPLATE, argument, manifest
from local import NamespaceTest, columns


class Output(NamespaceTest):
    def lines(self, *args):
        return self.kubectl("get", *args).splitlines()

    def header(self, *args):
        return [name.replace(" ", "_") for name in columns(self.lines(*args)[0])]

    def test_columns_of_every_kind(self):
        for entry in KINDS:
            _, kind, _, header, wide, cells = entry
            with self.subTest(kind):
                name = f"out-{kind.lower()}"
                self.create(manifest(entry))
                self.assertEqual(self.header(argument(entry), name), header.split())
                self.assertEqual(self.header(argument(entry), name, "-o", "wide"), header.split() + wide.split())
                row = columns(self.lines(argument(entry), name)[1])
                self.assertEqual(row[0], name)
                for expected, cell in zip(cells, row[1:]):
                    if expected is not None:
                        self.assertEqual(cell, expected, row)

    def test_columns_of_pods_nodes_and_events(self):
        self.create(pod("a"))
        wait_for(lambda: condition(self.get("pod", "a"), "Ready") == "True", "a is Ready")
        self.assertEqual(self.header("pods"), "NAME READY STATUS RESTARTS AGE".split())
        self.assertEqual(self.header("pods", "-o", "wide")[5:], "IP NODE NOMINATED_NODE READINESS_GATES".split())
        self.assertEqual(self.header("nodes"), "NAME STATUS ROLES AGE VERSION".split())
        self.assertEqual(self.header("nodes", "-o", "wide")[5:],
                         "INTERNAL-IP EXTERNAL-IP OS-IMAGE KERNEL-VERSION CONTAINER-RUNTIME".split())
        wait_for(lambda: "Scheduled" in self.kubectl("get", "events"), "an event")
        events = "LAST_SEEN TYPE REASON OBJECT MESSAGE".split()
        self.assertEqual(self.header("events"), events)
        self.assertEqual(self.header("events.events.k8s.io"), events)
        self.assertEqual(self.header("events", "-o", "wide"),
                         "LAST_SEEN TYPE REASON OBJECT SUBOBJECT SOURCE MESSAGE FIRST_SEEN COUNT NAME".split())

    def test_get_all(self):
        for index, replicas in enumerate((0, 1)):
            self.create({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": f"r{index}"},
                         "spec": {"replicas": 0, "selector": SELECTOR, "template": TEMPLATE}})
        self.create(pod("a", schedulerName="nobody"))
        shown = self.kubectl("get", "all")
        self.assertIn("pod/a ", shown)
        self.assertIn("replicaset.apps/r1 ", shown)
        self.assertEqual([line.split()[0] for line in shown.splitlines() if line and not line.startswith("NAME")],
                         ["pod/a", "replicaset.apps/r0", "replicaset.apps/r1"])

    def test_kubectls_own_formats(self):
        for name, number in (("a", "3"), ("b", "1"), ("c", "2")):
            self.create({"apiVersion": "v1", "kind": "ConfigMap", "data": {"number": number},
                         "metadata": {"name": name, "labels": {"app": f"app-{name}", "tier": "back"}}})
        chosen = ("configmaps", "-l", "tier=back")
        self.assertEqual(self.lines(*chosen, "-o", "name"), ["configmap/a", "configmap/b", "configmap/c"])
        self.assertEqual([line.split() for line in self.lines(*chosen, "-o", "custom-columns=WHO:.metadata.name,N:.data.number")],
                         [["WHO", "N"], ["a", "3"], ["b", "1"], ["c", "2"]])
        self.assertEqual(self.kubectl("get", *chosen, "-o", "jsonpath={range .items[*]}{.metadata.name}={.data.number};{end}"), "a=3;b=1;c=2;")
        self.assertEqual(self.kubectl("get", *chosen, "-o", "go-template={{range .items}}{{.metadata.name}} {{end}}"), "a b c ")
        self.assertEqual([line.split()[0] for line in self.lines(*chosen, "--sort-by", ".data.number", "--no-headers")], ["b", "c", "a"])
        labels = self.lines(*chosen, "--show-labels")
        self.assertEqual(columns(labels[0])[-1], "LABELS")
        self.assertTrue(labels[1].endswith("app=app-a,tier=back"))
        column = self.lines(*chosen, "-L", "app")
        self.assertEqual([columns(line)[-1] for line in column], ["APP", "app-a", "app-b", "app-c"])
        self.assertEqual(len(self.get(*chosen)["items"]), 3)
        self.assertEqual(len(yaml.safe_load(self.kubectl("get", *chosen, "-o", "yaml"))["items"]), 3)
        self.assertIn("NAMESPACE", self.lines("configmaps", "-A")[0])
        self.assertEqual(self.lines("configmaps", "a", "--no-headers", "--show-kind")[0].split()[0], "configmap/a")

    def test_raw_forms(self):
        self.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
        path = f"/api/v1/namespaces/{self.namespace}/configmaps/a"
        self.assertEqual(json.loads(self.kubectl("get", "--raw", path))["metadata"]["name"], "a")
        self.assertTrue(self.kubectl("get", "--raw", path + "?pretty=true").startswith('{\n  "'))


if __name__ == "__main__":
    spec.main()
