"""The troupe command line says what kubectl says, verb by verb; and `troupe up` from start to stop."""
import os
import re
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import wait_for
from local import Up, UpTest, free_port


def ageless(text):
    """Ages move between two calls, and so do the Leases of nodes."""
    return re.sub(r"\b(\d+[smhd])+\b( +)?", "AGE ", re.sub(r"RenewTime:.*", "RenewTime: NOW", text))


class Compared(UpTest):
    def same(self, *args, input=None):
        """Runs both; their output must be the same. Returns it."""
        ours, theirs = self.up.troupe(*args, input=input), self.up.kubectl(*args, input=input)
        self.assertEqual(ageless(ours.stdout), ageless(theirs.stdout), ours.stderr)
        self.assertEqual(ageless(ours.stderr), ageless(theirs.stderr))
        self.assertEqual(ours.returncode, theirs.returncode)
        return ours.stdout


class SameAsKubectl(Compared):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_pods()

    @classmethod
    def make_pods(cls):
        cls.up.kubectl("create", "-f", "-", input=yaml.safe_dump_all([pod("one", labels={"app": "x"}), pod("two")]))
        wait_for(lambda: cls.up.kubectl("get", "pods", "--no-headers").stdout.count("Running") == 2, "both pods run")

    def test_get(self):
        for args in (["pods"], ["pods", "-o", "wide"], ["pods", "-A"], ["pod", "one", "-o", "yaml"], ["pod", "one", "-o", "json"],
                     ["pods", "-l", "app=x"], ["po"], ["pods", "--field-selector", "metadata.name=two"], ["nodes"],
                     ["nodes", "-o", "wide"], ["namespaces"], ["configmaps"], ["pods", "-o", "name"], ["pod/one"],
                     ["pods", "--no-headers"], ["pod", "absent"], ["unknowns"]):
            with self.subTest(args):
                self.same("get", *args)

    def test_describe(self):
        settled = lambda: all("node.alpha.kubernetes.io/ttl" in n["metadata"].get("annotations", {}) for n in self.get("nodes")["items"])
        wait_for(settled, "the last of the controllers has had its say about the nodes")
        for args in (["pod", "one"], ["node", self.get("nodes")["items"][0]["metadata"]["name"]]):
            with self.subTest(args):
                self.same("describe", *args)

    def test_create_apply_delete(self):
        settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cli"}, "data": {"a": "1"}}
        text = yaml.safe_dump(settings)
        done = self.up.troupe("create", "-f", "-", input=text)
        self.assertEqual((done.stdout, done.returncode), ("configmap/cli created\n", 0), done.stderr)
        done = self.up.troupe("create", "-f", "-", input=text)
        self.assertIn("AlreadyExists", done.stderr)
        settings["data"] = {"a": "2"}
        done = self.up.troupe("apply", "-f", "-", input=yaml.safe_dump(settings))
        self.assertEqual(done.stdout, "configmap/cli configured\n", done.stderr)
        self.assertEqual(self.get("configmap", "cli")["data"], {"a": "2"})
        done = self.up.troupe("delete", "configmap", "cli")
        self.assertEqual(done.stdout, 'configmap "cli" deleted\n', done.stderr)
        self.refused("get", "configmap", "cli")

    def test_cordon(self):
        node = self.get("nodes")["items"][0]["metadata"]["name"]
        self.assertEqual(self.up.troupe("cordon", node).stdout, f"node/{node} cordoned\n")
        self.assertTrue(self.get("node", node)["spec"]["unschedulable"])
        self.assertEqual(self.up.troupe("uncordon", node).stdout, f"node/{node} uncordoned\n")

    def in_turn(self, *args):
        """Runs kubectl, undoes it and runs troupe; what they say must be the same. `undo` comes as the last argument."""
        *args, undo = args
        theirs = self.up.kubectl(*args)
        if undo:
            self.kubectl(*undo)
        ours = self.up.troupe(*args)
        for a, b in ((ours.stdout, theirs.stdout), (ours.stderr, theirs.stderr), (ours.returncode, theirs.returncode)):
            self.assertEqual(a, b, args)
        return ours.stdout

    def test_label_and_annotate(self):
        for command, field in (("label", "labels"), ("annotate", "annotations")):
            for args, undo in ((["pod", "two", "k=1"], [command, "pod", "two", "k-"]),
                               (["pod", "two", "k=2"], None),
                               (["pod", "two", "k=2", "--overwrite"], [command, "pod", "two", "k=1", "--overwrite"]),
                               (["pod/two", "k-"], [command, "pod", "two", "k=2"]),
                               (["pods", "--all", "m=1"], [command, "pods", "--all", "m-"]),
                               (["pods", "-l", "app=x", "m-"], [command, "pods", "-l", "app=x", "m=1"]),
                               (["pod", "two", "k=1", "--dry-run=client"], None),
                               (["pod", "two", "k=1", "--dry-run=server"], None),
                               (["pod", "two", "--list"], None),
                               (["pod", "absent", "k=1"], None), (["pod", "two"], None), (["k=1"], None),
                               (["pod", "two", "k=1", "k-"], None), (["pod", "k=1", "two"], None),
                               (["pods", "k=1"], None), (["pods", "--all", "-l", "app=x", "k=1"], None),
                               (["pod", "two", "k=1", "--resource-version=1"], None)):
                with self.subTest(command=command, args=args):
                    self.in_turn(command, *args, undo)
            self.up.troupe(command, "pod", "two", "by=troupe")
            self.assertEqual(self.get("pod", "two")["metadata"][field]["by"], "troupe")

    def test_taint(self):
        node = self.get("nodes")["items"][0]["metadata"]["name"]
        for args, undo in ((["node", node, "a=1:NoSchedule"], ["taint", "node", node, "a-"]),
                           (["node", node, "a=2:NoSchedule"], None),
                           (["node", node, "a=2:NoSchedule", "--overwrite"], None),
                           (["node", node, "b:PreferNoSchedule", "a-"], ["taint", "node", node, "b-", "a=1:NoSchedule"]),
                           (["node", node, "b:PreferNoSchedule-"], ["taint", "node", node, "b:PreferNoSchedule"]),
                           (["node", node, "b-"], None), (["nodes", "--all", "c:NoExecute"], ["taint", "nodes", "--all", "c-"]),
                           (["nodes", "--all", "c-"], ["taint", "nodes", "--all", "c:NoSchedule"]),
                           (["node", node, "a"], None), (["pod", "one", "a:NoSchedule"], None),
                           (["node", "absent", "a:NoSchedule"], None)):
            with self.subTest(args):
                self.in_turn("taint", *args, undo)
        self.assertNotIn("taints", self.get("node", node)["spec"])

    def test_patch(self):
        for args, undo in ((["-p", '{"metadata":{"labels":{"p":"1"}}}'], ["label", "pod", "two", "p-"]),
                           (["-p", '{"metadata":{"labels":{"p":"1"}}}'], None),
                           (["-p", "metadata:\n  labels:\n    p: '2'", "--type", "merge"], ["label", "pod", "two", "p=1", "--overwrite"]),
                           (["--type=json", "-p", '[{"op":"remove","path":"/metadata/labels/p"}]'], ["label", "pod", "two", "p=2"]),
                           (["--type=json", "-p", '[{"op":"remove","path":"/metadata/labels/p"}]'], None),
                           (["-p", '{"spec":{"nodeName":"x"}}'], None), ([], None)):
            with self.subTest(args):
                self.in_turn("patch", "pod", "two", *args, undo)

    def test_drain(self):
        node = self.get("nodes")["items"][1]["metadata"]["name"]
        self.kubectl("create", "-f", "-", input=yaml.safe_dump(pod("alone", nodeName=node)))
        undo = ["uncordon", node]
        self.in_turn("drain", node, undo)
        self.assertTrue(self.get("node", node)["spec"]["unschedulable"])
        self.kubectl(*undo)
        self.in_turn("drain", node, "--force", "--dry-run=client", undo)
        self.kubectl(*undo)
        done = self.up.troupe("drain", node, "--force")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Warning: deleting Pods that declare no controller:", done.stderr)
        self.assertIn("evicting pod default/alone\n", done.stdout)
        self.assertIn("pod/alone evicted\n", done.stdout)
        self.assertTrue(done.stdout.endswith(f"node/{node} drained\n"), done.stdout)
        self.refused("get", "pod", "alone")
        self.kubectl(*undo)
        self.make_pods()

    def test_discovery(self):
        for args in (["api-resources"], ["api-resources", "-o", "wide"], ["api-resources", "-o", "name"],
                     ["api-resources", "--api-group", "apps"], ["api-resources", "--namespaced=false", "--no-headers"],
                     ["api-resources", "--verbs", "list,create", "--sort-by", "kind"], ["api-versions"],
                     ["explain", "pods"], ["explain", "pod.spec.containers"], ["explain", "pod.metadata.labels"],
                     ["explain", "deployment.spec.template.spec.volumes.emptyDir"], ["explain", "pod.spec", "--recursive"],
 ["explain", "configmap", "--api-version", "v1"]):
            with self.subTest(args):
                self.same(*args)

    def test_output_from_files(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/path", "w") as file:
                file.write("{.items[*].metadata.name}")
            with open(f"{folder}/columns", "w") as file:
                file.write("NAME           NODE\n.metadata.name {.spec.nodeName}\n")
            self.same("get", "pods", "-o", f"jsonpath-file={folder}/path")
            self.same("get", "pods", "-o", f"custom-columns-file={folder}/columns")
            self.same("get", "pods", "-o=jsonpath={.items[0].kind}")
        self.assertIn("-o jsonpath", self.up.troupe("get", "pods", "-o", "go-template={{.kind}}").stderr)

    def test_bind(self):
        self.kubectl("create", "-f", "-", input=yaml.safe_dump(pod("by-hand", schedulerName="nobody")))
        node = self.get("nodes")["items"][1]["metadata"]["name"]
        done = self.up.troupe("bind", "by-hand", node)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.get("pod", "by-hand")["spec"]["nodeName"], node)
        self.assertIn("onflict", self.up.troupe("bind", "by-hand", node).stderr)
        self.kubectl("delete", "pod", "by-hand", "--force", "--grace-period=0")

    def test_events(self):
        done = self.up.troupe("events", "--for", "pod/one")
        for reason in ("Scheduled", "Pulled", "Created", "Started"):
            self.assertIn(reason, done.stdout, done.stderr)

    def test_version_and_completion(self):
        self.assertRegex(self.up.troupe("version").stdout, r"\d+\.\d+\.\d+")
        for shell in ("bash", "zsh", "fish"):
            done = self.up.troupe("completion", shell)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("troupe", done.stdout)
        subprocess.run(["bash", "-n"], input=self.up.troupe("completion", "bash").stdout, text=True, check=True)

    def test_flags_that_do_not_exist(self):
        for args in (["get", "pods", "--colour"], ["gett"], ["get"], ["describe"], ["get", "pods", "-q"]):
            with self.subTest(args):
                ours, theirs = self.up.troupe(*args), self.up.kubectl(*args)
                # Which flag is near to a wrong one is told by troupe alone; kubectls differ in what follows a wrong
                # command, and in the first letter.
                said = re.sub(r" \(did you mean .*?\)", "", ours.stderr)
                compared = 1 if args == ["gett"] else None
                self.assertEqual(said.lower().splitlines()[:compared],
                                 theirs.stderr.replace("kubectl", "troupe").lower().splitlines()[:compared])
                self.assertEqual(ours.returncode, 1)


