import { beforeEach, describe, expect, it } from 'vitest';
import { headerHash } from '../../receipts/headerHash.js';
import { leafHash, merkleRoot } from '../../receipts/merkle/treeHash.js';
import { toHex, utf8 } from '../../crypto/encoding.js';
import type { Statement } from '../../receipts/types.js';
import { MAX_VALIDITY, stateKeys, type AccountRecord, type SupplyRecord } from '../types.js';
import { checkSupply } from './accounts/supply.js';
import { executeBlock, nextHeader, transactionsRoot } from './executeBlock.js';
import { LedgerError } from './ledgerError.js';
import { operationKind } from './operations.js';
import { seenTransactions } from './seen/seenTransactions.js';
import { ReadyChain } from './testing/readyChain.js';
import { agreementDeploy, clusterPut, policyPut, samplePayloads, specHashOf, uidOf } from './testing/samplePayloads.js';
import { TestChain } from './testing/testChain.js';
import { keyOf, testGenesis, type Actor } from './testing/testGenesis.js';
import { transactionId } from './transaction.js';

let chain: TestChain;
beforeEach(() => {
  chain = new TestChain();
});
const report = (actor: Actor | string = 'operator', changes = {}) =>
  chain.sign(actor, 'reconcile.report', samplePayloads['reconcile.report'](), changes);
const balance = (actor: Actor) => chain.record<AccountRecord>(stateKeys.account(keyOf(actor).publicKey))!.balance;
const faultOf = (run: () => unknown) => {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof LedgerError) return { code: error.code, field: error.field };
    throw error;
  }
};

