// kubectl enc explain: gathers what is known about an object, on the chain and, for a Workload's pods, in the cluster.
import type { Command } from 'commander';
import { LABELS } from '../../api/labels.js';
import { stateKeys, type SchedulingDecision, type WaitingRecord } from '../../chain/types.js';
import { CliError } from '../bpci/cliError.js';
import { openCluster, type ClusterReader } from './clusterReader.js';
import { kubeconfigFile } from './config.js';
import { explain, explanationText, type Explanation } from './explanation.js';
import { namespaceOf } from './namespaceOf.js';
import { parseObjectName, showObject, type ObjectName } from './objectKinds.js';
import { chainOptions, clusterOptions, outputOption, type CommonFlags, type Print } from './options.js';
import { mustVerify, receiptsAbout, type ReadReceipt } from './readReceipts.js';
import { withChain, type OpenChain } from './withChain.js';

const MAX_RECEIPTS = 100;
const MAX_REFUSED = 5;

export function addExplainCommand(program: Command, print: Print): void {
  const command = program
    .command('explain')
    .description('why a pod or workload is where it is, or why it was refused: nodes, policies, certificate')
    .argument('<kind/name>', 'as pod/eu-payments-x or workload/eu-payments');
  outputOption(clusterOptions(chainOptions(command))).action(async (name: string, flags: CommonFlags) => {
    const object = parseObjectName(name, namespaceOf(flags));
    const explanations = await withChain(flags, async (chain) => {
      const own = await explainObject(chain, object);
      return object.kind === 'Workload' ? [own, ...(await explainPods(chain, object, flags))] : [own];
    });
    if (explanations.every(({ receipts }) => receipts.length === 0)) throw new CliError(`the chain has no receipt about ${showObject(object)}; is its name and namespace right, and is its namespace enforced?`, 1);
    print(flags.output === 'json' ? JSON.stringify(explanations, null, 2) : explanations.map(explanationText).join('\n\n'));
  });
}

async function explainObject(chain: OpenChain, object: ObjectName): Promise<Explanation> {
  const receipts = await receiptsAbout(chain, object, MAX_RECEIPTS);
  return explain({ object, receipts, ...(object.kind === 'Pod' ? await placementOf(chain, receipts) : {}) });
}

/** Names are used again by later pods: the newest receipt tells which pod is meant. */
async function placementOf({ client }: OpenChain, receipts: readonly ReadReceipt[]): Promise<{ decision?: SchedulingDecision; waiting?: WaitingRecord }> {
  const uid = receipts.map(({ statement }) => statement.predicate.object?.uid).find(Boolean);
  if (uid === undefined) return {};
  const [decision, waiting] = await Promise.all([client.getState<SchedulingDecision>(stateKeys.decision(uid)), client.getState<WaitingRecord>(stateKeys.waiting(uid))]);
  return { ...(decision.value ? { decision: decision.value } : {}), ...(waiting.value ? { waiting: waiting.value } : {}) };
}

/** Pods of the workload that exist, then those that were refused at creation, which only the cluster's events tell. */
async function explainPods(chain: OpenChain, workload: ObjectName, flags: CommonFlags): Promise<Explanation[]> {
  const file = kubeconfigFile(flags.kubeconfig);
  if (file === undefined) return [];
  const cluster = openCluster(file);
  const pods = await podsOf(cluster, workload);
  const placed = await Promise.all(pods.map((name) => explainObject(chain, { kind: 'Pod', namespace: workload.namespace!, name })));
  const refused = await Promise.all((await refusedReceipts(cluster, workload)).map(async (id) => mustVerify(await chain.client.receipt(id), chain.genesis)));
  return [...placed, ...refused.map((receipt) => explain({ object: receipt.statement.predicate.object ?? { kind: 'Pod', name: '?' }, receipts: [receipt] }))];
}

async function podsOf(cluster: ClusterReader, { namespace, name }: ObjectName): Promise<string[]> {
  const selector = encodeURIComponent(`${LABELS.workload}=${name}`);
  const list = await cluster.get<{ items: { metadata: { name: string } }[] }>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
  return (list?.items ?? []).map(({ metadata }) => metadata.name);
}

interface ClusterEvent {
  involvedObject: { kind: string; name: string };
  reason: string;
  message?: string;
  lastTimestamp?: string | null;
}

/** Ids of receipts that refusals of the workload's controllers name, newest first. */
async function refusedReceipts(cluster: ClusterReader, { namespace, name }: ObjectName): Promise<string[]> {
  const list = await cluster.get<{ items: ClusterEvent[] }>(`/api/v1/namespaces/${namespace}/events?fieldSelector=${encodeURIComponent('reason=FailedCreate')}`);
  const own = (list?.items ?? []).filter(({ involvedObject }) => involvedObject.name === name || involvedObject.name.startsWith(`${name}-`));
  const newestFirst = own.toSorted((a, b) => ((a.lastTimestamp ?? '') < (b.lastTimestamp ?? '') ? 1 : -1));
  const ids = newestFirst.flatMap(({ message = '' }) => /receipt ([0-9a-f]{64})/.exec(message)?.[1] ?? []);
  return [...new Set(ids)].slice(0, MAX_REFUSED);
}
