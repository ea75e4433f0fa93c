// The end of a cluster: notice, then stakes back to their owners and the pools to those who contributed, a bounded number at a time (agreement 11.1, 11.2).
import type { MeterRecord, TerminationRecord } from '../../economyTypes.js';
import { stateKeys, type AccountRecord, type SupplyRecord } from '../../types.js';
import { move, poolOf, shares, type Pool } from '../accounts/money.js';
import { schedule } from '../due/due.js';
import type { BlockContext } from '../operation.js';
import { currentMembers } from '../policySet/policySet.js';
import { METERS } from '../rewards/participants.js';
import { honestStakes } from '../slashing/honestStakes.js';
import type { Overlay } from '../state.js';
import { event, type SystemEvent } from '../systemEvent.js';

export const TERMINATION_DUE = 'termination';
const KEY = 'termination/state';
const ACCOUNTS = 'account/';
/** Accounts looked at in one block, or a 256th of all where that is more. */
const BATCH = 500;
const PARTS = 256;

export function terminationOf(state: Overlay): TerminationRecord | undefined {
  return state.read<TerminationRecord>(KEY);
}

/** At once when it is involuntary; a voluntary end has its notice first. The first cause stands. */
export function terminate(state: Overlay, block: BlockContext, why: Pick<TerminationRecord, 'cause' | 'reason' | 'successor'>): TerminationRecord {
  const { cause } = why;
  const known = terminationOf(state);
  if (known && (known.state === 'Terminated' || cause === 'voluntary')) return known;
  const { timestamp, height, parameters } = block;
  const at = cause === 'voluntary' ? timestamp + parameters.terminationNoticeMs : timestamp;
  const record: TerminationRecord = { ...why, state: 'Notice', at, height, cursor: 0 };
  state.write(KEY, record);
  schedule(state, { at }, TERMINATION_DUE, String(at));
  return record;
}

/** The notice is over, or the next accounts' turn has come. `id` = the moment it was noticed for, so that an overtaken notice does nothing. */
export function continueTermination(state: Overlay, block: BlockContext, id: string): SystemEvent | undefined {
  const record = terminationOf(state)!;
  if (record.cursor === null || String(record.at) !== id) return undefined;
  if (record.state === 'Notice') distributePools(state, block);
  const cursor = returnStakes(state, record.cursor);
  state.write(KEY, { ...record, state: 'Terminated', cursor } satisfies TerminationRecord);
  if (cursor !== null) schedule(state, { at: block.timestamp }, TERMINATION_DUE, id);
  if (record.state !== 'Notice') return undefined;
  const { successor } = record;
  // "Legal Obligations: Transferred to successor entity": which they are, for it to take over; this cluster carries none out any more.
  const agreements = currentMembers(state).flatMap(({ kind, state: stands, name, hash }) => (kind === 'Agreement' && stands === 'InForce' ? [{ name, hash }] : []));
  const heir = successor ? `; ${agreements.length} agreements and the cluster's data go to chain ${successor.chainId} (genesis ${successor.genesisHash})` : '';
  return event('cluster.terminate', { kind: 'Cluster', name: block.genesis.clusterId }, 'Terminated', `${record.cause}: ${record.reason}; stakes go back, fees to those who contributed${heir}`, { agreements, ...(successor ? { successor } : {}) });
}

/** "Distributed proportionally to node contributions". The insurance fund stays for claims. */
function distributePools(state: Overlay, block: BlockContext): void {
  const contributions = contributionsOf(state, block);
  if (contributions.length === 0) return;
  const { pools } = state.read<SupplyRecord>(stateKeys.supply)!;
  for (const pool of (Object.keys(pools) as Pool[]).filter((name) => name !== 'insurance').sort()) {
    const parts = shares(
      poolOf(state, pool),
      contributions.map(({ weight }) => weight),
    );
    contributions.forEach(({ account }, index) => move(state, { pool }, { balance: account }, parts[index]!));
  }
}

/** What each earned since the beginning, paid or not; where nobody was metered, the stake of nodes and validators. */
function contributionsOf(state: Overlay, block: BlockContext): { account: string; weight: number }[] {
  const meters = state.records<MeterRecord>(METERS).filter(({ earned }) => earned > 0);
  if (meters.length > 0) return meters.map(({ account, earned }) => ({ account, weight: earned }));
  return honestStakes(state, block).map(({ account, stake }) => ({ account, weight: stake }));
}

/** "Returned to node operators after penalty deductions": what is in escrow for a penalty stays there until that is decided. */
function returnStakes(state: Overlay, from: number): number | null {
  let looked = 0;
  let part = from;
  const found: [account: string, stake: number][] = [];
  for (; part < PARTS && looked < BATCH; part++) {
    for (const [key, text] of state.list(ACCOUNTS + part.toString(16).padStart(2, '0'))) {
      looked += 1;
      const { stake } = JSON.parse(text) as AccountRecord;
      if (stake > 0) found.push([key.slice(ACCOUNTS.length), stake]);
    }
  }
  for (const [account, stake] of found) move(state, { stake: account }, { balance: account }, stake);
  return part < PARTS ? part : null;
}
