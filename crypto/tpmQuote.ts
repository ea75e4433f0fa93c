// TPM 2.0 quotes: the attested structure parsed, its signature and the PCR values under its digest verified (TPM 2.0 Library, part 2: TPMS_ATTEST).
import { equalBytes, fromHex, toHex } from './encoding.js';
import { verifyEcdsaP256 } from './ecdsaP256.js';
import { sha256 } from './hash.js';

/** As tpm2_quote gives it, of a P-256 key that signs with SHA-256, over the SHA-256 bank. All hex. */
export interface TpmQuote {
  /** TPMS_ATTEST */
  attested: string;
  /** r ‖ s */
  signature: string;
  /** Public attestation key, x ‖ y. */
  key: string;
  /** PCR values by index, those that were quoted and no others. */
  pcrs: Record<string, string>;
}
export type QuoteFault = 'NotAQuote' | 'NotByThisKey' | 'OtherNonce' | 'OtherPcrs';

interface Attested {
  extraData: Uint8Array;
  /** Indices in the SHA-256 bank, ascending. */
  selected: number[];
  pcrDigest: Uint8Array;
}

const GENERATED = 0xff544347;
const ATTEST_QUOTE = 0x8018;
const SHA256 = 0x000b;
/** clock, resetCount, restartCount, safe; firmwareVersion. */
const CLOCK_AND_FIRMWARE_BYTES = 8 + 4 + 4 + 1 + 8;

class Reader {
  #at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  take(count: number): Uint8Array {
    if (this.#at + count > this.bytes.length) throw new RangeError('the structure ends early');
    return this.bytes.subarray(this.#at, (this.#at += count));
  }
  number(bytes: 1 | 2 | 4): number {
    return this.take(bytes).reduce((value, byte) => value * 256 + byte, 0);
  }
  sized(): Uint8Array {
    return this.take(this.number(2));
  }
  end(): void {
    if (this.#at !== this.bytes.length) throw new RangeError('bytes follow the structure');
  }
}

/** undefined when it is no quote over exactly one SHA-256 selection. */
function parse(bytes: Uint8Array): Attested | undefined {
  try {
    const reader = new Reader(bytes);
    if (reader.number(4) !== GENERATED || reader.number(2) !== ATTEST_QUOTE) return undefined;
    reader.sized();
    const extraData = reader.sized();
    reader.take(CLOCK_AND_FIRMWARE_BYTES);
    if (reader.number(4) !== 1 || reader.number(2) !== SHA256) return undefined;
    const mask = reader.take(reader.number(1));
    const pcrDigest = reader.sized();
    reader.end();
    const selected = [...mask].flatMap((byte, at) => Array.from({ length: 8 }, (_, bit) => 8 * at + bit).filter((_, bit) => (byte >> bit) & 1));
    return { extraData, selected, pcrDigest };
  } catch {
    return undefined;
  }
}

/** What no honest party sends whatever its nonce: PCR values that the TPM does not attest, or another key's signature. Never throws on hex. */
export function forgedQuote(quote: TpmQuote): 'NotByThisKey' | 'OtherPcrs' | undefined {
  const parsed = parse(fromHex(quote.attested));
  if (!parsed || parsed.selected.length === 0) return undefined;
  const fault = quoteFault(quote, parsed.extraData);
  return fault === 'NotByThisKey' || fault === 'OtherPcrs' ? fault : undefined;
}

/** undefined when the key's TPM attests the PCR values, for this nonce. Only what a TPM made itself begins with its magic number. Never throws on hex. */
export function quoteFault({ attested, signature, key, pcrs }: TpmQuote, nonce: Uint8Array): QuoteFault | undefined {
  const bytes = fromHex(attested);
  const quote = parse(bytes);
  if (!quote || quote.selected.length === 0) return 'NotAQuote';
  if (!equalBytes(quote.extraData, nonce)) return 'OtherNonce';
  const given = Object.keys(pcrs).map(Number).toSorted((a, b) => a - b);
  const same = given.length === quote.selected.length && given.every((index, at) => index === quote.selected[at]);
  if (!same || !equalBytes(sha256(...given.map((index) => fromHex(pcrs[String(index)]!))), quote.pcrDigest)) return 'OtherPcrs';
  return verifyEcdsaP256(key, bytes, fromHex(signature)) ? undefined : 'NotByThisKey';
}

/** The r ‖ s form of a DER signature (SEQUENCE of two INTEGERs), as tpm2_quote -f plain writes it; undefined when it is none. */
export function plainEcdsaSignature(der: Uint8Array): string | undefined {
  try {
    const reader = new Reader(der);
    if (reader.number(1) !== 0x30) return undefined;
    const inner = new Reader(reader.take(reader.number(1)));
    reader.end();
    const parts = [0, 1].map(() => {
      if (inner.number(1) !== 0x02) throw new RangeError('no INTEGER');
      return toHex(inner.take(inner.number(1))).replace(/^(00)+/, '').padStart(64, '0');
    });
    inner.end();
    return parts.every((part) => part.length === 64) ? parts.join('') : undefined;
  } catch {
    return undefined;
  }
}
