// The nodes that `make up` gives its cluster: three regions, one node that really runs containers.
import type { NodeSpec } from './provider.js';

export const defaultNodes = (): NodeSpec[] => [
  { name: 'enc-real-eu', region: 'EU', kind: 'real', labels: { 'enc.metanode.io/runtime': 'real' } },
  { name: 'eu-1', region: 'EU', kind: 'kwok' },
  { name: 'eu-2', region: 'EU', zone: 'eu-b', kind: 'kwok' },
  { name: 'us-1', region: 'US', kind: 'kwok' },
  { name: 'us-2', region: 'US', zone: 'us-b', kind: 'kwok' },
  { name: 'apac-1', region: 'APAC', kind: 'kwok' },
];

export const zoneOf = ({ region, zone }: NodeSpec): string => zone ?? `${region.toLowerCase()}-a`;
