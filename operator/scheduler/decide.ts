// Decides what a pod that asks for enc-scheduler needs next: a placement, its binding, a report of its phase, or its release (agreement 1.1, 1.3).
import type { SchedulingDecision } from '../../chain/types.js';
import type { Pod } from '../runtime/kubeObject.js';

/** What following a decision needs of it. */
export type Followed = Pick<SchedulingDecision, 'targetNode' | 'state' | 'height'>;

export type PodStep =
  | { do: 'request' }
  | { do: 'bind'; node: string }
  | { do: 'transition'; to: 'Running' | 'Completed' | 'Failed' | 'Released'; reason: string }
  /** Its node is lost: the placement has failed, and the pod goes, so that its controller makes another. */
  | { do: 'evict'; reason: string }
  /** It runs where no decision put it; placement cannot mend that, people must know. */
  | { do: 'complain'; code: string; message: string }
  | { do: 'nothing'; why: string };

const nothing = (why: string): PodStep => ({ do: 'nothing', why });

function followed(pod: Pod, decision: Followed): PodStep {
  const { phase, reason = '', message = '' } = pod.status ?? {};
  const why = [reason, message].filter(Boolean).join(': ') || `the pod's phase is ${phase}`;
  if (decision.state === 'Completed' || decision.state === 'Failed') return nothing(`its placement has ended: ${decision.state}`);
  if (phase === 'Succeeded') return { do: 'transition', to: 'Completed', reason: why };
  if (phase === 'Failed') return { do: 'transition', to: 'Failed', reason: why };
  if (phase === 'Running' && decision.state === 'Scheduled') return { do: 'transition', to: 'Running', reason: why };
  return nothing(`it is ${decision.state} on ${decision.targetNode}`);
}

function bound(pod: Pod, node: string, decision: Followed | undefined, lost: string | undefined): PodStep {
  if (!decision) return { do: 'complain', code: 'NotCertified', message: `it runs on node ${node} without a certified decision: delete it` };
  if (decision.targetNode !== node)
    return {
      do: 'complain',
      code: 'PlacementViolated',
      message: `it runs on node ${node}, the certified decision of height ${decision.height} is ${decision.targetNode}: delete it`,
    };
  if (lost !== undefined && decision.state !== 'Completed' && pod.metadata.deletionTimestamp === undefined)
    return { do: 'evict', reason: `node ${node} is lost: ${lost}` };
  return followed(pod, decision);
}

/** `pod` undefined: it is gone. `released`: the ledger knows that it is. `lost(node)`: why the node is; undefined when it is not. */
export function decide(
  pod: Pod | undefined,
  decision: Followed | undefined,
  released: boolean,
  lost: (node: string) => string | undefined = () => undefined,
): PodStep {
  if (!pod) return released ? nothing('it is gone and released') : { do: 'transition', to: 'Released', reason: 'the pod is gone' };
  const { nodeName, schedulingGates = [] } = pod.spec;
  if (nodeName) return bound(pod, nodeName, decision, lost(nodeName));
  if (pod.metadata.deletionTimestamp !== undefined) return nothing('it is being deleted before it was bound');
  if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') return nothing(`it has ended unbound: ${pod.status.phase}`);
  if (schedulingGates.length > 0) return nothing('it has scheduling gates');
  if (!decision) return { do: 'request' };
  const why = lost(decision.targetNode);
  return why === undefined ? { do: 'bind', node: decision.targetNode } : { do: 'evict', reason: `node ${decision.targetNode} is lost: ${why}` };
}
