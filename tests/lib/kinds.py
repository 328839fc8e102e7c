"""A valid object of every kind that people create, and how kubectl prints it."""
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
     "NAME PRIORITYLEVEL MATCHINGPRECEDENCE DISTINGUISHERMETHOD AGE MISSINGPL", "", ["l", "9000", "<none>", None, None]),
    ("flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration",
     {"spec": {"type": "Limited", "limited": {"nominalConcurrencyShares": 5, "limitResponse": {"type": "Reject"}}}},
     "NAME TYPE NOMINALCONCURRENCYSHARES QUEUES HANDSIZE QUEUELENGTHLIMIT AGE", "", ["Limited", "5", "<none>", "<none>", "<none>"]),
]


def manifest(entry):
    """The object of an entry of KINDS; its name is "out-" and its kind."""
    api_version, kind, rest = entry[:3]
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": f"out-{kind.lower()}"}, **rest}


def argument(entry):
    """The kind as an argument of kubectl that means no other one."""
    group, _, version = entry[0].rpartition("/")
    return f"{entry[1]}.{version}.{group}" if group else entry[1]
