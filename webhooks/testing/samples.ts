// Requests, pods and a policy set for tests: an EU cluster whose Restricted data stays in the EU.
import { withDefaults } from '../../api/defaults.js';
import type { AgreementSpec, BisoPolicySpec, EncClusterSpec, TrafficRuleSpec } from '../../api/index.js';
import { LABELS, SCHEDULER_NAME } from '../../api/labels.js';
import type { PodLike } from '../../policy/pod/podLike.js';
import type { PolicySet } from '../../policy/types.js';
import type { AdmissionRequest, KubeObject } from '../admission/review.js';
import type { CheckContext } from '../checks/check.js';
import { PersonalNames } from '../personal/personalNames.js';
import { PlacementBook } from '../placementBook.js';
import { ScriptedChain } from './scriptedChain.js';

export const NOW = Date.parse('2026-11-23T12:00:00Z');
const named = <S>(name: string, spec: S) => ({ name, uid: `uid-${name}`, generation: 1, spec });

export const clusterSpec = withDefaults('EncCluster', {
  clusterId: '6f1c2a34-9b1d-4c55-8f0e-2d7b6a5c4e31',
  regions: ['EU', 'US'],
  validators: { size: 4, endpoints: ['http://127.0.0.1:21001'] },
} as EncClusterSpec);

export const sovereigntySpec = withDefaults('BisoPolicy', {
  description: 'Restricted data of the EU stays in the EU.',
  regions: ['EU'],
  classifications: ['Restricted'],
  enforcement: 'runtime',
  violationAction: 'migrate_workload',
  rules: [
    {
      name: 'stays',
      requirement: { regions: ['EU'] },
      clause: { text: 'Chapter V applies.', regulation: 'GDPR', article: 'Art. 44', cure: 'pin it to the EU' },
    },
  ],
} as BisoPolicySpec);

export const yellowSpec = withDefaults('TrafficRule', {
  source: { regions: ['EU'], classifications: ['Internal'] },
  destination: { regions: ['US'] },
  light: 'Yellow',
  obligations: [{ type: 'encrypt', parameters: { algorithm: 'ChaCha20Poly1305' } }],
  clause: { text: 'Transfers need safeguards.', regulation: 'GDPR', article: 'Art. 46' },
}) as TrafficRuleSpec;

export const agreementSpec = {
  agreementId: 'payments',
  version: '1.0',
  parties: [],
  terms: {
    purpose: 'payments',
    classifications: [],
    regions: [],
    regulations: [],
    validFrom: '2025-01-01T00:00:00Z',
    validUntil: '2035-01-01T00:00:00Z',
    requiredPolicies: ['sovereignty'],
  },
  jurisdiction: 'US-DE',
  courtId: 'delaware',
  enforcementRules: [],
  signatures: [],
} as unknown as AgreementSpec;

export function policySet(changes: Partial<PolicySet> = {}): PolicySet {
  return {
    policyHeight: 5,
    clusters: [named('eu-cluster', clusterSpec)],
    agreements: [{ ...named('payments-agreement', agreementSpec), state: 'InForce', hash: 'ab'.repeat(32) }],
    policies: [named('sovereignty', sovereigntySpec)],
    rules: [named('eu-to-us', yellowSpec)],
    ...changes,
  };
}

export const ENFORCED = { [LABELS.enforced]: 'true' };
const NAMESPACES: Record<string, Record<string, string>> = { payments: ENFORCED, free: {} };

export function testContext(chain = new ScriptedChain(policySet())): CheckContext & { client: ScriptedChain } {
  return {
    client: chain,
    placements: new PlacementBook(),
    persons: new PersonalNames({ keep: () => Promise.resolve() }),
    namespaceLabels: (name) => (NAMESPACES[name] ? Promise.resolve(NAMESPACES[name]) : Promise.reject(new Error(`namespace ${name} cannot be read`))),
    now: () => NOW,
    operatorUser: 'operator',
    podUid: (_namespace, name) => Promise.resolve(name === 'gone' ? undefined : `${name}-uid`),
  };
}

/** A pod as the validating phase sees it. */
export function testPod(changes: { metadata?: PodLike['metadata']; spec?: PodLike['spec'] } = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'cart',
      namespace: 'payments',
      uid: 'pod-uid',
      labels: { [LABELS.cluster]: 'eu-cluster', [LABELS.dataClassification]: 'Restricted', [LABELS.dataRegion]: 'EU' },
      ...changes.metadata,
    },
    spec: { schedulerName: SCHEDULER_NAME, containers: [{ name: 'main', image: 'demo:1' }], ...changes.spec },
  } as KubeObject;
}

export function testRequest(changes: Partial<AdmissionRequest> & { resource?: AdmissionRequest['resource'] } = {}): AdmissionRequest {
  return {
    uid: 'request-uid',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    subResource: '',
    name: 'cart',
    namespace: 'payments',
    operation: 'CREATE',
    user: 'alice',
    groups: [],
    object: testPod(),
    oldObject: null,
    dryRun: false,
    ...changes,
  };
}

const PLURAL: Record<string, string> = {
  EncCluster: 'encclusters',
  Workload: 'workloads',
  Agreement: 'agreements',
  BisoPolicy: 'bisopolicies',
  TrafficRule: 'trafficrules',
};

/** A request about one of the project's own kinds. */
export function resourceRequest(kind: string, spec: object | null, changes: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const name = changes.name ?? 'it';
  const group = 'enc.metanode.io';
  const object =
    spec === null
      ? null
      : {
          apiVersion: `${group}/v1alpha1`,
          kind,
          metadata: { name, uid: `uid-${name}`, ...(kind === 'Workload' ? { namespace: 'payments' } : {}) },
          spec: { ...spec },
        };
  return testRequest({
    kind: { group, version: 'v1alpha1', kind },
    resource: { group, version: 'v1alpha1', resource: PLURAL[kind]! },
    namespace: kind === 'Workload' ? 'payments' : '',
    name,
    object,
    ...changes,
  });
}
