"""Workloads with kubectl, over hollow nodes: Deployments, ReplicaSets and DaemonSets make, roll, scale and lose their pods."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from hosts import wait_for
from local import NamespaceTest

REVISION = r"{.metadata.annotations.deployment\.kubernetes\.io/revision}"


class WorkloadTest(NamespaceTest):
    def tearDown(self):
        # Two nodes take 220 pods: one case's are not to be in the next one's way.
        self.kubectl("delete", "namespace", self.namespace, "--timeout=60s")

    def field(self, what, path):
        return self.kubectl("get", *what.split(), "-o", f"jsonpath={path}")

    def deploy(self, name="web", replicas=3, image="web:1"):
        made = self.kubectl("create", "deployment", name, f"--image={image}", f"--replicas={replicas}")
        self.assertEqual(made, f"deployment.apps/{name} created\n")
        self.rolled_out(name)

    def rolled_out(self, name="web"):
        said = self.kubectl("rollout", "status", f"deployment/{name}", "--timeout=60s")
        self.assertIn(f'deployment "{name}" successfully rolled out', said)

    def images(self):
        return set(self.field("pods --field-selector=status.phase=Running", "{.items[*].spec.containers[0].image}").split())

    def pods(self, selector="app=web"):
        return self.get("pods", "-l", selector)["items"]

    def on(self, node):
        return [pod for pod in self.pods() if pod["spec"].get("nodeName") == node]


class Workloads(WorkloadTest):
    def test_a_deployment_makes_pods(self):
        self.deploy()
        self.kubectl("wait", "--for=condition=Available", "deployment/web", "--timeout=30s")
        self.assertEqual(self.kubectl("get", "deployment", "web", "--no-headers").split()[:4], ["web", "3/3", "3", "3"])
        replica_set = self.get("rs")["items"][0]
        template_hash = replica_set["metadata"]["labels"]["pod-template-hash"]
        self.assertEqual(replica_set["metadata"]["name"], f"web-{template_hash}")
        for pod in self.pods():
            self.assertRegex(pod["metadata"]["name"], f"^web-{template_hash}-[a-z0-9]{{5}}$")
            self.assertEqual(pod["metadata"]["labels"], {"app": "web", "pod-template-hash": template_hash})
        described = self.kubectl("describe", "deployment", "web")
        self.assertIn("3 desired | 3 updated | 3 total | 3 available | 0 unavailable", described)
        self.assertRegex(described, f"ScalingReplicaSet .*deployment-controller +Scaled up replica set web-{template_hash} from 0 to 3")
        self.assertIn("NewReplicaSetAvailable", described)
        self.assertRegex(self.kubectl("describe", "rs"), r"SuccessfulCreate .*replicaset-controller +Created pod: web-")

    def test_scaling(self):
        self.deploy()
        self.kubectl("scale", "deployment/web", "--replicas=200")
        self.rolled_out()
        self.assertEqual(self.field("deployment/web", "{.status.availableReplicas}"), "200")
        self.assertEqual(len(self.pods()), 200)
        self.kubectl("scale", "deployment/web", "--current-replicas=200", "--replicas=2")
        wait_for(lambda: len(self.pods()) == 2, "two pods are left")
        self.rolled_out()
        self.kubectl("scale", "deployment/web", "--replicas=0")
        wait_for(lambda: not self.pods(), "no pod is left")

    def test_rollouts_and_their_history(self):
        self.deploy()
        self.kubectl("annotate", "deployment/web", "kubernetes.io/change-cause=the first")
        self.kubectl("set", "image", "deployment/web", "web=web:2")
        self.kubectl("annotate", "deployment/web", "kubernetes.io/change-cause=the second", "--overwrite")
        self.rolled_out()
        wait_for(lambda: self.images() == {"web:2"}, "all pods are new")
        self.assertEqual(self.field("deployment/web", REVISION), "2")
        history = lambda: self.kubectl("rollout", "history", "deployment/web").split("\n")[2:]
        wait_for(lambda: history()[:2] == ["1         the first", "2         the second"], "the history is told")
        self.assertIn("Image:\tweb:1", self.kubectl("rollout", "history", "deployment/web", "--revision=1"))
        undo = lambda *flags: self.kubectl("rollout", "undo", "deployment/web", *flags)
        self.assertIn("rolled back (server dry run)", undo("--to-revision=1", "--dry-run=server"))
        self.assertIn("deployment.apps/web rolled back", undo())
        self.rolled_out()
        wait_for(lambda: self.images() == {"web:1"}, "all pods are old again")
        self.assertEqual(self.field("deployment/web", REVISION), "3")
        self.assertEqual([line.split()[0] for line in history() if line], ["2", "3"])
        self.assertIn("rolled back", undo("--to-revision=2"))
        self.rolled_out()
        self.assertIn("unable to find specified revision 7", self.refused("rollout", "undo", "deployment/web", "--to-revision=7"))
        self.kubectl("rollout", "restart", "deployment/web")
        self.rolled_out()
        self.assertEqual(self.field("deployment/web", REVISION), "5")

    def test_a_rollout_that_fails(self):
        self.deploy(replicas=4)
        self.kubectl("patch", "deployment", "web", "-p", '{"spec":{"progressDeadlineSeconds":3}}')
        self.kubectl("set", "image", "deployment/web", "web=registry.invalid/web:2")
        said = self.refused("rollout", "status", "deployment/web", "--timeout=60s")
        self.assertIn('deployment "web" exceeded its progress deadline', said)
        # At least three of four stay, and one comes in addition.
        self.assertEqual(self.field("deployment/web", "{.status.availableReplicas} {.status.updatedReplicas}"), "3 2")
        self.kubectl("wait", "--for=condition=Available", "deployment/web", "--timeout=10s")
        self.assertEqual(self.field("deployment/web", '{.status.conditions[?(@.type=="Progressing")].reason}'),
                         "ProgressDeadlineExceeded")
        self.kubectl("rollout", "undo", "deployment/web")
        self.rolled_out()
        wait_for(lambda: len(self.pods()) == 4 and self.images() == {"web:1"}, "the old pods are back")

    def test_pause_and_resume(self):
        self.deploy()
        self.kubectl("rollout", "pause", "deployment/web")
        self.kubectl("set", "image", "deployment/web", "web=web:2")
        self.kubectl("scale", "deployment/web", "--replicas=5")
        wait_for(lambda: len(self.pods()) == 5, "it is scaled while paused")
        self.assertEqual(len(self.get("rs")["items"]), 1)
        self.kubectl("rollout", "resume", "deployment/web")
        self.rolled_out()
        wait_for(lambda: self.images() == {"web:2"}, "all pods are new")

    def test_deletions(self):
        self.deploy()
        self.kubectl("delete", "deployment", "web", "--cascade=foreground", "--timeout=60s")
        self.assertEqual(self.kubectl("get", "rs,pods", "-o", "name"), "")
        self.deploy()
        self.kubectl("delete", "deployment", "web", "--cascade=orphan")
        self.kubectl("delete", "rs", "--all", "--cascade=orphan")
        before = {pod["metadata"]["uid"] for pod in self.pods()}
        self.assertEqual(len(before), 3)
        # Its successor takes over what was left: the pods by way of a ReplicaSet of the same name.
        self.deploy()
        self.assertEqual({pod["metadata"]["uid"] for pod in self.pods()}, before)
        self.kubectl("delete", "deployment", "web")
        wait_for(lambda: self.kubectl("get", "rs,pods", "-o", "name") == "", "all is collected")

    def test_replication_controllers(self):
        self.create({"apiVersion": "v1", "kind": "ReplicationController", "metadata": {"name": "old"}, "spec": {
            "replicas": 2, "selector": {"app": "old"}, "template": {
                "metadata": {"labels": {"app": "old"}}, "spec": {"containers": [{"name": "c", "image": "old:1"}]}}}})
        self.kubectl("wait", "--for=jsonpath={.status.availableReplicas}=2", "rc/old", "--timeout=30s")
        lost = self.pods("app=old")[0]["metadata"]["name"]
        self.kubectl("delete", "pod", lost)
        wait_for(lambda: self.field("rc/old", "{.status.availableReplicas}") == "2"
                 and lost not in self.kubectl("get", "pods", "-o", "name"), "the pod is replaced")
        self.kubectl("label", "pod", self.pods("app=old")[0]["metadata"]["name"], "app=taken", "--overwrite")
        wait_for(lambda: len(self.pods("app=old")) == 2 and len(self.pods("app=taken")) == 1, "one is let go and replaced")
        self.assertNotIn("ownerReferences", self.pods("app=taken")[0]["metadata"])

    def test_daemon_sets(self):
        self.create({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "agents"}, "spec": {
            "selector": {"matchLabels": {"app": "agents"}}, "template": {
                "metadata": {"labels": {"app": "agents"}}, "spec": {"containers": [{"name": "c", "image": "agents:1"}]}}}})
        rolled_out = lambda: self.assertIn('daemon set "agents" successfully rolled out',
                                           self.kubectl("rollout", "status", "daemonset/agents", "--timeout=60s"))
        nodes = lambda: sorted(pod["spec"].get("nodeName", "") for pod in self.pods("app=agents"))
        rolled_out()
        self.assertEqual(nodes(), ["node1", "node2"])
        self.assertEqual(self.kubectl("get", "ds", "agents", "--no-headers").split()[:6], ["agents", "2", "2", "2", "2", "2"])
        self.kubectl("set", "image", "daemonset/agents", "c=agents:2")
        rolled_out()
        self.assertEqual({pod["spec"]["containers"][0]["image"] for pod in self.pods("app=agents")}, {"agents:2"})
        history = self.kubectl("rollout", "history", "daemonset/agents").split("\n")[2:]
        self.assertEqual([line.split()[0] for line in history if line], ["1", "2"])
        self.assertIn("rolled back", self.kubectl("rollout", "undo", "daemonset/agents"))
        rolled_out()
        self.assertEqual({pod["spec"]["containers"][0]["image"] for pod in self.pods("app=agents")}, {"agents:1"})
        self.kubectl("patch", "ds", "agents", "-p", '{"spec":{"template":{"spec":{"nodeSelector":{"kubernetes.io/hostname":"node1"}}}}}')
        wait_for(lambda: nodes() == ["node1"], "the other node loses its daemon")
        self.kubectl("delete", "ds", "agents")
        wait_for(lambda: nodes() == [], "the daemons are collected")

    def test_pods_of_a_drained_node_are_replaced(self):
        self.deploy(replicas=6)
        self.assertTrue(self.on("node2"))
        self.addCleanup(self.kubectl, "uncordon", "node2")
        self.kubectl("drain", "node2", "--timeout=60s", "--force", "--ignore-daemonsets")
        wait_for(lambda: len(self.on("node1")) == 6, "all pods are on the node that is left")
        self.rolled_out()


class LostNodes(WorkloadTest):
    """A cluster of its own: its nodes do not come back."""

    def test_pods_of_a_deleted_node_are_replaced(self):
        self.deploy(replicas=4)
        self.assertTrue(self.on("node2"))
        self.kubectl("delete", "node", "node2")
        # What is on it is given up after 40 seconds.
        wait_for(lambda: len(self.on("node1")) == 4 and not self.on("node2"), "all pods are on the node that is left", 90)
        self.rolled_out()


if __name__ == "__main__":
    spec.main()
