// The exact shape of an instruction that is carried: the shape of what it asks for, under its signer's signature.
import { hex, integer, literal, object, type Shape } from '../../../receipts/shape.js';
import { INSTRUCTIONS, type InstructionPayloads } from '../../instructionTypes.js';
import { courtShapes } from '../court/courtShapes.js';
import { accountKey } from '../economyShapes.js';
import { governanceShapes } from '../governance/governanceShapes.js';
import { oneOf } from '../shapes.js';

const payloads: Record<string, Shape<unknown>> = { ...governanceShapes, ...courtShapes };
const carried = INSTRUCTIONS.map((type) => [type, object({ type: literal(type), payload: payloads[type]!, signer: accountKey, serial: integer(1), signature: hex(64) })]);

export const instructionShapes: { [T in keyof InstructionPayloads]: Shape<InstructionPayloads[T]> } = {
  'instruction.carry': oneOf<InstructionPayloads['instruction.carry']>('type', Object.fromEntries(carried)),
};
