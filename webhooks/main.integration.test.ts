// The program itself before a real API server and four real validators: its receipts are on the chain, and it outlives theirs and its own deaths.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withDefaults } from '../api/defaults.js';
import { LABELS } from '../api/labels.js';
import { createChainClient } from '../chain/client/chainClient.js';
import type { ChainClient } from '../chain/client/types.js';
import type { Payloads, TransactionType } from '../chain/types.js';
import { ProcessSet, until } from '../chain/node/testing/processSet.js';
import { freePorts } from '../chain/node/testing/freePorts.js';
import { startControlPlane, type ControlPlane } from '../e2e/cluster/controlPlane.js';
import { kubectlFor, must, type Kubectl } from '../e2e/stack/kubectl.js';
import { checkout } from '../e2e/stack/layout.js';
import { writeServiceAccountKubeconfig } from '../e2e/stack/serviceAccountKubeconfig.js';
import type { Statement } from '../receipts/types.js';
import { clusterSpec, sovereigntySpec } from './testing/samples.js';

const MAIN = path.join(checkout, 'dist/webhooks/main.js');
const greenSpec = withDefaults('TrafficRule', {
  source: { regions: ['EU'] },
  destination: { regions: ['US'] },
  light: 'Green',
  priority: 500,
  clause: { text: 'Free.' },
});
let plane: ControlPlane;
let set: ProcessSet;
let kubectl: Kubectl;
let client: ChainClient;
let server: ChildProcess;
let ports: number[];
let names = 0;

const flags = (changes: Record<string, string> = {}) =>
  Object.entries({
    '--kubeconfig': path.join(plane.folder, 'webhooks.kubeconfig'),
    '--chain-endpoints': set.all.map((index) => set.endpoint(index)).join(','),
    '--genesis': path.join(set.dataDir, 'genesis.json'),
    '--key': path.join(set.dataDir, 'keys/webhook.key'),
    '--port': String(ports[0]),
    '--metrics-port': String(ports[1]),
    '--register': `https://127.0.0.1:${ports[0]}`,
    '--state-dir': path.join(plane.folder, 'webhooks'),
    '--log-level': 'warn',
    ...changes,
  }).flat();
const start = async () => {
  server = spawn(process.execPath, [MAIN, ...flags()], { stdio: 'ignore' });
  await until('the webhooks to be ready', async () => (await fetch(`http://127.0.0.1:${ports[1]}/readyz`)).ok);
};
const end = (signal: NodeJS.Signals) =>
  new Promise<number | null>((resolve) => {
    server.once('exit', (code) => resolve(code));
    server.kill(signal);
  });
async function final<T extends TransactionType>(type: T, payload: Payloads[T]): Promise<void> {
  const result = await (await client.submit(type, payload)).finalised();
  expect(result).toMatchObject({ outcome: 'applied' });
}
const pod = (spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `pod-${(names += 1)}`, namespace: 'payments', labels: { [LABELS.dataClassification]: 'Restricted', [LABELS.dataRegion]: 'EU' } },
  spec: { containers: [{ name: 'main', image: 'demo:1' }], ...spec },
});
const create = (object: object) => kubectl(['create', '-f', '-'], JSON.stringify(object));
/** What the chain holds about the newest receipt of the pod. */
const receiptOf = (name: string) =>
  until(`a receipt of pod ${name}`, async () => {
    const [bundle] = await client.receiptsFor({ kind: 'Pod', namespace: 'payments', name }, 1);
    return bundle && (JSON.parse(Buffer.from(bundle.envelope.payload, 'base64').toString()) as Statement).predicate;
  });

