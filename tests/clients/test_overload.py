"""More than the server can carry: what others notice of it, what it costs in memory, and that it passes."""
import asyncio
import base64
import json
import os
import re
import resource
import socket
import ssl
import sys
import tempfile
import threading
import time

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import spec
from hosts import wait_for
from local import UpTest

TOKENS = 'greedy-token,greedy,1,"team"\nmodest-token,modest,2,"team"\n'
CONFIGMAPS = "/api/v1/namespaces/default/configmaps"


class Overload(UpTest):
    nodes = 1

    @classmethod
    def setUpClass(cls):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        cls.files = most
        with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as file:
            file.write(TOKENS)
        cls.addClassCleanup(os.unlink, file.name)
        cls.flags = ("--token-auth-file", file.name, "--authorization-mode", "AlwaysAllow")
        super().setUpClass()
        with open(cls.up.kubeconfig) as config:
            cluster = yaml.safe_load(config)["clusters"][0]["cluster"]
        host, _, port = cluster["server"].removeprefix("https://").partition(":")
        cls.secure, cls.plain = (host, int(port)), ("127.0.0.1", cls.up.insecure_port)
        cls.context = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        # Six MB to list.
        objects = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"big{i}"}, "data": {"x": "y" * 15000}}
                   for i in range(400)]
        made = cls.up.kubectl("create", "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
        assert made.returncode == 0, made.stderr

    def resident(self):
        """MiB of the server."""
        with open(f"/proc/{self.up.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024

    def connections(self):
        return len(os.listdir(f"/proc/{self.up.process.pid}/fd"))

    def open(self, count, request=b"", to=None, small=False):
        """So many connections over which nothing is read; they are closed when the case ends."""
        made = []
        self.addCleanup(lambda: [s.close() for s in made])
        for _ in range(count):
            s = socket.socket()
            if small:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.settimeout(30)
            s.connect(to or self.plain)
            if request:
                s.sendall(request)
            made.append(s)
        return made

    @staticmethod
    def asks(path, token=None, method="GET", body=""):
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return (head + (f"Authorization: Bearer {token}\r\n" if token else "") + "\r\n" + body).encode()

    def modest_writes(self, seconds, prefix):
        """Says what another user's small writes, and health, take for so long: under a second, 99 of 100."""
        async def run():
            reader, writer = await asyncio.open_connection(*self.secure, ssl=self.context, server_hostname="127.0.0.1")
            times, health, end = [], [], time.monotonic() + seconds
            while time.monotonic() < end:
                for path, took, code in ((CONFIGMAPS, times, b"201"), ("/readyz", health, b"200")):
                    body = json.dumps({"metadata": {"name": f"{prefix}-{len(times)}"}}) if took is times else ""
                    began = time.monotonic()
                    writer.write(self.asks(path, "modest-token", "POST" if body else "GET", body))
                    head = await reader.readuntil(b"\r\n\r\n")
                    await reader.readexactly(int(re.search(rb"(?i)content-length: (\d+)", head).group(1)))
                    took.append(time.monotonic() - began)
                    self.assertEqual(head.split(b" ")[1], code)
                await asyncio.sleep(0.02)
            writer.close()
            return sorted(times), sorted(health)
        times, health = asyncio.run(run())
        p99, well = times[int(len(times) * 0.99)], health[int(len(health) * 0.99)]
        print(f"        {prefix}: {len(times)} writes p50 {times[len(times) // 2] * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms; "
              f"readyz p99 {well * 1e3:.1f} ms; {self.resident():.0f} MiB")
        self.assertLess(p99, 1)
        self.assertLess(well, 1)

    def test_idle_watchers(self):
        count = min(10_000, self.files * 7 // 8 - 100)
        before = self.resident()
        watching = self.open(count, self.asks("/api/v1/namespaces/kube-public/secrets?watch=1"))
        for s in watching:
            self.assertIn(b"200 OK", s.recv(4096))
        print(f"        {count} watchers, {(self.resident() - before) * 1024 / count:.1f} KiB each")
        self.assertLess(self.resident() - before, count * 32 / 1024)
        self.modest_writes(3, "watched")
        self.kubectl("create", "-n", "kube-public", "secret", "generic", "seen")
        for s in watching:
            self.assertIn(b'"ADDED"', s.recv(4096))

    def test_clients_that_take_nothing(self):
        """1,000 readers that do not read, 1,000 handshakes and 1,000 headers that do not end: each is cut off."""
        many = min(1000, self.files // 8)
        before, idle = self.resident(), self.connections()
        half_open = self.open(many, to=self.secure)
        headers = self.open(many, b"GET /readyz HT")
        kept = self.open(many // 2, self.asks(CONFIGMAPS), small=True)
        kept += self.open(many // 2, self.asks(CONFIGMAPS + "?watch=1"), small=True)
        self.modest_writes(10, "slow")
        self.assertLess(self.resident() - before, 500)
        for of, name in ((half_open, "handshakes"), (headers, "headers")):
            self.assertEqual(self.ended(of), len(of), name)
        # Who is in the middle of an answer learns of it when there is no more to read.
        wait_for(lambda: self.connections() < idle + 10, "readers are cut off", 60)
        self.assertEqual(len(kept), many // 2 * 2)

    @staticmethod
    def ended(connections):
        """How many the server has closed, within a minute."""
        count, end = 0, time.monotonic() + 60
        for s in connections:
            s.settimeout(max(0.1, end - time.monotonic()))
            try:
                while s.recv(4096):
                    pass
                count += 1
            except ConnectionError:
                count += 1
            except TimeoutError:
                pass
        return count

    def test_ten_times_the_load_that_one_user_can_have(self):
        request = self.asks(CONFIGMAPS + "?labelSelector=none", "greedy-token")
        sustainable = asyncio.run(self.greedy(request, 3, None))[200] / 3
        before = self.resident()
        seen = {}
        flood = threading.Thread(target=lambda: seen.update(asyncio.run(self.greedy(request, 8, 10 * sustainable))))
        flood.start()
        time.sleep(1)
        self.modest_writes(5, "flooded")
        high = self.resident()
        flood.join()
        print(f"        {sustainable:.0f}/s are sustainable; of ten times as many for 8 s: {seen}; {high - before:+.0f} MiB")
        self.assertGreater(seen["sent"], 5 * sustainable)
        self.assertLess(high - before, 300)
        self.modest_writes(1, "after")

    async def greedy(self, request, seconds, rate, connections=128):
        """One user's requests over so many connections: each after its answer, or at a rate a second whatever is
        answered. Counts the answers by code, and what was sent."""
        seen, stop = {"sent": 0}, time.monotonic() + seconds

        async def read(reader, answered):
            try:
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    size = re.search(rb"(?i)content-length: (\d+)", head)
                    await reader.readexactly(int(size.group(1)))
                    code = int(head.split(b" ")[1])
                    seen[code] = seen.get(code, 0) + 1
                    answered()
            except (asyncio.IncompleteReadError, ConnectionError):
                seen["cut off"] = seen.get("cut off", 0) + 1

        async def one():
            reader, writer = await asyncio.open_connection(*self.secure, ssl=self.context, server_hostname="127.0.0.1")
            due, share = time.monotonic(), rate and rate / connections

            def send(n):
                # What the kernel does not take of a connection is not sent.
                if not writer.is_closing() and writer.transport.get_write_buffer_size() < 1 << 18:
                    writer.write(request * n)
                    seen["sent"] += n
            reading = asyncio.ensure_future(read(reader, lambda: None if rate or time.monotonic() > stop else send(1)))
            if not rate:
                send(1)
            while time.monotonic() < stop:
                await asyncio.sleep(0.1)
                if rate and (n := int((time.monotonic() - due) * share)):
                    due += n / share
                    send(n)
            reading.cancel()
            writer.transport.abort()
        await asyncio.gather(*(one() for _ in range(connections)))
        return seen


if __name__ == "__main__":
    spec.main()
