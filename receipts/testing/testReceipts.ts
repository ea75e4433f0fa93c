// Builder for tests: a block's receipts, finalised by a test's validators, as bundles.
import { sha256Hex } from '../../crypto/hash.js';
import { toHex, utf8 } from '../../crypto/encoding.js';
import { signEnvelope } from '../dsse.js';
import { proveInclusion } from '../merkle/inclusionProof.js';
import { leafHash, merkleRoot, type HashReader } from '../merkle/treeHash.js';
import { PAYLOAD_TYPE, type ReceiptBundle } from '../types.js';
import { buildStatement, type OperationFacts } from '../write/buildStatement.js';
import { testCertificate, testHeader, type TestValidators } from './testValidators.js';

export function testFacts(index: number, changes: Partial<OperationFacts> = {}): OperationFacts {
  const operationHash = sha256Hex(`transaction ${index}`);
  return {
    chainId: 'enc-test',
    receiptId: operationHash,
    operationId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    operationType: 'admission.verdict',
    timestamp: 1_790_000_000_000,
    blockHeight: 7,
    index,
    outcome: 'refused',
    code: 'RegionForbidden',
    reason: 'policy eu-only, clause 3: data of class Restricted stays in the EU (GDPR)',
    object: { kind: 'Pod', namespace: 'shop', name: `cart-${index}`, uid: `uid-${index}` },
    actor: 'ab'.repeat(32),
    operationHash,
    details: { light: 'Red', rules: ['eu-only'] },
    ...changes,
  };
}

/** `before` entries are in the log already; the bundles of the block's receipts are signed by validator 0. */
export function testBundles(validators: TestValidators, facts: OperationFacts[], before = 20): ReceiptBundle[] {
  const payloads = facts.map((fact) => utf8(buildStatement(fact).payload));
  const leaves = [...Array.from({ length: before }, (_, i) => leafHash(utf8(`earlier ${i}`))), ...payloads.map(leafHash)];
  const read: HashReader = (level, index) => merkleRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
  const header = testHeader(validators.set, { logSize: leaves.length, logRoot: toHex(merkleRoot(leaves)) });
  const certificate = testCertificate(validators, header, [0, 1, 2]);
  const key = { privateKey: validators.ed25519Keys[0]!, publicKey: validators.set.validators[0]!.ed25519PublicKey };
  return payloads.map((payload, i) => ({
    version: 1,
    envelope: signEnvelope(PAYLOAD_TYPE, payload, key),
    inclusion: { leafIndex: before + i, treeSize: leaves.length, path: proveInclusion(read, before + i, leaves.length).map(toHex) },
    header,
    certificate,
    validatorSet: validators.set,
  }));
}
