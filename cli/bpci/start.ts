// bpci start: the whole local set, or with --home exactly one validator.
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { quorum } from '../../receipts/quorum.js';
import { TRIAL_PREFIX } from '../../chain/ledger/parameters/trial.js';
import { loadNodeConfig } from '../../chain/node/config.js';
import { CliError } from './cliError.js';
import { DEFAULT_DATA_DIR } from './config.js';
import { blocks, blockTime, chainId, consensus, finalityThreshold, port, retained, validatorSetSize } from './flags.js';
import { LocalSet } from './localSet.js';
import { createNetwork, DEFAULT_ACCOUNTS, genesisFile, homeOf, movePorts, openNetwork, portsOf, TRIAL_ACCOUNTS, type NetworkSettings, type Ports } from './network.js';

const MAINNET_CHAIN_ID = 'bpci-mainnet';
const LOCAL_CHAIN_ID = 'bpci-local';
const TRIAL_CHAIN_ID = `${TRIAL_PREFIX}local`;
/** A day of the agreement's waiting periods: a vote of seven days is over in seven seconds. */
const TRIAL_DAY_MS = 1_000;
const PROGRAM = fileURLToPath(new URL('../bpci.js', import.meta.url));

interface StartFlags {
  mainnet?: boolean;
  trial?: boolean;
  consensus: string;
  chainId?: string;
  validatorSetSize: number;
  blockTime: number;
  finalityThreshold: number;
  apiPort?: number;
  metricsPort?: number;
  dataDir: string;
  home?: string;
  snapshotEvery?: number;
  snapshotSyncAbove?: number;
  retainBlocks?: number;
}
const KEEP_FLAGS = { snapshotEvery: '--snapshot-every', snapshotSyncAbove: '--snapshot-sync-above', retainBlocks: '--retain-blocks' } as const;
const DEFAULT_API_PORT = 21_001;
const DEFAULT_METRICS_PORT = 21_101;

export function addStartCommand(program: Command, print: (line: string) => void): void {
  program
    .command('start')
    .description('run a local set of validators, or with --home one validator')
    .option('--mainnet', `the chain "${MAINNET_CHAIN_ID}" (else "${LOCAL_CHAIN_ID}", or --chain-id)`)
    .option('--trial', `the chain "${TRIAL_CHAIN_ID}": a day of the agreement's waiting periods passes in a second; never for real value`)
    .option('--chain-id <id>', 'name of the chain', chainId)
    .option('--consensus <algorithm>', 'ibft', consensus, 'ibft')
    .option('--validator-set-size <n>', '1 (development), 3, or 4 and more', validatorSetSize, 4)
    .option('--block-time <time>', 'an empty block after this time without work, such as 2s', blockTime, 2_000)
    .option('--finality-threshold <percent>', 'validators that must sign, 67 to 100', finalityThreshold, 67)
    .option('--api-port <port>', `HTTP API of validator 0 (default ${DEFAULT_API_PORT})`, port)
    .option('--metrics-port <port>', `metrics of validator 0 (default ${DEFAULT_METRICS_PORT})`, port)
    .option('--data-dir <dir>', 'keys, genesis and the validators’ homes', DEFAULT_DATA_DIR)
    .option('--snapshot-every <blocks>', 'make a snapshot of the state every so many blocks; 0 = none (default 2000)', blocks)
    .option('--snapshot-sync-above <blocks>', 'begin with a snapshot when further behind than so many blocks; 0 = execute every block (default 5000)', blocks)
    .option('--retain-blocks <blocks>', 'drop older blocks and receipts once a snapshot replaces them, keeping what proves them (default: keep all)', retained)
    .option('--home <dir>', 'run only the validator of this home directory')
    .action((flags: StartFlags, command: Command) => (flags.home === undefined ? startSet(flags, print) : startOne(flags, flags.home, command)));
}

async function startOne({ apiPort, metricsPort, ...flags }: StartFlags, home: string, command: Command): Promise<void> {
  const foreign = ['mainnet', 'trial', 'chainId', 'validatorSetSize', 'blockTime', 'finalityThreshold', 'dataDir'].find((name) => command.getOptionValueSource(name) === 'cli');
  if (foreign) {
    const flag = foreign.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new CliError(`--${flag} cannot be given with --home: it is fixed by ${home}/genesis.json`);
  }
  const { snapshotEvery, snapshotSyncAbove, retainBlocks } = flags;
  const given = Object.entries({ apiPort, metricsPort, snapshotEvery, snapshotSyncAbove, retainBlocks }).filter(([, value]) => value !== undefined);
  const config = loadNodeConfig(home, Object.fromEntries(given));
  // The whole node is loaded only where one runs: the parent of a set stays small.
  const { runValidator } = await import('../../chain/node/runNode.js');
  await runValidator(config);
}

