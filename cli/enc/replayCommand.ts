// kubectl enc replay: decides again what a receipt records, and says whether the same comes out.
import type { Command } from 'commander';
import { NodeError } from '../../chain/node/nodeError.js';
import { replayChain } from '../../chain/node/replayChain.js';
import { CliError } from '../bpci/cliError.js';
import { facts } from '../bpci/table.js';
import { showObject } from './objectKinds.js';
import { chainOptions, outputOption, type Output, type Print } from './options.js';
import { mustVerify, type ReadReceipt } from './readReceipts.js';
import { readBlocks } from './readBlocks.js';
import { replayVerdict } from './replayVerdict.js';
import { withChain, type OpenChain } from './withChain.js';

interface Flags extends Output {
  endpoints?: string;
  genesis?: string;
  fromGenesis?: boolean;
}
const PROGRESS_EVERY = 1_000;

export function addReplayCommand(program: Command, print: Print): void {
  const command = program
    .command('replay')
    .description('decide again what a receipt records: exits 0 when the same comes out, 1 when not')
    .argument('<receipt>', 'receipt id')
    .option('--from-genesis', 'execute the whole chain up to it again, as placements and all but verdicts need');
  outputOption(chainOptions(command)).action(async (receipt: string, flags: Flags) => {
    if (!/^[0-9a-f]{64}$/.test(receipt)) throw new CliError(`replay ${receipt}: expected a receipt id of 64 lower-case hex digits`);
    await withChain(flags, async (chain) => {
      const read = mustVerify(await chain.client.receipt(receipt), chain.genesis);
      if (flags.fromGenesis) print(await fromGenesis(chain, read, flags, print));
      else if (read.statement.predicate.operationType === 'admission.verdict') print(await verdictText(chain, read, flags));
      else throw new CliError(`replay ${receipt}: ${read.statement.predicate.operationType} follows from the whole state before it; replay it with --from-genesis`);
    });
  });
}

async function verdictText({ client }: OpenChain, { statement: { predicate }, height }: ReadReceipt, flags: Flags): Promise<string> {
  let replayed: Awaited<ReturnType<typeof replayVerdict>> | undefined;
  for await (const block of readBlocks(client, height, height)) replayed = await replayVerdict(client, block, predicate);
  const { recorded, own, policies, difference } = replayed!;
  if (difference !== undefined) {
    throw new CliError(`not the same: ${difference} was recorded otherwise than its facts and the policies of block ${recorded.policyHeight} give; whoever signed receipt ${predicate.receiptId} signed a wrong verdict`, 1);
  }
  if (flags.output === 'json') return JSON.stringify({ same: true, receiptId: predicate.receiptId, verdict: own }, null, 2);
  const names = [...policies.policies, ...policies.rules].map(({ name }) => name);
  return facts([
    ['same', `${own.light}, ${own.decision}: the verdict follows from its recorded facts`],
    ['object', predicate.object ? showObject(predicate.object) : '-'],
    ['policies', `${names.join(', ') || 'none'} (set of block ${own.policyHeight})`],
    ['evaluated', `${own.evaluated.length} rules: ${own.evaluated.filter(({ outcome }) => outcome === 'violation').length} violated, ${own.evaluated.filter(({ outcome }) => outcome === 'pass').length} passed`],
    ['message', own.message],
  ]);
}

async function fromGenesis({ client, genesis }: OpenChain, { statement: { predicate }, height }: ReadReceipt, flags: Flags, print: Print): Promise<string> {
  try {
    const result = await replayChain(genesis, readBlocks(client, 1, height), (at) => {
      if (at % PROGRESS_EVERY === 0 && flags.output === 'text') print(`block ${at} of ${height} is right`);
    });
    if (flags.output === 'json') return JSON.stringify({ same: true, receiptId: predicate.receiptId, blocks: result.height, transactions: result.transactions }, null, 2);
    return facts([
      ['same', `${predicate.operationType} ${predicate.outcome} (${predicate.code}): executing ${result.transactions} transactions of ${result.height} blocks again gives this receipt and every root before it`],
      ['object', predicate.object ? showObject(predicate.object) : '-'],
      ['message', predicate.reason],
    ]);
  } catch (error) {
    if (error instanceof NodeError) throw new CliError(`not the same: ${error.message}`, 1, { cause: error });
    throw error;
  }
}
