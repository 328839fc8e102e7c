"""The official JavaScript client: runs tests/clients/javascript, written with Node's test runner, against `troupe up`."""
import glob
import os
import re
import shutil
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from local import UpTest

CLIENT = "@kubernetes/client-node@1.3.0"  # takes Node.js 18, which Debian 12 has
SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "javascript")


def client_folder():
    """A folder beside the binary that has the client; installed once."""
    folder = os.path.join(os.path.dirname(os.path.abspath(spec.troupe())), "javascript")
    if not os.path.isdir(f"{folder}/node_modules/@kubernetes/client-node"):
        os.makedirs(folder, exist_ok=True)
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", CLIENT], cwd=folder,
                              capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise unittest.SkipTest(f"{CLIENT} cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    return folder


class Scripts(UpTest):
    """What the cases share: node, the client, a server."""

    @classmethod
    def setUpClass(cls):
        if not (shutil.which("node") and shutil.which("npm")):
            raise unittest.SkipTest("node and npm are not installed")
        cls.folder = client_folder()
        # A script finds the client in the folder that it lies in.
        for script in glob.glob(f"{SCRIPTS}/*.mjs"):
            shutil.copy(script, cls.folder)
        super().setUpClass()


class JavaScriptClient(Scripts):
    def run_script(self, name):
        """Every case of one script passes."""
        done = self.up.run("node", f"{self.folder}/{name}.test.mjs")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertGreater(int(re.search(r"^(?:#|ℹ) pass (\d+)", done.stdout, re.MULTILINE)[1]), 0, done.stdout)

    def test_informers(self):
        self.run_script("informers")

    def test_kinds(self):
        self.run_script("kinds")

    def test_logs(self):
        self.run_script("logs")

    def test_objects(self):
        self.run_script("objects")

    def test_selections(self):
        self.run_script("selections")

    def test_typed(self):
        self.run_script("typed")

    def test_unchanged(self):
        self.run_script("unchanged")

    def test_watches(self):
        self.run_script("watches")

    def test_that_no_script_is_forgotten(self):
        for script in glob.glob(f"{SCRIPTS}/*.test.mjs"):
            self.assertTrue(hasattr(self, "test_" + os.path.basename(script).removesuffix(".test.mjs")), script)


class InformerOverRestarts(Scripts):  # a server of its own: the scheduler's lease outlives its holder's kill
    def test_it_resumes_and_lists_again_when_its_version_is_too_old(self):
        said = ""
        with subprocess.Popen(["node", f"{self.folder}/restart.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, env={**os.environ, "KUBECONFIG": self.up.kubeconfig}) as node:
            deadline = threading.Timer(60, node.kill)
            deadline.start()
            for line in node.stdout:
                said += line
                if line.strip() not in ("restart", "forget"):
                    continue
                if line.strip() == "forget":
                    self.up.compact()
                self.up.kill_and_restart()
                node.stdin.write("done\n")
                node.stdin.flush()
            deadline.cancel()
        self.assertEqual(node.returncode, 0, said)


if __name__ == "__main__":
    spec.main()
