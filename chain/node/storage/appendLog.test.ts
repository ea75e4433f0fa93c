// The log keeps every record it reported durable: after a torn tail, a failing disk at every call, and a rewrite; damage is told from tearing.
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../../../crypto/encoding.js';
import { faultyDisk } from '../testing/faultyDisk.js';
import { temporaryDirectory } from '../testing/temporaryDirectory.js';
import { AppendLog } from './appendLog.js';
import { encodeFrame, encodeLog, LOG_MAGIC, parseLog } from './logFrames.js';

const reopen = async (file: string): Promise<string[]> => {
  const { log, payloads } = await AppendLog.open(file);
  await log.close();
  return payloads.map(fromUtf8);
};

describe('parseLog', () => {
  it('of any prefix gives the whole frames before the cut, and calls the rest torn unless it is zeros', () => {
    const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(payloads, fc.nat(), (list, cut) => {
        const frames = list.map((payload) => encodeFrame(payload, 0));
        const whole = Buffer.concat([LOG_MAGIC, ...frames]);
        const part = whole.subarray(0, cut % (whole.length + 1));
        const parsed = parseLog(part);
        expect(list.map((p) => Buffer.from(p)).slice(0, parsed.payloads.length)).toEqual(parsed.payloads.map((p) => Buffer.from(p)));
        expect(parsed.tail).toBe(part.subarray(parsed.end).some((byte) => byte !== 0) ? 'torn' : 'clean');
        if (part.length === whole.length) expect(parsed.payloads.length).toBe(list.length);
      }),
    );
  });

  it('never throws and never invents a record, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(parseLog(Buffer.concat([LOG_MAGIC, bytes])).payloads).toEqual([]);
      }),
    );
  });

  it.each([
    ['a flipped bit in a synced record, with later ones', 0, 'corrupt'],
    ['a flipped bit in the last batch', 1, 'torn'],
  ])('%s', (_, victim, tail) => {
    const first = Buffer.concat([LOG_MAGIC, encodeFrame(utf8('first'), LOG_MAGIC.length)]);
    const bytes = Buffer.concat([first, encodeFrame(utf8('second'), first.length)]);
    bytes[(victim === 0 ? first.length : bytes.length) - 2]! ^= 1;
    expect(parseLog(bytes).tail).toBe(tail);
  });

  it('sees damage anywhere in a rewritten log', () => {
    const bytes = encodeLog([utf8('one'), utf8('two')]);
    for (let at = LOG_MAGIC.length; at < bytes.length - 16; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 4;
      expect(parseLog(damaged).tail).toBe('corrupt');
    }
  });
});

describe('AppendLog', () => {
  it('gives the records back in order, also those appended together', async () => {
    const file = path.join(temporaryDirectory(), 'votes');
    const { log } = await AppendLog.open(file);
    await Promise.all(['a', 'b', 'c'].map((text) => log.append(utf8(text))));
    await log.append(utf8('d'));
    await log.close();
    expect(await reopen(file)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('goes on in the file that it made longer than it needs, beyond that too, and after a restart', async () => {
    const file = path.join(temporaryDirectory(), 'votes');
    const written: string[] = [];
    for (let run = 0; run < 3; run++) {
      const { log, payloads } = await AppendLog.open(file, { allocate: 100 });
      expect(payloads.map(fromUtf8)).toEqual(written);
      for (let i = 0; i < 4; i++) {
        const text = `${run}/${i}`.padEnd(45, '.');
        await log.append(utf8(text));
        written.push(text);
      }
      expect(readFileSync(file).length).toBeGreaterThanOrEqual(log.size);
      await log.close();
    }
    expect(parseLog(readFileSync(file)).payloads.map(fromUtf8)).toEqual(written);
  });

  it('cuts a torn tail off and goes on', async () => {
    const file = path.join(temporaryDirectory(), 'votes');
    const { log } = await AppendLog.open(file);
    await log.append(utf8('kept'));
    await log.close();
    appendFileSync(file, encodeFrame(utf8('lost'), 0).subarray(0, 18));
    const again = await AppendLog.open(file);
    await again.log.append(utf8('next'));
    await again.log.close();
    expect(await reopen(file)).toEqual(['kept', 'next']);
  });

  it('refuses a damaged file and leaves it alone', async () => {
    const file = path.join(temporaryDirectory(), 'votes');
    const { log } = await AppendLog.open(file);
    await log.append(utf8('first'));
    await log.append(utf8('second'));
    await log.close();
    const bytes = readFileSync(file);
    bytes[LOG_MAGIC.length + 17]! ^= 1;
    writeFileSync(file, bytes);
    await expect(AppendLog.open(file)).rejects.toMatchObject({ code: 'CorruptLog', message: expect.stringContaining(`${file} is damaged at byte 8`) });
    expect(readFileSync(file)).toEqual(bytes);
  });

  it('rewrites between appends and drops the rest', async () => {
    const file = path.join(temporaryDirectory(), 'votes');
    const { log } = await AppendLog.open(file);
    await log.append(utf8('old'));
    await Promise.all([log.rewrite(() => [utf8('live')]), log.append(utf8('after'))]);
    await log.close();
    expect(await reopen(file)).toEqual(['live', 'after']);
  });

  it('keeps what it acknowledged, whichever call to the disk fails', async () => {
    for (let failAt = 1; failAt < 40; failAt++) {
      const file = path.join(temporaryDirectory(), 'votes');
      const acknowledged: string[] = [];
      const run = async () => {
        const { log } = await AppendLog.open(file, { disk: faultyDisk(failAt) });
        try {
          for (const text of ['a', 'b', 'c']) {
            await log.append(utf8(text));
            acknowledged.push(text);
          }
          await log.rewrite(() => acknowledged.map(utf8));
          await log.append(utf8('d'));
          acknowledged.push('d');
        } finally {
          await log.close();
        }
      };
      const failure = await run().then(
        () => undefined,
        (error: unknown) => error,
      );
      const found = await reopen(file);
      expect(found.slice(0, acknowledged.length), `failing call ${failAt}`).toEqual(acknowledged);
      if (!failure) return;
    }
    throw new Error('the disk never stopped failing');
  });

  it('fails every append after one failed', async () => {
    const file = path.join(temporaryDirectory(), 'votes');
    const { log } = await AppendLog.open(file, { disk: faultyDisk(6) });
    const answers = await Promise.allSettled([log.append(utf8('a')), log.append(utf8('b'))]);
    answers.push(...(await Promise.allSettled([log.append(utf8('c'))])));
    await log.close();
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('starts anew when a crash left an empty or half-written header', async () => {
    const file = path.join(temporaryDirectory(), 'votes');
    await AppendLog.open(file).then(({ log }) => log.close());
    truncateSync(file, 3);
    expect(await reopen(file)).toEqual([]);
    expect(await reopen(file)).toEqual([]);
  });
});
