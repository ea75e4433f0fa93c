// Carries out what a party has signed and somebody else brings: as if the party had sent it, once, and in the order it was signed in (agreement 5.2, 9; resources Proposal and Dispute).
import { instructionId, instructionSubject, isSignedBySigner } from '../../client/instructions.js';
import { instructionKey, type InstructionType, type SignedInstruction } from '../../instructionTypes.js';
import { accountOf } from '../accounts/money.js';
import { courtOperations } from '../court/caseOperations.js';
import { proposalOperations } from '../governance/proposalOperations.js';
import { Refusal } from '../ledgerError.js';
import type { Effect, Operation, OperationKind, OperationTable } from '../operation.js';

/** All of them are for anybody with an account. */
const kinds = { ...proposalOperations, ...courtOperations };
const kindOf = (type: InstructionType) => kinds[type] as unknown as OperationKind<InstructionType>;

function carry({ payload: instruction, body, state, block }: Operation<'instruction.carry'>): Effect {
  const { chainId } = block.genesis;
  const { type, payload, signer, serial } = instruction;
  if (!isSignedBySigner(chainId, instruction))
    throw new Refusal('BadInstruction', `signature is not by ${signer} over this ${type} on chain "${chainId}"; sign it again (kubectl enc proposal | dispute)`);
  const { roles } = accountOf(state, signer);
  const key = instructionKey(instructionSubject(chainId, instruction), signer);
  const last = state.read<{ serial: number }>(key)?.serial ?? 0;
  if (serial <= last) throw new Refusal('Stale', `serial ${serial}: instruction ${last} of account ${signer} about this was carried out; sign anew for another`);
  state.write(key, { serial });
  const id = instructionId(chainId, instruction);
  return kindOf(type).execute({ id, body: { ...body, type, sender: signer, payload }, payload, roles, state, block });
}

export const instructionOperations: OperationTable<'instruction.carry'> = {
  'instruction.carry': {
    roles: 'anybody',
    object: ({ type, payload, signer }: SignedInstruction, state) => kindOf(type).object(payload, state, signer),
    execute: carry,
  },
};
