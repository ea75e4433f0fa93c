import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../crypto/canonicalJson.js';
import { MAX_VALIDITY, type TransactionBody, type TransactionType } from '../types.js';
import { LedgerError } from './ledgerError.js';
import { encodeTransaction, MAX_TRANSACTION_BYTES, parseTransaction, signTransaction, transactionId } from './transaction.js';
import { TransactionReader } from './transactionReader.js';
import { samplePayloads } from './testing/samplePayloads.js';
import { keyOf } from './testing/testGenesis.js';

const operator = keyOf('operator');
const types = Object.keys(samplePayloads) as TransactionType[];

function body<T extends TransactionType>(type: T, changes: object = {}): TransactionBody<T> {
  const payload = structuredClone(samplePayloads[type]());
  return {
    chainId: 'enc-test',
    type,
    operationId: '00000000-0000-4000-8000-000000000001',
    sender: operator.publicKey,
    validUntil: MAX_VALIDITY,
    payload,
    ...changes,
  };
}
const signed = (type: TransactionType, changes: object = {}) => encodeTransaction(signTransaction(body(type, changes), operator.privateKey));
/** The sample with one member set or, with undefined, removed. */
const altered = (type: TransactionType, path: string, value: unknown) => {
  const transaction = { body: body(type), signature: '0'.repeat(128) } as unknown as Record<string, unknown>;
  const names = path.split('.');
  const last = names.pop()!;
  const holder = names.reduce((at, name) => at[name] as Record<string, unknown>, transaction);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return canonicalJson(transaction);
};

describe('parseTransaction', () => {
  it.each(types)('takes a good %s', (type) => {
    expect(parseTransaction(signed(type))).toMatchObject({ body: { type } });
  });

  const long = 'x'.repeat(5_000);
  const malformed: [type: TransactionType, path: string, value: unknown, field?: string][] = [
    ['node.report', 'extra', 1],
    ['node.report', 'signature', undefined],
    ['node.report', 'signature', 'A'.repeat(128)],
    ['node.report', 'body.extra', 1],
    ['node.report', 'body.type', 'node.reports'],
    ['node.report', 'body.type', 'constructor'],
    ['node.report', 'body.chainId', ''],
    ['node.report', 'body.operationId', '00000000-0000-4000-8000-00000000000A'],
    ['node.report', 'body.sender', 'ab'],
    ['node.report', 'body.validUntil', -1],
    ['node.report', 'body.validUntil', '5'],
    ['node.report', 'body.payload', null],
    ['node.report', 'body.payload.name', 'Upper'],
    ['node.report', 'body.payload.name', 'a/b'],
    ['node.report', 'body.payload.ready', 1],
    ['node.report', 'body.payload.labels', Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`l${i}`, '']))],
    ['node.report', 'body.payload.labels.type', long],
    ['node.report', 'body.payload.taints', [{ key: 'k', effect: 'Sometimes' }], 'body.payload.taints[0].effect'],
    ['node.commit', 'body.payload.region', 'Global'],
    ['node.commit', 'body.payload.cpuMillis', 0],
    ['node.commit', 'body.payload.memoryBytes', 2 ** 50 + 1],
    ['node.commit', 'body.payload.attestationProof', 'none'],
    ['cluster.put', 'body.payload.spec.clusterId', 'main'],
    ['cluster.put', 'body.payload.spec.requireAgreement', undefined],
    ['cluster.put', 'body.payload.spec.unknown', 1],
    ['policy.put', 'body.payload.spec.rules', []],
    ['policy.put', 'body.payload.spec.description', undefined],
    ['rule.put', 'body.payload.spec.light', 'Blue'],
    ['agreement.deploy', 'body.payload.spec.parties', []],
    ['workload.put', 'body.payload.namespace', 'a.b'],
    ['workload.put', 'body.payload.data.classification', 'Secret'],
    ['workload.put', 'body.payload.replicas', -1],
    ['workload.transition', 'body.payload.to', 'Paused'],
    ['placement.request', 'body.payload.podUid', '../x'],
    ['placement.request', 'body.payload.specHash', ''],
    ['placement.transition', 'body.payload.to', 'Scheduled'],
    ['reconcile.report', 'body.payload.actions', [long], 'body.payload.actions[0]'],
    ['admission.verdict', 'body.payload.facts.operation', 'PATCH'],
    ['admission.verdict', 'body.payload.facts.object.name', ''],
    ['admission.verdict', 'body.payload.facts.pod.cpuMillis', -5],
    ['admission.verdict', 'body.payload.facts.pod.extra', 1],
    ['admission.verdict', 'body.payload.facts.guards', [{ kind: 'Guard' }], 'body.payload.facts.guards[0].name'],
    ['admission.verdict', 'body.payload.verdict', null],
    ['admission.verdict', 'body.payload.verdict.policyHeight', '0'],
  ];
  it.each(malformed)('refuses a %s whose %s is %j', (type, path, value, field = path) => {
    const result = parseTransaction(altered(type, path, value));
    expect(result).toBeInstanceOf(LedgerError);
    expect(result).toMatchObject({ code: 'Malformed', field });
  });

  it('refuses a label named __proto__', () => {
    const raw = signed('node.report').replace('"labels":{', '"labels":{"__proto__":"x",');
    expect(parseTransaction(raw)).toMatchObject({ code: 'Malformed', field: 'body.payload.labels.__proto__' });
  });

  it('refuses what is not JSON, not canonical, or too large, and says which', () => {
    const good = signed('node.report');
    expect(parseTransaction('{')).toMatchObject({ code: 'NotJson' });
    expect(parseTransaction(`${good} `)).toMatchObject({ code: 'NotCanonical' });
    expect(parseTransaction(JSON.stringify(JSON.parse(good), null, 1))).toMatchObject({ code: 'NotCanonical' });
    expect(parseTransaction(good.replace('"type":"kwok"', '"type":"a","type":"kwok"'))).toMatchObject({ code: 'NotCanonical' });
    expect(parseTransaction(' '.repeat(MAX_TRANSACTION_BYTES + 1))).toMatchObject({ code: 'TooLarge' });
    for (const text of ['null', '1', '[]', '""', '{}']) expect(parseTransaction(text)).toMatchObject({ code: 'Malformed' });
  });

  it('never throws, whatever it is given', () => {
    const good = types.map((type) => signed(type));
    fc.assert(
      fc.property(fc.constantFrom(...good), fc.nat(), fc.string({ maxLength: 4 }), fc.nat(6), (raw, at, text, cut) => {
        const start = at % raw.length;
        const mutated = raw.slice(0, start) + text + raw.slice(start + cut);
        const result = parseTransaction(mutated);
        if (!(result instanceof LedgerError)) expect(encodeTransaction(result)).toBe(mutated);
      }),
      { numRuns: 500 },
    );
  });
});

