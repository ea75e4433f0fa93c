// Makes the genesis document of the identities that were collected: whose key is whose, in the order of the settings. Pure but for the new chain's id and time.
import type { Ed25519KeyPair } from '../../../crypto/ed25519.js';
import { formatFieldErrors } from '../../../api/fieldError.js';
import { validateGenesis } from '../../../chain/ledger/genesis.js';
import type { Genesis, GenesisAccount } from '../../../chain/types.js';
import type { Validator } from '../../../receipts/types.js';
import { CliError } from '../cliError.js';
import { newGenesis } from '../newGenesis.js';
import type { PublicIdentity } from './identity.js';
import type { AccountMember, ClusterSettings, ValidatorMember } from './settings.js';

export type Identities = ReadonlyMap<string, PublicIdentity>;

/** Names of those who still have to show themselves. */
export function missingMembers({ validators, accounts }: ClusterSettings, identities: Identities): string[] {
  const needed = [...validators.filter(({ keys }) => !keys), ...accounts.filter(({ publicKey }) => !publicKey)];
  return needed.map(({ name }) => name).filter((name) => !identities.has(name));
}

/** Throws CliError when a member is missing, or its keys or proofs are not good. */
export function assembleGenesis(settings: ClusterSettings, identities: Identities, creator: Ed25519KeyPair): Genesis {
  const missing = missingMembers(settings, identities);
  if (missing.length > 0) throw new CliError(`the genesis cannot be made without ${missing.join(', ')}`, 1);
  const genesis = newGenesis(
    {
      ...settings,
      validators: settings.validators.map((member) => validatorIn(member, identities)),
      accounts: settings.accounts.map((member) => accountIn(member, identities)),
    },
    creator,
  );
  const errors = validateGenesis(genesis);
  if (errors.length > 0) throw new CliError(`the genesis would not be good: ${formatFieldErrors(errors)}`, 1);
  return genesis;
}

function validatorIn({ name, keys }: ValidatorMember, identities: Identities): Validator {
  if (keys) return { address: name, ...keys };
  const { ed25519PublicKey, bls } = identities.get(name)!;
  if (!bls) throw new CliError(`${name} shows no BLS key, but the settings say that it is a validator`, 1);
  return { address: name, ed25519PublicKey, blsPublicKey: bls.publicKey, blsProofOfPossession: bls.proofOfPossession };
}

function accountIn({ name, roles, balance, stake, publicKey }: AccountMember, identities: Identities): GenesisAccount {
  return { publicKey: publicKey ?? identities.get(name)!.ed25519PublicKey, name, roles, balance, stake };
}
