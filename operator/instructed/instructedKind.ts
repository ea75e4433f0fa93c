// Proposals and Disputes: the operator carries what others have signed to the chain, once each, and shows what the chain makes of it; it signs nothing itself.
import type { Dispute, Proposal, ReceiptReference } from '../../api/index.js';
import type { ChainClient } from '../../chain/client/types.js';
import { instructionKey, type SignedInstruction } from '../../chain/instructionTypes.js';
import type { Refused } from '../ledger/refusalMemory.js';
import { quiet, transaction, type Plan, type Step } from '../reconcile/plan.js';
import { REFUSAL_STANDS_MS } from '../reconcile/registration.js';
import type { ResourceKind, StatusPart } from '../reconcile/resourceReconciler.js';
import type { LatestReceipts } from './latestReceipts.js';

export type Instructed = Proposal | Dispute;

/** What is particular to one of the kinds. */
export interface InstructedParts<R extends Instructed, Record> {
  kind: R['kind'];
  /** Id on the chain; undefined while it is a draft. */
  idOf(chainId: string, spec: R['spec']): string | undefined;
  /** What begins it, then what was added, in the order it is to be carried in. */
  instructions(chainId: string, spec: R['spec']): SignedInstruction[];
  key(id: string): string;
  /** Whether the chain would still take what is added. */
  isOpen(record: Record): boolean;
  status(seen: SeenInstructed<R, Record>): StatusPart<R>;
}

export interface SeenInstructed<R extends Instructed, Record> {
  object: R;
  id: string | undefined;
  /** As the ledger has it. */
  record: Record | undefined;
  /** Signed and not carried yet. */
  waiting: SignedInstruction[];
  policyHeight: number;
  refused: Refused | undefined;
}

export function planInstructed<R extends Instructed, Record>({ isOpen }: Pick<InstructedParts<R, Record>, 'isOpen'>, seen: SeenInstructed<R, Record>): Plan {
  const { object, id, record, waiting, refused } = seen;
  if (object.metadata.deletionTimestamp !== undefined) return quiet('it is being deleted; what is on the chain stays there');
  if (id === undefined) return quiet('a draft: nobody has signed it');
  if (record && (waiting.length === 0 || !isOpen(record))) return quiet('everything that was signed is on the chain');
  if (refused) return quiet(`the ledger refuses it: ${refused.code}`, REFUSAL_STANDS_MS);
  // Without its beginning nothing else is possible; what was added later stands for itself.
  const steps = waiting.map((instruction): Step => ({ ...transaction('instruction.carry', instruction), ...(record || instruction !== waiting[0] ? { alone: true as const } : {}) }));
  return { steps, why: 'what was signed is not on the chain yet' };
}

export function instructedKind<R extends Instructed, Record>(
  parts: InstructedParts<R, Record>,
  { client, latest }: { client: ChainClient; latest: LatestReceipts },
): ResourceKind<R, SeenInstructed<R, Record>> {
  return {
    kind: parts.kind,
    async gather(object, refused, minHeight) {
      const at = minHeight === undefined ? {} : { minHeight };
      const { chainId } = client;
      const id = parts.idOf(chainId, object.spec);
      const policyHeight = client.policySet().policyHeight;
      if (id === undefined) return { object, id, record: undefined, waiting: [], policyHeight, refused: undefined };
      const { value: record } = await client.getState<Record>(parts.key(id), at);
      const all = parts.instructions(chainId, object.spec);
      const carried = await Promise.all(all.map(async ({ signer }) => (await client.getState<{ serial: number }>(instructionKey(id, signer), at)).value?.serial ?? 0));
      return { object, id, record, waiting: all.filter(({ serial }, index) => serial > carried[index]!), policyHeight, refused: refused(policyHeight) };
    },
    plan: (seen) => planInstructed(parts, seen),
    status: (seen) => parts.status(seen),
    latestReceipt: ({ id }): ReceiptReference | undefined => (id === undefined ? undefined : latest.of(id)),
  };
}
