// Service levels that open their own case (agreement 6, 9.2): each at its limit and just within it, with the evidence that shows it, once an hour.
import { beforeEach, describe, expect, it } from 'vitest';
import type { CaseRecord } from '../../courtTypes.js';
import { GovernedChain } from '../testing/governedChain.js';
import { testCertificate } from '../../../receipts/testing/testValidators.js';
import { signServiceEndpoint } from '../../client/serviceEndpoint.js';
import { STATED_LEVELS, type StatedLevel } from '../../courtTypes.js';
import { genesisParameters } from '../parameters/parameters.js';
import { DAY, VALIDATOR_KEYS } from '../testing/governedChain.js';
import { nodeReport, nodeSecret, specHashOf, uidOf } from '../testing/samplePayloads.js';
import { BPI, keyOf, validators } from '../testing/testGenesis.js';
import { levelKey, LIMITS } from './levelStatements.js';

const SECOND = 1_000;
let chain: GovernedChain;
beforeEach(() => {
  chain = new GovernedChain();
});
const cases = () => [...chain.state.list('case/')].map(([, text]) => JSON.parse(text) as CaseRecord);
const after = (ms: number) => chain.header.timestamp + ms;
const operator = keyOf('operator').publicKey;

describe('decision_latency: <5 seconds for workload placement', () => {
  const placedAfter = (name: string, ms: number) => {
    chain.admit(name);
    const { time } = chain.record<{ facts: { time: number } }>(`admission/${uidOf(name)}`)!.facts;
    return chain.run('operator', 'placement.request', { podUid: uidOf(name), specHash: specHashOf(name), attempt: 1 }, time + ms);
  };
  it('4.999 s keep it, 5 s miss it: upheld at once, 1 BPI held of who asks for placements, open to appeal', () => {
    placedAfter('a', 4_999);
    expect(cases()).toEqual([]);
    placedAfter('b', 5_000);
    expect(cases()).toMatchObject([{ category: 'Performance', respondent: operator, state: 'Decided', tier: 0, held: BPI, evidence: [{ type: 'record', by: '' }], decisions: [{ decision: 'Upheld', award: BPI }] }]);
    placedAfter('c', 9_000);
    expect(cases()).toHaveLength(1);
  });
});

describe('failure_recovery: <30 seconds for node failure handling', () => {
  const lose = () => {
    chain.admit('a');
    chain.place('a');
    return chain.run('node-operator', 'node.lost', { name: 'eu-1', reason: 'burnt' });
  };
  const release = (ms: number) => chain.run('operator', 'placement.transition', { podUid: uidOf('a'), to: 'Released', reason: 'its node is lost' }, after(ms));

  it('a pod that is taken off within 29 s is in time', () => {
    expect(lose()).toMatchObject({ code: 'Lost', details: { pods: 1 } });
    expect(release(29 * SECOND)).toMatchObject({ code: 'Released' });
    expect(cases()).toEqual([]);
  });

  it('after 30 s it is a case, which the receipt of the release names', () => {
    lose();
    const { details } = release(30 * SECOND);
    const [opened, ...more] = cases();
    expect(more).toEqual([]);
    expect(opened).toMatchObject({ id: (details as { slaCase: string }).slaCase, respondent: operator, claim: expect.stringMatching(/node eu-1 was lost.*30000 ms; less than 30000 ms.*failure_recovery/) as string });
    expect(opened!.evidence).toMatchObject([{ shows: expect.stringContaining('node/eu-1') as string }]);
  });

  it('a node that came back, or that was never lost, makes none', () => {
    lose();
    chain.run('node-operator', 'node.beat', { nodes: ['eu-1'] });
    chain.run('operator', 'node.report', nodeReport('eu-1'));
    release(60 * SECOND);
    expect(cases()).toEqual([]);
  });
});

describe('consensus_finality: <10 seconds for scheduling consensus', () => {
  /** Height 2 takes so long after height 1; its certificate is of `round`, by `signers`. */
  const finalAfter = (ms: number, round: number, signers: number[]) => {
    chain.pass(1_000);
    chain.pass(chain.genesis.consensus.blockTimeMs + ms);
    const { header } = chain;
    chain.pass(1_000);
    expect(chain.asValidator(0, 'participation.report', { certificates: [{ header, certificate: testCertificate(validators, header, signers, round) }] })).toMatchObject({ code: 'Credited' });
    return header.height;
  };
  const absentFrom = (height: number) => [0, 1, 2, 3].filter((index) => index !== height % 4);

  it('10 s with a failed round are missed by the proposer that was not there, with the certificate as evidence', () => {
    const next = chain.header.height + 2;
    const height = finalAfter(10 * SECOND, 1, absentFrom(next));
    expect(height).toBe(next);
    expect(cases()).toMatchObject([
      {
        category: 'Performance',
        respondent: VALIDATOR_KEYS[height % 4]!.publicKey,
        state: 'Decided',
        claim: expect.stringMatching(/validator-\d proposed nothing.*10000 ms; less than 10000 ms are agreed \(6\.1 consensus_finality\)/) as string,
        evidence: [{ type: 'certificate', shows: `block ${height} was certified in round 1` }],
      },
    ]);
  });

  it.each<[what: string, ms: number, round: number, signers: (height: number) => number[]]>([
    ['9.999 s are in time', 9_999, 1, absentFrom],
    ['a long time before round 0 is an idle chain, or one that stood still as a whole', 60_000, 0, absentFrom],
    ['where the first proposer helped to finish, the chain does not show whose fault it was', 60_000, 1, () => [0, 1, 2, 3]],
  ])('%s', (_what, ms, round, signers) => {
    finalAfter(ms, round, signers(chain.header.height + 2));
    expect(cases()).toEqual([]);
  });
});

