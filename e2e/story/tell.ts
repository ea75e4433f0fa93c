// Prints the story's facts as they happen.
import { isUntold, type Fact, type Told } from './fact.js';

const wrap = (text: string, width: number, indent: string): string => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line].join(`\n${indent}`);
};

export function tell(number: number, fact: Fact): string {
  const indent = '              ';
  const row = (name: string, value: string) => `   ${name.padEnd(10)} ${wrap(value, 110, indent)}`;
  const { receipt } = fact;
  return [
    `${String(number).padStart(2)}. ${fact.title}${fact.holds ? '' : '   ** DID NOT HOLD **'}`,
    `   $ ${fact.command}`,
    row('verdict', fact.verdict),
    row('reason', fact.reason),
    ...(receipt
      ? [row('receipt', receipt.id), row('block', `${receipt.height}, certified by ${receipt.signers.length}: ${receipt.signers.join(', ')}`)]
      : []),
    '',
  ].join('\n');
}

/** On one line; why, where it does not hold. */
export function tellShortly(number: number, told: Told): string {
  const line = (mark: string, text: string) => `${String(number).padStart(2)}. ${mark.padEnd(8)} ${text.trim().replace(/\s+/g, ' ')}`;
  if (isUntold(told)) return told.leftOut ? line('left out', `${told.title}: ${told.reason}`) : line('FAILED', `${told.title}: ${told.reason}`);
  const { title, holds, verdict, reason, receipt } = told;
  const proof = receipt ? ` (block ${receipt.height}, certified by ${receipt.signers.length}, receipt ${receipt.id})` : '';
  return holds ? line('holds', `${title}: ${verdict}${proof}`) : line('FAILED', `${title}: ${verdict}: ${reason}${proof}`);
}
