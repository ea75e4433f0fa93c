// bpci cluster: what the chart's pods run around the programs themselves: the genesis ceremony, its test, and its end.
import { InvalidArgumentError, Option, type Command } from 'commander';
import { kubeApiFor } from '../../../operator/runtime/kubeApiFor.js';
import { CliError } from '../cliError.js';
import { check } from './check.js';
import { conduct } from './conduct.js';
import { openHome, type MemberKind } from './home.js';
import { join, takeGenesis } from './join.js';
import { leave } from './leave.js';
import { publishedGenesis, type Place } from './publication.js';
import { readSettings } from './settings.js';

interface CeremonyFlags {
  settings: string;
  configMap: Place;
  timeout: number;
  kubeconfig?: string;
}

function place(text: string): Place {
  const match = /^([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})$/.exec(text);
  if (!match) throw new InvalidArgumentError('expected NAMESPACE/NAME of a ConfigMap.');
  return { namespace: match[1]!, name: match[2]! };
}

function seconds(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(value >= 1)) throw new InvalidArgumentError('expected whole seconds from 1 to 99999.');
  return value * 1_000;
}

export function addClusterCommands(program: Command, print: (line: string) => void): void {
  const cluster = program.command('cluster').description('the mainnet on Kubernetes: what the chart runs (charts/mainnet)').configureOutput(program.configureOutput()).exitOverride();
  const command = (name: string, description: string) =>
    cluster
      .command(name)
      .description(description)
      .exitOverride()
      .configureOutput(program.configureOutput())
      .option('--kubeconfig <file>', "kubeconfig; the pod's service account when absent");
  const ceremony = (name: string, description: string) =>
    command(name, description)
      .requiredOption('--settings <file>', 'settings.json of the chart')
      .requiredOption('--config-map <namespace/name>', 'where the genesis is published', place)
      .option('--timeout <seconds>', 'how long to wait for the others', seconds, 900_000);

  ceremony('join', "make this pod's key on its own volume, show the public side, and take the genesis that has it")
    .requiredOption('--home <dir>', 'on a volume that only this pod has')
    .requiredOption('--name <name>', "this member's name in the settings")
    .addOption(new Option('--kind <kind>', 'what kind of key').choices(['validator', 'account']).makeOptionMandatory())
    .action(async (flags: CeremonyFlags & { home: string; name: string; kind: MemberKind }) => {
      const settings = readSettings(flags.settings);
      const home = await openHome(flags.home, flags.kind, flags.name, settings);
      await join({ home, settings, place: flags.configMap, api: () => kubeApiFor(flags.kubeconfig), print, timeoutMs: flags.timeout });
    });
  ceremony('follow', 'take the genesis once it is published: what a relay starts from')
    .requiredOption('--home <dir>', 'where it is kept')
    .action(async (flags: CeremonyFlags & { home: string }) => {
      await takeGenesis(flags.home, { settings: readSettings(flags.settings), place: flags.configMap, api: () => kubeApiFor(flags.kubeconfig), print, timeoutMs: flags.timeout });
    });
  ceremony('genesis', 'collect the public identities of all members, sign the genesis and publish it once').action(async (flags: CeremonyFlags) => {
    const api = await kubeApiFor(flags.kubeconfig);
    await conduct({ settings: readSettings(flags.settings), api, place: flags.configMap, print, timeoutMs: flags.timeout }).finally(() => api.close());
  });
  ceremony('check', 'that every validator answers on the published genesis and the chain moves').action(async (flags: CeremonyFlags) => {
    const settings = readSettings(flags.settings);
    const api = await kubeApiFor(flags.kubeconfig);
    try {
      const genesis = await publishedGenesis(api, flags.configMap, settings.chainId);
      if (!genesis) throw new CliError(`--config-map ${flags.configMap.namespace}/${flags.configMap.name} holds no genesis yet; see the log of the genesis Job`, 1);
      await check(settings, genesis, print);
    } finally {
      api.close();
    }
  });
  command('leave', 'before an uninstallation: remove the webhook configurations, and finalizers that nobody will serve')
    .option('--binding <name>', 'ClusterRoleBinding of the operator or the webhooks, taken away first; repeat', (name: string, all: string[] = []) => [...all, name])
    .action(async (flags: { kubeconfig?: string; binding?: string[] }) => {
      const api = await kubeApiFor(flags.kubeconfig);
      await leave(api, flags.binding ?? [], print).finally(() => api.close());
    });
}
