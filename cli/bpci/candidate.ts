// The home of a node that is no member of the set: it follows, and may join; and the file that says who it is.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { utf8 } from '../../crypto/encoding.js';
import { homeFiles, loadGenesis, type NodeFile } from '../../chain/node/config.js';
import { reasonOf } from '../../chain/node/nodeError.js';
import { createFile, disk, makeDirectory } from '../../chain/node/storage/durableFile.js';
import { encodeKeyFile, generateValidatorKeys, loadValidatorKeys, validatorOf } from '../../chain/node/validatorKeys.js';
import type { NewValidator } from '../../chain/types.js';
import { CliError } from './cliError.js';
import type { HostPort } from './flags.js';
import { facts } from './table.js';

export interface CandidateFlags {
  from: string;
  home: string;
  name: string;
  peerAddress: HostPort;
  apiPort: number;
  metricsPort: number;
  out: string;
}

export async function makeCandidate({ from, home, name, peerAddress, apiPort, metricsPort, out }: CandidateFlags): Promise<string> {
  if (!/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) throw new CliError(`--name ${name}: expected lower-case letters, digits, "-" and "."`);
  if (existsSync(home) && readdirSync(home).length > 0) throw new CliError(`--home ${home}: the directory is not empty; nothing was overwritten, name another one`);
  if (existsSync(out)) throw new CliError(`--out ${out}: the file is there already; nothing was overwritten, name another one`);
  const theirs = homeFiles(from);
  const genesis = loadGenesis(theirs.genesis);
  const { peers, api, metrics, logLevel } = readNodeFile(theirs.config);
  const keys = generateValidatorKeys();
  const candidate: NewValidator = { ...validatorOf(name, keys), endpoint: textOf(peerAddress) };
  const node: NodeFile = {
    api: { host: api.host, port: apiPort },
    metrics: { host: metrics.host, port: metricsPort },
    peer: { host: api.host, port: peerAddress.port },
    peers,
    logLevel,
    name,
  };
  const files = homeFiles(home);
  await makeDirectory(disk, home);
  await createFile(disk, files.key, encodeKeyFile(keys));
  await createFile(disk, files.genesis, json(genesis), 0o644);
  await createFile(disk, files.config, json(node), 0o644);
  await makeDirectory(disk, path.dirname(path.resolve(out)));
  await createFile(disk, out, json(candidate), 0o644);
  return facts([
    ['name', name],
    ['account', candidate.ed25519PublicKey],
    ['home', home],
    ['written', out],
    ['next', `bpci stake bond --account ${candidate.ed25519PublicKey} --name ${name} …; bpci validators propose --add ${out} …`],
  ]);
}

/** Who the holder of a home is, as "bpci validators propose --add" takes it: where a key never leaves its home. */
export function introduction(home: string, peerAddress: HostPort): NewValidator {
  const files = homeFiles(home);
  const keys = loadValidatorKeys(files.key);
  // A member of the genesis that was taken out and comes back has its name there.
  const listed = loadGenesis(files.genesis).validatorSet.validators.find(({ ed25519PublicKey }) => ed25519PublicKey === keys.ed25519.publicKey);
  const name = listed?.address ?? readNodeFile(files.config, '--home').name;
  if (name === undefined) throw new CliError(`--home ${home}: neither its genesis nor its node.json names it; make a home that may join with "bpci validators candidate"`);
  return { ...validatorOf(name, keys), endpoint: textOf(peerAddress) };
}

const textOf = ({ host, port }: HostPort): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

function readNodeFile(file: string, flag = '--from'): NodeFile {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as NodeFile;
  } catch (cause) {
    throw new CliError(`${flag}: ${file} cannot be used: ${reasonOf(cause)}`, 2, { cause });
  }
}

export const json = (value: unknown): Uint8Array => utf8(`${JSON.stringify(value, null, 2)}\n`);
