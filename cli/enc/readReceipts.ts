// Receipts about an object or of the latest blocks, each verified before it is shown.
import type { ChainClient } from '../../chain/client/types.js';
import type { FinalisedBlock } from '../../chain/types.js';
import type { ReceiptBundle, ReceiptPredicate, Statement, ValidatorSet } from '../../receipts/types.js';
import { verifyReceipt, type VerifiedReceipt } from '../../receipts/verify/verifyReceipt.js';
import { CliError } from '../bpci/cliError.js';
import type { ObjectName } from './objectKinds.js';
import { readBlocks } from './readBlocks.js';
import type { OpenChain } from './withChain.js';

export interface ReadReceipt extends VerifiedReceipt {
  bundle: ReceiptBundle;
}

/** Throws CliError when it does not verify: nothing unproved is shown. */
export function mustVerify(bundle: ReceiptBundle, { chainId, validatorSet }: { chainId: string; validatorSet: ValidatorSet }): ReadReceipt {
  const verified = verifyReceipt(bundle, { chainId, validatorSet });
  if (!verified.ok) throw new CliError(`a validator gave a receipt that does not verify: ${verified.message} (${verified.code})`, 1);
  return { ...verified, bundle };
}

/** Newest first. */
export async function receiptsAbout({ client, genesis }: OpenChain, object: ObjectName, limit: number): Promise<ReadReceipt[]> {
  return (await client.receiptsFor(object, limit)).map((bundle) => mustVerify(bundle, genesis));
}

const LOOK_BACK = 200;
const AT_ONCE = 25;

/** What the newest receipts say, newest first, at most LOOK_BACK blocks back. */
export async function latestPredicates(client: ChainClient, limit: number): Promise<ReceiptPredicate[]> {
  const found: ReceiptPredicate[] = [];
  let to = client.head().height;
  const last = Math.max(1, to - LOOK_BACK + 1);
  while (found.length < limit && to >= last) {
    const from = Math.max(last, to - AT_ONCE + 1);
    const blocks: FinalisedBlock[] = [];
    for await (const block of readBlocks(client, from, to)) blocks.push(block);
    found.push(...blocks.toReversed().flatMap(({ statements }) => statements.map((statement) => (JSON.parse(statement) as Statement).predicate).toReversed()));
    to = from - 1;
  }
  return found.slice(0, limit);
}
