// The programs that are built from Go modules: where each is, and how its version gets into it. Versions are pinned by tools/<tool>/go.mod alone.
import { ClusterError } from '../clusterError.js';

export interface Tool {
  /** Folder under tools/ with the go.mod and go.sum. */
  name: string;
  /** The module whose pinned version is the program's version. */
  module: string;
  /** Binary name → package. */
  binaries: Record<string, string>;
  /** Linker settings (`-X`) that tell the program its version. */
  linkVersion(version: string): string[];
}

const kubernetesCommands = ['kube-apiserver', 'kubectl', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'];

const containerdCommands = ['containerd', 'containerd-shim-runc-v2', 'ctr'];

function kubernetesVersion(version: string): string[] {
  const [major, minor] = version.slice(1).split('.');
  const fields = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'archive' };
  return ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((package_) =>
    Object.entries(fields).map(([field, value]) => `${package_}.${field}=${value}`),
  );
}

export const tools: readonly Tool[] = [
  { name: 'etcd', module: 'go.etcd.io/etcd/server/v3', binaries: { etcd: 'go.etcd.io/etcd/server/v3' }, linkVersion: () => [] },
  {
    name: 'kubernetes',
    module: 'k8s.io/kubernetes',
    binaries: Object.fromEntries(kubernetesCommands.map((command) => [command, `k8s.io/kubernetes/cmd/${command}`])),
    linkVersion: kubernetesVersion,
  },
  {
    name: 'kwok',
    module: 'sigs.k8s.io/kwok',
    binaries: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' },
    linkVersion: (version) => [`sigs.k8s.io/kwok/pkg/consts.Version=${version}`],
  },
  {
    name: 'helm',
    module: 'helm.sh/helm/v3',
    binaries: { helm: 'helm.sh/helm/v3/cmd/helm' },
    linkVersion: (version) => [`helm.sh/helm/v3/internal/version.version=${version}`],
  },
  // Only for comparing with: bench/admission.
  { name: 'kyverno', module: 'github.com/kyverno/kyverno', binaries: { kyverno: 'github.com/kyverno/kyverno/cmd/kyverno' }, linkVersion: () => [] },
  { name: 'kind', module: 'sigs.k8s.io/kind', binaries: { kind: 'sigs.k8s.io/kind' }, linkVersion: () => [] },
  // Measured beside our chain (bench/consensus).
  {
    name: 'cometbft',
    module: 'github.com/cometbft/cometbft',
    binaries: { cometbft: 'github.com/cometbft/cometbft/cmd/cometbft' },
    linkVersion: () => [],
  },
  // What a kind node image is made of, apart from the Kubernetes programs above.
  { name: 'kubeadm', module: 'k8s.io/kubernetes', binaries: { kubeadm: 'k8s.io/kubernetes/cmd/kubeadm' }, linkVersion: kubernetesVersion },
  {
    name: 'containerd',
    module: 'github.com/containerd/containerd/v2',
    binaries: Object.fromEntries(containerdCommands.map((command) => [command, `github.com/containerd/containerd/v2/cmd/${command}`])),
    linkVersion: (version) => [`github.com/containerd/containerd/v2/version.Version=${version}`],
  },
  {
    name: 'coredns',
    module: 'github.com/coredns/coredns',
    binaries: { coredns: 'github.com/coredns/coredns' },
    linkVersion: (version) => [`github.com/coredns/coredns/coremain.GitCommit=${version}`],
  },
  {
    name: 'kube-router',
    module: 'github.com/cloudnativelabs/kube-router/v2',
    binaries: { 'kube-router': 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router' },
    linkVersion: () => [],
  },
  {
    name: 'kubeconform',
    module: 'github.com/yannh/kubeconform',
    binaries: { kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform' },
    linkVersion: (version) => [`main.version=${version}`],
  },
];

/** What `build --only control-plane` makes: enough for integration tests. */
const controlPlaneBinaries = ['etcd', 'kube-apiserver', 'kubectl'];
/** What a local cluster needs without a real node, and what the node adds. */
export const clusterBinaries = [...controlPlaneBinaries, 'kube-controller-manager', 'kube-scheduler', 'kwok'];
export const nodeBinaries = ['kubelet', 'kube-proxy'];

export const toolOf = (binary: string): Tool | undefined => tools.find(({ binaries }) => binary in binaries);

/** The programs that `build --only` names: groups, or programs by name. Throws 'bad-options'. */
export function binariesFor(only: readonly string[] | undefined): string[] {
  const groups: Record<string, string[]> = { 'control-plane': controlPlaneBinaries, cluster: clusterBinaries, node: nodeBinaries };
  const names = (only ?? ['cluster', 'node']).flatMap((name) => groups[name] ?? [name]);
  const unknown = names.find((name) => !toolOf(name));
  if (unknown) throw new ClusterError('bad-options', `--only ${unknown}: must be ${Object.keys(groups).join(', ')} or a program's name`);
  return names;
}

/** The version that a go.mod requires of a module; undefined when it does not require it. */
export function pinnedVersion(goMod: string, module: string): string | undefined {
  const line = goMod.split('\n').find(
    (text) =>
      text
        .trim()
        .replace(/^require\s+/, '')
        .startsWith(`${module} `) && !text.includes('=>'),
  );
  return line
    ?.trim()
    .replace(/^require\s+/, '')
    .split(/\s+/)[1];
}
