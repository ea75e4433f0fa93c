// The node agent's settings: flags, and the file that says in which region each node stands.
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { REGIONS } from '../../api/labels.js';
import { chainSettings, ConfigError, parseFlags, withChainFlags, type ChainSettings } from '../config.js';

/** A service on a node, to be announced and measured. */
export interface AnnouncedEndpoint {
  /** namespace/name */
  serviceId: string;
  /** http://host:port or tcp://host:port */
  endpointUrl: string;
  capabilities?: string[];
}
export interface NodePlace {
  name: string;
  region: 'US' | 'EU' | 'APAC';
  /** '' when none is committed. */
  zone: string;
  /** The kubelet's health address, as http://127.0.0.1:10248/healthz, where the agent can reach it; else its lease tells. */
  healthUrl?: string;
  /** Its TPM 2.0 as tpm2-tools name it, as device:/dev/tpmrm0; left out, its commitment is not attested. */
  tpm?: string;
  endpoints?: AnnouncedEndpoint[];
}
export interface AgentConfig extends ChainSettings {
  nodes: NodePlace[];
  /** Undefined: every node's own agent signs, and offers what it signed here. */
  keyFolder: string | undefined;
  /** Namespace in which nodes' own agents offer commitments. */
  offers: string | undefined;
  /** Bits per second that each node commits. */
  networkBandwidth: number;
}

export const PLACES: readonly string[] = REGIONS.filter((region) => region !== 'Global');
const MAX_BANDWIDTH = 2 ** 50;

export function bandwidthOf(text: string): number {
  const bandwidth = Number(text);
  if (!/^\d+$/.test(text) || bandwidth > MAX_BANDWIDTH) throw new InvalidArgumentError(`It must be whole bits per second, at most ${MAX_BANDWIDTH}.`);
  return bandwidth;
}

/** How the agent reaches the node's kubelet and TPM, where it can. */
function reachedOf({ healthUrl, tpm }: Partial<NodePlace>, at: string): Pick<NodePlace, 'healthUrl' | 'tpm'> {
  if (healthUrl !== undefined && !URL.canParse(healthUrl))
    throw new ConfigError(`${at}.healthUrl is ${JSON.stringify(healthUrl)}: give the kubelet's http address, or leave it out`);
  if (tpm !== undefined && (typeof tpm !== 'string' || !/^[a-z]+(:\S*)?$/.test(tpm)))
    throw new ConfigError(`${at}.tpm is ${JSON.stringify(tpm)}: give it as tpm2-tools take it, as device:/dev/tpmrm0, or leave it out`);
  return { ...(healthUrl === undefined ? {} : { healthUrl }), ...(tpm === undefined ? {} : { tpm }) };
}

function endpointsIn(endpoints: unknown, at: string): AnnouncedEndpoint[] {
  if (!Array.isArray(endpoints)) throw new ConfigError(`${at}.endpoints is no list: give {serviceId, endpointUrl, capabilities?} of each`);
  for (const [index, { serviceId, endpointUrl, capabilities = [] }] of (endpoints as Partial<AnnouncedEndpoint>[]).entries()) {
    const which = `${at}.endpoints[${index}]`;
    if (!/^[a-z0-9-]+\/[a-z0-9.-]+$/.test(serviceId ?? '')) throw new ConfigError(`${which}.serviceId is ${JSON.stringify(serviceId)}: give it as namespace/name`);
    if (!/^(https?|tcp):\/\/[^/]+:\d+$/.test(endpointUrl ?? '')) throw new ConfigError(`${which}.endpointUrl is ${JSON.stringify(endpointUrl)}: give it as http://10.0.0.1:8080`);
    if (!Array.isArray(capabilities)) throw new ConfigError(`${which}.capabilities is no list: give words, or leave it out`);
  }
  return endpoints as AnnouncedEndpoint[];
}

function placeOf(value: unknown, file: string, index: number): NodePlace {
  const { name, region, zone = '', healthUrl, tpm, endpoints } = (value ?? {}) as Partial<NodePlace>;
  const at = `--nodes-file ${file}: [${index}]`;
  if (typeof name !== 'string' || !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name))
    throw new ConfigError(`${at}.name is ${JSON.stringify(name)}: give the name of a Node`);
  if (typeof region !== 'string' || !PLACES.includes(region))
    throw new ConfigError(`${at}.region is ${JSON.stringify(region)}: use one of ${PLACES.join(', ')}`);
  if (typeof zone !== 'string' || zone.length > 63)
    throw new ConfigError(`${at}.zone is ${JSON.stringify(zone)}: give at most 63 characters, or leave it out`);
  return { name, region, zone, ...reachedOf({ healthUrl, tpm }, at), ...(endpoints === undefined ? {} : { endpoints: endpointsIn(endpoints, at) }) };
}

/** Throws ConfigError naming the entry, its value and what is allowed. */
export function readNodePlaces(file: string): NodePlace[] {
  let list: unknown;
  try {
    list = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ConfigError(`--nodes-file ${file}: ${(cause as Error).message}: give a JSON list of {name, region, zone?, healthUrl?, tpm?, endpoints?}`, { cause });
  }
  if (!Array.isArray(list)) throw new ConfigError(`--nodes-file ${file}: it is no list: give a JSON list of {name, region, zone?, healthUrl?, tpm?, endpoints?}`);
  const places = list.map((value, index) => placeOf(value, file, index));
  const twice = places.find(({ name }, index) => places.findIndex((other) => other.name === name) !== index);
  if (twice) throw new ConfigError(`--nodes-file ${file}: node ${twice.name} is there twice: keep one entry`);
  return places;
}

export function readConfig(arguments_: readonly string[]): AgentConfig {
  const command = withChainFlags(new Command('enc-node-agent').description('Commits nodes, with their resources and region, to the chain.'))
    .requiredOption('--nodes-file <file>', 'JSON list of {name, region, zone?, healthUrl?, tpm?, endpoints?}: the nodes to commit and where they stand')
    .option('--node-keys <folder>', "folder of the nodes' BLS keys, <name>.key; those missing are made")
    .option('--offers <namespace>', "instead of --node-keys: the namespace in which nodes' own agents (enc-cluster offer) offer what they signed")
    .option('--network-bandwidth <bits>', 'bits per second that each node commits', bandwidthOf, 1_000_000_000);
  const flags = parseFlags<Parameters<typeof chainSettings>[0] & { nodesFile: string; nodeKeys?: string; offers?: string; networkBandwidth: number }>(
    command,
    arguments_,
  );
  if ((flags.nodeKeys === undefined) === (flags.offers === undefined))
    throw new ConfigError("give either --node-keys, for nodes that this agent signs for, or --offers, for nodes with an agent of their own");
  return { ...chainSettings(flags), nodes: readNodePlaces(flags.nodesFile), keyFolder: flags.nodeKeys, offers: flags.offers, networkBandwidth: flags.networkBandwidth };
}
