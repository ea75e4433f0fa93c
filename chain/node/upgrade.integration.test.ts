// A voted upgrade on real validators: three whose program has the new rules go on, the one without them ends with a message that says so, and catches up once it has them (agreement 5.2, 5.3).
import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import { encodeTransaction, signTransaction, transactionId } from '../ledger/transaction.js';
import { SUPPORTED_PROTOCOL } from '../ledger/protocol/protocol.js';
import type { Payloads, TransactionBody, TransactionType } from '../types.js';
import { homeFiles } from './config.js';
import { ProcessSet, until } from './testing/processSet.js';
import { submit } from './testing/testClient.js';
import { loadValidatorKeys } from './validatorKeys.js';

const NEXT = SUPPORTED_PROTOCOL + 1;
const OLD = 3;
/** The same program with the rules of one more version, as a newer release would have them. */
const newer = ['--import', dataUrl(`import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hook()))});`)];

function dataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
function hook(): string {
  return `export async function load(url, context, next) {
    const loaded = await next(url, context);
    if (!url.endsWith('/chain/ledger/protocol/protocol.js')) return loaded;
    const source = String(loaded.source);
    const changed = source.replace('SUPPORTED_PROTOCOL = ${SUPPORTED_PROTOCOL}', 'SUPPORTED_PROTOCOL = ${NEXT}');
    if (changed === source) throw new Error('the protocol version is not where it was');
    return { ...loaded, source: changed };
  }`;
}

let set: ProcessSet;
beforeAll(async () => {
  set = await ProcessSet.create(4, '--block-time', '500ms');
  set.startWith(newer, 0, 1, 2);
  set.start(OLD);
  await until('blocks of all four', async () => (await Promise.all(set.all.map((index) => set.status(index)))).every(({ height }) => height > 1));
});
afterAll(async () => set.destroy());

/** Signed by a validator; its id. */
async function send<T extends TransactionType>(index: number, type: T, payload: Payloads[T]): Promise<string> {
  const { publicKey: sender, privateKey } = loadValidatorKeys(homeFiles(set.home(index)).key).ed25519;
  const { height } = await set.status(0);
  const body: TransactionBody<T> = { chainId: set.genesis.chainId, type, operationId: randomUUID(), sender, validUntil: height + 100, payload };
  const id = transactionId(body as TransactionBody);
  await submit(set, 0, [{ id, raw: encodeTransaction(signTransaction(body, privateKey)) }]);
  await until(`${type} in a block`, () => set.get(0, `/v1/receipts/${id}`));
  return id;
}
const rootAt = async (index: number, height: number) => (await set.get<{ header: { stateRoot: string } }>(index, `/v1/blocks/${height}`)).header.stateRoot;

it('stops who lacks the code at the height, with exit code 2 and the version; the others go on, and it joins them with the newer program', async () => {
  const proposal = await send(0, 'proposal.submit', { title: 'newer rules', reason: 'a test', content: { kind: 'SecurityPatch', version: NEXT, height: 1 } });
  for (const index of [0, 1, 2]) await send(index, 'proposal.vote', { proposal, approve: true });

  const ended = await set.ended(OLD);
  expect(ended.code).toBe(2);
  const [, stopped] = /from block (\d+) on protocol version 2 is in force, this program has up to 1; install a newer one/.exec(ended.output) ?? [];
  const last = Number(stopped) - 1;
  await until('ten more blocks', async () => (await set.status(0)).height > last + 10);

  set.start(OLD);
  const again = await set.ended(OLD);
  expect([again.code, again.output.includes('protocol version 2')]).toEqual([2, true]);

  set.startWith(newer, OLD);
  const height = last + 10;
  await until('the upgraded one at the height of the others', async () => (await set.status(OLD)).height >= height);
  const roots = await Promise.all(set.all.map((index) => rootAt(index, height)));
  expect(new Set(roots).size).toBe(1);
  expect(await rootAt(OLD, last)).toBe(await rootAt(0, last));
});
