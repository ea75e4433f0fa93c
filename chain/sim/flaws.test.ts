// The simulator is tested itself: it finds each deliberate fault of the core, by the invariant that is meant for it.
import { expect, it } from 'vitest';
import type { InvariantCode } from './invariants.js';
import { scenarioOf } from './scenario.js';
import type { SimFlaw } from './shellFlaw.js';
import { simulateWithFiles } from './simulation.js';

const SEEDS = 20_000;
const SIZES = [4, 3, 5, 7, 1];

const found: Record<SimFlaw, InvariantCode[]> = {
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
  restoredPrepareForgotten: ['Contradiction'],
  oldSetAfterChange: ['Agreement', 'BadCertificate', 'UnproposedPrepare', 'FalseEvidence', 'BadPrepared', 'Liveness', 'UnjustifiedProposal'],
  newSetTooEarly: ['Agreement', 'BadCertificate', 'UnproposedPrepare', 'FalseEvidence', 'BadPrepared', 'Liveness', 'UnjustifiedProposal'],
  syncSkipped: ['LostVote', 'Contradiction', 'LeftRound', 'ForgottenPrepared'],
  directorySyncSkipped: ['LostVote', 'Contradiction', 'LeftRound', 'ForgottenPrepared'],
};

/** Of the storage layer: only there to be seen. */
const inStorage = new Set<SimFlaw>(['syncSkipped', 'directorySyncSkipped']);

it.each(Object.entries(found) as [SimFlaw, InvariantCode[]][])(
  '%s is found',
  async (flaw, codes) => {
    const flaws = new Set([flaw]);
    for (let seed = 0; seed < SEEDS; seed++) {
      const scenario = scenarioOf(seed, SIZES, { storage: inStorage.has(flaw) ? 'files' : 'model' });
      const { failure } = await simulateWithFiles(scenario, { flaws });
      if (failure === undefined) continue;
      expect(codes, failure.message).toContain(failure.code);
      expect((await simulateWithFiles(scenario)).failure, `seed ${seed} without the fault`).toBeUndefined();
      return;
    }
    expect.fail(`not within ${SEEDS} seeds`);
  },
  120_000,
);
