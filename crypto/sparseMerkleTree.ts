// The state commitment: an immutable compact sparse Merkle tree over sha256(key), whose versions share nodes, so that a tentative block costs only its changes.
import { sha256Packed, type PackedDigest } from './hash.js';
import { bitAt, EMPTY, innerDigest, leafDigest, packedToHex, type StateProof } from './stateProof.js';
import type { TreePart } from './treeParts.js';

export { verifyStateProof, type StateProof } from './stateProof.js';

interface Leaf {
  readonly path: PackedDigest;
  readonly valueHash: PackedDigest;
  readonly digest: PackedDigest;
}
/** At least two leaves are below; a subtree of one leaf is that leaf, an empty one is undefined. */
interface Inner {
  readonly path?: undefined;
  readonly left: Node;
  readonly right: Node;
  readonly digest: PackedDigest;
}
type Node = Leaf | Inner | undefined;

interface Change {
  path: PackedDigest;
  valueHash: PackedDigest | undefined;
}

export type StateValue = Uint8Array | string;

export class SparseMerkleTree {
  static readonly empty = new SparseMerkleTree(undefined);

  private constructor(private readonly node: Node) {}

  static fromEntries(entries: Iterable<readonly [key: string, value: StateValue]>): SparseMerkleTree {
    return SparseMerkleTree.empty.update(entries);
  }

  /** A new version with the changes; undefined removes. Of a key given twice the last counts. This version stays as it is. */
  update(changes: Iterable<readonly [key: string, value: StateValue | undefined]>): SparseMerkleTree {
    const byPath = new Map<PackedDigest, Change>();
    for (const [key, value] of changes) {
      const path = sha256Packed(key);
      byPath.set(path, { path, valueHash: value === undefined ? undefined : sha256Packed(value) });
    }
    const sorted = [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    const node = apply(this.node, sorted, 0);
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
    while (node !== undefined && node.path === undefined) {
      const right = bitAt(path, siblings.length) === 1;
      siblings.push(packedToHex((right ? node.left : node.right)?.digest ?? EMPTY));
      node = right ? node.right : node.left;
    }
    if (node === undefined || node.path === path) return { siblings };
    return { siblings, leaf: { path: packedToHex(node.path), valueHash: packedToHex(node.valueHash) } };
  }

  /** What stands under the prefix that is `index` in `depth` bits (treeParts.ts). */
  part(depth: number, index: number): TreePart {
    const isRight = (at: number): boolean => ((index >> (depth - 1 - at)) & 1) === 1;
    let node = this.node;
    for (let at = 0; at < depth && node !== undefined && node.path === undefined; at++) node = isRight(at) ? node.right : node.left;
    if (node === undefined) return null;
    const { path } = node;
    if (path === undefined) return { digest: packedToHex(node.digest) };
    for (let at = 0; at < depth; at++) if ((bitAt(path, at) === 1) !== isRight(at)) return null;
    return { path: packedToHex(path), valueHash: packedToHex(node.valueHash) };
  }
}

/** `changes` are sorted by path, distinct, and all below this node. */
function apply(node: Node, changes: Change[], depth: number): Node {
  if (changes.length === 0) return node;
  if (node === undefined || node.path !== undefined) return applyToLeaf(node, changes, depth);
  const split = firstRight(changes, depth);
  const left = apply(node.left, changes.slice(0, split), depth + 1);
  const right = apply(node.right, changes.slice(split), depth + 1);
  return left === node.left && right === node.right ? node : join(left, right);
}

function applyToLeaf(leaf: Leaf | undefined, changes: Change[], depth: number): Node {
  const kept = leaf !== undefined && !changes.some((change) => change.path === leaf.path) ? [leaf] : [];
  const leaves = changes
    .filter((change): change is Change & { valueHash: PackedDigest } => change.valueHash !== undefined)
    .map(({ path, valueHash }) => {
      if (leaf?.path === path && leaf.valueHash === valueHash) return leaf;
      return { path, valueHash, digest: leafDigest(path, valueHash) };
    });
  if (kept.length === 0) return build(leaves, depth);
  return build(
    [...leaves, ...kept].sort((a, b) => (a.path < b.path ? -1 : 1)),
    depth,
  );
}

function build(leaves: Leaf[], depth: number): Node {
  if (leaves.length <= 1) return leaves[0];
  const split = firstRight(leaves, depth);
  return join(build(leaves.slice(0, split), depth + 1), build(leaves.slice(split), depth + 1));
}

function join(left: Node, right: Node): Node {
  if (left === undefined && (right === undefined || right.path !== undefined)) return right;
  if (right === undefined && left?.path !== undefined) return left;
  return { left, right, digest: innerDigest(left?.digest ?? EMPTY, right?.digest ?? EMPTY) };
}

/** Index of the first item on the right at this depth. */
function firstRight(items: { path: PackedDigest }[], depth: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bitAt(items[middle]!.path, depth) === 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
