// Decides whether the ledger must be told about a Node: its readiness, labels and taints as placement needs them (agreement 1.2).
import { isDeepStrictEqual } from 'node:util';
import type { NodeRecord, Payloads } from '../../chain/types.js';
import { isLabelKey, isLabelValue } from '../../api/validate/labelSyntax.js';
import { LABELS } from '../../api/labels.js';
import { parseQuantity, QuantityError } from '../../policy/pod/quantity.js';
import type { Node } from '../runtime/kubeObject.js';

export type NodeReport = Payloads['node.report'];

const MAX_LABELS = 256;
const MAX_TAINTS = 64;
const EFFECTS: readonly string[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** What the node's status says that it can give; undefined while it does not, or not in a way that can be read. */
function allocatableOf({ status }: Node): NodeReport['allocatable'] {
  const { cpu, memory, pods, 'ephemeral-storage': storage = '0' } = status?.allocatable ?? {};
  if (cpu === undefined || memory === undefined || pods === undefined) return undefined;
  try {
    return { cpuMillis: parseQuantity(cpu, 3), memoryBytes: parseQuantity(memory, 0), storageBytes: parseQuantity(storage, 0), pods: parseQuantity(pods, 0) };
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

export function reportOf(node: Node): NodeReport {
  const { metadata, spec, status } = node;
  const allocatable = allocatableOf(node);
  const labels = Object.entries(metadata.labels ?? {}).filter(([key, value]) => isLabelKey(key) && isLabelValue(value));
  return {
    name: metadata.name,
    ready: metadata.deletionTimestamp === undefined && status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True',
    labels: Object.fromEntries(labels.toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(0, MAX_LABELS)),
    taints: (spec?.taints ?? [])
      .filter(({ effect }) => EFFECTS.includes(effect))
      .slice(0, MAX_TAINTS)
      .map(({ key, value, effect }) => ({ key, ...(value === undefined ? {} : { value }), effect })),
    ...(allocatable ? { allocatable } : {}),
  };
}

/** The ledger overrules region, zone and host name by what was committed; those do not make a difference. */
function ownLabels({
  name,
  labels,
  region,
  zone,
}: {
  name: string;
  labels: Record<string, string>;
  region: string;
  zone: string;
}): Record<string, string> {
  const { [LABELS.zone]: _zone, ...rest } = labels;
  return { 'kubernetes.io/hostname': name, ...rest, [LABELS.region]: region, ...(zone === '' ? {} : { [LABELS.zone]: zone }) };
}

/** `node` undefined: it is gone from the cluster. `record` undefined: nobody committed it, so there is nothing to report to. */
export function decide(name: string, node: Node | undefined, record: NodeRecord | undefined): { report: NodeReport } | { quiet: string } {
  if (!record) return { quiet: 'the node is not committed on the ledger' };
  const report: NodeReport = node ? reportOf(node) : { name, ready: false, labels: record.labels, taints: record.taints };
  const labels = ownLabels({ name, labels: report.labels, region: record.region, zone: record.zone });
  const same = record.ready === report.ready && isDeepStrictEqual(record.labels, labels) && isDeepStrictEqual(record.taints, report.taints) && (report.allocatable === undefined || isDeepStrictEqual(record.measured, report.allocatable));
  return same ? { quiet: 'the ledger knows the node so' } : { report };
}
