import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Agreement } from '../../api/index.js';
import { sample } from '../../api/testing/samples.js';
import { verifyAgreementSignatures } from '../../chain/client/agreementSignatures.js';
import { addAgreementCommand } from './agreementCommand.js';
import { runEnc } from './testing/runEnc.js';
import { temporaryFolder } from './testing/temporaryFolder.js';

const run = (...arguments_: string[]) => runEnc(addAgreementCommand, ['agreement', ...arguments_]);

async function keyIn(folder: string, name: string): Promise<{ file: string; publicKey: string }> {
  const file = path.join(folder, `${name}.key`);
  const { text } = await run('keygen', name, '--out', file);
  return { file, publicKey: /publicKey: ([0-9a-f]{64})/.exec(text)![1]! };
}

async function prepared() {
  const folder = temporaryFolder();
  const bank = await keyIn(folder, 'bank');
  const processor = await keyIn(folder, 'processor');
  const agreement = sample('Agreement');
  agreement.spec.parties[0]!.publicKey = bank.publicKey;
  agreement.spec.parties[1]!.publicKey = processor.publicKey;
  agreement.spec.signatures = [];
  const files = temporaryFolder({ 'agreement.yaml': `# kept comment\n${stringify(agreement)}`, 'workload.yaml': stringify(sample('Workload')), 'broken.yaml': 'a: [', 'bad.yaml': stringify({ ...agreement, spec: { ...agreement.spec, version: 'one' } }) });
  return { folder, bank, processor, file: (name: string) => path.join(files, name) };
}

describe('kubectl enc agreement', () => {
  it('makes a key that only its owner may read, and never writes over one', async () => {
    const folder = temporaryFolder();
    const { file } = await keyIn(folder, 'bank');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await run('keygen', 'bank', '--out', file)).toMatchObject({ exitCode: 2, text: expect.stringMatching(/cannot be written: EEXIST/) as string });
  });

  it('has both parties sign in turn, keeps the file\'s comments, and says who is missing', async () => {
    const { bank, processor, file, folder } = await prepared();
    const [once, twice] = [path.join(folder, '1.yaml'), path.join(folder, '2.yaml')];
    expect((await run('sign', file('agreement.yaml'), '--party', 'bank', '--key', bank.file, '-o', once)).text).toMatch(/still to sign: processor$/);
    expect((await run('sign', once, '--party', 'processor', '--key', processor.file, '-o', twice)).text).toMatch(/all parties have signed/);
    const text = readFileSync(twice, 'utf8');
    expect(text).toMatch(/^# kept comment/);
    expect(verifyAgreementSignatures((parse(text) as Agreement).spec)).toEqual({ errors: [], missing: [] });
  });

  it('prints the signed agreement where no output file is named', async () => {
    const { bank, file } = await prepared();
    const { text } = await run('sign', file('agreement.yaml'), '--party', 'bank', '--key', bank.file);
    expect((parse(text) as Agreement).spec.signatures).toEqual([{ party: 'bank', signature: expect.stringMatching(/^[0-9a-f]{128}$/) as string }]);
  });

  it.each<[string, (names: Awaited<ReturnType<typeof prepared>>) => string[], RegExp]>([
    ['a stranger', ({ file, bank }) => [file('agreement.yaml'), '--party', 'auditor', '--key', bank.file], /--party auditor: is no party .*; its parties are bank, processor/],
    ['another party\'s key', ({ file, bank }) => [file('agreement.yaml'), '--party', 'processor', '--key', bank.file], /--key .*bank.key: its publicKey [0-9a-f]{64} is not processor's/],
    ['a missing key file', ({ file }) => [file('agreement.yaml'), '--party', 'bank', '--key', '/nowhere.key'], /key file \/nowhere.key cannot be read/],
    ['another kind', ({ file, bank }) => [file('workload.yaml'), '--party', 'bank', '--key', bank.file], /kind is "Workload", expected an Agreement/],
    ['broken YAML', ({ file, bank }) => [file('broken.yaml'), '--party', 'bank', '--key', bank.file], /is neither YAML nor JSON/],
    ['a bad field', ({ file, bank }) => [file('bad.yaml'), '--party', 'bank', '--key', bank.file], /spec.version: "one"/],
    ['no such file', ({ bank }) => ['none.yaml', '--party', 'bank', '--key', bank.file], /none.yaml: there is no such file/],
    ['an unwritable output', ({ file, bank }) => [file('agreement.yaml'), '--party', 'bank', '--key', bank.file, '-o', '/nowhere/x'], /--output \/nowhere\/x: cannot be written/],
    ['no key', ({ file }) => [file('agreement.yaml'), '--party', 'bank'], /required option '--key <file>' not specified/],
  ])('refuses %s with exit code 2 and one line', async (_name, arguments_, message) => {
    const result = await run('sign', ...arguments_(await prepared()));
    expect(result).toEqual({ exitCode: 2, text: expect.stringMatching(message) as string });
    expect(result.text).not.toContain('\n');
  });
});
