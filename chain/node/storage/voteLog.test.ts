// Votes come back after a torn tail, a rewrite, and a disk that fails at any call; a log that was put back to an earlier state is refused.
import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultyDisk } from '../testing/faultyDisk.js';
import { temporaryDirectory } from '../testing/temporaryDirectory.js';
import { AppendLog } from './appendLog.js';
import { refuseRolledBack, VoteLog } from './voteLog.js';

interface Vote {
  height: number;
  said: string;
}
const vote = (height: number, said = 'yes'): Vote => ({ height, said });
const newFile = () => path.join(temporaryDirectory(), 'votes.log');

/** Casts a vote at each height, and closes. */
async function cast(file: string, ...heights: number[]): Promise<number> {
  const log = await VoteLog.open<Vote>(file);
  for (const height of heights) await log.append(vote(height));
  const count = log.cast;
  await log.close();
  return count;
}
async function reopened(file: string): Promise<{ count: number; heights: number[] }> {
  const log = await VoteLog.open<Vote>(file);
  const found = { count: log.cast, heights: log.from(0).map(({ height }) => height) };
  await log.close();
  return found;
}

describe('VoteLog', () => {
  it('counts the votes of all runs, also when those of final heights were dropped', async () => {
    const file = newFile();
    expect(await cast(file, 1, 1, 2)).toBe(3);
    const log = await VoteLog.open<Vote>(file, { rewriteAbove: 0 });
    await log.append(vote(3));
    await log.finalised(3);
    await log.close();
    expect(await reopened(file)).toEqual({ count: 4, heights: [3] });
    const emptied = await VoteLog.open<Vote>(file, { rewriteAbove: 0 });
    await emptied.finalised(4);
    await emptied.close();
    expect(await reopened(file)).toEqual({ count: 4, heights: [] });
  });

  it('reads what was written before votes were counted', async () => {
    const file = newFile();
    const { log } = await AppendLog.open(file);
    for (const height of [1, 2]) await log.append(Buffer.from(JSON.stringify(vote(height))));
    await log.close();
    expect(await cast(file, 3)).toBe(3);
    expect(await reopened(file)).toEqual({ count: 3, heights: [1, 2, 3] });
  });

  it('has every vote that was reported durable, whichever call to the disk fails', async () => {
    for (let failAt = 1; ; failAt++) {
      const file = newFile();
      const durable: number[] = [];
      let known = 0;
      const failure = await (async () => {
        const log = await VoteLog.open<Vote>(file, { disk: faultyDisk(failAt), rewriteAbove: 0 });
        try {
          for (const height of [1, 2, 3]) {
            await log.append(vote(height));
            durable.push(height);
            known = log.cast;
            await log.finalised(height);
          }
        } finally {
          await log.close();
        }
      })().then(
        () => undefined,
        (error: unknown) => error,
      );
      const { count, heights } = await reopened(file);
      expect(count, `failing call ${failAt}`).toBeGreaterThanOrEqual(known);
      if (durable.length > 0) expect(heights, `failing call ${failAt}`).toContain(durable.at(-1));
      if (!failure) return expect(failAt).toBeGreaterThan(20);
    }
  });
});

describe('a vote log', () => {
  const check = async (file: string, known: number) => {
    const log = await VoteLog.open<Vote>(file);
    await log.close();
    refuseRolledBack(file, log, known);
  };

  it('that an older copy replaced is refused with exit code 2, and left as it is', async () => {
    const file = newFile();
    await cast(file, 1, 1);
    copyFileSync(file, `${file}.backup`);
    const known = await cast(file, 2, 2);
    await expect(check(file, known)).resolves.toBeUndefined();
    copyFileSync(`${file}.backup`, file);
    const before = readFileSync(file);
    await expect(check(file, known)).rejects.toMatchObject({ code: 'RolledBack', exitCode: 2, message: expect.stringContaining('holds 2 of the 4 votes') as string });
    expect(readFileSync(file)).toEqual(before);
  });

  it.each([
    ['removed', (file: string) => rmSync(file)],
    ['emptied', (file: string) => writeFileSync(file, '')],
    ['cut at a record', (file: string) => truncateSync(file, 8)],
  ])('that was %s is refused', async (_, damage) => {
    const file = newFile();
    const known = await cast(file, 1, 2);
    damage(file);
    await expect(check(file, known)).rejects.toMatchObject({ code: 'RolledBack' });
  });
});
