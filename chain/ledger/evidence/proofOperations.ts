// Proofs of offences beside double votes: a signed transaction that gives its signer away, and a receipt log that was forked. Each is re-checked by everybody, taken once, punished (agreement 4.3).
import { openCheckpoint, type OpenedCheckpoint } from '../../../receipts/log/cosignedCheckpoint.js';
import { verifyCertificate } from '../../../receipts/certificates.js';
import { NoteError } from '../../../receipts/log/signedNote.js';
import type { ProofRecord } from '../../evidenceTypes.js';
import type { Offence } from '../../economyTypes.js';
import type { Validator, ValidatorSet } from '../../../receipts/types.js';
import { stateKeys, type ObjectReference } from '../../types.js';
import { Refusal } from '../ledgerError.js';
import { applied, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import { slash } from '../slashing/slash.js';
import { validatorSetAt } from '../staking/validatorsInForce.js';
import type { Overlay } from '../state.js';
import { offenceIn } from './offenceIn.js';

/** → ProofRecord; `about` = a transaction, log.<validator>.<size>, or flood.<validator>.<height>. */
export const proofKey = (about: string): string => `proof/${about}`;

function transaction({ id, payload: { raw }, body: { sender }, state, block }: Operation<'evidence.transaction'>): Effect {
  const { id: about, ...found } = offenceIn(state, block.genesis.chainId, raw);
  return punish(state, block, about, { ...found, transactionId: id, reporter: sender });
}

function log({ id, payload: { validator, height, first, second }, body: { sender }, state, block }: Operation<'evidence.log'>): Effect {
  if (height > block.height) throw new Refusal('StaleEvidence', `height ${height}: this is block ${block.height}`);
  const { chainId } = block.genesis;
  const set = validatorSetAt(state, height);
  const index = set.validators.findIndex(({ ed25519PublicKey }) => ed25519PublicKey === validator);
  if (index < 0) throw new Refusal('UnknownValidator', `validator ${validator} is not in the set of height ${height}`);
  const [one, other] = [opened('first', first, chainId, set), opened('second', second, chainId, set)];
  if (one.logSize !== other.logSize || one.logRoot === other.logRoot)
    throw new Refusal('NotConflicting', 'first and second: two heads of one size with different roots are a fork; others a correct validator may have cosigned');
  const { address } = set.validators[index]! satisfies Validator;
  for (const [name, { cosigners }] of [['first', one], ['second', other]] as const) // prettier-ignore
    if (!cosigners.includes(index)) throw new Refusal('BadEvidenceSignature', `${name}: is not cosigned by ${address}`);
  const what = `${address} cosigned two logs of ${one.logSize} receipts, with roots ${one.logRoot} and ${other.logRoot}`;
  return punish(state, block, `log.${validator}.${one.logSize}`, { account: validator, subject: `validator/${validator}`, offence: 'receiptTampering', what, transactionId: id, reporter: sender });
}

function checkpoint({ id, payload: { validator, note, header, certificate }, body: { sender }, state, block }: Operation<'evidence.checkpoint'>): Effect {
  const { height, logSize, logRoot } = header;
  const { chainId } = block.genesis;
  if (height >= block.height || height < 1) throw new Refusal('StaleEvidence', `header.height is ${height}: this is block ${block.height}`);
  const set = validatorSetAt(state, height);
  const verdict = verifyCertificate(chainId, set, header, certificate);
  if (!verdict.ok) throw new Refusal('BadCertificate', `certificate: ${verdict.code}: ${verdict.message}`);
  const index = set.validators.findIndex(({ ed25519PublicKey }) => ed25519PublicKey === validator);
  if (index < 0) throw new Refusal('UnknownValidator', `validator ${validator} is not in the set of height ${height}`);
  const shown = opened('note', note, chainId, set);
  if (shown.logSize !== logSize || shown.logRoot === logRoot)
    throw new Refusal('NotConflicting', `note: a fork has the header's size ${logSize} and another root; a correct validator may have cosigned this one`);
  const { address } = set.validators[index]!;
  if (!shown.cosigners.includes(index)) throw new Refusal('BadEvidenceSignature', `note: is not cosigned by ${address}`);
  const what = `${address} cosigned a log of ${logSize} receipts with root ${shown.logRoot}; block ${height} was certified with root ${logRoot}`;
  return punish(state, block, `log.${validator}.${logSize}`, { account: validator, subject: `validator/${validator}`, offence: 'receiptTampering', what, transactionId: id, reporter: sender });
}

/** Throws Refusal 'BadEvidence'. */
function opened(name: string, note: string, chainId: string, set: ValidatorSet): OpenedCheckpoint {
  try {
    return openCheckpoint(note, chainId, set);
  } catch (error) {
    if (error instanceof NoteError) throw new Refusal('BadEvidence', `${name}: ${error.code}: ${error.message}`);
    throw error;
  }
}

export interface Finding {
  account: string;
  subject: string;
  offence: Offence;
  what: string;
  transactionId: string;
  reporter: string;
}

/** Throws Refusal 'Exists'. */
export function punish(state: Overlay, block: BlockContext, about: string, { account, ...finding }: Finding): Effect {
  const known = state.read<ProofRecord>(proofKey(about));
  if (known) throw new Refusal('Exists', `this was proved by transaction ${known.transactionId}`);
  const { subject, offence, what } = finding;
  const penalty = state.get(stateKeys.account(account)) === undefined ? undefined : slash(state, block, { account, subject, offence, evidence: `${what}: transaction ${finding.transactionId}` });
  const record: ProofRecord = { ...finding, slash: penalty?.id ?? null };
  state.write(proofKey(about), record);
  const outcome = penalty ? `${penalty.percent} % of its stake are held until the appeal is over` : 'no stake of it can be taken for this';
  return applied('EvidenceRecorded', `${subject}: ${what}; ${outcome}`, record);
}

export const offender = (name: string): ObjectReference => ({ kind: 'Offence', namespace: '', name, uid: '' });

export const proofOperations: OperationTable<'evidence.transaction' | 'evidence.log' | 'evidence.checkpoint'> = {
  'evidence.transaction': { roles: 'anybody', object: () => offender('transaction'), execute: transaction },
  'evidence.log': { roles: 'anybody', object: ({ validator }) => offender(validator), execute: log },
  'evidence.checkpoint': { roles: 'anybody', object: ({ validator }) => offender(validator), execute: checkpoint },
};
