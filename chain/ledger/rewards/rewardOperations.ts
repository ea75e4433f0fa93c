// What rewards are measured from: signed heartbeats in blocks, and certificates of who signed them; nothing is claimed (agreement 4.1).
import { signersOf, verifyCertificates, type Certified } from '../../../receipts/certificates.js';
import { watchFinality } from '../court/serviceLevels.js';
import { Refusal } from '../ledgerError.js';
import { applied, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import { validatorSetAt } from '../staking/validatorsInForce.js';
import type { Overlay } from '../state.js';
import { currentHour, writeHour } from './hour.js';
import { accountBehind, hear, meterOf, openMeter, validatorParticipant, writeMeter } from './participants.js';

/** Heights; of older ones it is not remembered who was credited. */
export const MAX_CERTIFICATE_AGE = 1_000;
/** → CreditRecord of a height, for as long as it may be reported. */
export const creditKey = (height: number) => `credited/${String(height).padStart(12, '0')}`;
/** `signers`: indices in the set of that height that were credited. */
export interface CreditRecord {
  signers: number[];
}

/** → SlowHeight, for as long as its certificate may be reported. */
const slowKey = (height: number) => `slow/${String(height).padStart(12, '0')}`;
interface SlowHeight {
  /** Between its block's time and the one before, less what an idle chain waits: the least that its consensus took. */
  ms: number;
}

function heartbeat({ payload: { participant }, body: { sender }, state, block }: Operation<'node.heartbeat'>): Effect {
  mustMeter(block);
  const account = accountBehind(state, block, participant);
  if (account === undefined) throw new Refusal('UnknownNode', `${participant} is neither a committed node nor a validator with an account`);
  if (account !== sender)
    throw new Refusal('NotOwner', `${participant} belongs to account ${account}; its heartbeats are signed with that account's key`);
  if (!hear(state, block, participant, account)) return applied('Unchanged', `${participant} was heard in this slot already`);
  return applied('Heard', `${participant} is there`);
}

function report({ payload: { certificates }, state, block }: Operation<'participation.report'>): Effect {
  mustMeter(block);
  const stale = certificates.findIndex(({ header }) => !isInTime(block, header.height));
  const certified = (stale < 0 ? certificates : certificates.slice(0, stale)).map((one) => ({ ...one, set: validatorSetAt(state, one.header.height) }));
  verifyCertificates(block.genesis.chainId, certified).forEach((verdict, index) => {
    if (!verdict.ok) throw new Refusal('BadCertificate', `certificates[${index}]: ${verdict.code}: ${verdict.message}`);
  });
  if (stale >= 0)
    throw new Refusal('StaleEvidence', `certificates[${stale}]: height ${certificates[stale]!.header.height} is not one of the last ${MAX_CERTIFICATE_AGE} before ${block.height}`);
  const signers = certified.reduce((sum, one) => sum + credit(state, block, one), 0);
  if (signers === 0) return applied('Unchanged', 'everybody who signed these was credited already');
  return applied('Credited', `${signers} signatures under ${certificates.length} blocks are credited`, { signers });
}

/** Whether it is still remembered who was credited for the height. */
function isInTime(block: BlockContext, height: number): boolean {
  return height >= 1 && height < block.height && height >= block.height - MAX_CERTIFICATE_AGE;
}

/** Signers that had not been credited for the height; a second certificate of it may show more of them. */
function credit(state: Overlay, block: BlockContext, { set, header, certificate }: Certified): number {
  const { height } = header;
  const known = state.read<CreditRecord>(creditKey(height));
  if (!known) {
    countHeight(state, certificate.round);
    const slow = state.read<SlowHeight>(slowKey(height));
    if (slow && certificate.round > 0) watchFinality(state, block, { header, certificate, ms: slow.ms });
  }
  const before = new Set(known?.signers ?? []);
  const fresh = signersOf(certificate, set.validators.length)!.filter((index) => !before.has(index));
  if (known && fresh.length === 0) return 0;
  for (const index of fresh) creditSigner(state, block, set.validators[index]!.ed25519PublicKey);
  state.write(creditKey(height), { signers: [...before, ...fresh].sort((a, b) => a - b) } satisfies CreditRecord);
  return fresh.length;
}

/** Rounds before the one that finished a height have failed (agreement 11.1). */
function countHeight(state: Overlay, failed: number): void {
  const hour = currentHour(state)!;
  writeHour(state, { ...hour, certified: hour.certified + 1, failedRounds: hour.failedRounds + failed });
}

function creditSigner(state: Overlay, block: BlockContext, publicKey: string): void {
  const participant = validatorParticipant(publicKey);
  const account = accountBehind(state, block, participant);
  if (account === undefined) return;
  const meter = openMeter(state, block, participant, account);
  writeMeter(state, { ...meter, rounds: meter.rounds + 1 });
}

/** A node has begun to run what was placed on it, `ms` of block time after the decision. */
export function recordAnswer(state: Overlay, block: BlockContext, participant: string, ms: number): void {
  const account = accountBehind(state, block, participant);
  if (account === undefined || !meterOf(state, participant)) return;
  const meter = openMeter(state, block, participant, account);
  writeMeter(state, { ...meter, answers: meter.answers + 1, answerMs: meter.answerMs + ms });
}

/** At every block's begin: remembers that this one took long (agreement 6.1), and forgets what can be reported no more. */
export function keepCredits(state: Overlay, { height, timestamp, previousTimestamp, genesis, parameters }: BlockContext): void {
  const ms = timestamp - previousTimestamp - genesis.consensus.blockTimeMs;
  if (ms >= parameters.finalityMs) state.write(slowKey(height), { ms } satisfies SlowHeight);
  const old = height - MAX_CERTIFICATE_AGE - 1;
  for (const key of [creditKey(old), slowKey(old)]) if (state.get(key) !== undefined) state.remove(key);
}

function mustMeter({ genesis }: BlockContext): void {
  if (genesis.economy) return;
  throw new Refusal(
    'NotMetered',
    'this network was begun without an economy: its genesis has no member "economy", so nothing is metered or rewarded',
  );
}

export const rewardOperations: OperationTable<'node.heartbeat' | 'participation.report'> = {
  'node.heartbeat': {
    roles: 'anybody',
    object: ({ participant }) => ({ kind: 'Participant', namespace: '', name: participant, uid: '' }),
    execute: heartbeat,
  },
  'participation.report': {
    roles: 'anybody',
    object: () => ({ kind: 'Participation', namespace: '', name: 'certificates', uid: '' }),
    execute: report,
  },
};
