import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sample } from '../../api/testing/samples.js';
import { ChainError } from '../../chain/client/chainError.js';
import type { CaseRecord } from '../../chain/courtTypes.js';
import type { Genesis } from '../../chain/types.js';
import { mustAgree } from './start.js';
import { listen, courtApplication } from './server.js';
import type { CourtContext } from './routes.js';

const ID = 'ab'.repeat(32);
const one = { id: ID, state: 'Decided', category: 'Economic', evidence: [{ type: 'record' }], decisions: [{ tier: 1 }] } as unknown as CaseRecord;
const records: Record<string, unknown> = { [`case/${ID}`]: one, [`agreement/${ID}`]: { agreementId: 'payments', state: 'InForce' } };
let answers: { status: number; body: unknown }[] = [];
let posted: string[] = [];
const context: CourtContext = {
  client: {
    getState: <T>(key: string) => (key.includes('ff'.repeat(32)) ? Promise.reject(new ChainError('Unreachable', 'nobody answers')) : Promise.resolve({ value: records[key] as T | undefined, height: 9 })),
    listState: <T>(prefix: string) => Promise.resolve(Object.entries(records).filter(([key]) => key.startsWith(prefix)).map(([key, value]) => ({ key, value: value as T }))),
    head: () => ({ chainId: 'enc-test', height: 9 }) as never,
  },
  endpoints: ['http://a', 'http://b'],
  post: (endpoint, raw) => {
    posted.push(`${endpoint} ${raw.length}`);
    const answer = answers.shift();
    return answer ? Promise.resolve(answer) : Promise.reject(new Error('refused'));
  },
  jurisdiction: 'US-DE',
  arbitrationThreshold: 200,
  legalFrameworkVersion: 'v1.0',
};
const reported: unknown[] = [];
let server: Server;
let base: string;

beforeAll(async () => {
  server = await listen(courtApplication(context, (error) => reported.push(error)), '127.0.0.1', 0);
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> & { error?: { code: string; message: string } } }> {
  const response = await fetch(`${base}${path}`, { method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: typeof body === 'string' ? body : JSON.stringify(body) }) });
  return { status: response.status, body: (await response.json()) as never };
}
const signed = (type: string, payload: unknown = {}) => ({ transaction: JSON.stringify({ body: { type, payload }, signature: '' }) });

describe('reading', () => {
  it.each<[string, unknown]>([
    ['/v1/status', { jurisdiction: 'US-DE', arbitrationThreshold: 200, legalFrameworkVersion: 'v1.0', chainId: 'enc-test', height: 9 }],
    ['/v1/agreements', [{ hash: ID, agreementId: 'payments', state: 'InForce' }]],
    [`/v1/agreements/${ID}`, { agreementId: 'payments', state: 'InForce' }],
    ['/v1/cases', [one]],
    ['/v1/cases?state=Closed', []],
    ['/v1/cases?category=Economic&state=Decided', [one]],
    [`/v1/cases/${ID}/evidence`, one.evidence],
    [`/v1/cases/${ID}/decisions`, one.decisions],
  ])('%s', async (path, expected) => expect(await ask('GET', path)).toEqual({ status: 200, body: expected }));

  it('has an OpenAPI document with every path', async () => {
    const { body } = await ask('GET', '/openapi.json');
    expect(Object.keys(body['paths'] as object)).toContain('/v1/cases/{id}/appeals');
  });
});

describe('agreements are verified', () => {
  it('by their hash, what is wrong, and who has still to sign', async () => {
    const { body } = await ask('POST', '/v1/agreements/verify', sample('Agreement').spec);
    expect(body).toMatchObject({ hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string, missing: ['processor'], errors: [{ path: expect.stringContaining('signatures') as string }] });
    expect((await ask('POST', '/v1/agreements/verify', {})).body).toMatchObject({ hash: null });
  });
});

