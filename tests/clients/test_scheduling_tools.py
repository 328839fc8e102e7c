"""What `troupe why` and `troupe simulate` say of a running cluster is what its scheduler does; and /metrics, parsed strictly."""
import json
import math
import os
import re
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import wait_for
from local import NamespaceTest, UpTest

ZONE = "topology.kubernetes.io/zone"


def asks(cpu, memory="64Mi"):
    return {"resources": {"requests": {"cpu": cpu, "memory": memory}}}


class Tools(NamespaceTest):
    flags = ("--store", "memory")
    nodes = 4

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for node, zone in {"node1": "a", "node2": "a", "node3": "b", "node4": "b"}.items():
            done = cls.up.kubectl("label", "node", node, f"{ZONE}={zone}")
            assert done.returncode == 0, done.stderr
        done = cls.up.kubectl("create", "priorityclass", "high", "--value=1000", "--preemption-policy=Never")
        assert done.returncode == 0, done.stderr

    def tearDown(self):
        self.kubectl("delete", "namespace", self.namespace, "--timeout=60s")
        self.up.kubectl("taint", "node", "--all", "team-")

    def troupe(self, *args, input=None):
        done = self.up.troupe(*args, input=input)
        self.assertEqual(done.returncode, 0, f"troupe {' '.join(args)}: {done.stderr}")
        return done.stdout

    def why(self, name):
        return json.loads(self.troupe("why", "pod", name, "-o", "json"))

    def condition(self, name):
        def said():
            conditions = self.get("pod", name)["status"].get("conditions", [])
            return [c["message"] for c in conditions if c["type"] == "PodScheduled" and c.get("reason") == "Unschedulable"]
        wait_for(said, f"{name} is unschedulable")
        return said()[0]

    def placed(self, *names):
        wait_for(lambda: all(self.get("pod", name)["spec"].get("nodeName") for name in names), f"{', '.join(names)} are on nodes")
        return [self.get("pod", name)["spec"]["nodeName"] for name in names]

    def test_a_pod_that_fits_nowhere_is_explained_as_the_scheduler_does(self):
        self.kubectl("taint", "node", "node1", "team=db:NoSchedule")
        self.kubectl("cordon", "node2")
        try:
            near = {"requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": ZONE, "labelSelector": {"matchLabels": {"app": "none"}}}]}
            self.create(pod("huge", container=asks("999")),
                        pod("lonely", affinity={"podAffinity": near}),
                        pod("picky", nodeSelector={ZONE: "c"}))
            for name in ("huge", "lonely", "picky"):
                with self.subTest(name):
                    said = self.condition(name)
                    why = self.why(name)
                    self.assertEqual(said.split(" preemption: ")[0], why["message"].split(" preemption: ")[0])
                    self.assertEqual((why["feasible"], len(why["nodes"])), (0, 4))
                    for node in why["nodes"]:
                        self.assertTrue(all(o["figures"] and o["remedy"] for o in node["obstacles"]), node)
            text = self.troupe("why", "pod/huge", "-n", self.namespace)
            self.assertIn("wants cpu 999, node has", text)
            self.assertIn("tolerate team=db:NoSchedule", self.troupe("why", "pod", "huge", "-n", self.namespace))
            self.assertIn("a node labelled topology.kubernetes.io/zone=c", self.troupe("why", "pod", "picky"))
            self.assertIn("no pod that its affinity asks for in topology.kubernetes.io/zone=b",
                          self.troupe("why", "pod", "lonely", "-o", "wide"))
        finally:
            self.kubectl("uncordon", "node2")

    def test_what_would_help_helps(self):
        cpu = int(self.get("node", "node1")["status"]["allocatable"]["cpu"])
        self.kubectl("cordon", "node2", "node3", "node4")
        try:
            self.create(pod("first", container=asks(str(cpu - 1))))
            self.placed("first")
            self.create(pod("second", container=asks("2")))
            self.condition("second")
            self.assertIn("1000m more cpu free on node1", self.troupe("why", "pod", "second"))
            ways = [way["remedies"] for way in self.why("second")["waysIn"]]
            self.assertIn(["uncordon node2"], ways)
            self.kubectl("uncordon", "node2")
            self.assertEqual(self.placed("second"), ["node2"])
        finally:
            self.kubectl("uncordon", "node2", "node3", "node4")

    def test_a_bound_pod_is_where_it_scores_best(self):
        self.create(pod("web", container=asks("1")))
        node, = self.placed("web")
        why = self.why("web")
        self.assertEqual(why["nodeName"], node)
        best = [n["node"] for n in why["nodes"] if n.get("best")]
        self.assertIn(node, best)
        for n in why["nodes"]:
            self.assertEqual(n["total"], sum(s["score"] * s["weight"] for s in n["scores"]))
        self.assertIn("NodeResourcesFit", self.troupe("why", "pod", "web", "-o", "wide"))

    def test_a_simulation_comes_true(self):
        """What is simulated is then done: as many pods in each zone and on each node, and the same left over."""
        spread = [{"topologyKey": ZONE, "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": "web"}}}]
        apart = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "web"}}}]}}
        deployment = {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": self.namespace},
            "spec": {"replicas": 5, "selector": {"matchLabels": {"app": "web"}}, "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"affinity": apart, "topologySpreadConstraints": spread, "containers": [
                    {"name": "c", "image": "busybox:1.35", **asks("1")}]}}}}
        before = self.get("pods")["items"]
        report = json.loads(self.troupe("simulate", "-f", "-", "-o", "json", input=json.dumps(deployment)))
        self.assertEqual(self.get("pods")["items"], before)
        self.assertEqual(self.up.kubectl("get", "deployment", "web").returncode, 1)
        work, = report["workloads"]
        self.assertEqual((work["pods"], work["placed"]), (5, 4))
        self.assertEqual(work["podsByNode"], {f"node{i}": 1 for i in range(1, 5)})
        self.assertEqual(report["after"]["cpu"]["asked"] - report["before"]["cpu"]["asked"], 4000)
        self.kubectl("create", "-f", "-", input=json.dumps(deployment))

        def pending():
            return [p["metadata"]["name"] for p in self.get("pods")["items"] if not p["spec"].get("nodeName")]
        wait_for(lambda: len(self.get("pods")["items"]) == 5 and len(pending()) == 1, "four of five are placed")
        said = self.condition(pending()[0])
        self.assertEqual(said.split(" preemption: ")[0], work["message"])

    def test_a_described_cluster(self):
        text = self.troupe("simulate", "--nodes", "count=100,cpu=4,memory=16Gi,zones=3", "--pods", "count=1700,cpu=250m,memory=64Mi")
        self.assertIn("1600 of 1700 pods find a place on 100 nodes", text)
        self.assertIn("100 nodes, 16 each", text)
        self.assertIn("0/100 nodes are available: 100 Insufficient cpu.", text)
        self.assertRegex(text, r"cpu +\[\.{30}\] 0% +\[#{30}\] 100% +400 of 400")


