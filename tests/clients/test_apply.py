"""kubectl's ways of changing objects against `troupe up`: both kinds of apply, diff, edit, replace, patch, set."""
import os
import stat
import sys
import time

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from local import NamespaceTest

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def text(*objects):
    return yaml.safe_dump_all(objects)


def configmap(name, labels=None, **data):
    metadata = {"name": name, "labels": labels} if labels else {"name": name}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def deployment(replicas=2, image="busybox:1", **more):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}},
                     "template": {"metadata": {"labels": {"app": "web"}},
                                  "spec": {"containers": [{"name": "c", "image": image, **more}]}}}}


class Apply(NamespaceTest):
    def version(self, *args):
        return self.get(*args)["metadata"]["resourceVersion"]

    def managers(self, *args):
        entries = self.get(*args, "--show-managed-fields")["metadata"]["managedFields"]
        return {(e["manager"], e["operation"]) for e in entries if e["manager"] != "deployment-controller"}

    def settled(self):
        """The controllers have written all that they have to."""
        self.kubectl("rollout", "status", "deployment/web", "--timeout=30s")

    def editor(self, script):
        """A KUBE_EDITOR that runs a line of sed on the file."""
        path = f"{self.up.folder}/editor-{self.namespace}"
        with open(path, "w") as file:
            file.write(f"#!/bin/sh\nsed -i '{script}' \"$1\"\n")
        os.chmod(path, stat.S_IRWXU)
        return path

    def edit(self, script, *args):
        """What kubectl says, on both streams."""
        os.environ["KUBE_EDITOR"] = self.editor(script)
        try:
            done = self.up.kubectl(*args)
        finally:
            del os.environ["KUBE_EDITOR"]
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout + done.stderr

    def test_client_side(self):
        apply = lambda o: self.kubectl("apply", "-f", "-", input=text(o))
        self.assertEqual(apply(deployment()), "deployment.apps/web created\n")
        self.settled()
        before = self.version("deployment", "web")
        self.assertEqual(apply(deployment()), "deployment.apps/web unchanged\n")
        self.assertEqual(self.version("deployment", "web"), before)
        self.assertEqual(apply(deployment(replicas=3)), "deployment.apps/web configured\n")
        self.assertEqual(self.get("deployment", "web")["spec"]["replicas"], 3)
        self.assertEqual(self.managers("deployment", "web"), {("kubectl-client-side-apply", "Update")})
        self.assertIn('"replicas":3', self.kubectl("apply", "view-last-applied", "deployment/web", "-o", "json").replace(" ", ""))
        self.assertEqual(apply(deployment(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])),
                         "deployment.apps/web configured\n")
        apply(deployment(env=[{"name": "B", "value": "3"}]))
        container = self.get("deployment", "web")["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(container["env"], [{"name": "B", "value": "3"}])

    def test_last_applied(self):
        self.kubectl("create", "-f", "-", input=text(configmap("c", x="1")))
        path = f"{self.up.folder}/last-applied.yaml"
        with open(path, "w") as file:
            file.write(text(configmap("c", x="1")))
        self.assertEqual(self.kubectl("apply", "set-last-applied", "-f", path, "--create-annotation=true"), "configmap/c configured\n")
        self.assertIn("x: \"1\"", self.kubectl("apply", "view-last-applied", "cm/c"))
        self.edit("s/x: \"1\"/x: \"2\"/", "apply", "edit-last-applied", "cm/c")
        self.assertIn("x: \"2\"", self.kubectl("apply", "view-last-applied", "cm/c"))

    def test_server_side(self):
        apply = lambda o, *flags: self.kubectl("apply", "--server-side", "-f", "-", *flags, input=text(o))
        self.assertEqual(apply(deployment()), "deployment.apps/web serverside-applied\n")
        self.settled()
        before = self.get("deployment", "web", "--show-managed-fields")
        self.assertEqual(before["metadata"]["managedFields"][0]["manager"], "kubectl")
        time.sleep(1.1)  # so that a new time would be seen
        self.assertEqual(apply(deployment()), "deployment.apps/web serverside-applied\n")
        self.assertEqual(self.get("deployment", "web", "--show-managed-fields"), before)

        refused = self.refused("apply", "--server-side", "--field-manager=other", "-f", "-", input=text(deployment(replicas=5)))
        self.assertIn('conflict with "kubectl": .spec.replicas', refused)
        self.assertIn("Please review the fields above", refused)
        apply(deployment(replicas=5), "--field-manager=other", "--force-conflicts")
        self.assertEqual(self.get("deployment", "web")["spec"]["replicas"], 5)
        self.assertEqual(self.managers("deployment", "web"), {("kubectl", "Apply"), ("other", "Apply")})

    def test_removal_by_owner(self):
        apply = lambda o, manager: self.kubectl("apply", "--server-side", f"--field-manager={manager}", "-f", "-", input=text(o))
        apply(configmap("c", x="1", w="1"), "a")
        apply(configmap("c", w="1", z="1"), "b")
        apply(configmap("c"), "a")
        self.assertEqual(self.get("cm", "c")["data"], {"w": "1", "z": "1"})

    def test_from_client_to_server_side(self):
        self.kubectl("apply", "-f", "-", input=text(deployment()))
        self.assertEqual(self.kubectl("apply", "--server-side", "-f", "-", input=text(deployment(image="busybox:2"))),
                         "deployment.apps/web serverside-applied\n")
        # The second is kubectl's own, for the annotation.
        self.assertEqual(self.managers("deployment", "web"), {("kubectl", "Apply"), ("kubectl-last-applied", "Apply")})
        found = self.get("deployment", "web")
        self.assertEqual(found["spec"]["template"]["spec"]["containers"][0]["image"], "busybox:2")
        self.assertIn("busybox:2", found["metadata"]["annotations"][LAST_APPLIED])
        # And back. The server kept the annotation up to date, so that a field that is left out now is removed.
        less = deployment(image="busybox:2")
        del less["spec"]["replicas"]
        self.assertEqual(self.kubectl("apply", "-f", "-", input=text(less)), "deployment.apps/web configured\n")
        self.assertEqual(self.get("deployment", "web")["spec"]["replicas"], 1)
        self.assertEqual(self.kubectl("apply", "-f", "-", input=text(less)), "deployment.apps/web unchanged\n")

    def test_dry_run_and_diff(self):
        self.kubectl("apply", "--server-side", "-f", "-", input=text(configmap("c", x="1")))
        self.assertEqual(self.kubectl("apply", "--server-side", "--dry-run=server", "-f", "-", input=text(configmap("c", x="2"))),
                         "configmap/c serverside-applied (server dry run)\n")
        self.assertEqual(self.get("cm", "c")["data"], {"x": "1"})
        for flags in (["--server-side"], []):
            with self.subTest(flags=flags):
                done = self.up.kubectl("diff", *flags, "-f", "-", input=text(configmap("c", x="2")))
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("+  x: \"2\"", done.stdout)
                self.assertIn("-  x: \"1\"", done.stdout)
        self.assertEqual(self.kubectl("diff", "--server-side", "-f", "-", input=text(configmap("c", x="1"))), "")

    def test_prune(self):
        both = text(configmap("keep", {"app": "p"}, x="1"), configmap("drop", {"app": "p"}, x="1"))
        self.kubectl("apply", "-l", "app=p", "-f", "-", input=both)
        self.kubectl("create", "-f", "-", input=text(configmap("foreign", {"app": "p"}, x="1")))
        out = self.kubectl("apply", "--prune", "-l", "app=p", "--prune-allowlist=core/v1/ConfigMap", "-f", "-",
                           input=text(configmap("keep", {"app": "p"}, x="1")))
        self.assertEqual(out, "configmap/keep unchanged\nconfigmap/drop pruned\n")
        names = {o["metadata"]["name"] for o in self.get("cm")["items"]} - {"kube-root-ca.crt"}
        self.assertEqual(names, {"keep", "foreign"})

    def test_prune_with_applyset(self):
        os.environ["KUBECTL_APPLYSET"] = "true"
        self.addCleanup(os.environ.pop, "KUBECTL_APPLYSET")
        flags = ["apply", "--server-side", "--prune", "--applyset=set", "-n", self.namespace, "-f", "-"]
        self.kubectl(*flags, input=text(configmap("a", x="1"), configmap("b", x="1")))
        out = self.kubectl(*flags, input=text(configmap("a", x="1")))
        self.assertIn("configmap/b pruned", out)
        self.assertEqual({o["metadata"]["name"] for o in self.get("cm")["items"]} - {"kube-root-ca.crt"}, {"a"})
        self.assertIn("applyset.kubernetes.io/id", self.get("secret", "set")["metadata"]["labels"])

    def test_edit(self):
        self.kubectl("create", "-f", "-", input=text(configmap("c", x="1")))
        self.assertEqual(self.edit("s/x: \"1\"/x: \"2\"/", "edit", "cm/c"), "configmap/c edited\n")
        self.assertEqual(self.get("cm", "c")["data"], {"x": "2"})
        self.assertEqual(self.edit("s/nothing/at all/", "edit", "cm/c"), "Edit cancelled, no changes made.\n")
        self.assertIn(("kubectl-edit", "Update"), self.managers("cm", "c"))

    def test_replace(self):
        self.kubectl("create", "-f", "-", input=text(configmap("c", x="1")))
        self.assertEqual(self.kubectl("replace", "-f", "-", input=text(configmap("c", w="2"))), "configmap/c replaced\n")
        self.assertEqual(self.get("cm", "c")["data"], {"w": "2"})
        stale = configmap("c", w="3")
        stale["metadata"]["resourceVersion"] = "1"
        self.assertIn("the object has been modified", self.refused("replace", "-f", "-", input=text(stale)))
        self.kubectl("replace", "--force", "-f", "-", input=text(configmap("c", z="1")))
        self.assertEqual(self.get("cm", "c")["data"], {"z": "1"})
        self.assertIn('configmaps "none" not found', self.refused("replace", "-f", "-", input=text(configmap("none"))))

    def test_patch(self):
        self.kubectl("create", "-f", "-", input=text(deployment()))
        patch = lambda kind, body: self.kubectl("patch", "deployment", "web", f"--type={kind}", "-p", body)
        self.assertEqual(patch("merge", '{"spec":{"replicas":4}}'), "deployment.apps/web patched\n")
        self.assertEqual(patch("merge", '{"spec":{"replicas":4}}'), "deployment.apps/web patched (no change)\n")
        patch("json", '[{"op":"test","path":"/spec/replicas","value":4},{"op":"replace","path":"/spec/replicas","value":5},'
                      '{"op":"add","path":"/metadata/annotations","value":{"a/b":"1"}},{"op":"move","from":"/metadata/annotations/a~1b","path":"/metadata/annotations/c"}]')
        patch("strategic", '{"spec":{"template":{"spec":{"containers":[{"name":"d","image":"e"}]}}}}')
        found = self.get("deployment", "web")
        self.assertEqual(found["spec"]["replicas"], 5)
        self.assertEqual(found["metadata"]["annotations"]["c"], "1")
        self.assertNotIn("a/b", found["metadata"]["annotations"])
        self.assertEqual({c["name"] for c in found["spec"]["template"]["spec"]["containers"]}, {"c", "d"})
        patch("strategic", '{"spec":{"template":{"spec":{"containers":[{"$patch":"delete","name":"c"}]}}}}')
        self.assertEqual([c["name"] for c in self.get("deployment", "web")["spec"]["template"]["spec"]["containers"]], ["d"])
        self.assertIn("The request is invalid: the server rejected our request due to an error in our request",
                      self.refused("patch", "deployment", "web", "--type=json", "-p", '[{"op":"test","path":"/spec/replicas","value":1}]'))
        self.assertEqual(self.kubectl("patch", "deployment", "web", "--subresource=status", "--type=merge", "-p",
                                      '{"status":{"observedGeneration":7}}'), "deployment.apps/web patched\n")

    def test_set_label_annotate(self):
        self.kubectl("create", "-f", "-", input=text(deployment()))
        self.assertEqual(self.kubectl("set", "image", "deployment/web", "c=busybox:9"), "deployment.apps/web image updated\n")
        self.assertEqual(self.kubectl("set", "env", "deployment/web", "A=1"), "deployment.apps/web env updated\n")
        self.assertEqual(self.kubectl("set", "resources", "deployment/web", "--limits=cpu=200m"),
                         "deployment.apps/web resource requirements updated\n")
        container = self.get("deployment", "web")["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual((container["image"], container["env"], container["resources"]),
                         ("busybox:9", [{"name": "A", "value": "1"}], {"limits": {"cpu": "200m"}}))
        self.assertEqual(self.kubectl("label", "deployment", "web", "tier=front"), "deployment.apps/web labeled\n")
        self.assertIn("already has a value (front), and --overwrite is false", self.refused("label", "deployment", "web", "tier=back"))
        self.assertEqual(self.kubectl("label", "deployment", "web", "tier-"), "deployment.apps/web unlabeled\n")
        self.assertEqual(self.kubectl("annotate", "deployment", "web", "note=hello"), "deployment.apps/web annotated\n")
        self.assertEqual(self.get("deployment", "web")["metadata"]["annotations"]["note"], "hello")


if __name__ == "__main__":
    spec.main()
