// How much the fuzzing tests try: a fixed number each in the test run, as much as fits FUZZ_SECONDS in `make fuzz`; and changed bytes to try.
import fc from 'fast-check';

// eslint-disable-next-line no-restricted-properties -- vitest has no other way to hand a test a value
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 0);

/** Milliseconds for vitest. */
export const FUZZ_TIMEOUT_MS = (seconds + 30) * 1_000;

export function fuzzing(runs: number): fc.Parameters<unknown> {
  return seconds > 0 ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * 1_000 } : { numRuns: runs };
}

/** One of the samples with some bytes exchanged, left out, repeated or put in. */
export function damaged(samples: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  const edit = fc.record({ kind: fc.constantFrom('set', 'cut', 'repeat', 'insert'), at: fc.nat(), length: fc.nat(64), bytes: fc.uint8Array({ maxLength: 8 }) });
  return fc.tuple(fc.constantFrom(...samples), fc.array(edit, { maxLength: 5 })).map(([sample, edits]) =>
    edits.reduce((bytes, { kind, at, length, bytes: put }) => {
      const from = at % (bytes.length + 1);
      const [head, middle, tail] = [bytes.subarray(0, from), bytes.subarray(from, from + length), bytes.subarray(from + length)];
      if (kind === 'cut') return Buffer.concat([head, tail]);
      if (kind === 'repeat') return Buffer.concat([head, middle, middle, tail]);
      if (kind === 'insert') return Buffer.concat([head, put, middle, tail]);
      return Buffer.concat([head, put, bytes.subarray(Math.min(bytes.length, from + put.length))]);
    }, Buffer.from(sample)),
  );
}
