// A behaviour of the model, cut down to what a replay needs: each event, and what it leaves in the validator it happened to.
import { readItf } from './itf.js';

export interface ModelVote {
  from: number;
  round: number;
  digest: number;
}
export interface ModelClaim {
  from: number;
  round: number;
  preparedRound: number;
  preparedDigest: number;
}
export type ModelMessage =
  | { tag: 'ProposalMessage'; value: ModelVote & { roundChanges: ModelClaim[]; prepares: ModelVote[] } }
  | { tag: 'PrepareMessage' | 'CommitMessage'; value: ModelVote }
  | { tag: 'RoundChangeMessage'; value: { claim: ModelClaim; prepares: ModelVote[] } };
export type ModelEvent =
  | { tag: 'Begin' }
  | { tag: 'Deliver'; value: { target: number; message: ModelMessage } }
  | { tag: 'Timeout' | 'Restart'; value: number }
  | { tag: 'Misdeed'; value: ModelMessage };

/** The model's and the core's state in the same words; numbers are rounds and digests, −1 stands for none, votes are from/round/digest. */
export interface Abstract {
  round: number;
  decided: number;
  quorumInRound: boolean;
  /** In this round: proposal, prepare, commit. */
  voted: [number, number, number];
  accepted: number;
  proposals: string[];
  prepares: string[];
  commits: string[];
  roundChanges: string[];
  prepared: string;
  /** Everything it has ever sent, in this life or an earlier one. */
  sent: string[];
}
export interface TraceStep {
  event: ModelEvent;
  /** By validator, those that the event happened to. */
  after: Record<number, Abstract>;
}
export interface ModelTrace {
  faulty: number;
  steps: TraceStep[];
}

interface ModelNode {
  round: number;
  decided: number;
  quorumInRound: boolean;
  votedProposal: number;
  votedPrepare: number;
  votedCommit: number;
  accepted: number;
  proposals: [number, ModelVote][];
  prepares: ModelVote[];
  commits: ModelVote[];
  roundChanges: [number, { claim: ModelClaim }][];
  prepared: { round: number; digest: number };
}
interface ModelState {
  faulty: number;
  nodes: [number, ModelNode][];
  sent: ModelMessage[];
  event: ModelEvent;
}

export const voteText = ({ from, round, digest }: ModelVote): string => `${from}/${round}/${digest}`;
export const claimText = ({ from, round, preparedRound, preparedDigest }: ModelClaim): string =>
  `${from}/${round}/${preparedRound}/${preparedDigest}`;

export function senderOf(message: ModelMessage): number {
  return message.tag === 'RoundChangeMessage' ? message.value.claim.from : message.value.from;
}

/** Without what it shows: a correct validator says a thing once. */
export function messageText({ tag, value }: ModelMessage): string {
  return tag === 'RoundChangeMessage' ? `${tag} ${claimText(value.claim)}` : `${tag} ${voteText(value)}`;
}

export function traceOfItf(json: string): ModelTrace {
  const { states } = JSON.parse(json) as { states: unknown[] };
  const read = states.map((state) => readItf(state) as unknown as ModelState);
  return { faulty: read[0]!.faulty, steps: read.map((state) => ({ event: state.event, after: afterOf(state) })) };
}

function afterOf({ event, faulty, nodes, sent }: ModelState): TraceStep['after'] {
  const touched = nodes.filter(([id]) => id !== faulty && isTouched(event, id));
  const own = (id: number): string[] =>
    sent
      .filter((message) => senderOf(message) === id)
      .map(messageText)
      .sort();
  return Object.fromEntries(touched.map(([id, node]) => [id, { ...abstractOf(node), sent: own(id) }]));
}

function isTouched(event: ModelEvent, id: number): boolean {
  if (event.tag === 'Begin') return true;
  if (event.tag === 'Misdeed') return false;
  return id === (event.tag === 'Deliver' ? event.value.target : event.value);
}

function abstractOf(node: ModelNode): Omit<Abstract, 'sent'> {
  return {
    round: node.round,
    decided: node.decided,
    quorumInRound: node.quorumInRound,
    voted: [node.votedProposal, node.votedPrepare, node.votedCommit],
    accepted: node.accepted,
    proposals: node.proposals.map(([, proposal]) => voteText(proposal)).sort(),
    prepares: node.prepares.map(voteText).sort(),
    commits: node.commits.map(voteText).sort(),
    roundChanges: node.roundChanges.map(([, { claim }]) => claimText(claim)).sort(),
    prepared: `${node.prepared.round}/${node.prepared.digest}`,
  };
}
