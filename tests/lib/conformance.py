"""Objects and waiting for the tests that drive the API as Kubernetes' conformance tests do."""
from hosts import wait_for
from local import UpTest
from rest import Rest, Watch

PAUSE = {"name": "main", "image": "registry.k8s.io/pause:3.10"}


def template(labels, **changes):
    return {"metadata": {"labels": labels}, "spec": {"containers": [dict(PAUSE)], **changes}}


def pod(name, labels=None, **changes):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels or {}},
            "spec": {"containers": [dict(PAUSE)], "terminationGracePeriodSeconds": 0, **changes}}


def configmap(name, labels=None, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": labels or {}}, "data": data}


def workload(kind, name, replicas, labels, **spec):
    group = {"ReplicationController": "v1"}.get(kind, "apps/v1")
    selector = labels if kind == "ReplicationController" else {"matchLabels": labels}
    return {"apiVersion": group, "kind": kind, "metadata": {"name": name},
            "spec": {"replicas": replicas, "selector": selector, "template": template(labels), **spec}}


class Conformance(UpTest):
    def setUp(self):
        self.rest = Rest(self.up.insecure_port)
        self.ns = self._testMethodName.removeprefix("test_").replace("_", "-")[:50].strip("-")
        self.rest.post("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.ns}})
        self.core = f"/api/v1/namespaces/{self.ns}"
        self.apps = f"/apis/apps/v1/namespaces/{self.ns}"
        wait_for(lambda: self.rest.call("GET", f"{self.core}/serviceaccounts/default")[0] == 200, "the default service account")

    def names(self, path):
        return sorted(o["metadata"]["name"] for o in self.rest.get(path)["items"])

    def becomes(self, path, what, **fields):
        """Waits until the object's fields ("status.replicas" as status__replicas) are these; returns it."""
        def there():
            o = self.rest.get(path)
            for field, wanted in fields.items():
                value = o
                for key in field.split("__"):
                    value = value.get(key) if isinstance(value, dict) else None
                if value != wanted:
                    return None
            return o
        return wait_for(there, what)

    def watch(self, path):
        w = Watch(self.up.insecure_port, path)
        self.addCleanup(w.close)
        return w
