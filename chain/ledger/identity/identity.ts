// Who runs nodes and validates is known to somebody who checks that: a verifier attests an account's identity until a day, by a commitment to what it was shown (agreement 10.3: AML/KYC for node operators).
import type { IdentityRecord } from '../../economyTypes.js';
import { accountOf } from '../accounts/money.js';
import { Refusal } from '../ledgerError.js';
import { applied, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import type { Overlay } from '../state.js';

const identityKey = (account: string): string => `identity/${account}`;

/** Another attestation takes the place of the last; one that ends at once withdraws it. */
function attest({ payload: { account, reference, validUntil }, body: { sender }, state, block }: Operation<'identity.attest'>): Effect {
  const { name } = accountOf(state, account);
  if (account === sender) throw new Refusal('NotPermitted', `account ${name} attests itself; another verifier does`);
  state.write(identityKey(account), { account, by: sender, reference, validUntil, height: block.height } satisfies IdentityRecord);
  if (validUntil <= block.timestamp) return applied('Withdrawn', `the identity of account ${name} is not attested any more`, { account });
  return applied('Attested', `the identity of account ${name} is attested until ${new Date(validUntil).toISOString()} by account ${accountOf(state, sender).name}`, { account, reference });
}

/** Where the parameter identityRequired is 1. Throws Refusal 'NotIdentified'. What runs already goes on. */
export function mustBeIdentified(state: Overlay, { parameters, timestamp }: BlockContext, account: string): void {
  if (parameters.identityRequired === 0) return;
  const known = state.read<IdentityRecord>(identityKey(account));
  if (known && known.validUntil > timestamp) return;
  const why = known ? `its attestation ended at ${new Date(known.validUntil).toISOString()}` : 'nobody attested it';
  throw new Refusal('NotIdentified', `the identity of account ${account} is not known: ${why}; a verifier sends identity.attest (agreement 10.3)`);
}

export const identityOperations: OperationTable<'identity.attest'> = {
  'identity.attest': { roles: ['identity'], object: ({ account }) => ({ kind: 'Account', namespace: '', name: account, uid: '' }), execute: attest },
};
