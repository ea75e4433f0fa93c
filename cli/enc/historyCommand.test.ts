// kubectl enc history: says what is proved, of which scope and blocks, and what is wrong with a question.
import { describe, expect, it, vi } from 'vitest';
import type { Statement } from '../../receipts/types.js';
import type { HistoryRange } from '../../receipts/verify/verifyHistory.js';
import { testFacts } from '../../receipts/testing/testReceipts.js';
import { buildStatement } from '../../receipts/write/buildStatement.js';
import { addHistoryCommand } from './historyCommand.js';
import { runEnc } from './testing/runEnc.js';

const statements = [3, 5].map((blockHeight) => buildStatement(testFacts(0, { blockHeight })).statement);
const history = vi.fn((range: HistoryRange): Promise<Statement[]> => Promise.resolve(statements.filter(({ predicate }) => predicate.blockHeight >= range.from && predicate.blockHeight <= range.to)));
const client = { head: () => ({ height: 9 }), history };
vi.mock('./withChain.js', () => ({ withChain: (_flags: unknown, use: (chain: unknown) => unknown) => use({ client }) }));
const run = (...arguments_: string[]) => runEnc(addHistoryCommand, ['history', '-n', 'shop', ...arguments_]);

describe('kubectl enc history', () => {
  it('lists all, oldest first, and says of what it is the whole', async () => {
    const { text, exitCode } = await run('--for', 'pod/cart-0');
    expect(exitCode).toBe(0);
    expect(text).toMatch(/^BLOCK.*\n3 .*\n5 .*\n\nthese are all 2 operations on Pod shop\/cart-0 in blocks 1 to 9, proved/);
    expect(history).toHaveBeenLastCalledWith({ scope: 'object/Pod/shop/cart-0', from: 1, to: 9 });
  });

  it.each<[string[], string]>([
    [['--in', 'shop'], 'namespace/shop'],
    [['--by', 'ab'.repeat(32)], `account/${'ab'.repeat(32)}`],
    [['--for', 'agreement/a'], 'object/Agreement//a'],
  ])('asks for %j', async (arguments_, scope) => {
    await run(...arguments_, '--from', '4', '--to', '6');
    expect(history).toHaveBeenLastCalledWith({ scope, from: 4, to: 6 });
  });

  it('says that there was none, and gives JSON', async () => {
    expect((await run('--in', 'shop', '--from', '6')).text).toBe("no operation in namespace shop in blocks 6 to 9, proved by the ledger's state");
    const { complete, operations } = JSON.parse((await run('--in', 'shop', '--to', '4', '-o', 'json')).text) as { complete: boolean; operations: { blockHeight: number }[] };
    expect([complete, operations.map(({ blockHeight }) => blockHeight)]).toEqual([true, [3]]);
  });

  it.each<[string, string[], RegExp]>([
    ['no scope', [], /exactly one of --for/],
    ['two scopes', ['--in', 'a', '--for', 'pod/a'], /exactly one of --for/],
    ['a key that is none', ['--by', 'bank'], /--by bank: expected an Ed25519 public key/],
    ['a range that is none', ['--in', 'a', '--from', '5', '--to', '4'], /--from 5 is after --to 4/],
    ['a block that is not there', ['--in', 'a', '--to', '10'], /--to 10: the newest block is 9/],
    ['a height that is none', ['--in', 'a', '--from', 'x'], /Expected a height from 1/],
  ])('refuses %s', async (_, arguments_, message) => {
    expect(await run(...arguments_)).toEqual({ exitCode: 2, text: expect.stringMatching(message) as string });
  });
});
