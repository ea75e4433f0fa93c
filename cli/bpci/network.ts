// A new network on disk: keys, the signed genesis document and one home directory for each validator; made whole or not at all.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { generateEd25519 } from '../../crypto/ed25519.js';
import { utf8 } from '../../crypto/encoding.js';
import { homeFiles, loadGenesis, type NodeFile } from '../../chain/node/config.js';
import { createFile, disk, makeDirectory, replaceFile, syncDirectory } from '../../chain/node/storage/durableFile.js';
import { encodeKeyFile, generateValidatorKeys, validatorOf, type ValidatorKeys } from '../../chain/node/validatorKeys.js';
import type { Genesis } from '../../chain/types.js';
import { CliError } from './cliError.js';
import type { AccountFlag, HostPort } from './flags.js';
import { newGenesis } from './newGenesis.js';

const BPI = 1_000_000;
const LOOPBACK = '127.0.0.1';

/** Amounts in µBPI (agreement: 500 BPI a node; 2000 BPI an operator). */
export const DEFAULT_ACCOUNTS: AccountFlag[] = [
  { name: 'operator', roles: ['operator'], balance: 1_000_000 * BPI, stake: 2_000 * BPI },
  { name: 'webhook', roles: ['webhook'], balance: 1_000_000 * BPI, stake: 2_000 * BPI },
  { name: 'node-operator', roles: ['node-operator'], balance: 100_000 * BPI, stake: 50_000 * BPI },
  { name: 'bank', roles: ['party'], balance: 10_000 * BPI, stake: 0 },
  { name: 'processor', roles: ['party'], balance: 10_000 * BPI, stake: 0 },
];

/** Those of a trial network: with the court's. */
export const TRIAL_ACCOUNTS: AccountFlag[] = [
  ...DEFAULT_ACCOUNTS,
  ...Array.from({ length: 9 }, (_, i): AccountFlag => ({ name: `arbitrator-${i}`, roles: [], balance: 1_000 * BPI, stake: 0 })),
];

export interface NetworkSettings {
  chainId: string;
  validators: number;
  blockTimeMs: number;
  finalityThreshold: number;
  /** Of a trial network, whose chain id begins with "trial-". */
  trialDayMs?: number;
}
export interface Ports {
  api: number;
  metrics: number;
  /** Validator i ≥ 1 has API port `apiOthers + i`. */
  apiOthers: number;
  peers: number;
}
export interface NewNetwork extends NetworkSettings {
  dataDir: string;
  accounts: AccountFlag[];
  ports: Ports;
  /** Where the peer links listen, by index; all on the loopback when empty. */
  peers: HostPort[];
  economy?: boolean;
}

/** The ports that belong to an API and a metrics port: the others keep the same distance to 21001 and 21101 as the plan's. */
export function portsOf(api: number, metrics: number): Ports {
  return { api, metrics, apiOthers: api + 199, peers: api + 299 };
}

export const homeOf = (dataDir: string, index: number): string => path.join(dataDir, `validator-${index}`);
export const genesisFile = (dataDir: string): string => path.join(dataDir, 'genesis.json');

