import path from 'node:path';
import { expect, describe, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { PolicyException } from '../../api/index.js';
import { sample } from '../../api/testing/samples.js';
import { exceptionSignatureErrors } from '../../chain/client/exceptionSignatures.js';
import { writeKeyFile } from '../../chain/client/keyFile.js';
import { generateEd25519 } from '../../crypto/ed25519.js';
import { addExceptionCommand } from './exceptionCommand.js';
import { runEnc } from './testing/runEnc.js';
import { temporaryFolder } from './testing/temporaryFolder.js';

const sign = (...flags: string[]) => runEnc(addExceptionCommand, ['exception', 'sign', ...flags]);
function prepared() {
  const exception = sample('PolicyException');
  const folder = temporaryFolder({ 'exception.yaml': `# kept comment\n${stringify(exception)}`, 'rule.yaml': stringify(sample('TrafficRule')), 'bad.yaml': stringify({ ...exception, spec: { ...exception.spec, reason: 'so' } }), 'half.yaml': 'a: [' });
  const keys = ['dpo', 'ciso'].map((name) => {
    const pair = generateEd25519();
    writeKeyFile(path.join(folder, name), pair);
    return pair;
  });
  return { folder, keys, at: (name: string) => path.join(folder, name) };
}

describe('kubectl enc exception sign', () => {
  it('adds one signature after another, each good, and keeps the file\'s comments', async () => {
    const { at, keys } = prepared();
    expect((await sign(at('exception.yaml'), '--key', at('dpo'), '-o', at('1.yaml'))).text).toMatch(/signed PolicyException sample-policyexception, hash [0-9a-f]{64}, until 2030/);
    const { text } = await sign(at('1.yaml'), '--key', at('ciso'));
    const { metadata, spec } = parse(text) as PolicyException;
    expect(text).toMatch(/^# kept comment/);
    expect(spec.approvals.map(({ publicKey }) => publicKey)).toEqual(keys.map(({ publicKey }) => publicKey));
    expect(exceptionSignatureErrors(metadata.name, spec)).toEqual([]);
    expect(exceptionSignatureErrors(metadata.name, { ...spec, scope: { namespaces: ['other'] } })).toHaveLength(2);
  });

  it.each([
    ['another kind', 'rule.yaml', /kind is "TrafficRule", expected a PolicyException/],
    ['a bad field', 'bad.yaml', /spec\.reason/],
    ['half a document', 'half.yaml', /is neither YAML nor JSON/],
    ['no file', 'nowhere.yaml', /there is no such file/],
  ])('refuses %s with exit code 2', async (_name, file, says) => {
    const { at } = prepared();
    expect(await sign(at(file), '--key', at('dpo'))).toMatchObject({ exitCode: 2, text: expect.stringMatching(says) as string });
  });
});
