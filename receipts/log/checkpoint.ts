// Checkpoints of the receipt log (C2SP tlog-checkpoint): size and root as a note that validators cosign.
import { fromBase64, fromHex, toBase64, toHex } from '../../crypto/encoding.js';
import { HASH_BYTES } from '../merkle/treeHash.js';
import type { LogHead } from './receiptLog.js';
import { NoteError } from './signedNote.js';

/** The name of a chain's receipt log. */
export function logOrigin(chainId: string): string {
  return `enc.metanode.io/${chainId}`;
}

export interface Checkpoint extends LogHead {
  origin: string;
}

/** The note text, to be signed with signedNote.ts. */
export function formatCheckpoint({ origin, logSize, logRoot }: Checkpoint): string {
  return `${origin}\n${logSize}\n${toBase64(fromHex(logRoot, HASH_BYTES))}\n`;
}

/** Of a note text whose signatures were verified. Throws NoteError 'Malformed'; extension lines are refused, for no validator writes any. */
export function parseCheckpoint(text: string): Checkpoint {
  const match = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n$/.exec(text);
  const size = Number(match?.[2]);
  if (!match || !Number.isSafeInteger(size)) throw new NoteError('Malformed', 'the note is no checkpoint: expected the lines origin, size and root');
  try {
    return { origin: match[1]!, logSize: size, logRoot: toHex(fromBase64(match[3]!)) };
  } catch {
    throw new NoteError('Malformed', `the note is no checkpoint: its root "${match[3]}" is not base64`);
  }
}
