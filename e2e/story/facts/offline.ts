// The last facts: a receipt is verified offline against the validator set alone, and no longer after one byte of it was changed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkout } from '../../stack/layout.js';
import type { CertifiedReceipt, Fact, StoryContext } from '../fact.js';

const lines = (text: string) => text.trim().split('\n').map((line) => line.trim().replace(/ {2,}/g, ' ')).filter(Boolean);
const shorten = (text: string) => lines(text).join('; ');
/** The plugin's lines about what was checked, without those that repeat what the receipt says. */
const checks = (text: string) => lines(text).filter((line) => /^(ok|verified)/.test(line)).join('; ');
const shown = (file: string) => path.relative(checkout, file);

export async function receiptVerifiesOffline({ storyDir, genesisFile, enc }: StoryContext, receipt: CertifiedReceipt): Promise<Fact> {
  mkdirSync(storyDir, { recursive: true });
  const file = path.join(storyDir, 'receipt.json');
  writeFileSync(file, JSON.stringify(receipt.bundle));
  const { code, stdout, stderr } = await enc(['verify', '--offline', file, '--genesis', genesisFile]);
  return {
    title: 'The refusal\'s receipt is verified offline, against the validator set alone',
    command: `kubectl enc verify --offline ${shown(file)} --genesis ${shown(genesisFile)}`,
    holds: code === 0,
    verdict: code === 0 ? 'verified' : 'not verified',
    reason: checks(stdout) || shorten(stderr),
    receipt,
  };
}

/** Changes one character in the middle of the signed statement's payload. */
export async function changedReceiptFails({ storyDir, genesisFile, enc }: StoryContext): Promise<Fact> {
  const file = path.join(storyDir, 'receipt.json');
  const changed = path.join(storyDir, 'receipt-changed.json');
  const text = readFileSync(file, 'utf8');
  const at = text.indexOf('"payload":"') + 200;
  writeFileSync(changed, `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`);
  const { code, stdout, stderr } = await enc(['verify', '--offline', changed, '--genesis', genesisFile]);
  return {
    title: 'The same receipt with one byte changed: does not verify',
    command: `kubectl enc verify --offline ${shown(changed)} --genesis …`,
    holds: code === 1,
    verdict: code === 0 ? 'verified' : 'not verified',
    reason: shorten(stderr || stdout),
  };
}