beforeAll(async () => {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run "make build" first`);
  [plane, set] = await Promise.all([startControlPlane(), ProcessSet.create(4, '--block-time', '500ms')]);
  set.start(...set.all);
  ports = await freePorts(2);
  kubectl = kubectlFor(plane.kubeconfig, plane.binDir);
  await must(kubectl, ['apply', '-f', path.join(checkout, 'config/rbac/00-namespace.yaml'), '-f', path.join(checkout, 'config/rbac/webhooks.yaml')]);
  await must(kubectl, ['apply', '--server-side', '-f', path.join(checkout, 'crds')]);
  await writeServiceAccountKubeconfig(kubectl, {
    adminKubeconfig: plane.kubeconfig,
    namespace: 'enc-system',
    account: 'enc-webhooks',
    file: flags()[1]!,
  });
  await must(
    kubectl,
    ['create', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments', labels: { [LABELS.enforced]: 'true' } } }),
  );
  client = createChainClient({ endpoints: set.all.map((index) => set.endpoint(index)), genesis: set.genesis, key: set.key('operator') });
  await client.start();
  await final('cluster.put', { name: 'eu-cluster', uid: 'c1', generation: 1, spec: clusterSpec });
  await start();
});
afterAll(async () => {
  if (server && server.exitCode === null) await end('SIGKILL');
  await client?.stop();
  await set?.destroy();
  await plane?.stop();
});

describe('the webhook server', () => {
  it('answers with receipts that the chain holds, allowed and refused', async () => {
    const [good, bad] = [pod(), pod({ nodeName: 'us-1' })];
    expect((await create(good)).code).toBe(0);
    const { stderr } = await create(bad);
    const allowed = await receiptOf(good.metadata.name);
    expect(allowed).toMatchObject({ outcome: 'allowed', code: 'Admitted', operationType: 'admission.verdict', actor: set.key('webhook').publicKey });
    const refused = await receiptOf(bad.metadata.name);
    expect(refused).toMatchObject({ outcome: 'refused', code: 'RefusedByGuard' });
    expect(stderr).toContain(`(receipt ${refused.receiptId})`);
  });

  it('judges by a policy as soon as it is in force', async () => {
    const asked = () => pod({ nodeSelector: { [LABELS.region]: 'US' } });
    expect((await create(asked())).code).not.toBe(0);
    await final('rule.put', { name: 'us', uid: 'r1', generation: 1, spec: greenSpec });
    await until('the rule to be followed', async () => (await create(asked())).code === 0);
    await final('policy.put', { name: 'sovereignty', uid: 'p1', generation: 1, spec: sovereigntySpec });
    await until('the policy to be followed', async () => (await create(asked())).stderr.includes('BisoPolicy sovereignty/stays'));
  });

  it('goes on with one validator killed, refuses and says who is silent with three, and goes on when they are back', async () => {
    await set.kill('SIGKILL', 3);
    expect((await create(pod())).code).toBe(0);
    await set.kill('SIGKILL', 1, 2);
    const { code, stderr } = await create(pod());
    expect(code).not.toBe(0);
    for (const index of [1, 2, 3]) expect(stderr).toContain(set.endpoint(index));
    set.start(1, 2, 3);
    await until('an admitted pod', async () => (await create(pod())).code === 0);
  });

  it('killed and started again, takes up where it was; meanwhile nothing is admitted', async () => {
    await end('SIGKILL');
    expect((await create(pod())).stderr).toContain('failed calling webhook');
    const certificate = () => statSync(path.join(plane.folder, 'webhooks/serving-127.0.0.1.json')).mtimeMs;
    const made = certificate();
    await start();
    expect(certificate()).toBe(made);
    expect((await create(pod())).code).toBe(0);
  });

  it('puts its registration right when it starts, and ends in good order', async () => {
    await must(kubectl, ['delete', 'validatingwebhookconfiguration,mutatingwebhookconfiguration', 'enc-mainnet']);
    expect(await end('SIGTERM')).toBe(0);
    await start();
    expect((await create(pod({ nodeName: 'us-1' }))).stderr).toContain('NodeNamePreset');
    const metrics = await (await fetch(`http://127.0.0.1:${ports[1]}/metrics`)).text();
    expect(metrics).toMatch(/enc_webhook_answers_total\{resource="pods",operation="CREATE",decision="refused",code="RefusedByGuard"\} 1/);
    expect(Number(/^enc_webhook_certificate_expiry_seconds (\S+)/m.exec(metrics)![1])).toBeGreaterThan(Date.now() / 1000);
  });
});

describe('a wrong command line ends with code 2 and one line', () => {
  const run = (changes: Record<string, string>) => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...flags({ '--port': '0', ...changes })], { encoding: 'utf8', timeout: 30_000 });
    return { status, lines: stderr.trim().split('\n') };
  };
  const readable = () => {
    const file = path.join(plane.folder, 'readable.key');
    copyFileSync(path.join(set.dataDir, 'keys/webhook.key'), file);
    chmodSync(file, 0o644);
    return file;
  };

  it.each<[string, () => Record<string, string>, RegExp]>([
    ['no port', () => ({}), /--port.*from 1 to 65535/],
    ['a key that others may read', () => ({ '--port': '21999', '--key': readable() }), /mode 0644.*chmod 600/],
    ['a key that is none', () => ({ '--port': '21999', '--key': path.join(set.dataDir, 'genesis.json') }), /key file .*genesis.json/],
    ['no kubeconfig', () => ({ '--port': '21999', '--kubeconfig': path.join(set.dataDir, 'keys/webhook.key') }), /kubeconfig/],
  ])('%s', (_name, changes, message) => {
    const { status, lines } = run(changes());
    expect({ status, lines: lines.length }).toEqual({ status: 2, lines: 1 });
    expect(lines[0]).toMatch(message);
  });

  it('a port in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const { status, lines } = run({ '--port': String(port), '--metrics-port': String((await freePorts(1))[0]) });
    taken.close();
    expect({ status, line: lines.at(-1) }).toEqual({
      status: 2,
      line: expect.stringMatching(`--port ${port}: the port on 127.0.0.1 is in use`) as string,
    });
  });
});
