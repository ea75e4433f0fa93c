// One valid object of each kind, for tests; each call returns a fresh copy that a test may change.
import { withDefaults } from '../defaults.js';
import type { ResourceByKind } from '../index.js';
import { API_VERSION, type Kind } from '../labels.js';

const specs: { [K in Kind]: Parameters<typeof withDefaults<K>>[1] } = {
  EncCluster: {
    clusterId: '6f1c2a34-9b1d-4c55-8f0e-2d7b6a5c4e31',
    regions: ['EU', 'US'],
    complianceCertifications: [{ name: 'SOC2', issuer: 'Example Assurance', validUntil: '2030-01-01T00:00:00Z' }],
    validators: { size: 4, endpoints: ['http://127.0.0.1:21001'] },
  },
  Workload: {
    clusterRef: 'eu-cluster',
    kind: 'Deployment',
    dataClassification: 'Restricted',
    dataRegion: 'EU',
    template: { metadata: { labels: { app: 'sample' } }, spec: { containers: [{ name: 'main', image: 'enc.local/demo:1' }] } },
  },
  Agreement: {
    agreementId: 'payments-processing',
    version: '1.0',
    parties: [
      { name: 'bank', role: 'controller', publicKey: '0'.repeat(64) },
      { name: 'processor', role: 'processor', publicKey: '1'.repeat(64) },
    ],
    terms: {
      purpose: 'Processing of payments.',
      classifications: ['Restricted'],
      regions: ['EU'],
      regulations: ['GDPR'],
      validFrom: '2025-01-01T00:00:00Z',
      validUntil: '2035-01-01T00:00:00Z',
      requiredPolicies: ['geographic-data-sovereignty'],
    },
    jurisdiction: 'US-DE',
    courtId: 'delaware-agreement-court',
    enforcementRules: [{ violation: 'resource_fraud', action: 'slash', penaltyPercent: 10 }],
    signatures: [{ party: 'bank', signature: 'a'.repeat(128) }],
  },
  BisoPolicy: {
    enforcement: 'runtime',
    violationAction: 'migrate_workload',
    rules: [
      {
        name: 'eu-data-stays-in-eu',
        match: { sourceRegions: ['EU'], podSelector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } },
        requirement: { regions: ['EU'] },
        clause: { text: 'Data stays in the EU.', regulation: 'GDPR', article: 'Art. 44' },
      },
    ],
  },
  TrafficRule: {
    source: { regions: ['EU'], classifications: ['Internal'] },
    destination: { regions: ['US'] },
    light: 'Yellow',
    conditions: { timeWindow: { from: '08:00', to: '18:00' } },
    obligations: [{ type: 'rate-limit', parameters: { requestsPerSecond: '100' } }],
    clause: { text: 'Transfers need safeguards.' },
  },
  PolicyException: {
    targets: [{ kind: 'BisoPolicy', name: 'geographic-data-sovereignty', rules: ['eu-data-stays-in-eu'] }],
    scope: { namespaces: ['payments'], podSelector: { matchLabels: { app: 'sample' } } },
    reason: 'The legacy batch moves to the EU in the third quarter.',
    expiresAt: '2030-01-01T00:00:00Z',
  },
  Proposal: {
    title: 'Double the receipt fee',
    reason: 'Receipts are spammed.',
    content: { economicParameter: { changes: { receiptFee: 2 }, height: 100 } },
    proposer: 'c'.repeat(64),
    serial: 1,
    signature: 'd'.repeat(128),
    votes: [{ validator: 'e'.repeat(64), approve: true, serial: 1, signature: 'f'.repeat(128) }],
  },
  Dispute: {
    category: 'Economic',
    remedy: 'Compensation',
    respondent: '1'.repeat(64),
    amount: '250 BPI',
    claim: 'The batch was charged twice.',
    evidence: [{ type: 'testimony', text: 'Both charges are on our statement.' }],
    claimant: '0'.repeat(64),
    serial: 1,
    signature: 'd'.repeat(128),
    filings: [{ account: '1'.repeat(64), evidence: { type: 'record', key: 'supply' }, serial: 2, signature: 'e'.repeat(128) }],
    appeals: [{ account: '1'.repeat(64), grounds: 'The panel erred.', serial: 3, signature: 'f'.repeat(128) }],
  },
};

/** Named sample-<kind>; a Workload is in namespace default. */
export function sample<K extends Kind>(kind: K): ResourceByKind[K] {
  const metadata = { name: `sample-${kind.toLowerCase()}`, ...(kind === 'Workload' ? { namespace: 'default' } : {}) };
  return structuredClone({ apiVersion: API_VERSION, kind, metadata, spec: withDefaults(kind, specs[kind]) }) as unknown as ResourceByKind[K];
}
