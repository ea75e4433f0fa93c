// Who takes part in what offenders lose: node operators and validators with stake and no offence within its window (agreement 4.3).
import { stateKeys, type AccountRecord } from '../../types.js';
import { allNodes } from '../nodes/nodeOperations.js';
import type { BlockContext } from '../operation.js';
import { validatorsInForce } from '../staking/validatorsInForce.js';
import type { Overlay } from '../state.js';
import { isSuspect } from './suspicion.js';

/** In order of account. */
export function honestStakes(state: Overlay, block: BlockContext, offender?: { account: string }): { account: string; stake: number }[] {
  const subjects: [account: string, subject: string][] = [
    ...allNodes(state).map(({ operator, name }): [string, string] => [operator, `node/${name}`]),
    ...validatorsInForce(state, block).map(({ ed25519PublicKey: key }): [string, string] => [key, `validator/${key}`]),
  ];
  const suspects = new Set(subjects.filter(([, subject]) => isSuspect(state, subject, block.timestamp)).map(([account]) => account));
  const accounts = [...new Set(subjects.map(([account]) => account))].filter((account) => account !== offender?.account && !suspects.has(account));
  return accounts
    .sort()
    .map((account) => ({ account, stake: state.read<AccountRecord>(stateKeys.account(account))?.stake ?? 0 }))
    .filter(({ stake }) => stake > 0);
}