/** Writes everything beside the directory and renames it at the end. Throws CliError when the directory holds something. */
export async function createNetwork(network: NewNetwork): Promise<Genesis> {
  const { dataDir, validators } = network;
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) {
    throw new CliError(`--data-dir ${dataDir}: the directory is not empty and holds no network; nothing was overwritten, name another one`);
  }
  const parent = path.dirname(path.resolve(dataDir));
  await makeDirectory(disk, parent);
  const temporary = path.join(parent, `.${path.basename(dataDir)}.${process.pid}.tmp`);
  try {
    await makeDirectory(disk, path.join(temporary, 'keys'));
    const keys = Array.from({ length: validators }, generateValidatorKeys);
    const genesis = await writeGenesis(temporary, network, keys);
    for (const [index, key] of keys.entries()) await writeHome(homeOf(temporary, index), key, genesis, nodeFile(network, index));
    await rename(temporary, dataDir);
    await syncDirectory(disk, parent);
    return genesis;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function writeGenesis(directory: string, network: NewNetwork, keys: ValidatorKeys[]): Promise<Genesis> {
  const accounts: Genesis['accounts'] = [];
  const validators = keys.map((key, index) => validatorOf(`validator-${index}`, key));
  const taken = network.accounts.find(({ name }) => validators.some(({ address }) => address === name));
  if (taken) throw new CliError(`--account ${taken.name}: that name is a validator's, whose account is made with it; choose another`);
  for (const account of network.accounts) {
    const pair = generateEd25519();
    await createFile(disk, path.join(directory, 'keys', `${account.name}.key`), encodeKeyFile(pair));
    accounts.push({ publicKey: pair.publicKey, ...account });
  }
  const creator = generateEd25519();
  await createFile(disk, path.join(directory, 'keys', 'creator.key'), encodeKeyFile(creator));
  const { chainId, blockTimeMs, finalityThreshold, economy, trialDayMs } = network;
  const genesis = newGenesis({ chainId, agreementHash: '', blockTimeMs, finalityThreshold, validators, accounts, economy, trialDayMs }, creator);
  await createFile(disk, genesisFile(directory), jsonBytes(genesis), 0o644);
  return genesis;
}

async function writeHome(home: string, keys: ValidatorKeys, genesis: Genesis, file: NodeFile): Promise<void> {
  const files = homeFiles(home);
  await makeDirectory(disk, home);
  await createFile(disk, files.key, encodeKeyFile(keys));
  await createFile(disk, files.genesis, jsonBytes(genesis), 0o644);
  await createFile(disk, files.config, jsonBytes(file), 0o644);
}

function nodeFile({ ports, peers, validators }: Pick<NewNetwork, 'ports' | 'peers' | 'validators'>, index: number): NodeFile {
  const host = peers.length === 0 ? LOOPBACK : '0.0.0.0';
  const addresses = peers.length === 0 ? Array.from({ length: validators }, (_, i) => ({ host: LOOPBACK, port: ports.peers + i })) : peers;
  return {
    api: { host, port: index === 0 || peers.length > 0 ? ports.api : ports.apiOthers + index },
    metrics: { host, port: peers.length > 0 ? ports.metrics : ports.metrics + index },
    peer: { host, port: addresses[index]!.port },
    peers: addresses,
    logLevel: 'info',
  };
}

/** Says where the validators of an existing local network listen from now on; nothing else of it changes. */
export async function movePorts(dataDir: string, validators: number, ports: Ports): Promise<void> {
  for (let index = 0; index < validators; index++) {
    await replaceFile(disk, homeFiles(homeOf(dataDir, index)).config, jsonBytes(nodeFile({ ports, peers: [], validators }, index)), 0o644);
  }
}

/** The network in a directory, which must be the one that the flags describe. Throws CliError or NodeError naming flag, value and cure. */
export function openNetwork(dataDir: string, settings: NetworkSettings): Genesis {
  const genesis = loadGenesis(genesisFile(dataDir));
  const { consensus, validatorSet, chainId } = genesis;
  const compare: [flag: string, given: string | number, there: string | number][] = [
    ['--chain-id', settings.chainId, chainId],
    ['--validator-set-size', settings.validators, validatorSet.validators.length],
    ['--block-time', `${settings.blockTimeMs}ms`, `${consensus.blockTimeMs}ms`],
    ['--finality-threshold', settings.finalityThreshold, validatorSet.quorumPercent],
  ];
  const differs = compare.find(([, given, there]) => given !== there);
  if (differs) {
    const [flag, given, there] = differs;
    throw new CliError(`${flag} ${given}: the network in --data-dir ${dataDir} was made with ${there}; use that, or name another data directory`);
  }
  return genesis;
}

function jsonBytes(value: unknown): Uint8Array {
  return utf8(`${JSON.stringify(value, null, 2)}\n`);
}
