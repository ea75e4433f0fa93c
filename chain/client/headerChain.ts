// The headers a client believes: certified by a quorum of the known validators, each following the one before (design: the verifying client).
import { LRUCache } from 'lru-cache';
import { verifyCertificate } from '../../receipts/certificates.js';
import { headerHash } from '../../receipts/headerHash.js';
import type { BlockHeader } from '../../receipts/types.js';
import { checkValidatorSet } from '../../receipts/validatorSet.js';
import type { Genesis } from '../types.js';
import type { CertifiedHeader } from './answers.js';
import { ChainError } from './chainError.js';
import { KnownSets } from './knownSets.js';

const REMEMBERED = 4_096;

/**
 * One certificate by the set of its height proves a header without its ancestors, so a client starts at the latest one;
 * from there on every header must name its predecessor's hash. Sets after the genesis' are learned by steps.
 */
export class HeaderChain {
  readonly chainId: string;
  readonly sets: KnownSets;
  #head: BlockHeader | undefined;
  #headHash = '';
  /** Hashes by height of headers whose certificate was checked. */
  readonly #proved = new LRUCache<number, string>({ max: REMEMBERED });

  /** Checks the genesis' validators' proofs of possession: about 15 ms each. Throws ChainError 'BadConfiguration'. */
  constructor({ chainId, validatorSet }: Genesis) {
    const checked = checkValidatorSet(validatorSet);
    if (!checked.ok) throw new ChainError('BadConfiguration', `genesis: ${checked.message}; use the document as it was published`);
    this.chainId = chainId;
    this.sets = new KnownSets(chainId, validatorSet);
  }

  get started(): boolean {
    return this.#head !== undefined;
  }

  /** Throws ChainError 'NotStarted'. */
  get head(): BlockHeader {
    if (!this.#head) throw new ChainError('NotStarted', 'the client knows no block yet; await start() first');
    return this.#head;
  }

  /** Whether the header is final; a hash that was proved before is not proved again. Throws ChainError 'Unverified'. */
  prove(certified: CertifiedHeader): string {
    const hash = headerHash(certified.header);
    return this.#proved.get(certified.header.height) === hash ? hash : this.certify(certified);
  }

  /** Checks this certificate, and that no other header was proved at its height. Throws ChainError 'Unverified'. */
  certify({ header, certificate }: CertifiedHeader): string {
    const verdict = verifyCertificate(this.chainId, this.sets.of(header), header, certificate);
    if (!verdict.ok) throw unverified(verdict.message);
    const hash = certificate.blockHash;
    const known = this.#proved.get(header.height);
    if (known !== undefined && known !== hash)
      throw unverified(`two certified headers at height ${header.height}, ${known} and ${hash}: more than f validators are faulty`);
    this.#proved.set(header.height, hash);
    return hash;
  }

  /** Takes a header for the head without asking for its ancestors. */
  startAt(certified: CertifiedHeader): void {
    this.#accept(certified.header, this.certify(certified));
  }

  /** Takes the next header. Throws ChainError 'Unverified' when it does not follow the head or is not certified. */
  extend(certified: CertifiedHeader): void {
    mustFollow(this.head, this.#headHash, certified.header);
    this.#accept(certified.header, this.certify(certified));
  }

  /** Takes consecutive headers: linked one by one, and certified through the last one's certificate, which covers its ancestors by their hashes. */
  extendBy(headers: readonly CertifiedHeader[]): void {
    const last = headers.at(-1);
    if (last) this.#accept(last.header, this.mustExtendBy(headers));
  }

  /** The last one's hash when extendBy would take them. Throws ChainError 'Unverified'. */
  mustExtendBy(headers: readonly CertifiedHeader[]): string {
    let [previous, hash] = [this.head, this.#headHash];
    for (const { header } of headers) {
      mustFollow(previous, hash, header);
      previous = header;
      hash = headerHash(header);
    }
    return headers.length > 0 ? this.certify(headers.at(-1)!) : hash;
  }

  #accept(header: BlockHeader, hash: string): void {
    this.#head = header;
    this.#headHash = hash;
  }
}

function mustFollow(previous: BlockHeader, previousHash: string, header: BlockHeader): void {
  if (header.height !== previous.height + 1) throw unverified(`block ${header.height} does not follow block ${previous.height}`);
  if (header.previousHash !== previousHash)
    throw unverified(`block ${header.height} follows ${header.previousHash}, block ${previous.height} has the hash ${previousHash}`);
  if (header.timestamp <= previous.timestamp) throw unverified(`block ${header.height} is not later than block ${previous.height}`);
}

export function unverified(message: string): ChainError {
  return new ChainError('Unverified', message);
}
