import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ChainError } from '../../chain/client/chainError.js';
import type { Submission } from '../../chain/client/types.js';
import type { Payloads } from '../../chain/types.js';
import { evaluateFlow } from '../../policy/trafficLight/evaluateFlow.js';
import { aPolicySet, aTrafficRule } from '../../policy/testing/builders.js';
import { createApp, MAX_BODY_BYTES } from './app.js';
import { decide, type Decision } from './decide.js';
import { createMetrics } from './metrics.js';
import { MAX_BATCH, openApi } from './openApi.js';

const yellow = aTrafficRule('eu-us', { source: { regions: ['EU'] }, destination: { regions: ['US'] }, light: 'Yellow', obligations: [{ type: 'notify', parameters: { to: 'dpo' } }] });
let policies = aPolicySet({ rules: [yellow] });
const submitted: Payloads['flow.decision'][] = [];
let failures: unknown[] = [];
const faults: unknown[] = [];
const client = {
  policySet: () => policies,
  submit: (_type: string, payload: unknown): Promise<Submission> => {
    const failure = failures.shift();
    if (failure !== undefined) return Promise.reject(failure as Error);
    submitted.push(payload as Payloads['flow.decision']);
    return Promise.resolve({ receiptId: 'ab'.repeat(32), operationId: '', acknowledgements: [{}, {}] as never, finalised: () => Promise.reject(new Error('nobody waits')) });
  },
};
const took: number[] = [];
let server: Server;
let url = '';
beforeAll(async () => {
  const app = createApp({
    now: () => Date.UTC(2026, 5, 1, 12),
    decide: ({ request, record }) => decide(request, record ?? true, { client: client as never, took: (ms) => took.push(ms) }),
    ready: () => true,
    status: () => Promise.resolve({ mode: 'real-time' }),
    metrics: createMetrics(),
    failed: (error) => faults.push(error),
  });
  server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  submitted.length = 0;
  failures = [];
  policies = aPolicySet({ rules: [yellow] });
});

const flow = { data: { classification: 'Restricted' }, source: { region: 'EU' }, destination: { region: 'US' } };
async function post(body: unknown, path = '/v1/decisions', headers: Record<string, string> = { 'content-type': 'application/json' }) {
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Decision & { decisions: Decision[]; error: { code: string; message: string } } };
}

