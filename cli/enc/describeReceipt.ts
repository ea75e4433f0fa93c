// A verified receipt in lines for people: what was checked, one line each, and what the receipt says.
import { quorum } from '../../receipts/quorum.js';
import type { ReceiptBundle, ResourceUsage, ValidatorSet } from '../../receipts/types.js';
import type { VerifiedReceipt } from '../../receipts/verify/verifyReceipt.js';
import { facts, timeOf } from '../bpci/table.js';
import { showObject } from './objectKinds.js';

export const namesOf = (set: ValidatorSet, indices: readonly number[]): string[] => indices.map((index) => set.validators[index]?.address ?? String(index));

/** "4 of 4 (3 needed): validator-0, …" */
export function signersText(set: ValidatorSet, signers: readonly number[]): string {
  const { length } = set.validators;
  return `${signers.length} of ${length} (${quorum(length, set.quorumPercent)} needed): ${namesOf(set, signers).join(', ')}`;
}

export function checksOf(receipt: VerifiedReceipt, { inclusion, header, steps = [] }: ReceiptBundle): [check: string, found: string][] {
  const { statement, height, timestamp, blockHash, round, set, signers, servers } = receipt;
  return [
    ['statement', `canonical in-toto statement of receipt ${statement.predicate.receiptId}`],
    ['signature', `this copy is signed by ${servers.join(', ')} (Ed25519, DSSE)`],
    ['log inclusion', `entry ${inclusion.leafIndex} of ${inclusion.treeSize}: ${inclusion.path.length} hashes lead to log root ${header.logRoot}`],
    ['header', `block ${height} of chain ${header.chainId} at ${timeOf(timestamp)}, hash ${blockHash}`],
    ...(steps.length === 0 ? [] : [['validator set', `${steps.length} changes since the trusted one, each certified by the set before it`] as [string, string]]),
    ['certificate', `signed in round ${round} by ${signersText(set, signers)}`],
  ];
}

const USED: [keyof ResourceUsage, string][] = [
  ['cpuTimeUsed', 'ms of cpu'],
  ['memoryPeak', 'bytes of memory at most'],
  ['networkBytes', 'bytes over the network'],
  ['storageOperations', 'storage operations'],
];

/** Measured and not measured alike. */
export function usageText(usage: ResourceUsage | null): string {
  if (usage === null) return 'nothing was measured';
  return USED.map(([member, unit]) => (usage[member] === undefined ? `${unit}: not measured` : `${usage[member]} ${unit}`)).join(', ');
}

export function describeReceipt({ statement: { predicate } }: VerifiedReceipt): string {
  const { operationType, object, outcome, code, reason, actor, resourceUsage } = predicate;
  return facts([
    ['operation', operationType],
    ...(object ? [['object', showObject(object)] as [string, string]] : []),
    ['outcome', `${outcome} (${code})`],
    ['reason', reason],
    ['submitted by', actor],
    ...(operationType === 'placement.transition' ? [['used', usageText(resourceUsage)] as [string, string]] : []),
  ]);
}
