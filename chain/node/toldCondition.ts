// What a validator tells of its condition: to its parent each change of state, and to both parent and log when the chain halts, for whom, and when it goes on.
import type { Halt } from './api/context.js';
import { describeHalt } from './haltWatch.js';
import type { Logger } from './logger.js';
import type { StateReport } from './stateReport.js';

export class ToldCondition {
  #haltLine: string | undefined;
  #reported: StateReport['state'] | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly tell: (report: StateReport) => void,
  ) {}

  /** Changes of state, and every new line about a halt. */
  report(report: StateReport): void {
    if (report.state === this.#reported && report.state !== 'halted') return;
    this.#reported = report.state;
    this.tell(report);
  }

  runs(height: number): void {
    if (this.#haltLine !== undefined) this.logger.info('the chain goes on', { height });
    this.#haltLine = undefined;
    this.report({ state: 'running', height, text: `running, block ${height} is final` });
  }

  halted(halt: Halt): void {
    const line = describeHalt(halt);
    if (line === this.#haltLine) return;
    this.#haltLine = line;
    this.logger.warn('the chain is halted', { code: 'Halted', since: halt.since, missing: halt.missing.map(({ address }) => address), text: line });
    this.report({ state: 'halted', text: `halted: ${line}` });
  }
}
