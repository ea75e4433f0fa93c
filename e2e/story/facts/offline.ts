// The last facts: a receipt is verified offline against the validator set alone, and no longer after one byte of it was changed.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CertifiedReceipt, Fact, StoryContext } from '../fact.js';

const lines = (text: string) => text.trim().split('\n').map((line) => line.trim().replace(/ {2,}/g, ' ')).filter(Boolean);
const shorten = (text: string) => lines(text).join('; ');
/** The plugin's lines about what was checked, without those that repeat what the receipt says. */
const checks = (text: string) => lines(text).filter((line) => /^(ok|verified)/.test(line)).join('; ');

export async function receiptVerifiesOffline(story: StoryContext, receipt: CertifiedReceipt): Promise<Fact> {
  const file = path.join(story.layout.storyDir, 'receipt.json');
  writeFileSync(file, JSON.stringify(receipt.bundle));
  const { code, stdout, stderr } = await story.enc(['verify', '--offline', file, '--genesis', story.layout.genesis]);
  return {
    title: 'The refusal\'s receipt is verified offline, against the validator set alone',
    command: `kubectl enc verify --offline ${path.relative(story.layout.checkout, file)} --genesis ${path.relative(story.layout.checkout, story.layout.genesis)}`,
    holds: code === 0,
    verdict: code === 0 ? 'verified' : 'not verified',
    reason: checks(stdout) || shorten(stderr),
    receipt,
  };
}

/** Changes one character in the middle of the signed statement's payload. */
export async function changedReceiptFails(story: StoryContext): Promise<Fact> {
  const file = path.join(story.layout.storyDir, 'receipt.json');
  const changed = path.join(story.layout.storyDir, 'receipt-changed.json');
  const text = readFileSync(file, 'utf8');
  const at = text.indexOf('"payload":"') + 200;
  writeFileSync(changed, `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`);
  const { code, stdout, stderr } = await story.enc(['verify', '--offline', changed, '--genesis', story.layout.genesis]);
  return {
    title: 'The same receipt with one byte changed: does not verify',
    command: `kubectl enc verify --offline ${path.relative(story.layout.checkout, changed)} --genesis …`,
    holds: code === 1,
    verdict: code === 0 ? 'verified' : 'not verified',
    reason: shorten(stderr || stdout),
  };
}
