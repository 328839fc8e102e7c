"""What a pod's spec promises its containers, on a real runtime: environment, volumes, rights, hooks, probes, names. Each
pod looks for itself and says what it found; the behaviours are those of Kubernetes' node conformance tests."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import BUSYBOX, ClusterTest, pod
from hosts import wait_for


def container(name, command, **changes):
    return {"name": name, "image": BUSYBOX, "command": ["sh", "-c", command], **changes}


def field(path):
    return {"valueFrom": {"fieldRef": {"fieldPath": path}}}


def resource(name, **more):
    return {"valueFrom": {"resourceFieldRef": {"resource": name, **more}}}


class Pods(ClusterTest):
    workers = ("node1",)

    @classmethod
    def start(cls):
        cls.cluster.start_control_plane()
        cls.cluster.start_worker("node1", **{"kubelet.syncFrequency": "2s", "kubelet.allowedUnsafeSysctls": ["kernel.msgmn*"]})
        cls.cluster.wait_nodes_ready("node1")
        cls.cluster.start_scheduler()

    def run_once(self, name, command, **spec):
        """Runs the pod to its end; returns the lines it printed and the pod."""
        made = pod(name, command, restartPolicy="Never", **spec)
        self.cluster.create(made)
        ended = self.cluster.wait_pod(name, lambda p: p["status"]["phase"] in ("Succeeded", "Failed"), "ends")
        lines = self.cluster.kubectl("logs", name, "-c", "main").splitlines()
        self.assertEqual(ended["status"]["phase"], "Succeeded", lines)
        return lines, ended

    def create(self, kind, name, **content):
        self.cluster.create({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, **content})


class Environment(Pods):
    def test_fields(self):
        env = {"NAME": "metadata.name", "NS": "metadata.namespace", "UID": "metadata.uid", "LABEL": "metadata.labels['a']",
               "NOTE": "metadata.annotations['n/o']", "NODE": "spec.nodeName", "SA": "spec.serviceAccountName", "HOST": "status.hostIP",
               "IP": "status.podIP", "IPS": "status.podIPs"}
        made = pod("fields", "for v in NAME NS UID LABEL NOTE NODE SA HOST IP IPS; do env | grep ^$v=; done; hostname -i", restartPolicy="Never",
                   labels={"a": "b"}, container={"env": [{"name": k, **field(v)} for k, v in env.items()]})
        made["metadata"]["annotations"] = {"n/o": "t e"}
        self.cluster.create(made)
        p = self.cluster.wait_pod("fields", lambda p: p["status"]["phase"] == "Succeeded", "ends")
        ip = p["status"]["podIP"]
        self.assertEqual(self.cluster.kubectl("logs", "fields").splitlines(), [
            "NAME=fields", "NS=default", f"UID={p['metadata']['uid']}", "LABEL=b", "NOTE=t e", "NODE=node1", "SA=default",
            f"HOST={p['status']['hostIP']}", f"IP={ip}", f"IPS={ip}", ip])

    def test_resources(self):
        asked = {"requests": {"cpu": "125m", "memory": "32Mi"}, "limits": {"cpu": "1250m", "memory": "64Mi"}}
        lines, _ = self.run_once("resources", "echo $A $B $C $D", container={"resources": asked, "env": [
            {"name": "A", **resource("requests.cpu", divisor="1m")}, {"name": "B", **resource("limits.cpu")},
            {"name": "C", **resource("requests.memory")}, {"name": "D", **resource("limits.memory", divisor="1Mi")}]})
        self.assertEqual(lines, ["125 2 33554432 64"])
        lines, _ = self.run_once("allocatable", "echo $A $B", container={"env": [
            {"name": "A", **resource("limits.cpu")}, {"name": "B", **resource("limits.memory")}]})
        cpu = self.cluster.get("node", "node1")["status"]["allocatable"]["cpu"]
        self.assertEqual(lines[0].split()[0], cpu)
        self.assertGreater(int(lines[0].split()[1]), 1 << 30)

    def test_expansion(self):
        env = [{"name": "ONE", "value": "1"}, {"name": "TWO", "value": "2"}, {"name": "BOTH", "value": "$(ONE)$(TWO) $(LATER)"}, {"name": "LATER", "value": "x"}]
        lines, _ = self.run_once("expansion", "", container={
            "command": ["sh", "-c", 'env | sed -n s/^BOTH=//p; for a in "$0" "$@"; do echo "$a"; done', "$(ONE)"], "args": ["a-$(TWO)", "$$(TWO)", "$(NONE)"], "env": env})
        # What is not known yet, or at all, and what is escaped stays.
        self.assertEqual(lines, ["12 $(LATER)", "1", "a-2", "$(TWO)", "$(NONE)"])

    def test_from_maps_and_secrets(self):
        self.create("ConfigMap", "settings", data={"a": "1", "b": "2"})
        self.create("Secret", "keys", stringData={"k": "secret"})
        lines, _ = self.run_once("sources", "echo $a $b $P_k $ONE $TWO [$GONE]", container={
            "envFrom": [{"configMapRef": {"name": "settings"}}, {"prefix": "P_", "secretRef": {"name": "keys"}},
                        {"configMapRef": {"name": "absent", "optional": True}}],
            "env": [{"name": "ONE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "a"}}},
                    {"name": "TWO", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "k"}}},
                    {"name": "GONE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "z", "optional": True}}}]})
        self.assertEqual(lines, ["1 2 secret 1 secret []"])
        self.cluster.create(pod("lacks", container={"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "later", "key": "a"}}}]}))
        waits = self.cluster.wait_pod("lacks", lambda p: (p["status"].get("containerStatuses") or [{}])[0].get("state", {}).get("waiting", {})
                                      .get("reason") == "CreateContainerConfigError", "waits for its map")
        self.assertEqual(waits["status"]["containerStatuses"][0]["state"]["waiting"]["message"], 'configmap "later" not found')
        self.create("ConfigMap", "later", data={"a": "1"})
        self.cluster.wait_running("lacks")

    def test_services(self):
        self.create("Service", "web-front", spec={"clusterIP": "10.96.7.7", "ports": [{"name": "http", "port": 8080}]})
        lines, _ = self.run_once("services", "echo $WEB_FRONT_SERVICE_HOST $WEB_FRONT_SERVICE_PORT $WEB_FRONT_SERVICE_PORT_HTTP $WEB_FRONT_PORT; "
                                 "echo ${KUBERNETES_SERVICE_HOST:+there}")
        self.assertEqual(lines, ["10.96.7.7 8080 8080 tcp://10.96.7.7:8080", "there"])
        lines, _ = self.run_once("no-services", "echo [$WEB_FRONT_SERVICE_HOST] ${KUBERNETES_SERVICE_HOST:+there}", enableServiceLinks=False)
        self.assertEqual(lines, ["[] there"])


class Volumes(Pods):
    def test_maps_and_secrets(self):
        self.create("ConfigMap", "files", data={"one": "1", "two": "2"}, binaryData={"raw": "AAEC"})
        self.create("Secret", "secret-files", stringData={"key": "k"})
        lines, _ = self.run_once(
            "files", "cd /m; ls -1; cat one two; echo; wc -c < raw; stat -Lc %a one; ls -1 /items; stat -Lc %a /items/sub/first; stat -Lc %a /s/key; "
            "cat /s/key; echo; ls /none | wc -l; touch /m/new 2>/dev/null || echo read-only",
            volumes=[{"name": "m", "configMap": {"name": "files"}}, {"name": "s", "secret": {"secretName": "secret-files", "defaultMode": 0o400}},
                     {"name": "items", "configMap": {"name": "files", "items": [{"key": "one", "path": "sub/first", "mode": 0o600}]}},
                     {"name": "none", "secret": {"secretName": "absent", "optional": True}}],
            container={"volumeMounts": [{"name": n, "mountPath": f"/{n}"} for n in ("m", "s", "items", "none")]})
        self.assertEqual(lines, ["one", "raw", "two", "12", "3", "644", "sub", "600", "400", "k", "0", "read-only"])

    def test_changes_arrive(self):
        self.create("ConfigMap", "changing", data={"a": "old"})
        self.cluster.create(pod("watcher", volumes=[{"name": "m", "configMap": {"name": "changing"}}, {"name": "d", "downwardAPI": {"items": [
            {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]}}], labels={"l": "1"}, container={"volumeMounts": [
                {"name": "m", "mountPath": "/m"}, {"name": "d", "mountPath": "/d"}, {"name": "m", "mountPath": "/fixed", "subPath": "a"}]}))
        self.cluster.wait_running("watcher")
        read = lambda path: self.cluster.kubectl("exec", "watcher", "--", "cat", path)
        self.assertEqual((read("/m/a"), read("/d/labels"), read("/fixed")), ("old", 'l="1"', "old"))
        token = read("/var/run/secrets/kubernetes.io/serviceaccount/token")
        self.cluster.kubectl("patch", "configmap", "changing", "--type=merge", "-p", '{"data":{"a":"new","b":"more"}}')
        self.cluster.kubectl("label", "pod", "watcher", "l=2", "--overwrite")
        wait_for(lambda: read("/m/a") == "new", "the map's change arrives", 30, 0.5)
        wait_for(lambda: read("/d/labels") == 'l="2"', "the label's change arrives", 30, 0.5)
        self.assertEqual((read("/m/b"), read("/fixed")), ("more", "old"))
        self.cluster.kubectl("patch", "configmap", "changing", "--type=merge", "-p", '{"data":{"b":null}}')
        wait_for(lambda: self.cluster.kubectl("exec", "watcher", "--", "ls", "/m") == "a\n", "a key goes", 30, 0.5)
        self.assertEqual(read("/var/run/secrets/kubernetes.io/serviceaccount/token"), token, "a token is not asked for anew each time")

    def test_projected(self):
        self.create("ConfigMap", "part", data={"c": "map"})
        self.create("Secret", "other-part", stringData={"s": "secret"})
        lines, _ = self.run_once(
            "projected", "cd /p; cat dir/c s name cpu; echo; cut -d. -f1 token | grep -c eyJ; stat -Lc %a token", container={
                "resources": {"requests": {"cpu": "250m"}}, "volumeMounts": [{"name": "p", "mountPath": "/p"}]},
            volumes=[{"name": "p", "projected": {"defaultMode": 0o440, "sources": [
                {"configMap": {"name": "part", "items": [{"key": "c", "path": "dir/c"}]}}, {"secret": {"name": "other-part"}},
                {"downwardAPI": {"items": [{"path": "name", "fieldRef": {"fieldPath": "metadata.name"}},
                                           {"path": "cpu", "resourceFieldRef": {"containerName": "main", "resource": "requests.cpu", "divisor": "1m"}}]}},
                {"serviceAccountToken": {"path": "token", "audience": "vault", "expirationSeconds": 3600}}]}}])
        self.assertEqual(lines, ["mapsecretprojected250", "1", "440"])

    def test_empty_dirs_and_parts_of_volumes(self):
        lines, _ = self.run_once(
            "parts", "stat -c %a /e; mount | grep -c ' /mem type tmpfs'; df -k /mem | tail -1 | awk '{print $2}'; echo x > /sub/f; cat /e/in/side/f; "
            "echo y > /expr/g; cat /e/parts/g; touch /ro/f 2>&1 | grep -c 'Read-only'",
            volumes=[{"name": "e", "emptyDir": {}}, {"name": "mem", "emptyDir": {"medium": "Memory", "sizeLimit": "8Mi"}}],
            container={"env": [{"name": "POD", **field("metadata.name")}], "volumeMounts": [
                {"name": "e", "mountPath": "/e"}, {"name": "mem", "mountPath": "/mem"}, {"name": "e", "mountPath": "/sub", "subPath": "in/side"},
                {"name": "e", "mountPath": "/expr", "subPathExpr": "$(POD)"}, {"name": "e", "mountPath": "/ro", "readOnly": True}]})
        self.assertEqual(lines, ["777", "1", "8192", "x", "y", "1"])

    def test_host_paths(self):
        folder = self.cluster.lan["node1"].folder
        lines, _ = self.run_once("host-path", "echo there > /h/file; cat /h/file", volumes=[
            {"name": "h", "hostPath": {"path": f"{folder}/made", "type": "DirectoryOrCreate"}}], container={"volumeMounts": [{"name": "h", "mountPath": "/h"}]})
        self.assertEqual(lines, ["there"])
        with open(f"{folder}/made/file") as file:
            self.assertEqual(file.read(), "there\n")
        self.cluster.create(pod("no-path", volumes=[{"name": "h", "hostPath": {"path": f"{folder}/absent", "type": "Directory"}}],
                                container={"volumeMounts": [{"name": "h", "mountPath": "/h"}]}))
        self.assertIn("hostPath type check failed", self.cluster.wait_event("no-path", "FailedMount")["message"])


class Rights(Pods):
    def test_users_and_groups(self):
        lines, _ = self.run_once("users", "id -u; id -g; id -G; touch /e/f && stat -c %g /e/f; stat -c %g /e", securityContext={
            "runAsUser": 1001, "runAsGroup": 2002, "fsGroup": 3003, "supplementalGroups": [4004]},
            volumes=[{"name": "e", "emptyDir": {}}], container={"volumeMounts": [{"name": "e", "mountPath": "/e"}]})
        self.assertEqual(lines[:2] + lines[3:], ["1001", "2002", "3003", "3003"])
        self.assertEqual(set(lines[2].split()), {"2002", "3003", "4004"})
        lines, _ = self.run_once("own-user", "id -u", securityContext={"runAsUser": 1001}, container={"securityContext": {"runAsUser": 1002}})
        self.assertEqual(lines, ["1002"])

    def test_not_as_root(self):
        self.cluster.create(pod("root", securityContext={"runAsNonRoot": True}), pod("asked-root", securityContext={"runAsNonRoot": True, "runAsUser": 0}))
        for name, text in (("root", "container has runAsNonRoot and image will run as root"), ("asked-root", "container's runAsUser breaks non-root policy")):
            self.assertIn(text, self.cluster.wait_event(name, "Failed")["message"])
            status = self.cluster.get("pod", name)["status"]["containerStatuses"][0]
            self.assertEqual(status["state"]["waiting"]["reason"], "CreateContainerConfigError")

    def test_what_a_container_may(self):
        shows = "grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status | tr -d '\\t'; touch /x 2>&1 | grep -c Read-only"
        lines, _ = self.run_once("may-little", shows, container={"securityContext": {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "seccompProfile": {"type": "RuntimeDefault"},
            "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}})
        self.assertEqual(lines, ["CapEff:0000000000000400", "NoNewPrivs:1", "Seccomp:2", "1"])
        lines, _ = self.run_once("may-all", shows + "; ls /dev/kmsg", container={"securityContext": {"privileged": True}})
        self.assertEqual((lines[1:], lines[0] > "CapEff:000001"), (["NoNewPrivs:0", "Seccomp:0", "0", "/dev/kmsg"], True))

    def test_namespaces_of_the_host_and_of_the_pod(self):
        both = pod("shared", "sleep 1000000", shareProcessNamespace=True)
        both["spec"]["containers"].append(container("other", "sleep 1000001"))
        self.cluster.create(both, pod("host", "sleep 1000000", hostPID=True, hostNetwork=True, hostIPC=True))
        self.cluster.wait_running("shared")
        self.assertIn("sleep 1000001", self.cluster.kubectl("exec", "shared", "-c", "main", "--", "ps"))
        self.cluster.wait_running("host")
        self.assertIn(" node --config ", self.cluster.kubectl("exec", "host", "--", "ps", "-ef"))
        p = self.cluster.get("pod", "host")
        self.assertEqual(p["status"]["podIP"], p["status"]["hostIP"])

    def test_sysctls(self):
        lines, _ = self.run_once("sysctls", "cat /proc/sys/kernel/shm_rmid_forced", securityContext={"sysctls": [{"name": "kernel.shm_rmid_forced", "value": "1"}]})
        self.assertEqual(lines, ["1"])
        self.cluster.create(pod("unsafe", securityContext={"sysctls": [{"name": "kernel.msgmax", "value": "65536"}]}))
        p = self.cluster.wait_pod("unsafe", lambda p: p["status"]["phase"] == "Failed", "is refused")
        self.assertEqual((p["status"]["reason"], p["status"]["message"]), (
            "SysctlForbidden", 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted'))
        lines, _ = self.run_once("allowed", "cat /proc/sys/kernel/msgmni", securityContext={"sysctls": [{"name": "kernel.msgmni", "value": "77"}]})
        self.assertEqual(lines, ["77"])


class Images(Pods):
    def test_a_registry_that_asks_who_one_is(self):
        host = self.cluster.lan["node1"]
        host.start("registry", os.path.join(os.path.dirname(__file__), "..", "lib", "registry.py"), f"{host.containerd.folder}/images.tar", "5000", "me", "secret")
        image = {"image": "127.0.0.1:5000/team/busybox:1.35"}
        self.cluster.kubectl("create", "secret", "docker-registry", "wrong", "--docker-server=127.0.0.1:5000", "--docker-username=me", "--docker-password=guess")
        self.cluster.kubectl("create", "secret", "docker-registry", "right", "--docker-server=127.0.0.1:5000", "--docker-username=me", "--docker-password=secret")
        self.cluster.create(pod("nobody", container=image), pod("stranger", container=image, imagePullSecrets=[{"name": "wrong"}, {"name": "absent"}]))
        for name in ("nobody", "stranger"):
            self.assertIn("Failed to pull image", self.cluster.wait_event(name, "Failed", "Failed to pull image")["message"])
            self.cluster.wait_pod(name, lambda p: p["status"]["containerStatuses"][0]["state"].get("waiting", {}).get("reason") == "ImagePullBackOff", "backs off")
        self.assertIn("Unable to retrieve some image pull secrets (absent)", self.cluster.wait_event("stranger", "FailedToRetrieveImagePullSecret")["message"])
        self.cluster.create(pod("friend", container=image, imagePullSecrets=[{"name": "wrong"}, {"name": "right"}]))
        self.cluster.wait_running("friend")
        self.assertRegex(self.cluster.wait_event("friend", "Pulled")["message"], r"^Successfully pulled image .* in .* Image size: \d+ bytes\.$")


class Names(Pods):
    def test_hosts_and_resolver(self):
        lines, _ = self.run_once(
            "named", "hostname; cat /etc/hosts | grep -v '^#' | tr '\\t' ' '; cat /etc/resolv.conf", hostname="busy", subdomain="sub",
            hostAliases=[{"ip": "203.0.113.1", "hostnames": ["one.example", "two.example"]}], dnsPolicy="None",
            dnsConfig={"nameservers": ["203.0.113.53"], "searches": ["ns.svc.example"], "options": [{"name": "ndots", "value": "2"}, {"name": "edns0"}]})
        self.assertEqual(lines[0], "busy")
        self.assertTrue(any(line.endswith("busy.sub.default.svc.cluster.local busy") for line in lines), lines)
        self.assertIn("203.0.113.1 one.example two.example", lines)
        for line in ("nameserver 203.0.113.53", "search ns.svc.example", "options ndots:2 edns0"):
            self.assertIn(line, lines)

    def test_the_full_name_as_hostname(self):
        lines, _ = self.run_once("full", "hostname; hostname -f", hostname="busy", subdomain="sub", setHostnameAsFQDN=True)
        self.assertEqual(lines, ["busy.sub.default.svc.cluster.local"] * 2)


class Lives(Pods):
    def state(self, name, kind="containerStatuses", at=0):
        statuses = self.cluster.get("pod", name)["status"].get(kind) or [{}]
        return statuses[min(at, len(statuses) - 1)]

    def test_init_containers(self):
        made = pod("inits", "cat /e/log", restartPolicy="Never", volumes=[{"name": "e", "emptyDir": {}}],
                   container={"volumeMounts": [{"name": "e", "mountPath": "/e"}]})
        mounts = {"volumeMounts": [{"name": "e", "mountPath": "/e"}]}
        made["spec"]["initContainers"] = [container("one", "echo one >> /e/log", **mounts), container(
            "side", "echo side >> /e/log; sleep 1000000", restartPolicy="Always", **mounts), container("two", "sleep 1; echo two >> /e/log", **mounts)]
        self.cluster.create(made)
        self.cluster.wait_pod("inits", lambda p: p["status"]["phase"] == "Succeeded", "ends, though its sidecar would not")
        self.assertEqual(self.cluster.kubectl("logs", "inits", "-c", "main").splitlines(), ["one", "side", "two"])
        bad = pod("bad-init", "true", restartPolicy="Never")
        bad["spec"]["initContainers"] = [container("fails", "exit 4"), container("never", "true")]
        self.cluster.create(bad)
        p = self.cluster.wait_pod("bad-init", lambda p: p["status"]["phase"] == "Failed", "fails")
        self.assertEqual(p["status"]["initContainerStatuses"][0]["state"]["terminated"]["exitCode"], 4)
        self.assertEqual(p["status"]["initContainerStatuses"][1]["state"]["waiting"]["reason"], "PodInitializing")
        self.assertRegex(self.cluster.kubectl("get", "pod", "bad-init", "--no-headers"), r"0/1\s+Init:Error")

    def test_hooks(self):
        folder = self.cluster.lan["node1"].folder
        hooked = pod("hooks", "trap 'exit 0' TERM; while :; do sleep 0.1; done", terminationGracePeriodSeconds=10,
                     volumes=[{"name": "h", "hostPath": {"path": folder}}], container={
                         "volumeMounts": [{"name": "h", "mountPath": "/h"}], "lifecycle": {
                             "postStart": {"exec": {"command": ["sh", "-c", "echo started > /h/hooks"]}},
                             "preStop": {"exec": {"command": ["sh", "-c", "sleep 0.5; echo stopping >> /h/hooks"]}}}})
        self.cluster.create(hooked)
        self.cluster.wait_running("hooks")
        self.cluster.kubectl("delete", "pod", "hooks")
        with open(f"{folder}/hooks") as file:
            self.assertEqual(file.read(), "started\nstopping\n")
        self.cluster.create(pod("bad-hook", container={"lifecycle": {"postStart": {"exec": {"command": ["sh", "-c", "exit 9"]}}}}))
        self.assertEqual(self.cluster.wait_event("bad-hook", "FailedPostStartHook")["message"], "PostStartHook failed")
        asking = pod("asking", "mkdir /w; httpd -f -p 8080 -h /w", container={"lifecycle": {"preStop": {"sleep": {"seconds": 1}}}})
        asking["spec"]["containers"].append(container("asks", "exec nc -ll -p 8081 -e sh -c 'echo asked > /h/asked'", volumeMounts=[{"name": "h", "mountPath": "/h"}],
                                                      lifecycle={"postStart": {"sleep": {"seconds": 1}}, "preStop": {"httpGet": {"port": 8081, "path": "/x"}}}))
        asking["spec"]["volumes"] = [{"name": "h", "hostPath": {"path": folder}}]
        asking["spec"]["terminationGracePeriodSeconds"] = 3
        self.cluster.create(asking)
        self.cluster.wait_running("asking")
        self.cluster.kubectl("delete", "pod", "asking")
        with open(f"{folder}/asked") as file:
            self.assertEqual(file.read(), "asked\n")

    def test_probes(self):
        every = {"periodSeconds": 1, "failureThreshold": 1}
        self.cluster.create(
            pod("liveness", "touch /ok; sleep 3; rm /ok; sleep 1000000", container={"livenessProbe": {"exec": {"command": ["cat", "/ok"]}, **every}}),
            pod("readiness", "sleep 2; mkdir /w; echo hi > /w/index.html; exec httpd -f -p 8080 -h /w", container={
                "readinessProbe": {"httpGet": {"path": "/index.html", "port": 8080}, **every}}),
            pod("startup", "sleep 3; touch /up; sleep 1000000", container={
                "startupProbe": {"exec": {"command": ["cat", "/up"]}, "periodSeconds": 1, "failureThreshold": 30},
                "livenessProbe": {"exec": {"command": ["cat", "/up"]}, **every}}),
            pod("tcp", "sleep 1000000", container={"livenessProbe": {"tcpSocket": {"port": 81}, "initialDelaySeconds": 1, **every}}))
        for name in ("liveness", "tcp"):
            wait_for(lambda n=name: self.state(n).get("restartCount", 0) >= 1, f"{name} is restarted", 60, 0.3)
            self.assertIn("Liveness probe failed", self.cluster.wait_event(name, "Unhealthy")["message"])
            self.cluster.wait_event(name, "Killing", "Container main failed liveness probe, will be restarted")
        self.cluster.wait_running("readiness")
        self.assertIn("Readiness probe failed", self.cluster.wait_event("readiness", "Unhealthy")["message"])
        self.cluster.wait_running("startup")
        self.assertEqual((self.state("startup")["restartCount"], self.state("startup")["started"]), (0, True))

    def test_a_probe_over_tls(self):
        host = self.cluster.lan["node1"]
        host.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=whoever", "-days", "1", "-keyout", f"{host.folder}/key",
                 "-out", f"{host.folder}/crt")
        server = host.start("https", "python3", "-c", "import http.server, ssl, sys; s = http.server.HTTPServer(('127.0.0.1', 8443), http.server.SimpleHTTPRequestHandler); "
                            "c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); c.load_cert_chain(sys.argv[1], sys.argv[2]); "
                            "s.socket = c.wrap_socket(s.socket, server_side=True); s.serve_forever()", f"{host.folder}/crt", f"{host.folder}/key")
        get = {"host": "127.0.0.1", "port": 8443, "scheme": "HTTPS"}
        self.cluster.create(*[pod(name, container={"readinessProbe": {"httpGet": {**get, "path": path}, "periodSeconds": 1, "failureThreshold": 1}})
                              for name, path in (("secure", "/"), ("secure-none", "/none"))])
        self.cluster.wait_running("secure")
        self.assertIn("HTTP probe failed with statuscode: 404", self.cluster.wait_event("secure-none", "Unhealthy")["message"])
        server.kill()
        self.cluster.wait_event("secure", "Unhealthy", "refused")

    def test_last_words(self):
        for name, command, more, words in (
                ("file", "echo -n DONE > /dev/termination-log", {}, "DONE"),
                ("own-path", "echo -n OWN > /tmp/words", {"terminationMessagePath": "/tmp/words"}, "OWN"),
                ("from-log", "echo last line; exit 1", {"terminationMessagePolicy": "FallbackToLogsOnError"}, "last line\n"),
                ("no-error", "echo all is well", {"terminationMessagePolicy": "FallbackToLogsOnError"}, None)):
            with self.subTest(name):
                self.cluster.create(pod(name, command, restartPolicy="Never", container=more))
                p = self.cluster.wait_pod(name, lambda p: p["status"]["phase"] in ("Succeeded", "Failed"), "ends")
                self.assertEqual(p["status"]["containerStatuses"][0]["state"]["terminated"].get("message"), words)

    def test_too_much_memory(self):
        self.cluster.create(pod("greedy", "tail /dev/zero", restartPolicy="Never", container={"resources": {"limits": {"memory": "16Mi"}}}))
        p = self.cluster.wait_pod("greedy", lambda p: p["status"]["phase"] == "Failed", "is killed")
        ended = p["status"]["containerStatuses"][0]["state"]["terminated"]
        self.assertEqual((ended["exitCode"], ended["reason"]), (137, "OOMKilled"))

    def test_a_deadline(self):
        self.cluster.create(pod("late", activeDeadlineSeconds=2))
        p = self.cluster.wait_pod("late", lambda p: p["status"]["phase"] == "Failed", "fails")
        self.assertEqual((p["status"]["reason"], p["status"]["message"]), ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline"))


class Figures(Pods):
    def test_top_says_what_containers_use(self):
        """`kubectl top` of a container that is busy for half of the time, and of one that holds 20 MiB."""
        self.cluster.create(
            pod("busy", "while true; do timeout 0.5 sh -c 'while true; do true; done'; sleep 0.5; done"),
            pod("holds", "head -c 20971520 /dev/zero > /held/file; sleep 1000000", container={
                "volumeMounts": [{"name": "held", "mountPath": "/held"}]}, volumes=[{"name": "held", "emptyDir": {"medium": "Memory"}}]))

        def used(name):
            """Millicores and MiB; nothing while there are no figures."""
            out = self.cluster.kubectl("top", "pod", name, "--no-headers", check=False)
            found = re.match(rf"{name}\s+(\d+)m\s+(\d+)Mi", out)
            return found and (int(found[1]), int(found[2]))

        cpu, _ = wait_for(lambda: (f := used("busy")) and f[0] > 100 and f, "the busy container's figures", 90, 1)
        self.assertLess(cpu, 900, "it sleeps for half of the time")
        # The first figures may have its start in them.
        _, memory = wait_for(lambda: (f := used("holds")) and f[0] < 50 and f[1] >= 20 and f, "the other one's figures at rest", 90, 1)
        self.assertLess(memory, 40)
        node = self.cluster.kubectl("top", "node", "--no-headers").split()
        self.assertEqual(node[0], "node1")
        self.assertGreater(int(node[1].removesuffix("m")), 100)


def node_condition(node, kind):
    return next(c for c in node["status"]["conditions"] if c["type"] == kind)


class Pressure(ClusterTest):
    """Node node1 is said to be short of memory whatever it has, node2 of disk for images."""
    workers = ("node1", "node2")

    @classmethod
    def start(cls):
        cls.cluster.start_control_plane()
        cls.cluster.start_worker("node1", **{"kubelet.evictionHard": {"memory.available": "99.9%"}})
        cls.cluster.start_worker("node2", **{"kubelet.imageGCHighThresholdPercent": 1, "kubelet.imageGCLowThresholdPercent": 0,
                                             "kubelet.imageMinimumGCAge": "0s"})
        cls.cluster.wait_nodes_ready("node1", "node2")

    def test_pods_go_for_want_of_memory(self):
        # Without a scheduler, which would not send them there.
        self.cluster.create(pod("asks", nodeName="node1", container={"resources": {"requests": {"memory": "4Ki"}}}))
        p = self.cluster.wait_pod("asks", lambda p: p["status"]["phase"] == "Failed", "is evicted")
        self.assertEqual(p["status"]["reason"], "Evicted")
        said = r"^The node was low on resource: memory\. Threshold quantity: \w+, available: \w+\. "
        self.assertRegex(p["status"]["message"], said)
        target = next(c for c in p["status"]["conditions"] if c["type"] == "DisruptionTarget")
        self.assertEqual((target["status"], target["reason"], target["message"]), ("True", "TerminationByKubelet", p["status"]["message"]))
        self.assertEqual(self.cluster.wait_event("asks", "Evicted")["message"], p["status"]["message"])
        self.assertEqual(self.cluster.wait_event("node1", "EvictionThresholdMet")["message"], "Attempting to reclaim memory")
        short = node_condition(self.cluster.get("node", "node1"), "MemoryPressure")
        self.assertEqual((short["status"], short["reason"], short["message"]),
                         ("True", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available"))
        self.cluster.create(pod("asks-nothing", nodeName="node1"))
        p = self.cluster.wait_pod("asks-nothing", lambda p: p["status"]["phase"] == "Failed", "is refused")
        self.assertEqual((p["status"]["reason"], p["status"]["message"]), ("Evicted", "Pod was rejected: The node had condition: [MemoryPressure]. "))

    def test_images_go_for_want_of_disk(self):
        failed = self.cluster.wait_event("node2", "FreeDiskSpaceFailed")["message"]
        self.assertRegex(failed, r"^Failed to garbage collect required amount of images\. Attempted to free \d+ bytes, but only found \d+ bytes eligible to free\.$")
        wait_for(lambda: not any("busybox" in name for image in self.cluster.get("node", "node2")["status"]["images"] for name in image["names"]),
                 "node2 has no image that nobody uses")


if __name__ == "__main__":
    spec.main()
