// Cosigned checkpoints: who signed is counted by validator, and nothing of another log, text or key counts.
import { describe, expect, it } from 'vitest';
import { testValidators } from '../testing/testValidators.js';
import { checkpointText, logSignatureLine, openCheckpoint, validatorCosignature } from './cosignedCheckpoint.js';
import { formatNote } from './signedNote.js';

const CHAIN = 'bpci-test';
const head = { logSize: 7, logRoot: 'ab'.repeat(32) };
const { set, ed25519Keys } = testValidators(4);
const keyOf = (i: number) => ({ privateKey: ed25519Keys[i]!, publicKey: set.validators[i]!.ed25519PublicKey });
const text = checkpointText(CHAIN, head);
const line = (i: number, over: { chain?: string; text?: string; by?: number } = {}) =>
  validatorCosignature(over.chain ?? CHAIN, set.validators[i]!.address, keyOf(over.by ?? i), over.text ?? text, 1_800_000_000);

describe('openCheckpoint', () => {
  it('counts each validator once, and the log\'s own line not at all', () => {
    const note = formatNote(text, [logSignatureLine(CHAIN, text, keyOf(0)), line(2), line(0), line(2)]);
    expect(openCheckpoint(note, CHAIN, set)).toEqual({ origin: `enc.metanode.io/${CHAIN}`, ...head, cosigners: [0, 2] });
  });

  it('ignores keys that it does not know, one validator in the name of another, and cosignatures for another chain', () => {
    const note = formatNote(text, [line(1), line(0, { by: 2 }), line(3, { chain: 'other' })]);
    expect(openCheckpoint(note, CHAIN, set).cosigners).toEqual([1]);
  });

  it.each([
    ['a signature over another head', formatNote(text, [line(1), line(2, { text: checkpointText(CHAIN, { ...head, logSize: 8 }) })])],
    ['no known signature', formatNote(text, [line(1, { chain: 'other' }), line(1, { by: 2 })])],
    ['another log', formatNote(text.replace(CHAIN, 'other'), [line(1, { text: text.replace(CHAIN, 'other') })])],
    ['bytes that are no note', 'nonsense'],
  ])('refuses %s', (_, note) => {
    expect(() => openCheckpoint(note, CHAIN, set)).toThrow(expect.objectContaining({ name: 'NoteError' }));
  });
});
