// The gathered checkpoint: published when a quorum cosigned the same head, never by less, and never with a line that does not fit.
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../receipts/log/cosignedCheckpoint.js';
import type { BlockHeader } from '../../receipts/types.js';
import { Cosigner, type Cosignature } from './cosigner.js';
import { testSet } from './testing/testSet.js';

const { chainId, set, keys } = testSet(4);
const cosigners = () => keys.map(({ ed25519 }) => new Cosigner({ chainId, ed25519 }, 8_100));
const header = (height: number, timestamp: number): BlockHeader =>
  ({ height, timestamp, logSize: height * 3, logRoot: height.toString(16).padStart(64, '0') }) as BlockHeader;
const opened = (note: string | undefined) => note && openCheckpoint(note, chainId, set);

describe('Cosigner', () => {
  it('publishes the head that a quorum cosigned, whatever the order in which lines and blocks arrive', () => {
    const [a, b, c] = cosigners() as [Cosigner, Cosigner, Cosigner];
    const lines = [b, c].map((other) => other.committed(header(5, 9_000), set)!);
    expect(a.received(lines[0]!)).toBe(true);
    a.committed(header(5, 9_000), set);
    expect(a.note).toBeUndefined();
    a.received(lines[1]!);
    expect(opened(a.note)).toMatchObject({ logSize: 15, cosigners: [0, 1, 2] });
  });

  it('cosigns once a second of block time', () => {
    const [a] = cosigners() as [Cosigner];
    const due = [8_999, 9_000, 9_400, 10_050].map((time, i) => a.committed(header(i + 1, time), set) !== undefined);
    expect(due).toEqual([false, true, false, true]);
  });

  it('keeps the published head when a newer one lacks cosigners', () => {
    const all = cosigners();
    const exchange = (height: number, time: number, members: Cosigner[]) => {
      const lines = members.map((member) => member.committed(header(height, time), set)!);
      for (const member of members) for (const line of lines) member.received(line);
    };
    exchange(5, 9_000, all);
    exchange(6, 10_000, all.slice(0, 2));
    expect(opened(all[0]!.note)).toMatchObject({ logSize: 15, cosigners: [0, 1, 2, 3] });
  });

  it('takes a line that comes after a newer head was published, once, and keeps the newer note', () => {
    const taken: [number, string][] = [];
    const a = new Cosigner({ chainId, ed25519: keys[0]!.ed25519 }, 8_100, undefined, (height, publicKey) => taken.push([height, publicKey]));
    const others = cosigners().slice(1);
    const [first, second] = [header(5, 9_000), header(6, 10_000)].map((head) => [a, ...others].map((one) => one.committed(head, set)!));
    for (const line of [...second!.slice(1, 3), first![3]!, first![3]!]) expect(a.received(line)).toBe(true);
    for (const line of first!.slice(1, 3)) a.received(line);
    expect(opened(a.note)).toMatchObject({ logSize: 18, cosigners: [0, 1, 2] });
    const others5 = taken.filter(([height, publicKey]) => height === 5 && publicKey !== keys[0]!.ed25519.publicKey);
    expect(others5).toEqual([3, 1, 2].map((index) => [5, keys[index]!.ed25519.publicKey]));
  });

  it.each<[string, (lines: Cosignature[]) => Cosignature]>([
    ['for another head', (lines) => ({ ...lines[1]!, line: new Cosigner({ chainId, ed25519: keys[1]!.ed25519 }, 8_100).committed(header(6, 9_000), set)!.line })],
    ['by a stranger', (lines) => ({ ...lines[1]!, line: new Cosigner({ chainId, ed25519: testSet(5).keys[4]!.ed25519 }, 8_100).committed(header(5, 9_000), testSet(5).set)!.line })],
    ['that is no line', (lines) => ({ ...lines[1]!, line: '— a b\n\n— c' })],
  ])('refuses a cosignature %s', (_, forged) => {
    const misfits: Cosignature[] = [];
    const a = new Cosigner({ chainId, ed25519: keys[0]!.ed25519 }, 8_100, (one) => misfits.push(one));
    const [, b] = cosigners() as [Cosigner, Cosigner];
    const lines = [a, b].map((member) => member.committed(header(5, 9_000), set)!);
    expect(a.received(forged(lines))).toBe(false);
    expect(misfits).toEqual([forged(lines)]);
    expect(a.note).toBeUndefined();
  });

  it('is one of the followers when it is no member', () => {
    const follower = new Cosigner({ chainId, ed25519: testSet(5).keys[4]!.ed25519 }, 8_100);
    expect(follower.committed(header(5, 9_000), set)).toBeUndefined();
    for (const member of cosigners().slice(0, 3)) follower.received(member.committed(header(5, 9_000), set)!);
    expect(opened(follower.note)).toMatchObject({ cosigners: [0, 1, 2] });
  });
});
