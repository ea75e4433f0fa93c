// Which transactions nobody waits to see in a block: who asked holds f+1 acknowledgements, and has gone on.
import type { Payloads, TransactionType } from './types.js';

const PATIENT: ReadonlySet<TransactionType> = new Set<TransactionType>(['admission.verdict', 'flow.decision']);

/**
 * They wait for others to share a block with, ms: at least so long, and so long after the block before. Anything else that comes takes them along at once.
 * A proposer waits for the `verdict` on a pod whose placement is asked for: f+1 validators have it, and it is on its way to the others.
 */
export const PATIENCE_MS = { gather: 100, apart: 500, verdict: 40 } as const;

/** What validators report of themselves and one another: it makes no block, the next one takes it along, an empty one's interval later at most. */
const UNHURRIED: ReadonlySet<TransactionType> = new Set<TransactionType>(['node.heartbeat', 'participation.report']);
export const isUnhurried = (type: TransactionType): boolean => UNHURRIED.has(type);

/** That a pod runs is told after the fact; that it has ended frees what others wait for. */
export function isPatient(type: TransactionType, payload: Payloads[TransactionType]): boolean {
  return PATIENT.has(type) || (type === 'placement.transition' && (payload as Partial<Payloads['placement.transition']>).to === 'Running');
}

/** Whether something that needs it is asked of the chain at once: a pod that was let in is placed next, by whichever validator proposes. */
export function isFollowed(type: TransactionType, payload: Payloads[TransactionType]): boolean {
  if (type !== 'admission.verdict') return false;
  const { facts, verdict } = payload as Partial<Payloads['admission.verdict']>;
  return verdict?.decision === 'allow' && facts?.operation === 'CREATE';
}

/** Uid of the pod that it lets in. */
export function podLetIn(type: TransactionType, payload: Payloads[TransactionType]): string | undefined {
  return isFollowed(type, payload) ? (payload as Payloads['admission.verdict']).facts.object.uid : undefined;
}

/** Uid of the pod that must have been let in before. */
export function podPlaced(type: TransactionType, payload: Payloads[TransactionType]): string | undefined {
  return type === 'placement.request' ? (payload as Payloads['placement.request']).podUid : undefined;
}
