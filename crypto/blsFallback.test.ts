// Where the native module does not load, the portable back end takes over and says why; any other error is not swallowed.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

beforeEach(() => vi.resetModules());
afterEach(() => vi.doUnmock('./blsBlst.js'));

it('falls back to noble and gives the reason', async () => {
  const { BlsError } = await import('./blsBackend.js');
  vi.doMock('./blsBlst.js', () => ({
    loadBlst: () => {
      throw new BlsError('NoBackend', 'the native BLS module does not load on plan9/mips: no such module');
    },
  }));
  const { bls, blsBackend, blsFallbackReason } = await import('./bls.js');
  expect(bls.name).toBe('noble');
  expect(blsFallbackReason).toMatch(/plan9/);
  expect(blsBackend('noble')).toBe(bls);
  expect(() => blsBackend('blst')).toThrow(expect.objectContaining({ code: 'NoBackend' }));
});

it('does not hide other errors', async () => {
  vi.doMock('./blsBlst.js', () => ({
    loadBlst: () => {
      throw new TypeError('a bug');
    },
  }));
  await expect(import('./bls.js')).rejects.toThrow(/a bug/);
});
