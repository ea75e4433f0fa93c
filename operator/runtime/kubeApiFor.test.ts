import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubeApiFor, podAccess } from './kubeApiFor.js';

const environment = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'enc-pod-'));
  writeFileSync(path.join(folder, 'token'), 'first\n');
  writeFileSync(path.join(folder, 'ca.crt'), 'authority');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a pod\'s access to the API server', () => {
  it('is by its own token, as the kubelet renews it', async () => {
    const access = podAccess(folder, environment);
    expect(access.server).toBe('https://10.96.0.1:443');
    expect(await access.options()).toEqual({ ca: Buffer.from('authority'), headers: { authorization: 'Bearer first' } });
    writeFileSync(path.join(folder, 'token'), 'second');
    expect(await access.options()).toMatchObject({ headers: { authorization: 'Bearer second' } });
  });
  it('may be over IPv6', () => expect(podAccess(folder, { ...environment, KUBERNETES_SERVICE_HOST: 'fd00::1' }).server).toBe('https://[fd00::1]:443'));
  it.each([
    ['without a service account', '/nowhere', environment, /\/nowhere\/token is not there: give --kubeconfig/],
    ['outside a cluster', undefined, {}, /KUBERNETES_SERVICE_HOST/],
  ])('is refused %s', (_, where, variables, why) => expect(() => podAccess(where ?? folder, variables)).toThrow(why));
});

describe('kubeApiFor', () => {
  it('refuses a kubeconfig without a cluster', async () => {
    const file = path.join(folder, 'kubeconfig');
    writeFileSync(file, 'apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n');
    await expect(kubeApiFor(file)).rejects.toMatchObject({ code: 'NoCluster' });
  });
});
