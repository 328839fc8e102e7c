"""Hosts made of network namespaces on one bridge, and the processes that run on them.

Nothing is visible outside: the bridge has a namespace of its own, so no address of the real host is touched. Names
carry the pid of the test ("troupe-PID-..."); what a killed test left behind is swept by the next one.
"""
import glob
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from containerd import Containerd, unmount_below


def run(*command, **options):
    """Runs a command; raises with its standard error when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def wait_for(condition, what, timeout=30.0, every=0.1):
    """Returns condition()'s first true value; after `timeout` seconds raises AssertionError naming `what`."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout:g} s: {what}")
        time.sleep(every)


class Process:
    """A running program with its log; ends with the test, however the test ends."""

    def __init__(self, command, log, env=None):
        self.command, self.log_path = command, log
        with open(log, "ab") as out:
            self.popen = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdin=subprocess.DEVNULL,
                                          stdout=out, stderr=out, env=env)

    @property
    def pid(self):
        return self.popen.pid

    def running(self):
        return self.popen.poll() is None

    def kill(self):
        """SIGKILL, and waits until it is gone."""
        self.popen.kill()
        self.popen.wait()

    def stop(self, timeout=15):
        """SIGTERM; returns the exit code. Raises subprocess.TimeoutExpired when it does not end, having killed it."""
        self.popen.terminate()
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()


class Host:
    """One host: a network namespace with an address, perhaps a containerd, and processes."""

    def __init__(self, lan, name, number):
        self.lan, self.name = lan, name
        self.namespace = f"{lan.prefix}-{name}"
        self.address = f"10.88.0.{10 + number}"
        self.pod_cidr = f"10.244.{number}.0/24"
        self.folder = f"{lan.folder}/{name}"
        self.containerd = None
        os.makedirs(self.folder)
        run("ip", "netns", "add", self.namespace)
        run("ip", "link", "add", "eth0", "netns", self.namespace, "type", "veth", "peer", "name", name, "netns",
            lan.namespace)
        run("ip", "-n", lan.namespace, "link", "set", "dev", name, "master", "lan", "up")
        self.ip("link", "set", "lo", "up")
        self.ip("address", "add", f"{self.address}/24", "dev", "eth0")
        self.ip("link", "set", "eth0", "up")
        self.run("sysctl", "-qw", "net.ipv4.ip_forward=1")

    @property
    def enter(self):
        """The command prefix that puts a program on this host (its own mounts stay: cgroups live below /sys)."""
        return ["nsenter", f"--net=/run/netns/{self.namespace}"]

    def ip(self, *args):
        return run("ip", "-n", self.namespace, *args)

    def run(self, *command, **options):
        return run(*self.enter, *command, **options)

    def start(self, name, *command, env=None):
        """Starts a program whose log is FOLDER/name.log."""
        process = Process([*self.enter, *command], f"{self.folder}/{name}.log", env)
        self.lan.processes.append(process)
        return process

    def start_containerd(self):
        self.containerd = Containerd(f"{self.folder}/containerd", self.pod_cidr, self.enter).start()
        return self.containerd


class Lan:
    """The hosts of a test, in a folder below /tmp; close() takes everything down again."""

    def __init__(self, *names):
        sweep()
        self.prefix = f"troupe-{os.getpid()}"
        self.folder = tempfile.mkdtemp(prefix=self.prefix + "-")
        self.namespace = f"{self.prefix}-lan"
        self.processes = []
        self.hosts = {}
        try:
            run("ip", "netns", "add", self.namespace)
            run("ip", "-n", self.namespace, "link", "add", "lan", "type", "bridge")
            run("ip", "-n", self.namespace, "link", "set", "lan", "up")
            for number, name in enumerate(names):
                self.hosts[name] = Host(self, name, number)
            self.route_pods()
        except BaseException:
            self.close()
            raise

    def route_pods(self):
        """Every host reaches the pods of every other one."""
        for host in self.hosts.values():
            for other in self.hosts.values():
                if other is not host:
                    host.ip("route", "add", other.pod_cidr, "via", other.address)

    def __getitem__(self, name):
        return self.hosts[name]

    def logs(self):
        """The end of every log, for the report of a failed test."""
        out = []
        for path in sorted(glob.glob(f"{self.folder}/*/*.log") + glob.glob(f"{self.folder}/*/*/containerd.log")):
            with open(path, errors="replace") as file:
                lines = file.readlines()
            out.append(f"--- {os.path.relpath(path, self.folder)}, last 40 of {len(lines)} lines\n" + "".join(lines[-40:]))
        # Without what was stopped: a process that ended by itself is what one wants to know.
        out += [f"--- {os.path.relpath(p.log_path, self.folder)} ended: {p.popen.returncode}\n"
                for p in self.processes if not p.running() and p.popen.returncode not in (0, -9)]
        return "\n".join(out)

    def close(self):
        for process in self.processes:
            if process.running():
                process.kill()
        for host in self.hosts.values():
            if host.containerd:
                host.containerd.stop()
        remove(self.prefix)


def remove(prefix):
    """Ends what runs in the namespaces of this prefix, and removes them, their mounts and folders."""
    for folder in glob.glob(f"{tempfile.gettempdir()}/{prefix}-*/*/containerd"):
        instance = Containerd.__new__(Containerd)
        instance.folder, instance.socket = folder, f"{folder}/containerd.sock"
        instance.end_shims()  # before their host's other processes: shims lead to their containers
    for name in os.listdir("/run/netns") if os.path.isdir("/run/netns") else []:
        if not name.startswith(prefix + "-"):
            continue
        for pid in run("ip", "netns", "pids", name).split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                continue
        run("ip", "netns", "del", name)
    # Those of containerd, and the kubelet's own: volumes in memory.
    for folder in glob.glob(f"{tempfile.gettempdir()}/{prefix}-*"):
        unmount_below(folder)
        shutil.rmtree(folder, ignore_errors=True)


def sweep():
    """Removes what tests left behind whose process is gone."""
    names = os.listdir("/run/netns") if os.path.isdir("/run/netns") else []
    names += [os.path.basename(path) for path in glob.glob(f"{tempfile.gettempdir()}/troupe-[0-9]*-*")]
    for prefix in {match.group(1) for name in names if (match := re.match(r"(troupe-(\d+))-", name))}:
        if not os.path.exists(f"/proc/{prefix.split('-')[1]}"):
            remove(prefix)
