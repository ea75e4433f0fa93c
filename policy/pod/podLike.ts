// The parts of a Kubernetes Pod that policy reads, as plain JSON from the API server.

export interface ContainerLike {
  name: string;
  image?: string;
  restartPolicy?: string;
  resources?: { requests?: Record<string, string | number>; limits?: Record<string, string | number> };
  securityContext?: ContainerSecurity;
  ports?: { hostPort?: number }[];
  livenessProbe?: Handler;
  readinessProbe?: Handler;
  startupProbe?: Handler;
  lifecycle?: { postStart?: Handler; preStop?: Handler };
}
interface Handler {
  httpGet?: { host?: string };
  tcpSocket?: { host?: string };
}
interface SharedSecurity {
  runAsNonRoot?: boolean;
  runAsUser?: number;
  seccompProfile?: { type?: string };
  appArmorProfile?: { type?: string };
  windowsOptions?: { hostProcess?: boolean };
  seLinuxOptions?: { type?: string; user?: string; role?: string };
}
export interface ContainerSecurity extends SharedSecurity {
  privileged?: boolean;
  allowPrivilegeEscalation?: boolean;
  readOnlyRootFilesystem?: boolean;
  procMount?: string;
  capabilities?: { add?: string[]; drop?: string[] };
}
export interface PodSecurity extends SharedSecurity {
  sysctls?: { name: string }[];
}
export interface NodeSelectorTermLike {
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
  matchFields?: { key: string; operator: string; values?: string[] }[];
}
interface SelectorLike {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'; values?: string[] }[];
}
export interface PodTermLike {
  topologyKey?: string;
  namespaces?: string[];
  namespaceSelector?: unknown;
  labelSelector?: SelectorLike | null;
  matchLabelKeys?: string[];
  mismatchLabelKeys?: string[];
}
export interface SpreadLike {
  topologyKey?: string;
  maxSkew?: number;
  minDomains?: number;
  whenUnsatisfiable?: string;
  nodeAffinityPolicy?: string;
  nodeTaintsPolicy?: string;
  labelSelector?: SelectorLike | null;
  matchLabelKeys?: string[];
  mismatchLabelKeys?: never[];
}
interface PodAffinityLike {
  requiredDuringSchedulingIgnoredDuringExecution?: PodTermLike[];
  preferredDuringSchedulingIgnoredDuringExecution?: { weight?: number; podAffinityTerm?: PodTermLike }[];
}
export interface PodSpecLike {
  nodeName?: string;
  schedulerName?: string;
  serviceAccountName?: string;
  nodeSelector?: Record<string, string>;
  affinity?: {
    nodeAffinity?: {
      requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: NodeSelectorTermLike[] };
      preferredDuringSchedulingIgnoredDuringExecution?: { weight?: number; preference?: NodeSelectorTermLike }[];
    };
    podAffinity?: PodAffinityLike;
    podAntiAffinity?: PodAffinityLike;
  };
  topologySpreadConstraints?: SpreadLike[];
  preemptionPolicy?: string;
  resourceClaims?: unknown[];
  tolerations?: { key?: string; operator?: string; value?: string; effect?: string }[];
  containers?: ContainerLike[];
  initContainers?: ContainerLike[];
  ephemeralContainers?: ContainerLike[];
  overhead?: Record<string, string | number>;
  resources?: { requests?: Record<string, string | number> };
  securityContext?: PodSecurity;
  volumes?: { name?: string; [type: string]: unknown }[];
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  priority?: number;
  [field: string]: unknown;
}
export interface PodLike {
  metadata?: { name?: string; generateName?: string; namespace?: string; uid?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: PodSpecLike;
}
