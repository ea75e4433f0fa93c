// Proofs from signed transactions and forked logs: what is taken, what it costs, and every proof that is none.
import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../../crypto/encoding.js';
import { sha256 } from '../../../crypto/hash.js';
import { forgedQuote, type TpmQuote } from '../../../crypto/tpmQuote.js';
import { checkpointText, validatorCosignature } from '../../../receipts/log/cosignedCheckpoint.js';
import { formatNote } from '../../../receipts/log/signedNote.js';
import type { SlashRecord } from '../../economyTypes.js';
import type { ProofRecord } from '../../evidenceTypes.js';
import type { SignedTransaction, TransactionResult } from '../../types.js';
import { testCertificate, testHeader } from '../../../receipts/testing/testValidators.js';
import { FLOOD } from '../../consensus/contradict.js';
import type { Signed } from '../../consensus/types.js';
import { GovernedChain } from '../testing/governedChain.js';
import { floodOf, signedBy } from '../testing/testEvidence.js';
import { nodeCommit } from '../testing/samplePayloads.js';
import { BPI, keyOf, validators } from '../testing/testGenesis.js';
import { transactionId } from '../transaction.js';
import { proofKey } from './proofOperations.js';

let chain: GovernedChain;
beforeEach(() => {
  chain = new GovernedChain();
});
const penaltyOf = ({ details }: TransactionResult) => chain.record<SlashRecord>(`slash/${(details as ProofRecord).slash}`)!;

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { x, y } = publicKey.export({ format: 'jwk' });
/** Of PCR 0 alone; `digest` as the TPM attests it. */
function quote({ pcr = '11'.repeat(32), digest = sha256(Buffer.from(pcr, 'hex')), signed = true } = {}): TpmQuote {
  const attested = Buffer.concat([Buffer.from('ff54434780180000' + '0004deadbeef' + '00'.repeat(25) + '00000001' + '000b' + '03010000' + '0020', 'hex'), digest]);
  const signature = signWith('sha256', signed ? attested : Buffer.from('another'), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return { attested: toHex(attested), signature: toHex(signature), key: [x!, y!].map((part) => Buffer.from(part, 'base64url').toString('hex')).join(''), pcrs: { 0: pcr } };
}

describe('a quote', () => {
  it.each<[what: string, quote: TpmQuote, forged: string | undefined]>([
    ['as a TPM makes it', quote(), undefined],
    ['of other PCR values', quote({ digest: sha256(Buffer.from('other')) }), 'OtherPcrs'],
    ['signed over something else', quote({ signed: false }), 'NotByThisKey'],
    ['that is none proves nothing', { ...quote(), attested: '00' }, undefined],
  ])('%s', (_what, given, forged) => expect(forgedQuote(given)).toBe(forged));
});

describe('a signed transaction', () => {
  const prove = (raw: string, by = 'visitor') => chain.run(by, 'evidence.transaction', { raw });
  const falseVerdict = () => {
    const { facts, verdict } = chain.verdict(chain.facts('a'));
    return chain.sign('webhook', 'admission.verdict', { facts, verdict: { ...verdict, decision: 'refuse', light: 'Red', message: 'because' } });
  };

  it('with a verdict that replay contradicts is receipt tampering: 25 % (4.3), once', () => {
    const raw = falseVerdict();
    const result = prove(raw);
    expect(result).toMatchObject({ outcome: 'applied', code: 'EvidenceRecorded' });
    expect(penaltyOf(result)).toMatchObject({ account: keyOf('webhook').publicKey, offence: 'receiptTampering', percent: 25, state: 'Held' });
    expect(prove(raw, 'bank')).toMatchObject({ outcome: 'refused', code: 'Exists' });
    const id = transactionId((JSON.parse(raw) as SignedTransaction).body);
    expect(chain.record<ProofRecord>(proofKey(id))).toMatchObject({ subject: `account/${keyOf('webhook').publicKey}`, what: 'the verdict says refuse (Red), replay gives allow (Green)' });
  });

  it('with a forged attestation is resource fraud: 10 % (4.3), of the node where it is the sender’s', () => {
    const commit = (name: string, proof: TpmQuote) => chain.sign('node-operator', 'node.commit', { ...nodeCommit(name), attestationProof: proof });
    const own = prove(commit('eu-1', quote({ signed: false })));
    expect(penaltyOf(own)).toMatchObject({ subject: 'node/eu-1', offence: 'resourceFraud', percent: 10, account: keyOf('node-operator').publicKey });
    const other = prove(commit('nobodys', quote({ digest: sha256(Buffer.from('other')) })));
    expect(penaltyOf(other)).toMatchObject({ subject: `account/${keyOf('node-operator').publicKey}` });
    expect(prove(commit('eu-1', quote()))).toMatchObject({ code: 'NotConflicting' });
  });

  it.each<[what: string, make: () => string, code: string]>([
    ['a good verdict', () => chain.sign('webhook', 'admission.verdict', chain.verdict(chain.facts('a'))), 'NotConflicting'],
    ['a good verdict in other words', () => chain.sign('webhook', 'admission.verdict', { facts: chain.facts('a'), verdict: { ...chain.verdict(chain.facts('a')).verdict, message: 'as you like' } }), 'NotConflicting'],
    ['what says nothing', () => chain.sign('bank', 'stake.unbond', { amount: 1 }), 'NotConflicting'],
    ['a signature that is not by its sender', () => falseVerdict().replace(/"signature":"../, '"signature":"00'), 'BadEvidence'],
    ['a verdict by a policy set that never was', () => chain.sign('webhook', 'admission.verdict', { facts: chain.facts('a'), verdict: { ...chain.verdict(chain.facts('a')).verdict, policyHeight: 900 } }), 'UnknownPolicyHeight'],
    ['a transaction of another chain', () => chain.sign('webhook', 'stake.unbond', { amount: 1 }).replace('enc-test', 'enc-tesu'), 'BadEvidence'],
    ['no transaction', () => '{}', 'BadEvidence'],
  ])('%s is no evidence', (_what, make, code) => expect(prove(make())).toMatchObject({ outcome: 'refused', code }));
});

describe('a forked log', () => {
  const { set, ed25519Keys } = validators;
  const note = (root: string, { size = 7, by = [2], chainId = 'enc-test' } = {}) => {
    const text = checkpointText(chainId, { logSize: size, logRoot: root.repeat(32) });
    const line = (i: number) => validatorCosignature(chainId, set.validators[i]!.address, { privateKey: ed25519Keys[i]!, publicKey: set.validators[i]!.ed25519PublicKey }, text, 1_800_000_000);
    return formatNote(text, by.map(line));
  };
  const validator = set.validators[2]!.ed25519PublicKey;
  const prove = (first: string, second: string, changes: object = {}) => chain.run('visitor', 'evidence.log', { validator, height: 1, first, second, ...changes });

  it('is receipt tampering by whoever cosigned both heads: 25 % (4.3), once, and a breach that removes', () => {
    const result = prove(note('aa'), note('bb'));
    expect(result).toMatchObject({ outcome: 'applied', code: 'EvidenceRecorded' });
    expect(penaltyOf(result)).toMatchObject({ account: validator, subject: `validator/${validator}`, percent: 25, amount: 250 * BPI });
    expect(chain.pass(1_000).map(({ operationType }) => operationType)).toContain('case.open');
    expect(prove(note('bb'), note('aa'))).toMatchObject({ code: 'Exists' });
  });

  it.each<[what: string, first: string, second: string, changes: object, code: string]>([
    ['one head twice', note('aa'), note('aa'), {}, 'NotConflicting'],
    ['heads of two sizes', note('aa'), note('bb', { size: 8 }), {}, 'NotConflicting'],
    ['a head that others cosigned', note('aa'), note('bb', { by: [1] }), {}, 'BadEvidenceSignature'],
    ['the log of another chain', note('aa'), note('bb', { chainId: 'other' }), {}, 'BadEvidence'],
    ['no note', note('aa'), 'nonsense', {}, 'BadEvidence'],
    ['a validator of no set', note('aa'), note('bb'), { validator: '0'.repeat(64) }, 'UnknownValidator'],
    ['the future', note('aa'), note('bb'), { height: 10_000 }, 'StaleEvidence'],
  ])('%s is none', (_what, first, second, changes, code) => expect(prove(first, second, changes)).toMatchObject({ outcome: 'refused', code }));
});

describe('a cosigned head of the log that is not the certified one', () => {
  const { set, ed25519Keys } = validators;
  const note = (root: string, { size = 7, by = [2] } = {}) => {
    const text = checkpointText('enc-test', { logSize: size, logRoot: root.repeat(32) });
    const line = (i: number) => validatorCosignature('enc-test', set.validators[i]!.address, { privateKey: ed25519Keys[i]!, publicKey: set.validators[i]!.ed25519PublicKey }, text, 1_800_000_000);
    return formatNote(text, by.map(line));
  };
  const header = testHeader(set, { height: 1, logSize: 7, logRoot: 'aa'.repeat(32) });
  const certificate = testCertificate(validators, header, [0, 1, 3]);
  const validator = set.validators[2]!.ed25519PublicKey;
  const prove = (given: string, changes: object = {}) => chain.run('visitor', 'evidence.checkpoint', { validator, note: given, header, certificate, ...changes });
  beforeEach(() => void chain.pass(1_000));

  it('is receipt tampering: 25 % (4.3), once, whichever way it is proved', () => {
    const result = prove(note('bb'));
    expect(result).toMatchObject({ outcome: 'applied', code: 'EvidenceRecorded' });
    expect(penaltyOf(result)).toMatchObject({ account: validator, offence: 'receiptTampering', percent: 25, amount: 250 * BPI });
    expect(chain.pass(1_000).map(({ operationType }) => operationType)).toContain('case.open');
    expect(chain.run('visitor', 'evidence.log', { validator, height: 1, first: note('bb'), second: note('cc') })).toMatchObject({ code: 'Exists' });
  });

  it.each<[what: string, note: string, changes: object, code: string]>([
    ['the certified head', note('aa'), {}, 'NotConflicting'],
    ['a head of another size', note('bb', { size: 8 }), {}, 'NotConflicting'],
    ['a head that others cosigned', note('bb', { by: [1] }), {}, 'BadEvidenceSignature'],
    ['a header that nobody certified', note('bb'), { header: { ...header, logRoot: 'dd'.repeat(32) } }, 'BadCertificate'],
    ['a header of the future', note('bb'), { header: { ...header, height: 10_000 } }, 'StaleEvidence'],
    ['a header of another chain', note('bb'), { header: { ...header, chainId: 'other' } }, 'BadCertificate'],
    ['a validator of no set', note('bb'), { validator: '0'.repeat(64) }, 'UnknownValidator'],
    ['no note', 'nonsense', {}, 'BadEvidence'],
  ])('%s is no evidence', (_what, given, changes, code) => expect(prove(given, changes)).toMatchObject({ outcome: 'refused', code }));
});

describe('a flood of contradicting messages', () => {
  const attacker = validators.set.validators[2]!.ed25519PublicKey;
  const prove = (messages: Signed[]) => chain.run('visitor', 'evidence.flood', { messages });

  it('is a network attack: 50 % (4.3), once for each height, beside the 5 % for its first two, and a breach that removes', () => {
    const result = prove(floodOf(2, FLOOD));
    expect(result).toMatchObject({ outcome: 'applied', code: 'EvidenceRecorded' });
    expect(penaltyOf(result)).toMatchObject({ account: attacker, subject: `validator/${attacker}`, offence: 'networkAttack', percent: 50, amount: 500 * BPI });
    expect(chain.pass(1_000).map(({ operationType }) => operationType)).toContain('case.open');
    const [first, second] = floodOf(2, 2) as [Signed, Signed];
    expect(chain.run('visitor', 'evidence.report', { first, second })).toMatchObject({ code: 'EvidenceRecorded' });
    expect(prove(floodOf(2, FLOOD).toReversed())).toMatchObject({ code: 'Exists' });
    expect(chain.record(`removed/validator/${attacker}`)).toBeDefined();
  });

  const but = (index: number, other: Signed) => floodOf(2, FLOOD).with(index, other);
  const vote = { type: 'prepare' as const, height: 1, round: 0, digest: 'ab'.repeat(32) };
  it.each<[what: string, messages: () => Signed[], code: string]>([
    ['one message twice', () => but(15, floodOf(2, 1)[0]!), 'NotConflicting'],
    ['messages of two rounds', () => but(3, signedBy(2, { ...vote, round: 1 })), 'NotConflicting'],
    ['messages of two heights', () => but(3, signedBy(2, { ...vote, height: 2 })), 'NotConflicting'],
    ['messages of two kinds', () => but(3, signedBy(2, { ...vote, type: 'proposal' })), 'NotConflicting'],
    ['messages of two validators', () => but(3, signedBy(1, vote)), 'NotConflicting'],
    ['commits for one block with many seals', () => floodOf(2, FLOOD, 1, (i) => ({ type: 'commit', digest: vote.digest, seal: i.toString(16).padStart(192, '0') })), 'NotConflicting'],
    ['a message that another signed in its name', () => but(9, signedBy(2, vote, { key: validators.ed25519Keys[1]! })), 'BadEvidenceSignature'],
    ['messages of another chain', () => but(9, signedBy(2, vote, { chainId: 'other' })), 'BadEvidenceSignature'],
    ['a height that is not final', () => floodOf(2, FLOOD, 10_000), 'StaleEvidence'],
    ['a validator of no set', () => floodOf(2, FLOOD).map((one) => ({ ...one, from: 9 })), 'UnknownValidator'],
  ])('%s is none', (_what, messages, code) => expect(prove(messages())).toMatchObject({ outcome: 'refused', code }));

  it.each([FLOOD - 1, FLOOD + 1])('%i messages are not what a proof has', (count) => expect(() => prove(floodOf(2, count))).toThrow());
});
