// Decides whether a node must be committed anew: its allocatable resources or its place are not those of its commitment (agreement 1.2).
import { isDeepStrictEqual } from 'node:util';
import type { NodeCommitmentFields } from '../../chain/client/nodeCommitment.js';
import type { NodeCommitment, NodeRecord } from '../../chain/types.js';
import { parseQuantity } from '../../policy/pod/quantity.js';
import type { Node } from '../runtime/kubeObject.js';
import type { NodePlace } from './config.js';

/** Undefined while the node has not stated what it can give. Throws QuantityError. */
function commitmentOf({ status }: Node, { name, region, zone }: NodePlace, networkBandwidth: number): NodeCommitmentFields | undefined {
  const { cpu, memory, pods, 'ephemeral-storage': storage = '0' } = status?.allocatable ?? {};
  if (cpu === undefined || memory === undefined || pods === undefined) return undefined;
  return {
    name,
    region,
    zone,
    cpuMillis: parseQuantity(cpu, 3),
    memoryBytes: parseQuantity(memory, 0),
    storageBytes: parseQuantity(storage, 0),
    networkBandwidth,
    pods: parseQuantity(pods, 0),
    attestationProof: null,
  };
}

function fieldsOf({
  blsPublicKey: _key,
  blsProofOfPossession: _proof,
  commitmentSignature: _signature,
  ...fields
}: NodeCommitment): NodeCommitmentFields {
  return fields;
}

export type AgentDecision = { commit: NodeCommitmentFields } | { quiet: string };

export function decide(
  node: Node | undefined,
  place: NodePlace,
  record: NodeRecord | undefined,
  options: { networkBandwidth: number; publicKey: string },
): AgentDecision {
  if (!node) return { quiet: 'the node is not in the cluster' };
  const wanted = commitmentOf(node, place, options.networkBandwidth);
  if (!wanted) return { quiet: 'the node has not stated its allocatable resources yet' };
  const committed = record && record.commitment.blsPublicKey === options.publicKey && isDeepStrictEqual(fieldsOf(record.commitment), wanted);
  return committed ? { quiet: 'it is committed so' } : { commit: wanted };
}
