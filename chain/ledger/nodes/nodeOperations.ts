// Nodes: committed by an operator with stake behind them, reported ready or not, removed when nothing runs there (agreement 1.2, 4.1).
import { formatAmount, parseAmount } from '../../../api/amounts.js';
import { LABELS } from '../../../api/labels.js';
import { stateKeys, type AccountRecord, type NodeCommitment, type NodeRecord } from '../../types.js';
import { sameJson } from '../firstDifference.js';
import { mustNotBeRemoved } from '../governance/removals.js';
import { mustBeIdentified } from '../identity/identity.js';
import { Refusal } from '../ledgerError.js';
import { applied, clusterObject, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import type { Overlay } from '../state.js';
import { attestationOf, attestationOperations } from './attestation.js';
import { commitmentFault } from './commitment.js';
import { forgetBeats, livenessOperations } from './liveness.js';
import { overcommitments, overcommitmentText, usable } from './measured.js';
import { mustOwn } from './nodeOwner.js';

const NODES = 'node/';
const NOTHING_ALLOCATED = { cpuMillis: 0, memoryBytes: 0, storageBytes: 0, pods: 0 };

/** All nodes, by name. */
export function allNodes(state: Overlay): readonly NodeRecord[] {
  return state.records<NodeRecord>(NODES);
}

function commit({ payload: commitment, body: { sender }, state, block }: Operation<'node.commit'>): Effect {
  const { name } = commitment;
  mustNotBeRemoved(state, `node/${name}`);
  const existing = state.read<NodeRecord>(stateKeys.node(name));
  if (existing) {
    mustOwn(existing, sender);
    if (sameJson(existing.commitment, commitment)) return applied('Unchanged', `node ${name} has this commitment already`);
    mustKeepAllocations(existing, commitment);
  }
  mustHaveOwnKey(state, commitment);
  if (!existing) mustBeIdentified(state, block, sender);
  mustHaveStake(state, block, sender, existing ? 0 : 1);
  mustBeSigned(block, commitment);
  const attested = attestationOf(state, block, commitment);
  const { region, zone, cpuMillis, memoryBytes } = commitment;
  const measured = existing?.measured;
  const record: NodeRecord = {
    name,
    region,
    zone,
    ...reportedOf(existing, commitment),
    capacity: usable(commitment, measured),
    ...(measured ? { measured } : {}),
    allocated: existing?.allocated ?? NOTHING_ALLOCATED,
    ...(attested ? { attested } : {}),
    commitment,
    operator: sender,
    height: block.height,
  };
  state.write(stateKeys.node(name), record);
  return applied(
    existing ? 'Updated' : 'Committed',
    `node ${name} commits ${cpuMillis} m CPU and ${memoryBytes} bytes of memory in ${region}; it is ${attested ? 'attested' : 'not attested'} by a TPM`,
    {
      region,
      attested: attested !== undefined,
    },
  );
}

/** What was reported of the node stands under a new commitment. */
function reportedOf(existing: NodeRecord | undefined, commitment: NodeCommitment): Pick<NodeRecord, 'labels' | 'taints' | 'ready' | 'lost'> {
  if (!existing) return { labels: attestedLabels(commitment, {}), taints: [], ready: false };
  const { labels, taints, ready, lost } = existing;
  return { labels: attestedLabels(commitment, labels), taints, ready, ...(lost === undefined ? {} : { lost }) };
}

function mustKeepAllocations({ name, allocated, region }: NodeRecord, commitment: NodeCommitment): void {
  const short = (['cpuMillis', 'memoryBytes', 'storageBytes', 'pods'] as const).find((resource) => commitment[resource] < allocated[resource]);
  if (short)
    throw new Refusal(
      'BelowAllocated',
      `node ${name} cannot commit ${commitment[short]} ${short}: ${allocated[short]} are allocated; drain it first`,
    );
  const less = Object.keys(allocated.extended ?? {}).find((resource) => (commitment.extended?.[resource] ?? 0) < allocated.extended![resource]!);
  if (less !== undefined)
    throw new Refusal('BelowAllocated', `node ${name} cannot commit less ${less} than the ${allocated.extended![less]} that are allocated; drain it first`);
  if (region !== commitment.region && allocated.pods > 0)
    throw new Refusal(
      'InUse',
      `node ${name} cannot move from ${region} to ${commitment.region} with ${allocated.pods} pods placed on it; drain it first`,
    );
}

function mustHaveOwnKey(state: Overlay, { name, blsPublicKey }: NodeCommitment): void {
  const other = allNodes(state).find((node) => node.name !== name && node.commitment.blsPublicKey === blsPublicKey);
  if (other) throw new Refusal('Exists', `blsPublicKey of node ${name} is that of node ${other.name}; make a key of its own`);
}

/** The stake of agreement 4.1 for each node, or what a registered cluster demands where that is more. */
function mustHaveStake(state: Overlay, { parameters, policy }: BlockContext, operator: string, added: number): void {
  const { name, stake } = state.read<AccountRecord>(stateKeys.account(operator))!;
  const perNode = Math.max(parameters.minimumStake, ...policy.set.clusters.map(({ spec }) => parseAmount(spec.minimumStake)));
  const count = allNodes(state).filter((node) => node.operator === operator).length + added;
  if (stake < perNode * count)
    throw new Refusal(
      'InsufficientStake',
      `${count} nodes need a stake of ${formatAmount(perNode * count)} (${formatAmount(perNode)} each), account ${name} has ${formatAmount(stake)}`,
    );
}

function mustBeSigned({ genesis }: BlockContext, commitment: NodeCommitment): void {
  const fault = commitmentFault(genesis.chainId, commitment);
  if (fault === 'BadCommitment')
    throw new Refusal(
      fault,
      `commitmentSignature of node ${commitment.name} is not by its blsPublicKey over these resources on chain ${genesis.chainId}`,
    );
  if (fault) throw new Refusal(fault, `blsProofOfPossession of node ${commitment.name} does not prove possession of the secret of its blsPublicKey`);
}

/** Whatever the labels claim, region and zone are what was committed. */
function attestedLabels({ name, region, zone }: NodeCommitment, labels: Record<string, string>): Record<string, string> {
  const { [LABELS.zone]: _, ...rest } = labels;
  return { 'kubernetes.io/hostname': name, ...rest, [LABELS.region]: region, ...(zone === '' ? {} : { [LABELS.zone]: zone }) };
}

function report({ payload, body: { sender }, roles, state }: Operation<'node.report'>): Effect {
  const { name, ready, taints } = payload;
  const node = state.read<NodeRecord>(stateKeys.node(name));
  if (!node) throw new Refusal('UnknownNode', `node ${name} is not committed; its agent commits it first`);
  if (!roles.includes('operator')) mustOwn(node, sender);
  const labels = attestedLabels(node.commitment, payload.labels);
  const allocatable = roles.includes('operator') ? payload.allocatable : undefined;
  const measured = allocatable ?? node.measured;
  const known = { ready: node.ready, labels: node.labels, taints: node.taints, measured: node.measured ?? null };
  if (sameJson(known, { ready, labels, taints, measured: measured ?? null })) return applied('Unchanged', `node ${name} was reported so already`);
  const capacity = usable(node.commitment, measured);
  state.write(stateKeys.node(name), { ...node, ready, labels, taints, capacity, ...(measured ? { measured } : {}) } satisfies NodeRecord);
  const over = overcommitments(node.commitment, allocatable);
  if (over.length > 0) return applied('Overcommitted', overcommitmentText(name, over), { over, operator: node.operator });
  const claimed = payload.labels[LABELS.region];
  const overruled = claimed !== undefined && claimed !== node.region ? `; its label claims region ${claimed}, it is committed in ${node.region}` : '';
  return applied('Reported', `node ${name} is ${ready ? 'ready' : 'not ready'}${overruled}`);
}

function remove({ payload: { name }, body: { sender }, roles, state }: Operation<'node.remove'>): Effect {
  const node = state.read<NodeRecord>(stateKeys.node(name));
  if (!node) return applied('Absent', `node ${name} is not on the ledger`);
  if (!roles.includes('operator')) mustOwn(node, sender);
  if (node.allocated.pods > 0)
    throw new Refusal('InUse', `node ${name} still has ${node.allocated.pods} pods placed on it; report them Failed or Released first`);
  state.remove(stateKeys.node(name));
  forgetBeats(state, name);
  return applied('Removed', `node ${name} is removed`);
}

export const nodeOperations: OperationTable<'node.commit' | 'node.report' | 'node.remove' | 'node.beat' | 'node.lost' | 'node.challenge'> = {
  ...livenessOperations,
  ...attestationOperations,
  'node.commit': { roles: ['node-operator'], object: clusterObject('Node'), execute: commit },
  'node.report': { roles: ['operator', 'node-operator'], object: clusterObject('Node'), execute: report },
  'node.remove': { roles: ['operator', 'node-operator'], object: clusterObject('Node'), execute: remove },
};
