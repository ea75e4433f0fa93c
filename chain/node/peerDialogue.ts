// Answers what other validators send over their links, beside their votes: heights, transactions, requests for blocks.
import type { Cosignature } from './cosigner.js';
import { utf8 } from '../../crypto/encoding.js';
import { LinkError } from './links/linkError.js';
import { decodePeerMessage, encodePeerMessage, type PeerMessage, type PeerMessages, type SyncBlock } from './peerMessages.js';
import type { SnapshotFiles } from './snapshot/snapshotFiles.js';
import type { BlockStore } from './storage/blockStore.js';

/** Of one answer; JSON escapes what it carries, and a message may have 4 MiB. */
const MAX_ANSWER_CHARACTERS = 1_500_000;

export interface DialogueHooks {
  /** Of consensus, as it came and before `consensus`: when it came is measured. */
  heard(from: number, message: unknown): void;
  consensus(from: number, message: unknown): void;
  compact(from: number, message: unknown, leaves: string[]): void;
  getBodies(from: number, leaves: string[]): void;
  bodies(from: number, transactions: string[]): void;
  announce(from: number, ids: string[]): void;
  wanted(from: number, ids: string[]): void;
  transactions(transactions: string[]): void;
  status(from: number, height: number): void;
  blocks(from: number, blocks: SyncBlock[]): void;
  cosignature(from: number, cosignature: Cosignature): void;
  /** A manifest, or a part's records; null when the peer has none. */
  snapshot(from: number, manifest: unknown): void;
  part(from: number, height: number, index: number, records: unknown): void;
  /** A receipt as it is served; undefined when there is none, throws when it is not kept any more. */
  receiptOf(id: string): object | undefined;
  receipt(from: number, id: string, bundle: unknown): void;
  /** Whether it is a good receipt; undefined when the peer is not answered. */
  verify(from: number, bundle: unknown): boolean | undefined;
  verified(from: number, id: string, ok: boolean): void;
  answer(to: number, message: Uint8Array): void;
  malformed(from: number, reason: string): void;
  /** An answer could not be read or sent. */
  failed(error: unknown): void;
}

export class PeerDialogue {
  constructor(
    private readonly store: BlockStore,
    private readonly snapshots: SnapshotFiles,
    private readonly hooks: DialogueHooks,
  ) {}

  received(from: number, bytes: Uint8Array): void {
    let message: PeerMessage;
    try {
      message = decodePeerMessage(bytes);
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      return this.hooks.malformed(from, error.message);
    }
    switch (message.type) {
      case 'consensus':
        this.hooks.heard(from, message.message);
        return this.hooks.consensus(from, message.message);
      case 'compact':
        return this.hooks.compact(from, message.message, message.leaves);
      case 'getBodies':
        return this.hooks.getBodies(from, message.leaves);
      case 'bodies':
        return this.hooks.bodies(from, message.transactions);
      case 'announce':
        return this.hooks.announce(from, message.ids);
      case 'wanted':
        return this.hooks.wanted(from, message.ids);
      case 'transactions':
        return this.hooks.transactions(message.transactions);
      case 'status':
        return this.hooks.status(from, message.height);
      case 'blocks':
        return this.hooks.blocks(from, message.blocks);
      case 'cosignature':
        return this.hooks.cosignature(from, message);
      case 'snapshot':
        return this.hooks.snapshot(from, message.manifest);
      case 'part':
        return this.hooks.part(from, message.height, message.index, message.records);
      default:
        return this.#beside(from, message);
    }
  }

  #beside(from: number, message: Extract<PeerMessage, { type: 'getSnapshot' | 'getPart' | 'getBlocks' | 'getReceipt' | 'receipt' | 'verify' | 'verified' }>): void {
    switch (message.type) {
      case 'receipt':
        return this.hooks.receipt(from, message.id, message.bundle);
      case 'verified':
        return this.hooks.verified(from, message.id, message.ok);
      case 'verify':
        return this.#verify(from, message);
      case 'getSnapshot':
        return this.#answerFrom(from, this.snapshots.latest().then((manifest) => encodePeerMessage('snapshot', { manifest: manifest ?? null })));
      case 'getPart':
        return this.#answerFrom(from, this.#part(message.height, message.depth, message.index));
      case 'getReceipt':
        return this.hooks.answer(from, encodePeerMessage('receipt', { id: message.id, bundle: this.#receipt(message.id) ?? null }));
      case 'getBlocks':
        return this.hooks.answer(from, encodePeerMessage('blocks', { blocks: this.#blocks(message.from, message.limit) }));
    }
  }

  #answerFrom(to: number, answer: Promise<Uint8Array>): void {
    answer.then((message) => this.hooks.answer(to, message)).catch((error: unknown) => this.hooks.failed(error));
  }

  #verify(from: number, { id, bundle }: PeerMessages['verify']): void {
    const ok = this.hooks.verify(from, bundle);
    if (ok !== undefined) this.hooks.answer(from, encodePeerMessage('verified', { id, ok }));
  }

  #receipt(id: string): object | undefined {
    try {
      return this.hooks.receiptOf(id);
    } catch (error) {
      this.hooks.failed(error);
      return undefined;
    }
  }

  /** The file's text as it is: whoever asks checks it. */
  async #part(height: number, depth: number, index: number): Promise<Uint8Array> {
    const records = await this.snapshots.part(height, depth, index);
    return utf8(`{"type":"part","height":${height},"index":${index},"records":${records ?? 'null'}}`);
  }

  /** At least one where there is one, then as many as fit. */
  #blocks(from: number, limit: number): SyncBlock[] {
    const blocks: SyncBlock[] = [];
    let size = 0;
    for (let height = from; blocks.length < limit; height++) {
      const block = this.store.block(height);
      if (!block) break;
      size += block.transactions.reduce((sum, raw) => sum + raw.length, 2_000);
      if (blocks.length > 0 && size > MAX_ANSWER_CHARACTERS) break;
      blocks.push({ header: block.header, certificate: block.certificate, transactions: block.transactions });
    }
    return blocks;
  }
}
