"""SIGKILL at any moment: nothing acknowledged is lost, no pod is started twice, containers keep running and are adopted."""
import json
import os
import signal
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import ClusterTest, KubectlError, condition, container_ids, pod
from hosts import wait_for


class Creates(threading.Thread):
    """A stream of creates over one connection a name; knows which the server acknowledged.

    curl is given many requests at once, so that the server is always in the middle of some when it is killed."""

    def __init__(self, cluster, prefix, count):
        super().__init__()
        self.cluster, self.prefix, self.count = cluster, prefix, count
        self.folder = f"{cluster.master.folder}/creates-{prefix}"
        os.makedirs(self.folder)
        self.acknowledged = set()
        self.process = None

    def run(self):
        config = json.loads(self.cluster.kubectl("config", "view", "--raw", "--flatten", "-o", "json"))
        user = config["users"][0]["user"]
        for key, name in (("client-certificate-data", "crt"), ("client-key-data", "key")):
            decoded = subprocess.run(["base64", "-d"], input=user[key].encode(), check=True, capture_output=True).stdout
            with open(f"{self.folder}/{name}", "wb") as file:
                file.write(decoded)
        lines = []
        for i in range(self.count):
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{self.prefix}-{i}"}, "data": {"i": str(i)}}
            text = json.dumps(json.dumps(body))  # curl's config quotes as JSON does, for these characters
            lines += [f'url = "{self.cluster.server}/api/v1/namespaces/default/configmaps"', f"data = {text}",
                      'header = "Content-Type: application/json"', f'cert = "{self.folder}/crt"',
                      f'key = "{self.folder}/key"', "insecure", "silent", 'output = "/dev/null"', "max-time = 20",
                      f'write-out = "{i} %{{http_code}}\\n"', "next"]
        with open(f"{self.folder}/requests", "w") as file:
            file.write("\n".join(lines[:-1]))
        self.process = subprocess.Popen([*self.cluster.master.enter, "curl", "--config", f"{self.folder}/requests"],
                                        stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            number, _, code = line.strip().partition(" ")  # the last line may be cut short by a kill
            if code == "201":
                self.acknowledged.add(f"{self.prefix}-{number}")
        self.process.wait()

    def wait_acknowledged(self, count):
        wait_for(lambda: len(self.acknowledged) >= count, f"{count} creates are acknowledged")

    def stop(self):
        self.process.kill()
        self.join()


class StoreKills(ClusterTest):
    """What was acknowledged is there after a restart, whoever was killed."""

    workers = ()
    layout = ("control-plane",)

    def present(self, prefix):
        names = [item["metadata"]["name"] for item in self.cluster.get("configmaps")["items"]]
        self.assertEqual(len(names), len(set(names)))
        return {name for name in names if name.startswith(prefix + "-")}

    def check_kill(self, prefix, kill):
        creates = Creates(self.cluster, prefix, 5000)
        creates.start()
        creates.wait_acknowledged(200)
        kill()
        if not self.cluster.control_plane.running():
            creates.stop()
            self.cluster.start_control_plane()
        else:
            before = len(creates.acknowledged)
            creates.wait_acknowledged(before + 200)  # it goes on by itself
            creates.stop()
        acknowledged, present = creates.acknowledged, self.present(prefix)
        self.assertEqual(acknowledged - present, set(), "acknowledged and lost")
        # One request was under way when it ended, and each refused one may have come in after all.
        print(f"{prefix}: {len(acknowledged)} acknowledged, {len(present)} present")

    def test_troupe_is_killed(self):
        self.check_kill("troupe", self.cluster.control_plane.kill)

    def test_redis_is_killed(self):
        self.check_kill("redis", lambda: os.kill(self.cluster.redis(), signal.SIGKILL))

    def test_both_are_killed(self):
        def both():
            os.kill(self.cluster.redis(), signal.SIGKILL)
            self.cluster.control_plane.kill()
        self.check_kill("both", both)

    def test_reads_go_on_while_redis_is_stopped_and_writes_are_refused(self):
        redis = self.cluster.redis()
        os.kill(redis, signal.SIGSTOP)
        try:
            with self.assertRaises(KubectlError) as refused:
                self.cluster.kubectl("create", "configmap", "in-the-pause")
            # kubectl tries a 503 again and shows the last one's message alone.
            self.assertRegex(str(refused.exception), "waiting for its journal|Redis")
            self.assertIsNotNone(self.cluster.get("namespace", "default"))
        finally:
            os.kill(redis, signal.SIGCONT)
        self.cluster.kubectl("create", "configmap", "after-the-pause")
        # What was refused may have been committed after all, once and whole; a client tries again and learns which.
        names = [item["metadata"]["name"] for item in self.cluster.get("configmaps")["items"]]
        self.assertLessEqual(names.count("in-the-pause"), 1)
        again = ("replace" if "in-the-pause" in names else "create", "-f", "-")
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "in-the-pause"}, "data": {"a": "b"}}
        self.cluster.kubectl(*again, input=json.dumps(manifest))
        self.assertEqual(self.cluster.get("configmap", "in-the-pause")["data"], {"a": "b"})

    def test_versions_go_on_after_a_restart(self):
        self.cluster.kubectl("create", "configmap", "before-restart")
        before = int(self.cluster.get("configmap", "before-restart")["metadata"]["resourceVersion"])
        self.cluster.control_plane.kill()
        self.cluster.start_control_plane()
        self.cluster.kubectl("create", "configmap", "after-restart")
        self.assertGreater(int(self.cluster.get("configmap", "after-restart")["metadata"]["resourceVersion"]), before)


