#!/usr/bin/python3
"""Builds an OCI archive with the two images that the tests and quickstart.sh run, from the host's busybox-static.

usage: make_image.py OUTPUT.tar

  docker.io/library/busybox:1.35   every busybox applet on the PATH: sh, httpd, wget, nc, sleep, ...
  localhost/troupe/pause:1         the sandbox container: holds a pod's namespaces and does nothing

Import it with `ctr -n k8s.io images import OUTPUT.tar`. The same busybox gives the same bytes.
"""
import hashlib
import io
import json
import os
import struct
import subprocess
import sys
import tarfile

BUSYBOX = "docker.io/library/busybox:1.35"
PAUSE = "localhost/troupe/pause:1"
BINARY = "/bin/busybox"
PT_INTERP = 3  # the ELF program header that names a dynamic loader
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"


def require_static(binary):
    """A dynamically linked busybox would start in no image, so it is refused here, by name."""
    if not os.path.exists(binary):
        sys.exit(f"{binary} is missing: install busybox-static")
    with open(binary, "rb") as file:
        elf = file.read()
    offset, size, count = struct.unpack_from("<Q", elf, 32)[0], *struct.unpack_from("<HH", elf, 54)
    if any(struct.unpack_from("<I", elf, offset + i * size)[0] == PT_INTERP for i in range(count)):
        sys.exit(f"{binary} is dynamically linked: install busybox-static")


def entry(name, mode, kind=tarfile.REGTYPE, size=0, target=""):
    info = tarfile.TarInfo(name)
    info.mode, info.type, info.size, info.linkname = mode, kind, size, target
    return info


def root_layer(applets):
    """The tar of a root file system with busybox in /bin, and a link for each applet."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        folders = {"bin", "sbin", "usr", "usr/bin", "usr/sbin", "etc", "root", "var", "var/www"}
        for folder in sorted(folders):
            tar.addfile(entry(folder, 0o755, tarfile.DIRTYPE))
        tar.addfile(entry("tmp", 0o1777, tarfile.DIRTYPE))
        with open(BINARY, "rb") as file:
            data = file.read()
        tar.addfile(entry("bin/busybox", 0o755, size=len(data)), io.BytesIO(data))
        for applet in applets:
            if os.path.dirname(applet) in folders and applet != "bin/busybox":
                tar.addfile(entry(applet, 0o777, tarfile.SYMTYPE, target="/bin/busybox"))
        for name, text in {
            "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
            "etc/group": "root:x:0:\nnogroup:x:65534:\n",
        }.items():
            tar.addfile(entry(name, 0o644, size=len(text)), io.BytesIO(text.encode()))
    return out.getvalue()


class Layout:
    """An OCI image layout being written into a tar."""

    def __init__(self, path):
        self.tar = tarfile.open(path, "w", format=tarfile.USTAR_FORMAT)
        self.written = set()
        self.manifests = []

    def file(self, name, data):
        self.tar.addfile(entry(name, 0o644, size=len(data)), io.BytesIO(data))

    def blob(self, data, media_type):
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self.written:
            self.file(f"blobs/sha256/{digest}", data)
            self.written.add(digest)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    def image(self, name, layer, process):
        """Adds an image of one layer; `process` is the config's Entrypoint, Cmd, Env, ..."""
        config = {
            "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine),
            "os": "linux",
            "config": process,
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": self.blob(json.dumps(config).encode(), CONFIG_TYPE),
            "layers": [self.blob(layer, LAYER_TYPE)],
        }
        described = self.blob(json.dumps(manifest).encode(), MANIFEST_TYPE)
        described["annotations"] = {
            "io.containerd.image.name": name,
            "org.opencontainers.image.ref.name": name.rsplit(":", 1)[1],
        }
        self.manifests.append(described)

    def close(self):
        index = {"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": self.manifests}
        self.file("oci-layout", json.dumps({"imageLayoutVersion": "1.0.0"}).encode())
        self.file("index.json", json.dumps(index).encode())
        self.tar.close()


def write(path):
    """Writes the archive to `path`."""
    require_static(BINARY)
    applets = subprocess.run([BINARY, "--list-full"], check=True, capture_output=True, text=True).stdout.split()
    layer = root_layer(applets)
    layout = Layout(path)
    path_variable = ["PATH=/bin:/sbin:/usr/bin:/usr/sbin"]
    layout.image(BUSYBOX, layer, {"Env": path_variable, "Cmd": ["sh"]})
    layout.image(PAUSE, layer, {"Env": path_variable, "Entrypoint": ["/bin/busybox", "sleep", "infinity"]})
    layout.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(sys.argv[1])
