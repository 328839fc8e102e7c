"""The walk-through, step by step: two workers join, pods are placed by hand, by a scheduler, and by a binding."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import BUSYBOX, ClusterTest, KubectlError, condition, container_ids, pod
from hosts import wait_for

WRITE = 'while :; do echo "written at $(date)" > /out/index.html; echo wrote; sleep 1; done'
WEB = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {
        "nodeName": "node2",
        "terminationGracePeriodSeconds": 1,
        "volumes": [{"name": "page", "emptyDir": {}}],
        "containers": [
            {"name": "server", "image": BUSYBOX, "command": ["httpd", "-f", "-p", "80", "-h", "/page"],
             "ports": [{"containerPort": 80}], "volumeMounts": [{"name": "page", "mountPath": "/page"}]},
            {"name": "writer", "image": BUSYBOX, "command": ["sh", "-c", WRITE],
             "volumeMounts": [{"name": "page", "mountPath": "/out"}]},
        ],
    },
}


class Tutorial(ClusterTest):
    """The cases are steps and run in order on one cluster; the scheduler starts at step 4."""

    layout = ("control-plane", "workers")

    def test_1_both_workers_are_ready(self):
        lines = self.cluster.kubectl("get", "nodes").splitlines()
        self.assertEqual(lines[0].split(), ["NAME", "STATUS", "ROLES", "AGE", "VERSION"])
        for line, name in zip(lines[1:], ("node1", "node2"), strict=True):
            self.assertRegex(line, rf"^{name}\s+Ready\s+worker\s+\d+[smh]\S*\s+v1\.32\.\d+")

    def test_1_describe_node_shows_the_host(self):
        status = self.cluster.get("node", "node1")["status"]
        self.assertEqual(int(status["capacity"]["cpu"]), os.cpu_count())
        with open("/proc/meminfo") as file:
            total = int(re.search(r"MemTotal:\s+(\d+) kB", file.read()).group(1))
        self.assertEqual(status["capacity"]["memory"], f"{total}Ki")
        self.assertEqual({c["type"]: c["status"] for c in status["conditions"]},
                         {"Ready": "True", "MemoryPressure": "False", "DiskPressure": "False", "PIDPressure": "False"})
        self.assertIn({"type": "InternalIP", "address": self.cluster.lan["node1"].address}, status["addresses"])
        self.assertIn({"type": "Hostname", "address": "node1"}, status["addresses"])
        self.assertEqual(status["nodeInfo"]["kernelVersion"], os.uname().release)
        self.assertRegex(status["nodeInfo"]["containerRuntimeVersion"], r"^containerd://1\.")
        text = self.cluster.kubectl("describe", "node", "node1")
        for title in ("Capacity:", "Allocatable:", "Conditions:", "Addresses:", "System Info:", "Non-terminated Pods:",
                      "Allocated resources:"):
            self.assertIn(title, text)

    def test_1_nothing_speaks_plain_text(self):
        """Every port of the control plane that others can reach answers a TLS hello with a certificate."""
        ports = listening(self.cluster.master)
        self.assertTrue(ports)
        for port in ports:
            with self.subTest(port=port):
                hello = f"openssl s_client -connect {self.cluster.master.address}:{port} </dev/null 2>&1 || true"
                self.assertIn("BEGIN CERTIFICATE", self.cluster.master.run("sh", "-c", hello))

    def test_2_a_pod_placed_by_hand_runs(self):
        self.cluster.create(WEB)
        web = self.cluster.wait_running("web")
        self.assertEqual(web["status"]["phase"], "Running")
        self.assertRegex(self.cluster.kubectl("get", "pod", "web", "--no-headers"), r"^web\s+2/2\s+Running\s+0\s")
        host = self.cluster.lan["node2"]
        self.assertEqual(web["status"]["hostIP"], host.address)
        page = wait_for(lambda: fetch(host, web), "the page is served")
        self.assertIn("written at", page)

    def test_2_a_sandbox_holds_its_namespaces(self):
        ids = {id.removeprefix("containerd://") for id in container_ids(self.cluster.get("pod", "web")).values()}
        tasks = self.cluster.lan["node2"].containerd.tasks()
        self.assertTrue(ids < set(tasks))
        self.assertEqual(len(set(tasks) - ids), 1)
        self.assertEqual(len({os.readlink(f"/proc/{pid}/ns/net") for pid, _ in tasks.values()}), 1)

    def test_2_describe_pod_tells_its_story(self):
        text = self.cluster.kubectl("describe", "pod", "web")
        self.assertRegex(text, r"Node:\s+node2/" + re.escape(self.cluster.lan["node2"].address))
        self.assertRegex(text, r"IP:\s+10\.244\.2\.\d+")
        self.assertEqual(len(re.findall(r"State:\s+Running", text)), 2)
        for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready"):
            self.assertRegex(text, rf"{kind}\s+True")
        events = self.cluster.events("web")
        for event in events:
            self.assertEqual(event["source"], {"component": "kubelet", "host": "node2"})
            self.assertGreaterEqual(event["count"], 1)
            self.assertLessEqual(event["firstTimestamp"], event["lastTimestamp"])
        reasons = [event["reason"] for event in events]
        for reason in ("Pulled", "Created", "Started"):
            self.assertEqual(reasons.count(reason), 2, reasons)

    def test_3_a_pod_waits_while_no_scheduler_runs(self):
        self.cluster.create(pod("waiting"))
        # Nothing may happen, so there is nothing to wait for: meanwhile a later pod, placed by hand, comes and goes.
        self.cluster.create(pod("later", nodeName="node1"))
        self.cluster.wait_running("later")
        self.cluster.kubectl("delete", "pod", "later")
        waiting = self.cluster.get("pod", "waiting")
        self.assertEqual(waiting["status"]["phase"], "Pending")
        self.assertNotIn("nodeName", waiting["spec"])

    def test_4_a_scheduler_started_later_places_it(self):
        self.cluster.start_scheduler()
        self.cluster.wait_running("waiting")
        self.cluster.wait_event("waiting", "Started")
        events = self.cluster.events("waiting")
        self.assertEqual([event["reason"] for event in events], ["Scheduled", "Pulled", "Created", "Started"])
        self.assertRegex(events[0]["message"], r"^Successfully assigned default/waiting to node[12]$")

    def test_4_further_pods_spread_evenly(self):
        self.cluster.delete_all_pods()
        names = [f"spread-{i}" for i in range(6)]
        self.cluster.create(*(pod(name) for name in names))
        for name in names:
            self.cluster.wait_running(name)
        placed = [item["spec"]["nodeName"] for item in self.cluster.get("pods")["items"]]
        self.assertEqual(sorted(placed), ["node1"] * 3 + ["node2"] * 3)

    def test_5_a_binding_by_hand(self):
        self.cluster.create(pod("manual", schedulerName="nobody"))
        binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "manual"},
                   "target": {"apiVersion": "v1", "kind": "Node", "name": "node1"}}
        path = "/api/v1/namespaces/default/pods/manual/binding"
        self.cluster.kubectl("create", "--raw", path, "-f", "-", input=json.dumps(binding))
        manual = self.cluster.wait_running("manual")
        self.assertEqual(manual["spec"]["nodeName"], "node1")
        self.assertEqual(condition(manual, "PodScheduled"), "True")
        with self.assertRaisesRegex(KubectlError, "Conflict"):
            self.cluster.kubectl("create", "--raw", path, "-f", "-", input=json.dumps(binding))


def listening(host):
    """TCP ports that something on the host listens on, other than on loopback."""
    lines = host.run("cat", "/proc/net/tcp").splitlines()[1:]
    ends = [line.split()[1] for line in lines if line.split()[3] == "0A"]
    return sorted({int(end.split(":")[1], 16) for end in ends if not end.startswith("0100007F")})


def fetch(host, web):
    """The page that the pod serves; empty while it does not."""
    try:
        return host.run("curl", "--silent", "--fail", "--max-time", "3", f"http://{web['status']['podIP']}/")
    except RuntimeError:
        return ""


if __name__ == "__main__":
    spec.main()
