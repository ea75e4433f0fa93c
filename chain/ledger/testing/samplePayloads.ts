// One good payload of each transaction type, and the facts they are made of; each call gives fresh values.
import { sample } from '../../../api/testing/samples.js';
import type { AgreementSpec, PolicyExceptionSpec } from '../../../api/index.js';
import { bls } from '../../../crypto/bls.js';
import { signEd25519 } from '../../../crypto/ed25519.js';
import { toHex, utf8 } from '../../../crypto/encoding.js';
import { sha256, sha256Hex } from '../../../crypto/hash.js';
import type { FlowRequest } from '../../../policy/trafficLight/evaluateFlow.js';
import type { AdmissionFacts, Verdict } from '../../../policy/types.js';
import { signException } from '../../client/exceptionSignatures.js';
import { signInstruction } from '../../client/instructions.js';
import type { NodeCommitment, Payloads } from '../../types.js';
import { agreementHash, agreementMessage } from '../agreements/agreementHash.js';
import { commitmentMessage } from '../nodes/commitment.js';
import { FLOOD } from '../../consensus/contradict.js';
import { testCertificate, testHeader } from '../../../receipts/testing/testValidators.js';
import { doubleVote, floodOf } from './testEvidence.js';
import { keyOf, START, validators } from './testGenesis.js';

export const CLUSTER = 'eu-cluster';
export const uidOf = (name: string) => `uid-${name}`;
export const specHashOf = (name: string) => sha256Hex(`spec of ${name}`);

const CHAIN = 'enc-test';
const GIB = 2 ** 30;

export function clusterPut(changes: Partial<Payloads['cluster.put']> = {}): Payloads['cluster.put'] {
  return { name: CLUSTER, uid: uidOf(CLUSTER), generation: 1, spec: sample('EncCluster').spec, ...changes };
}

export function policyPut(name = 'geographic-data-sovereignty', changes: Partial<Payloads['policy.put']> = {}): Payloads['policy.put'] {
  return { name, uid: uidOf(name), generation: 1, spec: sample('BisoPolicy').spec, ...changes };
}

export function rulePut(name = 'eu-to-us', changes: Partial<Payloads['rule.put']> = {}): Payloads['rule.put'] {
  return { name, uid: uidOf(name), generation: 1, spec: sample('TrafficRule').spec, ...changes };
}

/** Who may approve exceptions from the sample policy, once `exceptionApproval` is put into it. */
export const exceptionApproval = { approvers: [{ name: 'bank', publicKey: keyOf('bank').publicKey }], required: 1 };

/** Signed by bank, unless `signers` says otherwise. */
export function exceptionPut(name = 'legacy', changes: Partial<PolicyExceptionSpec> = {}, signers: string[] = ['bank']): Payloads['exception.put'] {
  const spec = signers.reduce((signed, signer) => signException(name, signed, keyOf(signer)), { ...sample('PolicyException').spec, expiresAt: new Date(START + 86_400_000).toISOString(), ...changes });
  return { name, uid: uidOf(name), generation: 1, spec };
}

/** Signed by bank and processor, unless `signers` says otherwise. */
export function agreementSpec(changes: Partial<AgreementSpec> = {}, signers: string[] = ['bank', 'processor']): AgreementSpec {
  const terms = sample('Agreement').spec;
  const parties = ['bank', 'processor'].map((name) => ({ name, role: 'party', publicKey: keyOf(name).publicKey }));
  const spec: AgreementSpec = { ...terms, parties, signatures: [], ...changes };
  const message = agreementMessage(agreementHash(spec));
  return { ...spec, signatures: signers.map((party) => ({ party, signature: toHex(signEd25519(keyOf(party).privateKey, message)) })) };
}

export function agreementDeploy(name = 'payments', changes: Partial<Payloads['agreement.deploy']> = {}): Payloads['agreement.deploy'] {
  return { name, uid: uidOf(name), generation: 1, spec: agreementSpec(), ...changes };
}

const blsKeys = new Map<string, { secret: string; publicKey: string; possession: string }>();
function blsKeyOf(name: string) {
  const known = blsKeys.get(name);
  if (known) return known;
  const secret = bls.keyFromSeed(sha256(utf8(`node ${name}`)));
  const made = { secret, publicKey: bls.publicKey(secret), possession: toHex(bls.provePossession(secret)) };
  blsKeys.set(name, made);
  return made;
}

/** BLS secret that nodeCommit(name) signs with, hex. */
export const nodeSecret = (name: string): string => blsKeyOf(name).secret;

