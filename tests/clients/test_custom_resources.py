"""The life of a CustomResourceDefinition and its objects with kubectl, and with the Python client."""
import copy
import json
import os
import subprocess
import sys
import time
from urllib.parse import quote

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from hosts import wait_for
from local import NamespaceTest, columns
from rest import Watch
from webhooks import Webhooks

GROUP = "stable.example.com"


def version(name, schema, **more):
    return {"name": name, "served": True, "storage": False,
            "schema": {"openAPIV3Schema": {"type": "object", **schema}}, **more}


def definition(plural, kind, *versions, group=GROUP, scope="Namespaced", **names):
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}"},
            "spec": {"group": group, "scope": scope, "names": {"plural": plural, "kind": kind, **names},
                     "versions": list(versions)}}


CRON_SPEC = {
    "description": "a crontab of the tests",
    "properties": {
        "spec": {"type": "object", "description": "what is wanted", "required": ["cronSpec"], "properties": {
            "cronSpec": {"type": "string", "description": "when to run", "pattern": r"^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$"},
            "image": {"type": "string"},
            "replicas": {"type": "integer", "minimum": 1, "maximum": 10, "default": 1},
            "ports": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                      "items": {"type": "object", "required": ["name"],
                                "properties": {"name": {"type": "string"}, "port": {"type": "integer"}}}}}},
        "status": {"type": "object", "properties": {
            "replicas": {"type": "integer"}, "selector": {"type": "string"},
            "conditions": {"type": "array", "items": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}}}}


def crontabs(plural="crontabs", kind="CronTab", **names):
    return definition(plural, kind, version(
        "v1", copy.deepcopy(CRON_SPEC), storage=True,
        subresources={"status": {}, "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas",
                                              "labelSelectorPath": ".status.selector"}},
        additionalPrinterColumns=[
            {"name": "Spec", "type": "string", "jsonPath": ".spec.cronSpec"},
            {"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas"},
            {"name": "Image", "type": "string", "jsonPath": ".spec.image", "priority": 1},
            {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}],
        selectableFields=[{"jsonPath": ".spec.image"}]), **names)


def crontab(name, kind="CronTab", api=f"{GROUP}/v1", metadata=None, **fields):
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **(metadata or {})},
            "spec": {"cronSpec": "* * * * */5", **fields}}


