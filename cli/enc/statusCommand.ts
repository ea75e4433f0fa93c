// kubectl enc status: the chain, its validators, the nodes by region, what is in force, and the enc resources of the cluster.
import type { Command } from 'commander';
import { API_VERSION, KINDS, PLURALS } from '../../api/labels.js';
import type { NodeRecord } from '../../chain/types.js';
import { facts, table, timeOf } from '../bpci/table.js';
import { openCluster } from './clusterReader.js';
import { kubeconfigFile } from './config.js';
import { chainOptions, clusterOptions, outputOption, type CommonFlags, type Print } from './options.js';
import { askValidators, type ValidatorView } from './validatorViews.js';
import { withChain, type OpenChain } from './withChain.js';

interface Resource {
  kind: string;
  name: string;
  state: string;
  message: string;
}
export interface EncStatus {
  chain: { chainId: string; height: number; time: number; policyHeight: number };
  validators: ValidatorView[];
  regions: { region: string; nodes: number; ready: number; cpuMillis: number; cpuMillisAllocated: number; pods: number }[];
  policies: string[];
  rules: string[];
  agreements: { name: string; state: string }[];
  /** null: the cluster was not asked or did not answer; `clusterFault` says why. */
  resources: Resource[] | null;
  clusterFault?: string;
}

export function addStatusCommand(program: Command, print: Print): void {
  const command = program.command('status').description('the mainnet at a glance: chain, validators, nodes, what is in force, resources');
  outputOption(clusterOptions(chainOptions(command))).action(async (flags: CommonFlags) => {
    const status = await withChain(flags, (chain) => gather(chain, flags));
    print(flags.output === 'json' ? JSON.stringify(status, null, 2) : statusText(status));
  });
}

async function gather({ client, endpoints, genesis }: OpenChain, flags: CommonFlags): Promise<EncStatus> {
  const [validators, nodes, cluster] = await Promise.all([
    askValidators(endpoints, genesis.validatorSet.validators.map(({ address }) => address)),
    client.listState<NodeRecord>('node/'),
    resourcesOf(flags),
  ]);
  const { policyHeight, policies, rules, agreements } = client.policySet();
  const { height, timestamp, chainId } = client.head();
  return {
    chain: { chainId, height, time: timestamp, policyHeight },
    validators,
    regions: byRegion(nodes.map(({ value }) => value)),
    policies: policies.map(({ name }) => name),
    rules: rules.map(({ name }) => name),
    agreements: agreements.map(({ name, state }) => ({ name, state })),
    ...cluster,
  };
}

export function byRegion(nodes: readonly NodeRecord[]): EncStatus['regions'] {
  const regions = [...new Set(nodes.map(({ region }) => region))].toSorted();
  return regions.map((region) => {
    const here = nodes.filter((node) => node.region === region);
    const sum = (of: (node: NodeRecord) => number) => here.reduce((total, node) => total + of(node), 0);
    return {
      region,
      nodes: here.length,
      ready: here.filter(({ ready }) => ready).length,
      cpuMillis: sum(({ capacity }) => capacity.cpuMillis),
      cpuMillisAllocated: sum(({ allocated }) => allocated.cpuMillis),
      pods: sum(({ allocated }) => allocated.pods),
    };
  });
}

interface Listed {
  items: {
    metadata: { name: string; namespace?: string };
    status?: { state?: string; phase?: string; message?: string; conditions?: { status: string; reason: string; message: string }[] };
  }[];
}

/** The chain's part of the status is worth showing without the cluster, so a cluster that does not answer is said, not thrown. */
async function resourcesOf(flags: CommonFlags): Promise<Pick<EncStatus, 'resources' | 'clusterFault'>> {
  const file = kubeconfigFile(flags.kubeconfig);
  if (file === undefined) return { resources: null, clusterFault: 'no kubeconfig was found; name one with --kubeconfig' };
  try {
    const cluster = openCluster(file);
    const lists = await Promise.all(KINDS.map(async (kind) => ({ kind, list: await cluster.get<Listed>(`/apis/${API_VERSION}/${PLURALS[kind]}`) })));
    return { resources: lists.flatMap(({ kind, list }) => (list?.items ?? []).map((item) => resourceOf(kind, item))) };
  } catch (error) {
    return { resources: null, clusterFault: (error as Error).message };
  }
}

function resourceOf(kind: string, { metadata, status = {} }: Listed['items'][number]): Resource {
  const unmet = status.conditions?.find((condition) => condition.status === 'False');
  return {
    kind,
    name: [metadata.namespace, metadata.name].filter(Boolean).join('/'),
    state: status.state ?? status.phase ?? 'not reconciled yet',
    message: status.message ?? (unmet ? `${unmet.reason}: ${unmet.message}` : ''),
  };
}

const listOr = (names: readonly string[], none: string) => (names.length === 0 ? none : names.join(', '));

export function statusText({ chain, validators, regions, policies, rules, agreements, resources, clusterFault }: EncStatus): string {
  const missing = validators.filter(({ state }) => state !== 'running');
  const halted = validators.find(({ haltedSince }) => haltedSince !== null)?.haltedSince;
  const inForce = agreements.filter(({ state }) => state === 'InForce').map(({ name }) => name);
  const ended = agreements.filter(({ state }) => state !== 'InForce').map(({ name, state }) => `${name} (${state})`);
  const overview = facts([
    ['chain', `${chain.chainId}, block ${chain.height} of ${timeOf(chain.time)}, verified${halted ? `; halted since ${timeOf(halted)}` : ''}`],
    ['validators', `${validators.length - missing.length} of ${validators.length} running${missing.length > 0 ? `; ${missing.map(({ address, state }) => `${address} ${state}`).join(', ')}` : ''}`],
    ['policies', `${listOr(policies, 'none')} (set of block ${chain.policyHeight})`],
    ['traffic rules', listOr(rules, 'none: the defaults decide')],
    ['agreements', `${listOr(inForce, 'none in force')}${ended.length > 0 ? `; ended: ${ended.join(', ')}` : ''}`],
  ]);
  const nodes = regions.length === 0
    ? 'no node has committed resources yet'
    : table([['REGION', 'NODES', 'READY', 'CPU', 'PODS'], ...regions.map(({ region, nodes: all, ready, cpuMillis, cpuMillisAllocated, pods }) => [region, all, ready, `${cpuMillisAllocated}m of ${cpuMillis}m`, pods])]);
  const objects = resources === null
    ? `resources: ${clusterFault}`
    : resources.length === 0 ? 'no enc resources in the cluster' : table([['KIND', 'NAME', 'STATE', 'MESSAGE'], ...resources.map(({ kind, name, state, message }) => [kind, name, state, message])]);
  return [overview, nodes, objects].join('\n\n');
}
