// What a validator times on its own store: reading a receipt with its proof, verifying it, and answering who serves a service.
import type { Ed25519KeyPair } from '../../../crypto/ed25519.js';
import type { Statement } from '../../../receipts/types.js';
import { verifyReceipt } from '../../../receipts/verify/verifyReceipt.js';
import { stateKeys } from '../../types.js';
import { receiptBundle } from '../api/receiptRoutes.js';
import type { ChainState } from '../chainState.js';

/** Milliseconds of a clock that never goes back. */
export type Now = () => number;

/** One receipt of the log, which the head's hash of before picks: ms to read it with its proof, and to verify that as a stranger does; undefined while there is none. */
export function probeReceipt(chain: ChainState, ed25519: Ed25519KeyPair, now: Now): { retrieval: number; verification: number } | undefined {
  const { genesis, store, header } = chain;
  if (header.logSize === 0) return undefined;
  const leaf = Number.parseInt(header.previousHash.slice(0, 12), 16) % header.logSize;
  const [text] = store.logTables.statements(leaf, leaf + 1);
  const { receiptId } = (JSON.parse(text!) as Statement).predicate;
  const began = now();
  const bundle = receiptBundle({ store, keys: { ed25519 }, sets: () => chain.sets }, receiptId);
  const read = now();
  if (!bundle) return undefined;
  // The set of its height is known here; a stranger may have changes of sets to verify too, once.
  const { steps: _steps, ...receipt } = bundle;
  const verdict = verifyReceipt(receipt, { chainId: genesis.chainId, validatorSet: bundle.validatorSet! });
  return verdict.ok ? { retrieval: read - began, verification: now() - read } : undefined;
}

/** Reads and proves who serves a service, as the API answers it; whether there is a decision. */
export function answerService({ store, snapshot }: Pick<ChainState, 'store' | 'snapshot'>, serviceId: string): boolean {
  const key = stateKeys.balancing(serviceId);
  snapshot.tree.prove(key);
  return store.get(key) !== undefined;
}
