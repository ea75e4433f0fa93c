// kubectl enc replay against the real ledger: right verdicts come out the same, a wrong one and a wrong block do not.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FinalisedBlock } from '../../chain/types.js';
import { ReadyChain } from '../../chain/ledger/testing/readyChain.js';
import { validators } from '../../chain/ledger/testing/testGenesis.js';
import { testCertificate } from '../../receipts/testing/testValidators.js';
import type { ReceiptBundle, Statement } from '../../receipts/types.js';
import { addReplayCommand } from './replayCommand.js';
import { runEnc } from './testing/runEnc.js';

const ready = new ReadyChain();
let certified: FinalisedBlock[] = [];
const blocks = () => certified;
let tamper: (block: FinalisedBlock) => FinalisedBlock = (block) => block;
const client = {
  head: () => ready.header,
  getState: (key: string) => Promise.resolve({ value: ready.record(key), height: ready.header.height }),
  receipt: (id: string) => Promise.resolve({ id } as unknown as ReceiptBundle),
  onBlock: (listener: (block: FinalisedBlock) => void, from: number) => {
    const timer = setImmediate(() => blocks().slice(from - 1).forEach((block) => listener(tamper(block))));
    return () => clearImmediate(timer);
  },
};
vi.mock('./withChain.js', () => ({ withChain: (_flags: unknown, use: (chain: unknown) => unknown) => use({ client, genesis: ready.genesis }) }));
vi.mock('./readReceipts.js', () => ({
  mustVerify: ({ id }: { id: string }) => {
    const statements = blocks().flatMap((block) => block.statements.map((text) => ({ statement: JSON.parse(text) as Statement, height: block.header.height })));
    return statements.find(({ statement }) => statement.predicate.receiptId === id);
  },
}));
const replay = (...arguments_: string[]) => runEnc(addReplayCommand, ['replay', ...arguments_]);
const idOf = (type: string) => blocks().flatMap((block) => block.statements.map((text) => (JSON.parse(text) as Statement).predicate)).find(({ operationType }) => operationType === type)!.receiptId;

beforeAll(() => {
  ready.admit('good');
  ready.place('good');
  certified = ready.blocks.map((block) => ({ ...block, certificate: testCertificate(validators, block.header, [0, 1, 2]) }));
});
afterEach(() => {
  tamper = (block) => block;
});

describe('kubectl enc replay', () => {
  it('gives a verdict again from its recorded facts', async () => {
    const { text, exitCode } = await replay(idOf('admission.verdict'));
    expect(exitCode).toBe(0);
    expect(text).toMatch(/same +Green, allow: the verdict follows from its recorded facts\n.*Pod payments\/good\n(.|\n)*geographic-data-sovereignty/);
    expect(JSON.parse((await replay(idOf('admission.verdict'), '-o', 'json')).text)).toMatchObject({ same: true, verdict: { decision: 'allow' } });
  });

  it('gives a placement again by executing the chain from its genesis', async () => {
    const { text, exitCode } = await replay(idOf('placement.request'), '--from-genesis');
    expect(text).toMatch(/same +placement.request applied \(\w+\): executing 8 transactions of 3 blocks again gives this receipt/);
    expect(exitCode).toBe(0);
  });

  it('says so when a verdict does not follow from its facts', async () => {
    const original = await replay(idOf('admission.verdict'));
    expect(original.exitCode).toBe(0);
    const spec = vi.spyOn(ready, 'record').mockImplementation((key: string) => {
      const value = JSON.parse(ready.state.get(key)!) as { rules?: { requirement: unknown }[] };
      return (value.rules ? { ...value, rules: value.rules.map((rule) => ({ ...rule, requirement: { regions: ['US'] } })) } : value) as never;
    });
    expect(await replay(idOf('admission.verdict'))).toEqual({ exitCode: 1, text: expect.stringMatching(/not the same: verdict\..* signed a wrong verdict/) as string });
    spec.mockRestore();
  });

  it('says so when a block is not what the chain gives', async () => {
    tamper = (block) => (block.header.height === 2 ? { ...block, statements: block.statements.map((text) => text.replace('"allowed"', '"refused"')) } : block);
    expect(await replay(idOf('placement.request'), '--from-genesis')).toEqual({ exitCode: 1, text: expect.stringMatching(/not the same: block 2: receipt 0/) as string });
    tamper = (block) => (block.header.height === 2 ? { ...block, transactions: ['{}'] } : block);
    expect(await replay(idOf('admission.verdict'))).toEqual({ exitCode: 1, text: expect.stringMatching(/transaction 0 of block 2 is not the one/) as string });
  });

  it.each<[string, () => string[], RegExp]>([
    ['what is no receipt id', () => ['abc'], /expected a receipt id/],
    ['a placement without the chain', () => [idOf('placement.request')], /replay it with --from-genesis/],
  ])('refuses %s', async (_, arguments_, message) => {
    expect(await replay(...arguments_())).toEqual({ exitCode: 2, text: expect.stringMatching(message) as string });
  });
});