describe('TransactionReader', () => {
  const raw = signed('node.report');

  it('gives the id that the body has, and the same answer from memory', async () => {
    const reader = new TransactionReader();
    const first = reader.read(raw);
    expect(first).toMatchObject({ raw, id: transactionId(JSON.parse(raw).body) });
    expect(reader.read(raw)).toBe(first);
    expect(await reader.readAsync(raw)).toBe(first);
  });

  const forged: [name: string, raw: string][] = [
    ['a changed body', raw.replace('"ready":true', '"ready":false')],
    ["another sender's key", raw.replace(operator.publicKey, keyOf('webhook').publicKey)],
    ['another chain', raw.replace('enc-test', 'enc-tess')],
    ['a changed signature', raw.replace(/"signature":"(.)/, (_, digit) => `"signature":"${digit === '0' ? '1' : '0'}`)],
  ];
  it.each(forged)('refuses %s, on this thread and on the pool', async (_name, changed) => {
    expect(changed).not.toBe(raw);
    expect(new TransactionReader().read(changed)).toMatchObject({ code: 'BadSignature' });
    const reader = new TransactionReader();
    expect(await reader.readAsync(changed)).toMatchObject({ code: 'BadSignature' });
    expect(reader.read(changed)).toMatchObject({ code: 'BadSignature' });
  });

  it('forgets rather than grows', () => {
    const reader = new TransactionReader(2 * raw.length);
    const first = reader.read(raw);
    for (let i = 0; i < 10; i++) reader.read(signed('node.report', { validUntil: i }));
    expect(reader.read(raw)).not.toBe(first);
    expect(reader.read(raw)).toEqual(first);
  });
});
