// The Node object of a fake node.
import { zoneOf } from '../defaultNodes.js';
import type { NodeSpec } from '../provider.js';
import { FAKE_NODE_ANNOTATION } from './kwokProgram.js';

/** On every node that the providers made; a node without it is never deleted by them. */
export const MADE_BY = { 'cluster.enc.metanode.io/made-by': 'enc-cluster' };

const DEFAULT_CPU = '8';
const DEFAULT_MEMORY = '32Gi';
const PODS = '110';

/** Labels that tell where a node is, real or fake; the node's own win. */
export const nodeLabels = (node: NodeSpec): Record<string, string> => ({
  'topology.kubernetes.io/region': node.region,
  'topology.kubernetes.io/zone': zoneOf(node),
  ...node.labels,
});

export function kwokNode(node: NodeSpec) {
  const resources = { cpu: node.cpu ?? DEFAULT_CPU, memory: node.memory ?? DEFAULT_MEMORY, pods: PODS };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: {
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        type: 'kwok',
        ...nodeLabels(node),
      },
      annotations: { ...FAKE_NODE_ANNOTATION, ...MADE_BY },
    },
    status: { capacity: resources, allocatable: resources },
  };
}
