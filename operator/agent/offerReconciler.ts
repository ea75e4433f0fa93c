// On each node: signs what the node can give with the node's own key, and offers it (ADR 18).
import type { NodeKey } from '../../chain/client/keyFile.js';
import { signNodeCommitment } from '../../chain/client/nodeCommitment.js';
import type { PassResult, Reconciler } from '../runtime/controller.js';
import type { EventRecorder } from '../runtime/eventRecorder.js';
import type { KubeApi } from '../runtime/kubeApi.js';
import { isKubeError } from '../runtime/kubeError.js';
import { RESOURCES, type ConfigMap, type Node } from '../runtime/kubeObject.js';
import { serverSideApply } from '../runtime/serverSideApply.js';
import type { NodePlace } from './config.js';
import { decide } from './decide.js';
import { commitmentIn, offerOf } from './offer.js';
import { placeOf } from './place.js';

/** Somebody may have deleted the offer. */
const LOOK_AGAIN_MS = 300_000;

export interface OfferSources {
  api: KubeApi;
  events: EventRecorder;
  node: (name: string) => Node | undefined;
  named: ReadonlyMap<string, NodePlace>;
  namespace: string;
  chainId: string;
  key: NodeKey;
  networkBandwidth: number;
}

export class OfferReconciler implements Reconciler {
  readonly name = 'NodeOffer';

  constructor(private readonly sources: OfferSources) {}

  async reconcile(name: string): Promise<PassResult> {
    const { api, namespace, chainId, key, networkBandwidth, events } = this.sources;
    const node = this.sources.node(name);
    const place = node && placeOf(node, this.sources.named);
    if (!node || !place) return { quiet: 'the node is not in the cluster' };
    if (typeof place === 'string') {
      await events.record(node, { type: 'Warning', reason: 'PlaceUnknown', note: place, action: 'Offer' });
      return { quiet: place };
    }
    const commitment = commitmentIn(await this.#present(name));
    const decision = decide(node, place, commitment && { commitment }, { networkBandwidth, publicKey: key.publicKey, now: 0 });
    if ('quiet' in decision) return { ...decision, againMs: LOOK_AGAIN_MS };
    await serverSideApply(api, RESOURCES.ConfigMap, offerOf(namespace, node, signNodeCommitment({ chainId, ...decision.commit, attestationProof: null }, key.privateKey)));
    return { againMs: LOOK_AGAIN_MS };
  }

  async #present(name: string): Promise<ConfigMap | undefined> {
    const { api, namespace } = this.sources;
    try {
      return await api.get<ConfigMap>(RESOURCES.ConfigMap.path(name, namespace));
    } catch (error) {
      if (isKubeError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async showFailure(name: string, { code, message }: { code: string; message: string }): Promise<void> {
    const node = this.sources.node(name);
    if (node) await this.sources.events.record(node, { type: 'Warning', reason: code, note: message, action: 'Offer' });
  }
}
