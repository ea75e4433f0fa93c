// Decides whether a node must be committed anew: its allocatable resources or its place are not those of its commitment (agreement 1.2).
import { isDeepStrictEqual } from 'node:util';
import { PLACE_LABELS } from '../../api/labels.js';
import type { NodeCommitmentFields } from '../../chain/client/nodeCommitment.js';
import type { NodeCommitment, NodeRecord } from '../../chain/types.js';
import { parseQuantity } from '../../policy/pod/quantity.js';
import type { Node } from '../runtime/kubeObject.js';
import type { NodePlace } from './config.js';

/** All that is committed but the proof of where. */
type Resources = Omit<NodeCommitmentFields, 'attestationProof'>;

/** Devices and huge pages: what plugins and the kernel offer besides, none that is zero. Throws QuantityError. */
function extendedOf(others: Record<string, string>): Pick<Resources, 'extended'> {
  const amounts = Object.entries(others).map(([name, amount]): [string, number] => [name, parseQuantity(amount, 0)]);
  const some = amounts.filter(([, amount]) => amount > 0);
  return some.length === 0 ? {} : { extended: Object.fromEntries(some) };
}

/** Undefined while the node has not stated what it can give. Throws QuantityError. */
function commitmentOf({ status }: Node, { name, region, zone }: NodePlace, networkBandwidth: number): Resources | undefined {
  const { cpu, memory, pods, 'ephemeral-storage': storage = '0', ...others } = status?.allocatable ?? {};
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
    ...extendedOf(others),
  };
}

function fieldsOf({
  blsPublicKey: _key,
  blsProofOfPossession: _proof,
  commitmentSignature: _signature,
  attestationProof: _attestation,
  ...fields
}: NodeCommitment): Resources {
  return fields;
}

export type AgentDecision = { commit: Resources; quote: boolean } | { quiet: string };

/** A quote is renewed long before the day after which clusters take it for old. */
const QUOTE_MS = 6 * 3_600_000;

export function decide(
  node: Node | undefined,
  place: NodePlace,
  record: Pick<NodeRecord, 'commitment' | 'attested'> | undefined,
  options: { networkBandwidth: number; publicKey: string; now: number },
): AgentDecision {
  if (!node) return { quiet: 'the node is not in the cluster' };
  const wanted = commitmentOf(node, place, options.networkBandwidth);
  if (!wanted) return { quiet: 'the node has not stated its allocatable resources yet' };
  const committed = record && record.commitment.blsPublicKey === options.publicKey && isDeepStrictEqual(fieldsOf(record.commitment), wanted);
  const quote = place.tpm !== undefined;
  const stale = quote && options.now - (record?.attested?.time ?? 0) > QUOTE_MS;
  return committed && !stale ? { quiet: 'it is committed so' } : { commit: wanted, quote };
}

/** Whether a change of a node may change what is committed of it: what it can give, or where it is labelled to stand. */
export function bearsOnCommitment(old: Node, node: Node): boolean {
  const of = ({ status, metadata: { labels = {} } }: Node) => [status?.allocatable, ...Object.values(PLACE_LABELS).map((label) => labels[label])];
  return !isDeepStrictEqual(of(old), of(node));
}