describe('the mesh', () => {
  const endpointUrl = (host: number) => `http://10.0.0.${host}:80`;
  const serviceId = 'payments/api';
  const beat = (measured: [host: number, healthy: boolean, micros: number][], time?: number) =>
    chain.run('node-operator', 'endpoint.beat', { endpoints: measured.map(([host, healthy, latencyMicros]) => ({ serviceId, endpointUrl: endpointUrl(host), healthy, latencyMicros })) }, time);
  beforeEach(() => {
    for (const host of [1, 2]) {
      const signed = signServiceEndpoint(chain.genesis.chainId, { serviceId, nodeId: 'eu-1', endpointUrl: endpointUrl(host), capabilities: [] }, nodeSecret('eu-1'));
      chain.run('node-operator', 'endpoint.put', signed);
    }
    beat([[1, true, 1_000], [2, true, 1_000]]); // prettier-ignore
  });
  const agent = keyOf('node-operator').publicKey;

  it.each<[what: string, healthy: boolean, micros: number, opened: object[]]>([
    ['1.999 s keep it', true, 1_999_999, []],
    ['2 s miss it, by the own statement of whoever measured', true, 2_000_000, [{ respondent: agent, claim: expect.stringContaining('6.2 health_checks') as string, evidence: [{ type: 'record' }] }]],
    ['what did not answer is unhealthy, which is no late answer', false, 3_000_000, []],
  ])('health_checks: <2 seconds: %s', (_what, healthy, micros, opened) => {
    beat([[1, healthy, micros]]);
    expect(cases()).toMatchObject(opened);
  });

  it.each<[what: string, silentMs: number, opened: object[]]>([
    ['4.999 s of silence', 4_999, []],
    ['5 s of silence', 5_000, [{ respondent: agent, claim: expect.stringMatching(/not heard for 5000 ms.*6\.2 failover/) as string }]],
  ])('failover: <5 seconds: %s', (_what, ms, opened) => {
    chain.pass(ms);
    beat([[2, true, 1_000]]);
    expect(cases()).toMatchObject(opened);
  });

  it('failover: a time without blocks is nobody’s silence, and an endpoint found unhealthy loses its calls at once', () => {
    beat([[2, true, 1_000]], after(60 * SECOND));
    expect(cases()).toEqual([]);
    beat([[1, true, 1_000], [2, true, 1_000]]); // prettier-ignore
    chain.pass(2_000);
    beat([[1, false, 0], [2, true, 1_000]]); // prettier-ignore
    expect(cases()).toEqual([]);
  });
});

describe('levels that no block time shows: f+1 validators state what they measured', () => {
  const respondent = VALIDATOR_KEYS[3]!.publicKey;
  const state = (index: number, level: StatedLevel, ms: number, of = respondent) => chain.asValidator(index, 'level.state', { level, respondent: of, ms });
  const limits = genesisParameters(new GovernedChain().genesis);

  it.each(STATED_LEVELS)('%s: one is not enough, the second of four opens the case, with the least of them', (level) => {
    const limit = limits[LIMITS[level].limit];
    expect(state(0, level, limit + 500)).toMatchObject({ code: 'Stated', reason: expect.stringContaining('1 of 2') as string });
    expect(cases()).toEqual([]);
    expect(state(1, level, limit)).toMatchObject({ code: 'Stated', details: { slaCase: cases()[0]!.id } });
    const key = [...chain.state.list('level/')][0]![0];
    expect(cases()).toMatchObject([{ respondent, held: BPI, claim: expect.stringContaining(`at least ${limit} ms; less than ${limit} ms are agreed (${LIMITS[level].section} ${level})`) as string, evidence: [{ type: 'record', shows: expect.stringContaining(key) as string }] }]);
    expect(state(2, level, limit + 1)).toMatchObject({ code: 'Stated' });
    expect(cases()).toHaveLength(1);
  });

  it.each<[what: string, run: () => ReturnType<typeof state>, code: string]>([
    ['less than the limit', () => state(0, 'storage_time', 199), 'NotConflicting'],
    ['of nobody', () => state(0, 'storage_time', 900, '0'.repeat(64)), 'UnknownAccount'],
    ['by who is no validator', () => chain.run('bank', 'level.state', { level: 'storage_time', respondent, ms: 900 }), 'NotPermitted'],
    ['twice in an hour', () => (state(0, 'storage_time', 900), state(0, 'storage_time', 901)), 'Exists'],
  ])('%s is refused', (_what, run, code) => expect(run()).toMatchObject({ outcome: 'refused', code }));

  it('what a validator states of itself opens no case, and does not count beside another’s', () => {
    expect(state(3, 'generation_time', 250)).toMatchObject({ outcome: 'refused', code: 'NotPermitted' });
    state(0, 'generation_time', 300);
    expect(state(3, 'generation_time', 250)).toMatchObject({ code: 'NotPermitted' });
    expect(cases()).toEqual([]);
    expect(state(1, 'generation_time', 300)).toMatchObject({ code: 'Stated', details: { slaCase: cases()[0]!.id } });
  });

  it('is forgotten when a case about it can be appealed no more', () => {
    state(0, 'storage_time', 900);
    const id = `storage_time.${respondent}.${Math.floor(chain.header.timestamp / 3_600_000)}`;
    expect(chain.record(levelKey(id))).toMatchObject({ stated: { [VALIDATOR_KEYS[0]!.publicKey]: 900 } });
    chain.pass(15 * DAY);
    expect(chain.record(levelKey(id))).toBeUndefined();
  });
});
