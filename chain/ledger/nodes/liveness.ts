// Which nodes are there: signed beats of their operators, and nodes that are lost because their beats ended (agreement 6.1: failure_recovery).
import { NODE_SILENT_MS, stateKeys, type NodeRecord } from '../../types.js';
import { Refusal } from '../ledgerError.js';
import { applied, clusterObject, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import { hear, nodeParticipant } from '../rewards/participants.js';
import type { Overlay } from '../state.js';
import { mustOwn } from './nodeOwner.js';

/** The last beat's block time, ms. */
interface BeatRecord {
  name: string;
  time: number;
}

/** → when the node was lost, while it is. */
const lostKey = (name: string) => `lost/${name}`;

/** Ms of block time since the node was lost; undefined while it is there. */
export function lostFor(state: Overlay, { timestamp }: BlockContext, name: string): number | undefined {
  const known = state.read<BeatRecord>(lostKey(name));
  return known && timestamp - known.time;
}

function mustKnow(state: Overlay, name: string): NodeRecord {
  const node = state.read<NodeRecord>(stateKeys.node(name));
  if (!node) throw new Refusal('UnknownNode', `node ${name} is not committed; its agent commits it first`);
  return node;
}

/** One operator's nodes in one transaction. A node that was lost is there again. */
function beat({ payload: { nodes }, body: { sender }, state, block }: Operation<'node.beat'>): Effect {
  const returned: string[] = [];
  for (const name of nodes) {
    const node = mustKnow(state, name);
    mustOwn(node, sender);
    state.write(stateKeys.beat(name), { name, time: block.timestamp } satisfies BeatRecord);
    if (block.genesis.economy) hear(state, block, nodeParticipant(name), sender);
    if (node.lost === undefined) continue;
    const { lost: _, ...rest } = node;
    if (state.read(lostKey(name)) !== undefined) state.remove(lostKey(name));
    state.write(stateKeys.node(name), rest satisfies NodeRecord);
    returned.push(name);
  }
  const back = returned.length === 0 ? '' : `; ${returned.join(', ')} came back`;
  return applied('Heard', `${nodes.length} nodes are there${back}`, returned.length === 0 ? undefined : { returned });
}

/**
 * The owner may give its node up at any time; others only when its beats have ended, as of the block before this one, so that the first
 * block after the chain stood still holds the beats that waited for it. A node that never beat is judged by its reports alone.
 */
function lose({ payload: { name, reason }, body: { sender }, state, block }: Operation<'node.lost'>): Effect {
  const node = mustKnow(state, name);
  if (node.lost !== undefined) return applied('Unchanged', `node ${name} is lost already: ${node.lost}`);
  const own = node.operator === sender;
  const last = state.read<BeatRecord>(stateKeys.beat(name))?.time;
  const silentMs = last === undefined ? 0 : block.previousTimestamp - last;
  if (!own && silentMs <= NODE_SILENT_MS)
    throw new Refusal(
      'NotSilent',
      last === undefined
        ? `node ${name} sends no beats, so that it is silent says nothing; report it not ready`
        : `node ${name} was heard ${silentMs} ms ago; it is lost after ${NODE_SILENT_MS} ms`,
    );
  const why = own ? reason || 'its operator gave it up' : `it was not heard for ${silentMs} ms`;
  state.write(stateKeys.node(name), { ...node, lost: why } satisfies NodeRecord);
  state.write(lostKey(name), { name, time: block.timestamp } satisfies BeatRecord);
  return applied('Lost', `node ${name} is lost: ${why}; ${node.allocated.pods} pods placed on it are to be placed again`, { pods: node.allocated.pods });
}

/** When the node is removed. */
export function forgetBeats(state: Overlay, name: string): void {
  for (const key of [stateKeys.beat(name), lostKey(name)]) if (state.read(key) !== undefined) state.remove(key);
}

export const livenessOperations: OperationTable<'node.beat' | 'node.lost'> = {
  'node.beat': {
    roles: ['node-operator'],
    object: ({ nodes }) => ({ kind: 'Node', namespace: '', name: nodes.length === 1 ? nodes[0]! : `${nodes.length} nodes`, uid: '' }),
    execute: beat,
  },
  'node.lost': { roles: ['operator', 'node-operator', 'validator'], object: clusterObject('Node'), execute: lose },
};
