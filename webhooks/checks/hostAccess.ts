// Pods outside enforcement that would reach into a node that enforced pods run on: the way around every other check.
import type { PodLike, PodSpecLike } from '../../policy/pod/podLike.js';
import type { Violation } from '../../policy/types.js';
import { guard } from '../../policy/violation.js';

/** Folders of the host through which its pods, its container runtime or its kubelet's keys are reached. */
const REACHING = ['/proc', '/sys', '/dev', '/etc', '/root', '/run', '/var/run', '/var/lib/kubelet', '/var/lib/containerd', '/var/lib/docker', '/var/lib/cni'];

const reaches = (path: string) => path === '/' || path === '/var' || path === '/var/lib' || REACHING.some((folder) => path === folder || path.startsWith(`${folder}/`));

const normal = (path: string) => `/${path.split('/').filter((part) => part !== '' && part !== '.').join('/')}`;

interface Container {
  name?: string;
  securityContext?: { privileged?: boolean };
}

function waysIn(spec: PodSpecLike & Record<string, unknown>): string[] {
  const flags = ['hostPID', 'hostIPC', 'hostNetwork'].filter((flag) => spec[flag] === true).map((flag) => `spec.${flag}`);
  const containers = ['initContainers', 'containers'].flatMap((list) => (spec[list] as Container[] | undefined) ?? []);
  const privileged = containers.filter(({ securityContext }) => securityContext?.privileged === true).map(({ name }) => `privileged container ${name ?? ''}`);
  const volumes = (spec.volumes as { name?: string; hostPath?: { path?: string } }[] | undefined) ?? [];
  const paths = volumes.flatMap(({ hostPath }) => (hostPath && (hostPath.path?.includes('..') || reaches(normal(hostPath.path ?? '/'))) ? [`hostPath ${hostPath.path ?? ''}`] : []));
  return [...flags, ...privileged, ...paths];
}

export function hostAccessGuards({ spec = {} }: PodLike): Violation[] {
  const ways = waysIn(spec as PodSpecLike & Record<string, unknown>);
  if (ways.length === 0) return [];
  return [
    guard(
      'HostAccess',
      `it would reach into its node by ${ways.join(', ')}, and so into pods that were placed there under a verdict`,
      'leave that out; or run it in an enforced namespace, where policies judge it, or with the control plane in kube-system',
    ),
  ];
}