async function startSet(flags: StartFlags, print: (line: string) => void): Promise<void> {
  const { dataDir } = flags;
  const settings: NetworkSettings = {
    chainId: chainIdOf(flags),
    ...(flags.trial ? { trialDayMs: TRIAL_DAY_MS } : {}),
    validators: flags.validatorSetSize,
    blockTimeMs: flags.blockTime,
    finalityThreshold: flags.finalityThreshold,
  };
  const ports = portsOf(flags.apiPort ?? DEFAULT_API_PORT, flags.metricsPort ?? DEFAULT_METRICS_PORT);
  mustNotCollide(ports, settings.validators);
  await prepare(dataDir, settings, ports, print);
  const members = Array.from({ length: settings.validators }, (_, index) => ({ name: `validator-${index}`, home: homeOf(dataDir, index) }));
  const set = new LocalSet({ members, command: (home) => [PROGRAM, 'start', '--home', home, ...keepFlags(flags)], print });
  let stopping = false;
  const stop = (signal: string) => () => {
    if (stopping) return;
    stopping = true;
    print(`${signal}: stopping ${members.length} validators`);
    void set.stop();
  };
  process.on('SIGTERM', stop('SIGTERM'));
  process.on('SIGINT', stop('SIGINT'));
  await set.run();
}

/** As the validators of a set are given them. */
function keepFlags(flags: StartFlags): string[] {
  const names = Object.keys(KEEP_FLAGS) as (keyof typeof KEEP_FLAGS)[];
  return names.flatMap((name) => (flags[name] === undefined ? [] : [KEEP_FLAGS[name], String(flags[name])]));
}

function chainIdOf({ mainnet, trial, chainId: given }: StartFlags): string {
  if (mainnet && trial) throw new CliError('--trial cannot be given with --mainnet: a trial network shortens waiting periods that the mainnet keeps');
  const named = mainnet ? MAINNET_CHAIN_ID : trial ? TRIAL_CHAIN_ID : undefined;
  if (named !== undefined && given !== undefined) throw new CliError(`--chain-id ${given} cannot be given with --${mainnet ? 'mainnet' : 'trial'}, which names the chain "${named}"`);
  return named ?? given ?? LOCAL_CHAIN_ID;
}

async function prepare(dataDir: string, settings: NetworkSettings, ports: Ports, print: (line: string) => void): Promise<void> {
  const { chainId: id, validators, finalityThreshold: percent, blockTimeMs } = settings;
  if (existsSync(genesisFile(dataDir))) {
    openNetwork(dataDir, settings);
    await movePorts(dataDir, validators, ports);
  } else {
    await mustBeFree(ports, validators);
    await createNetwork({ ...settings, dataDir, ports, accounts: settings.trialDayMs === undefined ? DEFAULT_ACCOUNTS : TRIAL_ACCOUNTS, peers: [] });
    print(`made keys and genesis of chain "${id}" in ${dataDir}`);
  }
  const needed = quorum(validators, percent);
  const down = validators - needed === 0 && validators > 1 ? 'tolerates no fault: it halts when any one is down' : `goes on with ${validators - needed} down`;
  print(`chain "${id}": ${validators} validators, ${needed} decide, ${down}; a block on demand, else every ${blockTimeMs} ms`);
}

function allPorts({ api, metrics, apiOthers, peers }: Ports, validators: number): [what: string, port: number][] {
  return Array.from({ length: validators }, (_, i): [string, number][] => [
    [i === 0 ? '--api-port' : `API port of validator ${i} (--api-port + ${199 + i})`, i === 0 ? api : apiOthers + i],
    [i === 0 ? '--metrics-port' : `metrics port of validator ${i} (--metrics-port + ${i})`, metrics + i],
    [`peer port of validator ${i} (--api-port + ${299 + i})`, peers + i],
  ]).flat();
}

function mustNotCollide(ports: Ports, validators: number): void {
  const seen = new Map<number, string>();
  for (const [what, number] of allPorts(ports, validators)) {
    if (number > 65_535) throw new CliError(`${what} would be ${number}, above 65535; choose a lower one`);
    const other = seen.get(number);
    if (other !== undefined) throw new CliError(`${what} and ${other} would both be ${number}; choose ports further apart`);
    seen.set(number, what);
  }
}

/** Before anything is made: a port that is taken now would only be found by a validator later. */
async function mustBeFree(ports: Ports, validators: number): Promise<void> {
  for (const [what, number] of allPorts(ports, validators)) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => reject(new CliError(`${what} ${number}: the port is in use; stop what uses it or choose another`, 2, { cause })));
      server.listen(number, '127.0.0.1', resolve);
    });
    await new Promise((resolve) => server.close(resolve));
  }
}
