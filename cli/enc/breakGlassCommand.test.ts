import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { PolicyException } from '../../api/index.js';
import { exceptionSignatureErrors } from '../../chain/client/exceptionSignatures.js';
import { writeKeyFile } from '../../chain/client/keyFile.js';
import { generateEd25519 } from '../../crypto/ed25519.js';
import { addBreakGlassCommand } from './breakGlassCommand.js';
import { addExceptionCommand } from './exceptionCommand.js';
import { runEnc } from './testing/runEnc.js';
import { temporaryFolder } from './testing/temporaryFolder.js';

const NOW = Date.parse('2026-11-25T03:00:00Z');
const run = (...flags: string[]) => runEnc((program, print) => addBreakGlassCommand(program, print, () => NOW), ['break-glass', ...flags]);
const asked = ['--cluster', 'eu-cluster', '-n', 'payments', '--minutes', '60', '--reason', 'The EU region is down, payments stand still.'];

describe('kubectl enc break-glass', () => {
  it('writes an exception that its approvers can sign as any other', async () => {
    const { text, exitCode } = await run(...asked, '--workload', 'shop');
    expect(exitCode).toBe(0);
    expect(parse(text)).toMatchObject({
      kind: 'PolicyException',
      metadata: { name: 'break-glass-20261125t030000' },
      spec: { breakGlass: { cluster: 'eu-cluster' }, targets: [], scope: { namespaces: ['payments'], workloads: ['shop'] }, expiresAt: '2026-11-25T04:00:00.000Z' },
    });
    const folder = temporaryFolder({ 'glass.yaml': text });
    const pair = generateEd25519();
    writeKeyFile(path.join(folder, 'alice'), pair);
    const signed = await runEnc(addExceptionCommand, ['exception', 'sign', path.join(folder, 'glass.yaml'), '--key', path.join(folder, 'alice')]);
    const { metadata, spec } = parse(signed.text) as PolicyException;
    expect(spec.approvals.map(({ publicKey }) => publicKey)).toEqual([pair.publicKey]);
    expect(exceptionSignatureErrors(metadata.name, spec)).toEqual([]);
    // The signature is under what makes it a break-glass, too.
    expect(exceptionSignatureErrors(metadata.name, { ...spec, breakGlass: { cluster: 'us-cluster' } })).toHaveLength(1);
  });

  it.each([
    ['no reason worth the name', [...asked.slice(0, -1), 'so'], /spec\.reason/],
    ['no whole minutes', [...asked, '--minutes', '1.5'], /whole minutes/],
    ['a name that is none', [...asked, '--name', 'Not A Name'], /lower-case letters/],
    ['a namespace that is none', [...asked, '-n', 'No Namespace'], /spec\.scope\.namespaces/],
  ])('refuses %s with exit code 2', async (_what, flags, says) => {
    expect(await run(...flags)).toMatchObject({ exitCode: 2, text: expect.stringMatching(says) as string });
  });
});
