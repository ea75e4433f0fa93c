// bpci identity attest: who has role "identity" says that it knows who is behind an account, by a commitment to the file it keeps (agreement 10.3).
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { existsSync, readFileSync } from 'node:fs';
import { sha256Hex } from '../../crypto/hash.js';
import { CliError } from './cliError.js';
import { DEFAULT_ENDPOINT } from './config.js';
import { endpoint } from './flags.js';
import { submitted, type SignedFlags } from './submitTransaction.js';

interface AttestFlags extends SignedFlags {
  account: string;
  file: string;
  until: number;
}

/** A day as 2027-01-31, or a moment as 2027-01-31T12:00:00Z; "now" withdraws. Ms since the epoch. */
export function moment(text: string): number {
  const value = text === 'now' ? 0 : /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(value)) throw new InvalidArgumentError('expected a day such as 2027-01-31, or "now" to withdraw.');
  return value;
}

export function addIdentityCommand(program: Command, print: (text: string) => void): void {
  program
    .command('identity')
    .description('who is behind an account')
    .command('attest')
    .description('say that its identity was checked, until a day; only the hash of the file goes on the chain')
    .requiredOption('--key <file>', 'key of an account with role identity')
    .requiredOption('--account <key>', 'Ed25519 public key of the account')
    .requiredOption('--file <file>', 'what was checked; it must hold something that nobody can guess')
    .requiredOption('--until <day>', 'valid until then, or "now" to withdraw', moment)
    .option('--endpoint <url>', "a validator's HTTP API", endpoint, DEFAULT_ENDPOINT)
    .action(async ({ account, file, until, ...signed }: AttestFlags) => {
      if (!existsSync(file)) throw new CliError(`--file ${file}: there is no such file`);
      print(await submitted(signed, 'identity.attest', { account, reference: sha256Hex(readFileSync(file)), validUntil: until }));
    });
}
