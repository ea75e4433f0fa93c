// bpci init and bpci keys: a network's keys, genesis and homes, and the public side of what is there.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { genesisHash } from '../../chain/ledger/genesis.js';
import { homeFiles, loadGenesis } from '../../chain/node/config.js';
import { loadAccountKeys, loadValidatorKeys } from '../../chain/node/validatorKeys.js';
import { CliError } from './cliError.js';
import { DEFAULT_DATA_DIR } from './config.js';
import { accounts, blockTime, chainId, finalityThreshold, hostPorts, port, validatorSetSize, type AccountFlag, type HostPort } from './flags.js';
import { createNetwork, DEFAULT_ACCOUNTS, genesisFile, homeOf, portsOf } from './network.js';
import { facts, table } from './table.js';

interface InitFlags {
  dataDir: string;
  validatorSetSize: number;
  chainId: string;
  blockTime: number;
  finalityThreshold: number;
  apiPort: number;
  metricsPort: number;
  account?: AccountFlag[];
  peer?: HostPort[];
  economy: boolean;
}

export function addInitCommands(program: Command, print: (text: string) => void): void {
  program
    .command('init')
    .description('make the keys, genesis document and home directories of a new network')
    .requiredOption('--data-dir <dir>', 'a directory that is empty or not there yet')
    .option('--validator-set-size <n>', '1 (development), 3, or 4 and more', validatorSetSize, 4)
    .requiredOption('--chain-id <id>', 'name of the chain', chainId)
    .option('--block-time <time>', 'an empty block after this time without work', blockTime, 2_000)
    .option('--finality-threshold <percent>', 'validators that must sign, 67 to 100', finalityThreshold, 67)
    .option('--api-port <port>', 'HTTP API port', port, 21_001)
    .option('--metrics-port <port>', 'metrics port', port, 21_101)
    .option('--account <name:role[,role]:balance:stake>', 'an account, amounts in BPI; repeat. Left out: operator, webhook, node-operator, bank, processor', accounts)
    .option('--peer <host:port>', 'where each validator’s peer link can be reached, once for each in order; left out: all on this machine', hostPorts)
    .option('--no-economy', 'a network that meters nothing: no rewards, no fees by time, no service levels')
    .action(async (flags: InitFlags) => print(await init(flags)));
  program
    .command('keys')
    .description('the public keys in a data directory, each file checked')
    .option('--data-dir <dir>', 'made by init or start', DEFAULT_DATA_DIR)
    .action(({ dataDir }: { dataDir: string }) => print(keysText(dataDir)));
}

async function init(flags: InitFlags): Promise<string> {
  const { dataDir, validatorSetSize: validators, peer = [] } = flags;
  if (peer.length > 0 && peer.length !== validators) {
    throw new CliError(`--peer was given ${peer.length} times, --validator-set-size is ${validators}; give it once for each validator, in order`);
  }
  const genesis = await createNetwork({
    dataDir,
    chainId: flags.chainId,
    validators,
    blockTimeMs: flags.blockTime,
    finalityThreshold: flags.finalityThreshold,
    accounts: flags.account ?? DEFAULT_ACCOUNTS,
    ports: portsOf(flags.apiPort, flags.metricsPort),
    peers: peer,
    economy: flags.economy,
  });
  return facts([
    ['chain', genesis.chainId],
    ['genesis', `${genesisFile(dataDir)} (hash ${genesisHash(genesis)})`],
    ['validators', `${validators}, homes ${homeOf(dataDir, 0)} …`],
    ['accounts', genesis.accounts.map(({ name }) => name).join(', ')],
    ['next', `bpci start --home ${homeOf(dataDir, 0)}`],
  ]);
}

function keysText(dataDir: string): string {
  const genesis = loadGenesis(genesisFile(dataDir));
  const directory = path.join(dataDir, 'keys');
  const names = existsSync(directory) ? readdirSync(directory).filter((file) => file.endsWith('.key')) : [];
  const accountRows = names.map((file) => {
    const { publicKey } = loadAccountKeys(path.join(directory, file));
    const account = genesis.accounts.find((one) => one.publicKey === publicKey);
    return [path.basename(file, '.key'), publicKey, account?.roles.join(',') ?? (publicKey === genesis.creator.publicKey ? 'creator of the genesis' : 'not in the genesis')];
  });
  const validatorRows = genesis.validatorSet.validators.flatMap(({ address }, index) => {
    const file = homeFiles(homeOf(dataDir, index)).key;
    return existsSync(file) ? [[address, loadValidatorKeys(file).ed25519.publicKey, 'validator']] : [];
  });
  return table([['NAME', 'ED25519 PUBLIC KEY', 'ROLES'], ...accountRows, ...validatorRows]);
}
