// bpci export and bpci replay: the chain as a file of JSON lines, and its independent re-execution.
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { homeFiles, loadGenesis } from '../../chain/node/config.js';
import { reasonOf } from '../../chain/node/nodeError.js';
import { replayChain } from '../../chain/node/replayChain.js';
import { BlockStore } from '../../chain/node/storage/blockStore.js';
import { validateGenesis } from '../../chain/ledger/genesis.js';
import type { FinalisedBlock, Genesis } from '../../chain/types.js';
import { CliError } from './cliError.js';
import { DEFAULT_DATA_DIR } from './config.js';
import { height } from './flags.js';
import { homeOf } from './network.js';
import { facts } from './table.js';

const PROGRESS_EVERY = 1_000;

export function addArchiveCommands(program: Command, print: (text: string) => void): void {
  const defaultHome = homeOf(DEFAULT_DATA_DIR, 0);
  program
    .command('export')
    .description('write genesis and final blocks as JSON lines')
    .option('--home <dir>', "a validator's home directory; it may be running", defaultHome)
    .requiredOption('--out <file>', 'a file that is not there yet')
    .option('--to <height>', 'last block', height)
    .action(async (flags: { home: string; out: string; to?: number }) => print(await exportChain(flags)));
  program
    .command('replay')
    .description('execute the chain again from genesis and compare every certificate and root')
    .option('--home <dir>', "a validator's home directory; it may be running", defaultHome)
    .option('--file <file>', 'an exported chain instead')
    .action(async ({ home, file }: { home: string; file?: string }) => {
      const started = Date.now();
      const { genesis, blocks } = file === undefined ? openHome(home) : await openFile(file);
      const result = await replayChain(genesis, blocks, (at) => {
        if (at % PROGRESS_EVERY === 0) print(`block ${at} is right`);
      });
      print(
        facts([
          ['chain', genesis.chainId],
          ['blocks', `${result.height}, every certificate valid`],
          ['transactions', result.transactions],
          ['state root', `${result.stateRoot}, the same`],
          ['receipt log', `${result.logSize} entries, root ${result.logRoot}, the same`],
          ['took', `${Date.now() - started} ms`],
        ]),
      );
    });
}

interface Chain {
  genesis: Genesis;
  blocks: Iterable<FinalisedBlock> | AsyncIterable<FinalisedBlock>;
}

function openHome(home: string): Chain & { height: number } {
  const files = homeFiles(home);
  if (!existsSync(files.genesis)) throw new CliError(`--home ${home}: there is no genesis.json; name a validator's home directory`);
  const genesis = loadGenesis(files.genesis);
  const store = BlockStore.openReadOnly(files.blocks);
  if (store.bodiesFrom > 1) {
    throw new CliError(`${home} no longer has block 1 to block ${store.bodiesFrom - 1}: they were dropped (--retain-blocks), or its chain began with a snapshot; export and replay need every block, so name the home of an archive node, or --file with a chain exported before`);
  }
  return { genesis, blocks: blocksOf(store), height: store.height };
}

function* blocksOf(store: BlockStore): Iterable<FinalisedBlock> {
  for (let at = 1; at <= store.height; at++) {
    const block = store.block(at);
    if (!block) throw new CliError(`block ${at} is missing from the store; move the store away and let the validator fetch it anew`, 1);
    yield block;
  }
}

async function exportChain({ home, out, to }: { home: string; out: string; to?: number }): Promise<string> {
  const { genesis, blocks, height: top } = openHome(home);
  if (to !== undefined && to > top) throw new CliError(`--to ${to}: the last final block is ${top}`);
  const file = createWriteStream(out, { flags: 'wx' });
  await Promise.race([once(file, 'open'), once(file, 'error').then(([error]) => Promise.reject(new CliError(`--out ${out}: ${reasonOf(error)}; name a file that can be made`)))]);
  const write = async (value: unknown) => {
    if (!file.write(`${JSON.stringify(value)}\n`)) await once(file, 'drain');
  };
  await write({ genesis });
  let last = 0;
  for await (const block of blocks) {
    if (block.header.height > (to ?? top)) break;
    await write(block);
    last = block.header.height;
  }
  file.end();
  await once(file, 'close');
  return `${last} blocks of chain "${genesis.chainId}" written to ${out}`;
}

async function openFile(file: string): Promise<Chain> {
  const stream = createReadStream(file);
  await once(stream, 'open').catch((cause: unknown) => Promise.reject(new CliError(`--file ${file}: ${reasonOf(cause)}`, 2, { cause })));
  const lines = createInterface({ input: stream, crlfDelay: Infinity })[Symbol.asyncIterator]();
  const first = await lines.next();
  const { genesis } = parse(file, 1, first.value) as { genesis?: Genesis };
  const [fault] = genesis ? validateGenesis(genesis) : [];
  if (!genesis || fault) throw new CliError(`--file ${file}: line 1 is no valid genesis document${fault ? ` (${fault.path}: ${fault.message})` : ''}`);
  return { genesis, blocks: blocksIn(file, lines) };
}

async function* blocksIn(file: string, lines: AsyncIterator<string>): AsyncIterable<FinalisedBlock> {
  for (let line = 2; ; line++) {
    const { value, done } = await lines.next();
    if (done) return;
    yield parse(file, line, value) as FinalisedBlock;
  }
}

function parse(file: string, line: number, content: unknown): object {
  try {
    const value: unknown = JSON.parse(String(content));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // reported below
  }
  throw new CliError(`--file ${file}: line ${line} is no JSON object; use a file written by "bpci export"`);
}
