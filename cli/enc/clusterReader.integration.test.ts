import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane } from '../../e2e/cluster/controlPlane.js';
import { openCluster } from './clusterReader.js';
import { temporaryFolder } from './testing/temporaryFolder.js';

describe('openCluster', () => {
  let plane: Awaited<ReturnType<typeof startControlPlane>>;
  beforeAll(async () => {
    plane = await startControlPlane();
  });
  afterAll(() => plane?.stop());

  it('reads objects and lists with the kubeconfig\'s credentials, and says when there is none', async () => {
    const cluster = openCluster(plane.kubeconfig);
    expect(cluster.namespace).toBe('default');
    expect(await cluster.get('/api/v1/namespaces/kube-system')).toMatchObject({ kind: 'Namespace', metadata: { name: 'kube-system' } });
    expect(await cluster.get('/api/v1/namespaces/default/pods?labelSelector=a%3Db')).toMatchObject({ kind: 'PodList', items: [] });
    expect(await cluster.get('/api/v1/namespaces/none')).toBeUndefined();
  });

  it('says what the API server says when it refuses', async () => {
    await expect(openCluster(plane.kubeconfig).get('/api/v1/pods?labelSelector=%21%21')).rejects.toMatchObject({ exitCode: 1, message: expect.stringMatching(/refused .*unable to parse/) as string });
  });

  it.each([
    ['a file that is no kubeconfig', { config: 'hello: [' }, /--kubeconfig .*config: cannot be read/],
    ['a kubeconfig that names no cluster', { config: { apiVersion: 'v1', kind: 'Config', clusters: [], users: [], contexts: [] } }, /names no cluster/],
  ])('refuses %s', (_name, files, message) => {
    expect(() => openCluster(path.join(temporaryFolder(files), 'config'))).toThrow(message);
  });

  const kubeconfigOf = (server: string) => ({
    apiVersion: 'v1', kind: 'Config', clusters: [{ name: 'c', cluster: { server } }], users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'shop' } }], 'current-context': 'x',
  });

  it.each([
    ['nobody answers', 'https://127.0.0.1:1', 1, /127\.0\.0\.1:1 does not answer .*ECONNREFUSED/],
    ['the credentials would go in the clear', 'http://127.0.0.1:1', 2, /its credentials cannot be used \(HTTP protocol is not allowed/],
  ])('says that %s', async (_name, server, exitCode, message) => {
    const cluster = openCluster(path.join(temporaryFolder({ config: kubeconfigOf(server) }), 'config'));
    expect(cluster.namespace).toBe('shop');
    await expect(cluster.get('/api')).rejects.toMatchObject({ exitCode, message: expect.stringMatching(message) as string });
  });
});
