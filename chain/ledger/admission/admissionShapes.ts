// The exact shape of a verdict's recorded facts; the verdict itself is held to its recomputation.
import { array, integer, literal, nullable, pattern, ShapeError, text, type Shape } from '../../../receipts/shape.js';
import type { AdmissionFacts, ContainerFacts, DataFacts, PodFacts, Verdict, Violation } from '../../../policy/types.js';
import { podConstraints } from './constraintShapes.js';
import { labels, objectName, shapeOf, uid, uidOrNone } from '../shapes.js';

const MAX_BYTES = 2 ** 50;
const MAX_TERMS = 64;
const flag = literal(true, false);
const sentence = text(0, 4096);
const region = literal('US', 'EU', 'APAC', 'Global');
const hashOrNone = pattern(/^(?:[0-9a-f]{64})?$/, '32 bytes of lower-case hex, or nothing');
const boundedList = (max: number) => array(text(0, 512), 0, max);

export const dataFacts = shapeOf<DataFacts>()({
  classification: literal('Public', 'Internal', 'Confidential', 'Restricted'),
  sourceRegion: region,
  destinationRegions: array(region, 0, 4),
  operationType: literal('Process', 'Store', 'Transfer', 'Replicate', 'Analyze'),
  regulations: array(text(1, 32), 0, 32),
  agreements: array(objectName, 0, 32),
});

const toleration = shapeOf<PodFacts['tolerations'][number]>()(
  {},
  { key: text(0, 317), operator: text(0, 16), value: text(0, 63), effect: text(0, 32) },
);

type AffinityTerm = PodFacts['requiredNodeAffinity'][number];
type AffinityExpression = NonNullable<AffinityTerm['matchExpressions']>[number];
const affinityExpression = shapeOf<AffinityExpression>()({ key: text(1, 317), operator: text(1, 16) }, { values: boundedList(128) });
const affinityTerm = shapeOf<AffinityTerm>()({}, { matchExpressions: array(affinityExpression, 0, MAX_TERMS) });

const word = text(1, 128);
const containerFacts = shapeOf<ContainerFacts>()(
  { name: text(0, 253), image: text(0, 512) },
  {
    kind: literal('init', 'sidecar', 'ephemeral'),
    limits: shapeOf<NonNullable<ContainerFacts['limits']>>()({}, { cpuMillis: integer(0, MAX_BYTES), memoryBytes: integer(0, MAX_BYTES) }),
    privileged: literal(true),
    allowPrivilegeEscalation: flag,
    runAsNonRoot: flag,
    runAsUser: integer(0, 2 ** 53 - 1),
    readOnlyRootFilesystem: literal(true),
    capabilitiesAdded: array(text(1, 32), 0, 48),
    capabilitiesDropped: array(text(1, 32), 0, 48),
    seccompProfile: word,
    appArmorProfile: word,
    procMount: word,
    seLinux: shapeOf<NonNullable<ContainerFacts['seLinux']>>()({}, { type: word, user: word, role: word }),
    hostPorts: array(integer(0, 65_535), 0, 64),
    hostProcess: literal(true),
    probeHosts: array(text(1, 253), 0, 16),
  },
);

const podFacts = shapeOf<PodFacts>()({
  labels,
  nodeSelector: labels,
  pinnedRegions: nullable(array(text(1, 63), 0, 16)),
  tolerations: array(toleration, 0, 128),
  requiredNodeAffinity: array(affinityTerm, 0, MAX_TERMS),
  cpuMillis: integer(0, MAX_BYTES),
  memoryBytes: integer(0, MAX_BYTES),
  storageBytes: integer(0, MAX_BYTES),
  images: boundedList(256),
  schedulerName: text(0, 253),
  serviceAccount: text(0, 253),
  hostNamespaces: flag,
  privileged: flag,
  priority: integer(-(2 ** 31), 2 ** 31),
}, { containers: array(containerFacts, 0, 64), volumeTypes: array(word, 0, 64), sysctls: array(text(1, 253), 0, 64), constraints: podConstraints });

const violation = shapeOf<Violation>()({
  kind: text(1, 64),
  name: text(0, 253),
  rule: text(0, 253),
  clause: sentence,
  regulation: text(0, 256),
  message: sentence,
  cure: sentence,
  action: literal('reject_workload', 'migrate_workload', 'terminate_connection', 'audit'),
});

const binding = shapeOf<NonNullable<AdmissionFacts['binding']>>()({ node: text(0, 253), podUid: uidOrNone });

export const admissionFacts: Shape<AdmissionFacts> = shapeOf<AdmissionFacts>()(
  {
    operation: literal('CREATE', 'UPDATE', 'DELETE', 'CONNECT', 'BIND'),
    time: integer(),
    requestUid: text(1, 128),
    user: text(0, 1024),
    cluster: nullable(objectName),
    namespace: shapeOf<AdmissionFacts['namespace']>()({ name: text(0, 63), labels }),
    object: shapeOf<AdmissionFacts['object']>()({
      kind: text(1, 64),
      namespace: text(0, 63),
      name: text(1, 253),
      uid: uidOrNone,
      specHash: hashOrNone,
    }),
    workload: nullable(shapeOf<NonNullable<AdmissionFacts['workload']>>()({ name: objectName, uid })),
    data: nullable(dataFacts),
    pod: nullable(podFacts),
    guards: array(violation, 0, 64),
  },
  { binding },
);

/** Only what is read before it is compared: everything else must be as recomputed. */
export const verdict: Shape<Verdict> = (value, path) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ShapeError(path, 'an object', value);
  const { policyHeight, decision } = value as Partial<Verdict>;
  integer()(policyHeight, `${path}.policyHeight`);
  literal('allow', 'refuse')(decision, `${path}.decision`);
  return value as Verdict;
};
