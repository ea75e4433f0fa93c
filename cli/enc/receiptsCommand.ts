// kubectl enc receipts: lists receipts, newest first, and saves them for offline verification.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { CliError } from '../bpci/cliError.js';
import { namespaceOf } from './namespaceOf.js';
import { parseObjectName } from './objectKinds.js';
import { chainOptions, clusterOptions, outputOption, type CommonFlags, type Print } from './options.js';
import { latestPredicates, mustVerify, receiptsAbout } from './readReceipts.js';
import { receiptTable } from './receiptTable.js';
import { withChain, type OpenChain } from './withChain.js';

interface Flags extends CommonFlags {
  for?: string;
  save?: string;
  limit: number;
}
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1_000;

function limitOf(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > MAX_LIMIT) throw new InvalidArgumentError(`Expected a whole number from 1 to ${MAX_LIMIT}.`);
  return value;
}

export function addReceiptsCommand(program: Command, print: Print): void {
  const command = program
    .command('receipts')
    .description('list receipts, newest first: of the latest blocks, or about one object')
    .option('--for <kind/name>', 'only receipts about this object, as pod/eu-payments-x')
    .option('--save <folder>', 'also save each as <receipt id>.json, to be verified with verify --offline')
    .option('--limit <n>', 'at most so many', limitOf, DEFAULT_LIMIT);
  outputOption(clusterOptions(chainOptions(command))).action(async (flags: Flags) => print(await withChain(flags, (chain) => receiptsText(chain, flags))));
}

async function receiptsText(chain: OpenChain, flags: Flags): Promise<string> {
  const predicates = flags.for === undefined
    ? await latestPredicates(chain.client, flags.limit)
    : (await receiptsAbout(chain, parseObjectName(flags.for, namespaceOf(flags)), flags.limit)).map(({ statement }) => statement.predicate);
  const saved = flags.save === undefined ? [] : await save(chain, predicates.map(({ receiptId }) => receiptId), flags.save);
  if (flags.output === 'json') return JSON.stringify(predicates, null, 2);
  if (predicates.length === 0) return flags.for === undefined ? 'no receipts in the latest blocks' : `no receipts about ${flags.for}`;
  return [receiptTable(predicates), ...saved].join('\n');
}

async function save({ client, genesis }: OpenChain, ids: string[], folder: string): Promise<string[]> {
  try {
    if (!existsSync(folder)) mkdirSync(folder);
    for (const id of ids) writeFileSync(path.join(folder, `${id}.json`), `${JSON.stringify(mustVerify(await client.receipt(id), genesis).bundle)}\n`);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    throw new CliError(`--save ${folder}: cannot be written (${(cause as NodeJS.ErrnoException).code}); name a folder that you may write`, 2, { cause });
  }
  return ['', `${ids.length} saved in ${folder}; try: kubectl enc verify --offline ${path.join(folder, `${ids[0] ?? '<id>'}.json`)}`];
}
