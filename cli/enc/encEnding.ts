// Exit code and line for anything that ends kubectl enc: 2 for bad input, 1 for everything that did not hold or did not answer.
import { ChainError } from '../../chain/client/chainError.js';
import { endingOf } from '../bpci/cliError.js';

const BAD_INPUT: readonly ChainError['code'][] = ['BadKeyFile', 'BadConfiguration'];

/** What a person may be shown of input that can be anything: no control characters but line ends. */
const printable = (text: string) => text.split('\n').map((line) => line.replaceAll(/\p{Cc}+/gu, ' ')).join('\n');

export function encEnding(error: unknown): { exitCode: number; line: string } {
  if (!(error instanceof ChainError)) {
    const { exitCode, line } = endingOf(error);
    return { exitCode, line: printable(line) };
  }
  // All validators say the same of what is not there: one of them is enough.
  const [fault] = error.details.faults ?? [];
  const line = error.code === 'NotFound' && fault ? fault.fault : error.message;
  return { exitCode: BAD_INPUT.includes(error.code) ? 2 : 1, line: printable(line.replaceAll('\n', ' ')) };
}
