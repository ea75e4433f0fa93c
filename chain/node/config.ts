// A validator's home directory, read and checked once: its key, the genesis document, addresses and limits.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { array, integer, literal, object, ShapeError, text, type Shape } from '../../receipts/shape.js';
import { genesisHash, validateGenesis } from '../ledger/genesis.js';
import type { Genesis } from '../types.js';
import { NodeError, reasonOf } from './nodeError.js';
import { loadValidatorKeys, type ValidatorKeys } from './validatorKeys.js';

const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Address {
  host: string;
  port: number;
}

/** node.json of a home directory. */
export interface NodeFile {
  api: Address;
  metrics: Address;
  peer: Address;
  /** Where each validator's peer link listens, by index; the own entry is not used. */
  peers: Address[];
  logLevel: LogLevel;
  /** Blocks from one snapshot of the state to the next; 0 = none are made. */
  snapshotEvery?: number;
  /** Further behind than so many blocks, a snapshot is fetched instead of every block; 0 = never. */
  snapshotSyncAbove?: number;
  /** Older blocks and receipts are dropped; left out = none. */
  retainBlocks?: number;
  /** Of a node that is not in the genesis: what it is called until, and when, it joins the validator set. */
  name?: string;
}

export type KeepSettings = Pick<NodeFile, 'snapshotEvery' | 'snapshotSyncAbove' | 'retainBlocks'>;
export const DEFAULT_KEEP = { snapshotEvery: 2_000, snapshotSyncAbove: 5_000 };

export interface NodeConfig extends NodeFile {
  home: string;
  /** As the genesis or node.json calls it. */
  name: string;
  keys: ValidatorKeys;
  genesis: Genesis;
}

export const homeFiles = (home: string) => ({
  config: path.join(home, 'node.json'),
  key: path.join(home, 'validator.key'),
  genesis: path.join(home, 'genesis.json'),
  blocks: path.join(home, 'data', 'blocks'),
  /** Snapshots of the state that others can ask for. */
  snapshots: path.join(home, 'data', 'snapshots'),
  /** A snapshot that is being fetched. */
  incoming: path.join(home, 'data', 'snapshot-incoming'),
  votes: path.join(home, 'data', 'votes.log'),
  mempool: path.join(home, 'data', 'mempool.log'),
  evidence: path.join(home, 'data', 'evidence.log'),
  log: path.join(home, 'node.log'),
  data: path.join(home, 'data'),
  /** Hash of the genesis document that was found good. */
  checked: path.join(home, 'data', 'genesis.checked'),
});

const address: Shape<Address> = object({ host: text(1, 253), port: integer(1, 65_535) });
const nodeFile: Shape<NodeFile> = object(
  {
  api: address,
  metrics: address,
  peer: address,
  peers: array(address, 1, 1_000),
  logLevel: literal(...LOG_LEVELS),
  },
  { name: text(1, 253), snapshotEvery: integer(), snapshotSyncAbove: integer(), retainBlocks: integer(1) },
);

/** Throws NodeError 'BadConfig', 'BadKeyFile' or 'BadGenesis', in one line that names file, field and cure. */
export function loadNodeConfig(home: string, overrides: { apiPort?: number; metricsPort?: number } & KeepSettings = {}): NodeConfig {
  const files = homeFiles(home);
  if (!existsSync(files.config)) throw new NodeError('BadConfig', `--home ${home}: there is no node.json; make a home directory with "bpci init"`);
  const file = readJson(files.config, nodeFile, 'BadConfig');
  const genesis = loadGenesis(files.genesis, files.checked);
  const keys = loadValidatorKeys(files.key);
  const { validators } = genesis.validatorSet;
  const own = validators.find(({ ed25519PublicKey, blsPublicKey }) => ed25519PublicKey === keys.ed25519.publicKey && blsPublicKey === keys.bls.publicKey);
  const name = own?.address ?? file.name;
  if (name === undefined) {
    throw new NodeError('BadConfig', `--home ${home}: the key of ${files.key} is none of the ${validators.length} validators of ${files.genesis}; make a home that may join with "bpci validators candidate"`);
  }
  if (file.peers.length !== validators.length) {
    throw new NodeError('BadConfig', `${files.config}: peers has ${file.peers.length} entries, the genesis has ${validators.length} validators; list one address for each`);
  }
  const { apiPort, metricsPort, ...keep } = overrides;
  mustKeepEnough(files.config, { ...DEFAULT_KEEP, ...file, ...keep });
  const withPort = (at: Address, port: number | undefined): Address => (port === undefined ? at : { ...at, port });
  return { ...file, ...keep, api: withPort(file.api, apiPort), metrics: withPort(file.metrics, metricsPort), home, name, keys, genesis };
}

/** Who is less far behind than a snapshot is worth needs the blocks. */
function mustKeepEnough(file: string, { retainBlocks, snapshotEvery, snapshotSyncAbove }: Required<Omit<KeepSettings, 'retainBlocks'>> & KeepSettings): void {
  if (retainBlocks === undefined) return;
  if (snapshotEvery === 0) throw new NodeError('BadConfig', `${file}: retainBlocks (--retain-blocks) is ${retainBlocks}, but snapshotEvery is 0; blocks are dropped only where a snapshot replaces them, so set it to ${DEFAULT_KEEP.snapshotEvery}`);
  if (retainBlocks < snapshotSyncAbove) throw new NodeError('BadConfig', `${file}: retainBlocks (--retain-blocks) is ${retainBlocks}, less than snapshotSyncAbove ${snapshotSyncAbove}: validators that are behind by less would find no blocks; raise it`);
}

/**
 * Throws NodeError 'BadGenesis'. The document's check takes a second, for it proves possession of every key: with `checked`, a
 * file in this validator's own data, it is done once for each document.
 */
export function loadGenesis(file: string, checked?: string): Genesis {
  const genesis = readJson(file, (value) => value as Genesis, 'BadGenesis');
  const hash = hashOf(genesis);
  if (checked !== undefined && hash !== undefined && existsSync(checked) && readFileSync(checked, 'utf8') === hash) return genesis;
  const [fault] = validateGenesis(genesis);
  if (fault) throw new NodeError('BadGenesis', `genesis ${file}: ${fault.path}: ${fault.message}; ${fault.cure}`);
  if (checked !== undefined && existsSync(path.dirname(checked))) writeFileSync(checked, genesisHash(genesis));
  return genesis;
}

function hashOf(genesis: Genesis): string | undefined {
  try {
    return genesisHash(genesis);
  } catch {
    return undefined;
  }
}

function readJson<T>(file: string, shape: Shape<T>, code: 'BadConfig' | 'BadGenesis'): T {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new NodeError(code, `${file} cannot be read: ${reasonOf(cause)}`, { cause });
  }
  try {
    return shape(JSON.parse(content), path.basename(file, '.json'));
  } catch (cause) {
    const why = cause instanceof ShapeError ? cause.message : `it is no JSON (${reasonOf(cause)})`;
    throw new NodeError(code, `${file} is malformed: ${why}`, { cause });
  }
}
