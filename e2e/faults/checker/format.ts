// The documented format, written down a second time: canonical JSON, block identity, RFC 9162 tree hashes and the commit seal's message. Imports nothing of the project.
import { createHash } from 'node:crypto';

export const sha256 = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** RFC 8785 of what blocks hold: strings, whole numbers, booleans, null, lists, objects. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

export interface Header {
  chainId: string;
  height: number;
  timestamp: number;
  previousHash: string;
  transactionsRoot: string;
  stateRoot: string;
  logSize: number;
  logRoot: string;
  validatorsHash: string;
  nextValidatorsHash: string;
}
export interface Certificate {
  height: number;
  round: number;
  blockHash: string;
  signers: string;
  signature: string;
}

/** sha256(0x02 ‖ 'enc-block-header-v1' ‖ canonical JSON) */
export const blockHash = (header: unknown): string => sha256(Uint8Array.of(2), 'enc-block-header-v1', canonical(header)).toString('hex');

export const leaf = (text: string): Buffer => sha256(Uint8Array.of(0), text);
const node = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Uint8Array.of(1), left, right);

/** MTH of RFC 9162, as the recursion there has it. */
export function treeRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0]!;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return node(treeRoot(leaves.slice(0, split)), treeRoot(leaves.slice(split)));
}

/** A growing tree: the roots of its complete subtrees, largest first. */
export class GrowingTree {
  readonly #peaks: { size: number; hash: Uint8Array }[] = [];
  size = 0;

  add(hash: Uint8Array): void {
    let last = { size: 1, hash };
    for (let before = this.#peaks.at(-1); before?.size === last.size; before = this.#peaks.at(-1)) {
      this.#peaks.pop();
      last = { size: 2 * last.size, hash: node(before.hash, last.hash) };
    }
    this.#peaks.push(last);
    this.size++;
  }

  root(): string {
    const peaks = this.#peaks.map(({ hash }) => hash);
    const whole = peaks.length === 0 ? sha256() : peaks.reduceRight((right, left) => node(left, right));
    return Buffer.from(whole).toString('hex');
  }
}

/** 'enc-commit-v1' ‖ 0x00 ‖ sha256(chain id) ‖ u64 height ‖ u32 round ‖ block hash; big-endian. */
export function sealMessage(chainId: string, { height, round, blockHash: hash }: Certificate): Uint8Array {
  const numbers = Buffer.alloc(12);
  numbers.writeBigUInt64BE(BigInt(height), 0);
  numbers.writeUInt32BE(round, 8);
  return Buffer.concat([Buffer.from('enc-commit-v1\0'), sha256(chainId), numbers, Buffer.from(hash, 'hex')]);
}

/** Bit i & 7 of byte i >> 3. */
export function signersOf(certificate: Certificate, validators: number): number[] {
  const bitmap = Buffer.from(certificate.signers, 'hex');
  return Array.from({ length: 8 * bitmap.length }, (_, i) => i).filter((i) => {
    const set = ((bitmap[i >> 3]! >> (i & 7)) & 1) === 1;
    if (set && i >= validators) throw new Error(`height ${certificate.height}: signer ${i} of ${validators}`);
    return set;
  });
}
