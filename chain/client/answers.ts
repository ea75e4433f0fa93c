// The exact shapes of what validators answer, before anything in them is believed.
import type { StateProof } from '../../crypto/stateProof.js';
import { blockHeaderShape, certificateShape } from '../../receipts/chainShapes.js';
import { array, hex, integer, json, literal, nullable, object, ShapeError, text, type Shape } from '../../receipts/shape.js';
import { MAX_SET_STEPS, setStepShape } from '../../receipts/setSteps.js';
import type { BlockHeader, Certificate, SetStep } from '../../receipts/types.js';
import { historyAnswerMembers, type HistoryAnswer } from '../../receipts/verify/verifyHistory.js';
import { batchPlaceShape } from '../batchSignature.js';
import type { Acknowledgement, FinalisedBlock } from '../types.js';

const MAX_BLOCK_ENTRIES = 100_000;
const MAX_TEXT = 64 * 1024 * 1024;
const anyText = text(0, MAX_TEXT);
/** Members a newer validator may add are not read. */
const open =
  <T>(shape: Shape<T>, members: readonly string[]): Shape<T> =>
  (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ShapeError(path, 'an object', value);
    const known = value as Record<string, unknown>;
    return shape(Object.fromEntries(members.filter((name) => Object.hasOwn(known, name)).map((name) => [name, known[name]])), path);
  };

export interface CertifiedHeader {
  header: BlockHeader;
  certificate: Certificate;
}
const certified = { header: blockHeaderShape, certificate: certificateShape };

export const certifiedHeaders: Shape<CertifiedHeader[]> = array(open(object(certified), ['header', 'certificate']), 0, 500);

export const finalisedBlock: Shape<FinalisedBlock> = open(
  object({ ...certified, transactions: array(anyText, 0, MAX_BLOCK_ENTRIES), statements: array(anyText, 0, MAX_BLOCK_ENTRIES) }),
  ['header', 'certificate', 'transactions', 'statements'],
);

/** Its form is checked where it is verified. */
const proof = json as Shape<StateProof>;

export interface StateAnswer extends CertifiedHeader {
  key: string;
  value: string | null;
  proof: StateProof;
}
export const stateAnswer: Shape<StateAnswer> = open(object({ ...certified, key: anyText, value: nullable(anyText), proof }), [
  'header',
  'certificate',
  'key',
  'value',
  'proof',
]);

export interface StateListAnswer extends CertifiedHeader {
  entries: { key: string; value: string; proof: StateProof }[];
  more: boolean;
}
export const stateListAnswer: Shape<StateListAnswer> = open(
  object({ ...certified, entries: array(object({ key: anyText, value: anyText, proof }), 0, 1_000), more: literal(true, false) }),
  ['header', 'certificate', 'entries', 'more'],
);

export interface HistoryStateAnswer extends CertifiedHeader, HistoryAnswer {
  /** The scope's record, as text. */
  value: string | null;
  proof: StateProof;
}
export const historyAnswer: Shape<HistoryStateAnswer> = open(object({ ...certified, ...historyAnswerMembers, value: nullable(anyText), proof }), [
  'header',
  'certificate',
  ...Object.keys(historyAnswerMembers),
  'value',
  'proof',
]);

export const frontierAnswer: Shape<{ size: number; frontier: string[] }> = open(object({ size: integer(), frontier: array(hex(32), 0, 53) }), [
  'size',
  'frontier',
]);

export const stepsAnswer: Shape<{ steps: SetStep[] }> = open(object({ steps: array(setStepShape, 0, MAX_SET_STEPS) }), ['steps']);

export const statusAnswer: Shape<{ height: number }> = open(object({ height: integer() }), ['height']);

export interface SubmissionAnswer {
  acknowledgements: Acknowledgement[];
  refusals: { transactionId: string; code: string; message: string; field?: string }[];
}
const acknowledgement: Shape<Acknowledgement> = object(
  { transactionId: hex(32), validator: integer(0, 999), height: integer(), signature: hex(64) },
  { batch: batchPlaceShape },
);
const refusal = object({ transactionId: text(0, 128), code: text(1, 64), message: text(0, 8_192) }, { field: text(0, 1_024) });
export const submissionAnswer: Shape<SubmissionAnswer> = open(
  object({ acknowledgements: array(acknowledgement, 0, 500), refusals: array(refusal, 0, 500) }),
  ['acknowledgements', 'refusals'],
);

export const receiptsAnswer: Shape<{ receipts: unknown[] }> = open(object({ receipts: array(json, 0, 1_000) }), ['receipts']);
