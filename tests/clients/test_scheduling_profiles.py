"""Profiles of a KubeSchedulerConfiguration, over hollow nodes: what each scheduler name does, and what happens to bad files."""
import json
import os
import signal
import sys
import tempfile
import unittest

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import wait_for
from local import NamespaceTest, Up, free_port

HEADER = {"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration"}
FOLDER = tempfile.TemporaryDirectory()
FILE = f"{FOLDER.name}/scheduler.yaml"


def write(*profiles, **more):
    with open(FILE, "w", encoding="utf-8") as file:
        yaml.safe_dump({**HEADER, "profiles": list(profiles), **more}, file)


def packing(name="packing"):
    """Fills one node before it begins another."""
    return {"schedulerName": name,
            "plugins": {"score": {"disabled": [{"name": "*"}], "enabled": [{"name": "NodeResourcesFit"}]}},
            "pluginConfig": [{"name": "NodeResourcesFit", "args": {"scoringStrategy": {"type": "MostAllocated"}}}]}


def anywhere(name="anywhere"):
    """Taints do not matter to it."""
    return {"schedulerName": name,
            "plugins": {"multiPoint": {"disabled": [{"name": "TaintToleration"}, {"name": "NodeUnschedulable"}]}}}


class ProfileTest(NamespaceTest):
    flags = ("--store", "memory", "--scheduler-config", FILE)
    nodes = 3

    @classmethod
    def setUpClass(cls):
        write({"schedulerName": "default-scheduler"}, packing(), anywhere())
        super().setUpClass()

    def tearDown(self):
        self.kubectl("delete", "namespace", self.namespace, "--timeout=60s")

    def place(self, *names, **spec_fields):
        self.create(*(pod(name, container={"resources": {"requests": {"cpu": "1"}}}, **spec_fields) for name in names))
        wait_for(lambda: all(self.get("pod", n)["spec"].get("nodeName") for n in names), f"{names} are on nodes")
        return [self.get("pod", name)["spec"]["nodeName"] for name in names]

    def reload(self, *profiles, said):
        before = len(self.up.log())
        write(*profiles)
        os.kill(self.up.process.pid, signal.SIGHUP)
        wait_for(lambda: said in self.up.log()[before:], f"the log says {said}")


class Profiles(ProfileTest):
    def test_each_name_places_in_its_own_way(self):
        spread = self.place(*(f"spread{i}" for i in range(3)))
        self.assertEqual(len(set(spread)), 3)
        packed = self.place(*(f"packed{i}" for i in range(4)), schedulerName="packing")
        self.assertEqual(len(set(packed)), 1)
        event = self.get("events", "--field-selector", "reason=Scheduled,involvedObject.name=packed0")["items"][0]
        self.assertEqual(event["reportingComponent"], "packing")
        leases = self.kubectl("get", "leases", "-n", "kube-system", "-o", "name")
        for lease in ("kube-scheduler", "packing", "anywhere"):
            self.assertIn(f"/{lease}\n", leases)

    def test_a_filter_that_is_off_keeps_no_pod_away(self):
        for i in range(1, 4):
            self.kubectl("taint", "node", f"node{i}", "dedicated=db:NoSchedule")
        try:
            self.create(pod("kept-away"))
            self.place("let-in", schedulerName="anywhere")
            wait_for(lambda: "untolerated taint" in self.kubectl("describe", "pod", "kept-away"), "the taint is named")
        finally:
            for i in range(1, 4):
                self.kubectl("taint", "node", f"node{i}", "dedicated-")

    def best_of(self, name, *flags):
        why = self.up.troupe("why", "pod", name, "-n", self.namespace, "-o", "json", *flags)
        self.assertEqual(why.returncode, 0, why.stderr)
        why = json.loads(why.stdout)
        return {n["node"] for n in why["nodes"] if n.get("best")}, why["judgedBy"]

    def test_why_goes_by_what_the_running_scheduler_goes_by(self):
        full, = self.place("first", schedulerName="packing")
        cpus = int(self.get("node", full)["status"]["allocatable"]["cpu"])
        waiting = {"container": {"resources": {"requests": {"cpu": "1"}}}, "schedulingGates": [{"name": "later"}]}
        self.create(pod("packs", schedulerName="packing", **waiting), pod("spreads", **waiting))
        self.assertGreater(cpus, 2)
        self.assertEqual(self.best_of("packs"), ({full}, "the running scheduler's profile"))
        best, judge = self.best_of("spreads")
        self.assertNotIn(full, best)
        self.assertEqual(judge, "the running scheduler's profile")
        # A file of one's own goes before it; a profile that changes is told of.
        plain = f"{FOLDER.name}/plain.yaml"
        with open(plain, "w", encoding="utf-8") as file:
            yaml.safe_dump({**HEADER, "profiles": [{"schedulerName": "packing"}]}, file)
        best, judge = self.best_of("packs", "--scheduler-config", plain)
        self.assertNotIn(full, best)
        self.assertEqual(judge, plain)
        try:
            self.reload({"schedulerName": "default-scheduler"}, {"schedulerName": "packing"}, said="as it is now")
            wait_for(lambda: full not in self.best_of("packs")[0], "the changed profile decides")
        finally:
            self.reload({"schedulerName": "default-scheduler"}, packing(), anywhere(), said="as it is now")
        wait_for(lambda: self.best_of("packs")[0] == {full}, "the first profile is back")

    def test_sighup_reads_the_file_again_if_it_is_right(self):
        try:
            self.reload({**packing(), "plugins": {"score": {"enabled": [{"name": "Nobody"}]}}}, said=(
                f'{FILE}: initializing profiles: creating profile for scheduler name packing: ScorePlugin "Nobody" does not exist; '
                "schedulers go on as they were"))
            self.place("as-before", schedulerName="anywhere")
            self.reload(packing("default-scheduler"), packing("late"), said="as it is now")
            self.assertEqual(len(set(self.place(*(f"late{i}" for i in range(4)), schedulerName="late"))), 1)
            self.assertEqual(len(set(self.place(*(f"now{i}" for i in range(4))))), 1)
            self.create(pod("nobody", schedulerName="anywhere"))
            self.place("after")
            self.assertNotIn("nodeName", self.get("pod", "nobody")["spec"])
        finally:
            self.reload({"schedulerName": "default-scheduler"}, packing(), anywhere(), said="as it is now")
        wait_for(lambda: self.get("pod", "nobody")["spec"].get("nodeName"), "its scheduler is back")


