// A Proposal: carried with its votes; its status is the ledger's count (agreement 5.2).
import type { ConditionInput } from '../../api/conditions.js';
import type { Proposal, ProposalStatus } from '../../api/index.js';
import { proposalIdOf, proposalInstruction, voteInstruction } from '../../chain/client/proposalObject.js';
import { governanceKeys, type ProposalRecord } from '../../chain/governanceTypes.js';
import { acceptedCondition } from './conditions.js';
import type { InstructedParts, SeenInstructed } from './instructedKind.js';

type Seen = SeenInstructed<Proposal, ProposalRecord>;
const timeOf = (ms: number) => new Date(ms).toISOString();

function ready({ id, record }: Seen): ConditionInput {
  if (!record) return { type: 'Ready', status: 'False', reason: 'NotOnTheChain', message: 'it is not on the chain' };
  const { state, outcome, closesAt, executesAt, stayedBy } = record;
  const told = { Voting: `validators vote until ${timeOf(closesAt)}: kubectl enc vote ${id} approve`, Passed: `takes effect at ${timeOf(executesAt ?? closesAt)}, after its timelock` };
  if (stayedBy !== undefined && outcome === '') return { type: 'Ready', status: 'False', reason: 'Stayed', message: `case ${stayedBy} found the vote wrong; nothing is carried out while that can be appealed` };
  return { type: 'Ready', status: state === 'Executed' ? 'True' : 'False', reason: state, message: outcome || told[state as 'Voting' | 'Passed'] };
}

function counted({ votes, tally }: ProposalRecord): Pick<ProposalStatus, 'approve' | 'reject' | 'needed'> {
  if (tally) return { approve: tally.approve, reject: tally.reject, needed: tally.needed };
  const approve = Object.values(votes).filter(Boolean).length;
  return { approve, reject: Object.keys(votes).length - approve };
}

function shown(record: ProposalRecord): Omit<ProposalStatus, 'conditions'> {
  const { state, content, height, closesAt, executesAt, outcome, affected } = record;
  return {
    state,
    kind: content.kind,
    height,
    ...counted(record),
    closesAt: timeOf(closesAt),
    ...(executesAt === null ? {} : { executesAt: timeOf(executesAt) }),
    ...(outcome === '' ? {} : { outcome }),
    ...(affected
      ? { affected: { evaluated: affected.evaluated, changed: affected.changed, pods: affected.list.map(({ pod, from, to }) => `${pod.namespace}/${pod.name}: ${from} → ${to}`) } }
      : {}),
  };
}

export const proposalParts: InstructedParts<Proposal, ProposalRecord> = {
  kind: 'Proposal',
  idOf: proposalIdOf,
  key: governanceKeys.proposal,
  instructions(chainId, spec) {
    const first = proposalInstruction(spec);
    const id = proposalIdOf(chainId, spec);
    return first && id !== undefined ? [first, ...spec.votes.map((vote) => voteInstruction(id, vote))] : [];
  },
  isOpen: ({ state }) => state === 'Voting',
  status(seen) {
    const { id, record, refused } = seen;
    const conditions = [acceptedCondition(seen, 'kubectl enc proposal sign'), ready(seen)];
    const proposalId = id === undefined ? {} : { proposalId: id };
    if (record) return { ...shown(record), ...proposalId, conditions };
    return { state: id === undefined ? 'Draft' : refused ? 'Refused' : 'Pending', ...proposalId, conditions };
  },
};
