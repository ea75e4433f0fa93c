// Keeps the serving certificate: given files are watched and reloaded; a self-made one is kept in the state directory and renewed before it ends.
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expiryOf, makeAuthority, makeServing, SERVING_DAYS, type PemPair } from './selfMade.js';

export interface ServingCertificate extends PemPair {
  /** PEM of the authority that the API server is to trust. */
  authority: string;
  expires: Date;
}
export interface GivenFiles {
  certificate: string;
  key: string;
  /** CA bundle; the certificate file itself when absent. */
  authority?: string;
}

const DAY_MS = 86_400_000;
const RENEW_BEFORE_MS = (SERVING_DAYS / 3) * DAY_MS;

export function readGiven(files: GivenFiles): ServingCertificate {
  const certificate = readFileSync(files.certificate, 'utf8');
  return {
    certificate,
    key: readFileSync(files.key, 'utf8'),
    authority: readFileSync(files.authority ?? files.certificate, 'utf8'),
    expires: expiryOf(certificate),
  };
}

/** Whole or not at all: a crash leaves the old file. */
function writePrivately(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Undefined when the file is damaged: then it is made anew. */
function parsePair(text: string): PemPair | undefined {
  try {
    const pair = JSON.parse(text) as PemPair;
    expiryOf(pair.certificate);
    return pair;
  } catch {
    return undefined;
  }
}

async function kept(folder: string, name: string, valid: (pair: PemPair) => boolean, make: () => Promise<PemPair>): Promise<PemPair> {
  const file = path.join(folder, `${name}.json`);
  const old = existsSync(file) ? parsePair(readFileSync(file, 'utf8')) : undefined;
  if (old && valid(old)) return old;
  const pair = await make();
  writePrivately(file, JSON.stringify(pair));
  return pair;
}

/** Reads or makes authority and certificate under `folder`; renews either when less than a third of its time is left. */
export async function selfMade(folder: string, host: string, now: Date): Promise<ServingCertificate> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lasting = ({ certificate }: PemPair) => expiryOf(certificate).getTime() - now.getTime() > RENEW_BEFORE_MS;
  const authority = await kept(folder, 'authority', lasting, () => makeAuthority(now));
  const name = `serving-${host.replaceAll(/[^\w.-]/g, '_')}`;
  const fits = (pair: PemPair & { authority?: string }) => lasting(pair) && pair.authority === authority.certificate;
  const serving = await kept(folder, name, fits, async () => ({ ...(await makeServing(authority, host, now)), authority: authority.certificate }));
  return { certificate: serving.certificate, key: serving.key, authority: authority.certificate, expires: expiryOf(serving.certificate) };
}

/** Calls `changed` when one of the files has another modification time; returns what stops it. Polled, because mounted secrets change by link. */
export function watchFiles(files: readonly string[], everyMs: number, changed: () => void): () => void {
  const stamp = () => files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0).join();
  let last = stamp();
  const timer = setInterval(() => {
    const now = stamp();
    if (now === last) return;
    last = now;
    changed();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
