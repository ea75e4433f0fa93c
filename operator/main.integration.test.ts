// The programs themselves before a real API server and four real validators: they share one lease, outlive kills, and end in one line when told nonsense.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sample } from '../api/testing/samples.js';
import type { EncCluster } from '../api/index.js';
import { freePorts } from '../chain/node/testing/freePorts.js';
import { ProcessSet, until } from '../chain/node/testing/processSet.js';
import { startControlPlane, type ControlPlane } from '../e2e/cluster/controlPlane.js';
import { kubectlFor, must } from '../e2e/stack/kubectl.js';
import { checkout } from '../e2e/stack/layout.js';
import { writeServiceAccountKubeconfig } from '../e2e/stack/serviceAccountKubeconfig.js';
import type { KubeApi } from './runtime/kubeApi.js';
import { kubeApiFromFile } from './runtime/kubeApiFromFile.js';
import { RESOURCES, type Node } from './runtime/kubeObject.js';
import type { Lease } from './runtime/leaderElection.js';

const OPERATOR = path.join(checkout, 'dist/operator/main.js');
const AGENT = path.join(checkout, 'dist/operator/agent/main.js');
let plane: ControlPlane;
let set: ProcessSet;
let api: KubeApi;
let ports: number[];
const children: ChildProcess[] = [];

const file = (name: string) => path.join(plane.folder, name);
const chain = (key: string) => [
  '--chain-endpoints',
  set.all.map((index) => set.endpoint(index)).join(','),
  '--genesis',
  path.join(set.dataDir, 'genesis.json'),
  '--key',
  path.join(set.dataDir, `keys/${key}.key`),
];
const operatorFlags = (port: number) => [
  '--kubeconfig',
  file('operator.kubeconfig'),
  ...chain('operator'),
  '--metrics-port',
  String(port),
  '--lease-duration',
  '5',
  '--log-level',
  'warn',
];

function begin(script: string, flags: string[]): ChildProcess {
  const child = spawn(process.execPath, [script, ...flags], { stdio: 'ignore' });
  children.push(child);
  return child;
}
const end = (child: ChildProcess, signal: NodeJS.Signals) =>
  new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
    child.kill(signal);
  });
const metric = async (port: number, name: string) =>
  Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text())?.[1]);
const leads = (port: number) =>
  until(
    `the operator on port ${port} to lead`,
    async () => (await metric(port, 'enc_operator_leader')) === 1 && (await fetch(`http://127.0.0.1:${port}/readyz`)).ok,
  );
const holder = async () => (await api.get<Lease>(RESOURCES.Lease.path('enc-operator', 'enc-system'))).spec.holderIdentity;

async function registered(name: string): Promise<EncCluster> {
  const object = sample('EncCluster');
  object.metadata.name = name;
  object.spec.clusterId = `00000000-0000-4000-8000-${String(name.length).padStart(12, '0')}`;
  await api.create(RESOURCES.EncCluster.collection, object);
  return until(`EncCluster ${name} to be registered`, async () => {
    const now = await api.get<EncCluster>(RESOURCES.EncCluster.path(name));
    return now.status?.phase === 'Registered' && now;
  });
}

beforeAll(async () => {
  for (const program of [OPERATOR, AGENT]) if (!existsSync(program)) throw new Error(`${program} is missing: run "make build" first`);
  [plane, set] = await Promise.all([startControlPlane(), ProcessSet.create(4, '--block-time', '500ms')]);
  ports = await freePorts(2);
  api = kubeApiFromFile(plane.kubeconfig);
  const kubectl = kubectlFor(plane.kubeconfig, plane.binDir);
  await must(kubectl, ['apply', '--server-side', '-f', path.join(checkout, 'crds')]);
  await must(kubectl, ['apply', '-f', path.join(checkout, 'config/rbac/00-namespace.yaml'), '-f', path.join(checkout, 'config/rbac/operator.yaml')]);
  for (const account of ['operator', 'node-agent'])
    await writeServiceAccountKubeconfig(kubectl, {
      adminKubeconfig: plane.kubeconfig,
      namespace: 'enc-system',
      account: `enc-${account}`,
      file: file(`${account}.kubeconfig`),
    });
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await set?.destroy();
  api?.close();
  await plane?.stop();
});

