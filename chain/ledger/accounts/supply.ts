// Conservation: balances, stakes, escrow, pools and what was burned always add up to the supply of the genesis (agreement 4; design: money is integers).
import { stateKeys, type AccountRecord, type SupplyRecord } from '../../types.js';
import type { Overlay, StateReader } from '../state.js';

const ACCOUNTS = 'account/';

export interface SupplyCheck {
  ok: boolean;
  /** µBPI */
  total: number;
  found: number;
}

/** Adds up every account; for tests, replays and audits. */
export function checkSupply(reader: StateReader): SupplyCheck {
  let found = 0;
  for (const [, text] of reader.list(ACCOUNTS)) found += held(JSON.parse(text) as AccountRecord);
  const supply = JSON.parse(reader.get(stateKeys.supply)!) as SupplyRecord;
  found += pooled(supply);
  return { ok: found === supply.total, total: supply.total, found };
}

/** The same from a block's changes alone: what it moved must come to nothing. µBPI that appeared (or, negative, vanished). */
export function imbalance(before: StateReader, after: Overlay): number {
  let change = 0;
  for (const key of after.changedKeys()) {
    if (key.startsWith(ACCOUNTS)) change += difference(before, after, key, held);
    else if (key === stateKeys.supply) change += difference(before, after, key, (supply: SupplyRecord) => pooled(supply) - supply.total);
  }
  return change;
}

function difference<T>(before: StateReader, after: Overlay, key: string, amount: (record: T) => number): number {
  const old = before.get(key);
  const now = after.read<T>(key);
  return (now === undefined ? 0 : amount(now)) - (old === undefined ? 0 : amount(JSON.parse(old) as T));
}

const held = ({ balance, stake }: AccountRecord) => balance + stake;
const pooled = ({ escrow, burned, pools }: SupplyRecord) => escrow + burned + Object.values(pools).reduce((sum, amount) => sum + amount, 0);
