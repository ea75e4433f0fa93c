// A verdict decided again: from the facts that its transaction recorded and the policies that were in force at its height (design: decision 5).
import type { ChainClient } from '../../chain/client/types.js';
import { assemblePolicySet } from '../../chain/client/assemblePolicySet.js';
import { firstDifference } from '../../chain/ledger/firstDifference.js';
import { stateKeys, type FinalisedBlock, type Payloads, type PolicySetRecord, type SignedTransaction } from '../../chain/types.js';
import { sha256OfJson } from '../../crypto/canonicalJson.js';
import { evaluate } from '../../policy/evaluate.js';
import type { PolicySet, Verdict } from '../../policy/types.js';
import type { ReceiptPredicate } from '../../receipts/types.js';
import { CliError } from '../bpci/cliError.js';

type Recorded = Payloads['admission.verdict'];

export interface ReplayedVerdict {
  recorded: Verdict;
  own: Verdict;
  policies: PolicySet;
  /** Path of the first member that differs; undefined when the two are the same. */
  difference: string | undefined;
}

/** `block` is that of the receipt, verified. */
export async function replayVerdict(client: Pick<ChainClient, 'getState'>, block: FinalisedBlock, predicate: ReceiptPredicate): Promise<ReplayedVerdict> {
  const { facts, verdict } = recordedIn(block, predicate);
  const policies = await policySetAt(client, verdict.policyHeight);
  const own = evaluate(policies, facts);
  return { recorded: verdict, own, policies, difference: firstDifference(verdict, own, 'verdict') };
}

function recordedIn(block: FinalisedBlock, { index, operationHash }: ReceiptPredicate): Recorded {
  const { body } = JSON.parse(block.transactions[index] ?? '{}') as Partial<SignedTransaction<'admission.verdict'>>;
  if (body === undefined || sha256OfJson(body) !== operationHash) throw new CliError(`transaction ${index} of block ${block.header.height} is not the one that the receipt names`, 1);
  return body.payload;
}

async function policySetAt(client: Pick<ChainClient, 'getState'>, policyHeight: number): Promise<PolicySet> {
  const read = async <T>(key: string): Promise<T> => {
    const { value, height } = await client.getState<T>(key);
    if (value === undefined) throw new CliError(`block ${height} proves that there is no record ${key}`, 1);
    return value;
  };
  const record = await read<PolicySetRecord>(stateKeys.policySet(policyHeight));
  const specs = new Map(await Promise.all(record.members.map(async ({ hash }) => [hash, await read<object>(stateKeys.object(hash))] as const)));
  return assemblePolicySet(record, (hash) => specs.get(hash)!);
}
