// Commits nodes to the ledger with their own keys, and again when what they can give changes: gather → decide → apply.
import type { NodeKey } from '../../chain/client/keyFile.js';
import { signNodeCommitment } from '../../chain/client/nodeCommitment.js';
import type { ChainClient } from '../../chain/client/types.js';
import { stateKeys, type NodeRecord } from '../../chain/types.js';
import type { ChainWriter } from '../ledger/chainWriter.js';
import type { PassResult, Reconciler } from '../runtime/controller.js';
import type { EventRecorder } from '../runtime/eventRecorder.js';
import type { Node } from '../runtime/kubeObject.js';
import type { NodePlace } from './config.js';
import { decide } from './decide.js';

class CommitmentRefused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'CommitmentRefused';
  }
}

export interface AgentSources {
  client: ChainClient;
  chain: ChainWriter;
  events: EventRecorder;
  node: (name: string) => Node | undefined;
  places: ReadonlyMap<string, NodePlace>;
  keys: ReadonlyMap<string, NodeKey>;
  networkBandwidth: number;
}

export class AgentReconciler implements Reconciler {
  readonly name = 'NodeAgent';

  constructor(private readonly sources: AgentSources) {}

  async reconcile(name: string): Promise<PassResult> {
    const { client, chain, node, places, keys, networkBandwidth } = this.sources;
    const place = places.get(name);
    const key = keys.get(name);
    if (!place || !key) return { quiet: 'the node is not ours to commit' };
    const { value: record } = await client.getState<NodeRecord>(stateKeys.node(name));
    const decision = decide(node(name), place, record, { networkBandwidth, publicKey: key.publicKey });
    if ('quiet' in decision) return decision;
    const commitment = signNodeCommitment({ chainId: client.chainId, ...decision.commit }, key.privateKey);
    const { outcome, code, reason, transactionId } = await chain.send('node.commit', commitment);
    if (outcome !== 'applied') throw new CommitmentRefused(code, reason);
    await this.sources.events.record(node(name)!, { type: 'Normal', reason: code, note: `${reason} (receipt ${transactionId})`, action: 'Commit' });
    return { receiptId: transactionId };
  }

  async showFailure(name: string, { code, message }: { code: string; message: string }): Promise<void> {
    const node = this.sources.node(name);
    if (node) await this.sources.events.record(node, { type: 'Warning', reason: code, note: message, action: 'Commit' });
  }
}
