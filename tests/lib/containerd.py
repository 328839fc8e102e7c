#!/usr/bin/python3
"""A containerd instance of its own: root, state, socket, CNI network and images below one folder.

As a program it starts one and stays until it is told to stop (quickstart.sh does so):
  containerd.py FOLDER POD_CIDR     the socket is FOLDER/containerd.sock; SIGTERM removes every pod and stops it
"""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CNI_PLUGINS = next((d for d in ("/usr/lib/cni", "/opt/cni/bin") if os.path.exists(d + "/bridge")), "")
PAUSE = "localhost/troupe/pause:1"

# restrict_oom_score_adj: where root lacks CAP_SYS_RESOURCE, runc may not lower a score below its own, and says so only
# as "can't get final child's PID from pipe".
CONFIG = """\
version = 2
root = "{folder}/root"
state = "{folder}/state"
oom_score = 0
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
                    "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]

[grpc]
  address = "{folder}/containerd.sock"

[plugins."io.containerd.internal.v1.opt"]
  path = "{folder}/opt"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  disable_apparmor = true
  disable_tcp_service = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  restrict_oom_score_adj = true
  tolerate_missing_hugetlb_controller = true

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "{cni_plugins}"
  conf_dir = "{folder}/cni"

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false
"""


def missing():
    """What this machine lacks for running containers, as a sentence; empty when nothing."""
    if os.geteuid() != 0:
        return "not root"
    for program in ("containerd", "runc", "ctr", "nsenter", "ip"):
        if not shutil.which(program):
            return f"{program} is not installed"
    if not CNI_PLUGINS:
        return "the CNI plugins are not installed"
    if not os.path.exists("/bin/busybox"):
        return "busybox-static is not installed"
    if subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True).returncode != 0:
        return "namespaces may not be made here"
    return ""


def network(folder, pod_cidr):
    """The CNI network: a bridge in the network namespace that containerd runs in. It outlives containerd, so that its name
    tells its addresses apart from those of another one."""
    _, second, third, _ = pod_cidr.split(".")
    return {
        "cniVersion": "0.4.0",
        "name": "troupe",
        "plugins": [
            {
                "type": "bridge",
                "bridge": f"troupe{second}-{third}",
                "isGateway": True,
                "ipam": {
                    "type": "host-local",
                    "dataDir": f"{folder}/ipam",
                    "ranges": [[{"subnet": pod_cidr}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            },
            {"type": "portmap", "capabilities": {"portMappings": True}},
        ],
    }


def children(pid, name=None):
    """Pids of the direct children of `pid`; with a name, of those alone whose program is called so."""
    found = []
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        try:
            with open(path) as file:
                for child in file.read().split():
                    with open(f"/proc/{child}/comm") as comm:
                        if name in (None, comm.read().strip()):
                            found.append(int(child))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
    return found


class Containerd:
    """One containerd; `enter` is the command prefix that puts it into a network namespace."""

    def __init__(self, folder, pod_cidr, enter=()):
        self.folder = folder
        self.socket = f"{folder}/containerd.sock"
        self.enter = list(enter)
        self.process = None
        os.makedirs(f"{folder}/cni", exist_ok=True)
        with open(f"{folder}/config.toml", "w") as file:
            file.write(CONFIG.format(folder=folder, pause=PAUSE, cni_plugins=CNI_PLUGINS))
        with open(f"{folder}/cni/10-troupe.conflist", "w") as file:
            json.dump(network(folder, pod_cidr), file)

    def start(self):
        """Starts it and returns once its CRI plugin serves with our images; raises with its log when it does not."""
        with open(f"{self.folder}/containerd.log", "a") as log:
            self.process = subprocess.Popen(
                self.enter + ["containerd", "--config", f"{self.folder}/config.toml"], stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while self.ctr("version", check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("containerd does not start:\n" + self.log_tail())
            time.sleep(0.05)
        archive = f"{self.folder}/images.tar"
        if not os.path.exists(archive):
            subprocess.run([f"{HERE}/make_image.py", archive], check=True)
            self.ctr("images", "import", archive)
        return self

    def ctr(self, *args, check=True):
        """Runs ctr in the namespace of Kubernetes' containers."""
        done = subprocess.run(["ctr", "--address", self.socket, "--namespace", "k8s.io", *args],
                              capture_output=True, text=True, timeout=60)
        if check and done.returncode != 0:
            raise RuntimeError(f"ctr {' '.join(args)}: {done.stderr}")
        return done

    def tasks(self):
        """{container id: (pid, status)} of every task, sandboxes included."""
        lines = self.ctr("tasks", "ls").stdout.splitlines()[1:]
        return {id: (int(pid), status) for id, pid, status in (line.split() for line in lines)}

    def log_tail(self, lines=40):
        with open(f"{self.folder}/containerd.log") as file:
            return "".join(file.readlines()[-lines:])

    def stop(self):
        """Kills every container, then containerd itself; nothing of them is left in processes, mounts or namespaces."""
        try:
            if self.process and self.process.poll() is None:
                self.remove_containers()
        finally:
            self.end_process()
            self.end_shims()
            unmount_below(self.folder)

    def end_process(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def remove_containers(self):
        for id in self.tasks():
            self.ctr("tasks", "kill", "--signal", "SIGKILL", id, check=False)
            self.ctr("tasks", "rm", "--force", id, check=False)
        for id in self.ctr("containers", "ls", "-q").stdout.split():
            info = self.ctr("containers", "info", id, check=False)
            if info.returncode != 0:
                continue  # removed meanwhile by a kubelet's last request
            for space in json.loads(info.stdout)["Spec"]["linux"]["namespaces"]:
                name = os.path.basename(space.get("path", ""))
                if space["type"] == "network" and name.startswith("cni-"):
                    subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)

    def shims(self):
        """The pids of this instance's shims; they outlive it, by design, and carry its socket on their command line."""
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                with open(path, "rb") as file:
                    words = file.read().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended meanwhile
            if words[0].endswith(b"containerd-shim-runc-v2") and self.socket.encode() in words:
                yield int(path.split("/")[2])

    def end_shims(self):
        """Kills the shims that are left, their containers first: without its shim nobody ends a container, and nobody
        removes its network namespace."""
        spaces = set()
        for shim in list(self.shims()):
            for pid in [*children(shim), shim]:
                try:
                    if pid != shim:
                        spaces.add(os.stat(f"/proc/{pid}/ns/net").st_ino)
                    os.kill(pid, signal.SIGKILL)
                except (FileNotFoundError, ProcessLookupError):
                    continue
        for path in glob.glob("/run/netns/cni-*"):
            if os.stat(path).st_ino in spaces:
                subprocess.run(["ip", "netns", "del", os.path.basename(path)], check=False, capture_output=True)


def unmount_below(folder):
    """Detaches the mounts below a folder, the youngest first."""
    with open("/proc/self/mounts") as file:
        points = [line.split()[1] for line in file]
    for point in reversed(points):
        if point.startswith(folder + "/"):
            subprocess.run(["umount", "--lazy", point], check=False, capture_output=True)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if missing():
        sys.exit(f"no containers here: {missing()}")
    instance = Containerd(os.path.abspath(sys.argv[1]), sys.argv[2])
    stop = [signal.SIGTERM, signal.SIGINT]
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)
    try:
        instance.start()
        print(instance.socket, flush=True)
        signal.sigwait(stop)
    finally:
        instance.stop()


if __name__ == "__main__":
    main()
