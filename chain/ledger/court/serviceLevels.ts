// Service levels of agreement 6: each is measured from what the chain holds, and one that was missed is a case by itself, with its evidence (9.2).
import { formatAmount } from '../../../api/amounts.js';
import { sha256OfJson } from '../../../crypto/canonicalJson.js';
import { signersOf } from '../../../receipts/certificates.js';
import type { BlockHeader, Certificate } from '../../../receipts/types.js';
import { proposerOf } from '../../consensus/consensusState.js';
import type { Evidence } from '../../courtTypes.js';
import type { EndpointRecord } from '../../endpointTypes.js';
import { stateKeys } from '../../types.js';
import type { BlockContext } from '../operation.js';
import { accountBehind, HOUR_MS, validatorParticipant } from '../rewards/participants.js';
import { validatorSetAt } from '../staking/validatorsInForce.js';
import type { Overlay } from '../state.js';
import { openByLedger } from './automatic.js';

export interface Missed {
  /** As section 6 names it. */
  level: string;
  /** 6.1, 6.2 or 6.3. */
  section: string;
  /** Account that answers for it. */
  respondent: string;
  ms: number;
  limitMs: number;
  /** What was late. */
  what: string;
  evidence: Evidence;
}

/** One case for each account, level and hour, however often it was missed. Returns its id; undefined when the level was kept, or its hour has a case. */
export function openWhenMissed(state: Overlay, block: BlockContext, { level, section, respondent, ms, limitMs, what, evidence }: Missed): string | undefined {
  const { slaPenalty: amount } = block.parameters;
  if (!block.genesis.economy || ms < limitMs || amount === 0) return undefined;
  const id = sha256OfJson({ sla: level, operator: respondent, hour: Math.floor(block.timestamp / HOUR_MS) });
  if (state.get(`case/${id}`) !== undefined) return undefined;
  const claim = `${what} ${ms} ms; less than ${limitMs} ms are agreed (${section} ${level}): ${formatAmount(amount)}`;
  openByLedger(state, block, { id, category: 'Performance', respondent, remedy: 'Compensation', subject: '', amount, claim, evidence });
  return id;
}

const record = (key: string): Evidence => ({ type: 'record', key });

/** A placement that no lack of nodes delayed was decided: late, it is a breach by whoever asks for placements. */
export function watchLatency(state: Overlay, block: BlockContext, { operator, podUid, ms }: { operator: string; podUid: string; ms: number }): string | undefined {
  const limitMs = block.parameters.decisionLatencyMs;
  const what = `pod ${podUid} was placed after its verdict in`;
  return openWhenMissed(state, block, { level: 'decision_latency', section: '6.1', respondent: operator, ms, limitMs, what, evidence: record(stateKeys.decision(podUid)) });
}

/** A pod was taken off a node that was lost `ms` before: late, it is a breach by whoever is to place it anew. */
export function watchRecovery(state: Overlay, block: BlockContext, { operator, node, ms }: { operator: string; node: string; ms: number }): string | undefined {
  const limitMs = block.parameters.recoveryMs;
  const what = `node ${node} was lost, and a pod stayed placed on it for`;
  return openWhenMissed(state, block, { level: 'failure_recovery', section: '6.1', respondent: operator, ms, limitMs, what, evidence: record(stateKeys.node(node)) });
}

/**
 * A height whose first rounds failed took `ms` longer than an idle one waits for its block. The first proposer of a failed round answers for it,
 * if it was not among those who finished the height either; where all of them were, the chain does not show whose fault it was.
 */
export function watchFinality(state: Overlay, block: BlockContext, { header, certificate, ms }: { header: BlockHeader; certificate: Certificate; ms: number }): string | undefined {
  const { validators } = validatorSetAt(state, header.height);
  const signers = signersOf(certificate, validators.length) ?? [];
  const failed = Array.from({ length: Math.min(certificate.round, validators.length) }, (_, round) => proposerOf(header.height, round, validators.length));
  const absent = failed.find((index) => !signers.includes(index));
  const respondent = absent === undefined ? undefined : accountBehind(state, block, validatorParticipant(validators[absent]!.ed25519PublicKey));
  if (respondent === undefined) return undefined;
  const what = `height ${header.height} was final in round ${certificate.round}, for ${validators[absent!]!.address} proposed nothing in its own, after`;
  const evidence: Evidence = { type: 'certificate', header, certificate };
  return openWhenMissed(state, block, { level: 'consensus_finality', section: '6.1', respondent, ms, limitMs: block.parameters.finalityMs, what, evidence });
}

type EndpointName = Pick<EndpointRecord, 'serviceId' | 'endpointUrl'>;
const endpointRecord = ({ serviceId, endpointUrl }: EndpointName) => record(stateKeys.endpoint(serviceId, endpointUrl));

/** An endpoint was found healthy, but only after so long: the agent that measured it says so itself, signed. */
export function watchHealthCheck(state: Overlay, block: BlockContext, endpoint: EndpointName, { operator, ms }: { operator: string; ms: number }): string | undefined {
  const limitMs = block.parameters.healthCheckMs;
  const what = `endpoint ${endpoint.endpointUrl} of ${endpoint.serviceId} answered its health check in`;
  return openWhenMissed(state, block, { level: 'health_checks', section: '6.2', respondent: operator, ms, limitMs, what, evidence: endpointRecord(endpoint) });
}

/** Calls went on to an endpoint that nobody had heard of for `ms`, as of the block before: its operator neither reported nor removed it. */
export function watchFailover(state: Overlay, block: BlockContext, endpoint: EndpointName, { operator, ms }: { operator: string; ms: number }): string | undefined {
  const limitMs = block.parameters.failoverMs;
  const what = `endpoint ${endpoint.endpointUrl} of ${endpoint.serviceId} got calls though it was not heard for`;
  return openWhenMissed(state, block, { level: 'failover', section: '6.2', respondent: operator, ms, limitMs, what, evidence: endpointRecord(endpoint) });
}
