// bpci stake bond: moves balance into the stake of a validator's account, which every newcomer to the set needs (agreement 4.1).
import type { Command } from 'commander';
import { DEFAULT_ENDPOINT } from './config.js';
import { bpi, endpoint } from './flags.js';
import { submitted, type SignedFlags } from './submitTransaction.js';

interface BondFlags extends SignedFlags {
  account: string;
  name: string;
  amount: number;
}

export function addStakeCommand(program: Command, print: (text: string) => void): void {
  const stake = program.command('stake').description('stake behind an account');
  stake
    .command('bond')
    .description("move balance into a validator's stake; its account is opened where there is none")
    .requiredOption('--key <file>', 'key of the account that pays')
    .requiredOption('--account <key>', 'Ed25519 public key of the account that gets the stake')
    .requiredOption('--name <name>', 'what the account is called if it is opened')
    .requiredOption('--amount <bpi>', 'in BPI, up to six decimals', bpi)
    .option('--endpoint <url>', "a validator's HTTP API", endpoint, DEFAULT_ENDPOINT)
    .action(async ({ account, name, amount, ...signed }: BondFlags) => print(await submitted(signed, 'stake.bond', { account, name, amount })));
}
