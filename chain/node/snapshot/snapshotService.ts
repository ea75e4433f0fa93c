// All that a validator does about snapshots: makes them, drops the blocks that they replace, serves them, and fetches one when it is far behind.
import { setSteps } from '../api/validatorRoutes.js';
import type { ChainState } from '../chainState.js';
import { DEFAULT_KEEP, homeFiles, type NodeConfig } from '../config.js';
import type { Logger } from '../logger.js';
import { reasonOf } from '../nodeError.js';
import { SnapshotMaker } from './makeSnapshot.js';
import { SnapshotCatchUp, type CatchUpHooks } from './snapshotCatchUp.js';
import { SnapshotFiles } from './snapshotFiles.js';
import { SnapshotPeers, type AskSnapshot } from './snapshotPeers.js';

/** Dropped with each new block at most: a few milliseconds of writing. */
const PRUNED_AT_ONCE = 32;

export interface ServiceHooks extends Pick<CatchUpHooks, 'votes' | 'changed' | 'fatal'> {
  logger: Logger;
  /** Those with a link. */
  peers(): { number: number; name: string }[];
  ask: AskSnapshot;
  /** This process is to start again on the installed snapshot. */
  restart(): void;
}

export class SnapshotService {
  readonly files: SnapshotFiles;
  readonly peers: SnapshotPeers;
  readonly #maker: SnapshotMaker | undefined;
  readonly #catchUp: SnapshotCatchUp;
  readonly #retain: number | undefined;
  /** Height of the newest snapshot here. */
  #newest = 0;
  #pruning: Promise<unknown> | undefined;

  constructor(
    private readonly chain: ChainState,
    { home, genesis, snapshotEvery = DEFAULT_KEEP.snapshotEvery, snapshotSyncAbove = DEFAULT_KEEP.snapshotSyncAbove, retainBlocks }: NodeConfig,
    private readonly hooks: ServiceHooks,
  ) {
    const files = homeFiles(home);
    const { logger, ask, votes, changed, fatal } = hooks;
    this.files = new SnapshotFiles(files.snapshots);
    this.peers = new SnapshotPeers(ask);
    this.#retain = retainBlocks;
    if (snapshotEvery > 0) {
      this.#maker = new SnapshotMaker(this.files, snapshotEvery, {
        made: (height, parts) => {
          this.#newest = height;
          logger.info('a snapshot was made', { height, parts });
        },
        failed: (error) => logger.error('a snapshot could not be made', { code: 'SnapshotFailed', reason: reasonOf(error) }),
      });
    }
    this.#catchUp = new SnapshotCatchUp(
      { genesis, files, above: snapshotSyncAbove },
      {
        votes,
        changed,
        fatal,
        height: () => chain.height,
        sources: () => hooks.peers().map(({ number, name }) => this.peers.source(number, name)),
        refused: ({ name }, reason) => logger.warn('a snapshot of a validator was refused', { code: 'SnapshotRefused', peer: name, reason }),
        failed: (reason) => logger.warn('no snapshot; fetching the blocks instead', { code: 'NoSnapshot', reason }),
        installed: (height) => {
          logger.info('a snapshot was verified; going on from there', { height, from: chain.height });
          hooks.restart();
        },
      },
    );
  }

  async open(): Promise<void> {
    this.#newest = (await this.files.heights()).at(-1) ?? 0;
  }

  get fetching(): boolean {
    return this.#catchUp.running;
  }

  /** True when a snapshot is fetched instead of blocks. */
  behind(height: number): boolean {
    return this.#catchUp.learned(height);
  }

  /** After each block, while the store shows it; `isPast`: it is one of those that are being caught up with. */
  committed(isPast: boolean): void {
    const { chain } = this;
    if (!isPast) this.#maker?.committed(chain.height, () => ({ store: chain.store, head: chain.snapshot, steps: setSteps({ store: chain.store, sets: () => chain.sets }) }));
    if (this.#retain === undefined || this.#pruning) return;
    const last = Math.min(chain.height - this.#retain, this.#newest);
    this.#pruning = chain.store
      .prune(last, PRUNED_AT_ONCE)
      .catch((error: unknown) => this.hooks.fatal(error))
      .finally(() => (this.#pruning = undefined));
  }

  /** Resolves when nothing of it uses the store any more. */
  async stop(): Promise<void> {
    this.peers.stop();
    await this.#catchUp.stop();
    await this.#maker?.settled();
    await this.#pruning;
  }
}
