"""Protobuf as Kubernetes' own components speak it, read by a decoder nobody here wrote: protoc."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from local import UpTest

PROTOBUF = "application/vnd.kubernetes.protobuf"
MARK = b"k8s\0"

# The part of Kubernetes' published .proto files that the cases look at, with the names and numbers from there.
PROTO = """
syntax = "proto2";
message Unknown { optional TypeMeta typeMeta = 1; optional bytes raw = 2; optional string contentEncoding = 3; optional string contentType = 4; }
message TypeMeta { optional string apiVersion = 1; optional string kind = 2; }
message Time { optional int64 seconds = 1; optional int32 nanos = 2; }
message ObjectMeta { optional string name = 1; optional string namespace = 3; optional string uid = 5; optional string resourceVersion = 6;
  optional int64 generation = 7; optional Time creationTimestamp = 8; map<string, string> labels = 11; }
message ListMeta { optional string resourceVersion = 2; }
message IntOrString { optional int64 type = 1; optional int32 intVal = 2; optional string strVal = 3; }
message Pod { optional ObjectMeta metadata = 1; optional PodSpec spec = 2; optional PodStatus status = 3; }
message PodList { optional ListMeta metadata = 1; repeated Pod items = 2; }
message PodSpec { repeated Container containers = 2; optional string restartPolicy = 3; optional int64 terminationGracePeriodSeconds = 4;
  optional string nodeName = 10; }
message Container { optional string name = 1; optional string image = 2; repeated string command = 3; }
message PodStatus { optional string phase = 1; optional string podIP = 6; }
message Node { optional ObjectMeta metadata = 1; optional NodeSpec spec = 2; }
message NodeSpec { optional string podCIDR = 1; repeated Taint taints = 5; }
message Taint { optional string key = 1; optional string value = 2; optional string effect = 3; }
message Service { optional ObjectMeta metadata = 1; optional ServiceSpec spec = 2; }
message ServiceSpec { repeated ServicePort ports = 1; map<string, string> selector = 2; optional string clusterIP = 3; optional string type = 4; }
message ServicePort { optional string name = 1; optional string protocol = 2; optional int32 port = 3; optional IntOrString targetPort = 4; }
message Lease { optional ObjectMeta metadata = 1; optional LeaseSpec spec = 2; }
message LeaseSpec { optional string holderIdentity = 1; optional int32 leaseDurationSeconds = 2; optional Time renewTime = 4; }
message ObjectReference { optional string kind = 1; optional string namespace = 2; optional string name = 3; }
message Event { optional ObjectMeta metadata = 1; optional ObjectReference involvedObject = 2; optional string reason = 3;
  optional string message = 4; optional string type = 9; }
