#!/bin/sh
# Runs a private containerd in the foreground, in the network namespace of the caller:
#   containerd.sh DIR SUBNET [BRIDGE]      e.g. containerd.sh /tmp/x 10.77.1.0/24 cni77
# Root, state, socket (DIR/containerd.sock), config and CNI configuration all live below DIR. Pods get addresses of SUBNET
# on a bridge. The sandbox image is registry.k8s.io/pause:3.10, which tests/lib/make_image.sh makes; it has to be imported.
set -eu
dir=$1 subnet=$2 bridge=${3:-cni0}
mkdir -p "$dir/root" "$dir/state" "$dir/cni" "$dir/ipam"
cat > "$dir/cni/10-bridge.conflist" <<END
{"cniVersion": "0.4.0", "name": "pods-$bridge", "plugins": [
  {"type": "bridge", "bridge": "$bridge", "isGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$dir/ipam", "ranges": [[{"subnet": "$subnet"}]],
            "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
END
cat > "$dir/config.toml" <<END
version = 2
root = "$dir/root"
state = "$dir/state"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs", "io.containerd.internal.v1.opt",
  "io.containerd.tracing.processor.v1.otlp"]
[grpc]
  address = "$dir/containerd.sock"
[ttrpc]
  address = "$dir/containerd.sock.ttrpc"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.k8s.io/pause:3.10"
  disable_apparmor = true
  restrict_oom_score_adj = true
  tolerate_missing_hugetlb_controller = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$dir/cni"
END
exec containerd --config "$dir/config.toml" --log-level warn
