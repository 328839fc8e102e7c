"""What Kubernetes' tests of its API machinery drive: validation of fields, published schemas, webhooks, health, events."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from conformance import Conformance, configmap, pod
from hosts import wait_for
from rest import APPLY, MERGE, STRATEGIC
from webhooks import Webhooks, allowed

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
HOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
UNKNOWN = '"unknownField": "foo", "replicas": 2, "replicas": 3'


def object_of(**properties):
    return {"type": "object", "properties": properties}


class Machinery(Conformance):
    def define(self, plural, kind, schema):
        """A definition in a group of the case's own, served; the path of its objects in the case's namespace."""
        group = f"{self.ns}.example.com"
        self.rest.post(CRDS, {"metadata": {"name": f"{plural}.{group}"}, "spec": {
            "group": group, "scope": "Namespaced", "names": {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}]}})
        self.addCleanup(self.rest.delete, f"{CRDS}/{plural}.{group}")
        path = f"/apis/{group}/v1/namespaces/{self.ns}/{plural}"
        wait_for(lambda: self.rest.call("GET", path)[0] == 200, "the kind is served")
        return path

    def refused(self, code, *args, **more):
        """The message of a refusal with this code."""
        got, answer = self.rest.call(*args, **more)
        self.assertEqual(got, code, answer)
        return answer["message"]


class Fields(Machinery):
    def test_unknown_and_repeated_fields_are_told_together(self):
        body = '{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {%s}}' % UNKNOWN
        said = self.refused(400, "POST", f"{self.apps}/deployments?fieldValidation=Strict", body)
        self.assertEqual(said, 'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: '
                               'unknown field "spec.unknownField", duplicate field "spec.replicas"')

    def test_lines_of_yaml(self):
        text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  foo: a\n  foo: b\n"
        path = f"{self.core}/configmaps/c?fieldManager=m&fieldValidation=Strict"
        line = 'yaml: unmarshal errors:\n  line 6: key "foo" already set in map'
        self.assertEqual(self.refused(400, "PATCH", path, text, APPLY), f"error strict decoding YAML: error converting YAML to JSON: {line}")
        said = self.refused(400, "POST", f"{self.core}/configmaps?fieldValidation=Strict", text, "application/yaml")
        self.assertEqual(said, f'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: {line}')

    def test_metadata_of_custom_objects_that_are_applied(self):
        path = self.define("foos", "Foo", object_of(spec={"type": "object", "x-kubernetes-preserve-unknown-fields": True}))
        made = {"apiVersion": path.split("/namespaces")[0].removeprefix("/apis/"), "kind": "Foo", "metadata": {"name": "a", "unknownMeta": "x"}, "spec": {"b": 1}}
        said = self.refused(500, "PATCH", f"{path}/a?fieldManager=m&fieldValidation=Strict", made, APPLY)
        self.assertIn(".metadata.unknownMeta: field not declared in schema", said)

    def test_metadata_of_objects_within_custom_objects(self):
        inner = {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": {"type": "object"}}}
        path = self.define("foos", "Foo", object_of(spec=object_of(template=inner)))
        made = {"apiVersion": f"{self.ns}.example.com/v1", "kind": "Foo", "metadata": {"name": "a"},
                "spec": {"template": {"apiVersion": "v1", "kind": "Sub", "metadata": {"name": "s", "unknownSubMeta": "x"}}}}
        said = self.refused(400, "POST", f"{path}?fieldValidation=Strict", made)
        self.assertTrue(said.endswith('strict decoding error: unknown field "spec.template.metadata.unknownSubMeta"'), said)
        self.assertEqual(self.rest.post(path, made)["spec"]["template"]["metadata"], {"name": "s"})
        made["spec"]["template"] = {"metadata": {"name": "a/b"}}
        code, answer = self.rest.call("POST", path, made)
        self.assertEqual((code, [c["field"] for c in answer["details"]["causes"]]),
                         (422, ["spec.template.apiVersion", "spec.template.kind", "spec.template.metadata.name"]), answer)

    def test_other_kinds(self):
        maps = f"{self.core}/configmaps"
        self.rest.post(maps, configmap("c"))
        registered = 'no kind "{}" is registered for version "{}" in scheme "pkg/api/legacyscheme/scheme.go:30"'
        for kind, api, why in (("Secret", "v1", "converting (v1.Secret) to (core.ConfigMap): unknown conversion"),
                               ("Deployment", "apps/v1", "converting (v1.Deployment) to (core.ConfigMap): unknown conversion"),
                               ("Nope", "v1", registered.format("Nope", "v1")), ("ConfigMap", "example.com/v9", registered.format("ConfigMap", "example.com/v9"))):
            body = {"apiVersion": api, "kind": kind, "metadata": {"name": "c"}}
            words = f'{kind} in version "{api.split("/")[-1]}" cannot be handled as a ConfigMap: {why}'
            self.assertEqual(self.refused(400, "POST", maps, body), words)
            self.assertEqual(self.refused(400, "PUT", f"{maps}/c", body), words)
            self.assertTrue(self.refused(422, "PATCH", f"{maps}/c", {"apiVersion": api, "kind": kind}, MERGE).endswith(why))
        self.assertEqual(self.rest.patch(f"{maps}/c", {"kind": "Secret", "data": {"a": "b"}}, STRATEGIC)["kind"], "ConfigMap")
        said = self.refused(400, "POST", f"/apis/autoscaling/v2/namespaces/{self.ns}/horizontalpodautoscalers",
                            {"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h"}})
        self.assertEqual(said, "the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)")
        said = self.refused(400, "POST", f"{self.core}/pods/absent/eviction", {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "absent"}})
        self.assertIn("converting (v1.Pod) to (policy.Eviction)", said)

    def test_other_kinds_of_custom_objects(self):
        path = self.define("foos", "Foo", object_of(spec=object_of()))
        group = f"{self.ns}.example.com"
        wrong = {"apiVersion": f"{group}/v1", "kind": "Other", "metadata": {"name": "a"}}
        words = f'Other.{group} "a" is invalid: kind: Invalid value: "Other": must be Foo'
        self.assertEqual(self.refused(422, "POST", path, wrong), words)
        self.rest.post(path, {**wrong, "kind": "Foo"})
        self.assertEqual(self.refused(422, "PATCH", f"{path}/a", {"kind": "Other"}, MERGE), words)
        self.assertIn("does not match the expected API version", self.refused(400, "POST", path, {**wrong, "apiVersion": f"{group}/v2"}))


class Published(Machinery):
    def test_explain_of_a_custom_kind(self):
        self.define("bazaars", "Bazaar", {"description": "Foo CRD for Testing", **object_of(spec={"description": "Specification of Foo", **object_of(
            bars={"type": "array", "description": "List of Bars", "items": object_of(name={"type": "string", "description": "Name of Bar."})})})})
        for field, pattern in (("", "DESCRIPTION:.*Foo CRD for Testing.*FIELDS:.*apiVersion.*<string>.*APIVersion defines.*spec.*<Object>.*Specification of Foo"),
                               (".metadata", "DESCRIPTION:.*Standard object's metadata.*FIELDS:.*creationTimestamp.*<string>.*CreationTimestamp is a timestamp"),
                               (".spec.bars", "FIELD: bars <\\[\\]Object>.*DESCRIPTION:.*List of Bars.*FIELDS:.*name.*<string>.*Name of Bar")):
            with self.subTest(field):
                wait_for(lambda: self.up.kubectl("explain", "bazaars").returncode == 0, "it is explained")
                self.assertRegex(self.kubectl("explain", "bazaars" + field), re.compile(pattern, re.DOTALL))
        self.assertIn('field "bars2" does not exist', self.refused_by_kubectl("explain", "bazaars.spec.bars2"))

    def refused_by_kubectl(self, *args):
        return super(Machinery, self).refused(*args)


class Front(Machinery):
    def test_checks_have_kubernetes_names(self):
        hooks = [f"[+]poststarthook/{name} ok" for name in (
            "start-apiserver-admission-initializer", "generic-apiserver-start-informers", "start-apiextensions-informers",
            "start-apiextensions-controllers", "crd-informer-synced", "start-system-namespaces-controller",
            "scheduling/bootstrap-system-priority-classes", "start-cluster-authentication-info-controller", "start-kube-aggregator-informers",
            "apiservice-registration-controller", "kube-apiserver-autoregistration", "apiservice-openapi-controller")]
        wanted = {"[+]ping ok", "[+]log ok", "[+]etcd ok", "[+]autoregister-completion ok", *hooks}
        for path, more in (("/healthz", set()), ("/livez", set()), ("/readyz", {"[+]informer-sync ok"})):
            code, text = self.rest.call("GET", f"{path}?verbose=1")
            self.assertEqual((code, wanted - set(text.split("\n")), more - set(text.split("\n"))), (200, set(), set()), text)
            self.assertTrue(text.endswith(f"{path[1:]} check passed\n"), text)
            for one in ("etcd", "ping", "poststarthook/scheduling/bootstrap-system-priority-classes"):
                self.assertEqual(self.rest.call("GET", f"{path}/{one}"), (200, "ok"))
        self.assertEqual(self.rest.call("GET", "/livez/informer-sync")[0], 404)
        text = self.rest.call("GET", "/readyz?verbose&exclude=etcd&exclude=bogus")[1]
        self.assertIn("[+]etcd excluded: ok\n", text)
        self.assertIn('warn: some health checks cannot be excluded: no matches for "bogus"\n', text)
        self.assertEqual(self.rest.call("GET", "/readyz?exclude=etcd"), (200, "ok"))
        slis = self.rest.call("GET", "/metrics/slis")[1]
        for check, of in (("etcd", "livez"), ("ping", "healthz"), ("informer-sync", "readyz")):
            self.assertIn(f'kubernetes_healthcheck{{name="{check}",type="{of}"}} 1\n', slis)
            self.assertRegex(slis, f'kubernetes_healthchecks_total{{name="{check}",status="success",type="{of}"}} [1-9]')

    def test_timeouts_of_requests(self):
        for path in ("/version", f"{self.core}/pods"):
            said = self.refused(400, "GET", f"{path}?timeout=invalid")
            self.assertEqual(said, 'invalid timeout specified in the request URL: time: invalid duration "invalid"')
            for fine in ("3m", "0s", "32s"):
                self.assertEqual(self.rest.call("GET", f"{path}?timeout={fine}")[0], 200)

    def test_seats_of_priority_levels(self):
        shown = dict(re.findall(r'^apiserver_flowcontrol_nominal_limit_seats\{priority_level="(.*?)"\} (\d+)$', self.rest.call("GET", "/metrics")[1], re.MULTILINE))
        self.assertGreater(int(shown["workload-high"]), int(shown["catch-all"]))

    def test_extras_of_impersonation_are_escaped(self):
        connection = {"Impersonate_User": "jane", "Impersonate_Extra_Some%2fKey": "v"}
        code, answer = self.rest.call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {"metadata": {}}, **connection)
        self.assertEqual((code, answer["status"]["userInfo"]["extra"]), (201, {"some/key": ["v"]}))

    def test_reviews_have_no_metadata(self):
        body = {"metadata": {"name": "x"}, "spec": {"user": "jane", "resourceAttributes": {"verb": "get", "resource": "pods", "namespace": self.ns}}}
        said = self.refused(422, "POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body)
        self.assertTrue(said.startswith('SubjectAccessReview.authorization.k8s.io "" is invalid: metadata: Invalid value') and said.endswith("must be empty"), said)
        said = self.refused(422, "POST", f"/apis/authorization.k8s.io/v1/namespaces/{self.ns}/localsubjectaccessreviews",
                            {**body, "metadata": {"name": "x", "namespace": self.ns}})
        self.assertTrue(said.endswith("must be empty except for namespace"), said)

    def test_methods_without_a_route(self):
        path = self.define("foos", "Foo", object_of())
        self.assertEqual(self.refused(405, "DELETE", "/api/v1/namespaces"), "the server does not allow this method on the requested resource")
        self.assertEqual(self.refused(405, "GET", f"{self.core}/pods/x/binding"), "the server does not allow this method on the requested resource")
        self.assertEqual(self.rest.call("GET", path)[0], 200)


class Webhook(Machinery):
    def create(self, wanted):
        """The answer to a creation, if its code is a wanted one."""
        answer = self.rest.call("POST", f"{self.core}/configmaps", {"metadata": {"generateName": "c"}})
        return answer if wanted(answer[0]) else None

    def test_what_cannot_be_reached(self):
        def slow(request):
            time.sleep(3)
            return allowed(request)
        server = Webhooks({"/slow": slow})
        self.addCleanup(server.stop)
        service = {"service": {"namespace": self.ns, "name": "absent", "path": "/x", "port": 8443}, "caBundle": server.ca}
        for config, said in ((server.config("/slow"), f'Post "https://127.0.0.1:{server.port}/slow?timeout=1s": context deadline exceeded'),
                             (service, f'Post "https://absent.{self.ns}.svc:8443/x?timeout=1s": service "absent" not found')):
            self.rest.post(HOOKS, {"metadata": {"name": self.ns}, "webhooks": [{
                "name": "a.example.com", "clientConfig": config, "sideEffects": "None", "admissionReviewVersions": ["v1"], "timeoutSeconds": 1,
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}],
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": self.ns}}}]})
            code, answer = wait_for(lambda: self.create(lambda code: code != 201), "it is asked")
            self.assertEqual((code, answer["reason"]), (500, "InternalError"))
            self.assertEqual(answer["message"], f'Internal error occurred: failed calling webhook "a.example.com": failed to call webhook: {said}')
            self.rest.delete(f"{HOOKS}/{self.ns}")
            wait_for(lambda: self.create(lambda code: code == 201), "it is gone")


class Scheduling(Machinery):
    def events(self, name, reason):
        found = self.rest.get(f"/apis/events.k8s.io/v1/namespaces/{self.ns}/events")["items"]
        return [e for e in found if e["regarding"]["name"] == name and e["reason"] == reason]

    def test_events_of_the_scheduler(self):
        self.rest.post(f"{self.core}/pods", pod("fits"))
        self.rest.post(f"{self.core}/pods", pod("never", nodeSelector={"no": "such"}))
        for name, reason, action, kind in (("fits", "Scheduled", "Binding", "Normal"), ("never", "FailedScheduling", "Scheduling", "Warning")):
            event = wait_for(lambda: self.events(name, reason), f"the event {reason}")[0]
            self.assertEqual([event.get(key) for key in ("action", "type", "reportingController")], [action, kind, "default-scheduler"])
            self.assertTrue(event["reportingInstance"].startswith("default-scheduler-"), event)
            self.assertRegex(event["eventTime"], r"\.\d{6}Z$")
            self.assertEqual([key for key in event if key.startswith("deprecated") and event[key]], [])
            self.assertIn("fits to node" if name == "fits" else "0/2 nodes are available", event["note"])
        lines = self.kubectl("get", "events", "-n", self.ns, "--field-selector", "involvedObject.name=never", "--no-headers")
        self.assertRegex(lines, r"^\d+s +Warning +FailedScheduling +pod/never +0/2 nodes")
        self.assertIn("default-scheduler  0/2 nodes", self.kubectl("describe", "pod", "never", "-n", self.ns))

    def test_a_pod_that_is_applied_waits_for_its_account(self):
        self.rest.post("/api/v1/namespaces", {"metadata": {"name": "brand-new"}})
        code, answer = self.rest.call("PATCH", "/api/v1/namespaces/brand-new/pods/p?fieldManager=m", {"apiVersion": "v1", "kind": "Pod", **pod("p")}, APPLY)
        self.assertEqual(code, 201, answer)


if __name__ == "__main__":
    spec.main()
