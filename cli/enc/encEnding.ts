// Exit code and line for anything that ends kubectl enc: 2 for bad input, 1 for everything that did not hold or did not answer.
import { ChainError } from '../../chain/client/chainError.js';
import { endingOf } from '../bpci/cliError.js';

const BAD_INPUT: readonly ChainError['code'][] = ['BadKeyFile', 'BadConfiguration'];

export function encEnding(error: unknown): { exitCode: number; line: string } {
  if (!(error instanceof ChainError)) return endingOf(error);
  const faults = (error.details.faults ?? []).map(({ endpoint, fault }) => `${endpoint}: ${fault}`).join('; ');
  return { exitCode: BAD_INPUT.includes(error.code) ? 2 : 1, line: `${error.message.replaceAll('\n', ' ')}${faults ? ` (${faults})` : ''}` };
}
