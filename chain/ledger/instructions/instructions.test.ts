// Instructions: carried by anybody, done for their signer, once each and in the order they were signed in.
import { beforeEach, describe, expect, it } from 'vitest';
import { signInstruction, instructionId } from '../../client/instructions.js';
import type { Instruction, InstructionType, SignedInstruction } from '../../instructionTypes.js';
import { DAY, GovernedChain, VALIDATOR_KEYS } from '../testing/governedChain.js';
import { BPI, keyOf } from '../testing/testGenesis.js';

let chain: GovernedChain;
beforeEach(() => {
  chain = new GovernedChain();
});
const carry = (instruction: SignedInstruction, by = 'operator') => chain.run(by, 'instruction.carry', instruction);
function sign<T extends InstructionType>(type: T, payload: Instruction<T>['payload'], key: { publicKey: string; privateKey: string }, serial: number) {
  return signInstruction(chain.genesis.chainId, { type, payload, serial }, key);
}
const proposal = (serial = 1, title = 'double the receipt fee') =>
  sign('proposal.submit', { title, reason: '', content: { kind: 'EconomicParameter', changes: { receiptFee: 2 }, height: 1 } }, keyOf('bank'), serial);
const idOf = (instruction: SignedInstruction) => instructionId(chain.genesis.chainId, instruction as Instruction);

describe('a proposal and its votes', () => {
  it('are done as if their signers had sent them: the deposit is the proposer’s, the receipt’s fee the carrier’s', () => {
    const before = chain.account('bank').balance;
    expect(carry(proposal())).toMatchObject({ outcome: 'applied', code: 'Proposed' });
    const id = idOf(proposal());
    expect(chain.proposal(id)).toMatchObject({ proposer: keyOf('bank').publicKey, state: 'Voting' });
    expect(chain.account('bank').balance).toBe(before - 10 * BPI);
    for (const key of VALIDATOR_KEYS.slice(0, 3)) expect(carry(sign('proposal.vote', { proposal: id, approve: true }, key, 1))).toMatchObject({ code: 'Voted' });
    chain.pass(7 * DAY);
    expect(chain.proposal(id)).toMatchObject({ state: 'Passed', tally: { approve: 3 } });
  });

  it('cannot be carried again, nor an earlier vote after a later one', () => {
    carry(proposal());
    const id = idOf(proposal());
    expect(carry(proposal())).toMatchObject({ outcome: 'refused', code: 'Stale' });
    const [key] = VALIDATOR_KEYS;
    const [yes, no] = [sign('proposal.vote', { proposal: id, approve: true }, key!, 1), sign('proposal.vote', { proposal: id, approve: false }, key!, 2)];
    expect(carry(yes)).toMatchObject({ code: 'Voted' });
    expect(carry(no, 'webhook')).toMatchObject({ code: 'Voted' });
    expect(carry(yes)).toMatchObject({ code: 'Stale' });
    expect(chain.proposal(id).votes).toEqual({ [key!.publicKey]: false });
  });

  it('are two when they were signed twice', () => {
    carry(proposal(1));
    expect(carry(proposal(2))).toMatchObject({ code: 'Proposed' });
    expect(idOf(proposal(1))).not.toBe(idOf(proposal(2)));
  });

  it.each<[what: string, make: () => SignedInstruction, code: string]>([
    ['a changed payload', () => ({ ...proposal(), payload: { ...(proposal().payload as Instruction<'proposal.submit'>['payload']), title: 'other' } }) as SignedInstruction, 'BadInstruction'],
    ['another signer', () => ({ ...proposal(), signer: keyOf('processor').publicKey }), 'BadInstruction'],
    ['another serial', () => ({ ...proposal(), serial: 9 }), 'BadInstruction'],
    ['a signature for another chain', () => signInstruction('other', { type: 'proposal.vote', payload: { proposal: '0'.repeat(64), approve: true }, serial: 1 }, VALIDATOR_KEYS[0]!), 'BadInstruction'],
    ['a signer without an account', () => sign('proposal.vote', { proposal: '0'.repeat(64), approve: true }, keyOf('stranger'), 1), 'UnknownAccount'],
    ['a vote by one who is no validator', () => sign('proposal.vote', { proposal: idOf(proposal()), approve: true }, keyOf('bank'), 2), 'NotPermitted'],
    ['a vote on nothing', () => sign('proposal.vote', { proposal: '0'.repeat(64), approve: true }, VALIDATOR_KEYS[0]!, 1), 'UnknownProposal'],
  ])('refuses %s', (_what, make, code) => {
    carry(proposal());
    expect(carry(make())).toMatchObject({ outcome: 'refused', code });
  });

  it('a refused one leaves its serial free', () => {
    const vote = sign('proposal.vote', { proposal: idOf(proposal()), approve: true }, VALIDATOR_KEYS[0]!, 1);
    expect(carry(vote)).toMatchObject({ outcome: 'refused', code: 'UnknownProposal' });
    carry(proposal());
    expect(carry(vote)).toMatchObject({ code: 'Voted' });
  });
});

describe('a case', () => {
  const open = () =>
    sign('case.open', { category: 'Economic', respondent: keyOf('processor').publicKey, remedy: 'Compensation', subject: '', amount: 300 * BPI, claim: 'charged twice', evidence: [] }, keyOf('bank'), 1);

  it('is its claimant’s, takes evidence of others, and an appeal only by whom it went against', () => {
    expect(carry(open())).toMatchObject({ code: 'Opened' });
    const caseId = idOf(open());
    expect(carry(sign('case.evidence', { caseId, evidence: { type: 'testimony', text: 'it was not' } }, keyOf('processor'), 1))).toMatchObject({ code: 'Filed' });
    expect(chain.case(caseId).evidence.at(-1)).toMatchObject({ by: keyOf('processor').publicKey });
    chain.registerArbitrators();
    chain.draw(caseId);
    chain.judge(caseId, [300 * BPI, 200 * BPI, null]);
    expect(carry(sign('case.appeal', { caseId, grounds: 'too little' }, keyOf('bank'), 2))).toMatchObject({ outcome: 'refused', code: 'NotPermitted' });
    const appeal = sign('case.appeal', { caseId, grounds: 'it erred' }, keyOf('processor'), 2);
    expect(carry(appeal)).toMatchObject({ code: 'Appealed' });
    expect(carry(appeal)).toMatchObject({ code: 'Stale' });
  });
});
