// The core does what the model does, event for event; a core with a fault does not, and is noticed.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Flaw } from '../chain/consensus/types.js';
import { readItf } from './itf.js';
import type { ModelTrace } from './modelTrace.js';
import { replayTrace } from './replayTrace.js';

const folder = path.join(import.meta.dirname, 'traces');
const traces = readdirSync(folder).map((name): [string, ModelTrace] => [
  name,
  JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as ModelTrace,
]);

describe('traces of the model', () => {
  it.each(traces)('%s: the core ends every event in the same state', (_name, trace) => {
    expect(replayTrace(trace)).toBeUndefined();
  });

  it('hold what is worth replaying: decisions of later rounds, blocks carried over, restarts', () => {
    const events = traces.flatMap(([, { steps }]) => steps);
    const after = events.flatMap((step) => Object.values(step.after));
    expect(after.some(({ decided, round }) => decided >= 0 && round > 0)).toBe(true);
    expect(
      after.some(({ sent, prepared, round }) => round > 0 && prepared !== '-1/-1' && sent.some((text) => text.startsWith('ProposalMessage'))),
    ).toBe(true);
    expect(events.some(({ event }) => event.tag === 'Restart')).toBe(true);
    expect(events.some(({ event }) => event.tag === 'Misdeed')).toBe(true);
  });

  it.each<Flaw>(['quorumOneLower', 'proposalUnjustified', 'roundChangeUnjustified', 'preparedDropped', 'votesForgotten'])(
    'tell a core with the fault %s apart',
    (flaw) => {
      const differences = traces.map(([, trace]) => replayTrace(trace, new Set([flaw])));
      expect(differences.some((text) => text?.includes('in the model'))).toBe(true);
    },
  );
});

it('ITF values become plain ones', () => {
  const value = {
    '#meta': { index: 1 },
    'a::b::n': { '#bigint': '-1' },
    s: { '#set': [{ '#tup': [true, 'x'] }] },
    m: { '#map': [[{ '#bigint': '2' }, {}]] },
  };
  expect(readItf(value)).toEqual({ n: -1, s: [[true, 'x']], m: [[2, {}]] });
});
