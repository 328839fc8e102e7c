"""exec, attach, cp and port-forward of kubectl and the Python client, against simulated containers."""
import base64
import json
import os
import pty
import re
import select
import signal
import socket
import ssl
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import pod
from hosts import wait_for
from local import UpTest, free_port

try:
    import kubernetes
    import kubernetes.stream
except ImportError:
    kubernetes = None

# How kubectl speaks: WebSockets first, SPDY when told so (and when the former fail).
SPDY = {"KUBECTL_REMOTE_COMMAND_WEBSOCKETS": "false", "KUBECTL_PORT_FORWARD_WEBSOCKETS": "false"}
WAYS = (("WebSocket", {}), ("SPDY", SPDY))


class Streams(UpTest):
    nodes = 1

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        echo = pod("p")
        echo["spec"]["containers"][0]["command"] = ["nc", "-lk", "-p", "8080", "-e", "cat"]
        two = pod("two")
        two["spec"]["containers"].append({**two["spec"]["containers"][0], "name": "side"})
        cat = pod("cat", container={"command": ["cat"], "stdin": True})
        for made in (echo, two, cat):
            cls.up.kubectl("create", "-f", "-", input=json.dumps(made))
        cls.up.kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=30s")

    def run_kubectl(self, *args, way={}, input=b"", timeout=30):
        return subprocess.run(["kubectl", *args], input=input, capture_output=True, timeout=timeout, env=self.environment(way))

    def environment(self, way):
        return {**os.environ, "KUBECONFIG": self.up.kubeconfig, "HOME": self.up.folder, **way}

    def test_output_errors_and_exit_code(self):
        for name, way in WAYS:
            with self.subTest(name):
                done = self.run_kubectl("exec", "p", "--", "sh", "-c", "echo out; echo err >&2; exit 3", way=way)
                self.assertEqual((done.returncode, done.stdout), (3, b"out\n"), done.stderr)
                self.assertTrue(done.stderr.startswith(b"err\n"), done.stderr)
                self.assertIn(b"command terminated with exit code 3", done.stderr)
                done = self.run_kubectl("exec", "p", "--", "echo", "well", way=way)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"well\n", b""))

    def test_input_goes_in_and_ends(self):
        data = os.urandom(1 << 20)
        for name, way in WAYS:
            with self.subTest(name):
                done = self.run_kubectl("exec", "-i", "p", "--", "cat", way=way, input=data)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(done.stdout == data, True, f"{len(done.stdout)} of {len(data)} bytes came back")

    def test_much_output(self):
        size = 64 << 20
        for name, way in WAYS:
            with self.subTest(name):
                began = time.monotonic()
                done = self.run_kubectl("exec", "p", "--", "head", "-c", str(size), "/dev/zero", way=way)
                took = time.monotonic() - began
                self.assertEqual((done.returncode, len(done.stdout)), (0, size), done.stderr)
                print(f"        {name}: {size / took / 1e6:.0f} MB/s")

    def test_a_slow_reader_holds_the_command_up(self):
        before = self.memory()
        reader = subprocess.Popen(["kubectl", "exec", "p", "--", "head", "-c", str(1 << 30), "/dev/zero"],
                                  stdout=subprocess.PIPE, env=self.environment({}))
        self.addCleanup(reader.stdout.close)
        self.addCleanup(reader.wait)
        self.addCleanup(reader.kill)
        self.assertTrue(reader.stdout.read(1))
        time.sleep(2)
        self.assertLess(self.memory() - before, 64 << 20)

    def memory(self):
        with open(f"/proc/{self.up.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) << 10

    def test_a_terminal(self):
        for name, way in WAYS:
            with self.subTest(name):
                me, other = pty.openpty()
                import fcntl, struct, termios
                fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 101, 0, 0))
                shell = subprocess.Popen(["kubectl", "exec", "-it", "p", "--", "sh"], stdin=other, stdout=other, stderr=other,
                                         env=self.environment(way), start_new_session=True)
                os.close(other)
                seen = b""

                def until(wanted):
                    nonlocal seen
                    end = time.monotonic() + 20
                    while wanted not in seen and time.monotonic() < end:
                        if select.select([me], [], [], 0.2)[0]:
                            try:
                                seen += os.read(me, 4096)
                            except OSError:
                                break
                    self.assertIn(wanted, seen)
                until(b"# ")
                # The size follows the terminal's soon after the start.
                end = time.monotonic() + 20
                while b"33 101" not in seen and time.monotonic() < end:
                    os.write(me, b"stty size\n")
                    time.sleep(0.3)
                    while select.select([me], [], [], 0.1)[0]:
                        seen += os.read(me, 4096)
                self.assertIn(b"33 101", seen)
                os.write(me, b"exit 5\n")
                self.assertEqual(shell.wait(20), 5)
                os.close(me)

    def test_attach(self):
        for name, way in WAYS:
            with self.subTest(name):
                attached = subprocess.Popen(["kubectl", "attach", "-i", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=subprocess.DEVNULL, env=self.environment(way))
                attached.stdin.write(b"hello\n")
                attached.stdin.flush()
                self.assertEqual(attached.stdout.readline(), b"hello\n")
                attached.kill()
                attached.wait()
                attached.stdin.close()
                attached.stdout.close()

    def test_run_interactively(self):
        done = self.run_kubectl("run", "once", "--image=shell", "--restart=Never", "-i", "--rm", "-q",
                                "--pod-running-timeout=30s", input=b"echo from within\nexit 0\n")
        self.assertIn(b"from within", done.stdout, done.stderr)

    def test_port_forward(self):
        for name, way in WAYS:
            with self.subTest(name):
                forward = subprocess.Popen(["kubectl", "port-forward", "p", ":8080", ":9090"], stdout=subprocess.PIPE,
                                           stderr=subprocess.PIPE, text=True, env=self.environment(way))
                try:
                    ports = {}
                    while len(ports) < 2:
                        line = forward.stdout.readline()
                        self.assertTrue(line, "port-forward ended")
                        if found := re.match(r"Forwarding from 127.0.0.1:(\d+) -> (\d+)", line):
                            ports[int(found[2])] = int(found[1])
                    for text in (b"first", b"second" * 10000):
                        with socket.create_connection(("127.0.0.1", ports[8080]), 10) as s:
                            s.sendall(text)
                            s.shutdown(socket.SHUT_WR)
                            back = b""
                            while piece := s.recv(65536):
                                back += piece
                            self.assertEqual(back == text, True, f"{len(back)} of {len(text)}")
                    with socket.create_connection(("127.0.0.1", ports[9090]), 10) as s:
                        self.assertEqual(s.recv(10), b"")
                    said = forward.stderr.readline()
                    self.assertIn("failed to connect to localhost:9090 inside the simulated pod: connection refused", said)
                finally:
                    forward.send_signal(signal.SIGTERM)
                    forward.wait(20)
                    forward.stdout.close()
                    forward.stderr.close()

    def test_what_is_refused(self):
        self.up.kubectl("create", "-f", "-", input=json.dumps(pod("nowhere", nodeSelector={"no": "where"})))
        self.kubectl("create", "role", "looker", "--verb=get", "--resource=pods")
        self.kubectl("create", "rolebinding", "looker", "--role=looker", "--user=looker")
        cases = [
            (("exec", "nobody", "--", "ls"), 'pods "nobody" not found'),
            (("exec", "p", "-c", "other", "--", "ls"), "container other is not valid for pod p"),
            (("exec", "nowhere", "--", "ls"), "pod nowhere does not have a host assigned"),
            (("exec", "p", "--as=looker", "--", "ls"), 'cannot create resource "pods/exec"'),
            (("port-forward", "p", ":1", "--as=looker"), 'cannot create resource "pods/portforward"'),
        ]
        for args, wanted in cases:
            done = self.run_kubectl(*args)
            self.assertNotEqual(done.returncode, 0, args)
            self.assertIn(wanted, done.stderr.decode(), args)

    def answer(self, target, method="GET", **headers):
        """The status line and body of a bare request over the plain port."""
        with socket.create_connection(("127.0.0.1", self.up.insecure_port), 10) as s:
            lines = [f"{method} /api/v1/namespaces/default/pods/{target} HTTP/1.1", "Host: x"]
            lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
            s.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            text = s.recv(65536).decode("latin-1")
        return int(text.split()[1]), text

    def test_bare_requests(self):
        web = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13",
               "Sec_WebSocket_Key": base64.b64encode(b"0" * 16).decode()}
        cases = [
            ("p/exec?command=ls&stdout=1", "GET", {}, 400, "Upgrade request required"),
            ("p/exec?command=ls&stdout=1", "PUT", {}, 405, "the server does not allow this method"),
            ("p/exec?command=ls", "GET", web, 400, "you must specify at least 1 of stdin, stdout, stderr"),
            ("two/exec?command=ls&stdout=1", "GET", web, 400,
             "a container name must be specified for pod two, choose one of: [main side]"),
            ("p/exec?command=ls&stdout=1", "GET", {**web, "Sec_WebSocket_Protocol": "v9.channel.k8s.io"}, 400,
             "unable to negotiate protocol: client supports [v9.channel.k8s.io]"),
            ("p/exec?command=ls&stdout=1", "POST", {"Upgrade": "SPDY/3.1", "Connection": "Upgrade",
                                                    "X_Stream_Protocol_Version": "v9.channel.k8s.io"}, 403, "unable to negotiate protocol"),
            ("p/exec?command=ls&stdout=1", "GET", {**web, "Sec_WebSocket_Version": "7"}, 400, "RFC 6455"),
            ("p/portforward", "GET", {**web, "Sec_WebSocket_Protocol": "v4.channel.k8s.io"}, 400,
             'query parameter \\"port\\" is required'),
            ("p/exec?command=ls&stdout=1", "GET", web, 101, "Sec-WebSocket-Accept: "),
        ]
        for target, method, headers, code, text in cases:
            got, answer = self.answer(target, method, **headers)
            self.assertEqual(got, code, f"{method} {target} {headers}: {answer}")
            self.assertIn(text, answer)

    def test_broken_frames_end_the_session_alone(self):
        web = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "0" * 22 + "=="}
        with socket.create_connection(("127.0.0.1", self.up.insecure_port), 10) as s:
            head = "".join(f"{name}: {value}\r\n" for name, value in web.items())
            s.sendall(("GET /api/v1/namespaces/default/pods/p/exec?command=cat&stdin=1&stdout=1 HTTP/1.1\r\nHost: x\r\n"
                       + head + "\r\n").encode())
            self.assertIn(b" 101 ", s.recv(4096))
            s.sendall(b"\xff\xff\xff\xff")
            s.settimeout(10)
            while s.recv(4096):
                pass
        self.assertEqual(self.run_kubectl("exec", "p", "--", "echo", "on").stdout, b"on\n")

    @unittest.skipUnless(kubernetes, "python3-kubernetes is not installed")
    def test_python(self):
        kubernetes.config.load_kube_config(self.up.kubeconfig)
        core = kubernetes.client.CoreV1Api()
        call = lambda *command, **more: kubernetes.stream.stream(
            core.connect_get_namespaced_pod_exec, "p", "default", command=list(command),
            **{"stdin": False, "stdout": True, "stderr": True, "tty": False, **more})
        self.assertEqual(call("echo", "hello"), "hello\n")
        asked = call("sh", stdin=True, _preload_content=False)
        asked.write_stdin("echo one\n")
        self.assertEqual(asked.readline_stdout(timeout=10), "one")
        asked.write_stdin("exit 7\n")
        asked.run_forever(timeout=10)
        self.assertEqual(asked.returncode, 7)
        with self.assertRaises(kubernetes.client.ApiException) as caught:
            kubernetes.stream.stream(core.connect_get_namespaced_pod_exec, "nobody", "default", command=["ls"], stdout=True)
        self.assertIn("404", str(caught.exception))
        forward = kubernetes.stream.portforward(core.connect_get_namespaced_pod_portforward, "p", "default", ports="8080,9090")
        s = forward.socket(8080)
        s.setblocking(True)
        s.settimeout(10)
        s.sendall(b"ping")
        self.assertEqual(s.recv(100), b"ping")
        s.close()
        wait_for(lambda: forward.error(9090), "the refused port says so")
        self.assertIn("connection refused", forward.error(9090))


if __name__ == "__main__":
    spec.main()
