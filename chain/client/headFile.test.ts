// A restarted client takes up the chain where it was, and cannot be led back before it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeNetwork } from './testing/network.js';
import { strangersChain } from './testing/strangers.js';

let network: FakeNetwork;
beforeEach(async () => {
  network = await new FakeNetwork().start();
});
afterEach(() => network.stop());
const code = (expected: string, message = /./) =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) as string }) as Error;

describe('a saved head', () => {
  let folder: string;
  let headFile: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'enc-head-'));
    headFile = path.join(folder, 'deeper', 'head.json');
  });
  afterEach(async () => {
    await network.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const savedAt = async (height: number) => {
    const client = await network.startedClient({ headFile });
    while (network.chain.height < height) network.chain.commit();
    await expect.poll(() => client.head().height).toBe(height);
    await client.stop();
    return (JSON.parse(readFileSync(headFile, 'utf8')) as { header: { height: number } }).header.height;
  };

  it('is where a restarted client goes on, checking every header since', async () => {
    expect(await savedAt(3)).toBe(3);
    for (let i = 0; i < 20; i++) network.chain.commit();
    const client = await network.startedClient({ headFile });
    expect(client.head().height).toBe(23);
    expect(
      network.validators.flatMap(({ requests }) => requests).filter((request) => request.startsWith('GET /v1/headers?from=4&')).length,
    ).toBeGreaterThan(0);
  });

  it('cannot be gone back behind', async () => {
    await savedAt(5);
    for (const validator of network.validators) validator.frozenAt = 2;
    await expect(network.startedClient({ headFile, timing: { startMs: 300 } })).rejects.toThrow(code('Timeout', /before block 5/));
  });

  it.each([
    [
      'of another chain',
      () => JSON.stringify({ header: strangersChain.snapshots[1]!.header, certificate: strangersChain.snapshots[1]!.certificate }),
      /not of the chain of this genesis/,
    ],
    ['that is cut off', () => '{"header":', /malformed/],
  ])('%s is refused, and its file named', async (_name, text, message) => {
    const file = path.join(folder, 'head.json');
    writeFileSync(file, text());
    await expect(network.startedClient({ headFile: file })).rejects.toThrow(code('BadConfiguration', message));
  });
});
