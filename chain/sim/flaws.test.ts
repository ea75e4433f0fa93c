// The simulator is tested itself: it finds each deliberate fault of the core, by the invariant that is meant for it.
import { expect, it } from 'vitest';
import type { Flaw } from '../consensus/types.js';
import type { InvariantCode } from './invariants.js';
import { scenarioOf } from './scenario.js';
import { simulate } from './simulation.js';

const SEEDS = 20_000;
const SIZES = [4, 3, 5, 7, 1];

const found: Record<Flaw, InvariantCode[]> = {
  quorumOneLower: ['BadPrepared', 'BrokenLock', 'BadCertificate', 'Agreement', 'UnjustifiedProposal'],
  proposalUnjustified: ['BrokenLock', 'Agreement'],
  roundChangeUnjustified: ['UnjustifiedProposal', 'Liveness'],
  lowestPreparedChosen: ['UnjustifiedProposal', 'BrokenLock'],
  signersCountedTwice: ['BrokenLock', 'BadPrepared', 'UnjustifiedProposal', 'Agreement'],
  preparedDropped: ['ForgottenPrepared'],
  sentBeforeDurable: ['SentBeforeDurable'],
  votesForgotten: ['Contradiction', 'LeftRound', 'ForgottenPrepared'],
  votesTwiceInRound: ['Contradiction'],
  votesInLeftRound: ['LeftRound'],
  proposerUnchecked: ['UnproposedPrepare'],
  sealsUnchecked: ['BadCertificate'],
  advancesAlone: ['Liveness'],
  noRepeat: ['Liveness'],
  noWindow: ['Memory'],
  signatureUnchecked: ['FalseEvidence', 'BadPrepared', 'BadCertificate', 'BrokenLock'],
};

it.each(Object.entries(found) as [Flaw, InvariantCode[]][])(
  '%s is found',
  (flaw, codes) => {
    const flaws = new Set([flaw]);
    for (let seed = 0; seed < SEEDS; seed++) {
      const { failure } = simulate(scenarioOf(seed, SIZES), { flaws });
      if (failure === undefined) continue;
      expect(codes, failure.message).toContain(failure.code);
      expect(simulate(scenarioOf(seed, SIZES)).failure, `seed ${seed} without the fault`).toBeUndefined();
      return;
    }
    expect.fail(`not within ${SEEDS} seeds`);
  },
  120_000,
);
