// Instructions: their ids, and the signatures that let somebody else carry them to the chain.
import { sha256OfJson } from '../../crypto/canonicalJson.js';
import { signEd25519, verifyEd25519 } from '../../crypto/ed25519.js';
import { concatBytes, fromHex, isHex, toHex, utf8 } from '../../crypto/encoding.js';
import type { Instruction, InstructionType, SignedInstruction } from '../instructionTypes.js';
import type { AccountKey } from './keyFile.js';

const TAG = concatBytes(utf8('enc-instruction-v1'), Uint8Array.of(0));
const SIGNATURE_BYTES = 64;

/** sha256 of the canonical JSON of chain id and instruction, hex. */
export function instructionId(chainId: string, { type, payload, signer, serial }: Instruction): string {
  return sha256OfJson({ chainId, type, payload, signer, serial });
}

/** utf8('enc-instruction-v1') ‖ 0x00 ‖ id */
const messageOf = (chainId: string, instruction: Instruction) => concatBytes(TAG, fromHex(instructionId(chainId, instruction), 32));

export function signInstruction<T extends InstructionType>(
  chainId: string,
  { type, payload, serial }: Omit<Instruction<T>, 'signer'>,
  { publicKey: signer, privateKey }: AccountKey,
): SignedInstruction {
  const instruction = { type, payload, signer, serial } as Instruction;
  return { ...instruction, signature: toHex(signEd25519(privateKey, messageOf(chainId, instruction))) } as SignedInstruction;
}

export function isSignedBySigner(chainId: string, instruction: SignedInstruction): boolean {
  const { signature, signer } = instruction;
  return isHex(signature, SIGNATURE_BYTES) && verifyEd25519(signer, messageOf(chainId, instruction), fromHex(signature));
}

/** What its serial counts for: a proposal or case that it begins or is about. */
export function instructionSubject(chainId: string, instruction: Instruction): string {
  const { type, payload } = instruction as SignedInstruction;
  switch (type) {
    case 'proposal.submit':
    case 'case.open':
      return instructionId(chainId, instruction);
    case 'proposal.vote':
      return payload.proposal;
    case 'case.evidence':
    case 'case.appeal':
      return payload.caseId;
  }
}