/** Signed with the key of `changes.name`; what is changed is signed too. */
export function nodeCommit(name = 'eu-1', changes: Partial<NodeCommitment> = {}): NodeCommitment {
  const key = blsKeyOf(name);
  const unsigned: NodeCommitment = {
    name,
    region: 'EU',
    zone: 'eu-a',
    cpuMillis: 4_000,
    memoryBytes: 8 * GIB,
    storageBytes: 100 * GIB,
    networkBandwidth: 1_000_000_000,
    pods: 110,
    blsPublicKey: key.publicKey,
    blsProofOfPossession: key.possession,
    attestationProof: null,
    ...changes,
    commitmentSignature: '',
  };
  return { ...unsigned, commitmentSignature: toHex(bls.sign(key.secret, commitmentMessage(CHAIN, unsigned))) };
}

export function nodeReport(name = 'eu-1', changes: Partial<Payloads['node.report']> = {}): Payloads['node.report'] {
  return { name, ready: true, labels: { type: 'kwok', 'topology.kubernetes.io/region': 'EU' }, taints: [], ...changes };
}

const euData: AdmissionFacts['data'] & object = {
  classification: 'Restricted',
  sourceRegion: 'EU',
  destinationRegions: [],
  operationType: 'Process',
  regulations: ['GDPR'],
  agreements: [],
};

/** A pod of namespace payments that asks for a quarter of a core and half a GiB. */
export function podFacts(name = 'pod-1', changes: Partial<AdmissionFacts> = {}): AdmissionFacts {
  return {
    operation: 'CREATE',
    time: START,
    requestUid: `request-${name}`,
    user: 'system:serviceaccount:kube-system:replicaset-controller',
    cluster: CLUSTER,
    namespace: { name: 'payments', labels: { 'enc.metanode.io/enforced': 'true', 'kubernetes.io/metadata.name': 'payments' } },
    object: { kind: 'Pod', namespace: 'payments', name, uid: uidOf(name), specHash: specHashOf(name) },
    workload: null,
    data: euData,
    pod: {
      labels: { app: 'sample' },
      nodeSelector: {},
      pinnedRegions: null,
      tolerations: [],
      requiredNodeAffinity: [],
      cpuMillis: 250,
      memoryBytes: GIB / 2,
      storageBytes: 0,
      images: ['enc.local/demo:1'],
      schedulerName: 'enc-scheduler',
      serviceAccount: 'default',
      hostNamespaces: false,
      privileged: false,
      priority: 0,
    },
    guards: [],
    ...changes,
  };
}

export function workloadPut(name = 'eu-payments', changes: Partial<Payloads['workload.put']> = {}): Payloads['workload.put'] {
  return {
    namespace: 'payments',
    name,
    uid: uidOf(name),
    generation: 1,
    cluster: CLUSTER,
    workloadKind: 'Deployment',
    replicas: 2,
    templateHash: specHashOf(name),
    data: euData,
    ...changes,
  };
}

/** Internal data of the EU that is sent to the US, encrypted. */
export function flowRequest(changes: Partial<FlowRequest> = {}): FlowRequest {
  const end = { classification: null, namespace: { name: 'payments', labels: { 'enc.metanode.io/enforced': 'true' } }, labels: {} };
  return {
    decisionId: '00000000-0000-4000-8000-000000000007',
    time: START,
    requester: 'gateway',
    data: { classification: 'Internal', operationType: 'Transfer', regulations: [], agreements: [] },
    source: { region: 'EU', ...end },
    destination: { region: 'US', ...end },
    live: { encrypted: true, requestsPerSecond: 5, bytesPerSecond: null, budget: null, healthy: true },
    ...changes,
  };
}

const anyVerdict = { decision: 'allow', policyHeight: 0 } as Verdict;