describe('a block', () => {
  it('has one receipt for each transaction, with the id of the transaction, and they are the new leaves of the log', () => {
    const first = report();
    const raws = [first, chain.sign('operator', 'policy.put', policyPut()), chain.sign('visitor', 'rule.remove', { name: 'x', uid: 'y' })];
    const { statements, results, logSize, logRoot } = chain.commit(raws);
    const predicates = statements.map((payload) => (JSON.parse(payload) as Statement).predicate);
    const ids = raws.map((raw) => transactionId(JSON.parse(raw).body));
    expect(predicates.map(({ receiptId, operationHash }) => [receiptId, operationHash])).toEqual(ids.map((id) => [id, id]));
    expect(results.map(({ transactionId: id, outcome, code }) => [id, outcome, code])).toEqual([
      [ids[0], 'applied', 'Reconciled'],
      [ids[1], 'applied', 'Registered'],
      [ids[2], 'refused', 'NotPermitted'],
    ]);
    expect(predicates[0]).toMatchObject({
      chainId: 'enc-test',
      operationType: 'reconcile.report',
      timestamp: chain.header.timestamp,
      blockHeight: 1,
      index: 0,
      object: { kind: 'Workload', namespace: 'payments', name: 'eu-payments' },
      actor: keyOf('operator').publicKey,
      resourceUsage: null,
      immutable: true,
    });
    expect(predicates[1]!.object).toEqual({ kind: 'BisoPolicy', name: 'geographic-data-sovereignty', uid: 'uid-geographic-data-sovereignty' });
    expect([logSize, logRoot]).toEqual([3, toHex(merkleRoot(statements.map((payload) => leafHash(utf8(payload)))))]);
    const { statements: more } = chain.commit([report()]);
    expect(chain.header).toMatchObject({
      logSize: 4,
      logRoot: toHex(merkleRoot([...statements, ...more].map((payload) => leafHash(utf8(payload))))),
    });
  });

  it('is linked to the one before, and commits to its transactions and state', () => {
    const genesisHash = headerHash(chain.header);
    const raw = report();
    const execution = chain.commit([raw]);
    expect(chain.header).toMatchObject({
      height: 1,
      previousHash: genesisHash,
      transactionsRoot: transactionsRoot([raw]),
      stateRoot: execution.tree.rootHex,
    });
    chain.commit([]);
    expect(chain.header).toMatchObject({ height: 2, transactionsRoot: toHex(merkleRoot([])), stateRoot: execution.stateRoot });
  });

  it('can be executed and forgotten, or executed twice, with the same result', () => {
    const raws = [report(), chain.sign('operator', 'cluster.put', clusterPut())];
    const { changes, statements, stateRoot, logRoot } = chain.execute(raws);
    chain.execute([report()]);
    const again = chain.commit(raws);
    expect({ ...again }).toMatchObject({ changes, statements, stateRoot, logRoot });
  });

  it('can follow one that is decided but not written yet', () => {
    const first = chain.execute([chain.sign('operator', 'policy.put', policyPut())]);
    const previousHeader = nextHeader(chain.header, first, { timestamp: chain.nextTime, proposer: 0 });
    const raw = chain.sign('operator', 'agreement.deploy', agreementDeploy());
    const input = {
      genesis: chain.genesis,
      height: 2,
      timestamp: previousHeader.timestamp + 1_000,
      transactions: [raw],
      tree: first.tree,
      frontier: first.frontier,
      previousHeader,
    };
    const above = executeBlock(first.state, input);
    expect(above.results[0]).toMatchObject({ code: 'Deployed' });
    chain.state.apply(first.changes);
    const written = executeBlock(chain.state, input);
    expect([above.stateRoot, above.logRoot, above.statements]).toEqual([written.stateRoot, written.logRoot, written.statements]);
  });

  const headers: [name: string, changes: object, code: string][] = [
    ['of a height that does not follow', { height: 2 }, 'BadHeight'],
    ['of the time before', { timestamp: testGenesis().timestamp }, 'BadTimestamp'],
    ['of a time that is no whole millisecond', { timestamp: testGenesis().timestamp + 0.5 }, 'BadTimestamp'],
  ];
  it.each(headers)('%s is invalid', (_name, changes, code) => {
    const input = {
      genesis: chain.genesis,
      height: 1,
      timestamp: chain.nextTime,
      transactions: [],
      tree: chain.tree,
      frontier: chain.frontier,
      previousHeader: chain.header,
    };
    expect(faultOf(() => executeBlock(chain.state, { ...input, ...changes }))).toMatchObject({ code });
  });

  it('with more transactions or bytes than the genesis allows is invalid', () => {
    const small = testGenesis({ consensus: { ...chain.genesis.consensus, maxBlockTransactions: 2, maxBlockBytes: 262_144 } });
    chain = new TestChain(small);
    expect(faultOf(() => chain.execute([report(), report(), report()]))).toMatchObject({ code: 'BlockTooLarge' });
    const large = () =>
      chain.sign('operator', 'reconcile.report', {
        ...samplePayloads['reconcile.report'](),
        actions: Array.from({ length: 60 }, () => 'x'.repeat(500)),
      });
    expect(faultOf(() => chain.execute([large(), large()]))).toBeUndefined();
    chain = new TestChain(testGenesis({ consensus: { ...chain.genesis.consensus, maxBlockTransactions: 100, maxBlockBytes: 262_144 } }));
    expect(faultOf(() => chain.execute(Array.from({ length: 9 }, large)))).toMatchObject({ code: 'BlockTooLarge' });
  });

  const invalid: [name: string, raw: () => string, code: string][] = [
    ['malformed', () => '{}', 'Malformed'],
    ['not signed by its sender', () => report().replace('applied a Deployment', 'applied a deployment'), 'BadSignature'],
    ['of another chain', () => report('operator', { chainId: 'other' }), 'WrongChain'],
    ['expired', () => (chain.commit([]), report('operator', { validUntil: 1 })), 'Expired'],
    ['valid for too long', () => report('operator', { validUntil: MAX_VALIDITY + 2 }), 'TooFarAhead'],
    ['of an unknown sender', () => report('stranger'), 'UnknownSender'],
  ];
  it.each(invalid)('with a transaction that is %s is invalid', (_name, raw, code) => {
    const bad = raw();
    expect(faultOf(() => chain.execute([report(), bad]))).toEqual({ code, field: 'transactions[1]' });
  });

  it('with a transaction that was executed, in it or before it, is invalid', () => {
    const raw = report();
    expect(faultOf(() => chain.execute([raw, raw]))).toEqual({ code: 'Duplicate', field: 'transactions[1]' });
    chain.commit([raw]);
    chain.commit([]);
    expect(faultOf(() => chain.execute([raw]))).toEqual({ code: 'Duplicate', field: 'transactions[0]' });
  });
});

