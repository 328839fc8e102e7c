"""exec, attach, cp, port-forward and debug with real containers: kubectl on one host, containerd on another."""
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from cluster import BUSYBOX, ClusterTest, pod
from hosts import wait_for

SPDY = {"KUBECTL_REMOTE_COMMAND_WEBSOCKETS": "false", "KUBECTL_PORT_FORWARD_WEBSOCKETS": "false"}
WAYS = (("WebSocket", {}), ("SPDY", SPDY))


class Streams(ClusterTest):
    workers = ("node1",)

    @classmethod
    def start(cls):
        super().start()
        web = pod("web", "mkdir -p /www; echo hello from within > /www/index.html; httpd -p 127.0.0.1:8080 -h /www; sleep 1000000")
        cls.cluster.create(web, pod("reads", container={"command": ["sh", "-c", "while read line; do echo got $line; done"],
                                                        "stdin": True}))
        cls.cluster.wait_running("web")
        cls.cluster.wait_running("reads")

    def command(self, *args):
        return [*self.cluster.master.enter, "kubectl", "--kubeconfig", self.cluster.kubeconfig, *args]

    def run_kubectl(self, *args, way={}, input=b"", timeout=60):
        return subprocess.run(self.command(*args), input=input, capture_output=True, timeout=timeout, env={**os.environ, **way})

    def test_output_errors_and_exit_code(self):
        for name, way in WAYS:
            with self.subTest(name):
                done = self.run_kubectl("exec", "web", "--", "sh", "-c", "echo out; echo err >&2; exit 3", way=way)
                self.assertEqual((done.returncode, done.stdout), (3, b"out\n"), done.stderr)
                self.assertTrue(done.stderr.startswith(b"err\n"), done.stderr)
                done = self.run_kubectl("exec", "web", "--", "cat", "/www/index.html", way=way)
                self.assertEqual((done.returncode, done.stdout), (0, b"hello from within\n"), done.stderr)
        done = self.run_kubectl("exec", "web", "--", "no-such-program")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"no-such-program", done.stderr)

    def test_input_goes_in_and_ends(self):
        data = os.urandom(1 << 20)
        for name, way in WAYS:
            with self.subTest(name):
                done = self.run_kubectl("exec", "-i", "web", "--", "cat", way=way, input=data)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(done.stdout == data, True, f"{len(done.stdout)} of {len(data)} bytes came back")

    def test_much_output(self):
        size = 256 << 20
        self.run_kubectl("exec", "web", "--", "sh", "-c", f"head -c {size} /dev/zero > /tmp/big")
        for name, way in WAYS:
            with self.subTest(name):
                began = time.monotonic()
                with open("/dev/null", "w") as nothing:
                    done = subprocess.run(self.command("exec", "web", "--", "cat", "/tmp/big"), stdout=nothing, stderr=subprocess.PIPE,
                                          timeout=60, env={**os.environ, **way})
                took = time.monotonic() - began
                self.assertEqual(done.returncode, 0, done.stderr)
                print(f"        {name}: {size / took / 1e6:.0f} MB/s")

    def test_copies_both_ways(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(f"{folder}/in/deep")
            data = os.urandom(3 << 20)
            with open(f"{folder}/in/deep/file", "wb") as file:
                file.write(data)
            done = self.run_kubectl("cp", f"{folder}/in", "web:/tmp/copied")
            self.assertEqual(done.returncode, 0, done.stderr)
            done = self.run_kubectl("cp", "web:/tmp/copied", f"{folder}/out")
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(f"{folder}/out/deep/file", "rb") as file:
                self.assertEqual(file.read() == data, True)

    def test_a_terminal(self):
        import fcntl, struct, termios
        for name, way in WAYS:
            with self.subTest(name):
                me, other = pty.openpty()
                fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 101, 0, 0))
                shell = subprocess.Popen(self.command("exec", "-it", "web", "--", "sh"), stdin=other, stdout=other, stderr=other,
                                         env={**os.environ, **way}, start_new_session=True)
                os.close(other)
                seen = b""

                def read(seconds):
                    nonlocal seen
                    end = time.monotonic() + seconds
                    while time.monotonic() < end:
                        if select.select([me], [], [], 0.1)[0]:
                            seen += os.read(me, 4096)
                end = time.monotonic() + 20
                while b"33 101" not in seen and time.monotonic() < end:
                    os.write(me, b"stty size\r")
                    read(0.5)
                self.assertIn(b"33 101", seen)
                os.write(me, b"sleep 1000; echo interrupted\r")
                read(0.5)
                os.write(me, b"\x03")
                os.write(me, b"exit 5\r")
                self.assertEqual(shell.wait(20), 5)
                os.close(me)

    def test_attach(self):
        attached = subprocess.Popen(self.command("attach", "-i", "reads"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL)
        attached.stdin.write(b"one\n")
        attached.stdin.flush()
        self.assertEqual(attached.stdout.readline(), b"got one\n")
        attached.kill()
        attached.wait()
        attached.stdin.close()
        attached.stdout.close()

    def test_port_forward_to_what_listens_on_loopback_alone(self):
        for name, way in WAYS:
            with self.subTest(name):
                forward = subprocess.Popen(self.command("port-forward", "web", ":8080"), stdout=subprocess.PIPE,
                                           stderr=subprocess.PIPE, text=True, env={**os.environ, **way})
                try:
                    line = forward.stdout.readline()
                    port = re.match(r"Forwarding from 127.0.0.1:(\d+) -> 8080", line)[1]
                    for _ in range(3):
                        got = self.cluster.master.run("busybox", "wget", "-q", "-O", "-", f"http://127.0.0.1:{port}/")
                        self.assertEqual(got, "hello from within\n")
                finally:
                    forward.send_signal(signal.SIGTERM)
                    forward.wait(20)
                    forward.stdout.close()
                    forward.stderr.close()

    def test_debug_sees_the_target(self):
        self.cluster.create(pod("debugged"))
        self.cluster.wait_running("debugged")
        done = self.run_kubectl("debug", "debugged", "-i", "-q", f"--image={BUSYBOX}", "--target=main", "--profile=general",
                                "-c", "debugger", "--", "sh", "-c", "ps; echo seen")
        wait_for(lambda: "seen" in self.cluster.kubectl("logs", "debugged", "-c", "debugger", check=False), "the debugger has run")
        self.assertIn("sleep 1000000", self.cluster.kubectl("logs", "debugged", "-c", "debugger"), done.stderr)
        ended = self.cluster.wait_pod("debugged", lambda p: "terminated" in p["status"]["ephemeralContainerStatuses"][0]["state"], "debugged")
        self.assertEqual(ended["status"]["phase"], "Running")

    def test_a_container_that_ends_ends_its_sessions(self):
        self.cluster.create(pod("short"))
        self.cluster.wait_running("short")
        session = subprocess.Popen(self.command("exec", "short", "--", "sleep", "1000"), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(1)
        self.cluster.kubectl("delete", "pod", "short", "--grace-period=0", "--force")
        self.assertNotEqual(session.wait(20), 0)


if __name__ == "__main__":
    spec.main()
