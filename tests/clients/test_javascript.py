"""The official JavaScript client: the scripts in javascript/, written with Node's test runner, against `troupe up`."""
import contextlib
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

    @contextlib.contextmanager
    def node(self, script):
        """The running script, which has two minutes."""
        with subprocess.Popen(["node", f"{self.folder}/{script}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, env={**os.environ, "KUBECONFIG": self.up.kubeconfig}) as node:
            deadline = threading.Timer(120, node.kill)
            deadline.start()
            try:
                yield node
            finally:
                deadline.cancel()


class JavaScriptClient(Scripts):
    def test_scripts(self):
        """In one process: Node takes a second to load the client."""
        scripts = sorted(glob.glob("*.test.mjs", root_dir=SCRIPTS))
        with open(f"{self.folder}/all.mjs", "w") as file:
            file.writelines(f"import './{script}';\n" for script in scripts)
        with self.node("all.mjs") as node:
            said, _ = node.communicate()
        for number, case in re.findall(r"^ok (\d+) - (.*)$", said, re.MULTILINE):
            print(f"        {number} {case}")
        self.assertEqual(node.returncode, 0, said)
        self.assertGreater(int(re.search(r"^(?:#|ℹ) pass (\d+)", said, re.MULTILINE)[1]), len(scripts), said)


class InformerOverRestarts(Scripts):  # a server of its own: the scheduler's lease outlives its holder's kill
    def test_it_resumes_and_lists_again_when_its_version_is_too_old(self):
        said = ""
        with self.node("restart.mjs") as node:
            for line in node.stdout:
                said += line
                if line.strip() not in ("restart", "forget"):
                    continue
                if line.strip() == "forget":
                    self.up.compact()
                self.up.kill_and_restart()
                node.stdin.write("done\n")
                node.stdin.flush()
        self.assertEqual(node.returncode, 0, said)


if __name__ == "__main__":
    spec.main()
