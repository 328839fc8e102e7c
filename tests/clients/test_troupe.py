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
    """Ages move between two calls."""
    return re.sub(r"\b(\d+[smhd])+\b( +)?", "AGE ", text)


class SameAsKubectl(UpTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.up.kubectl("create", "-f", "-", input=yaml.safe_dump_all([pod("one", labels={"app": "x"}), pod("two")]))
        wait_for(lambda: cls.up.kubectl("get", "pods", "--no-headers").stdout.count("Running") == 2, "both pods run")

    def same(self, *args):
        """Runs both; their output must be the same. Returns it."""
        ours, theirs = self.up.troupe(*args), self.up.kubectl(*args)
        self.assertEqual(ageless(ours.stdout), ageless(theirs.stdout), ours.stderr)
        self.assertEqual(ageless(ours.stderr), ageless(theirs.stderr))
        self.assertEqual(ours.returncode, theirs.returncode)
        return ours.stdout

    def test_get(self):
        for args in (["pods"], ["pods", "-o", "wide"], ["pods", "-A"], ["pod", "one", "-o", "yaml"], ["pod", "one", "-o", "json"],
                     ["pods", "-l", "app=x"], ["po"], ["pods", "--field-selector", "metadata.name=two"], ["nodes"],
                     ["nodes", "-o", "wide"], ["namespaces"], ["configmaps"], ["pods", "-o", "name"], ["pod/one"],
                     ["pods", "--no-headers"], ["pod", "absent"], ["unknowns"]):
            with self.subTest(args):
                self.same("get", *args)

    def test_describe(self):
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
        done = self.up.troupe("get", "pods", "--colour")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("--colour", done.stderr)


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
