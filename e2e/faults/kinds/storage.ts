// A full disk under one validator, and log tails as a crash or a bad disk leaves them.
import { appendFileSync, closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { homeFiles } from '../../../chain/node/config.js';
import { waitFor } from '../../stack/waitFor.js';
import { ON_SMALL_DISK, validatorName } from '../bed.js';
import type { Fault } from '../fault.js';

const FULL_MS = 5_000;
const TORN_BYTES = 200;
const MAGIC_BYTES = 8;
const LAST_BYTES = 24;

/** Where the frames end: zeros that were allocated ahead follow. */
function endOf(file: string): number {
  const content = readFileSync(file);
  let end = content.length;
  while (end > 0 && content[end - 1] === 0) end--;
  return end;
}

/** While the validator is down. */
function overwrite(file: string, at: number, bytes: Uint8Array): void {
  const opened = openSync(file, 'r+');
  writeSync(opened, bytes, 0, bytes.length, at);
  closeSync(opened);
}

export const storageFaults: Fault[] = [
  {
    kind: 'disk full',
    impossible: ({ bed }) => (bed.disk.there ? undefined : 'mounting a small disk needs root'),
    async inject({ bed }) {
      bed.disk.fill();
      try {
        await sleep(FULL_MS);
      } finally {
        bed.disk.empty();
      }
      return `validator ${ON_SMALL_DISK}, no byte left for ${FULL_MS / 1_000} s`;
    },
  },
  ...(['votes', 'mempool'] as const).map(
    (which): Fault => ({
      kind: `torn tail of a ${which} log`,
      async inject({ bed, random }) {
        const validator = random(ON_SMALL_DISK);
        const file = homeFiles(bed.home(validator))[which];
        await bed.keeper.hold(validatorName(validator));
        const garbage = randomBytes(1 + random(TORN_BYTES));
        const end = endOf(file);
        if (end + garbage.length < statSync(file).size) overwrite(file, end, garbage);
        else appendFileSync(file, garbage);
        bed.keeper.release(validatorName(validator));
        return `validator ${validator}, ${garbage.length} bytes of a frame never finished`;
      },
    }),
  ),
  {
    kind: 'corrupt tail of a votes log',
    async inject({ bed, random, damaged }) {
      const validator = random(ON_SMALL_DISK);
      const name = validatorName(validator);
      const file = homeFiles(bed.home(validator)).votes;
      await bed.keeper.hold(name);
      const whole = readFileSync(file);
      overwrite(file, Math.max(MAGIC_BYTES, endOf(file) - LAST_BYTES), randomBytes(LAST_BYTES));
      const ends = bed.keeper.ownEnds.length;
      bed.keeper.release(name);
      const refused = () => bed.keeper.ownEnds.slice(ends).some(({ program }) => program === name);
      await waitFor(`${name} to start, or to refuse to`, async () => refused() || (await bed.heights())[validator]! > 0, { timeoutMs: 30_000 });
      if (!refused()) {
        damaged.add(validator);
        return `validator ${validator}, its last vote destroyed: it votes on, so it counts as faulty`;
      }
      await bed.keeper.hold(name);
      writeFileSync(file, whole);
      bed.keeper.release(name);
      return `validator ${validator}, its last vote destroyed: it refused to vote on until the file was put back`;
    },
  },
];
