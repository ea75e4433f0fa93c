// What a snapshot of the ledger's state says of itself, and how all of it is checked from the genesis alone: no peer has to be believed.
import { fromHex, isHex, toHex } from '../../../crypto/encoding.js';
import { SparseMerkleTree } from '../../../crypto/sparseMerkleTree.js';
import { isSamePart, partOfKey, rootOfParts, type TreePart } from '../../../crypto/treeParts.js';
import { verifyCertificate } from '../../../receipts/certificates.js';
import { blockHeaderShape, certificateShape } from '../../../receipts/chainShapes.js';
import { LogError, ReceiptLog } from '../../../receipts/log/receiptLog.js';
import { HASH_BYTES } from '../../../receipts/merkle/treeHash.js';
import { followSteps, MAX_SET_STEPS, setStepShape } from '../../../receipts/setSteps.js';
import { array, hex, integer, literal, object, ShapeError, text, type Shape } from '../../../receipts/shape.js';
import type { BlockHeader, Certificate, SetStep } from '../../../receipts/types.js';
import { setAt } from '../../ledger/validators/validatorSets.js';
import type { Genesis } from '../../types.js';
import { NodeError } from '../nodeError.js';

/** 4,096 parts. */
export const MAX_DEPTH = 12;
const MAX_TILE_LEVEL = 7;
const MAX_RECORDS = 1_000_000;
const MAX_VALUE_BYTES = 3 * 1024 * 1024;

/** The unfinished tile of a level: with those of all levels, new receipts are appended and proved without the old ones. */
export interface EdgeTile {
  level: number;
  index: number;
  /** Hex, its hashes one after the other. */
  hashes: string;
}
export interface SnapshotManifest {
  version: 1;
  header: BlockHeader;
  certificate: Certificate;
  /** From the genesis' set to that of the header. */
  steps: SetStep[];
  /** The state tree is cut into 2^depth parts, one chunk each. */
  depth: number;
  parts: TreePart[];
  edge: EdgeTile[];
}
/** One state record: key and value. */
export type StateRecord = [key: string, value: string];

const inner = object({ digest: hex(32) });
const leaf = object({ path: hex(32), valueHash: hex(32) });
const partShape: Shape<TreePart> = (value, path) => (value === null ? null : typeof value === 'object' && 'digest' in value ? inner(value, path) : leaf(value, path));
const tileHashes: Shape<string> = (value, path) => {
  if (typeof value === 'string' && value.length > 0 && value.length % (2 * HASH_BYTES) === 0 && isHex(value, value.length / 2)) return value;
  throw new ShapeError(path, 'hashes in lower-case hex', value);
};
const manifestShape: Shape<SnapshotManifest> = object({
  version: literal(1),
  header: blockHeaderShape,
  certificate: certificateShape,
  steps: array(setStepShape, 0, MAX_SET_STEPS),
  depth: integer(0, MAX_DEPTH),
  parts: array(partShape, 1, 2 ** MAX_DEPTH),
  edge: array(object({ level: integer(0, MAX_TILE_LEVEL), index: integer(), hashes: tileHashes }), 0, MAX_TILE_LEVEL + 1),
});
const recordsShape = array<StateRecord>(
  (value, path) => {
    const [key, content] = array(text(0, MAX_VALUE_BYTES), 2, 2)(value, path);
    return [key!, content!];
  },
  0,
  MAX_RECORDS,
);

const bad = (message: string): NodeError => new NodeError('BadSnapshot', message);

/** The manifest when a quorum certified its header and all else follows from that. Throws NodeError 'BadSnapshot'. */
export function verifyManifest({ chainId, validatorSet }: Pick<Genesis, 'chainId' | 'validatorSet'>, value: unknown): SnapshotManifest {
  const manifest = shaped(manifestShape, value, 'snapshot');
  const { header, certificate, steps, depth, parts } = manifest;
  const { sets, fault } = followSteps(chainId, validatorSet, steps);
  if (fault !== undefined) throw bad(fault);
  const verdict = verifyCertificate(chainId, setAt(sets, header.height).set, header, certificate);
  if (!verdict.ok) throw bad(verdict.message);
  const root = rootOfParts(parts, depth);
  if (root !== header.stateRoot) throw bad(`its parts fold to ${root ?? 'no root'}, block ${header.height} has the state root ${header.stateRoot}`);
  mustEndAs(header, manifest.edge);
  return manifest;
}

function mustEndAs({ height, logSize, logRoot }: BlockHeader, edge: EdgeTile[]): void {
  const tiles = new Map(edge.map(({ level, index, hashes }) => [`${level}/${index}`, hashes]));
  const expected = edgeTiles(logSize);
  if (tiles.size !== expected.length || edge.length !== expected.length) throw bad(`it has ${edge.length} tiles of the log's edge, a log of ${logSize} receipts has ${expected.length}`);
  for (const { level, index, width } of expected) {
    if (tiles.get(`${level}/${index}`)?.length !== 2 * HASH_BYTES * width) throw bad(`tile ${level}/${index} of the log's edge has not ${width} hashes`);
  }
  const readTile = (level: number, index: number): Uint8Array | undefined => {
    const hashes = tiles.get(`${level}/${index}`);
    return hashes === undefined ? undefined : fromHex(hashes);
  };
  try {
    ReceiptLog.open({ readTile, readEntry: () => undefined, writeTile: nothing, writeEntry: nothing }, { logSize, logRoot });
  } catch (cause) {
    if (cause instanceof LogError) throw bad(`its edge of the receipt log is not that of block ${height}: ${cause.message}`);
    throw cause;
  }
}
const nothing = (): void => undefined;

/** Where a log of that size has unfinished tiles, and how many hashes each has. */
export function edgeTiles(logSize: number): { level: number; index: number; width: number }[] {
  const tiles = [];
  for (let [level, count] = [0, logSize]; count > 0; level += 1, count = Math.floor(count / 256)) {
    if (count % 256 > 0) tiles.push({ level, index: Math.floor(count / 256), width: count % 256 });
  }
  return tiles;
}

/** The unfinished tiles of a log. */
export function edgeOf(logSize: number, readTile: (level: number, index: number) => Uint8Array | undefined): EdgeTile[] {
  return edgeTiles(logSize).map(({ level, index, width }) => ({ level, index, hashes: toHex(readTile(level, index)!.slice(0, width * HASH_BYTES)) }));
}

/** The records of a part when they are all of it and nothing else. Throws NodeError 'BadSnapshot'. */
export function verifyPart({ header, depth, parts }: SnapshotManifest, index: number, value: unknown): StateRecord[] {
  const records = shaped(recordsShape, value, `part ${index}`);
  const stranger = records.find(([key]) => partOfKey(key, depth) !== index);
  if (stranger) throw bad(`part ${index} of the state at block ${header.height} holds "${stranger[0].slice(0, 80)}", which belongs elsewhere`);
  if (new Set(records.map(([key]) => key)).size !== records.length) throw bad(`part ${index} of the state at block ${header.height} holds a record twice`);
  if (!isSamePart(SparseMerkleTree.fromEntries(records).part(depth, index), parts[index]!)) throw bad(`part ${index} is not the state at block ${header.height}`);
  return records;
}

function shaped<T>(shape: Shape<T>, value: unknown, path: string): T {
  try {
    return shape(value, path);
  } catch (cause) {
    if (cause instanceof ShapeError) throw new NodeError('BadSnapshot', cause.message, { cause });
    throw cause;
  }
}
