// Decides when a validator is so far behind that it takes a snapshot instead of executing every block, and carries that out.
import type { Genesis } from '../../types.js';
import { NodeError } from '../nodeError.js';
import { fetchSnapshot, type SnapshotSource } from './fetchSnapshot.js';
import { installSnapshot } from './installSnapshot.js';

/** Blocks are fetched meanwhile. */
const RETRY_AFTER_MS = 60_000;

export interface CatchUpHooks {
  height(): number;
  /** What this validator has cast at least. */
  votes(): number;
  sources(): SnapshotSource[];
  changed(running: boolean): void;
  refused(source: SnapshotSource, reason: string): void;
  /** The snapshot of this height is beside the store: start again with it. */
  installed(height: number): void;
  /** It came to nothing; blocks are fetched one by one. */
  failed(reason: string): void;
  fatal(error: unknown): void;
}

export class SnapshotCatchUp {
  #running = false;
  #notBefore = 0;
  readonly #stopped = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: {
      genesis: Genesis;
      files: { blocks: string; incoming: string };
      /** Blocks behind; 0 = never. */
      above: number;
    },
    private readonly hooks: CatchUpHooks,
  ) {}

  get running(): boolean {
    return this.#running;
  }

  /** A peer says that it has this block. True while a snapshot is being fetched: no blocks are to be. */
  learned(height: number): boolean {
    const { above } = this.options;
    if (!this.#running && !this.#stopped.signal.aborted && above > 0 && height - this.hooks.height() > above && Date.now() >= this.#notBefore) {
      this.#set(true);
      this.#work = this.#run().catch((error: unknown) => this.hooks.fatal(error));
    }
    return this.#running;
  }

  /** Resolves when nothing is written any more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#work;
  }

  async #run(): Promise<void> {
    const { genesis, files, above } = this.options;
    const { refused, sources, height, votes } = this.hooks;
    try {
      const incoming = await fetchSnapshot({ genesis, directory: files.incoming, above: height() + Math.floor(above / 2), sources: sources(), refused, stopped: this.#stopped.signal });
      if (this.#stopped.signal.aborted) return;
      if (incoming) {
        await installSnapshot(files.blocks, genesis, incoming, votes());
        return this.hooks.installed(incoming.height);
      }
      this.#giveUp('no peer has a whole snapshot that is of use');
    } catch (error) {
      if (!(error instanceof NodeError) || error.code !== 'BadSnapshot') throw error;
      this.#giveUp(error.message);
    }
  }

  #giveUp(reason: string): void {
    this.#notBefore = Date.now() + RETRY_AFTER_MS;
    this.#set(false);
    this.hooks.failed(reason);
  }

  #set(running: boolean): void {
    this.#running = running;
    this.hooks.changed(running);
  }
}
