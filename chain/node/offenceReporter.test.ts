// What a validator reports of what others signed: what is an offence, once of an account for a while, and nothing else.
import { expect, it } from 'vitest';
import { GovernedChain, VALIDATOR_KEYS } from '../ledger/testing/governedChain.js';
import type { SignedTransaction } from '../types.js';
import type { ChainState } from './chainState.js';
import { OffenceReporter } from './offenceReporter.js';

it('a verdict whose decision replay contradicts is reported, and the report is taken', async () => {
  const chain = new GovernedChain();
  const sent: string[] = [];
  const shown = { genesis: chain.genesis, store: chain.state, get height() { return chain.header.height; } } as unknown as ChainState; // prettier-ignore
  const reporter = new OffenceReporter(shown, VALIDATOR_KEYS[0]!, { rank: () => 0, submit: async (raw) => (sent.push(raw), { refusals: [] }), refused: () => undefined });
  const verdict = (name: string, changes: object) => {
    const { facts, verdict: good } = chain.verdict(chain.facts(name));
    return chain.sign('webhook', 'admission.verdict', { facts, verdict: { ...good, ...changes } });
  };
  await reporter.refused(verdict('a', { message: 'other words' }), 'VerdictMismatch');
  await reporter.refused(verdict('a', { decision: 'refuse' }), 'NotPermitted');
  await reporter.refused('no transaction', 'VerdictMismatch');
  expect(sent).toEqual([]);
  await reporter.refused(verdict('a', { decision: 'refuse' }), 'VerdictMismatch');
  await reporter.refused(verdict('b', { decision: 'refuse' }), 'VerdictMismatch');
  expect(sent.map((raw) => (JSON.parse(raw) as SignedTransaction).body.type)).toEqual(['evidence.transaction']);
  expect(chain.commit(sent).results).toMatchObject([{ outcome: 'applied', code: 'EvidenceRecorded' }]);
});
