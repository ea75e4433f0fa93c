// Everything that a validator sends with its own account: evidence of contradictions and offences, what its hour is measured by, and the service levels that it measures of others.
import { randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Ed25519KeyPair } from '../../crypto/ed25519.js';
import type { Signed } from '../consensus/types.js';
import type { ChainState, ExecutedBlock } from './chainState.js';
import type { Cosignature } from './cosigner.js';
import { DutyReporter } from './dutyReporter.js';
import { EvidenceReporter, type ReporterHooks } from './evidenceReporter.js';
import { LevelMeter, type LevelMeterHooks } from './levels/levelMeter.js';
import { OffenceReporter } from './offenceReporter.js';
import { MempoolLog } from './storage/mempoolLog.js';

export interface OwnReportsHooks extends Pick<ReporterHooks, 'rank' | 'submit'>, Pick<LevelMeterHooks, 'ask' | 'challenge'> {
  warn(message: string, code: string, reason: string): void;
  fatal(error: unknown): void;
}

export class OwnReports {
  readonly #evidence: EvidenceReporter;
  readonly #duties: DutyReporter;
  readonly #offences: OffenceReporter;
  /** What it measures of others. */
  readonly levels: LevelMeter;

  private constructor(
    chain: ChainState,
    account: Ed25519KeyPair,
    /** Of evidence that is not on the chain yet. */
    readonly log: MempoolLog,
    private readonly hooks: OwnReportsHooks,
  ) {
    const { rank, submit, warn, ask, challenge } = hooks;
    const refused = (message: string, code: string) => (reason: string) => warn(message, code, reason);
    const keep = (report: string) => log.append(report).then(() => log.prune(() => this.#evidence.waiting));
    this.#evidence = new EvidenceReporter(chain, account, { rank, submit, keep, refused: refused('evidence could not be reported', 'EvidenceRefused') });
    this.#duties = new DutyReporter(chain, account, { rank, submit, refused: refused('what is measured for rewards could not be reported', 'DutyRefused') });
    this.#offences = new OffenceReporter(chain, account, { rank, submit, refused: refused('an offence could not be reported', 'OffenceRefused') });
    this.levels = new LevelMeter(chain, account, { rank, submit, ask, challenge, random: (below) => randomInt(below), refused: refused('a service level could not be measured or stated', 'LevelRefused'), now: () => performance.now() });
  }

  static async open(file: string, chain: ChainState, account: Ed25519KeyPair, hooks: OwnReportsHooks): Promise<OwnReports> {
    const { log, found } = await MempoolLog.open(file);
    const reports = new OwnReports(chain, account, log, hooks);
    reports.#evidence.restore(found);
    return reports;
  }

  /** A validator contradicted itself; both signatures are good. */
  contradiction(first: Signed, second: Signed): void {
    this.#evidence.seen(first, second).catch(this.hooks.fatal);
    this.#offences.contradiction(first, second).catch(this.hooks.fatal);
  }

  /** A validator's cosignature of the receipt log is none of what is final here. */
  misfit(cosignature: Cosignature): void {
    this.#offences.misfit(cosignature).catch(this.hooks.fatal);
  }

  /** A transaction was refused before it came into a block. */
  refused(raw: string, code: string): void {
    this.#offences.refused(raw, code).catch(this.hooks.fatal);
  }

  /** After each block; `isPast`: it is one of those that are being caught up with. */
  committed(executed: ExecutedBlock, isPast: boolean): void {
    const { block, execution } = executed;
    this.#evidence.committed().catch(this.hooks.fatal);
    if (isPast) return;
    this.#duties.committed().catch(this.hooks.fatal);
    this.levels.committed(executed).catch(this.hooks.fatal);
    execution.results.forEach(({ outcome, code }, index) => {
      if (outcome === 'refused') this.refused(block.transactions[index]!, code);
    });
  }
}