export const samplePayloads: { [T in keyof Payloads]: () => Payloads[T] } = {
  'cluster.put': clusterPut,
  'cluster.remove': () => ({ name: CLUSTER, uid: uidOf(CLUSTER) }),
  'agreement.deploy': agreementDeploy,
  'agreement.terminate': () => ({ name: 'payments', uid: uidOf('payments'), reason: 'end of business' }),
  'policy.put': policyPut,
  'policy.remove': () => ({ name: 'geographic-data-sovereignty', uid: uidOf('geographic-data-sovereignty') }),
  'rule.put': rulePut,
  'rule.remove': () => ({ name: 'eu-to-us', uid: uidOf('eu-to-us') }),
  'exception.put': exceptionPut,
  'exception.remove': () => ({ name: 'legacy', uid: uidOf('legacy') }),
  'workload.put': workloadPut,
  'workload.transition': () => ({ namespace: 'payments', name: 'eu-payments', uid: uidOf('eu-payments'), to: 'Scheduled', reason: '' }),
  'workload.remove': () => ({ namespace: 'payments', name: 'eu-payments', uid: uidOf('eu-payments') }),
  'node.commit': nodeCommit,
  'node.report': nodeReport,
  'node.remove': () => ({ name: 'eu-1' }),
  'endpoint.put': () => ({ serviceId: 'payments/api', nodeId: 'eu-1', endpointUrl: 'http://10.0.0.1:8080', capabilities: [], blsSignature: '00'.repeat(96) }),
  'endpoint.remove': () => ({ serviceId: 'payments/api', endpointUrl: 'http://10.0.0.1:8080' }),
  'endpoint.beat': () => ({ endpoints: [{ serviceId: 'payments/api', endpointUrl: 'http://10.0.0.1:8080', healthy: true, latencyMicros: 1_000 }] }),
  'node.challenge': () => ({ name: 'eu-1' }),
  'node.beat': () => ({ nodes: ['eu-1'] }),
  'node.lost': () => ({ name: 'eu-1', reason: 'its kubelet is gone' }),
  'admission.verdict': () => ({ facts: podFacts(), verdict: anyVerdict }),
  'flow.decision': () => ({ request: flowRequest(), verdict: anyVerdict }),
  'placement.request': () => ({ podUid: uidOf('pod-1'), specHash: specHashOf('pod-1'), attempt: 1 }),
  'placement.transition': () => ({ podUid: uidOf('pod-1'), to: 'Running', reason: '' }),
  'placement.preempt': () => ({ podUid: uidOf('pod-2'), victimUid: uidOf('pod-1') }),
  'reconcile.report': () => ({
    object: { kind: 'Workload', namespace: 'payments', name: 'eu-payments', uid: uidOf('eu-payments') },
    generation: 1,
    outcome: 'applied',
    reason: 'applied a Deployment',
    actions: ['applied Deployment payments/eu-payments'],
  }),
  'validators.change': () => ({ expectedSetHash: specHashOf('set'), expectedSince: 0, add: [], remove: [], reason: 'a sample', signatures: [] }),
  'evidence.report': () => doubleVote(2, 'prepare'),
  'stake.bond': () => ({ account: keyOf('newcomer').publicKey, name: 'newcomer', amount: 1_000_000 }),
  'stake.unbond': () => ({ amount: 1 }),
  'node.heartbeat': () => ({ participant: 'node/eu-1' }),
  'participation.report': () => {
    const header = testHeader(validators.set, { height: 1 });
    return { certificates: [{ header, certificate: testCertificate(validators, header, [0, 1, 2]) }] };
  },
  'fees.settle': () => ({ account: keyOf('operator').publicKey }),
  'mesh.open': () => ({ amount: 1_000 }),
  'mesh.settle': () => ({ caller: keyOf('operator').publicKey, calls: 1 }),
  'mesh.close': () => ({}),
  'tenant.assign': () => ({ namespace: 'payments', account: keyOf('bank').publicKey }),
  'tenant.agree': () => ({ namespace: 'payments', pays: true }),
  'identity.attest': () => ({ account: keyOf('operator').publicKey, reference: specHashOf('a file'), validUntil: 1 }),
  'proposal.submit': () => ({ title: 'dearer receipts', reason: 'a sample', content: { kind: 'EconomicParameter', changes: { receiptFee: 2 }, height: 1 } }),
  'proposal.vote': () => ({ proposal: specHashOf('proposal'), approve: true }),
  'arbitrator.register': () => ({ categories: ['Economic'], conflicts: [] }),
  'arbitrator.resign': () => ({}),
  'case.open': () => ({
    category: 'Economic',
    respondent: keyOf('operator').publicKey,
    remedy: 'Compensation',
    subject: '',
    amount: 1_000_000,
    claim: 'charged twice',
    evidence: [{ type: 'testimony', text: 'it was so' }],
  }),
  'case.evidence': () => ({ caseId: specHashOf('case'), evidence: { type: 'commitment', hash: specHashOf('secret') } }),
  'case.commit': () => ({ caseId: specHashOf('case'), commitment: specHashOf('ballot') }),
  'case.reveal': () => ({ caseId: specHashOf('case'), ballot: { upheld: true, award: 1, salt: specHashOf('salt') } }),
  'level.state': () => ({ level: 'storage_time', respondent: keyOf('operator').publicKey, ms: 200 }),
  'case.appeal': () => ({ caseId: specHashOf('case'), grounds: 'the panel erred' }),
  'evidence.transaction': () => ({ raw: 'a signed transaction' }),
  'evidence.checkpoint': () => {
    const header = testHeader(validators.set, { height: 1 });
    return { validator: validators.set.validators[0]!.ed25519PublicKey, note: 'a note', header, certificate: testCertificate(validators, header, [0, 1, 2]) };
  },
  'evidence.flood': () => ({ messages: floodOf(2, FLOOD) }),
  'evidence.log': () => ({ validator: validators.set.validators[0]!.ed25519PublicKey, height: 1, first: 'a note', second: 'another' }),
  'instruction.carry': () => signInstruction(CHAIN, { type: 'proposal.vote', payload: { proposal: specHashOf('proposal'), approve: true }, serial: 1 }, keyOf('bank')),
};
