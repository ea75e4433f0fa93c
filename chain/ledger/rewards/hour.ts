// The hour that everybody is measured against: its slots with a block, and its settlement when it is over (agreement 4.1).
import type { HourRecord } from '../../economyTypes.js';
import type { BlockContext } from '../operation.js';
import type { Overlay } from '../state.js';
import type { SystemEvent } from '../systemEvent.js';
import { hourOf, slotOf } from './participants.js';
import { settleHour } from './settleHour.js';

const KEY = 'rewards/hour';

export function currentHour(state: Overlay): HourRecord | undefined {
  return state.read<HourRecord>(KEY);
}

export function writeHour(state: Overlay, hour: HourRecord): void {
  state.write(KEY, hour);
}

/** At every block's begin: counts the slot, and settles the hour before when this block is the first after it. A time without blocks counts for nobody. */
export function keepHour(state: Overlay, block: BlockContext): SystemEvent[] {
  const hour = hourOf(block.timestamp);
  const slot = slotOf(block);
  const known = currentHour(state);
  if (known?.hour === hour) {
    const slots = known.lastSlot === slot ? known.slots : known.slots + 1;
    writeHour(state, { ...known, slots, lastSlot: slot, blocks: known.blocks + 1 });
    return [];
  }
  const events = known ? settleHour(state, block, known) : [];
  writeHour(state, { hour, slots: 1, lastSlot: slot, blocks: 1, certified: 0, failedRounds: 0 });
  return events;
}
