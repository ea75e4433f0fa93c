import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../crypto/canonicalJson.js';
import { evaluate } from './evaluate.js';
import { place } from './placement/place.js';
import { aNode, anAgreement, aPolicy, aPolicySet, aRule, aTrafficRule, euOnly, NOON, someFacts } from './testing/builders.js';
import type { Light, PolicySet } from './types.js';

const REGIONS = ['EU', 'US', 'APAC', 'Global'] as const;
const LIGHTS: readonly Light[] = ['Green', 'Yellow', 'Red'];

/** Numbers below `limit`, the same in every run and on every machine. */
function sequence(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function someSet(next: (limit: number) => number): PolicySet {
  const region = () => [REGIONS[next(4)]!];
  return aPolicySet({
    agreements: [anAgreement('pay', { regions: region() })],
    policies: [euOnly, ...Array.from({ length: next(5) }, (_, i) => aPolicy(`p${i}`, { violationAction: next(3) === 0 ? 'audit' : 'reject_workload', rules: [aRule({ match: { sourceRegions: region() }, requirement: next(2) === 0 ? { regions: region() } : { expression: `pod.cpuMillis <= ${next(200)} || node.region == "EU"` } })] }))],
    rules: Array.from({ length: next(8) }, (_, i) => aTrafficRule(`r${i}`, { priority: next(3), light: LIGHTS[next(3)]!, source: { regions: region() }, destination: { regions: region() }, conditions: next(3) === 0 ? { timeWindow: { from: '08:00', to: '12:30' } } : {} })),
  });
}

function decisions(): string {
  const hash = createHash('sha256');
  for (let seed = 1; seed <= 200; seed += 1) {
    const next = sequence(seed);
    const set = someSet(next);
    const facts = someFacts({
      time: NOON + next(86_400_000),
      data: { classification: next(2) === 0 ? 'Restricted' : 'Internal', sourceRegion: REGIONS[next(4)]!, destinationRegions: next(2) === 0 ? [] : [REGIONS[next(4)]!], agreements: next(4) === 0 ? ['pay'] : [] },
      pod: { cpuMillis: next(300), pinnedRegions: next(3) === 0 ? ['US'] : null },
    });
    const nodes = Array.from({ length: 1 + next(30) }, (_, i) => aNode(`n${i}`, { region: REGIONS[next(3)]!, ready: next(8) > 0, allocated: { cpuMillis: next(4_000), memoryBytes: next(8_000), storageBytes: 0, pods: 0 } }));
    hash.update(canonicalJson([evaluate(set, facts), place(nodes, set, facts)]));
  }
  return hash.digest('hex');
}

/**
 * What every validator has agreed on. When a change of the rules moves it, verdicts and placements of the past no longer replay:
 * on a running network that is a protocol upgrade, to be switched at a height.
 */
const AGREED = '8780aaab369be224c3f3c74039bf2099a145a10460a83baf154c15c148a0c397';

describe('verdicts and placements', () => {
  const zone = process.env.TZ;
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });
  it.each(['UTC', 'Pacific/Kiritimati', 'America/St_Johns'])('are the ones agreed on, in time zone %s too', (name) => {
    process.env.TZ = name;
    expect(decisions()).toBe(AGREED);
  });
});
