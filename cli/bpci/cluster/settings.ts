// What the chart says about a mainnet on Kubernetes: its chain, its validators and accounts by name, and where each is reached. Read from one file by every pod.
import { readFileSync } from 'node:fs';
import { array, hex, integer, literal, object, pattern, ShapeError, text, type Shape } from '../../../receipts/shape.js';
import type { GenesisAccount } from '../../../chain/types.js';
import { CliError } from '../cliError.js';

/** What a validator shows of itself: no private part. */
export interface PublicValidatorKeys {
  blsPublicKey: string;
  blsProofOfPossession: string;
  ed25519PublicKey: string;
}
export interface ValidatorMember {
  name: string;
  host: string;
  /** Of its peer links, where it is not `ports.peer`. */
  peerPort?: number;
  /** Of a validator outside the cluster, which takes no part in the ceremony itself. */
  keys?: PublicValidatorKeys;
}
export interface AccountMember {
  name: string;
  roles: GenesisAccount['roles'];
  /** µBPI */
  balance: number;
  /** µBPI */
  stake: number;
  /** Where its holder shows its key; absent when `publicKey` says it. */
  host?: string;
  publicKey?: string;
}
export interface ClusterSettings {
  chainId: string;
  /** sha256 of the orchestration agreement, hex; '' when none. */
  agreementHash: string;
  blockTimeMs: number;
  finalityThreshold: number;
  ports: { api: number; metrics: number; peer: number; ceremony: number };
  validators: ValidatorMember[];
  accounts: AccountMember[];
}

const name = pattern(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/, 'a name of lower-case letters, digits and inner hyphens or dots');
const port = integer(1, 65_535);
const shape: Shape<ClusterSettings> = object({
  chainId: pattern(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, '1 to 63 lower-case letters, digits and inner hyphens'),
  agreementHash: pattern(/^(?:[0-9a-f]{64})?$/, '32 bytes of lower-case hex, or nothing'),
  blockTimeMs: integer(100, 60_000),
  finalityThreshold: integer(67, 100),
  ports: object({ api: port, metrics: port, peer: port, ceremony: port }),
  validators: array(
    object(
      { name, host: text(1, 253) },
      { peerPort: port, keys: object({ blsPublicKey: hex(48), blsProofOfPossession: hex(96), ed25519PublicKey: hex(32) }) },
    ) as Shape<ValidatorMember>,
    1,
    100,
  ),
  accounts: array(
    object(
      { name, roles: array(literal('operator', 'webhook', 'node-operator', 'party', 'validator', 'identity'), 0, 6), balance: integer(), stake: integer() },
      { host: text(1, 253), publicKey: hex(32) },
    ) as Shape<AccountMember>,
    1,
    10_000,
  ),
});

/** Throws CliError naming the file, the field and what it must be. */
export function readSettings(file: string): ClusterSettings {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new CliError(`--settings ${file}: ${(cause as Error).message}; name the settings.json that the chart made`, 2, { cause });
  }
  return parseSettings(value, `--settings ${file}`);
}

export function parseSettings(value: unknown, source: string): ClusterSettings {
  let settings: ClusterSettings;
  try {
    settings = shape(value, 'settings');
  } catch (cause) {
    if (!(cause instanceof ShapeError)) throw cause;
    throw new CliError(`${source}: ${cause.message}`, 2, { cause });
  }
  const names = [...settings.validators, ...settings.accounts].map((member) => member.name);
  const twice = names.find((one, index) => names.indexOf(one) !== index);
  if (twice !== undefined) throw new CliError(`${source}: ${twice} is there twice; give every validator and account its own name`);
  const unreachable = settings.accounts.find(({ host, publicKey }) => (host === undefined) === (publicKey === undefined));
  if (unreachable) throw new CliError(`${source}: account ${unreachable.name} needs either a publicKey, or a host that shows it`);
  return settings;
}