describe('enc-operator', () => {
  let first: ChildProcess;
  let second: ChildProcess;

  it('waits for validators that are not there yet, says so, and goes on when they come', async () => {
    first = begin(OPERATOR, operatorFlags(ports[0]!));
    await until('the health port', async () => (await fetch(`http://127.0.0.1:${ports[0]}/healthz`)).ok);
    const answer = await fetch(`http://127.0.0.1:${ports[0]}/readyz`);
    expect([answer.status, await answer.text()]).toEqual([503, 'the chain is not reached yet\n']);
    set.start(...set.all);
    await leads(ports[0]!);
  });

  it('registers on the real chain and names the block and the validators', async () => {
    const { status } = await registered('a');
    expect(status).toMatchObject({ chainId: expect.any(String) as string, latestReceipt: { id: expect.stringMatching(/^[0-9a-f]{64}$/) as string } });
    expect(status?.validators).toHaveLength(4);
  });

  it('lets only one lead, and another take over from one that was killed', async () => {
    second = begin(OPERATOR, operatorFlags(ports[1]!));
    await until('the second to stand by', async () => (await fetch(`http://127.0.0.1:${ports[1]}/readyz`)).ok);
    const before = await holder();
    expect(await metric(ports[1]!, 'enc_operator_leader')).toBe(0);
    await end(first, 'SIGKILL');
    await leads(ports[1]!);
    expect(await holder()).not.toBe(before);
    await registered('bb');
  });

  it('goes on with one validator killed', async () => {
    await set.kill('SIGKILL', 0);
    await registered('ccc');
  });

  it('serves nothing but health and metrics', async () => {
    const base = `http://127.0.0.1:${ports[1]}`;
    expect((await fetch(`${base}/secrets`)).status).toBe(404);
    expect((await fetch(`${base}/metrics`, { method: 'POST', body: 'x'.repeat(1_000_000) })).status).toBe(405);
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
  });

  it('gives the lease back and ends with 0 when it is asked to', async () => {
    expect(await end(second, 'SIGTERM')).toBe(0);
    expect(await holder()).toBeFalsy();
  });

  it.each([
    ['an unknown flag', ['--colour'], "unknown option '--colour'"],
    ['no kubeconfig at that path', ['--kubeconfig', '/nowhere'], '/nowhere'],
    ['a key others may read', ['--key', 'KEY'], 'chmod 600'],
    ['a port in use', ['--metrics-port', 'TAKEN'], 'EADDRINUSE'],
  ])('ends with 2 and one line for %s', (_name, changes, message) => {
    const open = file('open.key');
    writeFileSync(open, '{}', { mode: 0o644 });
    const taken = new URL(set.endpoint(1)).port;
    const flags = changes.map((flag) => flag.replace('KEY', open).replace('TAKEN', taken));
    const { status, stderr } = spawnSync(process.execPath, [OPERATOR, ...operatorFlags(ports[0]!), ...flags], { encoding: 'utf8', timeout: 30_000 });
    expect(stderr).toMatch(/^enc-operator: .*\n$/);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});

describe('enc-node-agent', () => {
  it('commits nodes with keys of their own, and again when they can give less', async () => {
    writeFileSync(file('nodes.json'), JSON.stringify([{ name: 'eu-1', region: 'EU', zone: 'eu-a' }]));
    const capacity = (cpu: string) => ({ status: { allocatable: { cpu, memory: '8Gi', pods: '110' } } });
    await api.create(RESOURCES.Node.collection, { metadata: { name: 'eu-1' } });
    const setCapacity = (cpu: string) =>
      api.patch<Node>(`${RESOURCES.Node.path('eu-1')}/status`, 'application/strategic-merge-patch+json', capacity(cpu));
    await setCapacity('4');
    const agent = begin(AGENT, [
      '--kubeconfig',
      file('node-agent.kubeconfig'),
      ...chain('node-operator'),
      '--nodes-file',
      file('nodes.json'),
      '--node-keys',
      file('node-keys'),
      '--log-level',
      'warn',
    ]);
    const committed = async (cpuMillis: number) => {
      const { value } = (await (await fetch(`${set.endpoint(1)}/v1/state?key=node/eu-1`)).json()) as { value: string | null };
      return value?.includes(`"cpuMillis":${cpuMillis}`) ?? false;
    };
    await until('the node to be committed', () => committed(4_000));
    await setCapacity('3500m');
    await until('the node to be committed anew', () => committed(3_500));
    expect(existsSync(file('node-keys/eu-1.key'))).toBe(true);
    expect(await end(agent, 'SIGTERM')).toBe(0);
  });
});
