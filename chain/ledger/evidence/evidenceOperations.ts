// Proof that a validator signed what no correct one signs both: re-checked by everybody against that height's set, recorded once, punished (ADR 6; agreement 4.3).
import { verifyEd25519 } from '../../../crypto/ed25519.js';
import { fromHex } from '../../../crypto/encoding.js';
import { contradict } from '../../consensus/contradict.js';
import { signingInput } from '../../consensus/signing.js';
import type { Signed } from '../../consensus/types.js';
import type { EvidenceRecord } from '../../evidenceTypes.js';
import type { Validator } from '../../../receipts/types.js';
import { stateKeys } from '../../types.js';
import { schedule } from '../due/due.js';
import { Refusal } from '../ledgerError.js';
import { applied, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import { slash } from '../slashing/slash.js';
import type { Overlay } from '../state.js';
import { validatorSetAt } from '../staking/validatorsInForce.js';

/** Heights: older messages are no evidence any more, and records are forgotten. */
export const EVIDENCE_WINDOW = 100_000;
export const EVIDENCE_DUE = 'evidence';

/** → EvidenceRecord; at most one for a validator, height and type of message. */
export function evidenceKey(validator: string, height: number, kind: string): string {
  return `evidence/${validator}/${String(height).padStart(12, '0')}/${kind}`;
}

function report({ id, payload: { first, second }, body: { sender }, state, block }: Operation<'evidence.report'>): Effect {
  mustBeTimely('first', first, block);
  if (!contradict(first, second))
    throw new Refusal('NotConflicting', 'first and second: a correct validator may have signed both; evidence has the same signer, type, height and round, and says two things');
  const member = memberThatSigned(state, block, { first, second });
  const { type: kind, height, round } = first.payload;
  const validator = member.ed25519PublicKey;
  const key = evidenceKey(validator, height, kind);
  const known = state.read<EvidenceRecord>(key);
  if (known) throw new Refusal('Exists', `that ${member.address} signed two ${kind} messages at height ${height} was recorded by transaction ${known.transactionId}`);

  const penalty = punish(state, block, validator, `two ${kind} messages of height ${height}, round ${round}: transaction ${id}`);
  state.write(key, { validator, height, round, kind, transactionId: id, reporter: sender, slash: penalty?.id ?? null } satisfies EvidenceRecord);
  schedule(state, { height: height + EVIDENCE_WINDOW + 1 }, EVIDENCE_DUE, `${validator}.${height}.${kind}`);
  const outcome = penalty ? `${penalty.percent} % of its stake are held until the appeal is over` : 'no stake of it can be taken for this';
  return applied('EvidenceRecorded', `${member.address} signed two ${kind} messages at height ${height}, round ${round}; ${outcome}`, {
    validator,
    height,
    round,
    kind,
    slash: penalty?.id ?? null,
  });
}

/** Throws Refusal 'StaleEvidence'; `name` = the message's member of the payload. */
export function mustBeTimely(name: string, { payload: { height } }: Signed, block: BlockContext): void {
  if (height > block.height)
    throw new Refusal('StaleEvidence', `${name}.payload.height is ${height}, this is block ${block.height}: who may sign that height is not final yet`);
  if (height < block.height - EVIDENCE_WINDOW)
    throw new Refusal('StaleEvidence', `${name}.payload.height is ${height}; evidence is heard for ${EVIDENCE_WINDOW} heights, this is block ${block.height}`);
}

/** Of the set of the messages' height, which is that of all, as their signer is. Throws Refusal 'UnknownValidator', 'BadEvidenceSignature'. */
export function memberThatSigned(state: Overlay, block: BlockContext, messages: Readonly<Record<string, Signed>>): Validator {
  const [[named, { from, payload }]] = Object.entries(messages) as [[string, Signed]];
  const { validators } = validatorSetAt(state, payload.height);
  const member = validators[from];
  if (!member) throw new Refusal('UnknownValidator', `${named}.from is ${from}; the set of height ${payload.height} has ${validators.length} validators`);
  for (const [name, { payload: said, signature }] of Object.entries(messages)) {
    if (verifyEd25519(member.ed25519PublicKey, signingInput(block.genesis.chainId, said), fromHex(signature, 64))) continue;
    throw new Refusal('BadEvidenceSignature', `${name}.signature is not by ${member.address} over this message on chain "${block.genesis.chainId}"`);
  }
  return member;
}

function punish(state: Overlay, block: BlockContext, validator: string, evidence: string) {
  if (state.get(stateKeys.account(validator)) === undefined) return undefined;
  return slash(state, block, { account: validator, subject: `validator/${validator}`, offence: 'consensusFailure', evidence });
}

/** `id` = validator.height.kind */
export function forgetEvidence(state: Overlay, _block: BlockContext, id: string): void {
  const [validator, height, kind] = id.split('.') as [string, string, string];
  state.remove(evidenceKey(validator, Number(height), kind));
}

export const evidenceOperations: OperationTable<'evidence.report'> = {
  'evidence.report': {
    roles: 'anybody',
    object: ({ first: { from, payload } }, state) => {
      const { validators } = validatorSetAt(state, payload.height);
      return { kind: 'Validator', namespace: '', name: validators[from]?.address ?? `index ${from}`, uid: '' };
    },
    execute: report,
  },
};
