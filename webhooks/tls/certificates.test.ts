// The serving certificate is kept while it lasts, renewed before it ends, made anew when damaged, and private.
import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readGiven, selfMade, watchFiles } from './certificates.js';
import { SERVING_DAYS } from './selfMade.js';

const DAY_MS = 86_400_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'enc-tls-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const later = (days: number) => new Date(Date.now() + days * DAY_MS);

describe('selfMade', () => {
  it.each(['127.0.0.1', 'enc-webhooks.enc-system.svc'])('is good for %s, signed by its authority', async (host) => {
    const { certificate, authority } = await selfMade(folder, host, new Date());
    const [leaf, issuer] = [new X509Certificate(certificate), new X509Certificate(authority)];
    expect(leaf.verify(issuer.publicKey) && leaf.checkIssued(issuer)).toBe(true);
    expect((/^\d/.test(host) ? leaf.checkIP(host) : leaf.checkHost(host)) ?? 'no').toBe(host);
    expect([leaf.ca, issuer.ca]).toEqual([false, true]);
  });

  it('is kept while it lasts and renewed before it ends, under the same authority', async () => {
    const first = await selfMade(folder, '127.0.0.1', new Date());
    expect(await selfMade(folder, '127.0.0.1', later(SERVING_DAYS / 2))).toEqual(first);
    const renewed = await selfMade(folder, '127.0.0.1', later(SERVING_DAYS * 0.9));
    expect(renewed.certificate).not.toBe(first.certificate);
    expect(renewed.authority).toBe(first.authority);
    expect(renewed.expires.getTime()).toBeGreaterThan(first.expires.getTime());
  });

  it('is renewed with its authority, when that ends', async () => {
    const first = await selfMade(folder, '127.0.0.1', new Date());
    const renewed = await selfMade(folder, '127.0.0.1', later(3_640));
    expect(renewed.authority).not.toBe(first.authority);
    expect(new X509Certificate(renewed.certificate).verify(new X509Certificate(renewed.authority).publicKey)).toBe(true);
  });

  it('is made anew when its file is damaged', async () => {
    await selfMade(folder, '127.0.0.1', new Date());
    for (const text of ['', '{"certificate":"x"}', 'null']) {
      writeFileSync(path.join(folder, 'authority.json'), text);
      const made = await selfMade(folder, '127.0.0.1', new Date());
      expect(new X509Certificate(made.certificate).verify(new X509Certificate(made.authority).publicKey)).toBe(true);
    }
  });

  it('is readable by its owner alone', async () => {
    await selfMade(folder, '127.0.0.1', new Date());
    for (const file of ['authority.json', 'serving-127.0.0.1.json']) expect(statSync(path.join(folder, file)).mode & 0o077).toBe(0);
  });
});

describe('given files', () => {
  it('are read, and noticed when they change', async () => {
    const { certificate, key } = await selfMade(folder, '127.0.0.1', new Date());
    const files = { certificate: path.join(folder, 'tls.crt'), key: path.join(folder, 'tls.key') };
    writeFileSync(files.certificate, certificate);
    writeFileSync(files.key, key);
    expect(readGiven(files)).toMatchObject({ certificate, key, authority: certificate });
    let changes = 0;
    const unwatch = watchFiles(Object.values(files), 5, () => (changes += 1));
    utimesSync(files.key, new Date(1_000), new Date(1_000));
    await expect.poll(() => changes).toBe(1);
    rmSync(files.key);
    await expect.poll(() => changes).toBe(2);
    unwatch();
  });
});
