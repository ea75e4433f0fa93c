import { X509Certificate, createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ensurePki } from './ensurePki.js';
import { kubeconfigFor } from './kubeconfig.js';
import { certificateSubjects } from './subjects.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'enc-pki-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const load = (file: string) => new X509Certificate(readFileSync(file));
const days = (count: number) => new Date(Date.now() + count * 86_400_000);

describe('ensurePki', () => {
  it('gives everyone a certificate by the right authority, with its own key', async () => {
    const pki = await ensurePki(folder, ['n1']);
    for (const [name, { authority, commonName, organization }] of Object.entries(certificateSubjects(['n1']))) {
      const certificate = load(pki.certificate(name));
      expect(certificate.checkIssued(load(pki.authority(authority))), name).toBe(true);
      expect(certificate.verify(load(pki.authority(authority === 'etcd' ? 'cluster' : 'etcd')).publicKey), name).toBe(false);
      expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(pki.key(name)))), name).toBe(true);
      expect(certificate.subject.split('\n'), name).toEqual([...(organization ? [`O=${organization}`] : []), `CN=${commonName}`]);
      expect(certificate.ca, name).toBe(false);
    }
  });

  it('names where the API server is found, by loopback and from pods', async () => {
    const pki = await ensurePki(folder);
    const certificate = load(pki.certificate('kube-apiserver'));
    for (const address of ['127.0.0.1', '10.96.0.1']) expect(certificate.checkIP(address), address).toBe(address);
    expect(certificate.checkHost('kubernetes.default.svc')).toBe('kubernetes.default.svc');
    expect(certificate.checkHost('example.com')).toBeUndefined();
  });

  it('keeps everything while it lasts', async () => {
    const pki = await ensurePki(folder, ['n1']);
    const before = Object.keys(certificateSubjects(['n1'])).map((name) => readFileSync(pki.certificate(name), 'utf8'));
    await ensurePki(folder, ['n1']);
    expect(Object.keys(certificateSubjects(['n1'])).map((name) => readFileSync(pki.certificate(name), 'utf8'))).toEqual(before);
  });

  it('renews a certificate before it ends, under the same authority', async () => {
    const pki = await ensurePki(folder);
    const [authority, admin] = [readFileSync(pki.authority('cluster'), 'utf8'), readFileSync(pki.certificate('admin'), 'utf8')];
    await ensurePki(folder, [], days(300));
    expect(readFileSync(pki.certificate('admin'), 'utf8')).toBe(admin);
    await ensurePki(folder, [], days(340));
    expect(readFileSync(pki.certificate('admin'), 'utf8')).not.toBe(admin);
    expect(readFileSync(pki.authority('cluster'), 'utf8')).toBe(authority);
  });

  it('replaces what another authority signed', async () => {
    const pki = await ensurePki(folder);
    const before = readFileSync(pki.certificate('admin'), 'utf8');
    rmSync(pki.authorityKey('cluster'));
    await ensurePki(folder);
    expect(readFileSync(pki.certificate('admin'), 'utf8')).not.toBe(before);
    expect(load(pki.certificate('admin')).verify(load(pki.authority('cluster')).publicKey)).toBe(true);
  });

  it('lets nobody else read a key, and has a pair for service accounts', async () => {
    const pki = await ensurePki(folder);
    for (const key of [pki.key('admin'), pki.authorityKey('cluster'), pki.serviceAccountKey]) expect(statSync(key).mode & 0o077, key).toBe(0);
    const publicOf = createPublicKey(createPrivateKey(readFileSync(pki.serviceAccountKey))).export({ type: 'spki', format: 'pem' });
    expect(publicOf).toBe(readFileSync(pki.serviceAccountPublic, 'utf8'));
  });
});

it('a kubeconfig holds its certificates itself', async () => {
  const pki = await ensurePki(folder);
  const config = parse(kubeconfigFor(pki, 'admin', 'https://127.0.0.1:1')) as {
    clusters: { cluster: Record<string, string> }[];
    users: { user: Record<string, string> }[];
  };
  expect(config.clusters[0]!.cluster.server).toBe('https://127.0.0.1:1');
  expect(Buffer.from(config.users[0]!.user['client-certificate-data']!, 'base64').toString()).toBe(readFileSync(pki.certificate('admin'), 'utf8'));
});
