// The home of one pod of the mainnet, on its own volume: its key, made once and never shown, the genesis that it found itself in, and a validator's node.json.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { generateEd25519, type Ed25519KeyPair } from '../../../crypto/ed25519.js';
import { utf8 } from '../../../crypto/encoding.js';
import { homeFiles, type NodeFile } from '../../../chain/node/config.js';
import { createFile, disk, makeDirectory, replaceFile } from '../../../chain/node/storage/durableFile.js';
import { encodeKeyFile, generateValidatorKeys, loadAccountKeys, loadValidatorKeys, type ValidatorKeys } from '../../../chain/node/validatorKeys.js';
import type { Genesis } from '../../../chain/types.js';
import { CliError } from '../cliError.js';
import { accountIdentity, validatorIdentity, type PublicIdentity } from './identity.js';
import { checkedGenesis, genesisText } from './publication.js';
import type { ClusterSettings } from './settings.js';

export type MemberKind = 'validator' | 'account';
const EVERYWHERE = '0.0.0.0';

export interface Home {
  name: string;
  identity: PublicIdentity;
  /** The genesis of an earlier start, with this member's key in it; undefined before the ceremony. */
  genesis(): Genesis | undefined;
  /** Checks that this member's own key is in it, and keeps it. Throws CliError, naming the cure. */
  accept(genesis: Genesis): Promise<string>;
}

export async function openHome(directory: string, kind: MemberKind, name: string, settings: ClusterSettings): Promise<Home> {
  await makeDirectory(disk, directory);
  const member = kind === 'validator' ? await validatorHome(directory, name, settings) : await accountHome(directory, name, settings);
  const file = homeFiles(directory).genesis;
  const keep = async (genesis: Genesis) => {
    if (!existsSync(file)) await replaceFile(disk, file, utf8(genesisText(genesis)), 0o644);
  };
  return {
    name,
    identity: member.identity,
    genesis: () => (existsSync(file) ? checkedGenesis(readFileSync(file, 'utf8'), settings.chainId, file) : undefined),
    accept: async (genesis) => {
      const said = await member.accept(genesis);
      await keep(genesis);
      return said;
    },
  };
}

type Member = Pick<Home, 'identity' | 'accept'>;

async function keysIn<K extends ValidatorKeys | Ed25519KeyPair>(file: string, make: () => K, load: (file: string) => K): Promise<K> {
  if (!existsSync(file)) await createFile(disk, file, encodeKeyFile(make()));
  return load(file);
}

async function validatorHome(directory: string, name: string, settings: ClusterSettings): Promise<Member> {
  const files = homeFiles(directory);
  const keys = await keysIn(files.key, generateValidatorKeys, loadValidatorKeys);
  return {
    identity: validatorIdentity(settings.chainId, name, keys),
    accept: async (genesis) => {
      const own = ({ ed25519PublicKey, blsPublicKey }: { ed25519PublicKey: string; blsPublicKey: string }) =>
        ed25519PublicKey === keys.ed25519.publicKey && blsPublicKey === keys.bls.publicKey;
      const { validators } = genesis.validatorSet;
      const listed = validators.find(({ address }) => address === name);
      if (listed && !own(listed)) {
        throw new CliError(`the genesis names another key for ${name} than this volume holds (${keys.ed25519.publicKey}); restore the volume that took part in the ceremony`, 1);
      }
      await replaceFile(disk, files.config, utf8(`${JSON.stringify(nodeFile(name, genesis, settings), null, 2)}\n`), 0o644);
      return listed ? `${name} is validator ${validators.indexOf(listed)} of ${validators.length}` : `${name} is not in the genesis: it follows the chain until the validators take it into their set`;
    },
  };
}

async function accountHome(directory: string, name: string, { chainId }: ClusterSettings): Promise<Member> {
  const file = path.join(directory, 'account.key');
  const keys = await keysIn(file, generateEd25519, loadAccountKeys);
  return {
    identity: accountIdentity(chainId, name, keys),
    accept: async ({ accounts }) => {
      const account = accounts.find(({ publicKey }) => publicKey === keys.publicKey);
      if (account) return `${name} holds account ${account.name} (${account.roles.join(', ')})`;
      throw new CliError(`the key of ${name} (${keys.publicKey}) has no account in the genesis; restore the volume that took part in the ceremony, or scale no further than the ceremony did`, 1);
    },
  };
}

/** Where the validators of the genesis are reached is the settings' to say, at every start: an address is no identity. */
export function nodeFile(name: string, { validatorSet }: Genesis, { ports, validators }: ClusterSettings): NodeFile {
  const peers = validatorSet.validators.map(({ address }) => {
    const member = validators.find((one) => one.name === address);
    if (!member) throw new CliError(`the genesis has validator ${address}, the settings do not: add it to the chart's values with the host where it is reached`, 1);
    return { host: member.host, port: member.peerPort ?? ports.peer };
  });
  const at = (port: number) => ({ host: EVERYWHERE, port });
  const listed = validatorSet.validators.some(({ address }) => address === name);
  return { api: at(ports.api), metrics: at(ports.metrics), peer: at(ports.peer), peers, logLevel: 'info', ...(listed ? {} : { name }) };
}
