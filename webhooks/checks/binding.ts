// Bindings in enforced namespaces: only the node of a certified, finalised decision for exactly this pod.
import { GROUP, RUNTIME_LABELS } from '../../api/labels.js';
import { stateKeys, type SchedulingDecision } from '../../chain/types.js';
import type { Violation } from '../../policy/types.js';
import { guard } from '../../policy/violation.js';
import type { AdmissionRequest } from '../admission/review.js';
import type { CertifiedPlacement } from '../placementBook.js';
import { factsOf, type Check, type CheckContext } from './check.js';
import { enforcementOf } from './enforcement.js';

/** The block that told the operator is on its way here. */
const SOON_MS = 150;
/** The validator that is asked may be a block behind the one that told the operator. */
const PATIENCE_MS = 3_000;
const AGAIN_AFTER_MS = 50;

const LET_THE_SCHEDULER = 'let the operator place the pod; kubectl enc explain tells why it waits';

/** Of the blocks that were followed; one made longer ago is read from the ledger, with its proof. */
async function decisionOf(podUid: string, { client, placements }: CheckContext): Promise<CertifiedPlacement | undefined> {
  const seen = await placements.soon(podUid, SOON_MS);
  if (seen) return seen;
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { value } = await client.getState<SchedulingDecision>(stateKeys.decision(podUid));
    if (value !== undefined || Date.now() >= deadline) return value;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }
}

interface Binding {
  /** The API server copies labels and annotations onto the pod. */
  metadata?: { name?: string; uid?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  target?: { kind?: string; name?: string };
}

/** What a Binding would write onto the pod that is not its to write; the node's region, which is enforced by, is the operator's. */
function carriedOf({ labels = {}, annotations = {} }: NonNullable<Binding['metadata']>, byOperator: boolean): string | undefined {
  const allowed = (key: string) => byOperator && key === RUNTIME_LABELS.region;
  const ours = (key: string) => key.startsWith(`${GROUP}/`) || key.startsWith(`runtime.${GROUP}/`);
  return [...Object.keys(labels).filter((key) => !allowed(key)), ...Object.keys(annotations)].find(ours);
}

/** '' uid: the API server would bind whichever pod has the name by then. */
export function bindingGuards({ namespace, name, byOperator }: { namespace: string; name: string; byOperator: boolean }, { metadata, target }: Binding, decision: CertifiedPlacement | undefined): Violation[] {
  if (!metadata?.uid)
    return [
      guard('BindingWithoutUid', `metadata.uid of the Binding is missing, so no certified decision can be looked up for it`, LET_THE_SCHEDULER),
    ];
  if (!decision) return [guard('NoDecision', `no certified decision places pod ${namespace}/${name} (uid ${metadata.uid})`, LET_THE_SCHEDULER)];
  if (decision.pod.namespace !== namespace || decision.pod.name !== name)
    return [
      guard('OtherPod', `the certified decision for uid ${metadata.uid} is of pod ${decision.pod.namespace}/${decision.pod.name}`, LET_THE_SCHEDULER),
    ];
  if (target?.kind && target.kind !== 'Node') return [guard('NotANode', `target.kind is "${target.kind}"`, 'bind pods to Nodes')];
  const carried = carriedOf(metadata, byOperator);
  if (carried !== undefined) return [guard('BindingChangesPod', `the Binding would set ${carried} on a pod that is admitted without it`, LET_THE_SCHEDULER)];
  if (decision.targetNode !== target?.name)
    return [
      guard(
        'OtherNode',
        `target.name is "${target?.name ?? ''}", but the certified decision places the pod on ${decision.targetNode}`,
        LET_THE_SCHEDULER,
      ),
    ];
  return [];
}

function podNameOf(request: AdmissionRequest, binding: Binding): string {
  return request.name || binding.metadata?.name || 'pod';
}

export const checkBinding: Check = async (request, context) => {
  const enforcement = await enforcementOf(request.namespace, context);
  if (!enforcement) return null;
  const binding = (request.object ?? {}) as Binding;
  const name = podNameOf(request, binding);
  const uid = binding.metadata?.uid ?? '';
  const decision = uid === '' ? undefined : await decisionOf(uid, context);
  return factsOf(request, context, {
    ...enforcement,
    operation: 'BIND',
    object: { kind: 'Binding', namespace: request.namespace, name, uid, specHash: decision?.specHash ?? '' },
    binding: { node: binding.target?.name ?? '', podUid: uid },
    guards: bindingGuards({ namespace: request.namespace, name, byOperator: request.user === context.operatorUser }, binding, decision),
  });
};
