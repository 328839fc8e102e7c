#!/bin/sh
# Builds OCI image archives from the static busybox, without network or a builder:
#   make_image.sh OUT_DIR [busybox binary]
# writes OUT_DIR/busybox.tar (docker.io/library/busybox:1.36, :latest) and OUT_DIR/pause.tar
# (registry.k8s.io/pause:3.10, to be named as containerd's sandbox_image). Import either with
#   ctr -n k8s.io images import FILE
# Files carry fixed owners and times, so equal input gives equal digests.
set -eu
out=$1
busybox=${2:-$(command -v busybox)}
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

digest() { sha256sum "$1" | cut -d' ' -f1; }
pack() { tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C "$2" -cf "$1" .; }

# image NAME:TAG[,TAG...] ROOTFS CONFIG_JSON OUT: one layer, one manifest, an index entry a tag.
image() {
  name=${1%:*} tags=${1##*:} root=$2 config=$3 file=$4
  dir=$work/oci.$(basename "$file")
  mkdir -p "$dir/blobs/sha256"
  pack "$work/layer" "$root"
  layer=$(digest "$work/layer"); layer_size=$(stat -c %s "$work/layer"); mv "$work/layer" "$dir/blobs/sha256/$layer"
  printf '{"architecture":"amd64","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$config" "$layer" > "$work/config"
  cfg=$(digest "$work/config"); cfg_size=$(stat -c %s "$work/config"); mv "$work/config" "$dir/blobs/sha256/$cfg"
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:%s","size":%s}]}' \
    "$cfg" "$cfg_size" "$layer" "$layer_size" > "$work/manifest"
  man=$(digest "$work/manifest"); man_size=$(stat -c %s "$work/manifest"); mv "$work/manifest" "$dir/blobs/sha256/$man"
  entries=
  for tag in $(echo "$tags" | tr , ' '); do
    entries="$entries${entries:+,}$(printf '{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"io.containerd.image.name":"%s:%s","org.opencontainers.image.ref.name":"%s"}}' \
      "$man" "$man_size" "$name" "$tag" "$tag")"
  done
  printf '{"schemaVersion":2,"manifests":[%s]}' "$entries" > "$dir/index.json"
  printf '{"imageLayoutVersion":"1.0.0"}' > "$dir/oci-layout"
  pack "$file" "$dir"
}

root=$work/busybox
mkdir -p "$root/bin" "$root/etc" "$root/tmp" "$root/var/www" "$root/root"
chmod 1777 "$root/tmp"
cp "$busybox" "$root/bin/busybox"
for applet in $("$busybox" --list); do
  [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' > "$root/etc/passwd"
printf 'root:x:0:\nnobody:x:65534:\n' > "$root/etc/group"
image docker.io/library/busybox:1.36,latest "$root" '{"Env":["PATH=/bin"],"Cmd":["sh"]}' "$out/busybox.tar"

# The sandbox's only process sleeps until it is told to end; tini-like reaping is the shell's.
root=$work/pause
mkdir -p "$root/bin"
cp "$busybox" "$root/bin/busybox"
ln -s busybox "$root/bin/sh"
image registry.k8s.io/pause:3.10 "$root" \
  '{"Entrypoint":["/bin/sh","-c","trap \"exit 0\" TERM INT; while :; do /bin/busybox sleep 86400 \u0026 wait $!; done"]}' "$out/pause.tar"
