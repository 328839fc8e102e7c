"""Role configs on loopback: processes that join by token, and find their way back after a control plane's restart."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import Process, wait_for
from local import free_port
from spec import troupe


class Roles(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix=f"troupe-{os.getpid()}-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.port = free_port()
        self.processes = []

    def logs(self):
        return "".join(f"--- {process.log_path}\n{process.log()[-4000:]}" for process in self.processes)

    def start(self, name, **config):
        path = f"{self.folder}/{name}.yaml"
        with open(path, "w") as out:
            yaml.safe_dump({"dataDir": f"{self.folder}/{name}", **config}, out)
        process = Process([troupe(), "node", "--config", path], f"{self.folder}/{name}.log")
        self.addCleanup(lambda: process.running() and process.stop())
        self.processes.append(process)
        return process

    def control_plane(self):
        process = self.start("plane", roles=["store", "api", "gateway", "controllers"], bindAddress="127.0.0.1",
                             securePort=self.port)
        wait_for(lambda: self.troupe("get", "namespaces").returncode == 0, "the control plane answers", 30)
        return process

    def troupe(self, *args, input=None):
        return subprocess.run([troupe(), *args], input=input, capture_output=True, text=True, timeout=60,
                              env={**os.environ, "KUBECONFIG": f"{self.folder}/plane/kubeconfig"})

    def join(self, role):
        return yaml.safe_load(self.troupe("token", "create", "--role", role).stdout)["join"]

    def running(self, name):
        return " Running " in self.troupe("get", "pod", name, "--no-headers").stdout

    def test_all_find_their_way_back_to_a_killed_control_plane(self):
        plane = self.control_plane()
        self.start("worker", roles=["kubelet"], nodeName="w1", kubelet={"runtime": "hollow"}, join=self.join("worker"))
        self.start("scheduler", roles=["scheduler"], join=self.join("scheduler"))
        self.troupe("apply", "-f", "-", input=yaml.safe_dump(pod("before")))
        wait_for(lambda: self.running("before"), "the first pod runs", 30)
        plane.kill()
        self.control_plane()
        wait_for(lambda: " Ready " in self.troupe("get", "node", "w1", "--no-headers").stdout, "the node is ready", 30)
        self.troupe("apply", "-f", "-", input=yaml.safe_dump(pod("after")))
        wait_for(lambda: self.running("after"), "a pod of the new control plane runs", 30)
        self.assertTrue(self.running("before"))

    def test_mistakes_in_a_config_are_placed(self):
        path = f"{self.folder}/bad.yaml"
        for text, said in (("roles: [kubelet]\nkubelett: {}\n", ":2: "), ("roles: [kubelet]\nsecurePort: many\n", ":2: ")):
            with self.subTest(text):
                with open(path, "w") as out:
                    out.write(text)
                done = self.troupe("node", "--config", path)
                self.assertEqual(done.returncode, 1)
                self.assertIn(path + said, done.stderr)


if __name__ == "__main__":
    spec.main()
