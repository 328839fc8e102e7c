"""A Troupe cluster on hosts of its own: master and workers as in the tutorial, and kubectl against it."""
import json
import os
import subprocess
import unittest

import yaml

import containerd
from containerd import children
from hosts import Lan, wait_for
from spec import troupe

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUSYBOX = "busybox:1.35"


class KubectlError(Exception):
    """kubectl exited with another code than 0; the text is its standard error."""


class Cluster:
    """The processes are started from the configs that we ship, each with only what a host must say for itself."""

    def __init__(self, *workers):
        self.lan = Lan("master", *workers)
        self.master = self.lan["master"]
        self.control_plane = None
        self.workers = {}
        self.server = f"https://{self.master.address}:6443"
        self.kubeconfig = f"{self.master.folder}/data/kubeconfig"

    # --- processes -----------------------------------------------------------------------------------------------

    def write_config(self, host, name, **changes):
        """configs/NAME.yaml with changes ("join.token" names a nested key), as a file of the host; returns its path."""
        with open(f"{ROOT}/configs/{name}.yaml") as file:
            config = yaml.safe_load(file) or {}
        changes.setdefault("dataDir", f"{host.folder}/data")
        for path, value in changes.items():
            *parents, key = path.split(".")
            place = config
            for parent in parents:
                place = place.setdefault(parent, {})
            place[key] = value
        path = f"{host.folder}/{name}.yaml"
        with open(path, "w") as file:
            yaml.safe_dump(config, file)
        return path

    def start_node(self, host, config, log):
        return host.start(log, troupe(), "node", "--config", config)

    def start_control_plane(self):
        config = self.write_config(self.master, "control-plane", bindAddress=self.master.address)
        self.control_plane = self.start_node(self.master, config, "control-plane")
        self.wait_ready()
        return self.control_plane

    def wait_ready(self, timeout=20):
        """Until /readyz says ok."""
        def ready():
            if not self.control_plane.running():
                raise AssertionError("the control plane ended:\n" + self.control_plane.log())
            return os.path.exists(self.kubeconfig) and self.kubectl("get", "--raw", "/readyz", check=False) == "ok"
        wait_for(ready, "/readyz is ok", timeout)

    def redis(self):
        """The pid of the control plane's private Redis."""
        return wait_for(lambda: children(self.control_plane.pid, "redis-server"), "a private Redis runs")[0]

    def join(self, role="worker", *flags):
        """A fresh join section, made as an administrator makes it."""
        return yaml.safe_load(self.master.run(troupe(), "token", "create", "--role", role, "--kubeconfig",
                                              self.kubeconfig, *flags))["join"]

    def start_worker(self, name, **changes):
        """A containerd (unless it runs already) and a kubelet on the host; the first time with a join token."""
        host = self.lan[name]
        if not host.containerd:
            host.start_containerd()
        if "join" not in changes:
            joined = os.path.exists(f"{host.folder}/data")
            changes["join"] = {"server": self.server} if joined else self.join()
        changes = {"nodeName": name, "kubelet.containerRuntimeEndpoint": "unix://" + host.containerd.socket, **changes}
        self.workers[name] = self.start_node(host, self.write_config(host, "worker", **changes), "worker")
        return self.workers[name]

    def start_scheduler(self, config="scheduler", host="master", instance="a", **changes):
        """A scheduler process; several of one config are told apart by `instance`."""
        host = self.lan[host]
        changes = {"dataDir": f"{host.folder}/{config}-{instance}", "join": self.join("scheduler"), **changes}
        return self.start_node(host, self.write_config(host, config, **changes), f"{config}-{instance}")

    def close(self):
        self.lan.close()

    # --- kubectl -------------------------------------------------------------------------------------------------

    def kubectl(self, *args, input=None, check=True):
        """Its standard output. With check=False a failure gives "" instead of KubectlError."""
        done = subprocess.run([*self.master.enter, "kubectl", "--kubeconfig", self.kubeconfig, *args], input=input,
                              capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            if check:
                raise KubectlError(done.stderr.strip() or done.stdout)
            return ""
        return done.stdout

    def get(self, *args):
        """`kubectl get ... -o json`, parsed; None when it is not found."""
        try:
            return json.loads(self.kubectl("get", *args, "-o", "json"))
        except KubectlError as error:
            if "NotFound" in str(error):
                return None
            raise

    def create(self, *objects):
        self.kubectl("create", "-f", "-", input=yaml.safe_dump_all(objects))

    def wait_pod(self, name, wanted, what, timeout=60):
        """Until wanted(pod) is true; returns the pod. The fault shows the pod's status as it was last."""
        last = {}

        def look():
            pod = self.get("pod", name)
            last["status"] = pod and pod.get("status")
            return pod if pod and wanted(pod) else None
        try:
            return wait_for(look, f"pod {name} {what}", timeout, 0.2)
        except AssertionError as error:
            raise AssertionError(f"{error}; status: {json.dumps(last['status'])}") from None

    def wait_running(self, name, timeout=60):
        return self.wait_pod(name, lambda pod: condition(pod, "Ready") == "True", "is Ready", timeout)

    def wait_gone(self, kind, name, timeout=60):
        wait_for(lambda: self.get(kind, name) is None, f"{kind} {name} is gone", timeout, 0.2)

    def wait_nodes_ready(self, *names, timeout=30):
        def ready():
            nodes = {node["metadata"]["name"]: node for node in self.get("nodes")["items"]}
            return all(name in nodes and condition(nodes[name], "Ready") == "True" for name in names)
        wait_for(ready, f"{', '.join(names)} Ready", timeout, 0.2)

    def events(self, pod):
        """The pod's events, the first one first."""
        items = self.get("events", "--field-selector", f"involvedObject.name={pod}")["items"]
        return sorted(items, key=lambda event: event.get("firstTimestamp") or event.get("eventTime") or "")

    def wait_event(self, pod, reason, text="", timeout=60):
        def look():
            return [event for event in self.events(pod) if event["reason"] == reason and text in event["message"]]
        try:
            return wait_for(look, f"event {reason} with {text!r} on pod {pod}", timeout, 0.2)[0]
        except AssertionError as error:
            seen = [(event["reason"], event["message"]) for event in self.events(pod)]
            raise AssertionError(f"{error}; seen: {seen}") from None

    def delete_all_pods(self):
        self.kubectl("delete", "pods", "--all", "--grace-period=0", "--force", "--wait=true")


def condition(obj, kind):
    """The status of a condition: "True", "False", "Unknown"; None when the object does not have it."""
    for one in obj.get("status", {}).get("conditions", []):
        if one["type"] == kind:
            return one["status"]
    return None


def container_ids(pod):
    return {status["name"]: status.get("containerID") for status in pod["status"].get("containerStatuses", [])}


def pod(name, command="sleep 1000000", **spec):
    """A pod of one busybox container that runs a shell command. `container` adds to the container, other keys to the
    spec, `labels` and `namespace` to the metadata."""
    metadata = {"name": name}
    for key in ("labels", "namespace"):
        if key in spec:
            metadata[key] = spec.pop(key)
    container = {"name": "main", "image": BUSYBOX, "command": ["sh", "-c", command], **spec.pop("container", {})}
    spec.setdefault("terminationGracePeriodSeconds", 1)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container], **spec}}


class ClusterTest(unittest.TestCase):
    """Cases that share one cluster. A class says in `layout` what is started before its first case."""

    workers = ("node1", "node2")
    layout = ("control-plane", "workers", "scheduler")

    @classmethod
    def setUpClass(cls):
        if containerd.missing():
            raise unittest.SkipTest(containerd.missing())
        cls.cluster = Cluster(*cls.workers)
        cls.addClassCleanup(cls.cluster.close)
        try:
            cls.start()
        except BaseException:
            print(cls.logs(), flush=True)
            raise

    @classmethod
    def start(cls):
        if "control-plane" in cls.layout:
            cls.cluster.start_control_plane()
        if "workers" in cls.layout:
            for name in cls.workers:
                cls.cluster.start_worker(name)
            cls.cluster.wait_nodes_ready(*cls.workers)
        if "scheduler" in cls.layout:
            cls.scheduler = cls.cluster.start_scheduler()

    @classmethod
    def logs(cls):
        return cls.cluster.lan.logs()
