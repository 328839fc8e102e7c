"""APIServices: groups that another server serves, through kubectl, and those that are served here."""
import json
import os
import subprocess
import sys
import unittest

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from extension import Extension, status
from hosts import wait_for
from local import NamespaceTest, own_address, troupe

GROUP = "wardrobe.example.com"
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


class QueueLength(Extension):
    """A metrics server to which a queue is always 90 long."""

    def answer(self, handler, method, path, query, body):
        version = f"{self.group}/v1beta1"
        if path == f"/apis/{version}":
            return handler.reply(200, {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": []})
        if not path.endswith("/queue"):
            return handler.reply(404, status(404, "NotFound", "the server could not find the requested resource"))
        return handler.reply(200, {"kind": "ExternalMetricValueList", "apiVersion": version, "metadata": {}, "items": [
            {"metricName": "queue", "metricLabels": {}, "timestamp": "2024-01-01T00:00:00Z", "value": "90"}]})


class Aggregation(NamespaceTest):
    def apply(self, *objects):
        return self.kubectl("apply", "-f", "-", input=yaml.safe_dump_all(objects))

    def serve(self, of=Extension, group=GROUP):
        front_ca = self.get("cm", "-n", "kube-system", "extension-apiserver-authentication")["data"]["requestheader-client-ca-file"]
        server = of(group, own_address(), front_ca, f"DNS:widgets.{self.namespace}.svc")
        self.addCleanup(server.folder.cleanup)
        self.addCleanup(server.stop)
        return server

    def lead_to(self, server, **more):
        """A Service without a selector, where it leads, and the APIService."""
        self.apply({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "widgets"}, "spec": {"ports": [{"port": 443, "name": "https"}]}},
                   {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                    "metadata": {"name": "widgets-1", "labels": {"kubernetes.io/service-name": "widgets"}},
                    "endpoints": [{"addresses": [server.address], "conditions": {"ready": True}}],
                    "ports": [{"name": "https", "port": server.port, "protocol": "TCP"}]})
        self.register(caBundle=server.ca, **more)

    def register(self, group=GROUP, version="v1", **more):
        self.apply({"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": f"{version}.{group}"},
                    "spec": {"group": group, "version": version, "groupPriorityMinimum": 2000, "versionPriority": 10,
                             "service": {"namespace": self.namespace, "name": "widgets"}, **more}})
        self.addCleanup(self.up.kubectl, "delete", "apiservice", f"{version}.{group}", "--ignore-not-found")

    def condition(self):
        found = [c for c in self.get("apiservice", f"v1.{GROUP}").get("status", {}).get("conditions", []) if c["type"] == "Available"]
        return (found[0]["status"], found[0]["reason"], found[0]["message"]) if found else None

    def await_condition(self, status, reason):
        wait_for(lambda: (self.condition() or [])[:2] == (status, reason), f"{status} {reason}", 20)

    def widget(self, name):
        return {"apiVersion": f"{GROUP}/v1", "kind": "Widget", "metadata": {"name": name}}

    def groups(self):
        raw = self.up.run("curl", "-s", "-H", f"Accept: {AGGREGATED}", self.up.insecure + "/apis").stdout
        return {g["metadata"]["name"]: g["versions"] for g in json.loads(raw)["items"]}

    def test_an_autoscaler_follows_what_another_server_measures(self):
        group = "external.metrics.k8s.io"
        server = self.serve(QueueLength, group)
        self.lead_to(server, group=group, version="v1beta1")
        self.kubectl("wait", "--for=condition=Available", f"apiservice/v1beta1.{group}", "--timeout=20s")
        self.kubectl("create", "deployment", "workers", "--image=busybox")
        self.apply({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "workers"},
                    "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "workers"}, "maxReplicas": 5,
                             "metrics": [{"type": "External", "external": {
                                 "metric": {"name": "queue"}, "target": {"type": "AverageValue", "averageValue": "30"}}}]}})
        self.kubectl("wait", "--for=jsonpath={.status.desiredReplicas}=3", "hpa/workers", "--timeout=40s")
        self.assertIn(("GET", f"/apis/{group}/v1beta1/namespaces/{self.namespace}/queue",
                       "system:serviceaccount:kube-system:horizontal-pod-autoscaler"), [a[:3] for a in server.asked])

    def test_a_life(self):
        server = self.serve()
        self.lead_to(server)
        self.kubectl("wait", "--for=condition=Available", f"apiservice/v1.{GROUP}", "--timeout=20s")
        self.assertEqual(self.condition(), ("True", "Passed", "all checks passed"))
        self.assertIn(f"{self.namespace}/widgets", self.kubectl("get", "apiservices", f"v1.{GROUP}"))
        self.assertIn("wd", self.kubectl("api-resources", f"--api-group={GROUP}"))
        self.assertIn(f"{GROUP}/v1\n", self.kubectl("api-versions"))
        self.kubectl("create", "--validate=false", "-f", "-", input=yaml.safe_dump(self.widget("a")))
        self.assertEqual(self.get("widgets", "a")["metadata"]["uid"], "u2")
        self.assertIn("a ", self.kubectl("get", "wd"))
        # This server makes no tables.
        for output in ([], ["--no-headers"], ["-A"]):
            shown = self.up.troupe("get", "wd", "-n", self.namespace, *output)
            self.assertEqual(shown.stdout, self.kubectl("get", "wd", *output), shown.stderr)
        with subprocess.Popen([troupe(), "get", "wd", "-n", self.namespace, "-w"], stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "KUBECONFIG": self.up.kubeconfig}) as watch:
            self.assertEqual([watch.stdout.readline().split()[0] for _ in range(2)], ["NAME", "a"])
            self.kubectl("create", "--validate=false", "-f", "-", input=yaml.safe_dump(self.widget("later")))
            self.assertEqual(watch.stdout.readline().split()[0], "later")
            watch.kill()
        self.kubectl("delete", "widget", "later")
        self.assertIn(f'widgets.{GROUP} "none" not found', self.refused("get", "widget", "none"))
        asked = [a for a in server.asked if a[0] == "POST"][0]
        self.assertEqual(asked[2], "kubernetes-admin")
        self.assertEqual(asked[3], ["system:masters", "system:authenticated"])
        self.kubectl("get", "widgets", "--as=jane", "--as-group=tailors", "--as-group=system:masters")
        self.assertEqual(server.asked[-1][2:], ("jane", ["tailors", "system:masters", "system:authenticated"]))
        head = self.up.run("curl", "-s", "-o", "/dev/null", "-D", "-", "-H", "Audit-ID: one for both",
                           f"{self.up.insecure}/apis/{GROUP}/v1/widgets").stdout
        self.assertEqual([line for line in head.splitlines() if line.lower().startswith("audit-id")], ["Audit-Id: one for both"])
        # Who has no right does not get as far as the server.
        before = len(server.asked)
        self.assertIn("forbidden", self.refused("get", "--raw", f"/apis/{GROUP}/v1/widgets", "--as=jane"))
        self.assertEqual([a for a in server.asked[before:] if a[2] == "jane"], [])
        self.kubectl("delete", "widget", "a")
        self.assertEqual(self.get("widgets")["items"], [])

    def test_watch(self):
        server = self.serve()
        self.lead_to(server)
        self.await_condition("True", "Passed")
        watch = subprocess.Popen(["kubectl", "get", "--raw", f"/apis/{GROUP}/v1/namespaces/{self.namespace}/widgets?watch=true"],
                                 stdout=subprocess.PIPE, text=True, env={**os.environ, "KUBECONFIG": self.up.kubeconfig})
        self.addCleanup(watch.wait)
        self.addCleanup(watch.kill)
        wait_for(lambda: server.watchers, "the watch has arrived")
        for name in ("a", "b"):
            self.kubectl("create", "--validate=false", "-f", "-", input=yaml.safe_dump(self.widget(name)))
            event = json.loads(watch.stdout.readline())
            self.assertEqual((event["type"], event["object"]["metadata"]["name"]), ("ADDED", name))
        watch.stdout.close()
        watch.kill()
        watch.wait()
        # The next event finds that the reader has left.
        server.put(self.namespace, self.widget("c"))
        server.put(self.namespace, self.widget("d"))
        wait_for(lambda: server.put(self.namespace, self.widget("e")) and not server.watchers, "the watch has ended")

    def test_discovery(self):
        server = self.serve()
        self.lead_to(server)
        self.await_condition("True", "Passed")
        wait_for(lambda: GROUP in self.groups() and self.groups()[GROUP][0]["resources"], "it is in discovery")
        groups = self.groups()
        version = groups[GROUP][0]
        self.assertEqual((version["freshness"], version["resources"][0]["resource"], version["resources"][0]["scope"]),
                         ("Current", "widgets", "Namespaced"))
        # In the order of priorities: behind what is built in.
        self.assertLess(list(groups).index("flowcontrol.apiserver.k8s.io"), list(groups).index(GROUP))
        plain = json.loads(self.kubectl("get", "--raw", "/apis"))
        self.assertIn({"name": GROUP, "versions": [{"groupVersion": f"{GROUP}/v1", "version": "v1"}],
                       "preferredVersion": {"groupVersion": f"{GROUP}/v1", "version": "v1"}}, plain["groups"])
        self.assertEqual(json.loads(self.kubectl("get", "--raw", f"/apis/{GROUP}"))["kind"], "APIGroup")
        wait_for(lambda: f"apis/{GROUP}/v1" in json.loads(self.kubectl("get", "--raw", "/openapi/v3"))["paths"], "it is in OpenAPI")
        address = json.loads(self.kubectl("get", "--raw", "/openapi/v3"))["paths"][f"apis/{GROUP}/v1"]["serverRelativeURL"]
        self.assertEqual(json.loads(self.kubectl("get", "--raw", address))["info"]["title"], "widgets")
        self.kubectl("delete", "apiservice", f"v1.{GROUP}")
        wait_for(lambda: GROUP not in self.groups(), "it has left discovery")
        self.assertIn("NotFound", self.refused("get", "--raw", f"/apis/{GROUP}/v1/widgets"))

    def test_down_and_up_again(self):
        server = self.serve()
        self.lead_to(server)
        self.await_condition("True", "Passed")
        wait_for(lambda: GROUP in self.groups(), "it is in discovery")
        server.stop()
        self.assertIn("the server is currently unable to handle the request", self.refused("get", "--raw", f"/apis/{GROUP}/v1/widgets"))
        self.await_condition("False", "FailedDiscoveryCheck")
        self.assertIn("failing or missing response from https://", self.condition()[2])
        raw = self.up.run("curl", "-s", "-w", "%{http_code}", f"{self.up.insecure}/apis/{GROUP}/v1/widgets").stdout
        self.assertEqual(raw, "service unavailable\n503")
        wait_for(lambda: self.groups()[GROUP][0]["freshness"] == "Stale", "discovery says so")
        self.assertTrue(self.groups()[GROUP][0]["resources"])
        self.kubectl("get", "pods")  # others are served as ever
        server.start()
        self.await_condition("True", "Passed")
        self.kubectl("get", "--raw", f"/apis/{GROUP}/v1/widgets")
        wait_for(lambda: self.groups()[GROUP][0]["freshness"] == "Current", "discovery says so")

    def test_what_is_wrong_is_said(self):
        self.register()
        self.await_condition("False", "ServiceNotFound")
        self.assertEqual(self.condition()[2], f'service/widgets in "{self.namespace}" is not present')
        service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "widgets"}, "spec": {"ports": [{"port": 80, "name": "https"}]}}
        self.apply(service)
        self.await_condition("False", "ServicePortError")
        self.assertEqual(self.condition()[2], f'service/widgets in "{self.namespace}" is not listening on port 443')
        service["spec"]["ports"][0]["port"] = 443
        self.apply(service)
        self.await_condition("False", "EndpointsNotFound")
        slice_ = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                  "metadata": {"name": "widgets-1", "labels": {"kubernetes.io/service-name": "widgets"}}, "endpoints": [],
                  "ports": [{"name": "https", "port": 443, "protocol": "TCP"}]}
        self.apply(slice_)
        self.await_condition("False", "MissingEndpoints")
        self.assertEqual(self.condition()[2], f'endpoints for service/widgets in "{self.namespace}" have no addresses with port name "https"')

    def test_certificates(self):
        server = self.serve()
        other = self.serve()
        self.lead_to(server)
        self.await_condition("True", "Passed")
        self.register(caBundle=other.ca)
        self.await_condition("False", "FailedDiscoveryCheck")
        self.assertIn("certificate verify failed", self.condition()[2])
        self.kubectl("delete", "apiservice", f"v1.{GROUP}")
        self.register(insecureSkipTLSVerify=True)
        self.await_condition("True", "Passed")
        self.kubectl("get", "--raw", f"/apis/{GROUP}/v1/widgets")

    def test_openapi_2(self):
        self.lead_to(self.serve())
        self.await_condition("True", "Passed")
        document = lambda: json.loads(self.kubectl("get", "--raw", "/openapi/v2"))
        wait_for(lambda: "example.Widget" in document()["definitions"], "it is in OpenAPI 2")
        found = document()
        self.assertNotIn("example.Unused", found["definitions"])
        self.assertNotIn("not ours to tell", json.dumps(found["paths"]["/apis/apps/v1/deployments"]))
        # The name meant something else here.
        meta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
        self.assertEqual(found["definitions"]["example.Widget"]["properties"]["metadata"], {"$ref": f"#/definitions/{meta}_v2"})
        self.assertEqual(found["definitions"][f"{meta}_v2"]["description"], "of another version")
        self.assertIn("labels", found["definitions"][meta]["properties"])
        path = found["paths"][f"/apis/{GROUP}/v1/namespaces/{{namespace}}/widgets"]
        self.assertEqual(path["parameters"][0]["name"], "namespace")
        # kubectl reads the protobuf form to validate.
        self.kubectl("create", "-f", "-", input=yaml.safe_dump({**self.widget("a"), "colour": "red"}))
        self.assertIn('unknown field "size"', self.refused("create", "-f", "-", input=yaml.safe_dump({**self.widget("b"), "size": 1})))
        self.kubectl("delete", "apiservice", f"v1.{GROUP}")
        wait_for(lambda: "example.Widget" not in document()["definitions"], "it has left OpenAPI 2")

    def test_namespaces_are_emptied(self):
        server = self.serve()
        self.lead_to(server)
        self.await_condition("True", "Passed")
        self.kubectl("create", "namespace", "doomed")
        condition = lambda type: next((c for c in self.get("namespace", "doomed").get("status", {}).get("conditions", []) if c["type"] == type), {})
        server.put("doomed", self.widget("a"))
        server.put(self.namespace, self.widget("other"))
        # While its server does not answer, nobody knows whether the namespace is empty.
        server.stop()
        self.refused("get", "--raw", f"/apis/{GROUP}/v1/widgets")  # which makes it look at once
        self.await_condition("False", "FailedDiscoveryCheck")
        self.kubectl("delete", "namespace", "doomed", "--wait=false")
        wait_for(lambda: condition("NamespaceDeletionDiscoveryFailure").get("status") == "True", "it is said what is not known", 20)
        self.assertEqual(condition("NamespaceDeletionDiscoveryFailure")["message"],
                         "Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: "
                         f"{GROUP}/v1: stale GroupVersion discovery: {GROUP}/v1")
        self.assertEqual(server.objects["doomed", "a"]["metadata"]["name"], "a")
        server.start()
        self.await_condition("True", "Passed")
        self.kubectl("wait", "--for=delete", "namespace/doomed", "--timeout=60s")
        self.assertEqual(list(server.objects), [(self.namespace, "other")])

    def test_garbage_is_collected(self):
        server = self.serve()
        self.lead_to(server)
        self.await_condition("True", "Passed")
        self.kubectl("create", "configmap", "owner")
        of = lambda object, version, kind: [{"apiVersion": version, "kind": kind, "name": object["metadata"]["name"], "uid": object["metadata"]["uid"]}]
        owner = of(self.get("configmap", "owner"), "v1", "ConfigMap")
        alive = server.put(self.namespace, self.widget("alive"))
        gone = server.put(self.namespace, self.widget("gone"))
        server.remove(self.namespace, "gone")
        owned = {**self.widget("owned"), "metadata": {"name": "owned", "ownerReferences": owner}}
        server.put(self.namespace, owned)
        server.put(self.namespace, {**self.widget("child"), "metadata": {"name": "child", "ownerReferences": of(gone, f"{GROUP}/v1", "Widget")}})
        local = lambda name, owners: {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "ownerReferences": owners}}
        self.create(local("kept", of(alive, f"{GROUP}/v1", "Widget")), local("lost", of(gone, f"{GROUP}/v1", "Widget")))
        exists = lambda name: self.up.kubectl("get", "configmap", name, "-n", self.namespace).returncode == 0
        wait_for(lambda: not exists("lost"), "what an object of another server owned has gone with it", 90)
        wait_for(lambda: (self.namespace, "child") not in server.objects, "what it has itself, too", 90)
        self.assertTrue(exists("kept"))
        self.assertIn((self.namespace, "owned"), server.objects)
        # A server that does not answer loses nothing.
        server.stop()
        self.refused("get", "--raw", f"/apis/{GROUP}/v1/widgets")  # which makes it look at once
        self.await_condition("False", "FailedDiscoveryCheck")
        server.remove(self.namespace, "alive")
        self.kubectl("delete", "configmap", "owner")
        self.kubectl("annotate", "configmap", "kept", "look=again")
        self.kubectl("get", "configmap", "kept")
        server.start()
        self.await_condition("True", "Passed")
        wait_for(lambda: (self.namespace, "owned") not in server.objects and not exists("kept"), "both have gone", 90)

    def test_through_the_edge_door(self):
        server = self.serve()
        self.lead_to(server)
        self.await_condition("True", "Passed")
        wait_for(lambda: GROUP in self.groups(), "it is in discovery")
        server.put(self.namespace, self.widget("a"))
        widgets = f"/apis/{GROUP}/v1/namespaces/{self.namespace}/widgets"
        done = self.up.troupe("get", "--raw", widgets)
        self.assertEqual([w["metadata"]["name"] for w in json.loads(done.stdout)["items"]], ["a"], done.stderr)
        self.assertEqual(server.asked[-1][2:], ("kubernetes-admin", ["system:masters", "system:authenticated"]))
        self.assertIn("wd", self.up.troupe("api-resources", "--api-group", GROUP).stdout)
        watch = subprocess.Popen([spec.troupe(), "get", "widgets", "-n", self.namespace, "--watch-only"], stdout=subprocess.PIPE, text=True,
                                 env={**os.environ, "KUBECONFIG": self.up.kubeconfig})
        self.addCleanup(watch.wait)
        self.addCleanup(watch.kill)
        wait_for(lambda: server.watchers, "the watch has arrived")
        server.put(self.namespace, self.widget("b"))
        server.put(self.namespace, self.widget("c"))
        self.assertEqual([watch.stdout.readline().split()[0] for _ in range(3)], ["NAME", "b", "c"])
        watch.kill()
        watch.wait()
        server.put(self.namespace, self.widget("d"))
        wait_for(lambda: server.put(self.namespace, self.widget("e")) and not server.watchers, "the watch has ended")

    def test_local_ones(self):
        found = {s["metadata"]["name"]: s for s in self.get("apiservices")["items"]}
        self.assertEqual(found["v1."]["spec"], {"version": "v1", "groupPriorityMinimum": 18000, "versionPriority": 1})
        self.assertEqual(found["v2.autoscaling"]["spec"]["versionPriority"], 30)
        self.assertEqual(found["v1.apps"]["metadata"]["labels"], {"kube-aggregator.kubernetes.io/automanaged": "onstart"})
        self.assertIn("v1beta1.metrics.k8s.io", found)
        self.assertRegex(self.kubectl("get", "apiservice", "v1.apps"), r"v1\.apps +Local +True")
        crd = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "hats.hats.example.com"},
               "spec": {"group": "hats.example.com", "scope": "Namespaced", "names": {"plural": "hats", "kind": "Hat"},
                        "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}]}}
        self.apply(crd)
        wait_for(lambda: self.up.kubectl("get", "apiservice", "v1.hats.example.com").returncode == 0, "it has an APIService")
        made = self.get("apiservice", "v1.hats.example.com")
        self.assertEqual(made["metadata"]["labels"], {"kube-aggregator.kubernetes.io/automanaged": "true"})
        self.assertEqual((made["spec"]["groupPriorityMinimum"], made["spec"]["versionPriority"]), (1000, 100))
        self.kubectl("delete", "apiservice", "v1.hats.example.com")
        wait_for(lambda: self.up.kubectl("get", "apiservice", "v1.hats.example.com").returncode == 0, "it is back")
        self.kubectl("delete", "crd", "hats.hats.example.com")
        wait_for(lambda: self.up.kubectl("get", "apiservice", "v1.hats.example.com").returncode != 0, "it has gone")


if __name__ == "__main__":
    spec.main()
