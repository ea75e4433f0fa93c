// Service levels that only those see who measure them: a case by itself once f+1 other validators stated, signed, that one was missed, so that a correct one did (agreement 6, 9.2).
import { faulty } from '../../../receipts/quorum.js';
import type { Evidence, LevelRecord, StatedLevel } from '../../courtTypes.js';
import { accountOf } from '../accounts/money.js';
import { schedule } from '../due/due.js';
import { Refusal } from '../ledgerError.js';
import { applied, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import type { ParameterName } from '../parameters/parameters.js';
import { HOUR_MS } from '../rewards/participants.js';
import { validatorsInForce } from '../staking/validatorsInForce.js';
import type { Overlay } from '../state.js';
import { openWhenMissed } from './serviceLevels.js';

export const LEVEL_DUE = 'level';
/** → LevelRecord */
export const levelKey = (id: string): string => `level/${id}`;

export const LIMITS: Readonly<Record<StatedLevel, { section: string; limit: ParameterName }>> = {
  resource_verification: { section: '6.1', limit: 'resourceVerificationMs' },
  service_discovery: { section: '6.2', limit: 'serviceDiscoveryMs' },
  load_balancing: { section: '6.2', limit: 'loadBalancingMs' },
  generation_time: { section: '6.3', limit: 'receiptGenerationMs' },
  verification_time: { section: '6.3', limit: 'receiptVerificationMs' },
  storage_time: { section: '6.3', limit: 'receiptStorageMs' },
  retrieval_time: { section: '6.3', limit: 'receiptRetrievalMs' },
};

function stateMeasured({ payload: { level, respondent, ms }, body: { sender }, state, block }: Operation<'level.state'>): Effect {
  if (!block.genesis.economy) throw new Refusal('NotMetered', 'this network was begun without an economy, so nobody answers for service levels');
  const members = validatorsInForce(state, block);
  if (!members.some(({ ed25519PublicKey }) => ed25519PublicKey === sender))
    throw new Refusal('NotPermitted', `account ${accountOf(state, sender).name} is no validator of the set in force; only those state what they measured`);
  if (sender === respondent) throw new Refusal('NotPermitted', `respondent ${respondent}: is who states this; what one says of itself opens no case and keeps none away`);
  const { name } = accountOf(state, respondent);
  const { section, limit } = LIMITS[level];
  const limitMs = block.parameters[limit];
  if (ms < limitMs) throw new Refusal('NotConflicting', `ms ${ms}: less than ${limitMs} ms are agreed (${section} ${level}), so this was kept`);

  const hour = Math.floor(block.timestamp / HOUR_MS);
  const id = `${level}.${respondent}.${hour}`;
  const known = state.read<LevelRecord>(levelKey(id));
  if (known?.stated[sender] !== undefined) throw new Refusal('Exists', `this validator stated ${level} of account ${name} in this hour already`);
  if (!known) schedule(state, { at: block.timestamp + HOUR_MS + block.parameters.appealWindowMs }, LEVEL_DUE, id);
  const record: LevelRecord = { level, respondent, hour, stated: { ...known?.stated, [sender]: ms } };
  state.write(levelKey(id), record);

  const evidence: Evidence = { type: 'record', key: levelKey(id) };
  // Who is no member any more does not count.
  const counted = members.flatMap(({ ed25519PublicKey }) => record.stated[ed25519PublicKey] ?? []);
  const needed = faulty(members.length) + 1;
  if (counted.length < needed) return applied('Stated', `${counted.length} of ${needed} validators that are needed state that ${level} of account ${name} was missed`);
  const least = Math.min(...counted);
  const what = `${counted.length} validators measured ${level} of account ${name} in this hour; a correct one of them says at least`;
  const opened = openWhenMissed(state, block, { level, section, respondent, ms: least, limitMs, what, evidence });
  return applied('Stated', `${level} of account ${name} was missed: ${what} ${least} ms${opened === undefined ? '' : `; case ${opened} is upheld`}`, opened === undefined ? undefined : { slaCase: opened });
}

export function forgetLevel(state: Overlay, _block: BlockContext, id: string): void {
  state.remove(levelKey(id));
}

export const levelOperations: OperationTable<'level.state'> = {
  'level.state': { roles: 'anybody', object: ({ respondent }) => ({ kind: 'Account', namespace: '', name: respondent, uid: '' }), execute: stateMeasured },
};
