// The exact shape of every transaction's payload, with a bound on each string, list and number.
import { blockHeaderShape, certificateShape } from '../../receipts/chainShapes.js';
import { resourceUsageShape } from '../../receipts/receiptShapes.js';
import { array, hex, integer, literal, nullable, pattern, text, type Shape } from '../../receipts/shape.js';
import { FLOOD } from '../consensus/contradict.js';
import { signedShape } from '../consensus/messageShapes.js';
import type { TpmQuote } from '../../crypto/tpmQuote.js';
import type { NodeCommitment, ObjectReference, Payloads, TransactionType, WorkloadRegistration } from '../types.js';
import { flowRequestShape } from '../client/flowShape.js';
import { extendedResources } from './admission/constraintShapes.js';
import { admissionFacts, dataFacts, verdict } from './admission/admissionShapes.js';
import { courtShapes } from './court/courtShapes.js';
import { economyShapes } from './economyShapes.js';
import { governanceShapes } from './governance/governanceShapes.js';
import { dictionary, generation, labels, namespaceName, objectName, reason, shapeOf, uid } from './shapes.js';
import { endpointShapes } from './endpoints/endpointShapes.js';
import { instructionShapes } from './instructions/instructionShapes.js';
import { specShape } from './specShape.js';
import { validatorPayloads } from './validators/validatorShapes.js';

const MAX_BYTES = 2 ** 50;
const named = { name: objectName, uid };
const removal = shapeOf<{ name: string; uid: string }>()(named);
const workloadRemoval = shapeOf<Payloads['workload.remove']>()({ namespace: namespaceName, ...named });

const tpmQuote = shapeOf<TpmQuote>()({
  attested: pattern(/^(?:[0-9a-f]{2}){1,512}$/, 'at most 512 bytes of lower-case hex'),
  signature: hex(64),
  key: hex(64),
  pcrs: dictionary(/^[0-7]$/, hex(32), 8),
});

const registration = shapeOf<WorkloadRegistration>()({
  namespace: namespaceName,
  ...named,
  generation,
  cluster: objectName,
  workloadKind: literal('Deployment', 'Job'),
  replicas: integer(0, 10_000),
  templateHash: hex(32),
  data: dataFacts,
});

const commitment = shapeOf<NodeCommitment>()(
  {
    name: objectName,
    region: literal('US', 'EU', 'APAC'),
    zone: text(0, 63),
    cpuMillis: integer(1, 100_000_000),
    memoryBytes: integer(1, MAX_BYTES),
    storageBytes: integer(0, MAX_BYTES),
    networkBandwidth: integer(0, MAX_BYTES),
    pods: integer(1, 100_000),
    blsPublicKey: hex(48),
    blsProofOfPossession: hex(96),
    commitmentSignature: hex(96),
    attestationProof: nullable(tpmQuote),
  },
  { extended: extendedResources },
);

const measured = shapeOf<NonNullable<Payloads['node.report']['allocatable']>>()({
  cpuMillis: integer(0, MAX_BYTES),
  memoryBytes: integer(0, MAX_BYTES),
  storageBytes: integer(0, MAX_BYTES),
  pods: integer(0, MAX_BYTES),
});

const taint = shapeOf<Payloads['node.report']['taints'][number]>()(
  { key: text(1, 317), effect: literal('NoSchedule', 'PreferNoSchedule', 'NoExecute') },
  { value: text(0, 63) },
);

const reference = shapeOf<ObjectReference>()({ kind: text(1, 64), namespace: text(0, 63), name: text(1, 253), uid: text(0, 128) });

export const payloadShapes: { [T in TransactionType]: Shape<Payloads[T]> } = {
  'cluster.put': shapeOf<Payloads['cluster.put']>()({ ...named, generation, spec: specShape('EncCluster') }),
  'cluster.remove': removal,
  'agreement.deploy': shapeOf<Payloads['agreement.deploy']>()({ ...named, generation, spec: specShape('Agreement') }),
  'agreement.terminate': shapeOf<Payloads['agreement.terminate']>()({ ...named, reason }),
  'policy.put': shapeOf<Payloads['policy.put']>()({ ...named, generation, spec: specShape('BisoPolicy') }),
  'policy.remove': removal,
  'rule.put': shapeOf<Payloads['rule.put']>()({ ...named, generation, spec: specShape('TrafficRule') }),
  'rule.remove': removal,
  'exception.put': shapeOf<Payloads['exception.put']>()({ ...named, generation, spec: specShape('PolicyException') }),
  'exception.remove': removal,
  'workload.put': registration,
  'workload.transition': shapeOf<Payloads['workload.transition']>()({
    namespace: namespaceName,
    ...named,
    to: literal('Pending', 'Scheduled', 'Running', 'Completed', 'Failed', 'Slashed'),
    reason,
  }),
  'workload.remove': workloadRemoval,
  'node.commit': commitment,
  'node.report': shapeOf<Payloads['node.report']>()({ name: objectName, ready: literal(true, false), labels, taints: array(taint, 0, 64) }, { allocatable: measured }),
  'node.challenge': shapeOf<Payloads['node.challenge']>()({ name: objectName }),
  'node.beat': shapeOf<Payloads['node.beat']>()({ nodes: array(objectName, 1, 1_000) }),
  'node.lost': shapeOf<Payloads['node.lost']>()({ name: objectName, reason }),
  'node.remove': shapeOf<Payloads['node.remove']>()({ name: objectName }),
  'admission.verdict': shapeOf<Payloads['admission.verdict']>()({ facts: admissionFacts, verdict }),
  'flow.decision': shapeOf<Payloads['flow.decision']>()({ request: flowRequestShape, verdict }),
  'placement.request': shapeOf<Payloads['placement.request']>()({ podUid: uid, specHash: hex(32), attempt: integer(0, 0xffff_ffff) }),
  'placement.transition': shapeOf<Payloads['placement.transition']>()({
    podUid: uid,
    to: literal('Running', 'Completed', 'Failed', 'Released'),
    reason,
  }, { usage: resourceUsageShape }),
  'placement.preempt': shapeOf<Payloads['placement.preempt']>()({ podUid: uid, victimUid: uid }),
  'reconcile.report': shapeOf<Payloads['reconcile.report']>()({
    object: reference,
    generation,
    outcome: literal('applied', 'failed'),
    reason,
    actions: array(text(1, 512), 0, 64),
  }),
  ...validatorPayloads,
  'evidence.report': shapeOf<Payloads['evidence.report']>()({ first: signedShape, second: signedShape }),
  'evidence.transaction': shapeOf<Payloads['evidence.transaction']>()({ raw: text(1, 128 * 1024) }),
  'evidence.log': shapeOf<Payloads['evidence.log']>()({ validator: hex(32), height: integer(1), first: text(1, 65_536), second: text(1, 65_536) }),
  'evidence.checkpoint': shapeOf<Payloads['evidence.checkpoint']>()({ validator: hex(32), note: text(1, 65_536), header: blockHeaderShape, certificate: certificateShape }),
  'evidence.flood': shapeOf<Payloads['evidence.flood']>()({ messages: array(signedShape, FLOOD, FLOOD) }),
  ...economyShapes,
  ...governanceShapes,
  ...courtShapes,
  ...endpointShapes,
  ...instructionShapes,
};
