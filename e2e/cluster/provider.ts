// What every way of having a Kubernetes cluster offers, so that the stack, the integration tests and the e2e cases never ask which one it is.

export type ProviderName = 'local' | 'kind' | 'existing';

export interface NodeSpec {
  name: string;
  /** Value of topology.kubernetes.io/region: EU, US, APAC. */
  region: string;
  /** Value of topology.kubernetes.io/zone; `<region in lower case>-a` when absent. */
  zone?: string;
  /** 'real' runs containers (kubelet, containerd); 'kwok' only says that it does. */
  kind: 'real' | 'kwok';
  /** Kubernetes quantities a kwok node offers, "8" and "32Gi" when absent; a real node offers what the machine has. */
  cpu?: string;
  memory?: string;
  labels?: Record<string, string>;
}

export interface Cluster {
  name: string;
  provider: ProviderName;
  /** Path of the admin kubeconfig. */
  kubeconfig: string;
  /** Folder with a kubectl that fits the cluster; absent when the one of the PATH is to be used. */
  binDir?: string;
  stateDir: string;
  /** Address under which the API server reaches a process on this machine. */
  host: string;
  /** Names of the nodes that run containers. */
  realNodes: string[];
  /** Health address of a real node's kubelet by the node's name, where a process on this machine reaches it. */
  kubeletHealth?: Record<string, string>;
  capabilities: { realNode: boolean; kwok: boolean; networkPolicy: boolean };
}

/** Receives one line of progress. */
export type Log = (line: string) => void;

export interface ProviderContext {
  /** Where the cluster keeps its state: <checkout>/.enc/cluster unless said otherwise. */
  stateDir: string;
  /** Where built programs are kept between clusters: $XDG_CACHE_HOME/enc-cluster or ~/.cache/enc-cluster. */
  cacheDir: string;
  log: Log;
}

export interface UpOptions extends Partial<ProviderContext> {
  nodes?: NodeSpec[];
  /** 'auto' (the default) does without the real node where the machine does not allow it, and says why; true fails instead. */
  realNode?: boolean | 'auto';
  /** Forget what an earlier cluster in the same stateDir left. */
  fresh?: boolean;
  /** Write the API server's audit log (level Metadata) to <stateDir>/logs/audit.log. */
  audit?: boolean;
}

export interface Probe {
  usable: boolean;
  /** One line: what it will use, or what it lacks. */
  why: string;
}

export interface ComponentStatus {
  name: string;
  state: 'running' | 'stopped' | 'unhealthy';
  detail: string;
}

export interface ClusterStatus {
  provider: ProviderName;
  up: boolean;
  components: ComponentStatus[];
}

export interface Provider {
  readonly name: ProviderName;
  probe(): Promise<Probe>;
  /** Brings the cluster up or repairs it; running healthy parts are left alone. Throws ClusterError. */
  up(options?: UpOptions): Promise<Cluster>;
  /** Stops what `up` started and removes what it left on the machine; can be repeated. */
  down(): Promise<void>;
  status(): Promise<ClusterStatus>;
}
