// A simulated year: two processes that share nothing but the plan come to the same roots.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Year } from './testing/yearSimulation.js';

/** A year, with as many nodes as a test can take: 30 s of work for each process; `make bench-ledger` replays it with 100. */
const HOURS = 8_760;
const BUSY_MACHINE_MS = 900_000;
const PROGRAM = 'dist/bench/ledgerYear.js';

async function replay(hours: number, nodes: number, seed: number): Promise<Year> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...[hours, nodes, seed].map(String)]);
  return JSON.parse(stdout) as Year;
}

describe('a year with joins, leaves, failures, appeals, parameter changes and upgrades', () => {
  it('has one end, whoever computes it', async () => {
    const [first, second] = await Promise.all([replay(HOURS, 14, 7), replay(HOURS, 14, 7)]);
    const { executionMs: _first, ...one } = first;
    const { executionMs: _second, ...other } = second;
    expect(one).toEqual(other);
    expect(one).toMatchObject({ height: HOURS, conserved: true });
    for (const type of ['rewards.settle', 'slash.hold', 'slash.final', 'case.draw', 'case.deadline', 'proposal.close', 'proposal.execute', 'parameters.change'])
      expect(one.events[type], type).toBeGreaterThan(0);
    expect((await replay(100, 6, 8)).stateRoot).not.toBe((await replay(100, 6, 9)).stateRoot);
  }, BUSY_MACHINE_MS);
});
