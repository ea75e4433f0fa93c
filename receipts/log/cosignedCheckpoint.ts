// A checkpoint that many validators cosigned (C2SP tlog-checkpoint, tlog-cosignature): names of keys, lines, and what a reader accepts.
import type { ValidatorSet } from '../types.js';
import { formatCheckpoint, logOrigin, parseCheckpoint, type Checkpoint } from './checkpoint.js';
import type { LogHead } from './receiptLog.js';
import { COSIGNATURE, cosignatureLine, NoteError, NOTE_SIGNATURE, noteSignatureLine, openNote, type NoteVerifier } from './signedNote.js';

interface Key {
  publicKey: string;
  privateKey: string;
}

/** Note key name of one validator: its address, percent-encoded where a note could not hold it. */
export function cosignerName(chainId: string, address: string): string {
  return `${logOrigin(chainId)}/${encodeURIComponent(address)}`;
}

/** The text that all validators sign for a head of the log. */
export function checkpointText(chainId: string, head: LogHead): string {
  return formatCheckpoint({ origin: logOrigin(chainId), logSize: head.logSize, logRoot: head.logRoot });
}

/** The line of the validator that serves the log, under the log's own name, as clients of other logs expect one. */
export function logSignatureLine(chainId: string, text: string, key: Key): string {
  return noteSignatureLine(text, { name: logOrigin(chainId), ...key });
}

/** One validator's cosignature; `time` in seconds. */
export function validatorCosignature(chainId: string, address: string, key: Key, text: string, time: number): string {
  return cosignatureLine(text, { name: cosignerName(chainId, address), ...key }, time);
}

/** Keys to verify a chain's checkpoints with: each validator as cosigner, and as the log itself. */
export function checkpointVerifiers(chainId: string, { validators }: ValidatorSet): NoteVerifier[] {
  return validators.flatMap(({ address, ed25519PublicKey: publicKey }) => [
    { name: cosignerName(chainId, address), publicKey, type: COSIGNATURE },
    { name: logOrigin(chainId), publicKey, type: NOTE_SIGNATURE },
  ]);
}

export interface OpenedCheckpoint extends Checkpoint {
  /** Indices of the validators that cosigned it, each once, ascending. */
  cosigners: number[];
}

/** Throws NoteError when it is no checkpoint of this chain's log, or a known key's signature is wrong. How many cosigners are enough is the caller's to say. */
export function openCheckpoint(note: string, chainId: string, set: ValidatorSet): OpenedCheckpoint {
  const { text, signatures } = openNote(note, checkpointVerifiers(chainId, set));
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== logOrigin(chainId)) {
    throw new NoteError('Malformed', `the checkpoint is of log "${checkpoint.origin}", expected "${logOrigin(chainId)}"`);
  }
  const signed = new Set(signatures.filter(({ verifier }) => verifier.type === COSIGNATURE).map(({ verifier }) => verifier.publicKey));
  const cosigners = set.validators.flatMap(({ ed25519PublicKey }, index) => (signed.has(ed25519PublicKey) ? [index] : []));
  return { ...checkpoint, cosigners };
}
