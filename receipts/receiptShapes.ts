// The exact shapes of statements, envelopes and bundles that come from untrusted sources.
import { MAX_SET_STEPS, setStepShape } from './setSteps.js';
import { blockHeaderShape, certificateShape, chainIdShape, validatorSetShape } from './chainShapes.js';
import { array, hex, integer, json, literal, nullable, object, pattern, text, type Shape } from './shape.js';
import {
  MAX_REASON_BYTES,
  PAYLOAD_TYPE,
  RECEIPT_PREDICATE_TYPE,
  STATEMENT_TYPE,
  type DsseEnvelope,
  type InclusionProof,
  type ReceiptBundle,
  type ReceiptPredicate,
  type ResourceUsage,
  type Statement,
} from './types.js';

/** What an entry of a tlog-tiles bundle can hold (C2SP tlog-tiles: a 16-bit length). */
export const MAX_STATEMENT_BYTES = 65_535;

const name = text(1, 253);
const uuid = pattern(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a UUID in lower case');

/** Members are left out where nothing was measured. */
export const resourceUsageShape: Shape<ResourceUsage> = object({}, { cpuTimeUsed: integer(), memoryPeak: integer(), networkBytes: integer(), storageOperations: integer() });

const predicateShape: Shape<ReceiptPredicate> = object(
  {
    chainId: chainIdShape,
    receiptId: hex(32),
    operationId: uuid,
    operationType: text(1, 64),
    timestamp: integer(),
    blockHeight: integer(),
    index: integer(),
    outcome: literal('applied', 'allowed', 'refused', 'failed'),
    code: text(1, 64),
    reason: text(0, MAX_REASON_BYTES),
    actor: hex(32),
    operationHash: hex(32),
    resourceUsage: nullable(resourceUsageShape),
    immutable: literal(true),
  },
  { object: object({ kind: text(1, 64), name }, { namespace: text(0, 253), uid: text(0, 128) }), details: json },
);

export const statementShape: Shape<Statement> = object({
  _type: literal(STATEMENT_TYPE),
  subject: array(object({ name: text(1, 1024), digest: object({ sha256: hex(32) }) }), 1, 16),
  predicateType: literal(RECEIPT_PREDICATE_TYPE),
  predicate: predicateShape,
});

const base64 = (maxBytes: number): Shape<string> =>
  pattern(new RegExp(`^[A-Za-z0-9+/]{0,${Math.ceil(maxBytes / 3) * 4}}={0,2}$`), 'base64 with padding');

export const envelopeShape: Shape<DsseEnvelope> = object({
  payloadType: literal(PAYLOAD_TYPE),
  payload: base64(MAX_STATEMENT_BYTES),
  signatures: array(object({ keyid: hex(32), sig: base64(64) }), 1, 64),
});

export const inclusionShape: Shape<InclusionProof> = object({
  leafIndex: integer(),
  treeSize: integer(1),
  path: array(hex(32), 0, 53),
});

export const bundleShape: Shape<ReceiptBundle> = object(
  {
    version: literal(1),
    envelope: envelopeShape,
    inclusion: inclusionShape,
    header: blockHeaderShape,
    certificate: certificateShape,
  },
  { validatorSet: validatorSetShape, steps: array(setStepShape, 0, MAX_SET_STEPS) },
);
