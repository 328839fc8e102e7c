"""`troupe up` on this machine, for tests of foreign clients: hollow nodes, loopback only, free ports."""
import json
import os
import random
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

from hosts import Process, wait_for
from spec import troupe


claims = []


def free_port():
    """The first of three free ports in a row, this process's until it ends: a control plane takes the next two for its doors.

    They lie below those that the kernel gives to outgoing connections, of which other tests open thousands meanwhile. A name in
    the abstract namespace keeps them from being given twice, by this process or another, before somebody listens there.
    """
    while True:
        first = random.randrange(10000, 32000, 4)
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0troupe-test-port-{first}")
            for port in range(first, first + 3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            claims.append(claim)
            return first
        except OSError:
            claim.close()


def own_address():
    """One of this machine's that may stand in an EndpointSlice; what is sent to it does not leave the machine."""
    shown = json.loads(subprocess.run(["ip", "-j", "-4", "address", "show", "scope", "global"], capture_output=True, text=True, check=True).stdout)
    found = [a["local"] for link in shown for a in link["addr_info"] if "local" in a]
    if not found:
        raise unittest.SkipTest("this machine has no address but that of its loopback")
    return found[0]


class Up:
    """A running `troupe up` with so many hollow nodes; stop() ends it and removes its folder."""

    def __init__(self, *flags, nodes=2, edge_port=0):
        self.nodes = nodes
        self.folder = tempfile.mkdtemp(prefix=f"troupe-{os.getpid()}-")
        self.data = f"{self.folder}/data"
        self.kubeconfig = f"{self.data}/kubeconfig"
        self.insecure_port = free_port()
        self.insecure = f"http://127.0.0.1:{self.insecure_port}"
        self.command = [
            troupe(), "up", "--data-dir", self.data, "--bind-address", "127.0.0.1", "--secure-port", str(free_port()),
            "--edge-port", str(edge_port), "--insecure-bind-address", "127.0.0.1", "--insecure-port", str(self.insecure_port), "--nodes",
            str(nodes), "--runtime", "hollow", *flags]
        self.start()

    def start(self):
        self.process = Process(self.command, f"{self.folder}/troupe.log")
        try:
            wait_for(self.ready, "troupe up is ready", 30)
        except BaseException:
            print(self.log())
            self.stop()
            raise

    def kill_and_restart(self):
        """SIGKILL, and the same command on the same data and ports."""
        self.process.kill()
        os.remove(self.kubeconfig)
        self.start()

    def compact(self):
        """Forgets the changes up to now, as etcd's compaction does: after a restart no watch begins before it."""
        done = self.run("redis-cli", "-s", f"{self.data}/redis/redis.sock", "XTRIM", "troupe:log", "MAXLEN", "0")
        if not done.stdout.strip().isdigit():
            raise AssertionError(f"XTRIM: {done.stdout}{done.stderr}")

    def ready(self):
        if not self.process.running():
            raise AssertionError("troupe up ended")
        return (os.path.exists(self.kubeconfig) and self.kubectl("get", "--raw", "/readyz").stdout == "ok"
                and self.kubectl("get", "nodes", "--no-headers").stdout.count(" Ready ") == self.nodes)

    def log(self):
        return self.process.log()

    def run(self, *command, input=None):
        return subprocess.run(command, input=input, capture_output=True, text=True, timeout=60,
                              env={**os.environ, "KUBECONFIG": self.kubeconfig, "HOME": self.folder})

    def kubectl(self, *args, input=None):
        """Over HTTPS with the generated kubeconfig."""
        return self.run("kubectl", *args, input=input)

    def troupe(self, *args, input=None):
        return self.run(troupe(), *args, input=input)

    def stop(self):
        if self.process.running():
            self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class UpTest(unittest.TestCase):
    """Cases that share one `troupe up`."""

    flags = ()
    nodes = 2

    @classmethod
    def setUpClass(cls):
        if not shutil.which("kubectl"):
            raise unittest.SkipTest("kubectl is not installed")
        cls.up = Up(*cls.flags, nodes=cls.nodes)
        cls.addClassCleanup(cls.up.stop)

    @classmethod
    def logs(cls):
        return "--- troupe.log\n" + "\n".join(cls.up.log().splitlines()[-40:])

    def kubectl(self, *args, input=None):
        """Its output; a failure fails the case."""
        done = self.up.kubectl(*args, input=input)
        self.assertEqual(done.returncode, 0, f"kubectl {' '.join(args)}: {done.stderr}")
        return done.stdout

    def refused(self, *args, input=None):
        """What it says on standard error as it fails."""
        done = self.up.kubectl(*args, input=input)
        self.assertNotEqual(done.returncode, 0, f"kubectl {' '.join(args)} succeeded: {done.stdout}")
        return done.stderr

    def get(self, *args):
        return json.loads(self.kubectl("get", *args, "-o", "json"))


class NamespaceTest(UpTest):
    """Cases of which each has a namespace of its own, kubectl's current one."""

    def setUp(self):
        self.namespace = self._testMethodName.removeprefix("test_").replace("_", "-")[:50]
        self.kubectl("create", "namespace", self.namespace)
        self.kubectl("config", "set-context", "--current", "--namespace", self.namespace)

    def create(self, *objects):
        self.kubectl("create", "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))


def columns(line):
    """The cells of a line of kubectl's table."""
    return re.split(r"\s{2,}", line.strip())
