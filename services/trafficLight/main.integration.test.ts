// The program itself before four real validators: its decisions are theirs, each recorded one has a receipt that verifies, and without f+1 of them there is none.
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withDefaults } from '../../api/defaults.js';
import type { TrafficRuleSpec } from '../../api/index.js';
import { createChainClient } from '../../chain/client/chainClient.js';
import type { ChainClient } from '../../chain/client/types.js';
import { freePorts } from '../../chain/node/testing/freePorts.js';
import { ProcessSet, until } from '../../chain/node/testing/processSet.js';
import { checkout } from '../../e2e/stack/layout.js';
import { verifyReceipt } from '../../receipts/verify/verifyReceipt.js';
import type { Decision } from './decide.js';

const rule = (given: Partial<TrafficRuleSpec>) => withDefaults('TrafficRule', { clause: { text: 'Transfers need safeguards.' }, ...given } as TrafficRuleSpec);
let set: ProcessSet;
let client: ChainClient;
let program: ChildProcess;
let url = '';

beforeAll(async () => {
  set = await ProcessSet.create(4);
  set.start(...set.all);
  const endpoints = set.all.map((index) => set.endpoint(index));
  client = createChainClient({ endpoints, genesis: set.genesis, key: set.key('operator') });
  await client.start();
  await put('eu-us', rule({ source: { regions: ['EU'] }, destination: { regions: ['US'] }, light: 'Yellow', obligations: [{ type: 'notify', parameters: { to: 'dpo' } }] }));
  const [port] = await freePorts(1);
  url = `http://127.0.0.1:${port}`;
  const flags = { 'bpci-endpoint': endpoints.join(','), genesis: path.join(set.dataDir, 'genesis.json'), key: path.join(set.dataDir, 'keys/webhook.key'), 'dashboard-port': String(port), 'log-level': 'error' };
  program = spawn(process.execPath, [path.join(checkout, 'dist/services/trafficLight/main.js'), 'start', ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value])], { stdio: 'ignore' });
  await until('the traffic light to be ready', async () => (await fetch(`${url}/readyz`)).ok);
});
afterAll(async () => {
  program?.kill('SIGKILL');
  await client?.stop();
  await set?.destroy();
});

async function put(name: string, spec: TrafficRuleSpec, generation = 1): Promise<void> {
  const { outcome, reason } = await (await client.submit('rule.put', { name, uid: `uid-${name}`, generation, spec })).finalised();
  expect(outcome, reason).toBe('applied');
}
const flow = { data: { classification: 'Restricted' }, source: { region: 'EU' }, destination: { region: 'US' } };
async function ask(body: object, where = '/v1/decisions'): Promise<{ status: number; body: Decision & { decisions: Decision[]; error: { code: string } } }> {
  const response = await fetch(`${url}${where}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as never };
}
const trusted = () => ({ chainId: set.genesis.chainId, validatorSet: set.genesis.validatorSet });

describe('the traffic light on live validators', () => {
  it('records a decision with f+1 of them; its receipt is certified and says what was decided', async () => {
    const { status, body } = await ask(flow);
    expect({ status, state: body.state, obligations: body.obligations }).toEqual({ status: 200, state: 'Yellow', obligations: [{ type: 'notify', parameters: { to: 'dpo' }, rule: 'eu-us' }] });
    expect(body.recorded!.acknowledgements).toBeGreaterThanOrEqual(2);
    await until('the receipt', async () => (await client.receipt(body.recorded!.receiptId)) !== undefined);
    const checked = verifyReceipt(await client.receipt(body.recorded!.receiptId), trusted());
    if (!checked.ok) throw new Error(checked.message);
    expect(checked.statement.predicate).toMatchObject({ operationType: 'flow.decision', receiptId: body.recorded!.receiptId });
  });

  it('follows a changed rule, and decides a batch as one by one', async () => {
    await put('never', rule({ source: { regions: ['EU'] }, destination: { regions: ['US'] }, light: 'Red', priority: 900 }));
    await until('the rule to be followed', async () => (await ask({ ...flow, record: false })).body.state === 'Red');
    const { body } = await ask({ flows: [flow, { ...flow, destination: { region: 'EU' } }] }, '/v1/decisions/batch');
    expect(body.decisions.map(({ state, allowed, recorded }) => [state, allowed, recorded !== null])).toEqual([['Red', false, true], ['Green', true, true]]);
  });

  it('goes on with one validator gone, and decides nothing that it cannot have recorded with three gone', async () => {
    await set.kill('SIGKILL', 3);
    expect((await ask(flow)).status).toBe(200);
    await set.kill('SIGKILL', 1, 2);
    const { status, body } = await ask(flow);
    expect({ status, code: body.error?.code }).toEqual({ status: 503, code: 'Unreachable' });
    expect((await ask({ ...flow, record: false })).body).toMatchObject({ state: 'Red', recorded: null });
    set.start(1, 2);
    await until('decisions to be recorded again', async () => (await ask(flow)).status === 200);
  });
});
