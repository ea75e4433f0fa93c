// The real node's own containerd: its folders, its configuration, and the CNI network that it puts pods on.
import path from 'node:path';
import { PAUSE_IMAGE } from '../images/ensureImages.js';
import { network } from '../local/network.js';

export function containerdPaths(nodeDir: string) {
  const under = (...names: string[]) => path.join(nodeDir, ...names);
  return {
    config: under('containerd.toml'),
    socket: under('containerd.sock'),
    root: under('containerd'),
    state: under('state'),
    bundles: under('state', 'io.containerd.runtime.v2.task', 'k8s.io'),
    cniConfigDir: under('cni'),
    cniConfig: under('cni', '10-enc.conflist'),
    addresses: under('addresses'),
  };
}

export interface ContainerdSettings {
  nodeDir: string;
  runc: string;
  cniBinDir: string;
  /** overlayfs, or native where the state folder is itself on an overlay. */
  snapshotter: 'overlayfs' | 'native';
}

export function containerdConfig({ nodeDir, runc, cniBinDir, snapshotter }: ContainerdSettings): string {
  const paths = containerdPaths(nodeDir);
  const text = JSON.stringify; // a TOML basic string of a path is written as in JSON
  return `version = 2
root = ${text(paths.root)}
state = ${text(paths.state)}
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]

[grpc]
  address = ${text(paths.socket)}

[plugins."io.containerd.internal.v1.opt"]
  path = ${text(path.join(nodeDir, 'opt'))}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(PAUSE_IMAGE)}
  # Without CAP_SYS_RESOURCE no score can be lowered, and runc would fail at it.
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = ${text(snapshotter)}
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = ${text(runc)}
        SystemdCgroup = false
        Root = ${text(path.join(paths.state, 'runc'))}
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${text(cniBinDir)}
    conf_dir = ${text(paths.cniConfigDir)}
`;
}

/** Pods hang on one bridge; the way out is masqueraded by our own rule (hostNetwork.ts), so that one chain holds all of it. */
export function cniConfig(nodeDir: string) {
  return {
    cniVersion: '0.4.0',
    name: network.cniNetwork,
    plugins: [
      {
        type: 'bridge',
        bridge: network.bridge,
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: containerdPaths(nodeDir).addresses,
          ranges: [[{ subnet: network.pods, gateway: network.nodeAddress }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
