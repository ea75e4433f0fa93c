// Brings the cluster's Node objects to what was asked for, and waits until all of them are ready and untainted.
import type { AdminKubectl } from './adminKubectl.js';
import { kwokNode, MADE_BY, nodeLabels } from './kwok/kwokNode.js';
import type { NodeSpec } from './provider.js';
import { eventually } from './shell/eventually.js';

interface NodeObject {
  metadata: { name: string; annotations?: Record<string, string> };
  spec: { taints?: { key: string }[] };
  status: { conditions?: { type: string; status: string; reason?: string; message?: string }[] };
}

const READY_WITHIN_MS = 90_000;
/** The controller manager takes the taints of new nodes off one by one, and each look lists them all. */
const MORE_FOR_EACH_MS = 300;
const LOOK_FOR_EACH_MS = 5;
const CONTROLLER_TAINTS = 'node.kubernetes.io/';

const listNodes = async (kubectl: AdminKubectl) => (JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])) as { items: NodeObject[] }).items;

/** Creates or changes the fake nodes, and deletes those that an earlier run made and nobody asks for now. */
export async function applyKwokNodes(kubectl: AdminKubectl, nodes: readonly NodeSpec[], keep: readonly string[]): Promise<void> {
  const made = (await listNodes(kubectl)).filter(({ metadata }) =>
    Object.entries(MADE_BY).every(([key, value]) => metadata.annotations?.[key] === value),
  );
  const wanted = new Set([...nodes.map(({ name }) => name), ...keep]);
  const surplus = made.map(({ metadata }) => metadata.name).filter((name) => !wanted.has(name));
  if (surplus.length > 0) await kubectl(['delete', 'node', ...surplus, '--wait=false']);
  if (nodes.length === 0) return;
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: nodes.map(kwokNode) });
  const apply = ['apply', '--server-side', '--force-conflicts', '--field-manager=enc-cluster', '-f', '-'];
  await kubectl(apply, { input });
  // Capacity is status, which has its own endpoint; the stages keep what they find there.
  await kubectl([...apply, '--subresource=status'], { input });
}

/** A kubelet says its labels only when it registers; these follow later changes. */
export async function labelRealNode(kubectl: AdminKubectl, node: NodeSpec): Promise<void> {
  await kubectl(['label', 'node', node.name, '--overwrite', ...Object.entries(nodeLabels(node)).map((pair) => pair.join('='))]);
  await kubectl(['annotate', 'node', node.name, '--overwrite', ...Object.entries(MADE_BY).map((pair) => pair.join('='))]);
}

/** Why a node cannot take pods yet; undefined when it can. Taints that people set are theirs. */
export function notReadyBecause({ metadata, spec, status }: NodeObject): string | undefined {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') return `${metadata.name} is not Ready (${ready?.message ?? 'no condition yet'})`;
  const taint = spec.taints?.find(({ key }) => key.startsWith(CONTROLLER_TAINTS) && key !== 'node.kubernetes.io/unschedulable');
  return taint && `${metadata.name} still has the taint ${taint.key}`;
}

export async function waitForNodes(kubectl: AdminKubectl, names: readonly string[], timeoutMs = READY_WITHIN_MS + MORE_FOR_EACH_MS * names.length): Promise<void> {
  await eventually(
    'the nodes to be ready',
    async () => {
      const nodes = await listNodes(kubectl);
      const missing = names.find((name) => !nodes.some(({ metadata }) => metadata.name === name));
      if (missing) throw new Error(`${missing} has not registered`);
      const reasons = nodes.filter(({ metadata }) => names.includes(metadata.name)).map(notReadyBecause);
      const reason = reasons.find((text) => text !== undefined);
      if (reason) throw new Error(reason);
      return true;
    },
    { timeoutMs, everyMs: Math.max(150, LOOK_FOR_EACH_MS * names.length) },
  );
}
