// Fetches final blocks from other validators when this one is behind, one request at a time, another validator when one does not deliver.
import { reasonOf } from '../nodeError.js';
import type { SyncBlock } from '../peerMessages.js';

const BLOCKS_PER_REQUEST = 64;
const REQUEST_TIMEOUT_MS = 5_000;
/** A validator that is one block behind usually commits it itself in a moment. */
const PATIENCE_MS = 400;
const EXCLUDED_MS = 60_000;

export interface SyncHooks {
  height(): number;
  /** Asks the peer for blocks; false when there is no link. */
  request(peer: number, from: number, limit: number): boolean;
  /** Verifies, executes and commits; false when the block was committed meanwhile. Throws when it is not what a final block must be. */
  apply(block: SyncBlock): Promise<boolean>;
  /** Catching up began or ended. */
  changed(syncing: boolean): void;
  refused(peer: number, reason: string): void;
}

interface Peer {
  height: number;
  /** It said so itself; otherwise votes only suggest it. */
  claimed: boolean;
  excludedUntil: number;
}

export class BlockSync {
  readonly #peers = new Map<number, Peer>();
  #asked: { peer: number; from: number; timer: NodeJS.Timeout } | undefined;
  #applying = false;
  #waiting: NodeJS.Timeout | undefined;
  #syncing = false;
  #stopped = false;

  constructor(private readonly hooks: SyncHooks) {}

  get syncing(): boolean {
    return this.#syncing;
  }
  /** Highest block that a peer said it has; undefined when it said nothing in this run. */
  heightOf(peer: number): number | undefined {
    return this.#peers.get(peer)?.height;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#waiting);
    clearTimeout(this.#asked?.timer);
  }

  /** A peer says that it has this block. */
  learned(peer: number, height: number): void {
    this.#note(peer, height, true);
    this.#consider(false);
  }

  /** Votes suggest that a peer has this block, or will in a moment, while it is missing here. */
  hinted(peer: number, height: number): void {
    this.#note(peer, height, false);
    this.#consider(true);
  }

  #note(peer: number, height: number, claimed: boolean): void {
    const known = this.#peers.get(peer);
    if (!known) this.#peers.set(peer, { height, claimed, excludedUntil: 0 });
    else if (height > known.height) Object.assign(known, { height, claimed });
    else if (height === known.height) known.claimed ||= claimed;
  }

  disconnected(peer: number): void {
    if (this.#asked?.peer === peer) this.#giveUp('the link was lost', false);
  }

  async received(peer: number, blocks: SyncBlock[]): Promise<void> {
    if (this.#asked?.peer !== peer || this.#applying) return;
    clearTimeout(this.#asked.timer);
    this.#asked = undefined;
    if (blocks.length === 0) return this.#hasNone(peer);
    this.#applying = true;
    try {
      for (const block of blocks) {
        if (this.#stopped) return;
        if (block.header.height <= this.hooks.height()) continue;
        await this.hooks.apply(block);
      }
    } catch (error) {
      this.#exclude(peer, reasonOf(error));
    } finally {
      this.#applying = false;
    }
    this.#consider(true);
  }

  #best(): { peer: number; height: number } | undefined {
    const now = Date.now();
    const usable = [...this.#peers].filter(([, { excludedUntil, height }]) => excludedUntil <= now && height > this.hooks.height());
    const [best] = usable.toSorted(([, a], [, b]) => b.height - a.height);
    return best && { peer: best[0], height: best[1].height };
  }

  #consider(urgent: boolean): void {
    if (this.#stopped || this.#asked || this.#applying) return;
    const best = this.#best();
    if (!best) return this.#set(false);
    if (urgent || this.#syncing || best.height > this.hooks.height() + 1) return this.#ask(best.peer);
    this.#waiting ??= setTimeout(() => {
      this.#waiting = undefined;
      const still = this.#best();
      if (still && !this.#asked && !this.#applying) this.#ask(still.peer);
    }, PATIENCE_MS);
  }

  #ask(peer: number): void {
    const from = this.hooks.height() + 1;
    if (!this.hooks.request(peer, from, BLOCKS_PER_REQUEST)) {
      this.#peers.delete(peer);
      return this.#consider(true);
    }
    this.#set(true);
    this.#asked = { peer, from, timer: setTimeout(() => this.#giveUp('it did not answer in time', true), REQUEST_TIMEOUT_MS) };
  }

  #giveUp(reason: string, exclude: boolean): void {
    const asked = this.#asked;
    if (!asked) return;
    clearTimeout(asked.timer);
    this.#asked = undefined;
    if (exclude) this.#exclude(asked.peer, reason);
    else {
      this.#peers.delete(asked.peer);
      this.#consider(true);
    }
  }

  #hasNone(peer: number): void {
    const known = this.#peers.get(peer);
    if (known?.claimed) return this.#exclude(peer, 'it sent no block although it claimed to have more');
    if (known) known.height = this.hooks.height();
    this.#consider(false);
  }

  #exclude(peer: number, reason: string): void {
    const known = this.#peers.get(peer);
    if (known) known.excludedUntil = Date.now() + EXCLUDED_MS;
    this.hooks.refused(peer, reason);
    this.#consider(true);
  }

  #set(syncing: boolean): void {
    if (this.#syncing === syncing) return;
    this.#syncing = syncing;
    this.hooks.changed(syncing);
  }
}

