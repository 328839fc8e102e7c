"""What kubectl prints: the server's columns for every kind, and kubectl's own output formats over them."""
import json
import os
import sys

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import condition, pod
from hosts import wait_for
from local import UpTest, columns

TEMPLATE = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "main", "image": "web:1"}]}}
JOB_TEMPLATE = {"spec": {**TEMPLATE["spec"], "restartPolicy": "Never"}}
SELECTOR = {"matchLabels": {"app": "x"}}
RULE = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
HOOK = {"name": "a.example.com", "clientConfig": {"url": "https://127.0.0.1:1/"}, "sideEffects": "None", "failurePolicy": "Ignore",
        "admissionReviewVersions": ["v1"], "rules": [{**RULE, "apiGroups": ["none.example.com"]}]}

# apiVersion, kind, the rest of the object, the header, what -o wide adds, the cells but the age.
KINDS = [
    ("v1", "ConfigMap", {"data": {"a": "1", "b": "2"}}, "NAME DATA AGE", "", ["2"]),
    ("v1", "Secret", {"data": {"a": "MQ=="}}, "NAME TYPE DATA AGE", "", ["Opaque", "1"]),
    ("v1", "ServiceAccount", {}, "NAME SECRETS AGE", "", ["0"]),
    ("v1", "Service", {"spec": {"ports": [{"port": 80}], "selector": {"app": "x"}}}, "NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE",
     "SELECTOR", ["ClusterIP", None, "<none>", "80/TCP"]),
    ("v1", "Endpoints", {"subsets": [{"addresses": [{"ip": "10.9.8.7"}], "ports": [{"port": 80}]}]}, "NAME ENDPOINTS AGE", "",
     ["10.9.8.7:80"]),
    ("v1", "PersistentVolumeClaim", {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}},
                                              "storageClassName": "fast"}},
     "NAME STATUS VOLUME CAPACITY ACCESS_MODES STORAGECLASS VOLUMEATTRIBUTESCLASS AGE", "VOLUMEMODE", ["Pending", "fast", "<unset>"]),
    ("v1", "PersistentVolume", {"spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"},
                                         "persistentVolumeReclaimPolicy": "Retain"}},
     "NAME CAPACITY ACCESS_MODES RECLAIM_POLICY STATUS CLAIM STORAGECLASS VOLUMEATTRIBUTESCLASS REASON AGE", "VOLUMEMODE",
     ["1Gi", "RWO", "Retain"]),
    ("v1", "LimitRange", {"spec": {"limits": [{"type": "Container", "max": {"cpu": "1"}}]}}, "NAME CREATED_AT", "", []),
    ("v1", "ResourceQuota", {"spec": {"hard": {"pods": "90"}}}, "NAME AGE REQUEST LIMIT", "", []),
    ("v1", "PodTemplate", {"template": TEMPLATE}, "NAME CONTAINERS IMAGES POD_LABELS", "", ["main", "web:1", "app=x"]),
    ("v1", "ReplicationController", {"spec": {"replicas": 0, "selector": {"app": "x"}, "template": TEMPLATE}},
     "NAME DESIRED CURRENT READY AGE", "CONTAINERS IMAGES SELECTOR", ["0", "0", "0"]),
    ("apps/v1", "ReplicaSet", {"spec": {"replicas": 0, "selector": SELECTOR, "template": TEMPLATE}}, "NAME DESIRED CURRENT READY AGE",
     "CONTAINERS IMAGES SELECTOR", ["0", "0", "0"]),
    ("apps/v1", "Deployment", {"spec": {"replicas": 0, "selector": SELECTOR, "template": TEMPLATE}},
     "NAME READY UP-TO-DATE AVAILABLE AGE", "CONTAINERS IMAGES SELECTOR", ["0/0", "0", "0"]),
    ("apps/v1", "StatefulSet", {"spec": {"replicas": 0, "serviceName": "s", "selector": SELECTOR, "template": TEMPLATE}},
     "NAME READY AGE", "CONTAINERS IMAGES", ["0/0"]),
    ("apps/v1", "DaemonSet", {"spec": {"selector": SELECTOR, "template": {**TEMPLATE, "spec": {
        **TEMPLATE["spec"], "nodeSelector": {"disk": "none"}}}}},
     "NAME DESIRED CURRENT READY UP-TO-DATE AVAILABLE NODE_SELECTOR AGE", "CONTAINERS IMAGES SELECTOR",
     ["0", "0", "0", "0", "0", "disk=none"]),
    ("apps/v1", "ControllerRevision", {"revision": 3, "data": {"spec": {}}}, "NAME CONTROLLER REVISION AGE", "", ["<none>", "3"]),
    ("batch/v1", "Job", {"spec": {"suspend": True, "template": JOB_TEMPLATE}}, "NAME STATUS COMPLETIONS DURATION AGE",
     "CONTAINERS IMAGES SELECTOR", [None, "0/1"]),
    ("batch/v1", "CronJob", {"spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": JOB_TEMPLATE}}}},
     "NAME SCHEDULE TIMEZONE SUSPEND ACTIVE LAST_SCHEDULE AGE", "CONTAINERS IMAGES SELECTOR",
     ["0 0 1 1 *", "<none>", "False", "0", "<none>"]),
    ("autoscaling/v2", "HorizontalPodAutoscaler", {"spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"},
                                                            "minReplicas": 1, "maxReplicas": 3}},
     "NAME REFERENCE TARGETS MINPODS MAXPODS REPLICAS AGE", "", ["Deployment/d", None, "1", "3", "0"]),
    ("policy/v1", "PodDisruptionBudget", {"spec": {"minAvailable": 1, "selector": SELECTOR}},
     "NAME MIN_AVAILABLE MAX_UNAVAILABLE ALLOWED_DISRUPTIONS AGE", "", ["1", "N/A", "0"]),
    ("networking.k8s.io/v1", "Ingress", {"spec": {"rules": [{"host": "a.example"}], "ingressClassName": "c"}},
     "NAME CLASS HOSTS ADDRESS PORTS AGE", "", ["c", "a.example", "80"]),
    ("networking.k8s.io/v1", "IngressClass", {"spec": {"controller": "example.com/c"}}, "NAME CONTROLLER PARAMETERS AGE", "",
     ["example.com/c", "<none>"]),
    ("networking.k8s.io/v1", "NetworkPolicy", {"spec": {"podSelector": SELECTOR}}, "NAME POD-SELECTOR AGE", "", ["app=x"]),
    ("rbac.authorization.k8s.io/v1", "Role", {"rules": []}, "NAME CREATED_AT", "", []),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", {"rules": []}, "NAME CREATED_AT", "", []),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", {"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"}},
     "NAME ROLE AGE", "USERS GROUPS SERVICEACCOUNTS", ["Role/r"]),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding",
     {"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "r"}}, "NAME ROLE AGE",
     "USERS GROUPS SERVICEACCOUNTS", ["ClusterRole/r"]),
    ("storage.k8s.io/v1", "StorageClass", {"provisioner": "example.com/p"},
     "NAME PROVISIONER RECLAIMPOLICY VOLUMEBINDINGMODE ALLOWVOLUMEEXPANSION AGE", "", ["example.com/p", "Delete", "Immediate", "false"]),
    ("storage.k8s.io/v1", "VolumeAttachment", {"spec": {"attacher": "a", "nodeName": "node-1", "source": {"persistentVolumeName": "v"}}},
     "NAME ATTACHER PV NODE ATTACHED AGE", "", ["a", "v", "node-1", "false"]),
    ("storage.k8s.io/v1", "CSINode", {"spec": {"drivers": [{"name": "a.example.com", "nodeID": "id"}]}}, "NAME DRIVERS AGE", "", ["1"]),
    ("storage.k8s.io/v1", "CSIDriver", {"spec": {"volumeLifecycleModes": ["Persistent"]}},
     "NAME ATTACHREQUIRED PODINFOONMOUNT STORAGECAPACITY TOKENREQUESTS REQUIRESREPUBLISH MODES AGE", "",
     ["true", "false", "false", "<unset>", "false", "Persistent"]),
    ("storage.k8s.io/v1", "CSIStorageCapacity", {"storageClassName": "fast", "capacity": "5Gi"}, "NAME STORAGECLASSNAME CAPACITY", "",
     ["fast", "5Gi"]),
    ("coordination.k8s.io/v1", "Lease", {"spec": {"holderIdentity": "me"}}, "NAME HOLDER AGE", "", ["me"]),
    ("discovery.k8s.io/v1", "EndpointSlice", {"addressType": "IPv4", "endpoints": [{"addresses": ["10.9.8.7"]}], "ports": [
        {"port": 80, "name": ""}]}, "NAME ADDRESSTYPE PORTS ENDPOINTS AGE", "", ["IPv4", "80", "10.9.8.7"]),
    ("node.k8s.io/v1", "RuntimeClass", {"handler": "runc"}, "NAME HANDLER AGE", "", ["runc"]),
    ("scheduling.k8s.io/v1", "PriorityClass", {"value": 7}, "NAME VALUE GLOBAL-DEFAULT AGE PREEMPTIONPOLICY", "",
     ["7", "false", None, "PreemptLowerPriority"]),
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", {"webhooks": [HOOK]}, "NAME WEBHOOKS AGE", "", ["1"]),
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", {"webhooks": [HOOK]}, "NAME WEBHOOKS AGE", "", ["1"]),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy",
     {"spec": {"matchConstraints": {"resourceRules": [{**RULE, "apiGroups": ["none.example.com"]}]}, "validations": [{"expression": "true"}]}},
     "NAME VALIDATIONS PARAMKIND AGE", "", ["1", "<unset>"]),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", {"spec": {"policyName": "p", "validationActions": ["Deny"]}},
     "NAME POLICYNAME PARAMREF AGE", "", ["p", "<unset>"]),
    ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema",
     {"spec": {"priorityLevelConfiguration": {"name": "l"}, "matchingPrecedence": 9000}},
     "NAME PRIORITYLEVEL MATCHINGPRECEDENCE DISTINGUISHERMETHOD AGE MISSINGPL", "", ["l", "9000", "<none>", None, "?"]),
    ("flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration",
     {"spec": {"type": "Limited", "limited": {"nominalConcurrencyShares": 5, "limitResponse": {"type": "Reject"}}}},
     "NAME TYPE NOMINALCONCURRENCYSHARES QUEUES HANDSIZE QUEUELENGTHLIMIT AGE", "", ["Limited", "5", "<none>", "<none>", "<none>"]),
]


