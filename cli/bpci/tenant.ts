// bpci tenant: whose account pays for what runs in a namespace: named by the operator, agreed by the account (agreement 4.2).
import type { Command } from 'commander';
import { DEFAULT_ENDPOINT } from './config.js';
import { endpoint } from './flags.js';
import { loadSigner, submitTransaction } from './submitTransaction.js';

interface TenantFlags {
  endpoint: string;
  key: string;
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
    .action(async ({ key, endpoint: at, namespace, account }: TenantFlags & { account: string }) => {
      const { height, result } = await submitTransaction(at, loadSigner(key), 'tenant.assign', { namespace, account });
      print(`block ${height}: ${result.reason}`);
    });
  sub('agree', 'agree to pay; with --end, to pay no more', 'the account that was named')
    .option('--end', 'pay no more from now on')
    .action(async ({ key, endpoint: at, namespace, end }: TenantFlags & { end?: boolean }) => {
      const { height, result } = await submitTransaction(at, loadSigner(key), 'tenant.agree', { namespace, pays: end !== true });
      print(`block ${height}: ${result.reason}`);
    });
}
