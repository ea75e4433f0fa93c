// Fetches a snapshot from several peers at once: everything is checked as it comes, who sends what is wrong is not asked again, and its part comes from another.
import type { Genesis } from '../../types.js';
import { NodeError, reasonOf } from '../nodeError.js';
import { discardIncoming, IncomingSnapshot } from './incomingSnapshot.js';
import { verifyManifest, type SnapshotManifest } from './manifest.js';

/** Requests that one peer may leave unanswered. */
const MAX_FAILURES = 3;

/** One peer. Both reject when it does not deliver; undefined = it has none, or not this one. */
export interface SnapshotSource {
  readonly name: string;
  manifest(): Promise<unknown>;
  part(height: number, depth: number, index: number): Promise<unknown>;
}
export interface FetchOptions {
  genesis: Genesis;
  /** Of what comes in. */
  directory: string;
  /** A snapshot of a lower height is of no use. */
  above: number;
  sources: readonly SnapshotSource[];
  /** The peer sent what is wrong. */
  refused(source: SnapshotSource, reason: string): void;
  stopped: AbortSignal;
}

/** A snapshot of which nothing is missing; undefined when the peers have none, or stopped giving it: what came is kept for the next time. */
export async function fetchSnapshot(options: FetchOptions): Promise<IncomingSnapshot | undefined> {
  const { directory, genesis, above } = options;
  const left = await IncomingSnapshot.resume(directory, genesis);
  if (left && left.height > above) {
    const outcome = await fetchParts(left, options);
    if (outcome !== 'Unknown') return outcome === 'Complete' ? left : undefined;
  }
  const newest = await newestManifest(options);
  if (!newest || newest.manifest.header.height === left?.height) {
    if (left) await discardIncoming(directory);
    return undefined;
  }
  const incoming = await IncomingSnapshot.begin(directory, newest.manifest);
  return (await fetchParts(incoming, { ...options, sources: newest.honest })) === 'Complete' ? incoming : undefined;
}

async function newestManifest({ genesis, sources, above, refused }: FetchOptions): Promise<{ manifest: SnapshotManifest; honest: SnapshotSource[] } | undefined> {
  let newest: SnapshotManifest | undefined;
  const honest: SnapshotSource[] = [];
  const ask = async (source: SnapshotSource): Promise<void> => {
    const value = await source.manifest().catch(() => undefined);
    if (value === undefined) return;
    try {
      const manifest = verifyManifest(genesis, value);
      honest.push(source);
      if (manifest.header.height > (newest?.header.height ?? above)) newest = manifest;
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      refused(source, error.message);
    }
  };
  await Promise.all(sources.map(ask));
  return newest && { manifest: newest, honest };
}

/** 'Unknown': nobody has this snapshot any more. */
async function fetchParts(incoming: IncomingSnapshot, { sources, refused, stopped }: FetchOptions): Promise<'Complete' | 'Interrupted' | 'Unknown'> {
  const { manifest } = incoming;
  const failures = new Map<SnapshotSource, number>();
  const unknown = new Set<SnapshotSource>();
  const isAsked = (source: SnapshotSource): boolean => !stopped.aborted && !unknown.has(source) && (failures.get(source) ?? 0) < MAX_FAILURES;
  const fetchOne = async (source: SnapshotSource, index: number): Promise<void> => {
    let value: unknown;
    try {
      value = await source.part(incoming.height, manifest.depth, index);
    } catch {
      return void failures.set(source, (failures.get(source) ?? 0) + 1);
    }
    if (value === undefined) return void unknown.add(source);
    try {
      await incoming.take(index, value);
    } catch (error) {
      if (!(error instanceof NodeError) || error.code !== 'BadSnapshot') throw error;
      failures.set(source, MAX_FAILURES);
      refused(source, reasonOf(error));
    }
  };
  while (incoming.missing.size > 0 && sources.some(isAsked)) {
    const queue = [...incoming.missing];
    const work = async (source: SnapshotSource): Promise<void> => {
      while (isAsked(source)) {
        const index = queue.shift();
        if (index === undefined) return;
        await fetchOne(source, index);
      }
    };
    await Promise.all(sources.filter(isAsked).map(work));
  }
  if (incoming.missing.size === 0) return 'Complete';
  return sources.length > 0 && sources.every((source) => unknown.has(source)) ? 'Unknown' : 'Interrupted';
}
