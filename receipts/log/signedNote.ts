// Signed notes (C2SP signed-note): text with lines of Ed25519 signatures, plain (type 0x01) or timestamped cosignatures (type 0x04, C2SP tlog-cosignature).
import { signEd25519, verifyEd25519 } from '../../crypto/ed25519.js';
import { concatBytes, equalBytes, fromBase64, fromHex, toBase64, toHex, u64be, utf8 } from '../../crypto/encoding.js';
import { sha256 } from '../../crypto/hash.js';

export const NOTE_SIGNATURE = 0x01;
export const COSIGNATURE = 0x04;
export type NoteSignatureType = typeof NOTE_SIGNATURE | typeof COSIGNATURE;

/** `publicKey`: Ed25519, hex. */
export interface NoteVerifier {
  name: string;
  publicKey: string;
  type: NoteSignatureType;
}

export interface NoteSigner {
  name: string;
  privateKey: string;
  publicKey: string;
}

export class NoteError extends Error {
  override readonly name = 'NoteError';
  constructor(
    readonly code: 'BadName' | 'BadText' | 'Malformed' | 'BadSignature' | 'NoKnownSignature',
    message: string,
  ) {
    super(message);
  }
}

const KEY_ID_BYTES = 4;
const TIME_BYTES = 8;
const MAX_NOTE_BYTES = 1 << 20;
const MAX_SIGNATURES = 1_024;

/** The verifier key that other tools are configured with: name+id+base64. Throws NoteError. */
export function verifierKey({ name, publicKey, type }: NoteVerifier): string {
  return `${checkName(name)}+${toHex(keyId({ name, publicKey, type }))}+${toBase64(concatBytes(Uint8Array.of(type), fromHex(publicKey, 32)))}`;
}

/** One signature line of type 0x01 over the text, which ends in a newline. Throws NoteError. */
export function noteSignatureLine(text: string, signer: NoteSigner): string {
  return signatureLine(signer, NOTE_SIGNATURE, signEd25519(signer.privateKey, utf8(checkText(text))));
}

/** One cosignature/v1 line: the signer has, at `time` (seconds since the epoch), seen no larger consistent tree head. Throws NoteError. */
export function cosignatureLine(text: string, signer: NoteSigner, time: number): string {
  const signature = signEd25519(signer.privateKey, cosignedMessage(checkText(text), BigInt(time)));
  return signatureLine(signer, COSIGNATURE, concatBytes(u64be(time), signature));
}

export function formatNote(text: string, signatureLines: string[]): string {
  return `${checkText(text)}\n${signatureLines.join('')}`;
}

export interface OpenedNote {
  text: string;
  /** Which verifiers' signatures are on it, each once; `time` in seconds for cosignatures. */
  signatures: { verifier: NoteVerifier; time?: number }[];
}

/**
 * The text, if at least one known key signed it and no signature of a known key is wrong; others' are ignored. Throws NoteError.
 */
export function openNote(note: string, verifiers: NoteVerifier[]): OpenedNote {
  const { text, lines } = splitNote(note);
  const signatures = new Map<NoteVerifier, { verifier: NoteVerifier; time?: number }>();
  for (const { name, id, signature } of lines) {
    const verifier = verifiers.find((known) => known.name === name && equalBytes(keyId(known), id));
    if (verifier === undefined) continue;
    const opened = verifyLine(text, verifier, signature);
    if (opened === undefined) throw new NoteError('BadSignature', `the signature of ${name} (${toHex(id)}) does not fit the note`);
    signatures.set(verifier, opened);
  }
  if (signatures.size === 0)
    throw new NoteError('NoKnownSignature', `none of the ${lines.length} signatures on the note is by one of the ${verifiers.length} known keys`);
  return { text, signatures: [...signatures.values()] };
}

function verifyLine(text: string, verifier: NoteVerifier, signature: Uint8Array): { verifier: NoteVerifier; time?: number } | undefined {
  if (verifier.type === NOTE_SIGNATURE) return verifyEd25519(verifier.publicKey, utf8(text), signature) ? { verifier } : undefined;
  if (signature.length <= TIME_BYTES) return undefined;
  const time = BigInt(`0x${toHex(signature.subarray(0, TIME_BYTES))}`);
  const ok =
    time <= BigInt(Number.MAX_SAFE_INTEGER) && verifyEd25519(verifier.publicKey, cosignedMessage(text, time), signature.subarray(TIME_BYTES));
  return ok ? { verifier, time: Number(time) } : undefined;
}

function splitNote(note: string): { text: string; lines: { name: string; id: Uint8Array; signature: Uint8Array }[] } {
  if (note.length > MAX_NOTE_BYTES) throw new NoteError('Malformed', `the note has ${note.length} characters, at most ${MAX_NOTE_BYTES} are read`);
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) throw new NoteError('Malformed', 'the note has no blank line before its signatures, or no newline at its end');
  const rows = note.slice(end + 2, -1).split('\n');
  if (rows.length > MAX_SIGNATURES) throw new NoteError('Malformed', `the note has ${rows.length} signatures, at most ${MAX_SIGNATURES} are read`);
  return { text: checkText(note.slice(0, end + 1)), lines: rows.map(parseLine) };
}

function parseLine(line: string): { name: string; id: Uint8Array; signature: Uint8Array } {
  const match = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line);
  if (!match) throw new NoteError('Malformed', `"${line}" is no signature line: expected "— name base64"`);
  const bytes = decode(match[2]!);
  if (bytes === undefined || bytes.length <= KEY_ID_BYTES)
    throw new NoteError('Malformed', `"${line}" is no signature line: its signature is not base64`);
  return { name: match[1]!, id: bytes.subarray(0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) };
}

function decode(base64: string): Uint8Array | undefined {
  try {
    return fromBase64(base64);
  } catch {
    return undefined;
  }
}

function cosignedMessage(text: string, time: bigint): Uint8Array {
  return utf8(`cosignature/v1\ntime ${time}\n${text}`);
}

function signatureLine({ name, publicKey }: NoteSigner, type: NoteSignatureType, signature: Uint8Array): string {
  return `— ${checkName(name)} ${toBase64(concatBytes(keyId({ name, publicKey, type }), signature))}\n`;
}

/** SHA-256(name ‖ '\n' ‖ type ‖ public key)[:4] */
function keyId({ name, publicKey, type }: NoteVerifier): Uint8Array {
  return sha256(utf8(`${name}\n`), Uint8Array.of(type), fromHex(publicKey, 32)).subarray(0, KEY_ID_BYTES);
}

function checkName(name: string): string {
  if (!/^[^\s+]+$/u.test(name)) throw new NoteError('BadName', `"${name}" is no note key name: it must not be empty nor have spaces or plus signs`);
  return name;
}

function checkText(text: string): string {
  if (!text.endsWith('\n') || /[\0-\x09\x0b-\x1f\p{Surrogate}]/u.test(text)) {
    throw new NoteError('BadText', 'the text of a note ends in a newline and has no other control characters');
  }
  return text;
}
