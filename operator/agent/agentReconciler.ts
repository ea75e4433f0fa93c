// Commits nodes to the ledger with their own keys, and again when what they can give changes: gather → decide → apply.
import type { NodeKey } from '../../chain/client/keyFile.js';
import { signNodeCommitment, tpmNonce } from '../../chain/client/nodeCommitment.js';
import type { ChainClient } from '../../chain/client/types.js';
import { stateKeys, type NodeRecord } from '../../chain/types.js';
import type { TpmEvidence } from '../../chain/client/tpmEvidence.js';
import type { ChainWriter } from '../ledger/chainWriter.js';
import type { PassResult, Reconciler } from '../runtime/controller.js';
import type { EventRecorder } from '../runtime/eventRecorder.js';
import type { Node } from '../runtime/kubeObject.js';
import type { NodePlace } from './config.js';
import { decide } from './decide.js';
import { Tpm } from './tpm.js';

class CommitmentRefused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'CommitmentRefused';
  }
}

/** How often it is asked whether a node's quote grows old. */
const LOOK_AT_QUOTE_MS = 3_600_000;

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
  /** Nodes that the ledger holds as they are. */
  readonly committed = new Set<string>();

  constructor(private readonly sources: AgentSources) {}

  async reconcile(name: string): Promise<PassResult> {
    const { client, chain, node, places, keys, networkBandwidth } = this.sources;
    const place = places.get(name);
    const key = keys.get(name);
    if (!place || !key) return { quiet: 'the node is not ours to commit' };
    const { value: record } = await client.getState<NodeRecord>(stateKeys.node(name));
    const decision = decide(node(name), place, record, { networkBandwidth, publicKey: key.publicKey, now: client.head().timestamp });
    if ('quiet' in decision) {
      if (record) this.committed.add(name);
      return decision;
    }
    const attestationProof = decision.quote ? await this.#quote(place, key.publicKey) : null;
    const commitment = signNodeCommitment({ chainId: client.chainId, ...decision.commit, attestationProof }, key.privateKey);
    const { outcome, code, reason, transactionId } = await chain.send('node.commit', commitment);
    if (outcome !== 'applied') throw new CommitmentRefused(code, reason);
    this.committed.add(name);
    await this.sources.events.record(node(name)!, { type: 'Normal', reason: code, note: `${reason} (receipt ${transactionId})`, action: 'Commit' });
    return decision.quote ? { receiptId: transactionId, againMs: LOOK_AT_QUOTE_MS } : { receiptId: transactionId };
  }

  /** A quote over what nobody knew before the chain answered. */
  async #quote({ name, tpm }: NodePlace, blsPublicKey: string): Promise<TpmEvidence> {
    const { outcome, code, reason, details } = await this.sources.chain.send('node.challenge', { name });
    if (outcome !== 'applied') throw new CommitmentRefused(code, reason);
    return new Tpm(tpm!).quote(tpmNonce((details as { blockHash: string }).blockHash, { name, blsPublicKey }));
  }

  async showFailure(name: string, { code, message }: { code: string; message: string }): Promise<void> {
    const node = this.sources.node(name);
    if (node) await this.sources.events.record(node, { type: 'Warning', reason: code, note: message, action: 'Commit' });
  }
}
