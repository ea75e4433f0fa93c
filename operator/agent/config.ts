// The node agent's settings: flags, and the file that says in which region each node stands.
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { REGIONS } from '../../api/labels.js';
import { chainSettings, ConfigError, parseFlags, withChainFlags, type ChainSettings } from '../config.js';

export interface NodePlace {
  name: string;
  region: 'US' | 'EU' | 'APAC';
  /** '' when none is committed. */
  zone: string;
}
export interface AgentConfig extends ChainSettings {
  nodes: NodePlace[];
  keyFolder: string;
  /** Bits per second that each node commits. */
  networkBandwidth: number;
}

const PLACES: readonly string[] = REGIONS.filter((region) => region !== 'Global');
const MAX_BANDWIDTH = 2 ** 50;

function bandwidthOf(text: string): number {
  const bandwidth = Number(text);
  if (!/^\d+$/.test(text) || bandwidth > MAX_BANDWIDTH) throw new InvalidArgumentError(`It must be whole bits per second, at most ${MAX_BANDWIDTH}.`);
  return bandwidth;
}

function placeOf(value: unknown, file: string, index: number): NodePlace {
  const { name, region, zone = '' } = (value ?? {}) as Partial<NodePlace>;
  const at = `--nodes-file ${file}: [${index}]`;
  if (typeof name !== 'string' || !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name))
    throw new ConfigError(`${at}.name is ${JSON.stringify(name)}: give the name of a Node`);
  if (typeof region !== 'string' || !PLACES.includes(region))
    throw new ConfigError(`${at}.region is ${JSON.stringify(region)}: use one of ${PLACES.join(', ')}`);
  if (typeof zone !== 'string' || zone.length > 63)
    throw new ConfigError(`${at}.zone is ${JSON.stringify(zone)}: give at most 63 characters, or leave it out`);
  return { name, region, zone };
}

/** Throws ConfigError naming the entry, its value and what is allowed. */
export function readNodePlaces(file: string): NodePlace[] {
  let list: unknown;
  try {
    list = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ConfigError(`--nodes-file ${file}: ${(cause as Error).message}: give a JSON list of {name, region, zone?}`, { cause });
  }
  if (!Array.isArray(list)) throw new ConfigError(`--nodes-file ${file}: it is no list: give a JSON list of {name, region, zone?}`);
  const places = list.map((value, index) => placeOf(value, file, index));
  const twice = places.find(({ name }, index) => places.findIndex((other) => other.name === name) !== index);
  if (twice) throw new ConfigError(`--nodes-file ${file}: node ${twice.name} is there twice: keep one entry`);
  return places;
}

export function readConfig(arguments_: readonly string[]): AgentConfig {
  const command = withChainFlags(new Command('enc-node-agent').description('Commits nodes, with their resources and region, to the chain.'))
    .requiredOption('--nodes-file <file>', 'JSON list of {name, region, zone?}: the nodes to commit and where they stand')
    .requiredOption('--node-keys <folder>', "folder of the nodes' BLS keys, <name>.key; those missing are made")
    .option('--network-bandwidth <bits>', 'bits per second that each node commits', bandwidthOf, 1_000_000_000);
  const flags = parseFlags<Parameters<typeof chainSettings>[0] & { nodesFile: string; nodeKeys: string; networkBandwidth: number }>(
    command,
    arguments_,
  );
  return { ...chainSettings(flags), nodes: readNodePlaces(flags.nodesFile), keyFolder: flags.nodeKeys, networkBandwidth: flags.networkBandwidth };
}
