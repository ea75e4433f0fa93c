// Notes and checkpoints: the published note, cosignatures as C2SP writes them, and every kind of wrong note.
import { describe, expect, it } from 'vitest';
import { ed25519FromSeed, verifyEd25519 } from '../../crypto/ed25519.js';
import { fromBase64, toHex, utf8 } from '../../crypto/encoding.js';
import { formatCheckpoint, logOrigin, parseCheckpoint } from './checkpoint.js';
import {
  COSIGNATURE,
  cosignatureLine,
  formatNote,
  NOTE_SIGNATURE,
  noteSignatureLine,
  openNote,
  verifierKey,
  type NoteVerifier,
} from './signedNote.js';

// golang.org/x/mod/sumdb/note, the example of its documentation.
const peterText = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const peterLine = '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const peterSeed = toHex(fromBase64('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz').slice(1));
const peter = { name: 'PeterNeumann', ...ed25519FromSeed(peterSeed) };
const knownPeter: NoteVerifier = { name: peter.name, publicKey: peter.publicKey, type: NOTE_SIGNATURE };

const validator = { name: 'validator-0.enc-test', ...ed25519FromSeed('05'.repeat(32)) };
const knownValidator: NoteVerifier = { name: validator.name, publicKey: validator.publicKey, type: COSIGNATURE };
const head = { origin: logOrigin('enc-test'), logSize: 20852163, logRoot: '0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62' };

describe('signed notes', () => {
  it('are the published ones', () => {
    expect(verifierKey(knownPeter)).toBe('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    expect(noteSignatureLine(peterText, peter)).toBe(peterLine);
    expect(openNote(formatNote(peterText, [peterLine]), [knownPeter])).toEqual({ text: peterText, signatures: [{ verifier: knownPeter }] });
  });

  const note = formatNote(peterText, [peterLine]);
  it.each<[string, string, string]>([
    ['a changed text', note.replace('answer', 'answar'), 'BadSignature'],
    ['a changed signature', note.replace('yyBwJnAM=', 'yyBwJnAI='), 'BadSignature'],
    ['an unknown name', note.replace('— Peter', '— Paul'), 'NoKnownSignature'],
    ['an unknown key id', note.replace('x08go', 'x08gp'), 'NoKnownSignature'],
    ['no blank line', note.replace('\n\n', '\n'), 'Malformed'],
    ['no newline at its end', note.slice(0, -1), 'Malformed'],
    ['no signature', `${peterText}\n`, 'Malformed'],
    ['a hyphen for the dash', note.replace('—', '-'), 'Malformed'],
    ['a signature that is not base64', note.replace('AM=', 'AN='), 'Malformed'],
    ['a control character', note.replace('answer', 'ans\twer'), 'BadText'],
    ['nothing', '', 'Malformed'],
    ['too many signatures', peterText + '\n' + peterLine.repeat(1025), 'Malformed'],
  ])('are refused with %s', (_name, text, code) => {
    expect(() => openNote(text, [knownPeter])).toThrow(expect.objectContaining({ name: 'NoteError', code }));
  });

  it('are refused when one known signature is wrong, though another is right', () => {
    const mixed = formatNote(peterText, [peterLine, cosignatureLine('another text\n', validator, 1)]);
    expect(() => openNote(mixed, [knownPeter, knownValidator])).toThrow(/signature of validator-0.enc-test/);
    expect(openNote(mixed, [knownPeter]).signatures).toHaveLength(1);
  });

  it.each([['two words'], ['a+b'], ['']])('need a key name other than "%s"', (name) => {
    expect(() => noteSignatureLine(peterText, { ...peter, name })).toThrow(expect.objectContaining({ code: 'BadName' }));
  });
});

describe('checkpoints', () => {
  it('are three lines, read back exactly', () => {
    expect(formatCheckpoint(head)).toBe('enc.metanode.io/enc-test\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n');
    expect(parseCheckpoint(formatCheckpoint(head))).toEqual(head);
  });

  it('are cosigned with the time, each signature counted once', () => {
    const text = formatCheckpoint(head);
    const line = cosignatureLine(text, validator, 1_679_315_147);
    const bytes = fromBase64(line.split(' ')[2]!.trim());
    expect(toHex(bytes.slice(4, 12))).toBe('00000000641850cb');
    expect(verifyEd25519(validator.publicKey, utf8(`cosignature/v1\ntime 1679315147\n${text}`), bytes.slice(12))).toBe(true);
    const opened = openNote(formatNote(text, [line, noteSignatureLine(text, peter), line]), [knownValidator]);
    expect(opened).toEqual({ text, signatures: [{ verifier: knownValidator, time: 1_679_315_147 }] });
  });

  it('are refused when the time of a cosignature is changed, or its type is taken for the other', () => {
    const text = formatCheckpoint(head);
    const [first, second] = [cosignatureLine(text, validator, 1), cosignatureLine(text, validator, 2)];
    const spliced = `${first.slice(0, 44)}${second.slice(44)}`;
    expect(() => openNote(formatNote(text, [spliced]), [knownValidator])).toThrow(expect.objectContaining({ code: 'BadSignature' }));
    expect(() => openNote(formatNote(text, [first]), [{ ...knownValidator, type: NOTE_SIGNATURE }])).toThrow(
      expect.objectContaining({ code: 'NoKnownSignature' }),
    );
  });

  const text = formatCheckpoint(head);
  it.each([
    ['a leading zero', text.replace('20852163', '020852163')],
    ['a negative size', text.replace('20852163', '-1')],
    ['a size beyond exact numbers', text.replace('20852163', '9007199254740993')],
    ['a short root', text.replace('CsUY', '')],
    ['a root with stray bits', text.replace('q2I=', 'q2J=')],
    ['an extension line', `${text}more\n`],
    ['no origin', text.slice(text.indexOf('\n'))],
  ])('are refused with %s', (_name, changed) => {
    expect(() => parseCheckpoint(changed)).toThrow(expect.objectContaining({ code: 'Malformed' }));
  });
});
