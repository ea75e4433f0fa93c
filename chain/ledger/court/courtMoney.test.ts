// Whatever cases are opened, judged, appealed and left alone: the supply is conserved in every block, and when all are closed nothing of them is left in escrow.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ArbitratorRecord, CaseRecord } from '../../courtTypes.js';
import { stateKeys, type SupplyRecord } from '../../types.js';
import { checkSupply } from '../accounts/supply.js';
import { ARBITRATORS, DAY, GovernedChain } from '../testing/governedChain.js';
import { BPI, keyOf } from '../testing/testGenesis.js';
import { panelSize } from './arbitrators.js';

/** Of one case: against whom, for how much, and in each tier: who upholds it with what award (BPI, null to dismiss), and whether the loser goes on. */
const history = fc.record({
  respondent: fc.constantFrom('', 'operator', 'node-operator', 'processor'),
  amount: fc.integer({ min: 1, max: 20_000 }),
  tiers: fc.array(fc.record({ awards: fc.array(fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: null }), { minLength: 7, maxLength: 7 }), silent: fc.boolean() }), { minLength: 1, maxLength: 3 }),
});

function live(chain: GovernedChain, { respondent, amount, tiers }: { respondent: string; amount: number; tiers: { awards: (number | null)[]; silent: boolean }[] }): void {
  const against = respondent === '' ? '' : keyOf(respondent).publicKey;
  const { transactionId: caseId } = chain.run('bank', 'case.open', { category: 'Economic', respondent: against, remedy: 'Compensation', subject: '', amount: amount * BPI, claim: 'a test', evidence: [] });
  for (const [tier, { awards, silent }] of tiers.entries()) {
    if (tier > 0) {
      const upheld = chain.case(caseId).decisions.at(-1)!.decision === 'Upheld';
      const appeal = { caseId, grounds: 'on' };
      const { code } = !upheld ? chain.run('bank', 'case.appeal', appeal) : respondent === '' ? chain.asValidator(0, 'case.appeal', appeal) : chain.run(respondent, 'case.appeal', appeal);
      if (code !== 'Appealed') break;
    }
    if (chain.draw(caseId).length === 0) break;
    // Nobody gives a ballot: the panel pays for it, and another is drawn, which decides.
    if (silent) for (const days of [3, 2, 0.001, 0.001]) chain.pass(Math.ceil(days * DAY));
    if (chain.case(caseId).state !== 'Commit') break;
    chain.judge(caseId, awards.slice(0, panelSize(tier + 1)).map((award) => award && award * BPI));
  }
}

it('money that a court moves comes to an end', () => {
  fc.assert(
    fc.property(fc.array(history, { minLength: 1, maxLength: 3 }), (histories) => {
      const chain = new GovernedChain();
      chain.registerArbitrators(ARBITRATORS);
      for (const one of histories) live(chain, one);
      for (let i = 0; i < 8; i++) chain.pass(7 * DAY);
      const open = [...chain.state.list('case/')].map(([, text]) => JSON.parse(text) as CaseRecord).filter(({ state }) => state !== 'Closed');
      expect(open.map(({ state }) => state)).toEqual([]);
      const bonds = [...chain.state.list('arbitrator/')].reduce((sum, [, text]) => sum + (JSON.parse(text) as ArbitratorRecord).bond, 0);
      expect(chain.record<SupplyRecord>(stateKeys.supply)!.escrow).toBe(bonds);
      expect(checkSupply(chain.state).ok).toBe(true);
    }),
    { numRuns: 8 },
  );
}, 120_000);
