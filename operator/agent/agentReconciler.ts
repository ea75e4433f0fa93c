// Commits nodes to the ledger under the account that answers for them, and again when what they can give changes: gather → decide → apply.
import type { ChainClient } from '../../chain/client/types.js';
import { stateKeys, type NodeCommitment, type NodeRecord } from '../../chain/types.js';
import type { ChainWriter } from '../ledger/chainWriter.js';
import type { PassResult, Reconciler } from '../runtime/controller.js';
import type { EventRecorder } from '../runtime/eventRecorder.js';
import type { Node } from '../runtime/kubeObject.js';
import { CommitmentRefused } from './commitmentRefused.js';

/** What is to be committed of a node, signed by its key; or why nothing is. Throws CommitmentRefused. */
export type CommitmentSource = (name: string, node: Node | undefined, record: NodeRecord | undefined) => Promise<({ commitment: NodeCommitment } | { quiet: string }) & { againMs?: number }>;

export interface AgentSources {
  client: ChainClient;
  chain: ChainWriter;
  events: EventRecorder;
  node: (name: string) => Node | undefined;
  commitments: CommitmentSource;
}

export class AgentReconciler implements Reconciler {
  readonly name = 'NodeAgent';
  /** Nodes that the ledger holds as they are. */
  readonly committed = new Set<string>();

  constructor(private readonly sources: AgentSources) {}

  async reconcile(name: string): Promise<PassResult> {
    const { client, chain, node, commitments } = this.sources;
    const { value: record } = await client.getState<NodeRecord>(stateKeys.node(name));
    const decision = await commitments(name, node(name), record);
    if ('quiet' in decision) {
      if (record) this.committed.add(name);
      return decision;
    }
    const { outcome, code, reason, transactionId } = await chain.send('node.commit', decision.commitment);
    if (outcome !== 'applied') throw new CommitmentRefused(code, reason);
    this.committed.add(name);
    await this.sources.events.record(node(name)!, { type: 'Normal', reason: code, note: `${reason} (receipt ${transactionId})`, action: 'Commit' });
    return { receiptId: transactionId, ...(decision.againMs === undefined ? {} : { againMs: decision.againMs }) };
  }

  async showFailure(name: string, { code, message }: { code: string; message: string }): Promise<void> {
    const node = this.sources.node(name);
    if (node) await this.sources.events.record(node, { type: 'Warning', reason: code, note: message, action: 'Commit' });
  }
}
