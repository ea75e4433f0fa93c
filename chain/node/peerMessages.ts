// What validators say to each other over their links, beside the core's own messages: as JSON, checked before anything is done with it.
import { fromUtf8, utf8 } from '../../crypto/encoding.js';
import { blockHeaderShape, certificateShape } from '../../receipts/chainShapes.js';
import { array, hex, integer, json, literal, object, ShapeError, text, type Shape } from '../../receipts/shape.js';
import type { BlockHeader, Certificate } from '../../receipts/types.js';
import type { Cosignature } from './cosigner.js';
import { LinkError } from './links/linkError.js';
import { MAX_DEPTH } from './snapshot/manifest.js';

const MAX_TRANSACTION_BYTES = 256 * 1024;
const MAX_TRANSACTIONS = 20_000;
const MAX_SYNC_BLOCKS = 64;

/** A final block as it is sent for catching up: statements follow from executing it. */
export interface SyncBlock {
  header: BlockHeader;
  certificate: Certificate;
  transactions: string[];
}

export interface PeerMessages {
  /** Height of the sender's last final block. */
  status: { height: number };
  /** A signed message of the consensus core; the core checks it. */
  consensus: { message: unknown };
  /** The same with a block: its header in the message, its transactions as leaf hashes, hex. */
  compact: { message: unknown; leaves: string[] };
  /** Asks for transactions of a block that came compact. */
  getBodies: { leaves: string[] };
  bodies: { transactions: string[] };
  /** Ids of transactions that wait at the sender. */
  announce: { ids: string[] };
  /** Asks for announced transactions. */
  wanted: { ids: string[] };
  transactions: { transactions: string[] };
  getBlocks: { from: number; limit: number };
  blocks: { blocks: SyncBlock[] };
  /** Asks for the newest snapshot of the state. */
  getSnapshot: object;
  /** null = there is none. */
  snapshot: { manifest: unknown };
  getPart: { height: number; depth: number; index: number };
  /** Its records; null = there is no such snapshot. */
  part: { height: number; index: number; records: unknown };
  /** Of the receipt log's head at that height. */
  cosignature: Cosignature;
  /** Asks for a receipt, to see how long that takes. */
  getReceipt: { id: string };
  /** null = there is none. */
  receipt: { id: string; bundle: unknown };
  /** Asks whether a receipt is good, to see how long that takes. */
  verify: { id: string; bundle: unknown };
  verified: { id: string; ok: boolean };
}
export type PeerMessageType = keyof PeerMessages;
export type PeerMessage = { [T in PeerMessageType]: { type: T } & PeerMessages[T] }[PeerMessageType];

const raw = text(2, MAX_TRANSACTION_BYTES);
const syncBlock: Shape<SyncBlock> = object({ header: blockHeaderShape, certificate: certificateShape, transactions: array(raw, 0, MAX_TRANSACTIONS) });
const type = text(1, 20);
const hashes = (min: number) => array(hex(32), min, MAX_TRANSACTIONS);

const shapes: { [T in PeerMessageType]: Shape<PeerMessages[T]> } = {
  status: object({ type, height: integer() }),
  consensus: object({ type, message: json }),
  compact: object({ type, message: json, leaves: hashes(0) }),
  getBodies: object({ type, leaves: hashes(1) }),
  bodies: object({ type, transactions: array(raw, 1, MAX_TRANSACTIONS) }),
  announce: object({ type, ids: hashes(1) }),
  wanted: object({ type, ids: hashes(1) }),
  transactions: object({ type, transactions: array(raw, 1, MAX_TRANSACTIONS) }),
  getBlocks: object({ type, from: integer(1), limit: integer(1, MAX_SYNC_BLOCKS) }),
  blocks: object({ type, blocks: array(syncBlock, 0, MAX_SYNC_BLOCKS) }),
  getSnapshot: object({ type }),
  snapshot: object({ type, manifest: json }),
  getPart: object({ type, height: integer(1), depth: integer(0, MAX_DEPTH), index: integer(0, 2 ** MAX_DEPTH - 1) }),
  part: object({ type, height: integer(1), index: integer(0, 2 ** MAX_DEPTH - 1), records: json }),
  cosignature: object({ type, height: integer(1), logSize: integer(), logRoot: hex(32), line: text(1, 1_024) }),
  getReceipt: object({ type, id: hex(32) }),
  receipt: object({ type, id: hex(32), bundle: json }),
  verify: object({ type, id: hex(32), bundle: json }),
  verified: object({ type, id: hex(32), ok: literal(true, false) }),
};

export function encodePeerMessage<T extends PeerMessageType>(kind: T, content: PeerMessages[T]): Uint8Array {
  return utf8(JSON.stringify({ type: kind, ...content }));
}

/** Throws LinkError 'BadRecord'. */
export function decodePeerMessage(bytes: Uint8Array): PeerMessage {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch (cause) {
    throw new LinkError('BadRecord', 'the message is no JSON', { cause });
  }
  const kind = (value as { type?: unknown } | null)?.type;
  if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind)) throw new LinkError('BadRecord', `the message has no known type`);
  try {
    return shapes[kind as PeerMessageType](value, kind) as PeerMessage;
  } catch (cause) {
    if (cause instanceof ShapeError) throw new LinkError('BadRecord', cause.message, { cause });
    throw cause;
  }
}
