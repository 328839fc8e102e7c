"""kubectl over every kind: one List that creates them all, describe, and apply of what is there."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from kinds import KINDS, argument, manifest
from local import UpTest

# What kubectl's describe of a kind has to show, next to the name.
SHOWN = {
    "Service": ["IP Family Policy:  SingleStack", "Port:  <unset>  80/TCP", "TargetPort:  80/TCP"],
    "Endpoints": ["Addresses:  10.9.8.7"],
    "PersistentVolumeClaim": ["StorageClass:  fast", "Status:  Pending"],
    "LimitRange": ["Container  cpu  -  1  1  1  -"],
    "Deployment": ["RollingUpdateStrategy:  25% max unavailable, 25% max surge", "StrategyType:  RollingUpdate"],
    "Job": ["Completion Mode:  NonIndexed", "Suspend:  true", "Backoff Limit:  6"],
    "CronJob": ["Concurrency Policy:  Allow", "Failed Job History Limit:  1"],
    "HorizontalPodAutoscaler": ["resource cpu on pods  (as a percentage of request):  <unknown> / 80%"],
    "NetworkPolicy": ["PodSelector:  app=x", "Policy Types: Ingress"],
    "StorageClass": ["ReclaimPolicy:  Delete", "VolumeBindingMode:  Immediate"],
    "EndpointSlice": ["- Addresses:  10.9.8.7"],
    "PriorityClass": ["Value:  7", "PreemptionPolicy:  PreemptLowerPriority"],
}

# kubectl's own differences: lists without keys whose items the server completes, and the selector of a budget, which
# kubectl sends always. They are patches that change nothing.
PATCHED_AGAIN = {"Endpoints", "LimitRange", "PodDisruptionBudget", "Role", "ClusterRole", "EndpointSlice",
                 "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy"}


class EveryKind(UpTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.list = json.dumps({"apiVersion": "v1", "kind": "List", "items": [manifest(entry) for entry in KINDS]})
        done = cls.up.kubectl("apply", "-f", "-", input=cls.list)
        assert done.returncode == 0, done.stderr
        cls.created = done.stdout.splitlines()

    def test_a_list_creates_them_all(self):
        self.assertEqual(len(self.created), len(KINDS))
        for line in self.created:
            self.assertTrue(line.endswith(" created"), line)

    def test_describe(self):
        for entry in KINDS:
            kind = entry[1]
            with self.subTest(kind):
                text = self.kubectl("describe", argument(entry), f"out-{kind.lower()}")
                lines = [re.sub(r"\s{2,}", "  ", line.strip()) for line in text.splitlines()]
                self.assertIn(f"Name:  out-{kind.lower()}", [line.replace("Name: out-", "Name:  out-") for line in lines])
                for shown in SHOWN.get(kind, ()):
                    self.assertIn(shown, lines)

    def test_the_same_again_is_unchanged(self):
        self.kubectl("apply", "-f", "-", input=self.list)  # others of these cases own parts of them
        versions = self.versions()
        again = self.kubectl("apply", "-f", "-", input=self.list).splitlines()
        for entry, line in zip(KINDS, again):
            if entry[1] not in PATCHED_AGAIN:
                self.assertTrue(line.endswith(" unchanged"), line)
        self.assertEqual(self.versions(), versions)

    def versions(self):
        """The resourceVersions; without those of objects that somebody works on."""
        items = json.loads(self.kubectl("get", "-f", "-", "-o", "json", input=self.list))["items"]
        return {item["kind"]: item["metadata"]["resourceVersion"] for item in items}

    def test_server_side_apply_of_all(self):
        first = self.kubectl("apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-",
                             input=self.list)
        self.assertEqual(first.count(" serverside-applied"), len(KINDS), first)
        versions = self.versions()
        self.kubectl("apply", "--server-side", "--field-manager=other", "-f", "-", input=self.list)
        self.assertEqual(self.versions(), versions)

    def test_no_difference(self):
        done = self.up.kubectl("diff", "--server-side", "--field-manager=third", "--force-conflicts", "-f", "-",
                               input=self.list)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)


if __name__ == "__main__":
    spec.main()
