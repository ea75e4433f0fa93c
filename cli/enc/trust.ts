// What a receipt is verified against: a chain id and a validator set that the user trusts, checked once before it is believed.
import type { ReceiptBundle, ValidatorSet } from '../../receipts/types.js';
import { checkValidatorSet } from '../../receipts/validatorSet.js';
import type { Trust } from '../../receipts/verify/verifyReceipt.js';
import { CliError } from '../bpci/cliError.js';
import { readGenesis, readJsonInput } from './config.js';

export interface TrustFlags {
  genesis?: string;
  validatorSet?: string;
  chainId?: string;
}

function checked(flag: string, set: ValidatorSet): ValidatorSet {
  const verdict = checkValidatorSet(set);
  if (!verdict.ok) throw new CliError(`${flag}: the validator set cannot be trusted: ${verdict.message}`);
  return set;
}

/** A validator set alone names no chain: without --chain-id it is the receipt's own, which its certificate signs too. */
export function trustFrom(flags: TrustFlags, bundle: ReceiptBundle): Trust {
  if (flags.validatorSet === undefined) {
    const { chainId, validatorSet } = readGenesis(flags);
    return { chainId: flags.chainId ?? chainId, validatorSet: checked('--genesis', validatorSet) };
  }
  if (flags.genesis !== undefined) throw new CliError('--genesis and --validator-set were both given: name the one that you trust');
  const set = readJsonInput('--validator-set', flags.validatorSet) as ValidatorSet;
  return { chainId: flags.chainId ?? bundle.header.chainId, validatorSet: checked(`--validator-set ${flags.validatorSet}`, set) };
}
