// A node's commitment on its way from the node's own agent to who holds the account: a ConfigMap of the node's name, which the API server lets only that node's agent write (ADR 18).
import { isDeepStrictEqual } from 'node:util';
import type { NodeCommitment } from '../../chain/types.js';
import type { ConfigMap, Node } from '../runtime/kubeObject.js';
import type { CommitmentSource } from './agentReconciler.js';
import { CommitmentRefused } from './commitmentRefused.js';
import type { NodePlace } from './config.js';
import { placeOf } from './place.js';

export const OFFER_KEY = 'commitment.json';

export const offerOf = (namespace: string, { metadata: { name, uid } }: Node, commitment: NodeCommitment): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  // It goes with its node.
  metadata: { name, namespace, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: uid! }] },
  data: { [OFFER_KEY]: JSON.stringify(commitment) },
});

/** The commitment in an offer; undefined where there is none. What is in it is for the ledger to check. */
export function commitmentIn(offer: ConfigMap | undefined): NodeCommitment | undefined {
  try {
    const value = JSON.parse(offer?.data?.[OFFER_KEY] ?? 'null') as NodeCommitment | null;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Of one node, between two commitments: an agent that offers another one all the time does not fill the chain at the account's cost. */
const APART_MS = 10_000;

/**
 * Hands on what nodes' agents offer, where it is of the node it is named after and says of its place what is known. Who commits answers for it with stake, so
 * everything else that is in it is between the node's key and the ledger.
 */
export function offeredCommitments(offer: (name: string) => ConfigMap | undefined, named: ReadonlyMap<string, NodePlace>, now: () => number = () => performance.now()): CommitmentSource {
  const handedOn = new Map<string, number>();
  return async (name, node, record) => {
    if (!node) return { quiet: 'the node is not in the cluster' };
    const offered = offer(name);
    if (!offered) return { quiet: 'its agent has offered nothing yet' };
    const commitment = commitmentIn(offered);
    const fault = commitment ? offerFault(commitment, node, named) : `it holds no ${OFFER_KEY}`;
    if (!commitment || fault !== undefined) throw new CommitmentRefused('BadOffer', `the offer of node ${name} is not taken: ${fault}`);
    if (isDeepStrictEqual(record?.commitment, commitment)) return { quiet: 'it is committed so' };
    const wait = (handedOn.get(name) ?? -Infinity) + APART_MS - now();
    if (wait > 0) return { quiet: 'another commitment of it was handed on a moment ago', againMs: wait };
    handedOn.set(name, now());
    return { commitment };
  };
}

function offerFault({ name, region, zone, attestationProof }: NodeCommitment, node: Node, named: ReadonlyMap<string, NodePlace>): string | undefined {
  if (name !== node.metadata.name) return `it commits node ${JSON.stringify(name)}`;
  const place = placeOf(node, named);
  if (typeof place === 'string') return place;
  if (region !== place.region || zone !== place.zone)
    return `it says region ${JSON.stringify(region)}, zone ${JSON.stringify(zone)}; the node stands in region ${JSON.stringify(place.region)}, zone ${JSON.stringify(place.zone)}`;
  return attestationProof === null ? undefined : 'its TPM quote answers no challenge';
}
