// Stake leaves slowly: it stays liable for at least the appeal window after it was asked for (agreement 4.1, 4.3).
import { formatAmount } from '../../../api/amounts.js';
import type { UnbondingRecord } from '../../economyTypes.js';
import { accountOf, move } from '../accounts/money.js';
import { schedule } from '../due/due.js';
import { Refusal } from '../ledgerError.js';
import { accountObject, applied, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import type { Overlay } from '../state.js';
import { event, type SystemEvent } from '../systemEvent.js';
import { nodesBehind, unbondingKey, unbondingOf } from './liability.js';

/** At once, for each account; bounds what a penalty has to look at. */
const MAX_UNBONDING = 16;
export const UNBONDING_DUE = 'unbonding';

function unbond({ id, payload: { amount }, body: { sender }, state, block }: Operation<'stake.unbond'>): Effect {
  const account = accountOf(state, sender);
  mustKeepEnough(state, block, { sender, name: account.name, left: account.stake - amount });
  if (unbondingOf(state, sender).length >= MAX_UNBONDING)
    throw new Refusal('LimitReached', `account ${account.name} has ${MAX_UNBONDING} amounts on their way out; wait until the first is released`);
  const releaseAt = block.timestamp + Math.max(block.parameters.unbondingMs, block.parameters.appealWindowMs);
  move(state, { stake: sender }, 'escrow', amount);
  state.write(unbondingKey(sender, id), { id, account: sender, amount, releaseAt } satisfies UnbondingRecord);
  schedule(state, { at: releaseAt }, UNBONDING_DUE, `${sender}.${id}`);
  return applied(
    'Unbonding',
    `${formatAmount(amount)} of account ${account.name} are released at ${new Date(releaseAt).toISOString()}; liable until then`,
    {
      amount,
      releaseAt,
    },
  );
}

/** The stake that is left must carry every node that is left (agreement 4.1: 500 BPI per node). */
function mustKeepEnough(state: Overlay, block: BlockContext, { sender, name, left }: { sender: string; name: string; left: number }): void {
  const nodes = nodesBehind(state, block, sender);
  const needed = nodes * block.parameters.minimumStake;
  if (left >= needed || left < 0) return;
  throw new Refusal(
    'InsufficientStake',
    `${nodes} nodes of account ${name} need a stake of ${formatAmount(needed)}, ${formatAmount(left)} would be left; remove nodes first`,
  );
}

/** `id` = account.unbonding */
export function releaseUnbonding(state: Overlay, _block: BlockContext, id: string): SystemEvent {
  const [account, unbonding] = id.split('.') as [string, string];
  const key = unbondingKey(account, unbonding);
  const { amount } = state.read<UnbondingRecord>(key)!;
  move(state, 'escrow', { balance: account }, amount);
  state.remove(key);
  return event('stake.release', { kind: 'Account', name: account }, 'Released', `${formatAmount(amount)} that were unbonded are released`, { amount });
}

export const stakingOperations: OperationTable<'stake.unbond'> = {
  'stake.unbond': { roles: 'anybody', object: accountObject, execute: unbond },
};
