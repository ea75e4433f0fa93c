#!/usr/bin/env bash
# Makes a kind node image of Debian packages, kind's own files and the programs that were built from their modules: no registry, no download by URL.
# In: ROOTFS (tar of Debian), KIND_FILES (images/base/files of kind's module), BINARIES (folder: kubeadm kubelet kubectl containerd …),
#     IMAGES (folder of docker-archive tars), CNI_TEMPLATE, CNI_MANIFEST, STORAGE_MANIFEST, VERSION (of Kubernetes), WORK (empty folder), TAG, DOCKER_HOST
set -euo pipefail
root=$WORK/root
mkdir -p "$root"
tar -xf "$ROOTFS" -C "$root"

# What kind's own Dockerfile does: its files, a boot without units that make no sense in a container, and its services.
cp -r --no-preserve=ownership "$KIND_FILES"/. "$root/"
chmod -R u+rwX,go+rX "$root/kind" "$root/etc/systemd/system" "$root/etc/containerd" "$root/etc/sysctl.d"
chmod 755 "$root"/usr/local/bin/* "$root"/kind/bin/*
find "$root/lib/systemd/system/sysinit.target.wants/" -name systemd-tmpfiles-setup.service -delete
rm -f "$root"/lib/systemd/system/multi-user.target.wants/* "$root"/etc/systemd/system/*.wants/* "$root"/lib/systemd/system/local-fs.target.wants/*
rm -f "$root"/lib/systemd/system/sockets.target.wants/*udev* "$root"/lib/systemd/system/sockets.target.wants/*initctl* "$root"/lib/systemd/system/basic.target.wants/*
echo ReadKMsg=no >> "$root/etc/systemd/journald.conf"
wants=$root/etc/systemd/system/multi-user.target.wants
mkdir -p "$wants" "$root/etc/kubernetes/manifests" "$root/kind/manifests" "$root/opt/cni"
for unit in kubelet containerd undo-mount-hacks; do ln -sf "/etc/systemd/system/$unit.service" "$wants/$unit.service"; done
ln -sf /dev/null "$root/etc/systemd/system/systemd-binfmt.service"
[ -e "$root/sbin/init" ] || ln -s /usr/lib/systemd/systemd "$root/sbin/init"
rm -f "$root/etc/machine-id" "$root/etc/hostname"

install -m 755 "$BINARIES"/{kubeadm,kubelet,kubectl} "$root/usr/bin/"
install -m 755 "$BINARIES"/{containerd,containerd-shim-runc-v2,ctr} "$root/usr/local/bin/"
ln -sfn /usr/lib/cni "$root/opt/cni/bin"
printf '%s' "$VERSION" > "$root/kind/version"
cp "$CNI_MANIFEST" "$root/kind/manifests/default-cni.yaml"
cp "$STORAGE_MANIFEST" "$root/kind/manifests/default-storage.yaml"
cp "$CNI_TEMPLATE" "$root/kind/cni.template"

# Pod networks follow the node's podCIDR; the node's root may lack the right to lower an OOM score.
config=$root/etc/containerd/config.toml
sed -i 's/restrict_oom_score_adj = false/restrict_oom_score_adj = true/' "$config"
printf '\n[plugins."io.containerd.grpc.v1.cri".cni]\n  conf_template = "/kind/cni.template"\n' >> "$config"
"$root/usr/local/bin/ctr" oci spec | jq 'del(.process.rlimits)' > "$root/etc/containerd/cri-base.json"

# The images of the control plane, imported here so that a node starts with them.
mkdir -p "$WORK/state" "$root/var/lib/containerd"
printf 'version = 2\nroot = "%s"\nstate = "%s"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\n  address = "%s"\n' \
  "$root/var/lib/containerd" "$WORK/state" "$WORK/containerd.sock" > "$WORK/containerd.toml"
"$root/usr/local/bin/containerd" --config "$WORK/containerd.toml" --log-level error > "$WORK/containerd.log" 2>&1 &
containerd=$!
trap 'kill $containerd 2>/dev/null || true' EXIT
for _ in $(seq 100); do "$root/usr/local/bin/ctr" -a "$WORK/containerd.sock" version > /dev/null 2>&1 && break; sleep 0.2; done
for image in "$IMAGES"/*.tar; do "$root/usr/local/bin/ctr" -a "$WORK/containerd.sock" -n k8s.io images import --snapshotter overlayfs "$image"; done
kill "$containerd"; wait "$containerd" || true
trap - EXIT

tar -C "$root" -cf - . | docker import \
  --change 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]' --change 'ENV container=docker' - "$TAG"