message Status { optional string status = 2; optional string message = 3; optional string reason = 4; optional int32 code = 6; }
message RawExtension { optional bytes raw = 1; }
message WatchEvent { optional string type = 1; optional RawExtension object = 2; }
"""


class Protobuf(UpTest):
    """Over the insecure port, read by protoc."""

    @classmethod
    def setUpClass(cls):
        if not shutil.which("protoc"):
            raise unittest.SkipTest("protoc is not installed")
        super().setUpClass()
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        with open(f"{cls.folder}/k.proto", "w") as file:
            file.write(PROTO)

    def http(self, method, path, body=None, accept=PROTOBUF, content_type=PROTOBUF):
        request = urllib.request.Request(self.up.insecure + path, body, {"Accept": accept, "Content-Type": content_type}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers["Content-Type"], answer.read()

    def protoc(self, action, message, data):
        done = subprocess.run(["protoc", f"--proto_path={self.folder}", f"--{action}={message}", "k.proto"], input=data, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def decode(self, message, data):
        """protoc's text of a message."""
        return self.protoc("decode", message, data).decode()

    def envelope(self, data):
        """apiVersion, kind and message of an object on the wire."""
        self.assertTrue(data.startswith(MARK), data[:20])
        text = self.decode("Unknown", data[len(MARK):])
        field = lambda name: text.split(f"{name}: \"")[1].split("\"\n")[0]
        raw = field("raw").encode().decode("unicode_escape").encode("latin-1")
        return field("apiVersion"), field("kind"), raw

    def fetch(self, path, message):
        code, content_type, data = self.http("GET", path)
        self.assertEqual((code, content_type), (200, PROTOBUF))
        api_version, kind, raw = self.envelope(data)
        self.assertEqual(kind, message)
        return api_version, self.decode(message, raw)

    def test_objects_as_protoc_reads_them(self):
        meta = lambda name: {"name": name, "namespace": "default"}
        self.kubectl("create", "-f", "-", input=yaml.safe_dump_all([
            pod("proto", labels={"app": "x"}, schedulerName="nobody"),
            {"apiVersion": "v1", "kind": "Service", "metadata": meta("proto"), "spec": {
                "ports": [{"port": 80, "targetPort": "http"}], "selector": {"app": "x"}}},
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "proto"}, "spec": {
                "podCIDR": "10.9.0.0/24", "taints": [{"key": "k", "effect": "NoSchedule"}]}},
            {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": meta("proto"), "spec": {
                "holderIdentity": "me", "leaseDurationSeconds": 15, "renewTime": "2024-05-01T10:00:00.123456Z"}},
            {"apiVersion": "v1", "kind": "Event", "metadata": meta("proto"), "reason": "Proto", "message": "ä \"b\"", "type": "Normal",
             "involvedObject": {"kind": "Pod", "name": "proto", "namespace": "default"}}]))
        stored = self.get("pod", "proto")
        core, leases = "/api/v1", "/apis/coordination.k8s.io/v1"
        for path, kind, lines in (
                (f"{core}/namespaces/default/pods/proto", "Pod", (
                    'name: "proto"', f'uid: "{stored["metadata"]["uid"]}"', 'key: "app"', 'phase: "Pending"', 'restartPolicy: "Always"',
                    f'resourceVersion: "{stored["metadata"]["resourceVersion"]}"', "terminationGracePeriodSeconds: 1")),
                (f"{core}/namespaces/default/services/proto", "Service", ("port: 80", 'strVal: "http"', "type: 1")),
                (f"{core}/nodes/proto", "Node", ('podCIDR: "10.9.0.0/24"', 'effect: "NoSchedule"')),
                (f"{leases}/namespaces/default/leases/proto", "Lease", (
                    'holderIdentity: "me"', "leaseDurationSeconds: 15", "seconds: 1714557600", "nanos: 123456000")),
                (f"{core}/namespaces/default/events/proto", "Event", ('reason: "Proto"', 'message: "\\303\\244 \\"b\\""', 'kind: "Pod"'))):
            with self.subTest(kind):
                api_version, text = self.fetch(path, kind)
                self.assertEqual(api_version, "v1" if path.startswith(core) else "coordination.k8s.io/v1")
                for line in lines:
                    self.assertIn(line, text)

    def test_what_protoc_writes_is_created(self):
        service = self.protoc("encode", "Service", b'metadata { name: "made" labels { key: "a" value: "b" } } spec { type: "ClusterIP" '
                              b'ports { name: "web" port: 80 protocol: "TCP" targetPort { type: 1 intVal: 0 strVal: "http" } } '
                              b'selector { key: "app" value: "x" } }')
        unknown = self.protoc("encode", "Unknown", b'typeMeta { apiVersion: "v1" kind: "Service" } contentEncoding: "" contentType: "" raw: "'
                              + "".join(f"\\{byte:03o}" for byte in service).encode() + b'"')
        code, content_type, data = self.http("POST", "/api/v1/namespaces/default/services", MARK + unknown)
        self.assertEqual((code, content_type), (201, PROTOBUF))
        self.assertIn('strVal: "http"', self.decode("Service", self.envelope(data)[2]))
        stored = self.get("service", "made")
        self.assertEqual(stored["spec"]["ports"], [{"name": "web", "port": 80, "protocol": "TCP", "targetPort": "http"}])
        self.assertEqual(stored["metadata"]["labels"], {"a": "b"})

    def test_lists_and_failures(self):
        self.kubectl("create", "-f", "-", input=json.dumps(pod("listed", schedulerName="nobody")))
        _, text = self.fetch("/api/v1/pods?limit=500", "PodList")
        self.assertIn('name: "listed"', text)
        code, content_type, data = self.http("GET", "/api/v1/namespaces/default/pods/missing")
        self.assertEqual((code, content_type), (404, PROTOBUF))
        text = self.decode("Status", self.envelope(data)[2])
        self.assertIn('reason: "NotFound"', text)
        self.assertIn("code: 404", text)

    def test_a_watch_comes_in_frames(self):
        self.kubectl("create", "-f", "-", input=json.dumps(pod("watched", schedulerName="nobody")))
        code, content_type, data = self.http(
            "GET", "/api/v1/namespaces/default/pods?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dwatched")
        self.assertEqual((code, content_type), (200, PROTOBUF + ";stream=watch"))
        length = int.from_bytes(data[:4], "big")
        event = self.decode("WatchEvent", data[4:4 + length])
        self.assertIn('type: "ADDED"', event)
        raw = event.split('raw: "')[1].split('"\n')[0].encode().decode("unicode_escape").encode("latin-1")
        self.assertIn('name: "watched"', self.decode("Pod", self.envelope(raw)[2]))

    def test_resources_know_no_head(self):
        for method in ("HEAD", "OPTIONS"):
            self.assertEqual(self.http(method, "/api/v1/pods", accept="application/json")[0], 405)


if __name__ == "__main__":
    spec.main()
