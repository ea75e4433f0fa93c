// What the API server is told to write into pods: only where the one EncCluster enforces, and nothing where several might.
import { describe, expect, it } from 'vitest';
import { EXEMPT_NAMESPACES } from '../api/labels.js';
import { identityPolicies, LACKS_IDENTITY } from './identityPolicy.js';
import { clusterSpec } from './testing/samples.js';

const cluster = { name: 'eu-cluster', uid: 'c1', generation: 1, spec: clusterSpec };

describe('identityPolicies', () => {
  it('match new pods where the EncCluster enforces, but in no exempt namespace, and leave to the webhook what fails', () => {
    const [policy, binding] = identityPolicies({ clusters: [cluster] }) as unknown as { metadata: { name: string }; spec: Record<string, unknown> }[];
    const exempt = { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: EXEMPT_NAMESPACES };
    const { matchLabels, matchExpressions = [] } = clusterSpec.enforcedNamespaceSelector;
    expect(policy!.spec).toMatchObject({
      failurePolicy: 'Ignore',
      matchConstraints: {
        namespaceSelector: { ...(matchLabels ? { matchLabels } : {}), matchExpressions: [...matchExpressions, exempt] },
        resourceRules: [{ resources: ['pods'], operations: ['CREATE'] }],
      },
    });
    expect(binding!.spec).toEqual({ policyName: policy!.metadata.name });
  });

  it.each([
    ['no EncCluster', []],
    ['two', [cluster, { ...cluster, name: 'other' }]],
  ])('are none with %s', (_, clusters) => expect(identityPolicies({ clusters })).toEqual([]));

  it('the webhook is asked about a pod unless scheduler, cluster and, of a Workload, its data are there', () => {
    expect(LACKS_IDENTITY).toContain('object.spec.schedulerName == "enc-scheduler"');
    for (const label of ['cluster', 'workload', 'data-classification', 'data-region', 'operation-type']) expect(LACKS_IDENTITY).toContain(`"enc.metanode.io/${label}" in object.metadata.labels`);
  });
});
