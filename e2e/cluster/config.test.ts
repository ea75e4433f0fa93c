import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout } from './checkout.js';
import { programEnvironment, providerContext, readClusterConfig } from './config.js';

describe('readClusterConfig', () => {
  it('has defaults outside and inside the checkout', () => {
    expect(readClusterConfig({ HOME: '/h' })).toEqual({
      provider: undefined,
      assets: undefined,
      kubeconfig: '/h/.kube/config',
      hostAddress: undefined,
      loadImage: undefined,
      networkPolicy: false,
      stateDir: path.join(checkout, '.enc/cluster'),
      cacheDir: '/h/.cache/enc-cluster',
    });
  });
  it('takes what is set', () => {
    const environment = { HOME: '/h', CLUSTER: 'kind', KUBECONFIG: ':/a:/b', XDG_CACHE_HOME: '/c', KUBEBUILDER_ASSETS: '/k', ENC_LOAD_IMAGE: 'k3s ctr images import', ENC_NETWORK_POLICY: 'enforced' };
    expect(readClusterConfig(environment)).toMatchObject({ provider: 'kind', kubeconfig: '/a', cacheDir: '/c/enc-cluster', assets: '/k', loadImage: 'k3s ctr images import', networkPolicy: true });
  });
  it('refuses a provider that there is not', () => {
    expect(() => readClusterConfig({ CLUSTER: 'minikube' })).toThrow('CLUSTER=minikube: must be one of local, kind, existing');
    expect(() => readClusterConfig({ ENC_NETWORK_POLICY: 'yes' })).toThrow('ENC_NETWORK_POLICY=yes: must be enforced');
  });
});

it('what the caller says wins over the configuration', () => {
  const config = readClusterConfig({ HOME: '/h' });
  expect(providerContext({ stateDir: '/s' }, config)).toMatchObject({ stateDir: '/s', cacheDir: '/h/.cache/enc-cluster' });
});

it('programs are started without proxies', () => {
  process.env.https_proxy = 'http://proxy.example';
  try {
    expect(programEnvironment({ A: '1' })).not.toHaveProperty('https_proxy');
  } finally {
    delete process.env.https_proxy;
  }
});