# --- metrics

SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?[0-9.e+-]+|\+Inf|-Inf|NaN)$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')


def parse(text):
    """{family: (type, {(sample name, labels): value})}; an AssertionError for what the format does not allow."""
    families, current = {}, None
    assert text.endswith("\n"), "no newline at the end"
    for line in text.splitlines():
        if line.startswith("# HELP "):
            current = line.split(" ", 3)[2]
            assert current not in families, f"{current} twice"
            families[current] = [None, {}]
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == current and families[name][0] is None, line
            assert kind in ("counter", "gauge", "histogram"), line
            families[name][0] = kind
        else:
            found = SAMPLE.match(line)
            assert found, f"no sample: {line}"
            name, labels, value = found.groups()
            base = re.sub("_(bucket|sum|count)$", "", name) if families[current][0] == "histogram" else name
            assert base == current, f"{name} among the samples of {current}"
            pairs, rest = [], labels or ""
            while rest:
                label = LABEL.match(rest)
                assert label, f"labels: {line}"
                pairs.append(label.group(1, 2))
                rest = rest[label.end():]
            assert len({key for key, _ in pairs}) == len(pairs), f"a label twice: {line}"
            key = (name, tuple(sorted(pairs)))
            assert key not in families[current][1], f"{key} twice"
            families[current][1][key] = float(value)
    for name, (kind, samples) in families.items():
        if kind == "histogram":
            check_histogram(name, samples)
        if kind == "counter":
            assert all(value >= 0 for value in samples.values()), name
    return families


