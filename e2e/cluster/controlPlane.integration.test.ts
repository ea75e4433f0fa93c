// The control plane for tests is a real API server: it stores, validates, authorises, and leaves nothing behind.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane, type ControlPlane } from './controlPlane.js';
import { adminCredentials, httpsGet } from './local/readiness.js';
import { pkiFiles } from './pki/ensurePki.js';
import { eventually } from './shell/eventually.js';
import { tryCommand } from './shell/runCommand.js';

let planes: ControlPlane[];

const kubectl = (plane: ControlPlane, arguments_: string[], input?: string) =>
  tryCommand(path.join(plane.binDir, 'kubectl'), ['--kubeconfig', plane.kubeconfig, ...arguments_], { input });

/** Processes of this machine whose command line names the folder. */
const processesOf = (folder: string) =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
    } catch {
      return false;
    }
  });

beforeAll(async () => {
  planes = await Promise.all([startControlPlane(), startControlPlane()]);
});
afterAll(async () => {
  const folders = planes.map(({ folder }) => folder);
  await Promise.all(planes.map((plane) => plane.stop()));
  expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
  expect(folders.flatMap(processesOf)).toEqual([]);
});

describe('startControlPlane', () => {
  it('gives an administrator of the pinned version', async () => {
    const { stdout } = await kubectl(planes[0]!, ['version', '-o', 'json']);
    const { clientVersion, serverVersion } = JSON.parse(stdout) as Record<string, { gitVersion: string }>;
    expect(serverVersion!.gitVersion).toBe(clientVersion!.gitVersion);
    expect((await kubectl(planes[0]!, ['auth', 'can-i', '*', '*', '--all-namespaces'])).stdout.trim()).toBe('yes');
  });

  it('stores objects, two planes apart', async () => {
    expect(await kubectl(planes[0]!, ['create', 'configmap', 'one', '--from-literal=a=1'])).toMatchObject({ code: 0 });
    expect((await kubectl(planes[0]!, ['get', 'configmap', 'one', '-o', 'jsonpath={.data.a}'])).stdout).toBe('1');
    expect((await kubectl(planes[1]!, ['get', 'configmap', 'one'])).stderr).toContain('NotFound');
  });

  it('admits pods without a service account', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'none' }] },
    };
    expect(await kubectl(planes[0]!, ['create', '-f', '-'], JSON.stringify(pod))).toMatchObject({ code: 0 });
  });

  it('makes service accounts when asked for a controller manager', async () => {
    const plane = await startControlPlane({ controllerManager: true });
    planes.push(plane);
    await eventually('the service account default', async () => (await kubectl(plane, ['get', 'serviceaccount', 'default'])).code === 0, {
      timeoutMs: 30_000,
    });
  });

  it('refuses who has no certificate', async () => {
    const { ca } = adminCredentials(pkiFiles(path.join(planes[0]!.folder, 'pki')));
    expect(await httpsGet(`${planes[0]!.server}/api/v1/namespaces`, { ca })).toMatchObject({ status: 403 });
  });
});
