// The state commitment: an immutable compact sparse Merkle tree over sha256(key), whose versions share nodes, so that a tentative block costs only its changes.
import { sha256Packed, type PackedDigest } from './hash.js';
import { bitAt, digestOfLeaf, EMPTY, innerDigest, packedToHex, type StateProof } from './stateProof.js';
import type { TreePart } from './treeParts.js';

export { verifyStateProof, type StateProof } from './stateProof.js';

/** Path and hash of the value, 64 one-byte characters; leaves in order of them are in order of their paths. */
type Leaf = string;
const PATH = 32;
const LEAF = 64;
/** Leaves of a subtree that are kept together, without the nodes between them: less than half of the memory, for some four hashes more with each change. */
const BUNDLE = 4;

/** A subtree of 1 to BUNDLE leaves, in order. */
interface Bundle {
  readonly leaves: string;
  readonly digest: PackedDigest;
}
/** A subtree of more. An empty one is undefined. */
interface Inner {
  readonly leaves?: undefined;
  readonly left: Node;
  readonly right: Node;
  readonly digest: PackedDigest;
}
type Node = Bundle | Inner | undefined;

/** A leaf that is put, or the path alone of one that is removed. */
type Change = string;

export type StateValue = Uint8Array | string;

export class SparseMerkleTree {
  static readonly empty = new SparseMerkleTree(undefined);

  private constructor(private readonly node: Node) {}

  /** Throws RangeError when a key is given twice. */
  static fromEntries(entries: Iterable<readonly [key: string, value: StateValue]>): SparseMerkleTree {
    const leaves: Leaf[] = [];
    for (const [key, value] of entries) leaves.push(flat([sha256Packed(key), sha256Packed(value)]));
    leaves.sort();
    if (leaves.some((leaf, i) => i > 0 && leaf.startsWith(pathOf(leaves[i - 1]!)))) throw new RangeError('a key was given twice');
    return new SparseMerkleTree(build(leaves, 0));
  }

  /** A new version with the changes; undefined removes. Of a key given twice the last counts. This version stays as it is. */
  update(changes: Iterable<readonly [key: string, value: StateValue | undefined]>): SparseMerkleTree {
    const byPath = new Map<PackedDigest, Change>();
    for (const [key, value] of changes) {
      const path = sha256Packed(key);
      byPath.set(path, value === undefined ? path : flat([path, sha256Packed(value)]));
    }
    const node = apply(this.node, [...byPath.values()].sort(), 0);
    return node === this.node ? this : new SparseMerkleTree(node);
  }

  get rootHex(): string {
    return packedToHex(this.node?.digest ?? EMPTY);
  }

  /** Proves the key's value, or its absence, whichever is the case. */
  prove(key: string): StateProof {
    const path = sha256Packed(key);
    const siblings: string[] = [];
    let node = this.node;
    while (node !== undefined && node.leaves === undefined) {
      const right = bitAt(path, siblings.length) === 1;
      siblings.push(packedToHex((right ? node.left : node.right)?.digest ?? EMPTY));
      node = right ? node.right : node.left;
    }
    let leaves = leavesOf(node);
    while (leaves.length > 1) {
      const [left, right] = halves(leaves, siblings.length);
      const isRight = bitAt(path, siblings.length) === 1;
      siblings.push(packedToHex(digestOf(isRight ? left : right, siblings.length + 1)));
      leaves = isRight ? right : left;
    }
    const [leaf] = leaves;
    if (leaf === undefined || pathOf(leaf) === path) return { siblings };
    return { siblings, leaf: shown(leaf) };
  }

  /** What stands under the prefix that is `index` in `depth` bits (treeParts.ts). */
  part(depth: number, index: number): TreePart {
    const isRight = (at: number): boolean => ((index >> (depth - 1 - at)) & 1) === 1;
    let node = this.node;
    let at = 0;
    for (; at < depth && node !== undefined && node.leaves === undefined; at++) node = isRight(at) ? node.right : node.left;
    if (node === undefined) return null;
    if (node.leaves === undefined) return { digest: packedToHex(node.digest) };
    let leaves = leavesOf(node);
    for (; at < depth; at++) leaves = halves(leaves, at)[isRight(at) ? 1 : 0];
    if (leaves.length > 1) return { digest: packedToHex(digestOf(leaves, depth)) };
    return leaves[0] === undefined ? null : shown(leaves[0]);
  }
}

