import { describe, expect, it } from 'vitest';
import { kwokNode } from './kwokNode.js';

describe('kwokNode', () => {
  it('says its place, that it is fake, and what it offers', () => {
    expect(kwokNode({ name: 'us-1', region: 'US', kind: 'kwok', cpu: '4', labels: { tier: 'gold' } })).toMatchObject({
      metadata: {
        name: 'us-1',
        labels: { type: 'kwok', tier: 'gold', 'topology.kubernetes.io/region': 'US', 'topology.kubernetes.io/zone': 'us-a' },
        annotations: { 'kwok.x-k8s.io/node': 'fake' },
      },
      status: { allocatable: { cpu: '4', memory: '32Gi', pods: '110' } },
    });
  });
  it('has no taint of its own', () => expect(kwokNode({ name: 'a', region: 'EU', kind: 'kwok' })).not.toHaveProperty('spec'));
  it("lets the node's own labels win", () => {
    const { labels } = kwokNode({ name: 'a', region: 'EU', kind: 'kwok', labels: { 'topology.kubernetes.io/zone': 'x' } }).metadata;
    expect(labels['topology.kubernetes.io/zone' as keyof typeof labels]).toBe('x');
  });
});
