// bpci tenant: whose account pays for what runs in a namespace: named by the operator, agreed by the account (agreement 4.2).
import type { Command } from 'commander';
import { DEFAULT_ENDPOINT } from './config.js';
import { endpoint } from './flags.js';
import { submitted, type SignedFlags } from './submitTransaction.js';

interface TenantFlags extends SignedFlags {
  namespace: string;
}

export function addTenantCommand(program: Command, print: (text: string) => void): void {
  const tenant = program.command('tenant').description('who pays for what runs in a namespace');
  const sub = (name: string, description: string, whose: string) =>
    tenant
      .command(name)
      .description(description)
      .requiredOption('--key <file>', `key of ${whose}`)
      .requiredOption('--namespace <name>', 'the namespace')
      .option('--endpoint <url>', "a validator's HTTP API", endpoint, DEFAULT_ENDPOINT);
  sub('assign', "name a namespace's tenant; without --account there is none any more", "the operator's account")
    .option('--account <key>', 'Ed25519 public key of the account that is to pay', '')
    .action(async ({ namespace, account, ...signed }: TenantFlags & { account: string }) => print(await submitted(signed, 'tenant.assign', { namespace, account })));
  sub('agree', 'agree to pay; with --end, to pay no more', 'the account that was named')
    .option('--end', 'pay no more from now on')
    .action(async ({ namespace, end, ...signed }: TenantFlags & { end?: boolean }) => print(await submitted(signed, 'tenant.agree', { namespace, pays: end !== true })));
}
