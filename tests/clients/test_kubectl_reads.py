"""kubectl's commands that read: get in its forms, watches, events, explain, discovery and completion."""
import json
import os
import sys

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import wait_for
from local import UpTest, columns

LABELS = {"app": "x"}


def workload(kind, name, **more):
    own = {"app": name}
    template = {"metadata": {"labels": own}, "spec": {"containers": [{"name": "main", "image": "web:1"}]}}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "labels": LABELS},
            "spec": {"selector": {"matchLabels": own}, "template": template, **more}}


class Reads(UpTest):
    """The cases share objects that none of them changes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": LABELS}, "data": {"number": number}}
                for name, number in (("a", "2"), ("b", "1"), ("c", "3"))]
        made += [workload("Deployment", "d"), workload("ReplicaSet", "r", replicas=0), workload("StatefulSet", "s", replicas=0),
                 pod("p", labels=LABELS),
                 {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}, "spec": {"minAvailable": 1}},
                 {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h"}, "spec": {
                     "maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}}},
                 {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "net"}},
                 {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "i"},
                  "spec": {"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}}}]
        cls.file = f"{cls.up.folder}/made.yaml"
        with open(cls.file, "w") as file:
            yaml.safe_dump_all(made, file)
        done = cls.up.kubectl("create", "-f", cls.file)
        assert done.returncode == 0, done.stderr

    def template(self, text):
        with open(f"{self.up.folder}/template", "w") as file:
            file.write(text)
        return file.name

    def test_formats_from_files(self):
        chosen = ("get", "configmaps", "-l", "app=x")
        self.assertEqual(self.kubectl(*chosen, "-o", f"jsonpath-file={self.template('{.items[*].data.number}')}"), "2 1 3")
        self.assertEqual(self.kubectl(*chosen, "-o", f"go-template-file={self.template('{{len .items}}')}"), "3")
        shown = self.kubectl(*chosen, "-o", f"custom-columns-file={self.template('NAME N' + chr(10) + '.metadata.name .data.number')}")
        self.assertEqual([line.split() for line in shown.splitlines()], [["NAME", "N"], ["a", "2"], ["b", "1"], ["c", "3"]])
        self.assertEqual(json.loads(self.kubectl(*chosen, "-o", "jsonpath-as-json={.items[*].data.number}")), ["2", "1", "3"])

    def test_several_kinds_and_names(self):
        self.assertEqual(self.kubectl("get", "configmaps,deployments,rs", "-l", "app=x", "-o", "name").split(),
                         ["configmap/a", "configmap/b", "configmap/c", "deployment.apps/d", "replicaset.apps/r"])
        self.assertEqual(self.kubectl("get", "deployment/d", "cm/a", "-o", "name").split(), ["deployment.apps/d", "configmap/a"])
        mixed = self.up.kubectl("get", "configmap", "a", "z", "--no-headers")
        self.assertEqual((mixed.stdout.split()[0], mixed.stderr), ("a", 'Error from server (NotFound): configmaps "z" not found\n'))
        self.assertEqual(self.up.kubectl("get", "configmap", "z", "--ignore-not-found").stdout, "")
        self.assertEqual(self.up.kubectl("get", "pods", "-l", "app=none").stderr, "No resources found in default namespace.\n")
        self.assertIn('namespaces "none" not found', self.refused("get", "configmap", "a", "-n", "none"))
        self.assertIn("the server doesn't have a resource type \"nope\"", self.refused("get", "nope"))
        self.assertEqual(len(self.kubectl("get", "-f", self.file, "-o", "name").split()), 11)
        everything = self.kubectl("get", "all", "--no-headers", "-o", "name").split()
        for name in ("pod/p", "deployment.apps/d", "replicaset.apps/r", "statefulset.apps/s", "horizontalpodautoscaler.autoscaling/h"):
            self.assertIn(name, everything)

    def test_selecting_and_sorting(self):
        names = lambda *args: [line.split()[0] for line in self.kubectl("get", "configmaps", "-l", "app=x", "--no-headers", *args).splitlines()]
        self.assertEqual(names("--sort-by=.data.number"), ["b", "a", "c"])
        self.assertEqual(names("--chunk-size=1"), ["a", "b", "c"])
        self.assertEqual(names("--field-selector", "metadata.name!=a"), ["b", "c"])
        self.assertEqual(names("--server-print=false"), ["a", "b", "c"])
        self.assertIn('"n" is not a known field selector: only "metadata.name", "metadata.namespace"',
                      self.refused("get", "configmaps", "--field-selector", "n=1"))
        self.assertIn("unable to parse requirement", self.refused("get", "configmaps", "-l", "a in"))

    def test_subresources(self):
        self.kubectl("rollout", "status", "deployment/d", "--timeout=30s")
        scale = self.kubectl("get", "deployment", "d", "--subresource=scale").splitlines()
        self.assertEqual([columns(line)[:3] for line in scale], [["NAME", "DESIRED", "AVAILABLE"], ["d", "1", "1"]])
        self.assertEqual(self.kubectl("get", "deployment", "d", "--subresource=scale", "-o", "jsonpath={.kind} {.status.selector}"), "Scale app=d")
        self.assertEqual(columns(self.kubectl("get", "deployment", "d", "--subresource=status").splitlines()[0])[1], "READY")

    def test_what_is_there_though_nobody_set_it(self):
        for what, path, value in (
                ("replicaset/r", "{.status.replicas}", "0"), ("statefulset/s", "{.status.availableReplicas}", "0"),
                ("statefulset/s", "{.spec.serviceName}", ""), ("networkpolicy/net", "{.spec}", '{"podSelector":{},"policyTypes":["Ingress"]}'),
                ("ingress/i", "{.status}", '{"loadBalancer":{}}'), ("hpa/h", "{.status.desiredReplicas}", "0")):
            with self.subTest(what + path):
                self.assertEqual(self.kubectl("get", what, "-o", f"jsonpath={path}"), value)

    def test_watches_that_end(self):
        shown = self.kubectl("get", "configmaps", "-l", "app=x", "-w", "--output-watch-events", "--request-timeout=1s").splitlines()
        self.assertEqual([columns(line)[:2] for line in shown], [["EVENT", "NAME"], ["ADDED", "a"], ["ADDED", "b"], ["ADDED", "c"]])
        self.assertEqual(self.kubectl("get", "configmap", "a", "--watch-only", "--request-timeout=1s"), "")
        one = self.kubectl("get", "configmap/a", "-w", "-o", "json", "--output-watch-events", "--request-timeout=1s")
        self.assertEqual((json.loads(one)["type"], json.loads(one)["object"]["kind"]), ("ADDED", "ConfigMap"))

    def test_versions_to_come(self):
        """What nobody has written yet is waited for, three seconds; a watch waits as long as it lasts."""
        place = f"{self.up.insecure}/api/v1/namespaces/default/configmaps"
        def ask(path):
            head, _, body = self.up.run("curl", "-s", "-i", place + path).stdout.partition("\n\n")
            return head.lower(), body
        for path in ("?resourceVersion=900000000", "?resourceVersion=900000000&resourceVersionMatch=Exact",
                     "?resourceVersion=900000000&limit=1", "/kube-root-ca.crt?resourceVersion=900000000"):
            with self.subTest(path):
                head, body = ask(path)
                self.assertIn(" 504 ", head)
                self.assertIn("retry-after: 1", head)
                status = json.loads(body)
                self.assertRegex(status["message"], r"^Timeout: Too large resource version: 900000000, current: [0-9]+$")
                self.assertEqual((status["reason"], status["details"]["retryAfterSeconds"]), ("Timeout", 1))
                self.assertEqual(status["details"]["causes"], [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}])
        head, body = ask("?watch=1&resourceVersion=900000000&allowWatchBookmarks=true&timeoutSeconds=2")
        self.assertIn(" 200 ", head)
        self.assertEqual(body, "", "no events, and no bookmark of a version that is none yet")
        # One that is to begin with what there is at that version can only say that there is none.
        head, body = ask("?watch=1&resourceVersion=900000000&sendInitialEvents=true&resourceVersionMatch=NotOlderThan")
        self.assertIn(" 200 ", head)
        event = json.loads(body)
        self.assertEqual((event["type"], event["object"]["code"], event["object"]["reason"]), ("ERROR", 504, "Timeout"))
        head, body = ask("?resourceVersion=99999999999999999999")
        self.assertIn(" 400 ", head)
        self.assertIn("value out of range", body)

    def test_events(self):
        wait_for(lambda: "Started" in self.kubectl("events", "--for", "pod/p"), "the pod's events")
        lines = self.kubectl("events", "--for", "pod/p", "--types=Normal", "--no-headers").splitlines()
        reasons = [columns(line)[2] for line in lines]
        # A scheduler's event has a time in microseconds, a kubelet's one in whole seconds: it may seem the later.
        self.assertIn("Scheduled", reasons)
        self.assertEqual([r for r in reasons if r != "Scheduled"], ["Pulling", "Pulled", "Created", "Started"])
        self.assertIn("No events found", self.up.kubectl("events", "--for", "pod/p", "--types=Warning").stderr)
        self.assertIn("Scheduled", self.kubectl("events", "-w", "--for", "pod/p", "--request-timeout=1s"))
        self.assertIn("LeaderElection", self.kubectl("events", "-A"))
        chosen = self.kubectl("get", "events", "--field-selector", "reason=Started,involvedObject.name=p", "--no-headers").splitlines()
        self.assertEqual([columns(line)[2:4] for line in chosen], [["Started", "pod/p"]])

    def test_explain(self):
        shown = self.kubectl("explain", "ingress.spec", "--recursive")
        self.assertIn("GROUP:      networking.k8s.io", shown)
        self.assertIn("\n      port\t<ServiceBackendPort>\n        name\t<string>\n", shown)
        self.assertIn("targetCPUUtilizationPercentage", self.kubectl("explain", "hpa.spec", "--api-version=autoscaling/v1"))
        self.assertIn("metrics\t<[]MetricSpec>", self.kubectl("explain", "hpa.spec"))
        old = self.kubectl("explain", "deployments.spec.strategy", "--output=plaintext-openapiv2", "--recursive")
        self.assertIn("RESOURCE: strategy <Object>", old)
        self.assertIn("   rollingUpdate\t<Object>\n      maxSurge\t<string>\n", old)
        self.assertIn("-required-", self.kubectl("explain", "crd.spec"))
        self.assertIn('field "nope" does not exist', self.refused("explain", "pod.nope"))
        self.assertIn("couldn't find resource", self.refused("explain", "deployment", "--api-version=apps/v2"))

    def test_the_clusters_dump(self):
        self.kubectl("cluster-info", "dump", "--namespaces=default", f"--output-directory={self.up.folder}/dump")
        with open(f"{self.up.folder}/dump/default/pods.json") as file:
            self.assertIn("p", [item["metadata"]["name"] for item in json.load(file)["items"]])
        self.assertTrue(os.path.exists(f"{self.up.folder}/dump/nodes.json"))
        self.assertTrue(os.path.exists(f"{self.up.folder}/dump/default/p/logs.txt"))

    def test_resources_and_completion(self):
        sorted_names = [line.split()[-1] for line in self.kubectl("api-resources", "--sort-by=kind", "--no-headers").splitlines()]
        self.assertEqual(sorted_names, sorted(sorted_names))
        self.assertEqual(self.kubectl("api-resources", "--categories=api-extensions", "-o", "name").split(),
                         ["mutatingwebhookconfigurations.admissionregistration.k8s.io",
                          "validatingadmissionpolicies.admissionregistration.k8s.io",
                          "validatingadmissionpolicybindings.admissionregistration.k8s.io",
                          "validatingwebhookconfigurations.admissionregistration.k8s.io",
                          "customresourcedefinitions.apiextensions.k8s.io", "apiservices.apiregistration.k8s.io"])
        completed = lambda *args: self.kubectl("__complete", *args).split(":")[0].split()
        self.assertEqual(completed("get", "configmap", ""), ["a", "b", "c", "kube-root-ca.crt"])
        self.assertEqual(completed("describe", "deploy", ""), ["d"])
        self.assertEqual(completed("scale", "deploy/"), ["deploy/d"])
        self.assertIn("kube-system", completed("get", "pods", "-n", ""))
        self.assertIn("configmaps", completed("get", "c"))


if __name__ == "__main__":
    spec.main()