/** One sequence of characters: what is concatenated or cut out keeps its parts, or its whole, in memory. */
const flat = (parts: readonly string[]): string => parts.join('');
const pathOf = (leaf: Leaf): PackedDigest => leaf.slice(0, PATH);
const shown = (leaf: Leaf): { path: string; valueHash: string } => ({ path: packedToHex(pathOf(leaf)), valueHash: packedToHex(leaf.slice(PATH)) });

function leavesOf(bundle: Bundle | undefined): Leaf[] {
  if (bundle === undefined) return [];
  return Array.from({ length: bundle.leaves.length / LEAF }, (_, i) => bundle.leaves.slice(LEAF * i, LEAF * (i + 1)));
}

/** `changes` are in order, distinct, and all below this node. */
function apply(node: Node, changes: Change[], depth: number): Node {
  if (changes.length === 0) return node;
  if (node === undefined || node.leaves !== undefined) return applyToBundle(node, changes, depth);
  const split = firstRight(changes, depth);
  const left = apply(node.left, changes.slice(0, split), depth + 1);
  const right = apply(node.right, changes.slice(split), depth + 1);
  return left === node.left && right === node.right ? node : join(left, right);
}

function applyToBundle(bundle: Bundle | undefined, changes: Change[], depth: number): Node {
  const leaves: Leaf[] = [];
  let next = 0;
  const put = (change: Change): void => void (change.length === LEAF && leaves.push(change));
  for (const leaf of leavesOf(bundle)) {
    const path = pathOf(leaf);
    // A change of the same path is put in its place, or takes it out; one that removes what is not there does nothing.
    while (next < changes.length && pathOf(changes[next]!) < path) put(changes[next++]!);
    if (next < changes.length && pathOf(changes[next]!) === path) put(changes[next++]!);
    else leaves.push(leaf);
  }
  while (next < changes.length) put(changes[next++]!);
  if (leaves.length > BUNDLE) return build(leaves, depth);
  const text = flat(leaves);
  if (text === (bundle?.leaves ?? '')) return bundle;
  return leaves.length === 0 ? undefined : { leaves: text, digest: digestOf(leaves, depth) };
}

function build(leaves: Leaf[], depth: number): Node {
  if (leaves.length === 0) return undefined;
  if (leaves.length <= BUNDLE) return { leaves: flat(leaves), digest: digestOf(leaves, depth) };
  const [left, right] = halves(leaves, depth);
  return join(build(left, depth + 1), build(right, depth + 1));
}

/** Few leaves become one bundle, however the tree came to have them. */
function join(left: Node, right: Node): Node {
  const digest = joined(left?.digest, lengthOf(left), right?.digest, lengthOf(right));
  if (lengthOf(left) + lengthOf(right) > BUNDLE * LEAF) return { left, right, digest };
  return left === undefined && right === undefined ? undefined : { leaves: flat([left?.leaves ?? '', right?.leaves ?? '']), digest };
}

/** Of a bundle's leaves; more than any bundle's where it is none. */
const lengthOf = (node: Node): number => (node === undefined ? 0 : (node.leaves?.length ?? Infinity));

/** A leaf alone stands for the subtree that it is in, at whatever depth. */
function joined(left: PackedDigest | undefined, leftLength: number, right: PackedDigest | undefined, rightLength: number): PackedDigest {
  if (left === undefined && rightLength <= LEAF) return right ?? EMPTY;
  if (right === undefined && leftLength === LEAF) return left!;
  return innerDigest(left ?? EMPTY, right ?? EMPTY);
}

/** Of a subtree with these leaves, or those from one index to before another. */
function digestOf(leaves: readonly Leaf[], depth: number, from = 0, to = leaves.length): PackedDigest {
  if (from === to) return EMPTY;
  if (to - from === 1) return digestOfLeaf(leaves[from]!);
  let split = from;
  while (split < to && bitAt(leaves[split]!, depth) === 0) split++;
  return innerDigest(digestOf(leaves, depth + 1, from, split), digestOf(leaves, depth + 1, split, to));
}

function halves<T extends string>(items: T[], depth: number): [left: T[], right: T[]] {
  const split = firstRight(items, depth);
  return [items.slice(0, split), items.slice(split)];
}

/** Index of the first item on the right at this depth. */
function firstRight(items: readonly string[], depth: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bitAt(items[middle]!, depth) === 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
