// Blocks on links: header and the leaf hashes of their transactions, which other validators mostly have; what one lacks it fetches from who sent the block.
import { fromHex, toHex } from '../../crypto/encoding.js';
import { leafHashOfText, merkleRoot } from '../../receipts/merkle/treeHash.js';
import type { SignedMessage } from '../consensus/types.js';
import type { Block } from '../types.js';
import type { Mempool } from './mempool.js';
import { encodePeerMessage } from './peerMessages.js';

/** A transaction that its sender handed to everybody may be on its way here: that is waited for before it is asked for. */
const PATIENCE_MS = 3;
/** Blocks whose transactions others may still ask for. */
const KEPT_BLOCKS = 4;
/** Of one answer; a message may have 4 MiB, and JSON escapes what it carries. */
const MAX_ANSWER_CHARACTERS = 1_500_000;

export interface CompactHooks {
  /** The message with its whole block. */
  complete(from: number, message: unknown): void;
  send(to: number, message: Uint8Array): void;
}
interface Incomplete {
  message: { block: Pick<Block, 'header'> };
  leaves: string[];
  bodies: Map<string, string>;
  timer: NodeJS.Timeout | undefined;
}

export class CompactBlocks {
  /** By leaf hash, hex; the newest last. */
  readonly #recent: ReadonlyMap<string, string>[] = [];
  /** The latest of each peer: a newer one means that it has gone on. */
  readonly #incomplete = new Map<number, Incomplete>();

  constructor(
    private readonly pool: Mempool,
    private readonly leafOf: (raw: string) => Uint8Array,
    private readonly hooks: CompactHooks,
  ) {}

  /** A message of the core as it goes over a link. */
  encode(message: SignedMessage<Block>): Uint8Array {
    if (!('block' in message) || message.block === null) return encodePeerMessage('consensus', { message });
    const { header, transactions } = message.block;
    const bodies = new Map(transactions.map((raw) => [toHex(this.leafOf(raw)), raw]));
    this.#keep(bodies);
    return encodePeerMessage('compact', { message: { ...message, block: { header } }, leaves: [...bodies.keys()] });
  }

  /** The core checks the message; here only that the leaves are those of the header, so that nothing is fetched for a block that cannot be. */
  received(from: number, message: unknown, leaves: string[]): void {
    const sent = message as { block?: { header?: { transactionsRoot?: unknown } | null } | null } | null;
    if (sent?.block?.header?.transactionsRoot !== toHex(merkleRoot(leaves.map((leaf) => fromHex(leaf))))) return;
    clearTimeout(this.#incomplete.get(from)?.timer);
    const incomplete: Incomplete = { message: message as Incomplete['message'], leaves, bodies: new Map(), timer: undefined };
    this.#incomplete.set(from, incomplete);
    if (this.#finish(from, incomplete)) return;
    incomplete.timer = setTimeout(() => {
      if (!this.#finish(from, incomplete)) this.hooks.send(from, encodePeerMessage('getBodies', { leaves: this.#missing(incomplete) }));
    }, PATIENCE_MS);
  }

  /** What was asked for; anything else is forgotten. */
  bodies(from: number, transactions: string[]): void {
    const incomplete = this.#incomplete.get(from);
    if (!incomplete) return;
    const wanted = new Set(this.#missing(incomplete));
    for (const raw of transactions) {
      const leaf = toHex(leafHashOfText(raw));
      if (wanted.has(leaf)) incomplete.bodies.set(leaf, raw);
    }
    if (this.#finish(from, incomplete)) return;
    const left = this.#missing(incomplete);
    if (left.length < wanted.size) this.hooks.send(from, encodePeerMessage('getBodies', { leaves: left }));
  }

  /** As many of the transactions as are here and fit a message. */
  answer(to: number, leaves: string[]): void {
    const transactions: string[] = [];
    let characters = 0;
    for (const leaf of leaves) {
      const raw = this.#find(leaf);
      if (raw === undefined) continue;
      characters += raw.length;
      if (transactions.length > 0 && characters > MAX_ANSWER_CHARACTERS) break;
      transactions.push(raw);
    }
    if (transactions.length > 0) this.hooks.send(to, encodePeerMessage('bodies', { transactions }));
  }

  gone(peer: number): void {
    clearTimeout(this.#incomplete.get(peer)?.timer);
    this.#incomplete.delete(peer);
  }

  stop(): void {
    for (const peer of [...this.#incomplete.keys()]) this.gone(peer);
  }

  #finish(from: number, incomplete: Incomplete): boolean {
    const transactions = incomplete.leaves.map((leaf) => incomplete.bodies.get(leaf) ?? this.#find(leaf));
    if (transactions.includes(undefined)) return false;
    this.#incomplete.delete(from);
    this.#keep(new Map(incomplete.leaves.map((leaf, index) => [leaf, transactions[index]!])));
    const { header } = incomplete.message.block;
    this.hooks.complete(from, { ...incomplete.message, block: { header, transactions } });
    return true;
  }

  #missing({ leaves, bodies }: Incomplete): string[] {
    return leaves.filter((leaf) => !bodies.has(leaf) && this.#find(leaf) === undefined);
  }

  #find(leaf: string): string | undefined {
    const waiting = this.pool.byLeaf(leaf);
    if (waiting !== undefined) return waiting.raw;
    for (const bodies of this.#recent) if (bodies.has(leaf)) return bodies.get(leaf);
    return undefined;
  }

  #keep(bodies: ReadonlyMap<string, string>): void {
    if (bodies.size === 0) return;
    this.#recent.push(bodies);
    if (this.#recent.length > KEPT_BLOCKS) this.#recent.shift();
  }
}