describe('a fault of the ledger itself', () => {
  it('fails the one operation, is told to the validator, and leaves the block valid', () => {
    const ready = new ReadyChain();
    ready.admit('pod-1');
    ready.state.apply([[stateKeys.node('eu-1'), '{"labels":{},"ready":true,"region":"EU","taints":[]}']]);
    const before = ready.state.entries();
    const { results, faults } = ready.commit([
      ready.sign('operator', 'placement.request', { podUid: uidOf('pod-1'), specHash: specHashOf('pod-1'), attempt: 1 }),
      ready.sign('operator', 'reconcile.report', samplePayloads['reconcile.report']()),
    ]);
    expect(results.map(({ outcome, code }) => [outcome, code])).toEqual([
      ['failed', 'InternalError'],
      ['applied', 'Reconciled'],
    ]);
    expect(faults).toMatchObject([{ transactionId: results[0]!.transactionId, error: expect.any(TypeError) as unknown }]);
    const changed = ready.state.entries().filter(([key, value]) => before.find(([other]) => other === key)?.[1] !== value);
    expect([...new Set(changed.map(([key]) => key.split('/')[0]))]).toEqual(['account', 'history', 'seen', 'supply']);
  });
});

describe('remembering what was executed', () => {
  it('lasts as long as a transaction can be valid, and no longer', () => {
    const raw = report('operator', { validUntil: 1 + MAX_VALIDITY });
    const id = transactionId(JSON.parse(raw).body);
    chain.commit([raw]);
    while (chain.header.height < MAX_VALIDITY) chain.commit([]);
    expect([...seenTransactions(chain.state)]).toEqual([id]);
    expect(faultOf(() => chain.execute([raw]))).toMatchObject({ code: 'Duplicate' });
    chain.commit([]);
    expect([...seenTransactions(chain.state)]).toEqual([id]);
    expect(faultOf(() => chain.execute([raw]))).toMatchObject({ code: 'Expired' });
    chain.commit([]);
    expect([...seenTransactions(chain.state)]).toEqual([]);
  });
});

describe('fees', () => {
  it('are paid for every receipt, refused or not, and go to the pools', () => {
    const before = [balance('operator'), balance('visitor')];
    chain.commit([report(), report(), report('visitor')]);
    expect([balance('operator') - before[0]!, balance('visitor') - before[1]!]).toEqual([-2, -1]);
    expect(chain.record<SupplyRecord>(stateKeys.supply)).toMatchObject({ pools: { receipts: 3, scheduling: 0 }, burned: 0, escrow: 0 });
    expect(checkSupply(chain.state).ok).toBe(true);
  });

  it('that the sender cannot pay: the operation is refused, nothing is charged', () => {
    const before = chain.state.get(stateKeys.supply);
    expect(chain.commit([report('poor')]).results[0]).toMatchObject({ outcome: 'refused', code: 'InsufficientFunds' });
    expect(chain.state.get(stateKeys.supply)).toBe(before);
  });

  it('of an operation are asked for before it is executed', () => {
    const accounts = chain.genesis.accounts.map((account) => (account.name === 'poor' ? { ...account, balance: 500 } : account));
    chain = new TestChain(testGenesis({ accounts }));
    const result = chain.run('poor', 'placement.request', samplePayloads['placement.request']());
    expect(result).toMatchObject({ outcome: 'refused', code: 'InsufficientFunds' });
    expect(balance('poor')).toBe(499);
  });
});

describe('roles', () => {
  const actors: Actor[] = ['operator', 'webhook', 'node-operator', 'bank', 'visitor'];
  const types = Object.keys(samplePayloads) as (keyof typeof samplePayloads)[];
  it.each(types)('%s is only for whom the table names', (type) => {
    const { roles } = operationKind(type);
    const allowed: readonly string[] = roles === 'anybody' ? actors.map((actor) => (actor === 'bank' ? 'party' : actor)) : roles;
    expect(allowed.length).toBeGreaterThan(0);
    for (const actor of actors) {
      const { code } = chain.run(actor, type, samplePayloads[type]() as never);
      expect([actor, code === 'NotPermitted']).toEqual([
        actor,
        !allowed.includes(actor === 'bank' ? 'party' : actor) || (type === 'agreement.terminate' && code === 'NotPermitted'),
      ]);
    }
  });
});
