import { beforeEach, describe, expect, it } from 'vitest';
import { checkTransaction } from './checkTransaction.js';
import { LedgerError } from './ledgerError.js';
import { knownIn } from './seen/seenTransactions.js';
import { selectTransactions } from './selectTransactions.js';
import { ReadyChain } from './testing/readyChain.js';
import { samplePayloads } from './testing/samplePayloads.js';
import { testGenesis } from './testing/testGenesis.js';
import { MAX_TRANSACTION_BYTES } from './transaction.js';
import { TransactionReader } from './transactionReader.js';

let chain: ReadyChain;
beforeEach(() => {
  chain = new ReadyChain();
});
const report = (actor = 'operator', changes = {}) => chain.sign(actor, 'reconcile.report', samplePayloads['reconcile.report'](), changes);
const verdict = (change: (honest: ReturnType<ReadyChain['verdict']>) => ReturnType<ReadyChain['verdict']> = (honest) => honest) =>
  chain.sign('webhook', 'admission.verdict', change(chain.verdict(chain.facts('pod-1'))));
const check = (raw: string) =>
  checkTransaction(chain.state, raw, { genesis: chain.genesis, height: chain.nextHeight, time: chain.nextTime, isKnown: knownIn(chain.state) });

describe('checkTransaction', () => {
  it('takes what can be executed', () => {
    for (const raw of [report(), verdict()]) expect(check(raw)).toMatchObject({ raw });
  });

  const refused: [name: string, raw: () => string, code: string][] = [
    ['what is malformed', () => '{}', 'Malformed'],
    ['a forged signature', () => report().replace('applied a Deployment', 'applied a deployment'), 'BadSignature'],
    ['another chain', () => report('operator', { chainId: 'other' }), 'WrongChain'],
    ['what has expired', () => report('operator', { validUntil: 1 }), 'Expired'],
    ['an unknown sender', () => report('stranger'), 'UnknownSender'],
    ['a sender without the role', () => report('visitor'), 'NotPermitted'],
    ['a sender without funds', () => report('poor'), 'InsufficientFunds'],
    ['a verdict with another outcome', () => verdict(({ facts, verdict }) => ({ facts, verdict: { ...verdict, message: 'no' } })), 'VerdictMismatch'],
    ['a verdict of another time', () => verdict(({ facts }) => chain.verdict({ ...facts, time: facts.time - 70_000 })), 'StaleVerdict'],
    [
      'a verdict on an admitted pod as something else',
      () => (chain.admit('pod-1'), verdict(({ facts }) => chain.verdict({ ...facts, object: { ...facts.object, specHash: '0'.repeat(64) } }))),
      'AdmissionConflict',
    ],
    [
      'a verdict by a policy set to come',
      () => verdict(({ facts, verdict }) => ({ facts, verdict: { ...verdict, policyHeight: 9 } })),
      'UnknownPolicyHeight',
    ],
  ];
  it.each(refused)('refuses %s', (_name, raw, code) => {
    const result = check(raw());
    expect(result).toBeInstanceOf(LedgerError);
    expect(result).toMatchObject({ code });
  });

  it('refuses what was executed', () => {
    const raw = report();
    chain.commit([raw]);
    expect(check(raw)).toMatchObject({ code: 'Duplicate' });
  });
});

describe('selectTransactions', () => {
  const select = (candidates: string[], genesis = chain.genesis) =>
    selectTransactions(chain.state, candidates, {
      genesis,
      height: chain.nextHeight,
      isKnown: knownIn(chain.state),
      transactionReader: new TransactionReader(),
    });

  it('leaves out what would make the block invalid, once each, and keeps the order', () => {
    const executed = report();
    chain.commit([executed]);
    const [a, b] = [report(), report('visitor')];
    const { transactions, dropped } = select([a, executed, '{}', report('stranger'), b, a]);
    expect(transactions).toEqual([a, b]);
    expect(dropped.map(({ error }) => error.code)).toEqual(['Duplicate', 'Malformed', 'UnknownSender', 'Duplicate']);
    expect(() => chain.execute(transactions)).not.toThrow();
  });

  it('takes as many as fit in number and in bytes', () => {
    const raws = Array.from({ length: 5 }, () => report());
    expect(select(raws, testGenesis({ consensus: { ...chain.genesis.consensus, maxBlockTransactions: 3 } })).transactions).toEqual(raws.slice(0, 3));
    const large = Array.from({ length: 9 }, () =>
      chain.sign('operator', 'reconcile.report', {
        ...samplePayloads['reconcile.report'](),
        actions: Array.from({ length: 60 }, () => 'x'.repeat(500)),
      }),
    );
    const { transactions, dropped } = select(large, testGenesis({ consensus: { ...chain.genesis.consensus, maxBlockBytes: MAX_TRANSACTION_BYTES } }));
    expect(transactions).toEqual(large.slice(0, 8));
    expect(dropped).toEqual([]);
  });
});
