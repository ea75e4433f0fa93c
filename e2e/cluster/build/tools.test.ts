import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { clusterSources } from '../checkout.js';
import { isNewEnough } from './goCommand.js';
import { binariesFor, clusterBinaries, nodeBinaries, pinnedVersion, toolOf, tools } from './tools.js';

describe('pinnedVersion', () => {
  const goMod =
    'module m\n\nrequire a.example/x v1.2.3\n\nrequire (\n\tb.example/y v0.4.0 // indirect\n)\n\nreplace c.example/z => c.example/z v9.9.9\n';
  it.each([
    ['a single require', 'a.example/x', 'v1.2.3'],
    ['a require in a block', 'b.example/y', 'v0.4.0'],
    ['a module that is only replaced', 'c.example/z', undefined],
    ['a prefix of a module', 'a.example/', undefined],
  ])('%s', (_, module, version) => expect(pinnedVersion(goMod, module)).toBe(version));

  it.each(tools.map(({ name, module, binaries }) => [name, module, binaries] as const))(
    '%s is pinned and names its programs',
    (name, module, binaries) => {
      const committed = readFileSync(path.join(clusterSources, 'tools', name, 'go.mod'), 'utf8');
      expect(pinnedVersion(committed, module)).toMatch(/^v\d+\.\d+\.\d+$/);
      for (const program of Object.values(binaries)) expect(committed).toContain(`tool ${program}`);
    },
  );
});

it('a Kubernetes program is told its version at link time', () => {
  expect(toolOf('kubelet')!.linkVersion('v1.37.2')).toEqual(
    expect.arrayContaining([
      'k8s.io/component-base/version.gitVersion=v1.37.2',
      'k8s.io/component-base/version.gitMajor=1',
      'k8s.io/component-base/version.gitMinor=37',
    ]),
  );
});

describe('binariesFor', () => {
  it('is everything a cluster needs when nothing is said', () => expect(binariesFor(undefined)).toEqual([...clusterBinaries, ...nodeBinaries]));
  it('takes groups and programs', () => expect(binariesFor(['control-plane', 'helm'])).toEqual(['etcd', 'kube-apiserver', 'kubectl', 'helm']));
  it('refuses what nothing builds', () => expect(() => binariesFor(['kubectll'])).toThrow(/--only kubectll: must be control-plane, cluster, node/));
});

it.each([
  ['go1.26.8', true],
  ['go1.26', true],
  ['go1.27rc1', true],
  ['go2.0.0', true],
  ['go1.25.9', false],
  ['devel', false],
])('%s is new enough: %s', (version, expected) => expect(isNewEnough(version)).toBe(expected));
