// Publishes who serves a service, as the chain decided, to Kubernetes: EndpointSlices, so that ordinary clients follow. The decision becomes slices by a pure function.
import { isIPv4, isIPv6 } from 'node:net';
import type { KubeObject } from '../runtime/kubeObject.js';
import type { Resolved } from '../resolver/serviceTable.js';

export interface EndpointSlice extends KubeObject {
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  addressType: 'IPv4' | 'IPv6';
  endpoints: { addresses: string[]; nodeName: string; conditions: { ready: boolean; serving: boolean; terminating: boolean } }[];
  ports: { name: string; port: number; protocol: 'TCP' }[];
}

const MANAGED_BY = 'enc-operator';

const sliceName = (service: string, type: string, port: number) => `${service}-enc-${type.toLowerCase()}-${port}`;

/** One slice for each port and address family; Kubernetes has no weights, so every target that gets calls at all is ready. */
export function slicesOf({ serviceId, targets }: Resolved): EndpointSlice[] {
  const [namespace, service] = serviceId.split('/') as [string, string];
  const slices = new Map<string, EndpointSlice>();
  for (const { url, nodeId } of targets) {
    const { hostname, port: given, protocol } = new URL(url);
    const address = hostname.replace(/^\[|\]$/g, '');
    if (!isIPv4(address) && !isIPv6(address)) continue;
    const addressType = isIPv4(address) ? 'IPv4' : 'IPv6';
    const port = Number(given || (protocol === 'https:' ? 443 : 80));
    const name = sliceName(service, addressType, port);
    const slice = slices.get(name) ?? {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': service, 'endpointslice.kubernetes.io/managed-by': MANAGED_BY } },
      addressType,
      endpoints: [],
      ports: [{ name: 'mesh', port, protocol: 'TCP' as const }],
    };
    slice.endpoints.push({ addresses: [address], nodeName: nodeId, conditions: { ready: true, serving: true, terminating: false } });
    slices.set(name, slice);
  }
  return [...slices.values()];
}

/** The slices of before that hold nothing now are emptied, for deleting them would race with the next decision. */
export function withEmptied(now: readonly EndpointSlice[], before: readonly EndpointSlice[]): EndpointSlice[] {
  const gone = before.filter(({ metadata }) => !now.some((slice) => slice.metadata.name === metadata.name));
  return [...now, ...gone.map((slice) => ({ ...slice, endpoints: [] }))];
}
