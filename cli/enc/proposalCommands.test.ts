import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProposalRecord } from '../../chain/governanceTypes.js';
import { testValidators } from '../../receipts/testing/testValidators.js';
import { caseTable, caseText, addDisputeCommands } from './disputeCommands.js';
import { addProposalCommands, proposalTable, proposalText } from './proposalCommands.js';
import { runEnc } from './testing/runEnc.js';
import { temporaryFolder } from './testing/temporaryFolder.js';
import type { CaseRecord } from '../../chain/courtTypes.js';

const { set } = testValidators(4);
const keys = set.validators.map(({ ed25519PublicKey }) => ed25519PublicKey);
const record = (changes: Partial<ProposalRecord> = {}): ProposalRecord => ({
  id: 'ab'.repeat(32), proposer: keys[0]!, title: 'dearer receipts', reason: 'spam', content: { kind: 'EconomicParameter', changes: { receiptFee: 2 }, height: 9 }, state: 'Voting', height: 5,
  opened: 0, closesAt: 86_400_000, executesAt: null, deposit: 1, votes: { [keys[0]!]: true, [keys[1]!]: false, [keys[2]!]: true }, tally: null, outcome: '', affected: null, ...changes,
});

describe('proposals', () => {
  it.each<[string, Partial<ProposalRecord>, RegExp]>([
    ['an open one', {}, /abababababababab +EconomicParameter +Voting +2 of 3 +closes 1970-01-02T00:00:00.000Z +dearer receipts/],
    ['one in its timelock', { state: 'Passed', executesAt: 172_800_000 }, /Passed +2 of 3 +takes effect 1970-01-03/],
  ])('lists %s', (_name, changes, line) => expect(proposalTable([record(changes)])).toMatch(line));

  it('shows who voted how, what it would do, and to whom', () => {
    const affected = { evaluated: 3, changed: 1, list: [{ pod: { kind: 'Pod', namespace: 'shop', name: 'cart', uid: 'u' }, from: 'Green', to: 'Red' }] };
    const text = proposalText(record({ affected, tally: { approve: 2, reject: 1, validators: 4, needed: 3 } }), { validatorSet: set });
    for (const line of [/approve +validator-0, validator-2/, /reject +validator-1/, /"receiptFee":2/, /2 of 4 approve, 3 needed/, /1 of 3 running pods.*\n +shop\/cart: Green → Red/]) expect(text).toMatch(line);
  });
});

describe('disputes', () => {
  const one: CaseRecord = {
    id: 'cd'.repeat(32), category: 'Security', claimant: keys[0]!, respondent: '', remedy: 'ReverseSlash', subject: `slash/${'ee'.repeat(32)}`, amount: 5_000_000, claim: 'it was the network', state: 'Commit', tier: 1,
    draws: 1, height: 7, opened: 0, deadline: 86_400_000, drawHeight: null, panel: [{ account: keys[1]!, commitment: 'aa', ballot: null }], sat: [], evidence: [{ type: 'testimony', hash: '', by: keys[0]!, height: 7, shows: 'testimony' }],
    deposits: [], held: 0, decisions: [{ tier: 1, decision: 'Dismissed', award: 0, for: 1, against: 2, height: 9, time: 0, reason: '1 of 3 ballots uphold it' }],
  };
  it('are listed, and shown whole', () => {
    expect(caseTable([one])).toMatch(/cdcdcdcdcdcdcdcd +Security +ReverseSlash +Commit +1 +Dismissed +1970-01-02/);
    for (const line of [/respondent +the network/, /5 BPI/, /\(Committed\)/, /testimony by/, /tier 1: Dismissed at height 9: 1 of 3 ballots/]) expect(caseText(one)).toMatch(line);
  });
});

describe('bad input', () => {
  const genesis = JSON.stringify({ chainId: 'x', validatorSet: set });
  it.each<[string, typeof addProposalCommands, string[], RegExp]>([
    ['a choice that is none', addProposalCommands, ['vote', 'ab', 'maybe', '--key', 'k'], /approve or reject/],
    ['no key', addProposalCommands, ['vote', 'ab', 'approve'], /--key/],
    ['a proposal without content', addProposalCommands, ['propose', 'p.yaml', '--key', 'k'], /content is missing/],
    ['a proposal that is no YAML', addProposalCommands, ['propose', 'q.yaml', '--key', 'k'], /neither YAML nor JSON/],
    ['a key file that is not there', addProposalCommands, ['vote', 'ab'.repeat(32), 'approve', '--key', 'none', '--endpoints', 'http://127.0.0.1:1', '--genesis', 'g.json'], /none cannot be read/],
    ['a ballot that is there already', addDisputeCommands, ['dispute', 'commit', 'cd', '--ballot', 'b.json', '--key', 'k'], /never overwritten/],
    ['a case that is no file', addDisputeCommands, ['dispute', 'open', 'nowhere', '--key', 'k'], /there is no such file/],
  ])('%s is one line', async (_name, add, arguments_, line) => {
    const folder = temporaryFolder();
    for (const [name, text] of Object.entries({ 'p.yaml': 'title: x', 'q.yaml': 'a: [b', 'g.json': genesis, 'b.json': '{}' })) writeFileSync(path.join(folder, name), text);
    const inFolder = arguments_.map((argument) => (/\.(yaml|json)$|^(none|nowhere)$/.test(argument) ? path.join(folder, argument) : argument));
    const { exitCode, text } = await runEnc(add, inFolder);
    expect(exitCode).toBe(2);
    expect(text).toMatch(line);
    expect(text).not.toMatch(/\n.*at /);
  });
});
