"""kubectl sessions against `troupe up` with hollow nodes, over HTTPS and over the insecure port."""
import datetime
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import condition, pod
from hosts import wait_for
from local import NamespaceTest, UpTest, columns


def manifest(*objects):
    return yaml.safe_dump_all(objects)


def configmap(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


class Kubectl(NamespaceTest):
    """Over HTTPS with the generated kubeconfig."""

    def wait_running(self, name):
        wait_for(lambda: condition(self.get("pod", name), "Ready") == "True", f"{name} is Ready")

    def test_create_get_delete(self):
        self.assertEqual(self.kubectl("create", "-f", "-", input=manifest(pod("a", labels={"app": "x"}))), "pod/a created\n")
        self.wait_running("a")
        table = self.kubectl("get", "pods").splitlines()
        self.assertEqual(columns(table[0]), ["NAME", "READY", "STATUS", "RESTARTS", "AGE"])
        self.assertEqual(columns(table[1])[:4], ["a", "1/1", "Running", "0"])
        wide = self.kubectl("get", "pod", "a", "-o", "wide").splitlines()
        self.assertEqual(columns(wide[0])[5:], ["IP", "NODE", "NOMINATED NODE", "READINESS GATES"])
        self.assertEqual(yaml.safe_load(self.kubectl("get", "pod", "a", "-o", "yaml"))["metadata"]["labels"], {"app": "x"})
        self.assertEqual(self.kubectl("get", "pod", "a", "-o", "name"), "pod/a\n")
        self.assertEqual(self.kubectl("get", "pod", "a", "-o", "jsonpath={.spec.containers[0].name}"), "main")
        self.assertIn("app=x", self.kubectl("get", "pods", "--show-labels"))
        self.assertIn('Error from server (AlreadyExists): error when creating "STDIN": pods "a" already exists',
                      self.refused("create", "-f", "-", input=manifest(pod("a"))))
        self.assertEqual(self.kubectl("delete", "pod", "a"), f'pod "a" deleted\n')
        self.assertEqual(self.refused("get", "pod", "a"), 'Error from server (NotFound): pods "a" not found\n')

    def test_selectors(self):
        self.kubectl("create", "-f", "-", input=manifest(*(
            pod(name, labels={"app": app}, schedulerName="nobody") for name, app in (("a", "red"), ("b", "red"), ("c", "blue")))))
        names = lambda *args: self.kubectl("get", "pods", "-o", "name", *args).split()
        self.assertEqual(names("-l", "app=red"), ["pod/a", "pod/b"])
        self.assertEqual(names("-l", "app in (blue,green)"), ["pod/c"])
        self.assertEqual(names("-l", "app!=red"), ["pod/c"])
        self.assertEqual(names("--field-selector", "metadata.name=b"), ["pod/b"])
        self.assertEqual(len(names("--field-selector", "status.phase=Pending,spec.nodeName=")), 3)
        self.assertEqual(names("--field-selector", "status.phase!=Pending"), [])
        self.assertIn("pod/a", names("-A"))
        self.assertIn("field label not supported", self.refused("get", "pods", "--field-selector", "spec.color=red"))

    def test_chunked_lists(self):
        self.kubectl("create", "-f", "-", input=manifest(*(configmap(f"c{i:02}", n=str(i)) for i in range(25))))
        path = f"/api/v1/namespaces/{self.namespace}/configmaps"
        first = json.loads(self.kubectl("get", "--raw", path + "?limit=10"))
        self.assertEqual(len(first["items"]), 10)
        self.assertEqual(first["metadata"]["remainingItemCount"] >= 15, True)
        names, token = [item["metadata"]["name"] for item in first["items"]], first["metadata"]["continue"]
        while token:
            part = json.loads(self.kubectl("get", "--raw", f"{path}?limit=10&continue={token}"))
            names += [item["metadata"]["name"] for item in part["items"]]
            token = part["metadata"].get("continue")
        whole = [item["metadata"]["name"] for item in self.get("configmaps")["items"]]
        self.assertEqual(names, whole)
        self.assertEqual(len(self.kubectl("get", "configmaps", "--chunk-size=3", "--no-headers").splitlines()), len(whole))

    def test_watch(self):
        watch = subprocess.Popen(["kubectl", "get", "configmaps", "-w", "-o", "name", "--watch-only"],
                                 env={**os.environ, "KUBECONFIG": self.up.kubeconfig}, stdout=subprocess.PIPE, text=True)
        seen = []
        reader = threading.Thread(target=lambda: seen.extend(line.strip() for line in watch.stdout))
        reader.start()
        names = (f"w{i}" for i in itertools.count())

        def reported():
            # Nobody tells when the watch is open, so configmaps are made until one is reported.
            self.kubectl("create", "configmap", next(names))
            return seen
        try:
            wait_for(reported, "the watch reports a new configmap")
        finally:
            watch.terminate()
            watch.wait()
            reader.join()
            watch.stdout.close()
        self.assertRegex(seen[0], r"^configmap/w\d+$")

    def test_apply(self):
        first = configmap("settings", a="1", b="2")
        self.assertEqual(self.kubectl("apply", "-f", "-", input=manifest(first)), "configmap/settings created\n")
        self.assertEqual(self.kubectl("apply", "-f", "-", input=manifest(first)), "configmap/settings unchanged\n")
        self.kubectl("patch", "configmap", "settings", "--type=merge", "-p", '{"data":{"theirs":"kept"}}')
        self.assertEqual(self.kubectl("apply", "-f", "-", input=manifest(configmap("settings", a="9"))),
                         "configmap/settings configured\n")
        self.assertEqual(self.get("configmap", "settings")["data"], {"a": "9", "theirs": "kept"})

    def test_patches(self):
        self.kubectl("create", "-f", "-", input=manifest(pod("p", schedulerName="nobody")))
        patch = lambda kind, text: self.kubectl("patch", "pod", "p", f"--type={kind}", "-p", text)
        patch("strategic", '{"spec":{"containers":[{"name":"main","image":"busybox:1.36"}]}}')
        self.assertEqual(self.get("pod", "p")["spec"]["containers"][0]["image"], "busybox:1.36")
        self.assertEqual(self.get("pod", "p")["spec"]["containers"][0]["command"][0], "sh")
        patch("merge", '{"metadata":{"labels":{"a":"1","b":"2"}}}')
        patch("merge", '{"metadata":{"labels":{"a":null}}}')
        self.assertEqual(self.get("pod", "p")["metadata"]["labels"], {"b": "2"})
        patch("json", '[{"op":"test","path":"/metadata/labels/b","value":"2"},{"op":"add","path":"/metadata/labels/c","value":"3"}]')
        self.assertEqual(self.get("pod", "p")["metadata"]["labels"], {"b": "2", "c": "3"})
        before = self.get("pod", "p")
        self.refused("patch", "pod", "p", "--type=json", "-p", '[{"op":"test","path":"/metadata/labels/b","value":"9"}]')
        self.assertIn("pod updates may not change fields other than",
                      self.refused("patch", "pod", "p", "--type=merge", "-p", '{"spec":{"nodeSelector":{"a":"b"}}}'))
        self.assertEqual(self.get("pod", "p"), before)

    def test_edit(self):
        self.kubectl("create", "configmap", "edited", "--from-literal=a=1")
        with tempfile.NamedTemporaryFile("w", suffix=".sh", dir=self.up.folder, delete=False) as editor:
            editor.write('#!/bin/sh\nsed -i "s/a: \\"1\\"/a: \\"2\\"/" "$1"\n')
        os.chmod(editor.name, 0o755)
        done = subprocess.run(["kubectl", "edit", "configmap", "edited"], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "KUBECONFIG": self.up.kubeconfig, "KUBE_EDITOR": editor.name})
        self.assertEqual(done.stdout, "configmap/edited edited\n", done.stderr)
        self.assertEqual(self.get("configmap", "edited")["data"], {"a": "2"})

    def test_describe(self):
        self.kubectl("create", "-f", "-", input=manifest(pod("d")))
        self.wait_running("d")
        wait_for(lambda: "Started" in self.kubectl("describe", "pod", "d"), "describe shows the events")
        text = self.kubectl("describe", "pod", "d")
        for part in ("Name:", "Node:", "IP:", "Containers:", "Conditions:", "Events:", "Scheduled", "Pulled", "Created"):
            self.assertIn(part, text)
        node = self.get("pod", "d")["spec"]["nodeName"]
        self.assertIn(self.namespace, self.kubectl("describe", "node", node))
        self.assertIn("Status:       Active", self.kubectl("describe", "namespace", self.namespace))

    def test_label_and_annotate(self):
        self.kubectl("create", "configmap", "l")
        self.assertEqual(self.kubectl("label", "configmap", "l", "a=1"), "configmap/l labeled\n")
        self.assertIn("already has a value", self.refused("label", "configmap", "l", "a=2"))
        self.kubectl("label", "configmap", "l", "a=2", "--overwrite")
        self.kubectl("annotate", "configmap", "l", "note=x y")
        metadata = self.get("configmap", "l")["metadata"]
        self.assertEqual((metadata["labels"], metadata["annotations"]), ({"a": "2"}, {"note": "x y"}))
        self.kubectl("label", "configmap", "l", "a-")
        self.assertNotIn("labels", self.get("configmap", "l")["metadata"])

    def test_run_and_wait(self):
        self.assertEqual(self.kubectl("run", "r", "--image=busybox:1.35", "--", "sleep", "1000000"), "pod/r created\n")
        self.assertEqual(self.kubectl("wait", "--for=condition=Ready", "pod/r", "--timeout=30s"), "pod/r condition met\n")
        self.kubectl("delete", "pod", "r", "--wait=false", "--grace-period=1")
        self.kubectl("wait", "--for=delete", "pod/r", "--timeout=30s")

    def test_cordon_and_taint(self):
        node = self.get("nodes")["items"][0]["metadata"]["name"]
        self.assertEqual(self.kubectl("cordon", node), f"node/{node} cordoned\n")
        self.assertIn("Ready,SchedulingDisabled", self.kubectl("get", "node", node))
        self.assertEqual(self.kubectl("uncordon", node), f"node/{node} uncordoned\n")
        self.assertEqual(self.kubectl("taint", "node", node, "k=v:NoSchedule"), f"node/{node} tainted\n")
        self.assertEqual(self.get("node", node)["spec"]["taints"], [{"key": "k", "value": "v", "effect": "NoSchedule"}])
        self.assertEqual(self.kubectl("taint", "node", node, "k-"), f"node/{node} untainted\n")
        self.assertNotIn("taints", self.get("node", node)["spec"])

    def test_drain(self):
        first, second = (node["metadata"]["name"] for node in self.get("nodes")["items"])
        self.kubectl("create", "-f", "-", input=manifest(pod("moved", nodeName=first)))
        self.wait_running("moved")
        self.addCleanup(self.kubectl, "uncordon", first)
        self.assertIn("cannot delete Pods that declare no controller", self.refused("drain", first))
        out = self.kubectl("drain", first, "--force", "--pod-selector", "!kept", "--timeout=40s")
        self.assertIn("pod/moved evicted", out)
        self.assertIn(f"node/{first} drained", out)
        self.assertIn("NotFound", self.refused("get", "pod", "moved"))
        self.kubectl("create", "-f", "-", input=manifest(pod("elsewhere")))
        self.wait_running("elsewhere")
        self.assertEqual(self.get("pod", "elsewhere")["spec"]["nodeName"], second)

    def test_nodes_and_namespaces_take_labels_and_annotations(self):
        node = self.get("nodes")["items"][0]["metadata"]["name"]
        for kind, name in (("node", node), ("namespace", self.namespace)):
            self.assertEqual(self.kubectl("label", kind, name, "seen=yes"), f"{kind}/{name} labeled\n")
            self.assertIn(name, self.kubectl("get", kind, "-l", "seen=yes"))
            self.assertEqual(self.kubectl("label", kind, name, "seen-"), f"{kind}/{name} unlabeled\n")
            self.assertEqual(self.kubectl("annotate", kind, name, "note=a b"), f"{kind}/{name} annotated\n")
            self.assertEqual(self.kubectl("annotate", kind, name, "note-"), f"{kind}/{name} annotated\n")
            self.assertNotIn("note", self.get(kind, name)["metadata"].get("annotations", {}))

    def test_delete_in_every_way(self):
        self.kubectl("create", "-f", "-", input=manifest(*(
            pod(name, labels={"group": group}) for name, group in
            (("slow", "a"), ("now", "a"), ("forced", "a"), ("many-1", "b"), ("many-2", "b"), ("rest", "c")))))
        for name in ("slow", "now", "forced"):
            self.wait_running(name)
        self.assertEqual(self.kubectl("delete", "pod", "slow", "--dry-run=server"), 'pod "slow" deleted (server dry run)\n')
        self.assertNotIn("deletionTimestamp", self.get("pod", "slow")["metadata"])
        self.kubectl("delete", "pod", "slow", "--grace-period=1", "--wait=false")
        self.kubectl("wait", "--for=delete", "pod/slow", "--timeout=30s")
        self.kubectl("delete", "pod", "now", "--now", "--timeout=30s")
        self.refused("get", "pod", "now")
        self.assertEqual(self.kubectl("delete", "pod", "forced", "--force", "--grace-period=0"),
                         'pod "forced" force deleted\n')
        self.refused("get", "pod", "forced")
        self.assertEqual(sorted(self.kubectl("delete", "pods", "-l", "group=b", "--grace-period=1", "-o", "name").split()),
                         ["pod/many-1", "pod/many-2"])
        self.assertEqual([item["metadata"]["name"] for item in self.get("pods")["items"]], ["rest"])
        self.kubectl("delete", "pods", "--all", "--grace-period=1")
        self.assertEqual(self.get("pods")["items"], [])
        self.assertIn("NotFound", self.refused("delete", "pod", "rest"))
        self.assertEqual(self.kubectl("delete", "pod", "rest", "--ignore-not-found"), "")

    def test_delete_cascades(self):
        def dependent(name, owner, **more):
            reference = {key: owner["metadata"][key] for key in ("name", "uid")}
            made = configmap(name)
            made["metadata"]["ownerReferences"] = [{"apiVersion": "v1", "kind": "ConfigMap", **reference, **more}]
            return made
        for mode in ("background", "foreground", "orphan"):
            self.kubectl("create", "-f", "-", input=manifest(configmap(mode)))
            self.kubectl("create", "-f", "-", input=manifest(
                dependent(f"{mode}-child", self.get("configmap", mode), blockOwnerDeletion=True)))
            grandchild = dependent(f"{mode}-grandchild", self.get("configmap", f"{mode}-child"))
            self.kubectl("create", "-f", "-", input=manifest(grandchild))
            self.kubectl("delete", "configmap", mode, f"--cascade={mode}", "--timeout=30s")
            self.refused("get", "configmap", mode)
        self.refused("get", "configmap", "foreground-child")  # the delete waited for it
        left = lambda: {item["metadata"]["name"] for item in self.get("configmaps")["items"]} - {"kube-root-ca.crt"}
        wait_for(lambda: left() == {"orphan-child", "orphan-grandchild"}, "only the orphan and its child are left")
        self.assertNotIn("ownerReferences", self.get("configmap", "orphan-child")["metadata"])
        self.assertIn("ownerReferences", self.get("configmap", "orphan-grandchild")["metadata"])

    def test_eviction_budgets(self):
        self.kubectl("create", "-f", "-", input=manifest(pod("guarded", labels={"app": "x"})))
        self.wait_running("guarded")
        self.kubectl("create", "poddisruptionbudget", "budget", "--selector=app=x", "--min-available=1")
        node = self.get("pod", "guarded")["spec"]["nodeName"]
        # The disruption controller fills in the status; nobody does here.
        self.kubectl("patch", "poddisruptionbudget", "budget", "--subresource=status", "--type=merge", "-p", json.dumps(
            {"status": {"observedGeneration": 1, "disruptionsAllowed": 0, "desiredHealthy": 1, "currentHealthy": 1}}))
        drain = ("drain", node, "--force", "--pod-selector=app=x", "--grace-period=1")
        try:
            self.assertIn("Cannot evict pod as it would violate the pod's disruption budget.",
                          self.refused(*drain, "--timeout=7s"))
            self.kubectl("delete", "poddisruptionbudget", "budget")
            self.kubectl(*drain, "--timeout=60s")
            self.refused("get", "pod", "guarded")
        finally:
            self.kubectl("uncordon", node)

    def test_waits(self):
        self.kubectl("create", "-f", "-", input=manifest(pod("w")))
        self.assertEqual(self.kubectl("wait", "--for=create", "pod/w"), "pod/w condition met\n")
        self.assertEqual(self.kubectl("wait", "--for=jsonpath={.status.phase}=Running", "pod/w", "--timeout=30s"),
                         "pod/w condition met\n")
        self.assertEqual(self.kubectl("wait", "--for=condition=Ready", "node", "--all").count("condition met"), 2)
        self.assertIn("timed out waiting for the condition on pods/w",
                      self.refused("wait", "--for=condition=Nothing", "pod/w", "--timeout=1s"))

    def test_logs_of_what_is_not_there(self):
        self.kubectl("create", "-f", "-", input=manifest(pod("quiet")))
        self.wait_running("quiet")
        self.kubectl("logs", "quiet", "--tail=5", "--since=1h", "--timestamps", "--limit-bytes=100")
        self.assertIn("container nope is not valid for pod quiet", self.refused("logs", "quiet", "-c", "nope"))
        self.assertIn('previous terminated container "main" in pod "quiet" not found',
                      self.refused("logs", "quiet", "--previous"))
        self.assertIn("NotFound", self.refused("logs", "absent"))

    def test_secrets(self):
        self.kubectl("create", "secret", "generic", "s", "--from-literal=password=hunter2")
        self.assertEqual(self.get("secret", "s")["data"], {"password": "aHVudGVyMg=="})
        self.assertEqual(columns(self.kubectl("get", "secret", "s", "--no-headers"))[:3], ["s", "Opaque", "1"])
        self.assertIn("password:  7 bytes", self.kubectl("describe", "secret", "s"))

    def test_leases_and_events(self):
        nodes = {node["metadata"]["name"] for node in self.get("nodes")["items"]}
        leases = self.get("leases", "-n", "kube-node-lease")["items"]
        self.assertEqual({lease["spec"]["holderIdentity"] for lease in leases}, nodes)
        self.kubectl("create", "-f", "-", input=manifest(pod("e")))
        self.wait_running("e")
        wait_for(lambda: "Started" in self.kubectl("events", "--for", "pod/e"), "kubectl events")
        self.assertIn("pod/e", self.kubectl("get", "events"))

    def test_events_of_the_other_group(self):
        event = {"apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "told"},
                 "eventTime": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                 "reportingController": "example.com/me",
                 "reportingInstance": "me-1", "action": "Doing", "reason": "Done", "note": "hello", "type": "Normal",
                 "regarding": {"kind": "Pod", "name": "x", "namespace": self.namespace}}
        self.kubectl("create", "-f", "-", input=manifest(event))
        core = self.get("events", "told")
        self.assertEqual((core["apiVersion"], core["message"], core["involvedObject"]["name"]), ("v1", "hello", "x"))
        other = self.get("events.events.k8s.io", "told")
        self.assertEqual((other["apiVersion"], other["note"], other["regarding"]["name"]), ("events.k8s.io/v1", "hello", "x"))
        named = lambda *args: self.kubectl("get", *args, "-o", "name").strip()
        self.assertEqual(named("events.events.k8s.io", "--field-selector", "regarding.name=x"), "event.events.k8s.io/told")
        self.assertEqual(named("events", "--field-selector", "involvedObject.name=x"), "event/told")
        self.assertIn("not supported", self.refused("get", "events.events.k8s.io", "--field-selector", "involvedObject.name=x"))
        gone = json.loads(self.kubectl("delete", "--raw", f"/apis/events.k8s.io/v1/namespaces/{self.namespace}/events"))
        self.assertEqual([item["note"] for item in gone["items"]], ["hello"])

    def test_a_patch_that_cannot_be_decoded(self):
        self.kubectl("create", "configmap", "c", "--from-literal=a=1")
        before = self.get("configmap", "c")
        self.assertIn("is invalid: patch: Invalid value",
                      self.refused("patch", "configmap", "c", "--type=merge", "-p", '{"data":{"a":1}}'))
        self.assertEqual(self.get("configmap", "c"), before)

    def test_nothing_to_apply_is_no_difference(self):
        self.kubectl("apply", "-f", "-", input=manifest(pod("same")))
        self.wait_running("same")
        self.assertEqual(self.kubectl("diff", "-f", "-", input=manifest(pod("same"))), "")

    def test_discovery(self):
        resources = self.kubectl("api-resources")
        for line in ("pods po v1 true Pod", "nodes no v1 false Node", "namespaces ns v1 false Namespace",
                     "events ev v1 true Event", "leases coordination.k8s.io/v1 true Lease", "configmaps cm v1 true ConfigMap",
                     "secrets v1 true Secret"):
            self.assertIn(line.split(), [row.split() for row in resources.splitlines()])
        versions = self.kubectl("api-versions").split()
        self.assertIn("v1", versions)
        self.assertIn("coordination.k8s.io/v1", versions)
        self.assertRegex(self.kubectl("version"), r"Server Version: v1\.32")
        self.assertIn("is running at", self.kubectl("cluster-info"))
        self.assertEqual(self.kubectl("get", "--raw", "/healthz"), "ok")
        self.assertIn("/apis/coordination.k8s.io/v1", json.loads(self.kubectl("get", "--raw", "/"))["paths"])
        self.assertEqual(json.loads(self.kubectl("get", "--raw", "/version"))["minor"], "32")
        self.assertIn("KIND:       Pod", self.kubectl("explain", "pod.spec.containers"))

    def test_dry_run_changes_nothing(self):
        self.assertEqual(self.kubectl("create", "configmap", "dry", "--dry-run=server"),
                         "configmap/dry created (server dry run)\n")
        self.refused("get", "configmap", "dry")

    def test_conflicts(self):
        self.kubectl("create", "configmap", "c")
        stale = self.get("configmap", "c")
        self.kubectl("label", "configmap", "c", "a=1")
        self.assertIn("the object has been modified; please apply your changes to the latest version and try again",
                      self.refused("replace", "-f", "-", input=json.dumps(stale)))

    def test_deleting_a_namespace_empties_it(self):
        self.kubectl("create", "configmap", "inside")
        self.kubectl("delete", "namespace", self.namespace, "--timeout=40s")
        self.refused("get", "namespace", self.namespace)


class Insecure(UpTest):
    """The same server over plain HTTP, without a kubeconfig."""

    def insecure(self, *args, input=None):
        done = self.up.run("kubectl", "--kubeconfig", "/dev/null", "--server", self.up.insecure, *args, input=input)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_session(self):
        self.assertIn("is running at", self.insecure("cluster-info"))
        self.insecure("create", "-f", "-", input=manifest(pod("plain")))
        self.insecure("wait", "--for=condition=Ready", "pod/plain", "--timeout=30s")
        self.assertIn("plain", self.insecure("get", "pods"))
        self.assertIn("Successfully assigned", self.insecure("describe", "pod", "plain"))
        self.insecure("delete", "pod", "plain")

    def test_https_needs_an_identity(self):
        server = self.get_server()
        done = self.up.run("kubectl", "--kubeconfig", "/dev/null", "--server", server, "--insecure-skip-tls-verify",
                           "--token", "nonsense", "get", "pods")
        self.assertIn("Unauthorized", done.stderr)

    def get_server(self):
        with open(self.up.kubeconfig) as file:
            return yaml.safe_load(file)["clusters"][0]["cluster"]["server"]


if __name__ == "__main__":
    spec.main()