class Plugins(ProfileTest):
    """The example of docs/custom-schedulers.md."""

    @classmethod
    def setUpClass(cls):
        library = os.path.join(os.path.dirname(spec.troupe()), "tests", "libquiet_nodes.so")
        if not os.path.exists(library):
            raise unittest.SkipTest(f"{library} is not built")
        cls.flags = (*ProfileTest.flags, "--scheduler-plugins", library)
        super().setUpClass()
        write({"schedulerName": "default-scheduler"}, {
            "schedulerName": "quiet", "plugins": {"multiPoint": {"enabled": [{"name": "QuietNodes", "weight": 50}]}},
            "pluginConfig": [{"name": "QuietNodes", "args": {"limit": 20}}]})
        os.kill(cls.up.process.pid, signal.SIGHUP)
        wait_for(lambda: "as it is now" in cls.up.log(), "the plugin's profile is read")

    def test_a_plugin_filters_and_scores(self):
        for node, noise in (("node1", 60), ("node2", 30), ("node3", 40)):
            self.kubectl("label", "node", node, f"example.com/noise={noise}")
        self.assertEqual(set(self.place("a", "b", schedulerName="quiet")), {"node2"})
        self.create(pod("shy", schedulerName="quiet", labels={"example.com/quiet": "true"}))
        wait_for(lambda: "0/3 nodes are available: 3 node(s) were too loud." in self.kubectl("describe", "pod", "shy"), "it is told")
        self.kubectl("label", "node", "node3", "example.com/noise=10", "--overwrite")
        wait_for(lambda: self.get("pod", "shy")["spec"].get("nodeName") == "node3", "it goes where it is quiet")


class BadFiles(ProfileTest):
    nodes = 1

    def complaint(self, file):
        command = [part for part in self.up.command]
        command[command.index("--data-dir") + 1] = f"{FOLDER.name}/other"
        command[command.index("--secure-port") + 1] = str(free_port())
        command[command.index("--insecure-port") + 1] = str(free_port())
        command[command.index("--scheduler-config") + 1] = file
        done = self.up.run(*command)
        self.assertNotEqual(done.returncode, 0)
        return done.stderr

    def test_bad_files_are_refused_at_the_start(self):
        bad = f"{FOLDER.name}/bad.yaml"
        for text, said in [
                ({**HEADER, "profile": []}, 'strict decoding error: unknown field "profile"'),
                ({**HEADER, "profiles": [{"schedulerName": "a"}, {"schedulerName": "a"}]},
                 "profiles[1].schedulerName: Duplicate value: profiles[0].schedulerName"),
                ({**HEADER, "profiles": [{"plugins": {"bind": {"disabled": [{"name": "*"}]}}}]},
                 'at least one bind plugin is needed for profile with scheduler name "default-scheduler"')]:
            with open(bad, "w", encoding="utf-8") as file:
                yaml.safe_dump(text, file)
            self.assertIn(f"--scheduler-config: scheduler.config {bad}: ", self.complaint(bad))
            self.assertIn(said, self.complaint(bad))
        self.assertIn("No such file", self.complaint(f"{FOLDER.name}/none.yaml"))


if __name__ == "__main__":
    spec.main()