class Output(UpTest):
    """Each case has a namespace of its own."""

    def setUp(self):
        self.namespace = self._testMethodName.removeprefix("test_").replace("_", "-")[:50]
        self.kubectl("create", "namespace", self.namespace)
        self.kubectl("config", "set-context", "--current", "--namespace", self.namespace)

    def create(self, *objects):
        self.kubectl("create", "-f", "-", input=yaml.safe_dump_all(objects))

    def lines(self, *args):
        return self.kubectl("get", *args).splitlines()

    def header(self, *args):
        return [name.replace(" ", "_") for name in columns(self.lines(*args)[0])]

    def test_columns_of_every_kind(self):
        for api_version, kind, rest, header, wide, cells in KINDS:
            with self.subTest(kind):
                name = f"out-{kind.lower()}"
                self.create({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **rest})
                group = api_version.split("/")[0] if "/" in api_version else ""
                version = api_version.split("/")[-1]
                argument = f"{kind}.{version}.{group}" if group else kind
                self.assertEqual(self.header(argument, name), header.split())
                self.assertEqual(self.header(argument, name, "-o", "wide"), header.split() + wide.split())
                row = columns(self.lines(argument, name)[1])
                self.assertEqual(row[0], name)
                for expected, cell in zip(cells, row[1:]):
                    if expected is not None:
                        self.assertEqual(cell, expected, row)

    def test_columns_of_pods_nodes_and_events(self):
        self.create(pod("a"))
        wait_for(lambda: condition(self.get("pod", "a"), "Ready") == "True", "a is Ready")
        self.assertEqual(self.header("pods"), "NAME READY STATUS RESTARTS AGE".split())
        self.assertEqual(self.header("pods", "-o", "wide")[5:], "IP NODE NOMINATED_NODE READINESS_GATES".split())
        self.assertEqual(self.header("nodes"), "NAME STATUS ROLES AGE VERSION".split())
        self.assertEqual(self.header("nodes", "-o", "wide")[5:],
                         "INTERNAL-IP EXTERNAL-IP OS-IMAGE KERNEL-VERSION CONTAINER-RUNTIME".split())
        wait_for(lambda: "Scheduled" in self.kubectl("get", "events"), "an event")
        events = "LAST_SEEN TYPE REASON OBJECT MESSAGE".split()
        self.assertEqual(self.header("events"), events)
        self.assertEqual(self.header("events.events.k8s.io"), events)
        self.assertEqual(self.header("events", "-o", "wide"),
                         "LAST_SEEN TYPE REASON OBJECT SUBOBJECT SOURCE MESSAGE FIRST_SEEN COUNT NAME".split())

    def test_get_all(self):
        for index, replicas in enumerate((0, 1)):
            self.create({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": f"r{index}"},
                         "spec": {"replicas": 0, "selector": SELECTOR, "template": TEMPLATE}})
        self.create(pod("a", schedulerName="nobody"))
        shown = self.kubectl("get", "all")
        self.assertIn("pod/a ", shown)
        self.assertIn("replicaset.apps/r1 ", shown)
        self.assertEqual([line.split()[0] for line in shown.splitlines() if line and not line.startswith("NAME")],
                         ["pod/a", "replicaset.apps/r0", "replicaset.apps/r1"])

    def test_kubectls_own_formats(self):
        for name, number in (("a", "3"), ("b", "1"), ("c", "2")):
            self.create({"apiVersion": "v1", "kind": "ConfigMap", "data": {"number": number},
                         "metadata": {"name": name, "labels": {"app": f"app-{name}", "tier": "back"}}})
        chosen = ("configmaps", "-l", "tier=back")
        self.assertEqual(self.lines(*chosen, "-o", "name"), ["configmap/a", "configmap/b", "configmap/c"])
        self.assertEqual([line.split() for line in self.lines(*chosen, "-o", "custom-columns=WHO:.metadata.name,N:.data.number")],
                         [["WHO", "N"], ["a", "3"], ["b", "1"], ["c", "2"]])
        self.assertEqual(self.kubectl("get", *chosen, "-o", "jsonpath={range .items[*]}{.metadata.name}={.data.number};{end}"), "a=3;b=1;c=2;")
        self.assertEqual(self.kubectl("get", *chosen, "-o", "go-template={{range .items}}{{.metadata.name}} {{end}}"), "a b c ")
        self.assertEqual([line.split()[0] for line in self.lines(*chosen, "--sort-by", ".data.number", "--no-headers")], ["b", "c", "a"])
        labels = self.lines(*chosen, "--show-labels")
        self.assertEqual(columns(labels[0])[-1], "LABELS")
        self.assertTrue(labels[1].endswith("app=app-a,tier=back"))
        column = self.lines(*chosen, "-L", "app")
        self.assertEqual([columns(line)[-1] for line in column], ["APP", "app-a", "app-b", "app-c"])
        self.assertEqual(len(self.get(*chosen)["items"]), 3)
        self.assertEqual(len(yaml.safe_load(self.kubectl("get", *chosen, "-o", "yaml"))["items"]), 3)
        self.assertIn("NAMESPACE", self.lines("configmaps", "-A")[0])
        self.assertEqual(self.lines("configmaps", "a", "--no-headers", "--show-kind")[0].split()[0], "configmap/a")

    def test_raw_forms(self):
        self.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
        path = f"/api/v1/namespaces/{self.namespace}/configmaps/a"
        self.assertEqual(json.loads(self.kubectl("get", "--raw", path))["metadata"]["name"], "a")
        self.assertTrue(self.kubectl("get", "--raw", path + "?pretty=true").startswith('{\n  "'))


if __name__ == "__main__":
    spec.main()