WIDGETS = {
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.shop.example.com"},
    "spec": {"group": "shop.example.com", "scope": "Namespaced",
             "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": ["wd"],
                       "categories": ["all", "goods"]},
             "versions": [{"name": "v1", "served": True, "storage": True,
                           "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}],
                           "schema": {"openAPIV3Schema": {
                               "type": "object", "description": "What the shop sells.",
                               "properties": {"spec": {"type": "object", "properties": {
                                   "size": {"type": "integer", "description": "In metres."},
                                   "tags": {"type": "array", "items": {"type": "string"}}}}}}}}]}}


def widget(name, **spec):
    return yaml.safe_dump({"apiVersion": "shop.example.com/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec})


class CustomKinds(Compared):
    """What a cluster serves besides the built-in kinds is found as kubectl finds it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.up.kubectl("create", "-f", "-", input=yaml.safe_dump(WIDGETS))
        cls.up.kubectl("wait", "--for", "condition=Established", "crd/widgets.shop.example.com")
        cls.up.kubectl("create", "-f", "-", input=widget("small", size=1) + "---\n" + widget("big", size=9))

    def test_reads(self):
        for args in (["get", "widgets"], ["get", "wd", "-A"], ["get", "widget", "small", "-o", "yaml"],
                     ["get", "widgets.shop.example.com", "-o", "name"], ["get", "widgets.v1.shop.example.com"],
                     ["get", "goods"], ["get", "wd/small", "wd/big"], ["get", "wd", "none"], ["get", "gadgets"],
                     ["describe", "widget", "small"], ["explain", "widget.spec"],
                     ["explain", "wd", "--api-version", "shop.example.com/v1"]):
            with self.subTest(args):
                self.same(*args)
        self.assertIn("widget.shop.example.com/small", self.up.troupe("get", "all").stdout)

    def test_writes(self):
        def ours(*args, input=None):
            done = self.up.troupe(*args, input=input)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout

        name = "widget.shop.example.com/mine"
        self.assertEqual(ours("apply", "-f", "-", input=widget("mine", size=1, tags=["a", "b"])), f"{name} created\n")
        self.assertEqual(ours("apply", "-f", "-", input=widget("mine", size=1, tags=["a", "b"])), f"{name} unchanged\n")
        self.assertEqual(ours("apply", "-f", "-", input=widget("mine", tags=["b", "c"])), f"{name} configured\n")
        self.assertEqual(self.get("widget", "mine")["spec"], {"tags": ["b", "c"]})
        self.assertEqual(ours("patch", "widget", "mine", "--type", "merge", "-p", '{"spec":{"size":3}}'), f"{name} patched\n")
        self.assertEqual(ours("label", "wd", "mine", "a=b"), f"{name} labeled\n")
        self.assertEqual(self.get("widget", "mine")["metadata"]["labels"], {"a": "b"})
        self.assertEqual(ours("delete", "widget", "mine"), 'widget.shop.example.com "mine" deleted\n')
        self.assertEqual(ours("create", "-f", "-", input=widget("mine")), f"{name} created\n")
        self.assertEqual(ours("delete", "-f", "-", input=widget("mine")), 'widget.shop.example.com "mine" deleted\n')
        self.same("apply", "-f", "-", input=widget("bad").replace("Widget", "Gadget"))

    def test_completion(self):
        self.assertIn("widgets", self.up.troupe("__complete", "get", "wid").stdout)
        self.assertIn("small", self.up.troupe("__complete", "get", "widgets", "").stdout)


class UpAndDown(UpTest):
    """`troupe up` keeps what it was told across stops, and leaves no process behind."""

    def test_detach_and_down(self):
        with tempfile.TemporaryDirectory() as folder:
            flags = ["--data-dir", folder + "/d", "--bind-address", "127.0.0.1", "--secure-port", str(free_port()),
                     "--edge-port", "0", "--nodes", "1", "--runtime", "hollow"]
            kubectl = lambda *args: self.up.run("kubectl", "--kubeconfig", folder + "/d/kubeconfig", *args)
            started = self.up.troupe("up", "--detach", *flags)
            self.assertEqual(started.returncode, 0, started.stderr)
            self.assertIn("/d/kubeconfig", started.stdout)
            self.assertEqual(kubectl("create", "configmap", "kept").returncode, 0)
            second = self.up.troupe("up", *flags)
            self.assertNotEqual(second.returncode, 0)  # the directory is taken
            self.assertEqual(self.up.troupe("down", "--data-dir", folder + "/d").returncode, 0)
            self.assertNotEqual(kubectl("get", "--raw", "/readyz").returncode, 0)
            self.assertEqual(self.up.troupe("up", "--detach", *flags).returncode, 0)
            try:
                self.assertEqual(kubectl("get", "configmap", "kept").returncode, 0)
            finally:
                self.assertEqual(self.up.troupe("down", "--data-dir", folder + "/d").returncode, 0)

    def test_the_memory_store(self):
        up = Up("--store", "memory")
        try:
            self.assertEqual(up.kubectl("create", "configmap", "volatile").returncode, 0)
        finally:
            up.stop()

    def test_bad_flags(self):
        for flags, said in ((["--secure-port", "99999"], "--secure-port"), (["--store", "etcd"], "redis"),
                            (["--bind-adress", "x"], "--bind-adress"), (["--nodes", "-1"], "--nodes")):
            with self.subTest(flags):
                done = self.up.troupe("up", *flags)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(said, done.stderr)


if __name__ == "__main__":
    spec.main()
