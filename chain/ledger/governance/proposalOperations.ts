// Proposals are made by anybody who leaves a deposit, and voted on by the validators in force (agreement 5.2).
import { formatAmount } from '../../../api/amounts.js';
import { governanceKeys, type ProposalRecord } from '../../governanceTypes.js';
import { accountOf, move } from '../accounts/money.js';
import { schedule } from '../due/due.js';
import { Refusal } from '../ledgerError.js';
import { applied, type Effect, type Operation, type OperationTable } from '../operation.js';
import { validatorsInForce } from '../staking/validatorsInForce.js';
import { rulesOf } from './contentRules.js';
import { CLOSE_DUE, closeVote, isDecided, openProposals, proposalOf, writeProposal } from './proposalLife.js';
import { VOTING_RULES } from './tally.js';

/** At once: of everybody, and of one account. */
const MAX_OPEN = 64;
const MAX_OPEN_EACH = 8;

function submit({ id, payload: { title, reason, content }, body: { sender }, state, block }: Operation<'proposal.submit'>): Effect {
  const open = openProposals(state);
  const own = open.filter((other) => proposalOf(state, other).proposer === sender).length;
  if (open.length >= MAX_OPEN || own >= MAX_OPEN_EACH)
    throw new Refusal('LimitReached', `${open.length} proposals are open, ${own} of this account; at most ${MAX_OPEN} and ${MAX_OPEN_EACH} may be: wait until one is closed`);
  const { check, affected } = rulesOf(content);
  check(state, block, content);
  const { votingMs, proposalDeposit: deposit } = block.parameters;
  move(state, { balance: sender }, 'escrow', deposit);
  const record: ProposalRecord = {
    id,
    proposer: sender,
    title,
    reason,
    content,
    state: 'Voting',
    height: block.height,
    opened: block.timestamp,
    closesAt: block.timestamp + votingMs,
    executesAt: null,
    deposit,
    votes: {},
    tally: null,
    outcome: '',
    affected: affected?.(state, block, content) ?? null,
  };
  writeProposal(state, record);
  state.write(governanceKeys.openProposals, { ids: [...open, id] });
  schedule(state, { at: record.closesAt }, CLOSE_DUE, id);
  const { section, threshold } = VOTING_RULES[content.kind];
  return applied('Proposed', `${content.kind} "${title}" is voted on until ${new Date(record.closesAt).toISOString()} (agreement ${section}: ${threshold}); ${formatAmount(deposit)} are deposited`, {
    proposal: id,
    closesAt: record.closesAt,
    ...(record.affected ? { affected: record.affected } : {}),
  });
}

function vote({ payload: { proposal: id, approve }, body: { sender }, state, block }: Operation<'proposal.vote'>): Effect {
  const record = proposalOf(state, id);
  if (!validatorsInForce(state, block).some(({ ed25519PublicKey }) => ed25519PublicKey === sender))
    throw new Refusal('NotPermitted', `account ${accountOf(state, sender).name} is no validator of the set in force; only those vote`);
  if (record.state !== 'Voting' || block.timestamp >= record.closesAt)
    throw new Refusal('TooLate', `the vote on proposal ${id} closed at ${new Date(record.closesAt).toISOString()}, or was decided before; it is ${record.state}`);
  if (record.votes[sender] === approve) throw new Refusal('AlreadyVoted', `this validator ${approve ? 'approved' : 'rejected'} proposal ${id} already; one vote counts for each`);
  const voted: ProposalRecord = { ...record, votes: { ...record.votes, [sender]: approve } };
  writeProposal(state, voted);
  const after = isDecided(state, block, voted) ? closeVote(state, block, voted) : voted;
  const what = `validator ${accountOf(state, sender).name} ${approve ? 'approves' : 'rejects'} "${record.title}"`;
  if (after.state === 'Voting') return applied('Voted', what, { proposal: id, votes: Object.keys(voted.votes).length });
  return applied(after.state, `${what}, which decides it: ${after.outcome}`, { proposal: id, tally: after.tally });
}

const proposalObject = (name: string) => ({ kind: 'Proposal', namespace: '', name, uid: '' });

export const proposalOperations: OperationTable<'proposal.submit' | 'proposal.vote'> = {
  'proposal.submit': { roles: 'anybody', object: ({ title }) => proposalObject(title), execute: submit },
  'proposal.vote': { roles: 'anybody', object: ({ proposal }) => proposalObject(proposal), execute: vote },
};
