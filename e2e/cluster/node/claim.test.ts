import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localLayout } from '../local/layout.js';
import { Programs } from '../processes/programs.js';
import { claimRealNode, ownsRealNode, releaseRealNode } from './claim.js';

let folder: string;
let file: string;
const stateDir = (name: string) => path.join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'enc-claim-'));
  file = path.join(folder, 'claim');
  for (const name of ['a', 'b']) mkdirSync(stateDir(name));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the claim on the real node', () => {
  it('is one cluster’s at a time, and can be repeated by it', () => {
    expect(claimRealNode(stateDir('a'), file)).toBeUndefined();
    expect(claimRealNode(stateDir('a'), file)).toBeUndefined();
    expect([ownsRealNode(stateDir('a'), file), ownsRealNode(stateDir('b'), file)]).toEqual([true, false]);
  });
  it('is not taken from a cluster whose node lives', async () => {
    claimRealNode(stateDir('a'), file);
    const { pids, logs } = localLayout(stateDir('a'));
    const programs = new Programs(pids, logs);
    programs.start({ name: 'kubelet', command: '/bin/sleep', arguments: ['60'] });
    try {
      expect(() => claimRealNode(stateDir('b'), file)).toThrow(/the local cluster in .*\/a has this machine's real node/);
    } finally {
      await programs.stop('kubelet');
    }
  });
  it('passes from a dead cluster, whose folder is named for cleaning', () => {
    claimRealNode(stateDir('a'), file);
    expect(claimRealNode(stateDir('b'), file)).toBe(stateDir('a'));
    expect(ownsRealNode(stateDir('b'), file)).toBe(true);
  });
  it('is released by its owner alone', () => {
    claimRealNode(stateDir('a'), file);
    releaseRealNode(stateDir('b'), file);
    expect(ownsRealNode(stateDir('a'), file)).toBe(true);
    releaseRealNode(stateDir('a'), file);
    expect(ownsRealNode(stateDir('a'), file)).toBe(false);
  });
});
