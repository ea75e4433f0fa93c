// Builds policy sets, facts and nodes for tests: complete objects, of which a test names only what it is about.
import type { AgreementSpec, BisoPolicySpec, BisoRule, EncClusterSpec, PolicyExceptionSpec, TrafficRuleSpec } from '../../api/index.js';
import type { ExpressionInput } from '../expressionVariables.js';
import type { AdmissionFacts, AgreementFacts, DataFacts, LedgerNode, Named, PodFacts, PolicySet } from '../types.js';

export const NOON = Date.UTC(2026, 5, 1, 12, 0);

function aPod(given: Partial<PodFacts> = {}): PodFacts {
  return {
    labels: {}, nodeSelector: {}, pinnedRegions: null, tolerations: [], requiredNodeAffinity: [], cpuMillis: 100, memoryBytes: 1_000, storageBytes: 0,
    images: ['app:1'], schedulerName: 'enc-scheduler', serviceAccount: 'default', hostNamespaces: false, privileged: false, priority: 0, ...given,
  };
}

function someData(given: Partial<DataFacts> = {}): DataFacts {
  return { classification: 'Restricted', sourceRegion: 'EU', destinationRegions: [], operationType: 'Process', regulations: [], agreements: [], ...given };
}

export function someFacts(given: Partial<Omit<AdmissionFacts, 'data' | 'pod'>> & { data?: Partial<DataFacts> | null; pod?: Partial<PodFacts> | null } = {}): AdmissionFacts {
  const { data, pod, ...rest } = given;
  return {
    operation: 'CREATE', time: NOON, requestUid: 'request-1', user: 'alice', cluster: 'eu-cluster',
    namespace: { name: 'payments', labels: {} },
    object: { kind: 'Pod', namespace: 'payments', name: 'app-1', uid: 'uid-1', specHash: '00' },
    workload: null, guards: [], ...rest,
    data: data === null ? null : someData(data),
    pod: pod === null ? null : aPod(pod),
  };
}

/** What an expression is evaluated on. */
export function asked(given: Parameters<typeof someFacts>[0] = {}, more: Partial<Omit<ExpressionInput, 'facts'>> = {}): ExpressionInput {
  return { facts: someFacts(given), node: null, agreements: [], flow: null, ...more };
}

export const anAgreementFact: AgreementFacts = {
  name: 'pay', agreementId: 'pay', version: '1.0', parties: ['bank', 'processor'], jurisdiction: 'US-DE', classifications: ['Restricted'], regions: ['EU'], regulations: [], validUntil: NOON + 1,
};

const named = <Spec>(name: string, spec: Spec): Named<Spec> => ({ name, uid: `uid-of-${name}`, generation: 1, spec });

export function aRule(given: Partial<BisoRule> = {}): BisoRule {
  return { name: 'rule', match: {}, requirement: {}, clause: { text: 'the clause' }, ...given };
}

export function aPolicy(name: string, given: Partial<BisoPolicySpec> = {}): Named<BisoPolicySpec> {
  return named(name, { description: '', regions: [], classifications: [], enforcement: 'pre-scheduling', violationAction: 'reject_workload', rules: [aRule()], ...given });
}

export const euOnly = aPolicy('geographic-data-sovereignty', {
  regions: ['EU'], classifications: ['Confidential', 'Restricted'], enforcement: 'runtime', violationAction: 'migrate_workload',
  rules: [aRule({ name: 'eu-data-stays-in-eu', match: { sourceRegions: ['EU'] }, requirement: { regions: ['EU'] }, clause: { text: 'Transfers only under Chapter V.', regulation: 'GDPR', article: 'Art. 44', cure: 'use EU nodes' } })],
});

export function aTrafficRule(name: string, given: Partial<TrafficRuleSpec> = {}): Named<TrafficRuleSpec> {
  return named(name, { priority: 100, source: {}, destination: {}, light: 'Green', conditions: {}, obligations: [], clause: { text: `clause of ${name}` }, ...given });
}

/** Signed by those whose public keys are given; the ledger has checked that. */
export function anException(name: string, given: Partial<PolicyExceptionSpec> = {}, signedBy: string[] = ['aa']): Named<PolicyExceptionSpec> {
  return named(name, {
    targets: [{ kind: 'BisoPolicy', name: 'geographic-data-sovereignty', rules: ['eu-data-stays-in-eu'] }],
    scope: { namespaces: ['payments'] }, reason: 'moves in the third quarter', expiresAt: new Date(NOON + 1).toISOString(),
    approvals: signedBy.map((publicKey) => ({ publicKey, signature: '' })), ...given,
  });
}

export function anAgreement(name: string, terms: Partial<AgreementSpec['terms']> = {}, state: PolicySet['agreements'][number]['state'] = 'InForce'): PolicySet['agreements'][number] {
  const spec: AgreementSpec = {
    agreementId: name, version: '1.0', parties: [], jurisdiction: 'US-DE', courtId: 'court', enforcementRules: [], signatures: [],
    terms: { purpose: 'Payments.', classifications: ['Restricted'], regions: ['EU'], regulations: [], validFrom: '2026-01-01T00:00:00Z', validUntil: '2027-01-01T00:00:00Z', requiredPolicies: [], ...terms },
  };
  return { ...named(name, spec), state, hash: '00' };
}

export function aCluster(name: string, requireAgreement = false): Named<EncClusterSpec> {
  return named(name, {
    clusterId: 'c', regions: ['EU', 'US'], capabilities: [], complianceCertifications: [], agreementBindings: [], validators: { size: 4, endpoints: [], finalityThreshold: 67, blockTime: '2s' },
    relays: { count: 0, endpoints: [] }, nodeSelector: {}, minimumStake: '500 BPI', enforcedNamespaceSelector: { matchLabels: { 'enc.metanode.io/enforced': 'true' } }, requireAgreement,
    consensusParameters: { algorithm: 'IBFT', signatureScheme: 'BLS12-381' },
    economicParameters: { schedulingFee: '0.001 BPI', serviceMeshFee: '0.0001 BPI', consensusFee: '0.00001 BPI', receiptFee: '0.000001 BPI' },
  });
}

export function aPolicySet(given: Partial<PolicySet> = {}): PolicySet {
  return { policyHeight: 7, clusters: [aCluster('eu-cluster')], agreements: [], policies: [], rules: [], ...given };
}

export function aNode(name: string, given: Partial<LedgerNode> = {}): LedgerNode {
  return {
    name, region: 'EU', zone: 'eu-a', labels: {}, taints: [], ready: true,
    capacity: { cpuMillis: 4_000, memoryBytes: 8_000, storageBytes: 8_000, networkBandwidth: 1_000, pods: 110 },
    allocated: { cpuMillis: 0, memoryBytes: 0, storageBytes: 0, pods: 0 }, ...given,
  };
}
