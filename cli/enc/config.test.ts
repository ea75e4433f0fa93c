import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { chainSettings, kubeconfigFile, readGenesis, stateFolder } from './config.js';
import { temporaryFolder } from './testing/temporaryFolder.js';

const genesis = { chainId: 'enc-test', validatorSet: { validators: [], quorumPercent: 67 } };
const local = {
  '.enc/mainnet/genesis.json': genesis,
  '.enc/mainnet/validator-0/node.json': { api: { host: '127.0.0.1', port: 21001 } },
  '.enc/mainnet/validator-10/node.json': { api: { host: '0.0.0.0', port: 21210 } },
  '.enc/mainnet/validator-2/node.json': { api: { host: '127.0.0.1', port: 21202 } },
  'deep/down/file': '',
};
const at = (cwd: string, environment: Record<string, string> = {}) => ({ cwd, environment });

describe('chainSettings', () => {
  it('finds the local network from a folder below it, validators in their order', () => {
    const folder = temporaryFolder(local);
    const settings = chainSettings({}, at(path.join(folder, 'deep/down')));
    expect(settings.endpoints).toEqual(['http://127.0.0.1:21001', 'http://127.0.0.1:21202', 'http://127.0.0.1:21210']);
    expect(settings.genesis.chainId).toBe('enc-test');
  });

  it('prefers flags to the environment, and the environment to the local network', () => {
    const folder = temporaryFolder({ ...local, 'other.json': { ...genesis, chainId: 'other' }, 'third.json': { ...genesis, chainId: 'third' } });
    const environment = { ENC_ENDPOINTS: 'http://b:1, http://c:2/', ENC_GENESIS: 'other.json' };
    expect(chainSettings({}, at(folder, environment))).toMatchObject({ endpoints: ['http://b:1', 'http://c:2'], genesis: { chainId: 'other' } });
    expect(chainSettings({ endpoints: 'https://d', genesis: 'third.json' }, at(folder, environment))).toMatchObject({ endpoints: ['https://d'], genesis: { chainId: 'third' } });
  });

  it.each<[string, Parameters<typeof chainSettings>[0], Record<string, string>, RegExp]>([
    ['no endpoints', {}, {}, /--endpoints is missing/],
    ['an endpoint that is no URL', { endpoints: 'localhost' }, {}, /--endpoints localhost: expected URLs/],
    ['an endpoint of another protocol', {}, { ENC_ENDPOINTS: 'ftp://a' }, /ENC_ENDPOINTS ftp:\/\/a: expected URLs/],
    ['no genesis', { endpoints: 'http://a' }, {}, /--genesis is missing/],
    ['a genesis that is not there', { endpoints: 'http://a', genesis: 'none.json' }, {}, /--genesis .*none.json: there is no such file/],
    ['a genesis that is no JSON', { endpoints: 'http://a', genesis: 'text' }, {}, /--genesis .*text: is not JSON/],
    ['a genesis that is something else', { endpoints: 'http://a' }, { ENC_GENESIS: 'list.json' }, /ENC_GENESIS list.json: is not a genesis document/],
    ['a folder', { endpoints: 'http://a', genesis: '.' }, {}, /it is a folder/],
  ])('refuses %s', (_name, flags, environment, message) => {
    const folder = temporaryFolder({ text: 'hello', 'list.json': [] });
    expect(() => chainSettings(flags, at(folder, environment))).toThrow(message);
  });
});

describe('readGenesis', () => {
  it('needs no endpoints', () => expect(readGenesis({}, at(temporaryFolder(local))).chainId).toBe('enc-test'));
});

describe('stateFolder', () => {
  it('is undefined where there is none', () => expect(stateFolder(temporaryFolder())).toBeUndefined());
});

describe('kubeconfigFile', () => {
  it.each<[string, string | undefined, Record<string, string>, string | undefined]>([
    ['the flag first', 'mine', { KUBECONFIG: '/a:/b' }, 'mine'],
    ['then KUBECONFIG\'s first file', undefined, { KUBECONFIG: '/a:/b' }, '/a'],
    ['then that of the stack', undefined, {}, 'stack-admin'],
  ])('takes %s', (_name, flag, environment, expected) => {
    const folder = temporaryFolder({ mine: '', 'stack-admin': '' });
    const stacked = temporaryFolder({ '.enc/stack.json': { cluster: { kubeconfig: path.join(folder, 'stack-admin') } } });
    const named = flag && path.join(folder, flag);
    expect(kubeconfigFile(named, at(stacked, { HOME: folder, ...environment }))).toBe(expected?.startsWith('/') ? expected : path.join(folder, expected!));
  });

  it('falls back to the user\'s own, or to nothing', () => {
    const home = temporaryFolder({ '.kube/config': '' });
    expect(kubeconfigFile(undefined, at(temporaryFolder(), { HOME: home }))).toBe(path.join(home, '.kube/config'));
    expect(kubeconfigFile(undefined, at(temporaryFolder(), { HOME: temporaryFolder() }))).toBeUndefined();
  });

  it('refuses a flag that names no file', () => expect(() => kubeconfigFile('/nowhere/at/all', at('/'))).toThrow(/--kubeconfig \/nowhere\/at\/all: there is no such file/));
});
