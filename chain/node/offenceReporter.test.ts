// What a validator reports of what others signed: what is an offence, once of an account for a while, and nothing else.
import { expect, it } from 'vitest';
import { checkpointText, validatorCosignature } from '../../receipts/log/cosignedCheckpoint.js';
import { testCertificate } from '../../receipts/testing/testValidators.js';
import { FLOOD } from '../consensus/contradict.js';
import { floodOf, signedBy } from '../ledger/testing/testEvidence.js';
import { validators } from '../ledger/testing/testGenesis.js';
import { GovernedChain, VALIDATOR_KEYS } from '../ledger/testing/governedChain.js';
import type { SignedTransaction } from '../types.js';
import type { ChainState } from './chainState.js';
import { OffenceReporter } from './offenceReporter.js';

function setUp() {
  const chain = new GovernedChain();
  const sent: string[] = [];
  const header = (height: number) => {
    const block = chain.blocks.find((one) => one.header.height === height);
    return block && { header: block.header, certificate: testCertificate(validators, block.header, [0, 1, 2]) };
  };
  const store = { get: (key: string) => chain.state.get(key), list: (prefix: string) => chain.state.list(prefix), header };
  const shown = { genesis: chain.genesis, store, setAt: () => ({ set: validators.set }), get height() { return chain.header.height; } } as unknown as ChainState; // prettier-ignore
  const reporter = new OffenceReporter(shown, VALIDATOR_KEYS[0]!, { rank: () => 0, submit: async (raw) => (sent.push(raw), { refusals: [] }), refused: () => undefined });
  const types = () => sent.map((raw) => (JSON.parse(raw) as SignedTransaction).body.type);
  return { chain, sent, reporter, types };
}

it('a verdict whose decision replay contradicts is reported, and the report is taken', async () => {
  const { chain, sent, reporter } = setUp();
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

it('a flood is reported when it is one, once, and the report is taken', async () => {
  const { chain, sent, reporter, types } = setUp();
  const [first, ...others] = floodOf(2, FLOOD + 4, chain.header.height);
  for (const other of others.slice(0, FLOOD - 2)) await reporter.contradiction(first!, other);
  await reporter.contradiction(first!, signedBy(2, { ...others[0]!.payload, round: 1 }));
  expect(types()).toEqual([]);
  for (const other of others.slice(FLOOD - 2)) await reporter.contradiction(first!, other);
  expect(types()).toEqual(['evidence.flood']);
  expect(chain.commit(sent).results).toMatchObject([{ outcome: 'applied', code: 'EvidenceRecorded', details: { offence: 'networkAttack' } }]);
});

it('a cosigned head that is not the certified one is reported, and the report is taken; what merely does not fit is not', async () => {
  const { chain, sent, reporter, types } = setUp();
  chain.pass(1_000);
  chain.run('bank', 'stake.unbond', { amount: 1 });
  const { height, logSize, logRoot } = chain.header;
  chain.pass(1_000);
  const { chainId } = chain.genesis;
  const line = (root: string, by: number) => validatorCosignature(chainId, validators.set.validators[by]!.address, { privateKey: validators.ed25519Keys[by]!, publicKey: validators.set.validators[by]!.ed25519PublicKey }, checkpointText(chainId, { logSize, logRoot: root }), 1_800_000_000);
  const other = 'bb'.repeat(32);
  const misfits = [
    { height, logSize, logRoot, line: line(logRoot, 1) },
    { height, logSize, logRoot: other, line: line(logRoot, 1) },
    { height, logSize: logSize + 1, logRoot: other, line: line(other, 1) },
    { height: height + 9, logSize, logRoot: other, line: line(other, 1) },
    { height, logSize, logRoot: other, line: 'no line' },
  ];
  for (const misfit of misfits) await reporter.misfit(misfit);
  expect(types()).toEqual([]);
  for (let i = 0; i < 2; i++) await reporter.misfit({ height, logSize, logRoot: other, line: line(other, 1) });
  expect(types()).toEqual(['evidence.checkpoint']);
  expect(chain.commit(sent).results).toMatchObject([{ outcome: 'applied', code: 'EvidenceRecorded', details: { offence: 'receiptTampering', subject: `validator/${VALIDATOR_KEYS[1]!.publicKey}` } }]);
});
