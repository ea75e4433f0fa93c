import { describe, expect, it } from 'vitest';
import { whyNoRealNode, type Machine } from './machine.js';

const able: Machine = {
  platform: 'linux',
  uid: 0,
  capabilities: 0x1fffeffffffn,
  overlay: true,
  cgroups: true,
  apt: true,
  missing: [],
  runc: '/usr/sbin/runc',
  cniBinDir: '/usr/lib/cni',
  otherKubelet: false,
};

describe('whyNoRealNode', () => {
  it.each([
    ['a machine with everything', {}, undefined],
    ['packages missing, apt there', { missing: ['containerd'] }, undefined],
    ['another system', { platform: 'darwin' as const }, 'needs Linux, this is darwin'],
    ['a user', { uid: 1000 }, 'needs root (this is uid 1000) to run containerd and a kubelet'],
    ['root in a container', { capabilities: 0xa80425fbn }, 'needs the capabilities SYS_ADMIN and NET_ADMIN, which root lacks here'],
    ['no overlay', { overlay: false }, 'the kernel has no overlay file system'],
    ['no cgroups', { cgroups: false }, 'no cgroup controllers are mounted under /sys/fs/cgroup'],
    ['another kubelet', { otherKubelet: true }, 'another kubelet or local cluster has the machine; stop it first'],
  ])('%s', (_, change, why) => expect(whyNoRealNode({ ...able, ...change })).toBe(why));
  it('names what is missing where nothing can install it', () => {
    expect(whyNoRealNode({ ...able, apt: false, missing: ['runc', 'ctr'] })).toMatch(/^lacks runc, ctr, and there is no apt-get/);
  });
});