describe('what parties signed is handed on', () => {
  it('to the next validator when one does not answer, and to none when it is about another case', async () => {
    posted = [];
    answers = [];
    expect(await ask('POST', `/v1/cases/${ID}/appeals`, signed('case.appeal', { caseId: ID }))).toMatchObject({ status: 503 });
    expect(posted).toHaveLength(2);
    answers = [{ status: 202, body: { acknowledgements: [{}], refusals: [] } }];
    expect((await ask('POST', `/v1/cases/${ID}/appeals`, signed('case.appeal', { caseId: ID }))).status).toBe(202);
    expect(await ask('POST', `/v1/cases/${ID}/appeals`, signed('case.appeal', { caseId: 'cd' }))).toMatchObject({ status: 400 });
  });

  it('and a validator’s refusal is the answer', async () => {
    answers = [{ status: 200, body: { acknowledgements: [], refusals: [{ code: 'BadSignature', message: 'not by its sender' }] } }];
    expect(await ask('POST', '/v1/cases', signed('case.open'))).toMatchObject({ status: 422, body: { error: { message: 'BadSignature: not by its sender' } } });
  });

  it('unless the agreement belongs to another jurisdiction', async () => {
    expect(await ask('POST', '/v1/agreements', signed('agreement.deploy', { spec: { jurisdiction: 'DE' } }))).toMatchObject({ status: 422, body: { error: { field: 'spec.jurisdiction' } } });
  });
});

describe('bad input', () => {
  it.each<[method: string, path: string, body: unknown, status: number, code: string]>([
    ['GET', '/v1/cases/short', undefined, 400, 'BadRequest'],
    ['GET', `/v1/cases/${'0'.repeat(64)}`, undefined, 404, 'NotFound'],
    ['GET', `/v1/cases/${'ff'.repeat(32)}`, undefined, 503, 'Unavailable'],
    ['GET', '/v1/cases?sort=1', undefined, 400, 'BadRequest'],
    ['GET', '/nowhere', undefined, 404, 'NotFound'],
    ['DELETE', `/v1/cases/${ID}`, undefined, 405, 'MethodNotAllowed'],
    ['POST', '/v1/cases', '{', 400, 'BadJson'],
    ['POST', '/v1/cases', {}, 400, 'BadRequest'],
    ['POST', '/v1/cases', { transaction: 'x' }, 400, 'BadRequest'],
    ['POST', '/v1/cases', signed('stake.bond'), 400, 'BadRequest'],
    ['POST', '/v1/agreements/verify', [], 400, 'BadRequest'],
    ['POST', '/v1/cases', { transaction: 'x'.repeat(700 * 1024) }, 413, 'TooLarge'],
  ])('%s %s is answered', async (method, path, body, status, code) => expect(await ask(method, path, body)).toMatchObject({ status, body: { error: { code } } }));

  it('of any kind is never an internal error', async () => {
    const path = fc.constantFrom('/v1/cases', '/v1/agreements', '/v1/agreements/verify', `/v1/cases/${ID}/evidence`, `/v1/cases/${ID}/reveals`);
    const body = fc.oneof(fc.json(), fc.string(), fc.jsonValue().map((transaction) => ({ transaction })), fc.jsonValue().map((payload) => signed('case.evidence', payload)));
    await fc.assert(
      fc.asyncProperty(path, body, async (at, value) => {
        answers = [];
        expect((await ask('POST', at, value)).status).not.toBe(500);
      }),
      { numRuns: 150 },
    );
    expect(reported).toEqual([]);
  });
});

describe('the threshold', () => {
  const at = (arbitrationThreshold?: number) => ({ getState: <T>() => Promise.resolve({ value: (arbitrationThreshold === undefined ? undefined : { arbitrationThreshold }) as T | undefined, height: 1 }) });
  it('is the ledger’s, or the court does not start', async () => {
    const genesis = {} as Genesis;
    await mustAgree(at(), genesis, 200);
    await mustAgree(at(5_000_000), genesis, 5);
    await expect(mustAgree(at(5_000_000), genesis, 200)).rejects.toThrow('--arbitration-threshold 200: the ledger has 5 BPI');
  });
});
