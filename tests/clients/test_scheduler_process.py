"""A process that is only a scheduler, on this machine's loopback: it joins, binds, and shows its metrics to local readers."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import Process, wait_for
from local import free_port
from spec import troupe
from test_scheduling_tools import parse


class SchedulerProcess(unittest.TestCase):
    """A control plane without a scheduler, and one beside it."""

    @classmethod
    def setUpClass(cls):
        if not shutil.which("kubectl"):
            raise unittest.SkipTest("kubectl is not installed")
        cls.folder = tempfile.mkdtemp(prefix=f"troupe-{os.getpid()}-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        port = free_port()
        cls.server = f"https://127.0.0.1:{port}"
        cls.kubeconfig = f"{cls.folder}/control-plane/kubeconfig"
        cls.control_plane = cls.start("control-plane", {
            "roles": ["store", "api", "gateway", "controllers"], "store": {"type": "memory"}, "bindAddress": "127.0.0.1",
            "securePort": port, "edge": {"port": free_port()}, "peer": {"port": free_port()}})
        wait_for(lambda: os.path.exists(cls.kubeconfig) and cls.run_("kubectl", "get", "--raw", "/readyz").stdout == "ok", "/readyz is ok", 30)

    @classmethod
    def write(cls, name, config):
        path = f"{cls.folder}/{name}.yaml"
        with open(path, "w") as file:
            yaml.safe_dump({"dataDir": f"{cls.folder}/{name}", **config}, file)
        return path

    @classmethod
    def start(cls, name, config, *flags):
        process = Process([troupe(), "node", "--config", cls.write(name, config), *flags], f"{cls.folder}/{name}.log")
        cls.addClassCleanup(lambda: process.running() and process.stop())
        return process

    @classmethod
    def logs(cls):
        out = ""
        for name in sorted(os.listdir(cls.folder)):
            if name.endswith(".log"):
                with open(f"{cls.folder}/{name}") as file:
                    out += f"--- {name}\n" + "".join(file.readlines()[-40:])
        return out

    @classmethod
    def run_(cls, *command, input=None):
        return subprocess.run(command, input=input, capture_output=True, text=True, timeout=60,
                              env={**os.environ, "KUBECONFIG": cls.kubeconfig, "HOME": cls.folder})

    def kubectl(self, *args, input=None):
        done = self.run_("kubectl", *args, input=input)
        self.assertEqual(done.returncode, 0, f"kubectl {' '.join(args)}: {done.stderr}")
        return done.stdout

    def config(self):
        token = self.run_(troupe(), "token", "create", "--role", "scheduler", "--kubeconfig", self.kubeconfig)
        self.assertEqual(token.returncode, 0, token.stderr)
        return {"roles": ["scheduler"], "join": yaml.safe_load(token.stdout)["join"] | {"server": self.server}}

    def fetch(self, path, method="GET"):
        """(code, content type, body)"""
        try:
            answer = urllib.request.urlopen(urllib.request.Request(self.door + path, method=method), timeout=10)
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers["Content-Type"], refused.read().decode()
        return answer.status, answer.headers["Content-Type"], answer.read().decode()

    def attempts(self):
        families = parse(self.fetch("/metrics")[2])
        # Its counters are there with its first scheduler actor, a moment after it is healthy.
        samples = families.get("scheduler_schedule_attempts_total", ("", {}))[1]
        return sum(value for (_, labels), value in samples.items() if dict(labels)["result"] == "scheduled")

    def test_its_metrics_and_health_are_served_on_loopback(self):
        type(self).door = f"http://127.0.0.1:{free_port()}"
        process = self.start("scheduler", self.config(), "--scheduler-metrics-bind-address", self.door.removeprefix("http://"))

        def up():
            try:
                return self.fetch("/healthz") == (200, "text/plain; charset=utf-8", "ok")
            except urllib.error.URLError:
                return False
        wait_for(up, "the scheduler is healthy", 30)
        code, kind, _ = self.fetch("/metrics")
        self.assertEqual((code, kind), (200, "text/plain; version=0.0.4; charset=utf-8"))
        self.assertEqual(self.attempts(), 0)
        self.assertEqual(self.fetch("/metrics", "POST")[0], 405)
        self.assertEqual(self.fetch("/api")[0], 404)
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "paper"},
                "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}, "conditions": [{"type": "Ready", "status": "True"}]}}
        for thing in (node, pod("web")):
            self.kubectl("create", "-f", "-", input=json.dumps(thing))
        wait_for(lambda: json.loads(self.kubectl("get", "pod", "web", "-o", "json"))["spec"].get("nodeName") == "paper", "the pod is bound")
        wait_for(lambda: self.attempts() == 1, "the binding counts")
        # It has no scheduler.config: a SIGHUP has nothing to read again, and ends nothing.
        os.kill(process.pid, signal.SIGHUP)
        wait_for(lambda: "there is no scheduler.config to read again" in process.log(), "it says so")
        self.assertTrue(process.running())
        self.assertEqual(self.fetch("/healthz")[0], 200)

    def test_other_addresses_are_refused(self):
        process = self.start("exposed", self.config(), "--scheduler-metrics-bind-address", "0.0.0.0:1")
        wait_for(lambda: not process.running(), "it ends")
        self.assertIn("must be a loopback address", process.log())


if __name__ == "__main__":
    spec.main()
