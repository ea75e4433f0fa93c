// Who pays for what runs in a namespace: its tenant, once the operator named its account and that account agreed; else who asks for the placement (agreement 4.2).
import type { TenantRecord } from '../../economyTypes.js';
import { accountOf } from '../accounts/money.js';
import { Refusal } from '../ledgerError.js';
import { applied, type Effect, type Operation, type OperationTable } from '../operation.js';
import type { Overlay } from '../state.js';

const tenantKey = (namespace: string): string => `tenant/${namespace}`;

/** `asker` = whose transaction asks for a placement in the namespace. */
export function payerOf(state: Overlay, namespace: string, asker: string): string {
  const tenant = state.read<TenantRecord>(tenantKey(namespace));
  return tenant?.agreed ? tenant.account : asker;
}

/** Naming another account, or none, ends what the last one agreed to; leases that are open stay with who opened them. */
function assign({ payload: { namespace, account }, state, block }: Operation<'tenant.assign'>): Effect {
  const known = state.read<TenantRecord>(tenantKey(namespace));
  if (account === '') {
    if (known) state.remove(tenantKey(namespace));
    return applied('Released', `namespace ${namespace} has no tenant; who asks for a placement pays`);
  }
  const { name } = accountOf(state, account);
  if (known?.account === account) return applied('Unchanged', `account ${name} is the tenant of namespace ${namespace}${known.agreed ? '' : ', and has not agreed yet'}`);
  state.write(tenantKey(namespace), { namespace, account, agreed: false, height: block.height } satisfies TenantRecord);
  return applied('Assigned', `account ${name} pays for namespace ${namespace} as soon as it agrees with tenant.agree`);
}

/** Nobody is made to pay, and nobody can keep a namespace by agreeing without being named. */
function agree({ payload: { namespace, pays }, body: { sender }, state, block }: Operation<'tenant.agree'>): Effect {
  const known = state.read<TenantRecord>(tenantKey(namespace));
  const { name } = accountOf(state, sender);
  if (known?.account !== sender) throw new Refusal('NotOwner', `account ${name} was not named as the tenant of namespace ${namespace}; the operator names it with tenant.assign`);
  state.write(tenantKey(namespace), { ...known, agreed: pays, height: block.height } satisfies TenantRecord);
  return applied(pays ? 'Agreed' : 'Ended', `account ${name} ${pays ? 'pays' : 'pays no more'} for what is placed in namespace ${namespace}`);
}

const tenantObject = ({ namespace }: { namespace: string }) => ({ kind: 'Namespace', namespace: '', name: namespace, uid: '' });

export const tenantOperations: OperationTable<'tenant.assign' | 'tenant.agree'> = {
  'tenant.assign': { roles: ['operator'], object: tenantObject, execute: assign },
  'tenant.agree': { roles: 'anybody', object: tenantObject, execute: agree },
};