class CustomResources(NamespaceTest):
    """Each case defines kinds of its own, named after itself."""

    def define(self, document):
        self.kubectl("apply", "-f", "-", input=yaml.safe_dump(document))
        name = document["metadata"]["name"]
        self.addCleanup(self.up.kubectl, "delete", "crd", name, "--ignore-not-found", "--wait=false")
        self.kubectl("wait", "--for=condition=Established", f"crd/{name}", "--timeout=10s")
        return name

    def make(self, *objects, command=("create",)):
        return self.kubectl(*command, "-f", "-", input=yaml.safe_dump_all(objects))

    def refuse(self, document, *args, command="create"):
        return self.refused(command, "-f", "-", *args, input=yaml.safe_dump(document))

    def test_a_life(self):
        name = self.define(crontabs(shortNames=["ct"], categories=["all"]))
        self.assertIn("crontabs", self.kubectl("api-resources", "--api-group", GROUP))
        self.assertIn(f"{GROUP}/v1", self.kubectl("api-versions"))
        self.assertEqual(self.make(crontab("a", image="i")), f"crontab.{GROUP}/a created\n")
        table = [columns(line) for line in self.kubectl("get", "ct").splitlines()]
        self.assertEqual(table[0], ["NAME", "SPEC", "REPLICAS", "AGE"])
        self.assertEqual(table[1][0], "a")
        self.assertIn("IMAGE", self.kubectl("get", "crontab", "-o", "wide"))
        self.assertIn(f"crontab.{GROUP}/a", self.kubectl("get", "all", "-o", "name"))
        self.assertEqual(self.get("ct", "a")["spec"]["replicas"], 1)
        self.assertIn("Cron Spec", self.kubectl("describe", "ct", "a"))
        explained = self.kubectl("explain", "crontab.spec")
        self.assertIn("what is wanted", explained)
        self.assertIn("when to run", explained)
        self.assertIn("cronSpec\t<string> -required-", explained)
        # Writes of every kind.
        self.assertIn("patched", self.kubectl("patch", "ct", "a", "--type=merge", "-p", '{"spec":{"image":"j"}}'))
        self.assertIn("patched", self.kubectl("patch", "ct", "a", "--type=json", "-p", '[{"op":"remove","path":"/spec/image"}]'))
        self.assertNotIn("image", self.get("ct", "a")["spec"])
        self.assertIn(f"is not supported by {GROUP}/v1, Kind=CronTab", self.refused("patch", "ct", "a", "--type=strategic", "-p", '{"spec":{"image":"j"}}'))
        self.assertIn("scaled", self.kubectl("scale", "ct", "a", "--replicas=3"))
        found = self.get("ct", "a")
        self.assertEqual((found["spec"]["replicas"], found["metadata"]["generation"]), (3, 4))
        self.kubectl("patch", "ct", "a", "--subresource=status", "--type=merge", "-p",
                     '{"status":{"replicas":2,"selector":"a=b","conditions":[{"type":"Ready","status":"True"}]},"spec":{"replicas":9}}')
        found = self.get("ct", "a")
        self.assertEqual((found["spec"]["replicas"], found["status"]["replicas"], found["metadata"]["generation"]), (3, 2, 4))
        scale = json.loads(self.kubectl("get", "--raw", f"/apis/{GROUP}/v1/namespaces/{self.namespace}/crontabs/a/scale"))
        self.assertEqual((scale["spec"], scale["status"]), ({"replicas": 3}, {"replicas": 2, "selector": "a=b"}))
        self.kubectl("wait", "--for=condition=Ready", "ct/a", "--timeout=5s")
        self.kubectl("label", "ct", "a", "x=y")
        self.kubectl("annotate", "ct", "a", "x=y")
        self.assertEqual(self.kubectl("get", "ct", "-l", "x=y", "-o", "name"), f"crontab.{GROUP}/a\n")
        # The definition goes with its objects.
        self.make(crontab("b"))
        self.assertIn("deleted", self.kubectl("delete", "crd", name, "--timeout=20s"))
        self.assertRegex(self.refused("get", "crontabs"), "doesn't have a resource type|could not find the requested resource")
        self.define(crontabs())
        self.assertEqual(self.get("crontabs")["items"], [])

    def test_refusals(self):
        self.define(crontabs("refusals", "Refusal"))
        bad = lambda **fields: self.refuse(crontab("x", "Refusal", **fields))
        said = bad(replicas=15, cronSpec="* *")
        self.assertIn('The Refusal "x" is invalid:', said)
        self.assertIn("spec.replicas: Invalid value: 15: spec.replicas in body should be less than or equal to 10", said)
        self.assertIn('spec.cronSpec: Invalid value: "* *": spec.cronSpec in body should match', said)
        self.assertIn('spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"',
                      bad(replicas="many"))
        without = crontab("x", "Refusal")
        del without["spec"]["cronSpec"]
        self.assertIn("spec.cronSpec: Required value", self.refuse(without))
        self.assertIn('unknown field "spec.extra"', bad(extra=1))
        self.make(crontab("x", "Refusal", extra=1), command=("create", "--validate=ignore"))
        self.assertNotIn("extra", self.get("refusals", "x")["spec"])
        self.assertIn('unknown field "spec.extra"', self.up.kubectl(
            "create", "--validate=warn", "-n", self.namespace, "-f", "-",
            input=yaml.safe_dump(crontab("other", "Refusal", extra=1))).stderr)
        stale = self.get("refusals", "x")
        stale["spec"]["replicas"] = 2
        del stale["metadata"]["resourceVersion"]
        path = f"/apis/{GROUP}/v1/namespaces/{self.namespace}/refusals/x"
        self.assertIn("metadata.resourceVersion: Invalid value",
                      self.refused("replace", "--raw", path, "-f", "-", input=json.dumps(stale)))

    def test_rules(self):
        ruled = crontabs("ruleds", "Ruled")
        spec_schema = ruled["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
        spec_schema["x-kubernetes-validations"] = [
            {"rule": "!has(self.image) || self.image.startsWith('example.com/')", "message": "images come from example.com"},
            {"rule": "self.replicas >= oldSelf.replicas", "messageExpression": "'no fewer than %d'.format([oldSelf.replicas])"}]
        self.define(ruled)
        self.assertIn('spec: Invalid value: "object": images come from example.com', self.refuse(crontab("x", "Ruled", image="i")))
        self.make(crontab("x", "Ruled", image="example.com/i", replicas=3))
        self.assertIn("no fewer than 3", self.refused("patch", "ruled", "x", "--type=merge", "-p", '{"spec":{"replicas":2}}'))
        self.assertIn("some validation rules were not checked", self.refuse(crontab("other", "Ruled", replicas="x")))
        spec_schema["x-kubernetes-validations"][0]["rule"] = "self.image =="
        self.assertIn("compilation failed: ERROR: <input>:1:14: Syntax error", self.refuse(ruled, command="apply"))
        for rule, why in (("self.imag == 'x'", "compilation failed: ERROR: <input>:1:5: undefined field 'imag'"),
                          ("self.replicas > 'x'", "<input>:1:15: found no matching overload for '_>_' applied to '(int, string)'"),
                          ("self.replicas", "cel expression must evaluate to a bool")):
            spec_schema["x-kubernetes-validations"][0]["rule"] = rule
            said = self.refuse(ruled, command="apply")
            self.assertIn(why, said)
            self.assertIn("x-kubernetes-validations[0].rule: Invalid value: apiextensions.ValidationRule{Rule:", said)

    def test_what_an_update_leaves_as_it_was_is_not_judged(self):
        """Of stricter schemas that came after the object, by their values and by their rules."""
        def schema(text):
            member = {"type": "object", "properties": {"field": text, "other": {"type": "string"}}}
            keyed = {"type": "object", "required": ["key"], "properties": {**member["properties"], "key": {"type": "string"}}}
            return {"properties": {
                "field": text, "struct": member, "map": {"type": "object", "maxProperties": 5, "additionalProperties": member},
                "list": {"type": "array", "maxItems": 5, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["key"], "items": keyed},
                "atomic": {"type": "array", "maxItems": 9, "items": text},
                "set": {"type": "array", "maxItems": 9, "x-kubernetes-list-type": "set", "items": text}}}

        def kept(value, **more):
            return {"field": value, "struct": {"field": value, **more}, "map": {"m": {"field": value, **more}},
                    "list": [{"key": "k", "field": value, **more}], "atomic": ["foo"], "set": ["foo"]}

        text = {"type": "string", "maxLength": 9}
        told = ("field", "struct.field", "map[m].field", "list[0].field")
        for plural, kind, strict in (("enums", "Enum", {"enum": ["x", "y"]}), ("rules", "Rule", {"x-kubernetes-validations": [{"rule": "self != 'foo'"}]})):
            lenient = definition(plural, kind, version("v1", schema(text), storage=True))
            self.define(lenient)
            self.make({"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": {"name": "o"}, **kept("foo")})
            self.make(definition(plural, kind, version("v1", schema({**text, **strict}), storage=True)), command=("apply", "--server-side", "--force-conflicts"))
            patch = lambda **p: ("patch", plural, "o", "--type=merge", "-p", json.dumps(p))
            wait_for(lambda: "field" in self.up.kubectl("create", "-n", self.namespace, "--dry-run=server", "-f", "-", input=json.dumps(
                {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": {"name": "p"}, **kept("foo")})).stderr, "the schema is strict")
            self.kubectl("label", plural, "o", "a=b")
            self.kubectl(*patch(**{k: v for k, v in kept("foo", other="z").items() if k not in ("atomic", "set")}))
            refused = self.refused(*patch(atomic=["foo", "x"], set=["foo", "x"]))
            self.assertIn("atomic[0]", refused)
            self.assertIn("set[0]", refused)
            self.kubectl(*patch(**kept("x") | {"atomic": ["x"], "set": ["x"]}))
            refused = self.refused(*patch(**kept("foo")))
            for place in told:
                self.assertIn(place.replace("map[m]", "map.m") + ": Unsupported value" if kind == "Enum" else place + ": Invalid value", refused)

    def test_rules_about_changes_judge_what_is_as_it_was(self):
        """A rule about changes is no less one of what has not changed; `optionalOldSelf` judges what is new."""
        for plural, kind, rule in (("moves", "Move", {"rule": "self != oldSelf"}),
                                   ("turns", "Turn", {"rule": "!oldSelf.hasValue() || self != oldSelf.value()", "optionalOldSelf": True})):
            text = {"type": "string", "maxLength": 5, "x-kubernetes-validations": [rule]}
            self.define(definition(plural, kind, version("v1", {"properties": {"field": text}}, storage=True)))
            self.make({"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": {"name": "o"}, "field": "foo"})
            self.assertIn("field: Invalid value", self.refused("label", plural, "o", "a=b"))
            self.kubectl("patch", plural, "o", "--type=merge", "-p", '{"field":"new"}')

    def test_rules_that_cost_too_much(self):
        expensive = definition("costlies", "Costly", version("v1", {"properties": {"spec": {"type": "object", "properties": {
            "x": {"type": "array", "items": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}}}}}},
            storage=True))
        schema = expensive["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
        schema["x-kubernetes-validations"] = [{"rule": "self.x.all(i, i.all(j, j.all(k, k.contains('x'))))"}]
        said = self.refuse(expensive)
        for line in ("spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost"
                     " exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties,"
                     " and maxLength where arrays, maps, and strings are declared)",
                     "rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema",
                     "spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire"
                     " OpenAPIv3 schema exceeds budget by factor of more than 100x"):
            self.assertIn(line, said)
        below = schema["properties"]["x"]
        while below["type"] == "array":
            below["maxItems"] = 20
            below = below["items"]
        below["maxLength"] = 100
        self.define(expensive)
        schema["x-kubernetes-validations"].append({"rule": "self.x != []", "messageExpression": "'none of ' + string(size(self.x))"})
        self.assertIn("[1].messageExpression: Forbidden: estimated messageExpression cost exceeds budget by factor of more than 100x",
                      self.refuse(expensive, command="apply"))

    def test_server_side_apply(self):
        self.define(crontabs("applieds", "Applied"))
        apply = lambda manager, *extra, **fields: self.up.kubectl(
            "apply", "--server-side", "--field-manager", manager, *extra, "-n", self.namespace, "-f", "-",
            input=yaml.safe_dump(crontab("x", "Applied", **fields)))
        self.assertEqual(apply("one", ports=[{"name": "a", "port": 1}]).returncode, 0)
        self.assertEqual(apply("two", ports=[{"name": "b", "port": 2}]).returncode, 0)
        self.assertEqual([p["name"] for p in self.get("applieds", "x")["spec"]["ports"]], ["a", "b"])
        refused = apply("two", ports=[{"name": "a", "port": 9}])
        self.assertIn('conflict with "one": .spec.ports[name="a"].port', refused.stderr)
        self.assertEqual(apply("two", "--force-conflicts", ports=[{"name": "a", "port": 9}]).returncode, 0)
        self.assertEqual(self.get("applieds", "x")["spec"]["ports"], [{"name": "a", "port": 9}])
        # Client-side apply, twice.
        one = crontab("other", "Applied", image="i")
        self.assertIn("created", self.make(one, command=("apply",)))
        self.assertIn("unchanged", self.make(one, command=("apply",)))
        del one["spec"]["image"]
        self.assertIn("configured", self.make(one, command=("apply",)))
        self.assertNotIn("image", self.get("applieds", "other")["spec"])

    def test_versions(self):
        old = version("v1beta1", {"x-kubernetes-preserve-unknown-fields": True}, deprecated=True)
        new = version("v1", {"x-kubernetes-preserve-unknown-fields": True}, storage=True)
        name = self.define(definition("agings", "Aging", old, new))
        self.make({"apiVersion": f"{GROUP}/v1", "kind": "Aging", "metadata": {"name": "x"}, "spec": {"a": 1}})
        done = self.up.kubectl("get", f"agings.v1beta1.{GROUP}", "x", "-n", self.namespace, "-o", "json")
        self.assertEqual(json.loads(done.stdout)["apiVersion"], f"{GROUP}/v1beta1")
        self.assertIn(f"Warning: {GROUP}/v1beta1 Aging is deprecated", done.stderr)
        self.assertEqual(self.get("agings", "x")["apiVersion"], f"{GROUP}/v1")
        # Another storage version: what is stored is read on.
        changed = definition("agings", "Aging", {**old, "storage": True}, {**new, "storage": False})
        self.make(changed, command=("apply",))
        self.assertEqual(self.get("crd", name)["status"]["storedVersions"], ["v1", "v1beta1"])
        self.assertEqual(self.get("agings", "x")["apiVersion"], f"{GROUP}/v1")
        self.kubectl("label", "agings", "x", "l=1")
        self.assertEqual(self.get("agings", "x")["spec"], {"a": 1})
        # A version that is served no longer.
        self.make(definition("agings", "Aging", {**old, "storage": True}, {**new, "served": False, "storage": False}), command=("apply",))
        wait_for(lambda: self.up.kubectl("get", "--raw", f"/apis/{GROUP}/v1/agings").returncode, "v1 is gone")
        self.assertEqual(json.loads(self.kubectl("get", "--raw", f"/apis/{GROUP}/v1beta1/agings"))["items"][0]["metadata"]["name"], "x")

    def test_defaults_of_today_show_in_older_objects(self):
        schema = lambda **fields: {"properties": {"spec": {"type": "object", "default": {}, "properties": fields}}} if fields else {
            "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}}
        columns = [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}]
        crd = definition("hats", "Hat", version("v1", schema(), storage=True, additionalPrinterColumns=columns), group="defaults.example.com")
        self.define(crd)
        hat = lambda name: {"apiVersion": "defaults.example.com/v1", "kind": "Hat", "metadata": {"name": name}}
        self.make(hat("old"))
        self.assertNotIn("spec", self.get("hat", "old"))
        stored = self.get("hat", "old")["metadata"]["resourceVersion"]
        crd["spec"]["versions"][0] = version("v1", schema(size={"type": "integer", "default": 7}), storage=True, additionalPrinterColumns=columns)
        self.define(crd)
        wait_for(lambda: self.get("hat", "old").get("spec") == {"size": 7}, "the default shows")
        self.make(hat("new"))
        self.assertEqual([h["spec"] for h in self.get("hats")["items"]], [{"size": 7}] * 2)
        self.assertRegex(self.kubectl("get", "hats"), r"old +7")
        watched = self.kubectl("get", "--raw", f"/apis/defaults.example.com/v1/namespaces/{self.namespace}/hats?watch=1&timeoutSeconds=1&resourceVersion=0")
        self.assertEqual([json.loads(line)["object"]["spec"] for line in watched.splitlines()], [{"size": 7}] * 2)
        self.assertEqual(self.get("hat", "old")["metadata"]["resourceVersion"], stored)  # nothing was written
        self.kubectl("annotate", "hat", "old", "k=v")
        self.assertEqual(self.get("hat", "old")["spec"], {"size": 7})
        # What was stored in another version is shown in that which is asked for.
        crd["spec"]["versions"][0]["storage"] = False
        crd["spec"]["versions"].append(version("v2", schema(size={"type": "integer", "default": 8}), storage=True))
        self.define(crd)
        wait_for(lambda: self.get("hats.v2.defaults.example.com", "new")["apiVersion"] == "defaults.example.com/v2", "it has two versions")
        self.assertEqual(self.get("hats.v1.defaults.example.com", "new")["apiVersion"], "defaults.example.com/v1")

    def test_a_conversion_webhook(self):
        """v1 has `host`, v2 `hosts`."""
        def convert(request):
            made = copy.deepcopy(request["objects"])
            for o in made:
                spec_of = o.setdefault("spec", {})
                if spec_of.get("host") == "broken":
                    return {"uid": request["uid"], "result": {"status": "Failure", "message": "it is broken"}}
                if request["desiredAPIVersion"].endswith("/v2"):
                    spec_of["hosts"] = [spec_of.pop("host")]
                else:
                    spec_of["host"] = spec_of.pop("hosts")[0]
                o["apiVersion"] = request["desiredAPIVersion"]
                o["metadata"]["resourceVersion"] = "1"  # not its to change
            return {"uid": request["uid"], "result": {"status": "Success"}, "convertedObjects": made}

        server = Webhooks({"/convert": convert})
        self.addCleanup(server.stop)
        fields = lambda schema: {"properties": {"spec": {"type": "object", "properties": schema}}}
        document = definition("hosteds", "Hosted", version("v1", fields({"host": {"type": "string"}}), storage=True),
                              version("v2", fields({"hosts": {"type": "array", "items": {"type": "string"}}})))
        document["spec"]["conversion"] = {"strategy": "Webhook", "webhook": {
            "clientConfig": server.config("/convert"), "conversionReviewVersions": ["v1"]}}
        self.define(document)
        hosted = lambda name, api, **spec_of: {"apiVersion": f"{GROUP}/{api}", "kind": "Hosted", "metadata": {"name": name}, "spec": spec_of}
        of = lambda api, name: self.get(f"hosteds.{api}.{GROUP}", name)
        self.make(hosted("one", "v1", host="a"), hosted("two", "v2", hosts=["b"]))
        self.assertEqual([(of("v1", n)["spec"], of("v2", n)["spec"]) for n in ("one", "two")],
                         [({"host": "a"}, {"hosts": ["a"]}), ({"host": "b"}, {"hosts": ["b"]})])
        self.assertEqual(of("v1", "one")["metadata"], of("v2", "one")["metadata"])
        asked = len(server.asked["/convert"])
        self.assertEqual([o["spec"]["hosts"] for o in self.get(f"hosteds.v2.{GROUP}")["items"]], [["a"], ["b"]])
        self.assertEqual(len(server.asked["/convert"]), asked + 1)  # a list at once
        self.assertEqual(len(self.get(f"hosteds.v1.{GROUP}")["items"]), 2)
        self.assertEqual(len(server.asked["/convert"]), asked + 1)  # and none for what is stored so
        self.kubectl("patch", f"hosteds.v2.{GROUP}", "one", "--type=merge", "-p", '{"spec":{"hosts":["c"]}}')
        self.assertEqual(of("v1", "one")["spec"], {"host": "c"})
        self.make(hosted("three", "v1", host="broken"))
        self.assertIn(f"conversion webhook for {GROUP}/v1, Kind=Hosted failed: it is broken", self.refused("get", f"hosteds.v2.{GROUP}", "three"))
        self.kubectl("get", f"hosteds.v1.{GROUP}", "three")
        self.kubectl("delete", f"hosteds.v2.{GROUP}", "one")

    def test_versions_that_a_webhook_makes_are_watched_and_selected(self):
        """v1 has `hostPort`, v2 `host` and `port`; each is selected by its own fields."""
        def convert(request):
            made = copy.deepcopy(request["objects"])
            for o in made:
                if request["desiredAPIVersion"].endswith("/v2"):
                    o["host"], _, o["port"] = o.pop("hostPort").partition(":")
                else:
                    o["hostPort"] = o.pop("host") + ":" + o.pop("port", "")
                o["apiVersion"] = request["desiredAPIVersion"]
            return {"uid": request["uid"], "result": {"status": "Success"}, "convertedObjects": made}

        server = Webhooks({"/convert": convert})
        self.addCleanup(server.stop)
        of = lambda name, *fields, **more: version(name, {"properties": {f: {"type": "string"} for f in fields}},
                                                   selectableFields=[{"jsonPath": "." + f} for f in fields]) | more
        document = definition("endings", "Ending", of("v1", "hostPort", storage=True), of("v2", "host", "port"))
        document["spec"]["conversion"] = {"strategy": "Webhook", "webhook": {
            "clientConfig": server.config("/convert"), "conversionReviewVersions": ["v1"]}}
        self.define(document)
        path = lambda api: f"/apis/{GROUP}/{api}/namespaces/{self.namespace}/endings"
        watches = {}
        for api, fields in (("v2", "host=host1"), ("v2", "host=host1,port=80"), ("v1", "hostPort=host1:80")):
            watches[fields] = Watch(self.up.insecure_port, f"{path(api)}?watch=true&fieldSelector={quote(fields)}")
            self.addCleanup(watches[fields].close)
        ending = lambda name, host, port: {"apiVersion": f"{GROUP}/v2", "kind": "Ending", "metadata": {"name": name}, "host": host, "port": port}
        self.make(ending("a", "host1", "80"), ending("b", "host1", "8080"), ending("c", "host2", "1"))
        named = lambda api, fields: self.kubectl("get", f"endings.{api}.{GROUP}", "--field-selector", fields, "-o", "name").replace(f"ending.{GROUP}/", "").split()
        self.assertEqual([named("v2", "host=host1"), named("v2", "host=host1,port=80"), named("v2", "host!=host1"), named("v1", "hostPort=host1:8080")],
                         [["a", "b"], ["a"], ["c"], ["b"]])
        self.kubectl("delete", f"endings.v2.{GROUP}", "--field-selector", "host=host1,port=80")
        self.kubectl("delete", "--raw", f"{path('v2')}?fieldSelector={quote('host!=host1')}")
        self.kubectl("patch", f"endings.v2.{GROUP}", "b", "--type=merge", "-p", '{"host":"host2"}')
        self.assertEqual([named("v2", "host=host1"), named("v2", "host!=host1")], [[], ["b"]])
        told = {"host=host1": [("ADDED", "a"), ("ADDED", "b"), ("DELETED", "a"), ("DELETED", "b")],
                "host=host1,port=80": [("ADDED", "a"), ("DELETED", "a")], "hostPort=host1:80": [("ADDED", "a"), ("DELETED", "a")]}
        for fields, events in told.items():
            wait_for(lambda: watches[fields].heard() == events, f"{fields} is told of")
        last = watches["host=host1"].events[-1]["object"]
        self.assertEqual((last["apiVersion"], last["host"], last["port"]), (f"{GROUP}/v2", "host1", "8080"))
        first = Watch(self.up.insecure_port, f"{path('v2')}?watch=true&resourceVersion=0")
        self.addCleanup(first.close)
        wait_for(lambda: [(e["type"], e["object"].get("host")) for e in first.events] == [("ADDED", "host2")], "a watch begins with what there is")

    def test_names_that_others_have(self):
        self.define(crontabs("firsts", "First", shortNames=["fi"]))
        self.make(crontabs("seconds", "Second", shortNames=["fi"]), command=("apply",))
        self.addCleanup(self.up.kubectl, "delete", "crd", f"seconds.{GROUP}", "--ignore-not-found", "--wait=false")
        condition = lambda: {c["type"]: c for c in self.get("crd", f"seconds.{GROUP}")["status"].get("conditions") or []}
        wait_for(lambda: "NamesAccepted" in condition(), "the names are judged")
        self.assertEqual((condition()["NamesAccepted"]["reason"], condition()["NamesAccepted"]["message"]),
                         ("ShortNamesConflict", '"fi" is already in use'))
        self.assertEqual(condition()["Established"]["status"], "False")
        self.kubectl("delete", "crd", f"firsts.{GROUP}")
        self.kubectl("wait", "--for=condition=Established", f"crd/seconds.{GROUP}", "--timeout=10s")

    def test_definitions_that_make_no_sense(self):
        two = definition("nonsenses", "Nonsense", version("v1", {}, storage=True), version("v2", {}, storage=True))
        self.assertIn("must have exactly one version marked as storage version", self.refuse(two))
        shapeless = definition("nonsenses", "Nonsense", version("v1", {"properties": {"a": {}}}, storage=True))
        self.assertIn("must not be empty for specified object fields", self.refuse(shapeless))
        misset = definition("nonsenses", "Nonsense", version("v1", {"properties": {"a": {"type": "integer", "default": "x"}}}, storage=True))
        self.assertIn('properties[a].default: Invalid value: "string"', self.refuse(misset))
        keyless = {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                   "items": {"type": "object", "properties": {"name": {"type": "string"}}}}
        self.assertIn("properties[parts].items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys",
                      self.refuse(definition("nonsenses", "Nonsense", version("v1", {"properties": {"parts": keyless}}, storage=True))))
        typed = {"properties": {"a": {"type": "string", "anyOf": [{"type": "string"}]}}}
        self.assertIn("properties[a].anyOf[0].type: Forbidden: must be empty to be structural",
                      self.refuse(definition("nonsenses", "Nonsense", version("v1", typed, storage=True))))
        chosen = version("v1", {"properties": {"a": {"type": "string"}}}, storage=True) | {"selectableFields": [{"jsonPath": ".b"}]}
        self.assertIn("spec.selectableFields[0].jsonPath: Invalid value: \".b\": is an invalid path: does not refer to a valid field",
                      self.refuse(definition("nonsenses", "Nonsense", chosen)))
        misnamed = crontabs("nonsenses", "Nonsense")
        misnamed["metadata"]["name"] = "other.example.com"
        self.assertIn('must be spec.names.plural+"."+spec.group', self.refuse(misnamed))

    def test_fields_to_select_by(self):
        self.define(crontabs("selecteds", "Selected"))
        self.make(crontab("a", "Selected", image="red"), crontab("b", "Selected", image="blue"))
        self.assertEqual(self.kubectl("get", "selecteds", "--field-selector", "spec.image=red", "-o", "name"), f"selected.{GROUP}/a\n")
        self.assertIn("field label not supported", self.refused("get", "selecteds", "--field-selector", "spec.cronSpec=x"))
        self.kubectl("delete", "selecteds", "--field-selector", "spec.image=red")
        self.assertEqual(self.kubectl("get", "selecteds", "-o", "name"), f"selected.{GROUP}/b\n")

    def test_owners_and_namespaces(self):
        self.define(crontabs("owneds", "Owned"))
        self.make(crontab("parent", "Owned"))
        uid = self.get("owneds", "parent")["metadata"]["uid"]
        owner = {"ownerReferences": [{"apiVersion": f"{GROUP}/v1", "kind": "Owned", "name": "parent", "uid": uid}]}
        self.make(crontab("child", "Owned", metadata=owner),
                  {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "child", **owner}},
                  crontab("stranger", "Owned", metadata={"finalizers": ["example.com/held"]}))
        self.kubectl("delete", "owned", "parent")
        wait_for(lambda: self.up.kubectl("get", "owned/child", "-n", self.namespace).returncode, "the child is collected")
        wait_for(lambda: self.up.kubectl("get", "cm/child", "-n", self.namespace).returncode, "the ConfigMap is collected")
        self.kubectl("delete", "owned", "stranger", "--wait=false")
        self.assertIn("deletionTimestamp", self.get("owned", "stranger")["metadata"])
        self.kubectl("patch", "owned", "stranger", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        self.refused("get", "owned", "stranger")
        self.kubectl("create", "namespace", "owned-too")
        self.kubectl("create", "-n", "owned-too", "-f", "-", input=yaml.safe_dump(crontab("x", "Owned")))
        self.kubectl("delete", "namespace", "owned-too", "--timeout=20s")
        self.assertEqual(self.get("owneds", "-A")["items"], [])

    def test_a_watch_ends_with_its_definition(self):
        name = self.define(crontabs("ends", "End"))
        self.make(crontab("a", "End"))
        path = f"/apis/{GROUP}/v1/namespaces/{self.namespace}/ends?watch=true&timeoutSeconds=50"
        watch = subprocess.Popen(["kubectl", "get", "--raw", path], stdout=subprocess.PIPE, text=True,
                                 env={**os.environ, "KUBECONFIG": self.up.kubeconfig})
        self.addCleanup(watch.kill)
        self.assertEqual(json.loads(watch.stdout.readline())["type"], "ADDED")
        started = time.monotonic()
        self.kubectl("delete", "crd", name)
        rest, _ = watch.communicate(timeout=20)
        self.assertLess(time.monotonic() - started, 15)
        self.assertEqual([json.loads(line)["type"] for line in rest.splitlines()][-1], "DELETED")
        self.assertEqual(watch.returncode, 0)

    def test_a_quota_counts_objects(self):
        self.define(crontabs("counted", "Counted"))
        self.kubectl("create", "quota", "q", f"--hard=count/counted.{GROUP}=1")
        self.make(crontab("a", "Counted"))
        wait_for(lambda: self.get("quota", "q").get("status", {}).get("used") == {f"count/counted.{GROUP}": "1"}, "it is counted")
        self.assertIn(f"exceeded quota: q, requested: count/counted.{GROUP}=1, used: count/counted.{GROUP}=1, limited: count/counted.{GROUP}=1",
                      self.refuse(crontab("b", "Counted")))

    def test_a_restart(self):
        self.define(crontabs("keptones", "KeptOne"))
        self.make(crontab("x", "KeptOne"))
        self.up.kill_and_restart()
        self.assertEqual(self.get("keptones", "x", "-n", self.namespace)["spec"]["replicas"], 1)

    def test_the_dynamic_client(self):
        from kubernetes import config, dynamic
        from kubernetes.client import api_client
        self.define(crontabs("dynamics", "Dynamic"))
        client = dynamic.DynamicClient(config.new_client_from_config(self.up.kubeconfig))
        api = client.resources.get(api_version=f"{GROUP}/v1", kind="Dynamic")
        made = api.create(body=crontab("x", "Dynamic"), namespace=self.namespace)
        self.assertEqual(made.spec.replicas, 1)
        watched = api.watch(namespace=self.namespace, timeout=2, resource_version=made.metadata.resourceVersion)
        api.patch(name="x", namespace=self.namespace, body={"spec": {"replicas": 4}}, content_type="application/merge-patch+json")
        self.assertEqual([(e["type"], e["object"].spec.replicas) for e in watched], [("MODIFIED", 4)])
        api.delete(name="x", namespace=self.namespace)
        self.assertEqual(api.get(namespace=self.namespace).items, [])


if __name__ == "__main__":
    spec.main()
