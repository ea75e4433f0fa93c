import { describe, expect, it } from 'vitest';
import { pkiFiles } from '../pki/ensurePki.js';
import { apiServerArguments, controllerManagerArguments, etcdArguments, flags, schedulerArguments } from './controlPlaneArguments.js';

const pki = pkiFiles('/pki');
const etcd = etcdArguments({ dataDir: '/d', clientPort: 1, peerPort: 2, pki });
const apiServer = apiServerArguments({ port: 3, etcdPort: 1, pki, serviceAccounts: true });
const kubeconfig = '/k';

describe('flags', () => {
  it.each([
    ['a value', { a: 1 }, ['--a=1']],
    ['false', { a: false }, ['--a=false']],
    ['nothing', { a: undefined }, []],
    ['several', { a: ['x', 'y'] }, ['--a=x', '--a=y']],
  ])('%s', (_, values, expected) => expect(flags(values)).toEqual(expected));
});

describe('the control plane', () => {
  it.each([
    ['etcd', etcd, ['--listen-client-urls=https://127.0.0.1:1', '--listen-peer-urls=https://127.0.0.1:2']],
    ['kube-apiserver', apiServer, ['--bind-address=127.0.0.1', '--secure-port=3']],
    [
      'kube-controller-manager',
      controllerManagerArguments({ port: 4, kubeconfig, pki, volumePlugins: '/v' }),
      ['--bind-address=127.0.0.1', '--secure-port=4'],
    ],
    ['kube-scheduler', schedulerArguments({ port: 5, kubeconfig, configFile: '/c' }), ['--bind-address=127.0.0.1', '--secure-port=5']],
  ])('%s listens on loopback alone', (_, given, expected) => expect(given).toEqual(expect.arrayContaining(expected)));

  it('etcd lets in only who has a certificate of its authority, as client and as peer', () => {
    for (const prefix of ['', 'peer-'])
      expect(etcd).toEqual(expect.arrayContaining([`--${prefix}client-cert-auth=true`, `--${prefix}trusted-ca-file=/pki/etcd-ca.crt`]));
  });
  it('etcd syncs its log unless a test asks it not to', () => {
    expect(etcd.join(' ')).not.toContain('no-fsync');
    expect(etcdArguments({ dataDir: '/d', clientPort: 1, peerPort: 2, pki, unsafeNoFsync: true })).toContain('--unsafe-no-fsync=true');
  });
  it('the API server authorises nodes and roles, and checks kubelets', () => {
    expect(apiServer).toEqual(
      expect.arrayContaining([
        '--authorization-mode=Node,RBAC',
        '--kubelet-certificate-authority=/pki/cluster-ca.crt',
        '--enable-admission-plugins=NodeRestriction',
      ]),
    );
  });
  it('pods do without a service account only where nobody makes the accounts', () => {
    const without = apiServerArguments({ port: 3, etcdPort: 1, pki, serviceAccounts: false });
    expect(without).toContain('--disable-admission-plugins=ServiceAccount');
    expect(apiServer.join(' ')).not.toContain('disable-admission-plugins');
  });
});
