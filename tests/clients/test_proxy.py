"""The subresource proxy of services, pods and nodes, with kubectl and a real HTTP server behind it."""
import base64
import hashlib
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from local import NamespaceTest, free_port, own_address
from webhooks import self_signed


class Backend:
    """Answers what it was asked; /big a megabyte, /upgrade leaves HTTP and echoes."""

    def __init__(self, address, files=None):
        outer = self
        self.asked = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def any(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                outer.asked.append((self.command, self.path, body, dict(self.headers)))
                if self.path.startswith("/upgrade"):
                    return self.echo()
                code = 418 if self.path.startswith("/teapot") else 200
                text = b"x" * (1 << 20) if self.path == "/big" else f"{self.command} {self.path} {body}".encode()
                self.send_response(code)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(text)))
                self.send_header("X-Backend", "here")
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = any

            def echo(self):
                key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
                self.send_response(101)
                self.send_header("Connection", "Upgrade")
                self.send_header("Upgrade", "websocket")
                self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
                self.end_headers()
                self.wfile.flush()
                while piece := self.connection.recv(4096):
                    self.connection.sendall(piece)
                self.close_connection = True

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer((address, 0), Handler)
        self.server.daemon_threads = True
        if files:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*files)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Proxy(NamespaceTest):
    def serve(self, name="web", address=None, **ports):
        """A Service whose ports lead to these servers."""
        address = address or own_address()
        self.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
                     "spec": {"ports": [{"name": port, "port": number} for port, (number, _) in ports.items()]}},
                    {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                     "metadata": {"name": name, "labels": {"kubernetes.io/service-name": name}},
                     "endpoints": [{"addresses": [address]}],
                     "ports": [{"name": port, "port": target} for port, (_, target) in ports.items()]})

    def backend(self, **more):
        made = Backend(own_address(), **more)
        self.addCleanup(made.stop)
        return made

    def path(self, rest, kind="services"):
        return f"/api/v1/namespaces/{self.namespace}/{kind}/{rest}"

    def curl(self, path, *args):
        done = self.up.run("curl", "-s", "-w", "\n%{http_code}", *args, self.up.insecure + path)
        body, _, code = done.stdout.rpartition("\n")
        return int(code), body

    def test_services(self):
        server = self.backend()
        self.serve(http=(80, server.port))
        for service in ("web:80", "web:http", "http:web:http"):
            self.assertEqual(self.kubectl("get", "--raw", self.path(f"{service}/proxy/a%20b/c?x=1&y=%26")), "GET /a%20b/c?x=1&y=%26 ")
        self.assertEqual(self.curl(self.path("web:80/proxy/p"), "-d", "body"), (200, "POST /p body"))
        for method in ("PUT", "PATCH", "DELETE"):
            self.assertEqual(self.curl(self.path("web:80/proxy/p"), "-X", method), (200, f"{method} /p "))
        self.assertEqual(self.curl(self.path("web:80/proxy/teapot")), (418, "GET /teapot "))
        self.assertEqual(len(self.kubectl("get", "--raw", self.path("web:80/proxy/big"))), 1 << 20)
        headers = self.up.run("curl", "-si", self.up.insecure + self.path("web:80/proxy")).stdout
        self.assertIn("301", headers.splitlines()[0])
        self.assertIn(f"Location: {self.path('web:80/proxy/')}", headers)
        # Who asks is nobody's business there.
        self.assertFalse({"Authorization", "X-Remote-User"} & set(server.asked[0][3]))
        for rest, code, said in (("none:80", 404, 'services "none" not found'), ("web:81", 503, 'no service port 81 found for service "web"'),
                                 ("web:other", 503, 'no endpoints available for service "web"'), ("ftp:web:80", 400, "invalid service request")):
            found, body = self.curl(self.path(f"{rest}/proxy/"))
            self.assertEqual(found, code, body)
            self.assertIn(said, json.loads(body)["message"])
        server.stop()
        found, body = self.curl(self.path("web:80/proxy/"))
        self.assertEqual((found, json.loads(body)["reason"]), (503, "ServiceUnavailable"))
        self.assertIn("error trying to reach service: ", body)

    def test_over_tls(self):
        with tempfile.TemporaryDirectory() as folder:
            server = self.backend(files=self_signed(folder, "DNS:whoever"))
            self.serve(https=(443, server.port))
            self.assertEqual(self.kubectl("get", "--raw", self.path("https:web:https/proxy/x")), "GET /x ")
            self.assertEqual(self.curl(self.path("web:https/proxy/x"))[0], 503)

    def test_upgrade(self):
        server = self.backend()
        self.serve(http=(80, server.port))
        with socket.create_connection(("127.0.0.1", self.up.insecure_port), 10) as connection:
            connection.sendall((f"GET {self.path('web:80/proxy/upgrade')} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += connection.recv(4096)
            self.assertTrue(answer.startswith(b"HTTP/1.1 101"), answer)
            self.assertIn(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", answer)
            connection.sendall(b"hello" * 1000)
            got = b""
            while len(got) < 5000:
                got += connection.recv(4096)
            self.assertEqual(got, b"hello" * 1000)

    def test_rights(self):
        server = self.backend()
        self.serve(http=(80, server.port))
        self.kubectl("create", "role", "reads", "--verb=get", "--resource=services/proxy", "--resource-name=web:80")
        self.kubectl("create", "rolebinding", "reads", "--role=reads", "--user=jane")
        self.kubectl("get", "--raw", self.path("web:80/proxy/deep/path"), "--as=jane")
        for args in (("get", "--raw", self.path("web:http/proxy/")), ("create", "--raw", self.path("web:80/proxy/"), "-f", "/dev/null"),
                     ("get", "--raw", self.path("p/proxy/", "pods"))):
            self.assertIn("forbidden", self.refused(*args, "--as=jane").lower())
        self.assertEqual(len(server.asked), 1)

    def test_kubectl_proxy(self):
        server = self.backend()
        self.serve(http=(80, server.port))
        port = free_port()
        process = subprocess.Popen(["kubectl", "proxy", f"--port={port}"], stdout=subprocess.PIPE,
                                   env={**os.environ, "KUBECONFIG": self.up.kubeconfig})
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.stdout.readline()
        url = f"http://127.0.0.1:{port}{self.path('web:80/proxy/through')}"
        self.assertEqual(self.up.run("curl", "-s", url).stdout, "GET /through ")

    def test_pods(self):
        server = self.backend()
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {
            "schedulerName": "none", "containers": [{"name": "c", "image": "busybox", "ports": [{"containerPort": server.port}]}]}}
        self.create(pod)
        self.assertIn("address not allowed", self.refused("get", "--raw", self.path("p/proxy/", "pods")))
        address = lambda ip: self.kubectl("patch", "pod", "p", "--subresource=status", "--type=merge", "-p", json.dumps({"status": {"podIP": ip, "podIPs": [{"ip": ip}]}}))
        address(own_address())
        self.assertEqual(self.kubectl("get", "--raw", self.path("p/proxy/x", "pods")), "GET /x ")
        self.assertEqual(self.kubectl("get", "--raw", self.path(f"http:p:{server.port}/proxy/x", "pods")), "GET /x ")
        for ip in ("127.0.0.1", "169.254.169.254"):
            address(ip)
            self.assertIn("address not allowed", self.refused("get", "--raw", self.path("p/proxy/", "pods")))
        self.kubectl("run", "simulated", "--image=busybox:1.35")
        self.kubectl("wait", "--for=condition=Ready", "pod/simulated")
        found, body = self.curl(self.path("simulated:80/proxy/", "pods"))
        self.assertEqual((found, json.loads(body)["message"]), (503, 'pod "simulated" runs on a simulated node, which has no network'))

    def test_nodes(self):
        found, body = self.curl("/api/v1/nodes/node1/proxy/metrics")
        self.assertEqual(found, 503)
        self.assertIn('the kubelet of node "node1" serves no HTTP', json.loads(body)["message"])
        self.assertEqual(self.curl("/api/v1/nodes/none:9100/proxy/")[0], 404)
        self.assertIn("over HTTPS alone", self.up.troupe("get", "--raw", "/api/v1/nodes/node1/proxy/metrics").stderr)

    def test_discovery(self):
        resources = {r["name"]: r for r in json.loads(self.kubectl("get", "--raw", "/api/v1"))["resources"]}
        for name, kind in (("nodes/proxy", "NodeProxyOptions"), ("pods/proxy", "PodProxyOptions"), ("services/proxy", "ServiceProxyOptions")):
            self.assertEqual((resources[name]["kind"], resources[name]["verbs"]), (kind, ["create", "delete", "get", "patch", "update"]))


if __name__ == "__main__":
    spec.main()
