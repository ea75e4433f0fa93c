// kubectl enc history: all operations on an object, in a namespace or by an account between two blocks, proved to be all of them.
import { type Command, InvalidArgumentError } from 'commander';
import { accountScope, namespaceScope, objectScope } from '../../receipts/history.js';
import { CliError } from '../bpci/cliError.js';
import { namespaceOf } from './namespaceOf.js';
import { parseObjectName, showObject } from './objectKinds.js';
import { chainOptions, clusterOptions, outputOption, type CommonFlags, type Print } from './options.js';
import { receiptTable } from './receiptTable.js';
import { withChain, type OpenChain } from './withChain.js';

interface Flags extends CommonFlags {
  for?: string;
  in?: string;
  by?: string;
  from: number;
  to?: number;
}

function heightOf(text: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new InvalidArgumentError('Expected a height from 1.');
  return value;
}

export function addHistoryCommand(program: Command, print: Print): void {
  const command = program
    .command('history')
    .description('all operations on an object, in a namespace or by an account, oldest first, proved to be all of them')
    .option('--for <kind/name>', 'on this object, as workload/eu-payments')
    .option('--in <namespace>', 'on everything in this namespace')
    .option('--by <key>', 'sent by the account with this Ed25519 public key')
    .option('--from <height>', 'first block', heightOf, 1)
    .option('--to <height>', 'last block (default: the newest)', heightOf);
  outputOption(clusterOptions(chainOptions(command))).action(async (flags: Flags) => print(await withChain(flags, (chain) => historyText(chain, flags))));
}

async function historyText({ client }: OpenChain, flags: Flags): Promise<string> {
  const { scope, title } = scopeOf(flags);
  const newest = client.head().height;
  const { from, to = newest } = flags;
  if (to > newest) throw new CliError(`--to ${to}: the newest block is ${newest}`);
  if (from > to) throw new CliError(`--from ${from} is after --to ${to}`);
  const predicates = (await client.history({ scope, from, to })).map(({ predicate }) => predicate);
  if (flags.output === 'json') return JSON.stringify({ scope, from, to, complete: true, operations: predicates }, null, 2);
  const proof = `${predicates.length === 1 ? 'this is the one operation' : `these are all ${predicates.length} operations`} ${title} in blocks ${from} to ${to}, proved by the ledger's state`;
  return predicates.length === 0 ? `no operation ${title} in blocks ${from} to ${to}, proved by the ledger's state` : `${receiptTable(predicates)}\n\n${proof}`;
}

function scopeOf(flags: Flags): { scope: string; title: string } {
  const given = [flags.for, flags.in, flags.by].filter((flag) => flag !== undefined);
  if (given.length !== 1) throw new CliError('history: name exactly one of --for KIND/NAME, --in NAMESPACE and --by KEY');
  if (flags.in !== undefined) return { scope: namespaceScope(flags.in), title: `in namespace ${flags.in}` };
  if (flags.by !== undefined) {
    if (!/^[0-9a-f]{64}$/.test(flags.by)) throw new CliError(`--by ${flags.by}: expected an Ed25519 public key of 64 lower-case hex digits`);
    return { scope: accountScope(flags.by), title: `by account ${flags.by.slice(0, 16)}…` };
  }
  const object = parseObjectName(flags.for!, namespaceOf(flags));
  return { scope: objectScope(object.kind, object.namespace ?? '', object.name), title: `on ${showObject(object)}` };
}
