// Keeps the keys and certificates of one cluster in a folder: makes what is missing, renews what is about to expire.
import { X509Certificate, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { issueCertificate, makeAuthority, type PemPair } from './certificates.js';
import { certificateSubjects, type Authority, type Issued } from './subjects.js';

export interface Pki {
  certificate(name: string): string;
  key(name: string): string;
  authority(name: Authority): string;
  authorityKey(name: Authority): string;
  serviceAccountKey: string;
  serviceAccountPublic: string;
}

const RENEW_BEFORE_MS = 30 * 86_400_000;
const AUTHORITIES: readonly Authority[] = ['cluster', 'etcd'];

export function pkiFiles(folder: string): Pki {
  const file = (name: string) => path.join(folder, name);
  return {
    certificate: (name) => file(`${name}.crt`),
    key: (name) => file(`${name}.key`),
    authority: (name) => file(`${name}-ca.crt`),
    authorityKey: (name) => file(`${name}-ca.key`),
    serviceAccountKey: file('service-account.key'),
    serviceAccountPublic: file('service-account.pub'),
  };
}

function write(certificateFile: string, keyFile: string, { certificate, key }: PemPair): void {
  writeFileSync(keyFile, key, { mode: 0o600 });
  writeFileSync(certificateFile, certificate);
}

/** A certificate is used again when this authority signed it, it names what it must, and it lasts a while. */
function isStillGood(certificatePem: string, authorityPem: string, subject: Issued, now: Date): boolean {
  const certificate = new X509Certificate(certificatePem);
  const wanted = [...(subject.names ?? []).map((name) => `DNS:${name}`), ...(subject.addresses ?? []).map((address) => `IP Address:${address}`)];
  return (
    certificate.verify(new X509Certificate(authorityPem).publicKey) &&
    Date.parse(certificate.validTo) - now.getTime() > RENEW_BEFORE_MS &&
    (certificate.subjectAltName ?? '') === wanted.join(', ')
  );
}

function makeServiceAccountKeys({ serviceAccountKey, serviceAccountPublic }: Pki): void {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(serviceAccountKey, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(serviceAccountPublic, publicKey.export({ type: 'spki', format: 'pem' }));
}

export async function ensurePki(folder: string, realNodes: readonly string[] = [], now = new Date()): Promise<Pki> {
  const pki = pkiFiles(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const authorities = {} as Record<Authority, PemPair>;
  for (const name of AUTHORITIES) {
    const [certificate, key] = [pki.authority(name), pki.authorityKey(name)];
    if (!existsSync(certificate) || !existsSync(key)) write(certificate, key, await makeAuthority(`enc-${name}`, now));
    authorities[name] = { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  }
  for (const [name, subject] of Object.entries(certificateSubjects(realNodes))) {
    const [certificate, key] = [pki.certificate(name), pki.key(name)];
    const authority = authorities[subject.authority];
    const keep = existsSync(certificate) && existsSync(key) && isStillGood(readFileSync(certificate, 'utf8'), authority.certificate, subject, now);
    if (!keep) write(certificate, key, await issueCertificate(authority, subject, now));
  }
  if (!existsSync(pki.serviceAccountKey) || !existsSync(pki.serviceAccountPublic)) makeServiceAccountKeys(pki);
  return pki;
}
