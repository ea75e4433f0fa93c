// Changes of the validator set, signed by a quorum of the set in force and in effect two heights later (ADR 6; agreement 4.1, 5).
import { LRUCache } from 'lru-cache';
import { formatAmount } from '../../../api/amounts.js';
import { bls } from '../../../crypto/bls.js';
import { verifyEd25519 } from '../../../crypto/ed25519.js';
import { fromHex } from '../../../crypto/encoding.js';
import { quorum } from '../../../receipts/quorum.js';
import { validatorsHash } from '../../../receipts/validatorSet.js';
import type { ValidatorSet } from '../../../receipts/types.js';
import { stateKeys, type AccountRecord, type NewValidator, type ValidatorsChange, type ValidatorSetRecord } from '../../types.js';
import { takeBackRemoval } from '../governance/removals.js';
import { mustBeIdentified } from '../identity/identity.js';
import { Refusal } from '../ledgerError.js';
import { applied, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import type { Overlay } from '../state.js';
import { changedSet } from './changedSet.js';
import { changeMessage } from './changeMessage.js';
import { addSet, latestSet, TAKES_EFFECT_AFTER } from './validatorSets.js';

// Results of a pure check that costs 15 ms and is asked at proposal and execution.
const proved = new LRUCache<string, boolean>({ max: 1_024 });

function change({ id, payload, state, block }: Operation<'validators.change'>): Effect {
  const latest = latestSet(state);
  mustBeTimely(latest, payload, block);
  changedSet(latest.set, payload);
  mustHaveStake(state, block, payload.add);
  for (const { ed25519PublicKey } of payload.add) mustBeIdentified(state, block, ed25519PublicKey);
  mustBeSigned(block.genesis.chainId, latest.set, payload);
  if (block.genesis.economy) mustAgreeToGo(state, payload);
  mustProvePossession(payload.add);
  const { since, hash, size, added, removed } = enactChange(state, block, id, payload);
  const what = [added.length > 0 ? `${added.join(', ')} come` : '', removed.length > 0 ? `${removed.join(', ')} go` : ''].filter(Boolean).join(', ');
  return applied('SetChanged', `from block ${since} on ${size} validators sign: ${what} (${payload.reason})`, { since, hash, added, removed });
}

/** Who comes has the stake and its keys. Throws Refusal. */
export function mustBeReady(state: Overlay, block: BlockContext, add: readonly NewValidator[]): void {
  mustHaveStake(state, block, add);
  for (const { ed25519PublicKey } of add) mustBeIdentified(state, block, ed25519PublicKey);
  mustProvePossession(add);
}

/** Makes the set that signs from two heights on, whoever decided it. Throws Refusal when it may not follow, or another change is under way. */
export function enactChange(state: Overlay, block: BlockContext, id: string, { add, remove }: Pick<ValidatorsChange, 'add' | 'remove'>) {
  const latest = latestSet(state);
  mustBeInForce(latest, block);
  const set = changedSet(latest.set, { add, remove });
  const since = block.height + TAKES_EFFECT_AFTER;
  const hash = validatorsHash(set);
  const left = new Set(remove);
  const endpoints = Object.fromEntries([
    ...Object.entries(latest.endpoints).filter(([key]) => !left.has(key)),
    ...add.map(({ ed25519PublicKey, endpoint }) => [ed25519PublicKey, endpoint] as const),
  ]);
  addSet(state, { since, hash, set, endpoints, changedBy: id });
  for (const { ed25519PublicKey } of add) takeBackRemoval(state, `validator/${ed25519PublicKey}`);
  const removed = latest.set.validators.filter(({ ed25519PublicKey }) => left.has(ed25519PublicKey)).map(({ address }) => address);
  return { since, hash, size: set.validators.length, added: add.map(({ address }) => address), removed };
}

function mustBeInForce({ since }: ValidatorSetRecord, { height }: BlockContext): void {
  if (since > height)
    throw new Refusal('ChangePending', `the last change takes effect at block ${since}; propose the next one on top of its set from then on`);
}

function mustBeTimely(latest: ValidatorSetRecord, { expectedSetHash, expectedSince }: ValidatorsChange, block: BlockContext): void {
  mustBeInForce(latest, block);
  const { since, hash } = latest;
  if (expectedSetHash !== hash)
    throw new Refusal('StaleValidatorSet', `expectedSetHash is ${expectedSetHash}, the set in force is ${hash}; propose the change anew on top of it`);
  if (expectedSince !== since)
    throw new Refusal('StaleValidatorSet', `expectedSince is ${expectedSince}, the set is in force since block ${since}; propose the change anew`);
}

function mustHaveStake(state: Overlay, { parameters }: BlockContext, add: readonly NewValidator[]): void {
  const needed = parameters.minimumStake;
  add.forEach(({ ed25519PublicKey, address }, i) => {
    const stake = state.read<AccountRecord>(stateKeys.account(ed25519PublicKey))?.stake ?? 0;
    if (stake >= needed) return;
    throw new Refusal(
      'InsufficientStake',
      `add[${i}].ed25519PublicKey: a validator needs a stake of ${formatAmount(needed)}, account ${ed25519PublicKey} of ${address} has ${formatAmount(stake)}; bond more with stake.bond`,
    );
  });
}

/** Throws Refusal unless a quorum of the set signed, each once. */
function mustBeSigned(chainId: string, { validators, quorumPercent }: ValidatorSet, payload: ValidatorsChange): void {
  const { signatures } = payload;
  signatures.forEach(({ validator }, i) => {
    if (!validators.some(({ ed25519PublicKey }) => ed25519PublicKey === validator))
      throw new Refusal('UnknownSigner', `signatures[${i}].validator: ${validator} is no member of the set in force`);
    if (signatures.findIndex((other) => other.validator === validator) !== i)
      throw new Refusal('DuplicateSigner', `signatures[${i}].validator: ${validator} has signed twice; it counts once`);
  });
  const needed = quorum(validators.length, quorumPercent);
  if (signatures.length < needed)
    throw new Refusal('TooFewSignatures', `signatures: ${signatures.length} of ${validators.length} validators signed, ${needed} are needed`);
  const message = changeMessage(chainId, payload);
  const forged = signatures.findIndex(({ validator, signature }) => !verifyEd25519(validator, message, fromHex(signature, 64)));
  if (forged >= 0) throw new Refusal('BadSetSignature', `signatures[${forged}].signature is not by ${signatures[forged]!.validator} over this change`);
}

/** Agreement 5.2, node_removal: against its will a validator goes by a vote that shows its offences, or by the court. One without an account has no stake that could show any. */
function mustAgreeToGo(state: Overlay, { remove, signatures }: ValidatorsChange): void {
  const unwilling = remove.findIndex((key) => !signatures.some(({ validator }) => validator === key) && state.get(stateKeys.account(key)) !== undefined);
  if (unwilling >= 0)
    throw new Refusal('NotPermitted', `remove[${unwilling}]: ${remove[unwilling]} has not signed that it goes; without its consent propose NodeRemoval with evidence of its violations (agreement 5.2)`);
}

function mustProvePossession(add: readonly NewValidator[]): void {
  const unproved = add.findIndex(({ blsPublicKey, blsProofOfPossession }) => {
    const key = blsPublicKey + blsProofOfPossession;
    if (!proved.has(key)) proved.set(key, bls.verifyPossession(blsPublicKey, fromHex(blsProofOfPossession)));
    return !proved.get(key);
  });
  if (unproved >= 0)
    throw new Refusal('BadPossession', `add[${unproved}].blsProofOfPossession does not prove possession of the secret of its blsPublicKey`);
}

function bond({ payload: { account: key, name, amount }, body: { sender }, state }: Operation<'stake.bond'>): Effect {
  const payer = state.read<AccountRecord>(stateKeys.account(sender))!;
  if (payer.balance < amount)
    throw new Refusal('InsufficientFunds', `amount: account ${payer.name} has ${formatAmount(payer.balance)}, ${formatAmount(amount)} cannot be bonded`);
  state.write(stateKeys.account(sender), { ...payer, balance: payer.balance - amount } satisfies AccountRecord);
  const opened: AccountRecord = { name, roles: ['validator'], balance: 0, stake: 0 };
  const account = state.read<AccountRecord>(stateKeys.account(key)) ?? opened;
  const roles = [...new Set([...account.roles, 'validator' as const])].sort();
  state.write(stateKeys.account(key), { ...account, roles, stake: account.stake + amount } satisfies AccountRecord);
  return applied('Bonded', `account ${account.name} has a stake of ${formatAmount(account.stake + amount)}`, { account: key, stake: account.stake + amount });
}

const anybody = ['operator', 'webhook', 'node-operator', 'party', 'validator', 'identity'] as const;

export const validatorOperations: OperationTable<'validators.change' | 'stake.bond'> = {
  'validators.change': {
    roles: anybody,
    object: () => ({ kind: 'ValidatorSet', namespace: '', name: 'validators', uid: '' }),
    execute: change,
  },
  'stake.bond': { roles: anybody, object: ({ account }) => ({ kind: 'Account', namespace: '', name: account, uid: '' }), execute: bond },
};
