// Reads what policies ask of a pod's containers and volumes: the pod security standards' fields, limits and images, with pod-level settings applied.
import type { ContainerFacts, PodFacts } from '../types.js';
import type { ContainerLike, PodSecurity, PodSpecLike } from './podLike.js';
import { parseQuantity } from './quantity.js';

/** Leaves out members that are undefined, which canonical JSON has no form for. */
function given<T extends object>(members: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}

const sortedOnce = (names: readonly string[]) => [...new Set(names)].toSorted();
const orNothing = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined);
const capabilities = (names: readonly string[] | undefined) => orNothing(sortedOnce((names ?? []).map((name) => name.replace(/^CAP_/, ''))));

function limitsOf({ resources }: ContainerLike): ContainerFacts['limits'] {
  const { cpu, memory } = resources?.limits ?? {};
  if (cpu === undefined && memory === undefined) return undefined;
  return given<NonNullable<ContainerFacts['limits']>>({
    cpuMillis: cpu === undefined ? undefined : parseQuantity(cpu, 3),
    memoryBytes: memory === undefined ? undefined : parseQuantity(memory, 0),
  });
}

function seLinuxOf(options: PodSecurity['seLinuxOptions']): ContainerFacts['seLinux'] {
  const { type, user, role } = options ?? {};
  const some = given<NonNullable<ContainerFacts['seLinux']>>({ type: type || undefined, user: user || undefined, role: role || undefined });
  return Object.keys(some).length > 0 ? some : undefined;
}

function probeHostsOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: ContainerLike): string[] {
  const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
  return handlers.flatMap((handler) => [handler?.httpGet?.host, handler?.tcpSocket?.host]).filter((host) => host !== undefined && host !== '') as string[];
}

/** What a container's own settings say, and else the pod's. */
function securityOf({ securityContext: own = {} }: ContainerLike, pod: PodSecurity): Partial<ContainerFacts> {
  const { runAsNonRoot, runAsUser, seccompProfile, appArmorProfile, windowsOptions } = { ...pod, ...own };
  return {
    privileged: own.privileged === true ? true : undefined,
    allowPrivilegeEscalation: own.allowPrivilegeEscalation,
    runAsNonRoot,
    runAsUser,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem === true ? true : undefined,
    capabilitiesAdded: capabilities(own.capabilities?.add),
    capabilitiesDropped: capabilities(own.capabilities?.drop),
    seccompProfile: seccompProfile?.type,
    appArmorProfile: appArmorProfile?.type,
    procMount: own.procMount,
    hostProcess: windowsOptions?.hostProcess === true ? true : undefined,
    seLinux: seLinuxOf({ ...pod.seLinuxOptions, ...own.seLinuxOptions }),
  } as Partial<ContainerFacts>;
}

function factsOf(container: ContainerLike, pod: PodSecurity, kind: ContainerFacts['kind']): ContainerFacts {
  const hostPorts = (container.ports ?? []).flatMap(({ hostPort }) => (hostPort ? [hostPort] : []));
  return given<ContainerFacts>({
    name: container.name ?? '',
    image: container.image ?? '',
    kind,
    limits: limitsOf(container),
    ...securityOf(container, pod),
    probeHosts: orNothing(sortedOnce(probeHostsOf(container))),
    hostPorts: orNothing([...new Set(hostPorts)].toSorted((a, b) => a - b)),
  } as ContainerFacts);
}

/** Throws QuantityError when a limit cannot be read. */
export function containerFacts({ initContainers = [], containers = [], ephemeralContainers = [], securityContext: pod = {} }: PodSpecLike): ContainerFacts[] {
  return [
    ...initContainers.map((container) => factsOf(container, pod, container.restartPolicy === 'Always' ? 'sidecar' : 'init')),
    ...containers.map((container) => factsOf(container, pod, undefined)),
    ...ephemeralContainers.map((container) => factsOf(container, pod, 'ephemeral')),
  ];
}

export function volumeTypesOf({ volumes = [] }: PodSpecLike): Pick<PodFacts, 'volumeTypes'> {
  const types = sortedOnce(volumes.flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name')));
  return types.length > 0 ? { volumeTypes: types } : {};
}

export function sysctlsOf({ securityContext }: PodSpecLike): Pick<PodFacts, 'sysctls'> {
  const names = sortedOnce((securityContext?.sysctls ?? []).map(({ name }) => name));
  return names.length > 0 ? { sysctls: names } : {};
}
