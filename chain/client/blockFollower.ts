// Follows the chain block by block through one validator's event stream, checks every block, and leaves a validator that fails, lies or lags.
import { setTimeout as sleep } from 'node:timers/promises';
import type { MerkleFrontier } from '../../receipts/merkle/merkleFrontier.js';
import type { FinalisedBlock } from '../types.js';
import { certifiedHeaders, finalisedBlock, statusAnswer } from './answers.js';
import type { Validators } from './askValidators.js';
import type { ClientLogger } from './clientLogger.js';
import type { Endpoint } from './endpointPool.js';
import { followEvents } from './eventStream.js';
import { unverified, type HeaderChain } from './headerChain.js';
import { UnknownSetError } from './knownSets.js';
import type { Timing } from './timing.js';
import type { FinalisedResult } from './types.js';
import { verifyBody } from './verifyBlock.js';

const MAX_PAUSE_MS = 2_000;
/** Blocks may come without a pause and still be old: so often the others are looked at where the blocks' time is not now, and where it is, for this clock may be wrong as well. */
const LOOK_ANYWAY_EVERY = { old: 10, fresh: 60 };

export type BlockListener = (block: FinalisedBlock, results: FinalisedResult[]) => void;

/**
 * Whether the others are asked for their heights now. Clients that ask every validator every second are a fifth of what validators do at rest.
 * `silentMs` = since the last block; `ageMs` = of the last block by its certified time and this clock; `passed` = looks that had no cause since the last that had.
 */
export function causeToLook({ waiting, silentMs, ageMs, passed }: { waiting: boolean; silentMs: number; ageMs: number; passed: number }, { quietMs }: Pick<Timing, 'quietMs'>): boolean {
  const every = LOOK_ANYWAY_EVERY[Math.abs(ageMs) < quietMs ? 'fresh' : 'old'];
  return waiting || silentMs >= quietMs || passed >= every - 1;
}

export class BlockFollower {
  readonly #stopped = new AbortController();
  #current: { endpoint: Endpoint; abort: AbortController } | undefined;
  #running: Promise<void> = Promise.resolve();
  #watch: NodeJS.Timeout | undefined;
  #blockAt = performance.now();
  #passed = 0;

  /** `frontier` = the log's edge at the chain's head. */
  constructor(
    private readonly validators: Validators,
    private readonly chain: HeaderChain,
    private frontier: MerkleFrontier,
    private readonly options: { timing: Timing; logger: ClientLogger; onBlock: BlockListener; /** Whether a result is waited for. */ waiting: () => boolean },
  ) {}

  start(): void {
    this.#running = this.#run();
    this.#watch = setInterval(() => this.#hasCause() && void this.#lookAround(), this.options.timing.watchMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch);
    this.#stopped.abort();
    this.#current?.abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { timing, logger } = this.options;
    let pause = timing.retryMs;
    while (!this.#stopped.signal.aborted) {
      const before = this.chain.head.height;
      const endpoint = this.validators.pool.ordered(Date.now())[0]!;
      const abort = new AbortController();
      this.#current = { endpoint, abort };
      try {
        await followEvents(endpoint, { from: before + 1, timing, abort, onBlock: (data) => this.#take(data) });
      } catch (error) {
        if (this.#stopped.signal.aborted) return;
        logger.info('leaving an event stream', {
          code: codeOf(error),
          endpoint: endpoint.url,
          height: this.chain.head.height,
          fault: (error as Error).message,
        });
        if (error instanceof UnknownSetError) await this.validators.learnSets(endpoint).catch((cause: unknown) => this.validators.note(endpoint, '/v1/validators/steps', cause));
        else this.validators.note(endpoint, '/v1/events', error);
      }
      pause = this.chain.head.height > before ? timing.retryMs : Math.min(MAX_PAUSE_MS, pause * 2);
      await sleep(pause, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    }
  }

  /** A block that was seen before is passed over; a gap or anything that does not verify ends the stream. */
  #take(data: string): void {
    const block = finalisedBlock(JSON.parse(data), 'block');
    if (block.header.height <= this.chain.head.height) return;
    const { frontier, results } = verifyBody(block, this.frontier);
    this.chain.extend(block);
    this.frontier = frontier;
    this.#blockAt = performance.now();
    this.options.onBlock(block, results);
  }

  #hasCause(): boolean {
    const { timing, waiting } = this.options;
    const seen = { silentMs: performance.now() - this.#blockAt, ageMs: Date.now() - this.chain.head.timestamp };
    const cause = causeToLook({ waiting: waiting(), ...seen, passed: this.#passed }, timing);
    this.#passed = cause ? 0 : this.#passed + 1;
    return cause;
  }

  /** A followed validator that keeps blocks back is found out by what the others prove. */
  async #lookAround(): Promise<void> {
    const { timing } = this.options;
    const followed = this.#current;
    if (!followed) return;
    const others = this.validators.pool.endpoints.filter((endpoint) => endpoint !== followed.endpoint);
    const heights = await Promise.all(others.map((endpoint) => this.#provedHeight(endpoint).catch(() => 0)));
    const proved = Math.max(0, ...heights);
    if (proved <= this.chain.head.height) return;
    await sleep(timing.behindMs);
    if (this.chain.head.height >= proved || this.#current !== followed) return;
    followed.endpoint.lied(Date.now());
    followed.abort.abort(`it is at block ${this.chain.head.height} while block ${proved} is final`);
  }

  /** The height a validator claims, once it has shown the certified header; 0 when it is not above the head. */
  async #provedHeight(endpoint: Endpoint): Promise<number> {
    const { requestMs: timeoutMs } = this.options.timing;
    const { height } = await this.validators.askOne(endpoint, { path: '/v1/status', timeoutMs, read: (body) => statusAnswer(body, 'status') });
    if (height <= this.chain.head.height) return 0;
    return this.validators.askOne(endpoint, {
      path: `/v1/headers?from=${height}&limit=1`,
      timeoutMs,
      read: (body) => {
        const shown = certifiedHeaders(body, 'headers')[0];
        if (shown?.header.height !== height) throw unverified(`it claims height ${height} and does not show the header`);
        this.chain.prove(shown);
        return height;
      },
    });
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? 'Unexpected';
}
