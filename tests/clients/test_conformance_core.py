"""What Kubernetes' conformance tests drive of the core kinds: services, quotas, limits, accounts, events, pods."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from conformance import Conformance, configmap, pod, template, workload
from hosts import wait_for
from rest import MERGE, STRATEGIC


class Services(Conformance):
    def service(self, name, **spec):
        return self.rest.post(f"{self.core}/services", {"metadata": {"name": name, "labels": {"s": "x"}}, "spec": spec})

    def test_types_change(self):
        path = f"{self.core}/services/s"
        port = {"port": 80, "protocol": "TCP"}
        self.service("s", type="ExternalName", externalName="example.com")
        self.assertNotIn("clusterIP", self.rest.get(path)["spec"])
        s = self.rest.patch(path, {"spec": {"type": "ClusterIP", "externalName": None, "ports": [port]}})
        address = s["spec"]["clusterIP"]
        self.assertEqual(s["spec"]["clusterIPs"], [address])
        s = self.rest.patch(path, {"spec": {"type": "NodePort"}})
        self.assertEqual(s["spec"]["clusterIP"], address)
        node_port = s["spec"]["ports"][0]["nodePort"]
        self.assertTrue(30000 <= node_port <= 32767)
        s = self.rest.patch(path, {"spec": {"type": "LoadBalancer"}})
        self.assertEqual((s["spec"]["ports"][0]["nodePort"], s["spec"]["allocateLoadBalancerNodePorts"]), (node_port, True))
        s = self.rest.patch(path, {"spec": {"type": "ClusterIP"}})
        self.assertNotIn("nodePort", s["spec"]["ports"][0])
        self.assertNotIn("allocateLoadBalancerNodePorts", s["spec"])
        s = self.rest.patch(path, {"spec": {"type": "ExternalName", "externalName": "example.com", "clusterIP": "", "clusterIPs": None}})
        self.assertNotIn("clusterIP", {k: v for k, v in s["spec"].items() if v})
        # Both are free again.
        again = self.service("again", type="NodePort", clusterIP=address, ports=[{**port, "nodePort": node_port}])
        self.assertEqual((again["spec"]["clusterIP"], again["spec"]["ports"][0]["nodePort"]), (address, node_port))

    def test_status_and_collection(self):
        path = f"{self.core}/services"
        self.service("lb", type="LoadBalancer", ports=[{"port": 80}])
        s = self.rest.patch(f"{path}/lb/status", {"metadata": {"annotations": {"patched": "true"}},
                                                  "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}}})
        self.assertEqual(s["status"]["loadBalancer"]["ingress"], [{"ip": "203.0.113.1", "ipMode": "VIP"}])
        self.assertEqual(s["metadata"]["annotations"], {"patched": "true"})
        s["status"]["conditions"] = [{"type": "StatusUpdate", "status": "True", "reason": "E2E", "message": "set",
                                      "lastTransitionTime": "2026-01-01T00:00:00Z"}]
        s = self.rest.put(f"{path}/lb/status", s)
        self.assertEqual(s["status"]["conditions"][0]["type"], "StatusUpdate")
        for name in ("a", "b"):
            self.service(name, ports=[{"port": 80}])
        self.rest.patch(f"{path}/a", {"metadata": {"labels": {"s": "kept"}}})
        self.rest.delete(f"{path}?labelSelector=s=x")
        self.assertEqual(self.names(path), ["a"])

    def test_slices_follow_the_selector(self):
        slices = f"/apis/discovery.k8s.io/v1/namespaces/{self.ns}/endpointslices?labelSelector=kubernetes.io/service-name=s"
        self.service("s", selector={"app": "x"}, ports=[{"name": "one", "port": 80, "targetPort": 8080}, {"name": "two", "port": 81, "targetPort": "web"}])
        one = pod("one", {"app": "x"})
        one["spec"]["containers"][0]["ports"] = [{"name": "web", "containerPort": 9090}]
        self.rest.post(f"{self.core}/pods", one)
        self.rest.post(f"{self.core}/pods", pod("two", {"app": "x"}))

        def ports():
            found = {}
            for s in self.rest.get(slices)["items"]:
                for e in s["endpoints"]:
                    found.setdefault(e["targetRef"]["name"], set()).update((p["name"], p["port"]) for p in s["ports"])
            return found
        wait_for(lambda: ports() == {"one": {("one", 8080), ("two", 9090)}, "two": {("one", 8080)}}, "each pod has its ports")

        def subsets():
            found = self.rest.get(f"{self.core}/endpoints/s").get("subsets", [])
            return sorted((len(s["addresses"]), sorted(p["port"] for p in s["ports"])) for s in found)
        wait_for(lambda: subsets() == [(1, [9090]), (2, [8080])], "the Endpoints say the same")
        self.rest.delete(f"{self.core}/services/s")
        wait_for(lambda: not self.rest.get(slices)["items"], "they go with the service")
        wait_for(lambda: self.rest.call("GET", f"{self.core}/endpoints/s")[0] == 404, "so do its Endpoints")

    def test_endpoints_by_hand(self):
        path = f"{self.core}/endpoints"
        self.rest.post(path, {"metadata": {"name": "e", "labels": {"l": "1"}}, "subsets": [
            {"addresses": [{"ip": "10.0.0.24"}], "ports": [{"name": "http", "port": 80}]}]})
        e = self.rest.get(f"{path}/e")
        self.assertEqual(e["subsets"][0]["ports"][0]["protocol"], "TCP")
        e["metadata"]["labels"]["l"] = "2"
        self.rest.put(f"{path}/e", e)
        self.rest.patch(f"{path}/e", {"subsets": [{"addresses": [{"ip": "10.0.0.25"}], "ports": [{"name": "http-2", "port": 8080}]}]}, STRATEGIC)
        self.assertEqual(self.rest.get(f"{path}/e")["subsets"][0]["addresses"], [{"ip": "10.0.0.25"}])
        self.rest.delete(f"{path}?labelSelector=l=2")
        self.assertNotIn("e", self.names(path))


class Quotas(Conformance):
    def quota(self, name, hard, **spec):
        path = f"{self.core}/resourcequotas"
        self.rest.post(path, {"metadata": {"name": name}, "spec": {"hard": hard, **spec}})
        wait_for(lambda: self.rest.get(f"{path}/{name}")["status"].get("hard") == hard, "the quota is known")
        return lambda **used: wait_for(lambda: {k: v for k, v in self.rest.get(f"{path}/{name}")["status"]["used"].items() if k in
                                                {u.replace("__", "/").replace("_", ".") for u in used}}
                                       == {u.replace("__", "/").replace("_", "."): v for u, v in used.items()}, f"{name}: {used}")

    def test_what_is_made_is_counted(self):
        used = self.quota("q", {"services": "3", "services.nodeports": "1", "services.loadbalancers": "1", "configmaps": "9", "secrets": "9",
                                "count/replicasets.apps": "5", "replicationcontrollers": "5", "persistentvolumeclaims": "2",
                                "requests.storage": "10Gi", "gold.storageclass.storage.k8s.io/requests.storage": "10Gi",
                                "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "2"})
        used(services="0", configmaps="1", secrets="0")
        self.rest.post(f"{self.core}/services", {"metadata": {"name": "np"}, "spec": {"type": "NodePort", "ports": [{"port": 80}]}})
        used(services="1", services_nodeports="1")
        for kind, more in (("NodePort", {}), ("LoadBalancer", {})):
            code, answer = self.rest.call("POST", f"{self.core}/services", {"metadata": {"name": "no"}, "spec": {"type": kind, "ports": [{"port": 80}]}})
            self.assertEqual(code, 403, answer)
        self.rest.post(f"{self.core}/services", {"metadata": {"name": "lb"}, "spec": {
            "type": "LoadBalancer", "allocateLoadBalancerNodePorts": False, "ports": [{"port": 80}]}})
        used(services="2", services_nodeports="1", services_loadbalancers="1")
        self.rest.post(f"{self.core}/configmaps", configmap("c"))
        self.rest.post(f"{self.core}/secrets", {"metadata": {"name": "s"}, "stringData": {"a": "b"}})
        self.rest.post(f"{self.apps}/replicasets", workload("ReplicaSet", "rs", 0, {"a": "b"}))
        self.rest.post(f"{self.core}/replicationcontrollers", workload("ReplicationController", "rc", 0, {"a": "b"}))
        used(configmaps="2", secrets="1", count__replicasets_apps="1", replicationcontrollers="1")
        self.rest.post(f"{self.core}/persistentvolumeclaims", {"metadata": {"name": "c"}, "spec": {
            "storageClassName": "gold", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}})
        used(persistentvolumeclaims="1", requests_storage="1Gi", gold_storageclass_storage_k8s_io__requests_storage="1Gi",
             gold_storageclass_storage_k8s_io__persistentvolumeclaims="1")
        for path in ("services/np", "services/lb", "configmaps/c", "secrets/s", "persistentvolumeclaims/c", "replicationcontrollers/rc"):
            self.rest.delete(f"{self.core}/{path}")
        used(services="0", services_nodeports="0", services_loadbalancers="0", configmaps="1", secrets="0", persistentvolumeclaims="0",
             requests_storage="0", replicationcontrollers="0")

    def test_scopes(self):
        pods = f"{self.core}/pods"
        ends, stays = self.quota("ends", {"pods": "5"}, scopes=["Terminating"]), self.quota("stays", {"pods": "5"}, scopes=["NotTerminating"])
        best, some = self.quota("best", {"pods": "5"}, scopes=["BestEffort"]), self.quota("some", {"pods": "5"}, scopes=["NotBestEffort"])
        first = self.quota("first", {"pods": "1"}, scopeSelector={"matchExpressions": [
            {"scopeName": "PriorityClass", "operator": "In", "values": ["first-class"]}]})
        self.rest.call("POST", "/apis/scheduling.k8s.io/v1/priorityclasses", {"metadata": {"name": "first-class"}, "value": 100})
        self.rest.post(pods, pod("plain"))
        ends(pods="0"), stays(pods="1"), best(pods="1"), some(pods="0"), first(pods="0")
        self.rest.post(pods, pod("timed", activeDeadlineSeconds=3600, priorityClassName="first-class", containers=[
            {"name": "main", "image": "pause", "resources": {"requests": {"cpu": "10m"}}}]))
        ends(pods="1"), stays(pods="1"), best(pods="1"), some(pods="1"), first(pods="1")
        code, answer = self.rest.call("POST", pods, pod("second", priorityClassName="first-class"))
        self.assertEqual((code, "exceeded quota: first" in answer["message"]), (403, True), answer)
        self.rest.delete(pods)
        ends(pods="0"), stays(pods="0"), best(pods="0"), some(pods="0"), first(pods="0")

    def test_limits(self):
        path = f"{self.core}/limitranges"
        self.rest.post(path, {"metadata": {"name": "l", "labels": {"l": "1"}}, "spec": {"limits": [
            {"type": "Container", "min": {"cpu": "50m"}, "max": {"cpu": "500m"}, "default": {"cpu": "200m"}, "defaultRequest": {"cpu": "100m"}}]}})
        made = self.rest.post(f"{self.core}/pods", pod("plain"))
        self.assertEqual(made["spec"]["containers"][0]["resources"], {"limits": {"cpu": "200m"}, "requests": {"cpu": "100m"}})
        made = self.rest.post(f"{self.core}/pods", pod("limit", containers=[{"name": "c", "image": "i", "resources": {"limits": {"cpu": "300m"}}}]))
        self.assertEqual(made["spec"]["containers"][0]["resources"]["requests"], {"cpu": "300m"})
        for name, cpu in (("less", "10m"), ("more", "600m")):
            code, _ = self.rest.call("POST", f"{self.core}/pods", pod(name, containers=[
                {"name": "c", "image": "i", "resources": {"requests": {"cpu": cpu}, "limits": {"cpu": cpu}}}]))
            self.assertEqual(code, 403)
        self.rest.delete(f"{path}?labelSelector=l=1")
        self.assertEqual(self.names(path), [])
        self.rest.post(f"{self.core}/pods", pod("free"))


class Pods(Conformance):
    def test_status_is_patched(self):
        self.rest.post(f"{self.core}/pods", pod("p", schedulerName="nobody"))
        p = self.rest.patch(f"{self.core}/pods/p/status", {"status": {"message": "Patched", "reason": "E2E"}}, STRATEGIC)
        self.assertEqual((p["status"]["message"], p["status"]["reason"]), ("Patched", "E2E"))

    def test_what_of_a_pod_may_change(self):
        path = f"{self.core}/pods/p"
        self.rest.post(f"{self.core}/pods", pod("p", schedulerName="nobody", activeDeadlineSeconds=300))
        self.rest.patch(path, {"spec": {"activeDeadlineSeconds": 200}})
        self.rest.patch(path, {"spec": {"containers": [{"name": "main", "image": "other:1"}]}}, STRATEGIC)
        self.rest.patch(path, {"spec": {"tolerations": [{"key": "k", "operator": "Exists"}]}})
        for change, field in (({"activeDeadlineSeconds": 400}, "spec.activeDeadlineSeconds"), ({"hostname": "x"}, "spec"), ({"tolerations": []}, "spec.tolerations")):
            code, answer = self.rest.call("PATCH", path, {"spec": change}, MERGE)
            self.assertEqual((code, [c["field"] for c in answer["details"]["causes"]]), (422, [field]), answer)

    def test_a_deadline_ends_it(self):
        self.rest.post(f"{self.core}/pods", pod("p"))
        self.becomes(f"{self.core}/pods/p", "it runs", status__phase="Running")
        self.rest.patch(f"{self.core}/pods/p", {"spec": {"activeDeadlineSeconds": 1}})
        p = self.becomes(f"{self.core}/pods/p", "it has failed", status__phase="Failed")
        self.assertEqual(p["status"]["reason"], "DeadlineExceeded")

    def test_ephemeral_containers(self):
        path = f"{self.core}/pods/p"
        self.rest.post(f"{self.core}/pods", pod("p"))
        self.becomes(path, "it runs", status__phase="Running")
        debugger = {"name": "debugger", "image": "busybox:1.35", "stdin": True}
        self.rest.patch(f"{path}/ephemeralcontainers", {"spec": {"ephemeralContainers": [debugger]}}, STRATEGIC)
        wait_for(lambda: self.rest.get(path)["status"].get("ephemeralContainerStatuses", [{}])[0].get("state", {}).get("running"), "it runs beside")
        code, _ = self.rest.call("PATCH", f"{path}/ephemeralcontainers", {"spec": {"ephemeralContainers": None}}, MERGE)
        self.assertEqual(code, 422)

    def test_templates(self):
        path = f"{self.core}/podtemplates"
        self.rest.post(path, {"metadata": {"name": "t", "labels": {"t": "1"}}, "template": template({"a": "b"})})
        self.rest.patch(f"{path}/t", {"metadata": {"labels": {"more": "2"}}}, STRATEGIC)
        self.assertEqual(self.rest.get(f"{path}?labelSelector=more=2")["items"][0]["template"]["spec"]["containers"][0]["name"], "main")
        self.rest.delete(f"{path}?labelSelector=more=2")
        self.assertEqual(self.names(path), [])


class Accounts(Conformance):
    def test_an_account_is_used(self):
        path = f"{self.core}/serviceaccounts"
        self.rest.post(path, {"metadata": {"name": "a", "labels": {"l": "1"}}, "imagePullSecrets": [{"name": "key"}]})
        p = self.rest.post(f"{self.core}/pods", pod("p", serviceAccountName="a"))
        self.assertEqual(p["spec"]["imagePullSecrets"], [{"name": "key"}])
        mount = p["spec"]["containers"][0]["volumeMounts"][0]
        self.assertEqual((mount["mountPath"], mount["readOnly"]), ("/var/run/secrets/kubernetes.io/serviceaccount", True))
        self.rest.patch(f"{path}/a", {"automountServiceAccountToken": False})
        p = self.rest.post(f"{self.core}/pods", pod("none", serviceAccountName="a"))
        self.assertNotIn("volumeMounts", p["spec"]["containers"][0])
        p = self.rest.post(f"{self.core}/pods", pod("own", serviceAccountName="a", automountServiceAccountToken=True))
        self.assertIn("volumeMounts", p["spec"]["containers"][0])
        code, answer = self.rest.call("POST", f"{self.core}/pods", pod("absent", serviceAccountName="nobody"))
        self.assertEqual((code, answer["message"]), (403, 'pods "absent" is forbidden: error looking up service account '
                                                     f'{self.ns}/nobody: serviceaccount "nobody" not found'))
        self.rest.delete(f"{path}?labelSelector=l=1")
        self.assertNotIn("a", self.names(path))
        self.rest.delete(f"{path}/default")
        wait_for(lambda: "default" in self.names(path), "default comes back")

    def test_the_root_certificate_comes_back(self):
        path = f"{self.core}/configmaps/kube-root-ca.crt"
        text = wait_for(lambda: self.rest.call("GET", path)[0] == 200 and self.rest.get(path)["data"]["ca.crt"], "it is there")
        self.rest.patch(path, {"data": {"ca.crt": "nonsense"}})
        wait_for(lambda: self.rest.get(path)["data"]["ca.crt"] == text, "it is mended")
        self.rest.delete(path)
        wait_for(lambda: self.rest.call("GET", path)[0] == 200, "it comes back")


class Events(Conformance):
    def test_both_groups_are_one(self):
        new, old = f"/apis/events.k8s.io/v1/namespaces/{self.ns}/events", f"{self.core}/events"
        self.rest.post(new, {"metadata": {"name": "e", "labels": {"l": "1"}}, "eventTime": "2026-01-01T00:00:00.000001Z", "reportingController": "test",
                             "reportingInstance": "one", "action": "Do", "reason": "Test", "type": "Normal", "note": "said",
                             "regarding": {"kind": "Pod", "namespace": self.ns, "name": "p"}})
        e = self.rest.get(f"{old}/e")
        self.assertEqual((e["message"], e["involvedObject"]["name"], e["reportingComponent"]), ("said", "p", "test"))
        self.assertEqual(self.names(f"{new}?fieldSelector=reportingController=test"), ["e"])
        self.assertEqual(self.names(f"{old}?fieldSelector=reportingComponent=test,involvedObject.kind=Pod,reason=Test,type=Normal"), ["e"])
        self.rest.patch(f"{new}/e", {"series": {"count": 2, "lastObservedTime": "2026-01-01T00:00:01.000002Z"}}, STRATEGIC)
        self.assertEqual(self.rest.get(f"{old}/e")["series"]["count"], 2)
        self.rest.delete(f"{old}?labelSelector=l=1")
        self.assertEqual(self.rest.call("GET", f"{new}/e")[0], 404)


class Namespaces(Conformance):
    def test_status_and_finalizers(self):
        path = f"/api/v1/namespaces/{self.ns}"
        condition = {"type": "StatusPatch", "status": "True", "reason": "E2E", "message": "set", "lastTransitionTime": "2026-01-01T00:00:00Z"}
        n = self.rest.patch(f"{path}/status", {"metadata": {"annotations": {"a": "b"}}, "status": {"conditions": [condition]}})
        self.assertEqual((n["status"]["phase"], n["status"]["conditions"][0]["reason"], n["metadata"]["annotations"]["a"]), ("Active", "E2E", "b"))
        n["spec"]["finalizers"].append("e2e.example.com/fake")
        n = self.rest.put(f"{path}/finalize", n)
        self.assertEqual(n["spec"]["finalizers"], ["kubernetes", "e2e.example.com/fake"])
        self.rest.delete(path)
        self.becomes(path, "it ends", status__phase="Terminating")
        code, answer = self.rest.call("POST", f"{self.core}/configmaps", configmap("late"))
        self.assertEqual((code, answer["details"]["causes"][0]["reason"]), (403, "NamespaceTerminating"))
        n = wait_for(lambda: (lambda o: o["spec"]["finalizers"] == ["e2e.example.com/fake"] and o)(self.rest.get(path)), "the other is left")
        n["spec"]["finalizers"] = []
        self.rest.put(f"{path}/finalize", n)
        wait_for(lambda: self.rest.call("GET", path)[0] == 404, "it is gone")


if __name__ == "__main__":
    spec.main()
