// Proof of a network attack: one validator signed so many contradicting messages of one height and round that no mistake explains it (agreement 4.3: 50 %; ADR 15).
import { contradict } from '../../consensus/contradict.js';
import { Refusal } from '../ledgerError.js';
import type { Effect, Operation, OperationTable } from '../operation.js';
import { memberThatSigned, mustBeTimely } from './evidenceOperations.js';
import { offender, punish } from './proofOperations.js';

/** Nobody but the holder of the key can make it: every message carries its signature, over this chain's id. */
function flood({ id, payload: { messages }, body: { sender }, state, block }: Operation<'evidence.flood'>): Effect {
  const first = messages[0]!;
  mustBeTimely('messages[0]', first, block);
  for (const [index, one] of messages.entries()) {
    const agreeing = messages.findIndex((other, at) => at < index && !contradict(other, one));
    if (agreeing >= 0)
      throw new Refusal('NotConflicting', `messages[${index}]: a correct validator may have signed it beside messages[${agreeing}]; a flood has the same signer, type, height and round, and says another thing each time`);
  }
  const named = Object.fromEntries(messages.map((message, index) => [`messages[${index}]`, message]));
  const { address, ed25519PublicKey: account } = memberThatSigned(state, block, named);
  const { type, height, round } = first.payload;
  const what = `${address} signed ${messages.length} different ${type} messages at height ${height}, round ${round}`;
  return punish(state, block, `flood.${account}.${height}`, { account, subject: `validator/${account}`, offence: 'networkAttack', what, transactionId: id, reporter: sender });
}

export const floodOperations: OperationTable<'evidence.flood'> = {
  'evidence.flood': { roles: 'anybody', object: ({ messages }) => offender(`flood of index ${messages[0]!.from}`), execute: flood },
};
