// Checks what a link brought against the exact shape of a consensus message; blocks stay opaque.
import { MAX_VALIDATORS } from '../../receipts/chainShapes.js';
import { array, hex, integer, json, literal, nullable, object, ShapeError, type Shape } from '../../receipts/shape.js';
import type { CommitPayload, Payload, PreparePayload, ProposalPayload, RoundChangePayload, Signed, SignedMessage } from './types.js';

const MAX_ROUND = 0xffff_ffff;
const height = integer(1);
const round = integer(0, MAX_ROUND);
const digest = hex(32);

const proposal: Shape<ProposalPayload> = object({ type: literal('proposal'), height, round, digest });
const prepare: Shape<PreparePayload> = object({ type: literal('prepare'), height, round, digest });
const commit: Shape<CommitPayload> = object({ type: literal('commit'), height, round, digest, seal: hex(96) });
const roundChange: Shape<RoundChangePayload> = object({
  type: literal('roundChange'),
  height,
  round: integer(1, MAX_ROUND),
  preparedRound: nullable(round),
  preparedDigest: nullable(digest),
});

function signed<P extends Payload>(payload: Shape<P>) {
  return { from: integer(0, MAX_VALIDATORS - 1), payload, signature: hex(64) };
}
const prepares = array(object(signed(prepare)), 0, MAX_VALIDATORS);
const shapes: { [T in Payload['type']]: Shape<unknown> } = {
  proposal: object({
    ...signed(proposal),
    block: json,
    justification: object({ roundChanges: array(object(signed(roundChange)), 0, MAX_VALIDATORS), prepares }),
  }),
  prepare: object(signed(prepare)),
  commit: object(signed(commit)),
  roundChange: object({ ...signed(roundChange), prepares, block: json }),
};

const payloads: { [T in Payload['type']]: Shape<Payload> } = { proposal, prepare, commit, roundChange };

/** The signed part alone, of any type. Throws ShapeError. */
export const signedShape: Shape<Signed> = (value, path) => {
  const type = typeOf(value);
  if (type === undefined) throw new ShapeError(`${path}.payload.type`, 'proposal, prepare, commit or roundChange', value);
  return object(signed(payloads[type]))(value, path);
};

function typeOf(value: unknown): Payload['type'] | undefined {
  const type = (value as { payload?: { type?: unknown } } | null | undefined)?.payload?.type;
  return typeof type === 'string' && Object.hasOwn(shapes, type) ? (type as Payload['type']) : undefined;
}

/** The message, or undefined when it is none. */
export function readMessage<B>(value: unknown): SignedMessage<B> | undefined {
  const type = typeOf(value);
  if (type === undefined) return undefined;
  try {
    return shapes[type](value, 'message') as SignedMessage<B>;
  } catch (error) {
    if (error instanceof ShapeError) return undefined;
    throw error;
  }
}
