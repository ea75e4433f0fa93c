import { describe, expect, it } from 'vitest';
import { localLayout } from '../local/layout.js';
import { network } from '../local/network.js';
import type { Ports } from '../local/ports.js';
import { pkiFiles } from '../pki/ensurePki.js';
import { cniConfig, containerdConfig } from './containerdConfig.js';
import { hostRules } from './hostNetwork.js';
import { kubeletArguments, kubeletConfig, kubeProxyConfig } from './kubeletConfig.js';

const layout = localLayout('/s');
const ports = { apiServer: 16_443, kubelet: 1, kubeletHealth: 2, kubeProxyHealth: 3, kubeProxyMetrics: 4 } as Ports;

describe('the kubelet', () => {
  const config = kubeletConfig(layout, ports, pkiFiles('/pki'), 'n1');
  it('listens on the bridge, lets nobody in without the API server saying so', () => {
    expect(config).toMatchObject({
      address: network.nodeAddress,
      readOnlyPort: 0,
      authentication: { anonymous: { enabled: false } },
      authorization: { mode: 'Webhook' },
    });
  });
  it('keeps everything under the state folder', () => {
    expect(
      [config.podLogsDir, config.volumePluginDir, config.containerRuntimeEndpoint.slice('unix://'.length)].every((folder) =>
        folder.startsWith('/s/'),
      ),
    ).toBe(true);
  });
  it('says only labels that a kubelet may say', () => {
    const given = kubeletArguments(layout, '/c', { name: 'n1', region: 'EU', kind: 'real', labels: { tier: 'gold' } });
    expect(given).toContain('--node-labels=topology.kubernetes.io/region=EU,topology.kubernetes.io/zone=eu-a');
  });
});

it('kube-proxy opens node ports on the bridge only', () => {
  expect(kubeProxyConfig(layout, ports, 'n1')).toMatchObject({ nodePortAddresses: ['primary'], iptables: { localhostNodePorts: false } });
});

describe('containerd', () => {
  const text = containerdConfig({ nodeDir: '/s/node', runc: '/usr/sbin/runc', cniBinDir: '/usr/lib/cni', snapshotter: 'native' });
  it.each([
    ['state = "/s/node/state"'],
    ['address = "/s/node/containerd.sock"'],
    ['sandbox_image = "enc.local/pause:1"'],
    ['restrict_oom_score_adj = true'],
    ['snapshotter = "native"'],
    ['BinaryName = "/usr/sbin/runc"'],
  ])('is told %s', (line) => expect(text).toContain(line));
});

it('pods get addresses of the bridge, whose own is the gateway', () => {
  const [bridge] = cniConfig('/s/node').plugins;
  expect(bridge).toMatchObject({
    type: 'bridge',
    bridge: network.bridge,
    ipam: { ranges: [[{ subnet: network.pods, gateway: network.nodeAddress }]] },
  });
});

it('pods reach the API server on loopback through its service', () => {
  expect(hostRules(16_443)[0]!.rules).toEqual([
    ['-d', '10.96.0.1', '-p', 'tcp', '--dport', '443', '-j', 'DNAT', '--to-destination', '127.0.0.1:16443'],
  ]);
});

it('a state folder whose sockets would not fit is refused', () => expect(() => localLayout(`/${'d'.repeat(80)}`)).toThrow(/longer than 64 bytes/));
