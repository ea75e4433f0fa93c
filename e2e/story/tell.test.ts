// A fact on one line: what a person reads of helm test.
import { describe, expect, it } from 'vitest';
import type { Fact, Told } from './fact.js';
import { tellShortly } from './tell.js';

const fact: Fact = { title: 'A pod runs', command: 'kubectl apply', holds: true, verdict: 'Green,\n  Running', reason: 'it was placed' };
const receipt = { id: 'ab'.repeat(32), height: 7, signers: ['v-0', 'v-1', 'v-2'], outcome: 'applied', code: '', bundle: {} as never };

describe('tellShortly', () => {
  it.each<[string, Told, string]>([
    ['one that holds', fact, ' 1. holds    A pod runs: Green, Running'],
    ['with its proof', { ...fact, receipt }, ` 1. holds    A pod runs: Green, Running (block 7, certified by 3, receipt ${receipt.id})`],
    ['one that does not, and why', { ...fact, holds: false }, ' 1. FAILED   A pod runs: Green, Running: it was placed'],
    ['one that could not be told to its end', { title: 'a pod runs', leftOut: false, reason: 'not within 90 s' }, ' 1. FAILED   a pod runs: not within 90 s'],
    ['one that was left out', { title: 'a pod runs', leftOut: true, reason: 'no node is committed' }, ' 1. left out a pod runs: no node is committed'],
  ])('says of %s', (_, told, line) => expect(tellShortly(1, told)).toBe(line));
});
