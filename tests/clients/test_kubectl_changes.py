"""kubectl's commands that change objects from files and editors: create, apply, diff, edit, replace, patch, reconcile."""
import json
import os
import sys

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from local import NamespaceTest


def configmap(name, value="1", **metadata):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **metadata}, "data": {"a": value}}


def deployment(name, replicas=1):
    labels = {"app": name}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": labels},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "web:1"}]}}}}


class Changes(NamespaceTest):
    """Each case has a namespace and a folder of its own."""

    def setUp(self):
        super().setUp()
        self.folder = f"{self.up.folder}/{self.namespace}"
        os.mkdir(self.folder)

    def file(self, name, *objects):
        with open(f"{self.folder}/{name}", "w") as file:
            yaml.safe_dump_all(objects, file)
        return file.name

    def edit(self, script, *args):
        """kubectl edit with an editor that runs `script` over the file the first time, and then gives up. Returns what
        kubectl said, and the file as the editor saw it last."""
        editor, seen = f"{self.folder}/editor", f"{self.folder}/seen"
        with open(editor, "w") as file:
            file.write(f'#!/bin/sh\ncp "$1" {seen}\n[ -e {seen}.1 ] && exit 0\ncp "$1" {seen}.1\nsed -i \'{script}\' "$1"\n')
        os.chmod(editor, 0o755)
        if os.path.exists(f"{seen}.1"):
            os.remove(f"{seen}.1")
        done = self.up.run("env", f"KUBE_EDITOR={editor}", f"TMPDIR={self.folder}", "kubectl", *args)
        with open(seen) as file:
            return done.stdout + done.stderr, file.read()

    def field(self, what, path):
        return self.kubectl("get", what, "-o", f"jsonpath={path}")

    def test_files_with_lists_and_several_documents(self):
        path = self.file("all.yaml", configmap("a"), {"apiVersion": "v1", "kind": "List", "items": [configmap("b"), deployment("d")]},
                         {"apiVersion": "v1", "kind": "ConfigMapList", "items": [configmap("c")]})
        self.assertEqual(self.kubectl("create", "-f", path, "--dry-run=server", "-o", "name").split(),
                         ["configmap/a", "configmap/b", "deployment.apps/d", "configmap/c"])
        self.assertEqual(self.kubectl("create", "-f", path).count(" created\n"), 4)
        self.assertEqual(self.refused("create", "-f", path).count("AlreadyExists"), 4)
        self.assertEqual(self.kubectl("get", "-f", path, "-o", "name").split(),
                         ["configmap/a", "configmap/b", "deployment.apps/d", "configmap/c"])
        self.assertEqual(self.kubectl("delete", "-f", path).count(" deleted\n"), 4)
        self.assertEqual(self.refused("delete", "-f", path).count("NotFound"), 4)
        self.assertEqual(self.kubectl("delete", "-f", path, "--ignore-not-found"), "")

    def test_unknown_and_mistyped_fields(self):
        odd = deployment("odd")
        odd["spec"]["colour"] = "red"
        odd["spec"]["template"]["spec"]["containers"][0]["imag"] = "x"
        path = self.file("odd.yaml", odd)
        for verb in ("create", "apply"):
            self.assertIn('strict decoding error: unknown field "spec.colour", unknown field "spec.template.spec.containers[0].imag"',
                          self.refused(verb, "-f", path))
        warned = self.up.kubectl("create", "--validate=warn", "-f", path)
        self.assertEqual((warned.stdout, warned.stderr.count("Warning: unknown field")), ("deployment.apps/odd created\n", 2))
        self.assertEqual(self.kubectl("apply", "--validate=ignore", "-f", path).split()[1], "configured")
        self.assertIn("field not declared in schema", self.refused("apply", "--server-side", "--validate=ignore", "-f", path))
        mistyped = deployment("odd", replicas="many")
        self.assertIn("json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
                      self.refused("apply", "-f", self.file("mistyped.yaml", mistyped)))

    def test_diff_tells_by_its_exit_code(self):
        path = self.file("d.yaml", deployment("d"))
        self.assertEqual(self.up.kubectl("diff", "-f", path).returncode, 1)
        self.kubectl("apply", "-f", path)
        for flags in ((), ("--server-side", "--force-conflicts", "--field-manager=other")):
            same = self.up.kubectl("diff", *flags, "-f", path)
            self.assertEqual((same.returncode, same.stdout), (0, ""), same.stderr)
            other = self.up.kubectl("diff", *flags, "-f", self.file("other.yaml", deployment("d", replicas=3)))
            self.assertEqual(other.returncode, 1)
            self.assertIn("-  replicas: 1\n+  replicas: 3\n", other.stdout)
        self.assertGreater(self.up.kubectl("diff", "-f", self.file("bad.yaml", deployment("d", replicas=-1))).returncode, 1)
        self.assertEqual(self.field("deployment/d", "{.spec.replicas}"), "1")

    def test_an_edit_that_is_not_valid_comes_back_with_the_reason(self):
        self.kubectl("create", "-f", self.file("d.yaml", deployment("d")))
        for script, reason in (
                ("s/replicas: 1/replicas: -1/", "# * spec.replicas: Invalid value: -1: must be greater than or equal to 0"),
                ("s/replicas: 1/replicas: x/", "cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"),
                ("s/replicas: 1/replicas: 1\\n  colour: red/", 'strict decoding error: unknown field "spec.colour"')):
            said, seen = self.edit(script, "edit", "deployment", "d")
            self.assertIn('error: deployments.apps "d" is invalid', said)
            self.assertIn('# deployments.apps "d" was not valid:', seen)
            self.assertIn(reason, seen)
        said, _ = self.edit("s/replicas: 1/replicas: 4/", "edit", "deployment", "d")
        self.assertEqual(said, "deployment.apps/d edited\n")
        self.assertEqual(self.field("deployment/d", "{.spec.replicas}"), "4")
        self.kubectl("create", "ingress", "i", "--default-backend=s:80")
        said, _ = self.edit("s/loadBalancer: {}/loadBalancer: {ingress: [{ip: 192.0.2.1}]}/", "edit", "ingress", "i", "--subresource=status")
        self.assertEqual((said, self.field("ingress/i", "{.status.loadBalancer.ingress[*].ip}")),
                         ("ingress.networking.k8s.io/i edited\n", "192.0.2.1"))

    def test_edits_of_several_and_of_a_stale_object(self):
        self.kubectl("create", "-f", self.file("cms.yaml", configmap("a"), configmap("b")))
        self.assertIn("Edit cancelled, no changes made.", self.edit("s/x/x/", "edit", "configmap/a")[0])
        said, seen = self.edit('s/a: "1"/a: "2"/', "edit", "configmap/a", "configmap/b")
        self.assertEqual(said, "configmap/a edited\nconfigmap/b edited\n")
        self.assertIn("kind: List", seen)
        said, _ = self.edit('s/resourceVersion: .*/resourceVersion: "1"/; s/a: "2"/a: "3"/', "edit", "configmap/a")
        self.assertIn("the object has been modified; please apply your changes to the latest version and try again", said)
        self.assertIn("At least one of apiVersion, kind and name was changed", self.edit("s/name: a/name: z/", "edit", "configmap/a")[0])
        self.assertEqual(self.field("configmap/a", "{.data.a}"), "2")
        self.kubectl("apply", "-f", f"{self.folder}/cms.yaml")
        said, _ = self.edit('s/a: "1"/a: "9"/', "apply", "edit-last-applied", "configmap", "a")
        self.assertEqual(said, "configmap/a edited\n")
        self.assertIn('a: "9"', self.kubectl("apply", "view-last-applied", "configmap", "a"))
        self.kubectl("apply", "set-last-applied", "-f", f"{self.folder}/cms.yaml")
        self.assertIn('a: "1"', self.kubectl("apply", "view-last-applied", "configmap", "a"))

    def test_replace(self):
        path = self.file("d.yaml", deployment("d", replicas=2))
        self.assertIn("NotFound", self.refused("replace", "-f", path))
        self.kubectl("create", "-f", path)
        stale = self.get("deployment", "d")
        self.kubectl("label", "deployment", "d", "x=y")
        self.assertIn("the object has been modified", self.refused("replace", "-f", "-", input=json.dumps(stale)))
        del stale["metadata"]["resourceVersion"]
        self.assertEqual(self.kubectl("replace", "-f", "-", input=json.dumps(stale)), "deployment.apps/d replaced\n")
        stale["metadata"]["uid"] = "00000000-0000-0000-0000-000000000000"
        self.assertIn("Precondition failed: UID in precondition", self.refused("replace", "-f", "-", input=json.dumps(stale)))
        other = deployment("d")
        other["spec"]["selector"]["matchLabels"] = other["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
        self.assertIn("field is immutable", self.refused("replace", "-f", "-", input=json.dumps(other)))
        self.assertEqual(self.kubectl("replace", "--force", "-f", "-", input=json.dumps(other)),
                         'deployment.apps "d" deleted\ndeployment.apps/d replaced\n')
        self.assertEqual(self.field("deployment/d", "{.spec.selector.matchLabels.app}"), "other")

    def test_patches_of_subresources(self):
        self.kubectl("create", "-f", self.file("d.yaml", deployment("d")))
        patch = lambda *args: self.kubectl("patch", "deployment", "d", *args)
        self.assertEqual(patch("--subresource=scale", "--type=merge", "-p", '{"spec":{"replicas":4}}'), "scale.autoscaling/d patched\n")
        self.kubectl("rollout", "status", "deployment/d", "--timeout=60s")  # so that nobody else changes it meanwhile
        self.assertEqual(patch("-p", "spec: {replicas: 4}"), "deployment.apps/d patched (no change)\n")
        self.assertIn('The Scale "d" is invalid: spec.replicas: Invalid value: -4',
                      self.refused("patch", "deployment", "d", "--subresource=scale", "--type=json", "-p",
                                   '[{"op":"replace","path":"/spec/replicas","value":-4}]'))
        self.kubectl("create", "ingress", "i", "--default-backend=s:80")
        status = lambda *args: self.kubectl("patch", "ingress", "i", "--subresource=status", *args)
        status("-p", '{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}},"spec":{"ingressClassName":"c"}}')
        self.assertEqual(self.field("ingress/i", "{.spec.ingressClassName} {.status.loadBalancer.ingress[0].ip}"), " 192.0.2.1")
        self.assertEqual(status("--type=json", "-p", '[{"op":"remove","path":"/status/loadBalancer/ingress/0"}]',
                                "-o", "jsonpath={.status}"), '{"loadBalancer":{}}')
        self.assertIn("does not contain declared merge key: name",
                      self.refused("patch", "deployment", "d", "-p", '{"spec":{"template":{"spec":{"containers":[{"image":"a"}]}}}}'))
        self.assertIn("NotFound", self.refused("patch", "deployment", "d", "--subresource=nope", "-p", "{}"))

    def test_raw_and_kustomize(self):
        path = self.file("a.json")
        with open(path, "w") as file:
            json.dump(configmap("a"), file)
        where = f"/api/v1/namespaces/{self.namespace}/configmaps"
        made = json.loads(self.kubectl("create", "--raw", where, "-f", path))
        made["data"]["a"] = "2"
        with open(path, "w") as file:
            json.dump(made, file)
        self.assertEqual(json.loads(self.kubectl("replace", "--raw", f"{where}/a", "-f", path))["data"], {"a": "2"})
        self.assertEqual(json.loads(self.kubectl("delete", "--raw", f"{where}/a"))["details"]["name"], "a")
        self.file("d.yaml", deployment("d"))
        self.file("kustomization.yaml", {"resources": ["d.yaml"], "namePrefix": "k-",
                                         "configMapGenerator": [{"name": "made", "literals": ["a=b"]}]})
        self.assertEqual(self.kubectl("apply", "-k", self.folder).count(" created\n"), 2)
        self.assertEqual(self.up.kubectl("diff", "-k", self.folder).returncode, 0)
        self.assertEqual(self.kubectl("delete", "-k", self.folder).count(" deleted\n"), 2)

    def test_roles_are_reconciled(self):
        group, where = "rbac.authorization.k8s.io", {"name": "r", "namespace": self.namespace}
        rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
        role = {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": where, "rules": [rule]}
        binding = {"apiVersion": f"{group}/v1", "kind": "RoleBinding", "metadata": where,
                   "roleRef": {"apiGroup": group, "kind": "Role", "name": "r"},
                   "subjects": [{"kind": "User", "name": "a", "apiGroup": group}]}
        path = self.file("r.yaml", role, binding)
        self.assertEqual(self.up.kubectl("auth", "reconcile", "-f", path).stderr.count("reconciliation required create"), 2)
        self.assertNotIn("required", self.up.kubectl("auth", "reconcile", "-f", path).stderr)
        role["rules"] = [{**rule, "verbs": ["list"]}]
        binding["subjects"][0]["name"] = "b"
        self.kubectl("auth", "reconcile", "-f", self.file("r.yaml", role, binding))
        self.assertEqual(self.field("role/r", "{.rules[*].verbs[*]}"), "get list")
        self.assertEqual(self.field("rolebinding/r", "{.subjects[*].name}"), "a b")
        self.kubectl("auth", "reconcile", "-f", f"{self.folder}/r.yaml", "--remove-extra-subjects", "--remove-extra-permissions")
        self.assertEqual(self.field("role/r", "{.rules[*].verbs[*]}"), "list")
        self.assertEqual(self.field("rolebinding/r", "{.subjects[*].name}"), "b")


if __name__ == "__main__":
    spec.main()
