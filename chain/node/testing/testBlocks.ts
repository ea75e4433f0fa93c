// Blocks of made-up operations with a right receipt log, for tests of what stores and serves blocks.
import { sha256Hex } from '../../../crypto/hash.js';
import { toHex } from '../../../crypto/encoding.js';
import type { MerkleFrontier } from '../../../receipts/merkle/merkleFrontier.js';
import type { BlockHeader } from '../../../receipts/types.js';
import { buildStatement } from '../../../receipts/write/buildStatement.js';
import type { FinalisedBlock } from '../../types.js';

const ZERO = '00'.repeat(32);

export function testHeader(height: number, log: MerkleFrontier, stateRoot = ZERO): BlockHeader {
  return {
    version: 1,
    chainId: 'test-chain',
    height,
    timestamp: 1_000 + height,
    previousHash: ZERO,
    transactionsRoot: ZERO,
    stateRoot,
    logSize: log.size,
    logRoot: toHex(log.root()),
    validatorsHash: ZERO,
    nextValidatorsHash: ZERO,
    proposer: 0,
  };
}

/** Appends to `log`. Names of pods repeat every third operation. */
export function testBlock(height: number, operations: number, log: MerkleFrontier): FinalisedBlock {
  const statements = Array.from({ length: operations }, (_, index) => {
    const operationHash = sha256Hex(`${height}/${index}`);
    const built = buildStatement({
      chainId: 'test-chain',
      receiptId: operationHash,
      operationId: '7f2c1d0e-5a7b-4c3d-9e8f-0a1b2c3d4e5f',
      operationType: 'reconcile.report',
      timestamp: 1_000 + height,
      blockHeight: height,
      index,
      outcome: 'applied',
      code: 'Applied',
      reason: 'a test',
      object: { kind: 'Pod', namespace: 'shop', name: `pod-${index % 3}` },
      actor: ZERO,
      operationHash,
    });
    log.append(built.leafHash);
    return built.payload;
  });
  const header = testHeader(height, log);
  const certificate = { height, round: 0, blockHash: ZERO, signers: '0f', signature: '00'.repeat(96) };
  return { header, certificate, transactions: statements.map((_, i) => `{"n":${i}}`), statements };
}
