"""Every kind of the API through kubectl: what explain says of it, and the kinds that are questions or views of others."""
import json
import os
import sys

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from local import UpTest, columns


def deployment(name, replicas):
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}}


class Kinds(UpTest):
    def create(self, document):
        return self.kubectl("create", "-f", "-", input=json.dumps(document))

    def api_resources(self):
        """Resource, apiVersion and kind of each line of api-resources."""
        lines = self.kubectl("api-resources", "--no-headers").splitlines()
        for line in lines:
            cells = line.split()
            yield cells[0], cells[-3], cells[-1]

    def test_explain_describes_every_field_of_every_kind(self):
        explained = 0
        for resource, version, kind in self.api_resources():
            with self.subTest(kind=f"{version} {kind}"):
                text = self.kubectl("explain", "--recursive", resource, "--api-version", version)
                self.assertRegex(text, rf"KIND: +{kind}\n")
                description = text.split("DESCRIPTION:\n")[1].splitlines()[0].strip()
                self.assertNotIn(description, ("", "<empty>"))
                self.assertIn("metadata\t<ObjectMeta>", text)
                explained += 1
        self.assertGreater(explained, 55)

    def test_explain_reads_openapi_2_as_protobuf(self):
        text = self.kubectl("explain", "pods.spec.containers", "--output", "plaintext-openapiv2")
        self.assertRegex(text, r"KIND: +Pod\n")
        self.assertIn("imagePullPolicy", text)
        self.assertIn("one container of a pod", text)

    def test_scale_is_a_view_of_the_workload(self):
        self.create(deployment("scaled", 1))
        self.assertEqual(self.kubectl("scale", "deployment", "scaled", "--replicas=3"), "deployment.apps/scaled scaled\n")
        stored = self.get("deployment", "scaled")
        self.assertEqual(stored["spec"]["replicas"], 3)
        self.assertEqual(stored["metadata"]["generation"], 2)
        scale = json.loads(self.kubectl("get", "deployment", "scaled", "--subresource=scale", "-o", "json"))
        self.assertEqual((scale["kind"], scale["apiVersion"]), ("Scale", "autoscaling/v1"))
        self.assertEqual(scale["spec"], {"replicas": 3})
        self.assertEqual(scale["status"]["selector"], "app=scaled")
        self.assertEqual(scale["metadata"]["resourceVersion"], stored["metadata"]["resourceVersion"])
        self.kubectl("patch", "deployment", "scaled", "--subresource=scale", "--type=merge", "-p", '{"spec":{"replicas":2}}')
        self.assertEqual(self.get("deployment", "scaled")["spec"]["replicas"], 2)
        self.assertIn("must be greater than or equal to 0",
                      self.refused("patch", "deployment", "scaled", "--subresource=scale", "--type=merge", "-p",
                                   '{"spec":{"replicas":-2}}'))
        self.assertIn("Expected resource version to be 1",
                      self.refused("scale", "deployment", "scaled", "--replicas=4", "--resource-version=1"))

    def test_autoscalers_are_one_in_both_versions(self):
        self.create({"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "a"},
                     "spec": {"maxReplicas": 4, "targetCPUUtilizationPercentage": 60,
                              "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}}})
        new = self.get("horizontalpodautoscalers.v2.autoscaling", "a")
        self.assertEqual(new["spec"]["metrics"][0]["resource"]["target"], {"type": "Utilization", "averageUtilization": 60})
        old = self.get("horizontalpodautoscalers.v1.autoscaling", "a")
        self.assertEqual(old["spec"]["targetCPUUtilizationPercentage"], 60)
        self.assertEqual(old["metadata"]["uid"], new["metadata"]["uid"])
        self.kubectl("patch", "horizontalpodautoscalers.v1.autoscaling", "a", "--type=merge", "-p", '{"spec":{"targetCPUUtilizationPercentage":70}}')
        self.assertEqual(self.get("horizontalpodautoscalers.v2.autoscaling", "a")["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"], 70)

    def test_questions_are_answered(self):
        self.assertEqual(self.kubectl("auth", "can-i", "delete", "nodes"), "yes\n")
        whoami = dict(columns(line) for line in self.kubectl("auth", "whoami").splitlines())
        self.assertEqual(whoami["Username"], "kubernetes-admin")
        self.assertIn("system:masters", whoami["Groups"])
        self.assertRegex(self.kubectl("auth", "can-i", "--list"), r"\*\.\* +\[\] +\[\] +\[\*\]")
        review = self.kubectl("create", "-o", "yaml", "-f", "-", input=json.dumps(
            {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
             "spec": {"user": "nobody", "resourceAttributes": {"verb": "get", "resource": "pods", "namespace": "default"}}}))
        self.assertEqual(yaml.safe_load(review)["status"], {"allowed": False})

    def test_definitions_and_api_services_are_kept(self):
        self.create({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                     "metadata": {"name": "things.example.com"},
                     "spec": {"group": "example.com", "scope": "Namespaced",
                              "names": {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"},
                              "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                                  "type": "object", "properties": {"a": {"type": "string", "enum": ["x", None]},
                                                                   "b": {"items": {"type": "integer"}, "type": "array"}}}}}]}})
        schema = self.get("crd", "things.example.com")["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        self.assertEqual(schema["properties"]["a"]["enum"], ["x", None])
        self.assertEqual(schema["properties"]["b"]["items"], {"type": "integer"})
        self.kubectl("delete", "crd", "things.example.com")

    def test_component_statuses_tell_the_scheduler(self):
        status = self.get("componentstatus", "scheduler")
        self.assertEqual(status["conditions"], [{"type": "Healthy", "status": "True", "message": "ok"}])


if __name__ == "__main__":
    spec.main()
