#!/bin/sh
# From a clean Debian 12 to a running cluster: installs what is missing, builds, starts `troupe up` with one worker, and
# runs a pod of two containers on it. Run it again as often as you like; `./quickstart.sh stop` ends what it started.
#
# The worker runs real containers when this is root on a machine that allows it, with a containerd of its own below the
# data directory; otherwise it is a simulated ("hollow") one, and the script says so.
set -eu
cd "$(dirname "$0")"
. tests/lib/packages.sh

data=${TROUPE_DATA:-${XDG_DATA_HOME:-$HOME/.local/share}/troupe/quickstart}
troupe=$PWD/build/release/troupe
export KUBECONFIG="$data/kubeconfig"

if [ -t 1 ]; then bold=$(printf '\033[1m') dim=$(printf '\033[2m') plain=$(printf '\033[0m'); else bold="" dim="" plain=""; fi
step() { printf '%s==> %s%s\n' "$bold" "$*" "$plain"; }
show() { printf '%s$ %s%s\n' "$dim" "$*" "$plain"; "$@"; }

# await SECONDS COMMAND...: until it succeeds.
await() {
  tries=$(($1 * 5)); shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    if [ "$tries" = 0 ]; then echo "timed out waiting for: $*" >&2; exit 1; fi
    sleep 0.2
  done
}

stop() {
  if [ -x "$troupe" ] && [ -d "$data" ]; then "$troupe" down --data-dir "$data" 2>/dev/null || true; fi
  if [ -f "$data/containerd.pid" ]; then
    pid=$(cat "$data/containerd.pid")
    # The pid may be somebody else's by now; the command line tells.
    if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q "containerd.py $data/containerd"; then
      kill "$pid"
      while [ -d "/proc/$pid" ]; do sleep 0.1; done
    fi
    rm -f "$data/containerd.pid"
  fi
}

if [ "${1:-}" = stop ]; then stop; exit; fi

step "Installing what is missing"
install_missing $build_packages $run_packages kubernetes-client

step "Building (some minutes the first time)"
cmake --preset release -Wno-dev >/dev/null
cmake --build --preset release --target troupe -j "$(nproc)"

step "Starting a cluster in $data"
stop
mkdir -p "$data"
why=$(python3 -B -c 'import sys; sys.path.insert(0, "tests/lib"); import containerd; print(containerd.missing())')
if [ -z "$why" ]; then
  rm -f "$data/containerd.out"
  nohup setsid python3 -B tests/lib/containerd.py "$data/containerd" 10.98.0.0/24 >"$data/containerd.out" 2>&1 </dev/null &
  echo $! >"$data/containerd.pid"
  await 60 grep -q containerd.sock "$data/containerd.out"
  runtime="--runtime cri --container-runtime-endpoint unix://$data/containerd/containerd.sock"
else
  echo "no containers here ($why): the worker is a simulated one"
  runtime="--runtime hollow"
fi
"$troupe" up --detach --data-dir "$data" --bind-address 127.0.0.1 \
  --node-labels node-role.kubernetes.io/worker= $runtime
await 60 kubectl wait --for=condition=Ready node --all --timeout=1s
show kubectl get nodes

step "Running a pod of two containers: a web server, and a writer of the page it serves"
kubectl delete pod hello --ignore-not-found --grace-period=1 >/dev/null
kubectl create -f - <<'POD'
apiVersion: v1
kind: Pod
metadata:
  name: hello
spec:
  volumes:
  - name: page
    emptyDir: {}
  containers:
  - name: server
    image: busybox:1.35
    command: [httpd, -f, -p, "80", -h, /page]
    volumeMounts: [{name: page, mountPath: /page}]
  - name: writer
    image: busybox:1.35
    command: [sh, -c, 'while :; do echo "Hello from Troupe, $(date)" | tee /page/index.html; sleep 1; done']
    volumeMounts: [{name: page, mountPath: /page}]
POD
await 60 kubectl wait --for=condition=Ready pod/hello --timeout=1s
show kubectl get pods -o wide
if [ -z "$why" ]; then
  page=http://$(kubectl get pod hello -o 'jsonpath={.status.podIP}')/
  await 15 curl --silent --fail "$page"
  show kubectl logs hello -c writer --tail=3
  show curl --silent "$page"
fi

step "Ready. Your cluster:"
echo "export KUBECONFIG=$KUBECONFIG"
echo "${dim}./quickstart.sh stop ends it${plain}"