describe('POST /v1/decisions', () => {
  it('decides, has it taken by validators, and says how to decide again', async () => {
    const { status, body } = await post(flow);
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'Yellow', allowed: true, obligations: [{ type: 'notify', rule: 'eu-us' }], policyResult: { rule: 'eu-us' }, recorded: { receiptId: 'ab'.repeat(32), acknowledgements: 2 }, enforcementAction: null });
    expect(submitted).toEqual([{ request: body.request, verdict: evaluateFlow(policies, body.request) }]);
    expect(took.length).toBeGreaterThan(0);
  });

  it('answers Red as a decision, with what it leads to', async () => {
    policies = aPolicySet();
    expect(await post(flow)).toMatchObject({ status: 200, body: { state: 'Red', allowed: false, enforcementAction: 'reject_workload', message: expect.stringContaining('no TrafficRule permits') as string } });
    expect(submitted).toHaveLength(1);
  });

  it('records nothing where it is asked not to', async () => {
    expect((await post({ ...flow, record: false })).body.recorded).toBeNull();
    expect(submitted).toHaveLength(0);
  });

  it('has no decision when it could not be recorded', async () => {
    failures = [new ChainError('Unreachable', '1 of 4 validators answered')];
    expect(await post(flow)).toMatchObject({ status: 503, body: { error: { code: 'Unreachable', message: expect.stringContaining('1 of 4') as string } } });
  });

  it('decides again when the policies moved on meanwhile', async () => {
    failures = [new ChainError('Refused', 'stale', { refusal: { code: 'StalePolicyHeight', message: 'stale' } } as never)];
    expect((await post(flow)).status).toBe(200);
    expect(submitted).toHaveLength(1);
  });

  it('decides on a batch in its order', async () => {
    const { body } = await post({ flows: [flow, { ...flow, destination: { region: 'EU' } }] }, '/v1/decisions/batch');
    expect(body.decisions.map(({ state }) => state)).toEqual(['Yellow', 'Green']);
    expect(new Set(body.decisions.map(({ decisionId }) => decisionId)).size).toBe(2);
  });

  it.each<[name: string, body: unknown, status: number, says: RegExp, path?: string]>([
    ['nothing', '', 422, /expected an object/],
    ['no JSON', '{', 400, /no JSON object/],
    ['a list', [], 422, /\$ is an array/],
    ['null', 'null', 400, /no JSON/],
    ['an unknown member', { ...flow, admin: true }, 422, /\$\.admin is true, expected one of data, source/],
    ['a prototype', '{"__proto__":{"data":1},"constructor":2}', 422, /\$\.(__proto__|constructor)/],
    ['an unknown class', { ...flow, data: { classification: 'Secret' } }, 422, /\$\.data\.classification is "Secret", expected "Public" or "Internal" or "Confidential" or "Restricted"/],
    ['an unknown region', { ...flow, source: { region: 'MARS' } }, 422, /\$\.source\.region is "MARS", expected "US" or "EU" or "APAC" or "Global"/],
    ['an unknown operation', { ...flow, data: { classification: 'Public', operationType: 'Delete' } }, 422, /operationType is "Delete", expected "Process" or "Store"/],
    ['a region of another type', { ...flow, source: { region: { $ne: 1 } } }, 422, /\$\.source\.region is an object/],
    ['a rate below nothing', { ...flow, live: { requestsPerSecond: -1 } }, 422, /live\.requestsPerSecond/],
    ['a rate that is no whole number', { ...flow, live: { requestsPerSecond: 1.5 } }, 422, /live\.requestsPerSecond/],
    ['a rate beyond all numbers', `{"data":{"classification":"Public"},"source":{"region":"EU"},"destination":{"region":"EU"},"live":{"budget":1e999}}`, 422, /live\.budget/],
    ['a label that is no label', { ...flow, source: { region: 'EU', labels: { 'a b': 'c' } } }, 422, /labels\.a b/],
    ['too many labels', { ...flow, source: { region: 'EU', labels: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`l${i}`, ''])) } }, 422, /at most 64 labels/],
    ['an id of its own', { ...flow, decisionId: 'x' }, 422, /\$\.decisionId/],
    ['a time of its own', { ...flow, time: 0 }, 422, /\$\.time/],
    ['too much', { ...flow, requester: 'x'.repeat(MAX_BODY_BYTES) }, 413, /larger than/],
    ['deep nesting', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 422, /\$ is an array/],
    ['an empty batch', { flows: [] }, 422, /1 to 256 flows/, '/v1/decisions/batch'],
    ['a batch of too many', { flows: Array.from({ length: MAX_BATCH + 1 }, () => flow) }, 422, /1 to 256 flows/, '/v1/decisions/batch'],
    ['a batch with a fault', { flows: [flow, { ...flow, data: {} }] }, 422, /\$\.flows\[1\]\.data\.classification is missing/, '/v1/decisions/batch'],
  ])('refuses %s', async (_name, body, status, says, path) => {
    const answer = await post(body, path);
    expect([answer.status, answer.body.error.message]).toEqual([status, expect.stringMatching(says)]);
    expect(submitted).toHaveLength(0);
    expect(faults).toEqual(faults.filter((fault) => fault instanceof ChainError));
  });

  it.each([
    ['GET', '/v1/decisions', 405],
    ['GET', '/v1/nothing', 404],
    ['GET', '/healthz', 200],
    ['GET', '/readyz', 200],
    ['GET', '/metrics', 200],
    ['GET', '/v1/status', 200],
  ])('%s %s answers %i', async (method, path, status) => {
    expect((await fetch(`${url}${path}`, { method })).status).toBe(status);
  });

  it('refuses a compressed body rather than unpacking it', async () => {
    expect((await post('x', '/v1/decisions', { 'content-type': 'application/json', 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it('describes itself', async () => {
    const served = (await (await fetch(`${url}/openapi.json`)).json()) as typeof openApi;
    expect(served).toEqual(JSON.parse(JSON.stringify(openApi)));
    expect(served.components.schemas.Flow.properties.source.properties.region.enum).toEqual(['US', 'EU', 'APAC', 'Global']);
  });
});
