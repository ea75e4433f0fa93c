import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { testBundles, testFacts } from '../../receipts/testing/testReceipts.js';
import { testValidators } from '../../receipts/testing/testValidators.js';
import { runEnc } from './testing/runEnc.js';
import { temporaryFolder } from './testing/temporaryFolder.js';
import { addVerifyCommand } from './verifyCommand.js';

const validators = testValidators(4);
const [bundle, other] = testBundles(validators, [testFacts(0), testFacts(1)]);
const id = testFacts(0).receiptId;
const receipt = vi.fn(() => Promise.resolve(bundle!));
vi.mock('./withChain.js', () => ({ withChain: (_flags: unknown, use: (chain: unknown) => unknown) => use({ client: { receipt } }) }));

const genesis = { chainId: 'enc-test', validatorSet: validators.set };
const files = {
  'receipt.json': bundle,
  'changed.json': JSON.stringify(bundle).replace(bundle!.envelope.payload.slice(200, 204), 'AAAA'),
  'genesis.json': genesis,
  'set.json': validators.set,
  'strangers.json': { chainId: 'enc-test', validatorSet: testValidators(4, 67, 2).set },
  'elsewhere.json': { ...genesis, chainId: 'enc-elsewhere' },
  'unproved.json': { ...genesis, validatorSet: { ...validators.set, validators: validators.set.validators.map((validator) => ({ ...validator, blsProofOfPossession: validators.set.validators[0]!.blsProofOfPossession })) } },
  'text.json': 'hello',
};
const verify = async (...arguments_: string[]) => {
  const folder = temporaryFolder(files);
  return runEnc(addVerifyCommand, ['verify', ...arguments_.map((argument) => (argument.endsWith('.json') ? path.join(folder, argument) : argument))]);
};

describe('kubectl enc verify', () => {
  it('says line by line what was checked, and who signed', async () => {
    const { exitCode, text } = await verify('--offline', 'receipt.json', '--genesis', 'genesis.json');
    expect(exitCode).toBe(0);
    const lines = text.split('\n');
    expect(lines.slice(0, 6)).toEqual([
      expect.stringMatching(`^ok  statement .*${id}$`),
      expect.stringMatching(/^ok {2}signature .*validator-0 \(Ed25519/),
      expect.stringMatching(/^ok {2}log inclusion {2}entry 20 of 22: \d+ hashes/),
      expect.stringMatching(/^ok {2}header .*block 7 of chain enc-test/),
      expect.stringMatching(/^ok {2}certificate .*3 of 4 \(3 needed\): validator-0, validator-1, validator-2$/),
      `verified: receipt ${id}`,
    ]);
    expect(text).toMatch(/outcome +refused \(RegionForbidden\)/);
  });

  it('takes a validator set alone, and then says that the chain was not demanded', async () => {
    const { exitCode, text } = await verify('--offline', 'receipt.json', '--validator-set', 'set.json');
    expect([exitCode, text]).toEqual([0, expect.stringMatching(/as the receipt says; give --chain-id/)]);
    expect((await verify('--offline', 'receipt.json', '--validator-set', 'set.json', '--chain-id', 'enc-test')).text).not.toMatch(/give --chain-id/);
  });

  it('prints JSON', async () => {
    const { text } = await verify('--offline', 'receipt.json', '--genesis', 'genesis.json', '-o', 'json');
    expect(JSON.parse(text)).toMatchObject({ verified: true, signers: ['validator-0', 'validator-1', 'validator-2'], predicate: { receiptId: id } });
  });

  it('asks the validators for a receipt by its id, and refuses another one', async () => {
    expect(await verify(id, '--genesis', 'genesis.json')).toMatchObject({ exitCode: 0, text: expect.stringMatching(`verified: receipt ${id}`) as string });
    receipt.mockResolvedValueOnce(other!);
    expect(await verify(id, '--genesis', 'genesis.json')).toMatchObject({ exitCode: 1, text: expect.stringMatching(/WrongReceipt/) as string });
  });

  it.each<[string, number, RegExp, string[]]>([
    ['a changed byte', 1, /^not verified: /, ['--offline', 'changed.json', '--genesis', 'genesis.json']],
    ['validators that are not trusted', 1, /not verified: .*the trusted set is/, ['--offline', 'receipt.json', '--genesis', 'strangers.json']],
    ['another chain', 1, /not verified: .*expected "enc-elsewhere"/, ['--offline', 'receipt.json', '--genesis', 'elsewhere.json']],
    ['another chain by flag', 1, /expected "x"/, ['--offline', 'receipt.json', '--validator-set', 'set.json', '--chain-id', 'x']],
    ['a receipt that is no JSON', 1, /not verified: .*cannot be read/, ['--offline', 'text.json', '--genesis', 'genesis.json']],
    ['a set without proofs of possession', 2, /--genesis: the validator set cannot be trusted/, ['--offline', 'receipt.json', '--genesis', 'unproved.json']],
    ['both sources of trust', 2, /--genesis and --validator-set were both given/, ['--offline', 'receipt.json', '--genesis', 'genesis.json', '--validator-set', 'set.json']],
    ['a file that is not there', 2, /--offline .*none.json: there is no such file/, ['--offline', 'none.json', '--genesis', 'genesis.json']],
    ['nothing to verify', 2, /name a receipt id, or a saved receipt with --offline/, ['--genesis', 'genesis.json']],
    ['a bad id', 2, /verify 12: expected a receipt id of 64/, ['12']],
    ['an unknown flag', 2, /unknown option '--nope'/, ['--nope']],
    ['an unknown format', 2, /Expected text or json/, [id, '-o', 'xml']],
  ])('refuses %s with exit code %i', async (_name, exitCode, message, arguments_) => {
    const run = await verify(...arguments_);
    expect(run).toEqual({ exitCode, text: expect.stringMatching(message) as string });
    expect(run.text).not.toContain('\n');
  });
});