def check_histogram(name, samples):
    series = {}
    for (sample, labels), value in samples.items():
        own = tuple(pair for pair in labels if pair[0] != "le")
        series.setdefault(own, {}).setdefault(sample, []).append((dict(labels).get("le"), value))
    for own, parts in series.items():
        buckets = sorted((float(le), value) for le, value in parts[name + "_bucket"])
        assert buckets[-1][0] == math.inf, f"{name}{own} has no last bucket"
        assert [v for _, v in buckets] == sorted(v for _, v in buckets), f"{name}{own} is not cumulative"
        assert buckets[-1][1] == parts[name + "_count"][0][1], f"{name}{own}: count"
        assert name + "_sum" in parts


class Metrics(UpTest):
    flags = ("--store", "memory")

    def metrics(self):
        self.exposition = self.kubectl("get", "--raw", "/metrics")
        return parse(self.exposition)

    def value(self, families, family, sample=None, **labels):
        """The sum of the samples that have these labels."""
        wanted = set(labels.items())
        return sum(value for (name, has), value in families[family][1].items() if name == (sample or family) and wanted <= set(has))

    def test_the_format_is_strict_and_the_names_are_kubernetes(self):
        request = urllib.request.urlopen(f"{self.up.insecure}/metrics", timeout=10)
        self.assertEqual(request.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        families = parse(request.read().decode())
        for name, kind in {
                "apiserver_request_total": "counter", "apiserver_request_duration_seconds": "histogram",
                "apiserver_current_inflight_requests": "gauge", "apiserver_longrunning_requests": "gauge",
                "apiserver_storage_objects": "gauge", "process_cpu_seconds_total": "counter",
                "process_resident_memory_bytes": "gauge", "process_virtual_memory_bytes": "gauge", "process_open_fds": "gauge",
                "process_max_fds": "gauge", "process_start_time_seconds": "gauge", "scheduler_pending_pods": "gauge",
                "scheduler_schedule_attempts_total": "counter", "scheduler_scheduling_attempt_duration_seconds": "histogram",
                "scheduler_scheduling_algorithm_duration_seconds": "histogram", "scheduler_preemption_attempts_total": "counter",
                "scheduler_preemption_victims": "histogram", "scheduler_queue_incoming_pods_total": "counter",
                "scheduler_pod_scheduling_sli_duration_seconds": "histogram", "scheduler_pod_scheduling_attempts": "histogram",
                "troupe_scheduler_offers_total": "counter", "troupe_scheduler_declines_total": "counter",
                "troupe_scheduler_leases_total": "counter"}.items():
            with self.subTest(name):
                self.assertIn(name, families)
                self.assertEqual(families[name][0], kind)
        bounds = {dict(labels)["le"] for (name, labels) in families["scheduler_pod_scheduling_attempts"][1] if name.endswith("_bucket")}
        self.assertEqual(bounds, {"1", "2", "4", "8", "16", "+Inf"})

    def test_requests_count(self):
        before = self.metrics()
        for _ in range(3):
            self.kubectl("get", "--raw", "/api/v1/namespaces/default/pods")
        self.up.kubectl("get", "--raw", "/api/v1/namespaces/default/pods/absent")
        self.kubectl("create", "configmap", "counted", "--dry-run=server")
        after = self.metrics()

        def more(**labels):
            return self.value(after, "apiserver_request_total", **labels) - self.value(before, "apiserver_request_total", **labels)
        pods = {"group": "", "version": "v1", "resource": "pods", "component": "apiserver"}
        self.assertEqual(more(verb="LIST", scope="namespace", code="200", **pods), 3)
        self.assertEqual(more(verb="GET", scope="resource", code="404", **pods), 1)
        self.assertEqual(more(verb="POST", resource="configmaps", dry_run="All", code="201"), 1)
        count = "apiserver_request_duration_seconds_count"
        for families, plus in ((before, 0), (after, 3)):
            self.assertEqual(self.value(families, "apiserver_request_duration_seconds", count, verb="LIST", scope="namespace", **pods)
                             - self.value(before, "apiserver_request_duration_seconds", count, verb="LIST", scope="namespace", **pods), plus)
        self.assertEqual(self.value(after, "apiserver_current_inflight_requests", request_kind="mutating"), 0)
        # The request that asks is one.
        self.assertEqual(self.value(after, "apiserver_current_inflight_requests", request_kind="readOnly"), 1)

    def test_what_is_made_up_makes_no_labels(self):
        for i in range(5):
            self.up.kubectl("get", "--raw", f"/apis/made.up/v1/things{i}")
            self.up.kubectl("get", "--raw", f"/made/up/{i}")
        families = self.metrics()
        self.assertNotIn("made", self.exposition)
        self.assertGreaterEqual(self.value(families, "apiserver_request_total", code="404", resource="", subresource=""), 10)

    def test_watches_run_long(self):
        def watches():
            return self.value(self.metrics(), "apiserver_longrunning_requests", verb="WATCH", resource="secrets")
        before = watches()
        with urllib.request.urlopen(f"{self.up.insecure}/api/v1/secrets?watch=true", timeout=10):
            wait_for(lambda: watches() == before + 1, "the watch counts")
        wait_for(lambda: watches() == before, "the watch has ended")

    def test_the_scheduler_counts(self):
        before = self.metrics()
        self.kubectl("create", "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": [
            pod("m1"), pod("m2"), pod("m3", container=asks("999"))]}))
        wait_for(lambda: self.kubectl("get", "pods", "--no-headers").count("Running") == 2, "two run")
        after = {}

        def counted():
            after.update(self.metrics())
            return self.value(after, "scheduler_pending_pods", queue="unschedulable") == 1
        wait_for(counted, "one is unschedulable")

        def more(family, sample=None, **labels):
            return self.value(after, family, sample, **labels) - self.value(before, family, sample, **labels)
        self.assertEqual(more("scheduler_schedule_attempts_total", result="scheduled", profile="default-scheduler"), 2)
        self.assertGreaterEqual(more("scheduler_schedule_attempts_total", result="unschedulable"), 1)
        self.assertEqual(more("scheduler_pod_scheduling_attempts", "scheduler_pod_scheduling_attempts_count"), 2)
        self.assertEqual(more("scheduler_pod_scheduling_sli_duration_seconds", "scheduler_pod_scheduling_sli_duration_seconds_count",
                              attempts="1"), 2)
        self.assertEqual(more("scheduler_queue_incoming_pods_total", queue="active", event="PodAdd"), 3)
        self.assertGreaterEqual(more("scheduler_queue_incoming_pods_total", queue="unschedulable", event="ScheduleAttemptFailure"), 1)
        self.assertEqual(more("apiserver_storage_objects", resource="pods"), 3)
        self.assertGreater(more("troupe_scheduler_offers_total"), 0)
        self.kubectl("delete", "pod", "m1", "m2", "m3", "--force", "--grace-period=0")

    def test_who_may_see_them(self):
        self.kubectl("create", "serviceaccount", "nosy")
        nosy = "--as=system:serviceaccount:default:nosy"
        self.assertIn("Forbidden", self.refused("get", "--raw", "/metrics", nosy))
        self.kubectl("create", "clusterrolebinding", "nosy", "--clusterrole=system:monitoring", "--serviceaccount=default:nosy")
        wait_for(lambda: self.up.kubectl("get", "--raw", "/metrics", nosy).returncode == 0, "monitors may see them")


if __name__ == "__main__":
    spec.main()
