// Reads the ledger's state: every value, or its absence, is proved under the state root of a certified header.
import { sha256Hex } from '../../crypto/hash.js';
import { canonicalJson } from '../../crypto/canonicalJson.js';
import { verifyStateProof } from '../../crypto/stateProof.js';
import { stateAnswer, stateListAnswer, type CertifiedHeader, type StateListAnswer } from './answers.js';
import { BehindError, type Validators } from './askValidators.js';
import { unverified, type HeaderChain } from './headerChain.js';
import type { VerifiedState } from './types.js';

export interface ReadOptions {
  minHeight?: number;
  timeoutMs: number;
}

export class VerifyingStateReader {
  constructor(
    private readonly validators: Validators,
    private readonly chain: HeaderChain,
  ) {}

  /** Never older than the verified head when it is asked, nor than `minHeight`. */
  async get<T>(key: string, { minHeight = 0, timeoutMs }: ReadOptions): Promise<VerifiedState<T>> {
    const floor = this.#floor(minHeight);
    return this.validators.ask({
      path: `/v1/state?key=${encodeURIComponent(key)}`,
      timeoutMs,
      read: (body) => {
        const answer = stateAnswer(body, 'answer');
        this.#mustProve(answer, floor);
        const value = answer.value ?? undefined;
        if (!verifyStateProof(answer.header.stateRoot, key, value, answer.proof))
          throw unverified(`the proof of ${key} does not lead to the state root of block ${answer.header.height}`);
        return { value: value === undefined ? undefined : (JSON.parse(value) as T), height: answer.header.height };
      },
    });
  }

  /** Each entry is proved; that none was left out is not. Long lists come in pages, each as of the head when it is read. */
  async list<T>(prefix: string, { minHeight = 0, timeoutMs }: ReadOptions): Promise<{ key: string; value: T }[]> {
    const floor = this.#floor(minHeight);
    const found: { key: string; value: T }[] = [];
    for (let after: string | undefined; ;) {
      const page: StateListAnswer = await this.validators.ask({
        path: `/v1/state-list?prefix=${encodeURIComponent(prefix)}${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`,
        timeoutMs,
        read: (body) => this.#readPage(stateListAnswer(body, 'answer'), { prefix, after, floor }),
      });
      for (const { key, value } of page.entries) found.push({ key, value: JSON.parse(value) as T });
      const last = page.entries.at(-1);
      if (!page.more || !last) return found;
      after = last.key;
    }
  }

  /** An object by the hash of its canonical JSON. */
  object(hash: string, timeoutMs: number): Promise<unknown> {
    return this.validators.ask({
      path: `/v1/objects/${hash}`,
      timeoutMs,
      read: (body) => {
        if (sha256Hex(canonicalJson(body)) !== hash) throw unverified(`the object that was answered does not have the hash ${hash}`);
        return body;
      },
    });
  }

  #readPage(page: StateListAnswer, { prefix, after, floor }: { prefix: string; after: string | undefined; floor: number }): StateListAnswer {
    this.#mustProve(page, floor);
    let previous = after ?? '';
    for (const { key, value, proof } of page.entries) {
      if (!key.startsWith(prefix) || (key <= previous && previous !== ''))
        throw unverified(`the key ${key} does not belong after ${previous || prefix}`);
      if (!verifyStateProof(page.header.stateRoot, key, value, proof))
        throw unverified(`the proof of ${key} does not lead to the state root of block ${page.header.height}`);
      previous = key;
    }
    return page;
  }

  #floor(minHeight: number): number {
    return Math.max(minHeight, this.chain.started ? this.chain.head.height : 0);
  }

  #mustProve(answer: CertifiedHeader, floor: number): void {
    this.chain.prove(answer);
    if (answer.header.height < floor) throw new BehindError(`at height ${answer.header.height}, ${floor} is needed`);
  }
}
