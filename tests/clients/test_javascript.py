"""The official JavaScript client: runs tests/clients/javascript with Node's test runner against `troupe up`."""
import glob
import os
import re
import shutil
import subprocess
import sys
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


class JavaScriptClient(UpTest):
    @classmethod
    def setUpClass(cls):
        if not (shutil.which("node") and shutil.which("npm")):
            raise unittest.SkipTest("node and npm are not installed")
        cls.folder = client_folder()
        super().setUpClass()

    def run_script(self, name):
        """Every case of one script passes."""
        # A script finds the client in the folder that it lies in.
        shutil.copy(f"{SCRIPTS}/{name}", self.folder)
        done = self.up.run("node", "--test", f"{self.folder}/{name}")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertGreater(int(re.search(r"^(?:#|ℹ) pass (\d+)", done.stdout, re.MULTILINE)[1]), 0, done.stdout)

    def test_objects(self):
        self.run_script("objects.test.mjs")

    def test_watches(self):
        self.run_script("watches.test.mjs")

    def test_that_no_script_is_forgotten(self):
        self.assertEqual({os.path.basename(path) for path in glob.glob(f"{SCRIPTS}/*")},
                         {"objects.test.mjs", "watches.test.mjs"})


if __name__ == "__main__":
    spec.main()
