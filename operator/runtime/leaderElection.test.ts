import { describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../testing/silentLogger.js';
import type { KubeApi } from './kubeApi.js';
import { KubeError } from './kubeError.js';
import { decideLease, LeaderElection, nextLease, type Lease, type LeaseOptions } from './leaderElection.js';

const options: LeaseOptions = {
  namespace: 'enc-system',
  name: 'enc-operator',
  identity: 'me',
  durationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryMs: 1,
  renewMs: 1,
};
const lease = (holderIdentity: string, version = '1'): Lease => ({
  metadata: { name: 'enc-operator', resourceVersion: version },
  spec: { holderIdentity, leaseDurationSeconds: 15, leaseTransitions: 2, acquireTime: 'then' },
});

describe('decideLease', () => {
  it.each([
    ['there is none', undefined, 0, 'create'],
    ['it is ours', lease('me'), 999_999, 'renew'],
    ['it was given back', lease(''), 0, 'take'],
    ['another renewed it just now', lease('you'), 0, 'wait'],
    ['another renewed it almost a duration ago', lease('you'), 14_999, 'wait'],
    ['another has not renewed it for its duration', lease('you'), 15_000, 'take'],
  ])('%s', (_name, present, now, step) => expect(decideLease({ lease: present, changedAt: 0 }, 'me', now)).toBe(step));
});

describe('nextLease', () => {
  it('counts a change of holder and keeps the time of acquiring while it stays', () => {
    expect(nextLease(lease('you'), options, 'now').spec).toMatchObject({
      holderIdentity: 'me',
      leaseTransitions: 3,
      acquireTime: 'now',
      renewTime: 'now',
      leaseDurationSeconds: 15,
    });
    expect(nextLease(lease('me'), options, 'now').spec).toMatchObject({ leaseTransitions: 2, acquireTime: 'then', renewTime: 'now' });
    expect(nextLease(undefined, options, 'now')).toMatchObject({
      metadata: { name: 'enc-operator', namespace: 'enc-system' },
      spec: { leaseTransitions: 0 },
    });
  });
});

/** One lease, with the optimistic locking of the API server. */
class LeaseServer {
  lease: Lease | undefined;
  away = false;
  #version = 0;

  api(): KubeApi {
    const answer = <T>(make: () => T): Promise<T> =>
      this.away ? Promise.reject(new KubeError('Unreachable', 0, 'away')) : Promise.resolve().then(make);
    const store = (next: Lease) => (this.lease = { ...next, metadata: { ...next.metadata, resourceVersion: String((this.#version += 1)) } });
    return {
      get: () => answer(() => this.lease ?? raise(new KubeError('NotFound', 404, 'none'))),
      create: (_path: string, next: Lease) => answer(() => (this.lease ? raise(new KubeError('AlreadyExists', 409, 'there')) : store(next))),
      replace: (_path: string, next: Lease) =>
        answer(() =>
          this.lease?.metadata.resourceVersion === next.metadata.resourceVersion ? store(next) : raise(new KubeError('Conflict', 409, 'changed')),
        ),
    } as unknown as KubeApi;
  }
}
const raise = (error: Error): never => {
  throw error;
};
const elect = (server: LeaseServer, identity: string, now?: () => number) =>
  new LeaderElection(server.api(), { ...options, identity }, silentLogger(), now);

describe('LeaderElection', () => {
  it('lets one lead at a time, and the next at once when the first gives back', async () => {
    const server = new LeaseServer();
    const [first, second] = [elect(server, 'first'), elect(server, 'second')];
    await first.acquire(() => undefined);
    let leads = false;
    const waiting = second.acquire(() => undefined).then(() => (leads = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(leads).toBe(false);
    await first.release();
    await waiting;
    expect(server.lease?.spec.holderIdentity).toBe('second');
    await second.release();
    expect(server.lease?.spec.holderIdentity).toBe('');
  });

  it('takes the lease of one that is gone after its duration on the own clock', async () => {
    const server = new LeaseServer();
    server.lease = lease('dead');
    let now = 0;
    const second = elect(server, 'second', () => now);
    const leading = second.acquire(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(server.lease.spec.holderIdentity).toBe('dead');
    now = 15_001;
    await leading;
    expect(server.lease).toMatchObject({ spec: { holderIdentity: 'second', leaseTransitions: 3 } });
    await second.release();
  });

  it('loses it when it cannot renew for longer than the deadline, not before', async () => {
    const server = new LeaseServer();
    let now = 0;
    const lost = vi.fn();
    const one = elect(server, 'one', () => now);
    await one.acquire(lost);
    server.away = true;
    now = 9_999;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(lost).not.toHaveBeenCalled();
    now = 20_001;
    await vi.waitFor(() => expect(lost).toHaveBeenCalledWith('the lease could not be renewed for 10000 ms'));
  });

  it('loses it when another took it', async () => {
    const server = new LeaseServer();
    const lost = vi.fn();
    await elect(server, 'one').acquire(lost);
    server.lease = lease('thief', '99');
    await vi.waitFor(() => expect(lost).toHaveBeenCalledWith('thief holds the lease'));
  });
});
