# Sourced by quickstart.sh, test.sh and .ci/run: the Debian 12 packages, by what they are needed for.
build_packages="g++ cmake ninja-build pkg-config ccache mold libcaf-dev nlohmann-json3-dev libyaml-cpp-dev libhiredis-dev
  libspdlog-dev libboost-dev libssl-dev zlib1g-dev libcli11-dev libjemalloc-dev libgrpc++-dev protobuf-compiler protobuf-compiler-grpc
  libprotobuf-dev libgtest-dev libgmock-dev python3"
run_packages="redis-server containerd runc containernetworking-plugins busybox-static iptables iproute2 procps curl"
test_packages="kubernetes-client python3-kubernetes python3-yaml nodejs npm openssl zsh fish"
check_packages="clang clang-format clang-tidy"

# install_missing NAME...: installs those that are not there; asks nothing of the network when all are.
install_missing() {
  missing=""
  for package in "$@"; do
    # Some are on the machine without dpkg's knowledge: a kubectl by hand is as good as Debian's.
    case "$package" in
      kubernetes-client) command -v kubectl >/dev/null && continue ;;
      nodejs) command -v node >/dev/null && continue ;;
      npm) command -v npm >/dev/null && continue ;;
    esac
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  [ -z "$missing" ] && return
  echo "installing$missing"
  if [ "$(id -u)" = 0 ]; then as_root=""; else as_root=sudo; fi
  # A Redis of the host's own is none of our business: the package must not start one.
  $as_root apt-get update -qq
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
