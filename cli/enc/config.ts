// Where kubectl enc finds the chain and the cluster: flags, then the environment, then the nearest .enc/ above the current folder. The only place of the plugin that reads the environment.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Genesis } from '../../chain/types.js';
import { CliError } from '../bpci/cliError.js';

export interface ChainFlags {
  /** Comma-separated URLs. */
  endpoints?: string;
  genesis?: string;
}
export interface ChainSettings {
  endpoints: string[];
  genesis: Genesis;
}
export interface Surroundings {
  environment: Readonly<Record<string, string | undefined>>;
  cwd: string;
}
const here = (): Surroundings => ({ environment: process.env, cwd: process.cwd() });

const STATE = '.enc';
const LOCAL_API = 'http://127.0.0.1:21001';

/** The nearest .enc/ in the folder or above it. */
export function stateFolder(cwd: string): string | undefined {
  for (let folder = path.resolve(cwd); ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, STATE);
    if (existsSync(candidate)) return candidate;
    if (folder === path.dirname(folder)) return undefined;
  }
}

/** Text of a file the user named. Throws CliError naming the flag, the file and what is wrong with it. */
export function readInput(flag: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'it may not be read by this user' : code === 'EISDIR' ? 'it is a folder' : message;
    throw new CliError(`${flag} ${file}: ${why}`, 2, { cause });
  }
}

export function readJsonInput(flag: string, file: string): unknown {
  const text = readInput(flag, file);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError(`${flag} ${file}: is not JSON (${(cause as Error).message})`, 2, { cause });
  }
}

/** The genesis document that is trusted; the flag it came by is named when it is bad. Its validator set is still to be checked. */
export function readGenesis(flags: ChainFlags, { environment, cwd }: Surroundings = here()): Genesis {
  const folder = stateFolder(cwd);
  const local = folder && path.join(folder, 'mainnet', 'genesis.json');
  const [flag, file] = flags.genesis !== undefined
    ? ['--genesis', flags.genesis]
    : environment['ENC_GENESIS'] ? ['ENC_GENESIS', environment['ENC_GENESIS']] : ['genesis', local && existsSync(local) ? local : undefined];
  if (file === undefined) throw new CliError('--genesis is missing: name the genesis.json of the chain you trust (or set ENC_GENESIS, or run where .enc/mainnet is)');
  const genesis = readJsonInput(flag!, path.resolve(cwd, file)) as Partial<Genesis> | null;
  if (typeof genesis?.chainId !== 'string' || !Array.isArray(genesis.validatorSet?.validators))
    throw new CliError(`${flag} ${file}: is not a genesis document: it has no chainId or no validatorSet.validators`);
  return genesis as Genesis;
}

/** API addresses of the validators of a local network, from their homes. */
function localEndpoints(mainnet: string): string[] {
  if (!existsSync(mainnet)) return [];
  const homes = readdirSync(mainnet).filter((name) => /^validator-\d+$/.test(name)).toSorted((a, b) => Number(a.slice(10)) - Number(b.slice(10)));
  return homes.flatMap((home) => {
    const file = path.join(mainnet, home, 'node.json');
    if (!existsSync(file)) return [];
    const { api } = readJsonInput('node', file) as { api?: { host: string; port: number } };
    return api ? [`http://${api.host === '0.0.0.0' ? '127.0.0.1' : api.host}:${api.port}`] : [];
  });
}

function endpointList(flag: string, text: string): string[] {
  return text.split(',').map((part) => part.trim()).filter(Boolean).map((part) => {
    if (!URL.canParse(part) || !/^https?:$/.test(new URL(part).protocol)) throw new CliError(`${flag} ${part}: expected URLs such as ${LOCAL_API}, separated by commas`);
    return part.replace(/\/+$/, '');
  });
}

export function chainSettings(flags: ChainFlags, surroundings: Surroundings = here()): ChainSettings {
  const { environment, cwd } = surroundings;
  const folder = stateFolder(cwd);
  const named = flags.endpoints !== undefined
    ? endpointList('--endpoints', flags.endpoints)
    : environment['ENC_ENDPOINTS'] ? endpointList('ENC_ENDPOINTS', environment['ENC_ENDPOINTS']) : folder ? localEndpoints(path.join(folder, 'mainnet')) : [];
  if (named.length === 0) throw new CliError('--endpoints is missing: name the validators\' APIs (or set ENC_ENDPOINTS, or run where .enc/mainnet is)');
  return { endpoints: named, genesis: readGenesis(flags, surroundings) };
}

/** The kubeconfig to use: the flag, KUBECONFIG's first file, that of the local stack, the user's own; undefined when there is none. */
export function kubeconfigFile(flag: string | undefined, { environment, cwd }: Surroundings = here()): string | undefined {
  if (flag !== undefined) {
    readInput('--kubeconfig', flag);
    return flag;
  }
  const named = environment['KUBECONFIG']?.split(path.delimiter).find(Boolean);
  if (named !== undefined) return named;
  const folder = stateFolder(cwd);
  const stack = folder && path.join(folder, 'stack.json');
  if (stack && existsSync(stack)) {
    const { cluster } = readJsonInput('stack', stack) as { cluster?: { kubeconfig?: string } };
    if (cluster?.kubeconfig !== undefined && existsSync(cluster.kubeconfig)) return cluster.kubeconfig;
  }
  const own = path.join(environment['HOME'] ?? os.homedir(), '.kube', 'config');
  return existsSync(own) ? own : undefined;
}
