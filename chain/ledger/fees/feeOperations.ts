// Mesh calls are paid from what their caller set aside for them, and fees by time are settled on request (agreement 4.2).
import { formatAmount } from '../../../api/amounts.js';
import type { MeshEscrow } from '../../economyTypes.js';
import { accountOf, move } from '../accounts/money.js';
import { Refusal } from '../ledgerError.js';
import { schedule } from '../due/due.js';
import { accountObject, applied, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import type { Overlay } from '../state.js';
import { event, type SystemEvent } from '../systemEvent.js';
import { settleFees } from './metering.js';

export const MESH_DUE = 'mesh';
const meshKey = (account: string) => `mesh/${account}`;

/** Throws Refusal 'NoEscrow'. */
function escrowOf(state: Overlay, account: string): MeshEscrow {
  const escrow = state.read<MeshEscrow>(meshKey(account));
  if (!escrow) throw new Refusal('NoEscrow', `account ${account} has set nothing aside for service calls; it sends mesh.open first`);
  return escrow;
}

function open({ payload: { amount }, body: { sender }, state }: Operation<'mesh.open'>): Effect {
  const known = state.read<MeshEscrow>(meshKey(sender)) ?? { account: sender, escrow: 0, calls: 0, closesAt: null };
  move(state, { balance: sender }, 'escrow', amount);
  const escrow = known.escrow + amount;
  state.write(meshKey(sender), { ...known, escrow, closesAt: null } satisfies MeshEscrow);
  return applied('Escrowed', `account ${accountOf(state, sender).name} has ${formatAmount(escrow)} aside for service calls`, { escrow });
}

/** `calls` is the total, so that a report that comes twice or late charges nothing again. */
function settle({ payload: { caller, calls }, state, block }: Operation<'mesh.settle'>): Effect {
  const known = escrowOf(state, caller);
  if (calls < known.calls) throw new Refusal('Stale', `calls: ${calls} is less than the ${known.calls} that are settled; report the total`);
  const fee = (calls - known.calls) * block.parameters.meshFee;
  if (!Number.isSafeInteger(fee) || fee > known.escrow)
    throw new Refusal(
      'InsufficientFunds',
      `${calls - known.calls} calls cost ${fee} µBPI, ${formatAmount(known.escrow)} are set aside; the caller adds with mesh.open`,
    );
  move(state, 'escrow', { pool: 'mesh' }, fee);
  state.write(meshKey(caller), { ...known, escrow: known.escrow - fee, calls } satisfies MeshEscrow);
  return applied('Settled', `${calls - known.calls} service calls are paid with ${formatAmount(fee)}`, { fee, escrow: known.escrow - fee });
}

/** Not at once, or whoever closes first would have called for nothing. */
function close({ body: { sender }, state, block }: Operation<'mesh.close'>): Effect {
  const known = escrowOf(state, sender);
  if (known.closesAt !== null) return applied('Unchanged', `it closes at ${new Date(known.closesAt).toISOString()}`, { closesAt: known.closesAt });
  const closesAt = block.timestamp + block.parameters.meshSettlementMs;
  state.write(meshKey(sender), { ...known, closesAt } satisfies MeshEscrow);
  schedule(state, { at: closesAt }, MESH_DUE, sender);
  return applied('Closing', `what calls leave of ${formatAmount(known.escrow)} goes back to account ${accountOf(state, sender).name} at ${new Date(closesAt).toISOString()}`, {
    closesAt,
  });
}

/** The total of calls stays, so that what was paid is not asked for again. */
export function refundMesh(state: Overlay, block: BlockContext, account: string): SystemEvent | undefined {
  const known = escrowOf(state, account);
  // Opened again meanwhile, or closed again since.
  if (known.closesAt === null || known.closesAt > block.timestamp) return undefined;
  move(state, 'escrow', { balance: account }, known.escrow);
  state.write(meshKey(account), { ...known, escrow: 0, closesAt: null } satisfies MeshEscrow);
  return event('mesh.refund', { kind: 'Account', name: account }, 'Closed', `${formatAmount(known.escrow)} set aside for service calls are given back`, { refund: known.escrow });
}

function settleAccount({ payload: { account }, state, block }: Operation<'fees.settle'>): Effect {
  const { name } = accountOf(state, account);
  const owed = settleFees(state, block, account);
  return applied('Settled', owed === 0 ? `account ${name} owes nothing` : `account ${name} still owes ${formatAmount(owed)}`, { owed });
}

export const feeOperations: OperationTable<'mesh.open' | 'mesh.settle' | 'mesh.close' | 'fees.settle'> = {
  'mesh.open': { roles: 'anybody', object: accountObject, execute: open },
  'mesh.settle': { roles: ['operator'], object: ({ caller }) => ({ kind: 'Account', namespace: '', name: caller, uid: '' }), execute: settle },
  'mesh.close': { roles: 'anybody', object: accountObject, execute: close },
  'fees.settle': { roles: 'anybody', object: ({ account }) => ({ kind: 'Account', namespace: '', name: account, uid: '' }), execute: settleAccount },
};