class Adoption(ClusterTest):
    """Containers outlive whoever watches over them."""

    workers = ("node1",)

    def running(self, name):
        """The pod, and its containers' ids and pids as containerd has them."""
        now = self.cluster.wait_running(name)
        tasks = self.cluster.lan["node1"].containerd.tasks()
        return now, {id: tasks[id.removeprefix("containerd://")][0] for id in container_ids(now).values()}

    def assert_untouched(self, name, containers):
        now, same = self.running(name)
        self.assertEqual(same, containers)
        self.assertEqual([status["restartCount"] for status in now["status"]["containerStatuses"]], [0])

    def test_containers_run_on_while_the_control_plane_is_dead(self):
        self.cluster.create(pod("steady"))
        _, containers = self.running("steady")
        self.cluster.control_plane.kill()
        tasks = self.cluster.lan["node1"].containerd.tasks()
        for id, pid in containers.items():
            self.assertEqual(tasks[id.removeprefix("containerd://")], (pid, "RUNNING"))
        self.cluster.start_control_plane()
        self.cluster.wait_nodes_ready("node1", timeout=60)
        self.assert_untouched("steady", containers)
        self.cluster.create(pod("next"))
        self.cluster.wait_running("next")
        self.cluster.kubectl("delete", "pod", "steady", "next")

    def test_a_killed_worker_adopts_its_containers(self):
        self.cluster.create(pod("adopted"))
        _, containers = self.running("adopted")
        self.cluster.workers["node1"].kill()
        wait_for(lambda: condition(self.cluster.get("node", "node1"), "Ready") != "True", "node1 is not Ready", 60)
        self.cluster.start_worker("node1")
        self.cluster.wait_nodes_ready("node1")
        self.assert_untouched("adopted", containers)
        self.cluster.kubectl("delete", "pod", "adopted")
        wait_for(lambda: not set(containers) & set(self.cluster.lan["node1"].containerd.tasks()), "its containers are gone")

    def test_a_worker_killed_while_it_starts_pods_starts_none_twice(self):
        names = [f"burst-{i}" for i in range(5)]
        self.cluster.create(*(pod(name) for name in names))
        wait_for(lambda: len(self.cluster.lan["node1"].containerd.tasks()) >= 3, "some sandboxes run")
        self.cluster.workers["node1"].kill()
        self.cluster.start_worker("node1")
        for name in names:
            self.cluster.wait_running(name)
        ids = {id.removeprefix("containerd://") for name in names
               for id in container_ids(self.cluster.get("pod", name)).values()}
        # A container a pod and its sandbox; a sandbox that was half made when the worker died is removed in time.
        wait_for(lambda: len(self.cluster.lan["node1"].containerd.tasks()) == 2 * len(names), "nothing runs twice")
        self.assertLessEqual(ids, set(self.cluster.lan["node1"].containerd.tasks()))
        self.cluster.delete_all_pods()


class SchedulerKills(ClusterTest):
    """A scheduler killed in the middle of its work leaves nothing undone and nothing done twice."""

    def test_killed_in_the_middle_of_a_batch(self):
        names = [f"batch-{i}" for i in range(24)]
        creating = threading.Thread(target=lambda: self.cluster.create(*(pod(name) for name in names)))
        creating.start()
        wait_for(lambda: any(item["spec"].get("nodeName") for item in self.cluster.get("pods")["items"]), "one is bound")
        self.scheduler.kill()
        creating.join()
        bound = {item["metadata"]["name"]: item["spec"]["nodeName"]
                 for item in self.cluster.get("pods")["items"] if item["spec"].get("nodeName")}
        print(f"{len(bound)} of {len(names)} were bound when the scheduler was killed")
        self.cluster.start_scheduler(instance="b")
        pods = [self.cluster.wait_running(name, timeout=90) for name in names]
        for now in pods:
            name = now["metadata"]["name"]
            self.assertEqual(bound.get(name, now["spec"]["nodeName"]), now["spec"]["nodeName"])
            self.assertEqual([status["restartCount"] for status in now["status"]["containerStatuses"]], [0])
        tasks = {node: self.cluster.lan[node].containerd.tasks() for node in self.workers}
        for now in pods:
            for id in container_ids(now).values():
                self.assertIn(id.removeprefix("containerd://"), tasks[now["spec"]["nodeName"]])
        # A container and the sandbox's pause each, on both workers together: no pod runs a second time anywhere.
        self.assertEqual(sum(map(len, tasks.values())), 2 * len(names))


if __name__ == "__main__":
    spec.main()
