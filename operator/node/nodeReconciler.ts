// Reports Nodes to the ledger when their readiness, labels or taints change: gather → decide → apply.
import type { ChainClient } from '../../chain/client/types.js';
import { stateKeys, type NodeRecord } from '../../chain/types.js';
import type { ChainWriter } from '../ledger/chainWriter.js';
import type { PassResult, Reconciler } from '../runtime/controller.js';
import type { EventRecorder } from '../runtime/eventRecorder.js';
import type { Informer } from '../runtime/informer.js';
import type { Node } from '../runtime/kubeObject.js';
import { decide } from './decide.js';

class NodeReportRefused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export class NodeReconciler implements Reconciler {
  readonly name = 'Node';

  constructor(
    private readonly client: ChainClient,
    private readonly chain: ChainWriter,
    private readonly nodes: Informer<Node>,
    private readonly events: EventRecorder,
  ) {}

  async reconcile(name: string): Promise<PassResult> {
    const node = this.nodes.get(name);
    const { value: record } = await this.client.getState<NodeRecord>(stateKeys.node(name));
    const decision = decide(name, node, record);
    if ('quiet' in decision) return decision;
    const { outcome, code, reason, transactionId } = await this.chain.send('node.report', decision.report);
    if (outcome !== 'applied') throw new NodeReportRefused(code, reason);
    await this.chain.send('reconcile.report', {
      object: { kind: 'Node', namespace: '', name, uid: node?.metadata.uid ?? '' },
      generation: 0,
      outcome: 'applied',
      reason,
      actions: [`node.report: ${code}`],
    });
    return { receiptId: transactionId };
  }

  async showFailure(name: string, { code, message }: { code: string; message: string }): Promise<void> {
    const node = this.nodes.get(name);
    if (node) await this.events.record(node, { type: 'Warning', reason: code, note: message, action: 'Report' });
  }
}
