"""What a scheduler decides on, what it says when a pod fits nowhere, and who runs the queue of a scheduler name."""
import os
import signal
import sys
import time

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import ClusterTest, condition, pod
from hosts import wait_for


def requests(**resources):
    return {"resources": {"requests": resources}}


def affinity(kind, *terms):
    return {"nodeAffinity": {kind: terms[0] if kind.startswith("required") else list(terms)}}


class Fitting(ClusterTest):
    """Every case leaves the cluster without pods, labels and taints."""

    def setUp(self):
        self.cluster.kubectl("label", "nodes", "--all", "disk-", "zone-")
        for node in self.workers:
            taints = self.cluster.get("node", node)["spec"].get("taints", [])
            for taint in taints:
                self.cluster.kubectl("taint", "node", node, f"{taint['key']}:{taint['effect']}-")
            self.cluster.kubectl("uncordon", node)
        self.cluster.delete_all_pods()

    def refused(self, name):
        """The message of the pod's FailedScheduling event; its condition says the same."""
        event = self.cluster.wait_event(name, "FailedScheduling")
        waiting = self.cluster.wait_pod(name, lambda pod: condition(pod, "PodScheduled") == "False", "unschedulable")
        said = next(c for c in waiting["status"]["conditions"] if c["type"] == "PodScheduled")
        self.assertEqual((said["reason"], said["message"]), ("Unschedulable", event["message"]))
        self.assertEqual(event["type"], "Warning")
        return event["message"]

    def bound_to(self, name):
        return self.cluster.wait_pod(name, lambda pod: pod["spec"].get("nodeName"), "is bound")["spec"]["nodeName"]

    def test_resources(self):
        self.cluster.create(pod("huge", container=requests(cpu="1000")))
        self.assertRegex(self.refused("huge"), r"^0/2 nodes are available: 2 Insufficient cpu\.")
        self.cluster.create(pod("wide", container=requests(memory="1000Ti")))
        self.assertRegex(self.refused("wide"), r"^0/2 nodes are available: 2 Insufficient memory\.")
        self.cluster.create(pod("odd", container={"resources": {
            "requests": {"example.com/gpu": "1"}, "limits": {"example.com/gpu": "1"}}}))
        self.assertRegex(self.refused("odd"), r"^0/2 nodes are available: 2 Insufficient example\.com/gpu\.")

    def test_a_refused_pod_is_tried_again_when_room_appears(self):
        cpus = os.cpu_count() * 1000
        for node in self.workers:
            self.cluster.create(pod(f"big-{node}", nodeName=node, container=requests(cpu=f"{cpus * 3 // 4}m")))
            self.cluster.wait_running(f"big-{node}")
        self.cluster.create(pod("next", container=requests(cpu=f"{cpus // 2}m")))
        self.assertRegex(self.refused("next"), r"^0/2 nodes are available: 2 Insufficient cpu\.")
        self.cluster.kubectl("delete", "pod", "big-node1")
        self.assertEqual(self.bound_to("next"), "node1")
        self.cluster.wait_running("next")

    def test_node_selector(self):
        self.cluster.create(pod("chosen", nodeSelector={"disk": "ssd"}))
        self.assertRegex(self.refused("chosen"), r"2 node\(s\) didn't match Pod's node affinity/selector\.")
        self.cluster.kubectl("label", "node", "node2", "disk=ssd")
        self.assertEqual(self.bound_to("chosen"), "node2")

    def test_required_node_affinity(self):
        self.cluster.kubectl("label", "node", "node1", "zone=a")
        self.cluster.kubectl("label", "node", "node2", "zone=b")
        self.cluster.create(pod("picky", affinity=affinity("requiredDuringSchedulingIgnoredDuringExecution", {
            "nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["b", "c"]}]}]})))
        self.assertEqual(self.bound_to("picky"), "node2")

    def test_preferred_node_affinity(self):
        self.cluster.kubectl("label", "node", "node1", "zone=a")
        preferred = affinity("preferredDuringSchedulingIgnoredDuringExecution", {
            "weight": 100, "preference": {"matchExpressions": [{"key": "zone", "operator": "Exists"}]}})
        names = [f"like-{i}" for i in range(3)]
        self.cluster.create(*(pod(name, affinity=preferred) for name in names))
        self.assertEqual({self.bound_to(name) for name in names}, {"node1"})

    def test_taints(self):
        self.cluster.kubectl("taint", "nodes", "--all", "team=blue:NoSchedule")
        self.cluster.create(pod("plain"))
        self.assertRegex(self.refused("plain"), r"2 node\(s\) had untolerated taint \{team: blue\}\.")
        self.cluster.create(pod("blue", tolerations=[{"key": "team", "operator": "Equal", "value": "blue",
                                                      "effect": "NoSchedule"}]))
        self.cluster.wait_running("blue")
        self.cluster.kubectl("taint", "node", "node1", "team-")
        self.assertEqual(self.bound_to("plain"), "node1")

    def test_cordoned_nodes(self):
        self.cluster.kubectl("cordon", "node1")
        self.cluster.create(pod("other"))
        self.assertEqual(self.bound_to("other"), "node2")
        self.cluster.kubectl("cordon", "node2")
        self.cluster.create(pod("none"))
        self.assertRegex(self.refused("none"), r"2 node\(s\) were unschedulable\.")
        self.cluster.kubectl("uncordon", "node1")
        self.assertEqual(self.bound_to("none"), "node1")

    def test_host_ports(self):
        port = {"ports": [{"containerPort": 80, "hostPort": 8080}]}
        for name in ("port-a", "port-b", "port-c"):
            self.cluster.create(pod(name, container=port))
        self.assertRegex(self.refused("port-c"), r"2 node\(s\) didn't have free ports for the requested pod ports\.")
        self.assertEqual({self.bound_to("port-a"), self.bound_to("port-b")}, {"node1", "node2"})

    def test_reasons_are_counted(self):
        self.cluster.kubectl("cordon", "node1")
        self.cluster.create(pod("both", container=requests(cpu="1000")))
        message = self.refused("both")
        self.assertTrue(message.startswith("0/2 nodes are available: "), message)
        self.assertIn("1 Insufficient cpu", message)
        self.assertIn("1 node(s) were unschedulable", message)


class Queues(ClusterTest):
    """A scheduler name has one queue, run by the process that holds its Lease."""

    layout = ("control-plane", "workers")
    lease = ("lease", "my-custom-scheduler", "-n", "kube-system")

    def holder(self):
        lease = self.cluster.get(*self.lease)
        return lease and lease["spec"].get("holderIdentity")

    def test_1_a_pod_waits_for_its_scheduler(self):
        self.cluster.start_scheduler()
        self.cluster.create(pod("custom", schedulerName="my-custom-scheduler"), pod("default"))
        self.cluster.wait_running("default")
        self.assertNotIn("nodeName", self.cluster.get("pod", "custom")["spec"])
        type(self).first = self.cluster.start_scheduler("scheduler-custom", instance="a")
        self.cluster.wait_running("custom")
        self.assertTrue(self.holder())

    def test_2_a_standby_takes_the_queue_over(self):
        before = self.holder()
        standby = self.cluster.start_scheduler("scheduler-custom", instance="b")
        self.cluster.create(pod("early", schedulerName="my-custom-scheduler"))
        self.cluster.wait_running("early")
        self.assertEqual(self.holder(), before)
        self.first.kill()
        killed = time.monotonic()
        self.cluster.create(pod("late", schedulerName="my-custom-scheduler"))
        wait_for(lambda: self.holder() != before, "the standby holds the Lease")
        self.assertLess(time.monotonic() - killed, 10, "it did not wait until the Lease had run out (15 s)")
        self.cluster.wait_running("late", timeout=60)
        self.assertTrue(standby.running())
        wait_for(lambda: self.cluster.get(*self.lease)["spec"]["leaseTransitions"] >= 1, "the Lease counts the transition")


def ignoring_taints(name):
    return {"schedulerName": name, "plugins": {"filter": {"disabled": [{"name": "TaintToleration"}]}}}


class Configured(ClusterTest):
    """Schedulers on two hosts, neither of them the control plane's, that go by a KubeSchedulerConfiguration of their own."""

    layout = ("control-plane", "workers")

    @classmethod
    def start(cls):
        super().start()
        cls.schedulers = {}
        for name in cls.workers:
            cls.write(name, {"schedulerName": "default-scheduler"}, ignoring_taints("anywhere"))
            cls.schedulers[name] = cls.cluster.start_scheduler(host=name, **{"scheduler.config": cls.file(name)})
        cls.cluster.kubectl("taint", "nodes", "--all", "team=blue:NoSchedule")

    @classmethod
    def file(cls, host):
        return f"{cls.cluster.lan[host].folder}/profiles.yaml"

    @classmethod
    def write(cls, host, *profiles):
        with open(cls.file(host), "w") as file:
            yaml.safe_dump({"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration",
                            "profiles": list(profiles)}, file)

    def reload(self, *profiles, said):
        before = {name: len(process.log()) for name, process in self.schedulers.items()}
        for name, process in self.schedulers.items():
            self.write(name, *profiles)
            os.kill(process.pid, signal.SIGHUP)
        for name, process in self.schedulers.items():
            wait_for(lambda p=process, n=before[name]: said in p.log()[n:], f"the scheduler on {name} says {said}")

    def waits(self, name):
        self.assertIn("untolerated taint {team: blue}", self.cluster.wait_event(name, "FailedScheduling")["message"])
        self.assertNotIn("nodeName", self.cluster.get("pod", name)["spec"])

    def test_1_rules_are_those_of_the_profile(self):
        self.cluster.create(pod("plain"), pod("anywhere", schedulerName="anywhere"))
        self.cluster.wait_running("anywhere")
        self.waits("plain")

    def test_2_a_bad_file_changes_nothing(self):
        self.reload({"schedulerName": "default-scheduler", "plugins": {"score": {"enabled": [{"name": "Nobody"}]}}},
                    said='ScorePlugin "Nobody" does not exist; schedulers go on as they were')
        self.cluster.create(pod("still", schedulerName="anywhere"))
        self.cluster.wait_running("still")
        self.waits("plain")

    def test_3_a_reload_changes_them(self):
        self.reload(ignoring_taints("default-scheduler"), said="as it is now")
        self.cluster.wait_running("plain", timeout=60)
        self.cluster.create(pod("nobodys", schedulerName="anywhere"), pod("next"))
        self.cluster.wait_running("next")
        self.assertNotIn("nodeName", self.cluster.get("pod", "nobodys")["spec"])
        self.reload({"schedulerName": "default-scheduler"}, ignoring_taints("anywhere"), said="as it is now")
        self.cluster.wait_running("nobodys", timeout=60)

    def test_4_without_a_file_there_is_nothing_to_read_again(self):
        process = self.cluster.start_scheduler("scheduler-custom")
        wait_for(lambda: "successfully acquired lease" in process.log(), "it schedules")
        os.kill(process.pid, signal.SIGHUP)
        wait_for(lambda: "there is no scheduler.config to read again" in process.log(), "it says so")
        self.assertTrue(process.running())
        self.cluster.create(pod("custom", schedulerName="my-custom-scheduler",
                                tolerations=[{"key": "team", "operator": "Exists"}]))
        self.cluster.wait_running("custom")


class Exclusive(ClusterTest):
    """A claim that one pod alone may have (ReadWriteOncePod), and two pods that want it: each for another host, and each given
    to another scheduler on another host. Neither of these knows what the other one is about to do."""

    layout = ("control-plane", "workers")
    in_use = "1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"

    @classmethod
    def start(cls):
        super().start()
        cls.cluster.start_scheduler(host="node1")
        cls.cluster.start_scheduler("scheduler-custom", host="node2")

    def claim(self, name):
        """A claim and its volume, which both hosts reach."""
        self.cluster.create(
            {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": {
                "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOncePod"], "storageClassName": "",
                "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": "/tmp"},
                "claimRef": {"namespace": "default", "name": name}}},
            {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": {
                "accessModes": ["ReadWriteOncePod"], "storageClassName": "", "volumeName": name,
                "resources": {"requests": {"storage": "1Gi"}}}})
        wait_for(lambda: self.cluster.get("pvc", name)["status"].get("phase") == "Bound", f"claim {name} is bound")

    def pods_of(self, claim):
        volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": claim}}]
        return [pod(f"{claim}-{node}", nodeSelector={"kubernetes.io/hostname": node}, schedulerName=scheduler, volumes=volumes)
                for node, scheduler in (("node1", "default-scheduler"), ("node2", "my-custom-scheduler"))]

    def on_nodes(self, names):
        return [name for name in names if self.cluster.get("pod", name)["spec"].get("nodeName")]

    def test_one_pod_alone_gets_it_and_then_the_other(self):
        winners = set()
        for turn in range(6):
            claim = f"mine-{turn}"
            self.claim(claim)
            pods = self.pods_of(claim)
            self.cluster.create(*(pods if turn % 2 else reversed(pods)))
            names = [one["metadata"]["name"] for one in pods]
            winner = wait_for(lambda: self.on_nodes(names), f"a pod with claim {claim} is on a node")[0]
            loser = next(name for name in names if name != winner)
            self.cluster.wait_running(winner)
            message = self.cluster.wait_event(loser, "FailedScheduling", self.in_use)["message"]
            self.assertTrue(message.startswith("0/2 nodes are available: "), message)
            self.assertIn("1 node(s) didn't match Pod's node affinity/selector", message)
            self.assertEqual(self.on_nodes(names), [winner])
            self.cluster.kubectl("delete", "pod", winner)
            self.cluster.wait_running(loser)
            self.cluster.kubectl("delete", "pod", loser)
            winners.add(winner[-5:])
        print(f"the claim went first to {sorted(winners)}", flush=True)


if __name__ == "__main__":
    spec.main()
