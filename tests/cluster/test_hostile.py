"""Bad input at every door: a clear error, and nothing is lost or changed."""
import os
import subprocess
import sys

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import ClusterTest, KubectlError, pod
from spec import troupe

GARBAGE = {
    "zeros": b"\0" * 4096,
    "noise": bytes((i * 167 + 13) % 256 for i in range(65536)),
    "plain HTTP": b"GET /api HTTP/1.1\r\nHost: x\r\n\r\n",
    "a huge TLS record": b"\x16\x03\x01\xff\xff" + b"\x01" * 65535,
    "half a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}


class Hostile(ClusterTest):
    workers = ("node1",)
    layout = ("control-plane",)

    def tearDown(self):
        self.assertTrue(self.cluster.control_plane.running())
        self.assertEqual(self.cluster.kubectl("get", "--raw", "/readyz"), "ok")

    def attack(self, port, data):
        """Sends from the worker's host, reads what comes for a second at most."""
        code = ("import socket,sys; s=socket.create_connection((sys.argv[1],int(sys.argv[2])),5); s.settimeout(1)\n"
                "try:\n s.sendall(sys.stdin.buffer.read()); s.recv(4096)\nexcept OSError: pass")
        subprocess.run([*self.cluster.lan["node1"].enter, sys.executable, "-c", code, self.cluster.master.address, str(port)],
                       input=data, check=True, timeout=20)

    def test_garbage_on_every_port(self):
        before = self.cluster.get("nodes", "-o", "json")["items"]
        for port in (6443, 6444, 6445):
            for what, data in GARBAGE.items():
                with self.subTest(port=port, what=what):
                    self.attack(port, data)
        self.assertEqual(self.cluster.get("nodes")["items"], before)

    def test_a_stranger_is_not_let_into_the_actor_doors(self):
        """A TLS client without a certificate is shut out before it can say a word."""
        code = ("import socket,ssl,sys; c=ssl.create_default_context(); c.check_hostname=False; c.verify_mode=ssl.CERT_NONE\n"
                "s=c.wrap_socket(socket.create_connection((sys.argv[1],int(sys.argv[2])),5)); s.settimeout(5); s.sendall(b'x'*64)\n"
                "sys.exit(0 if s.recv(1)==b'' else 9)")
        for port in (6444, 6445):
            with self.subTest(port=port):
                done = subprocess.run([*self.cluster.lan["node1"].enter, sys.executable, "-c", code,
                                       self.cluster.master.address, str(port)], capture_output=True, text=True, timeout=20)
                self.assertNotEqual(done.returncode, 9, "the door spoke to a stranger")

    def test_bad_manifests(self):
        nameless = pod("x")
        del nameless["metadata"]["name"]
        cases = {
            "no name": (nameless, "metadata.name|name or generateName"),
            "bad name": (pod("Not_A_Name"), "metadata.name: Invalid value"),
            "no containers": ({**pod("x"), "spec": {"containers": []}}, "spec.containers: Required value"),
            "bad quantity": (pod("x", container={"resources": {"requests": {"cpu": "much"}}}), "quantit|cpu"),
            "request above limit": (pod("x", container={"resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}}),
                                    "must be less than or equal to cpu limit"),
            "unknown volume": (pod("x", container={"volumeMounts": [{"name": "nope", "mountPath": "/x"}]}),
                               r"volumeMounts\[0\].name: Not found"),
            "bad policy": (pod("x", restartPolicy="Sometimes"), 'restartPolicy: Unsupported value: "Sometimes"'),
            "wrong type": ({**pod("x"), "spec": "text"}, "(?i)spec"),
        }
        for what, (manifest, error) in cases.items():
            with self.subTest(what), self.assertRaisesRegex(KubectlError, error):
                self.cluster.kubectl("create", "--validate=false", "-f", "-", input=yaml.safe_dump(manifest))
        self.assertEqual(self.cluster.get("pods")["items"], [])

    def test_bad_bodies(self):
        path = "/api/v1/namespaces/default/configmaps"
        for what, body in {"not JSON": "{", "an array": "[]", "deep": "[" * 100_000, "empty": "{}"}.items():
            with self.subTest(what), self.assertRaises(KubectlError):
                self.cluster.kubectl("create", "--raw", path, "-f", "-", input=body)

    def test_bad_configs(self):
        cases = {
            "unknown key": ("roles: [kubelet]\ntokn: x\n", r":2: .*tokn"),
            "nearest key": ("roles: [kubelet]\njoin:\n  tokn: x\n", r":3: .*token"),
            "wrong type": ("roles: [gateway]\nsecurePort: many\n", r":2: .*securePort"),
            "out of range": ("roles: [gateway]\nsecurePort: 70000\n", r":2: .*securePort"),
            "unknown role": ("roles: [kubelt]\n", r":1: .*kubelet"),
            "not YAML": ("roles: [kubelet\n", r":\d+: "),
            "no roles": ("dataDir: /tmp/x\n", "roles"),
        }
        for what, (text, error) in cases.items():
            with self.subTest(what):
                path = f"{self.cluster.master.folder}/bad.yaml"
                with open(path, "w") as file:
                    file.write(text)
                done = subprocess.run([*self.cluster.master.enter, troupe(), "node", "--config", path], capture_output=True,
                                      text=True, timeout=20)
                self.assertNotEqual(done.returncode, 0)
                self.assertRegex(done.stderr, error)


if __name__ == "__main__":
    spec.main()
