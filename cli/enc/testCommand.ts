// kubectl enc test: would these manifests be let in? Asked of the policies of a folder, or of those in force, without admitting anything.
import { type Command, InvalidArgumentError } from 'commander';
import type { PolicySet } from '../../policy/types.js';
import { CliError } from '../bpci/cliError.js';
import { openCluster } from './clusterReader.js';
import { kubeconfigFile } from './config.js';
import { judge, type Judged } from './manifests/judge.js';
import { isOurs, policiesOf } from './manifests/policiesOf.js';
import { namespacesOf, nodesOf, questionsOf } from './manifests/questionsOf.js';
import { readManifests, type Manifest } from './manifests/readManifests.js';
import { FORMATS, report, type Format } from './manifests/report.js';
import { chainOptions, clusterOptions, type ClusterFlags, type Print } from './options.js';
import type { ChainFlags } from './config.js';
import { withChain } from './withChain.js';

interface Flags extends ChainFlags, ClusterFlags {
  policies?: string[];
  output: Format;
  at?: number;
}

function format(text: string): Format {
  if (!(FORMATS as readonly string[]).includes(text)) throw new InvalidArgumentError(`Expected ${FORMATS.join(', ')}.`);
  return text as Format;
}

function moment(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('Expected a time as 2026-01-31T00:00:00Z.');
  return time;
}

export function addTestCommand(program: Command, print: Print): void {
  const command = program
    .command('test')
    .description('would these manifests be let in: exits 0 when all would, 1 when one would be refused, 2 on bad input; nothing is admitted')
    .argument('<file...>', 'YAML or JSON files or folders, or - for standard input')
    .option('--policies <path...>', 'files or folders of policies (default: those in force on the chain)')
    .option('--at <time>', 'as of this time (default: now)', moment)
    .option('-o, --output <format>', FORMATS.join(', '), format, 'table');
  clusterOptions(chainOptions(command)).action(async (files: string[], flags: Flags) => {
    const manifests = readManifests('FILE', files);
    const judged = flags.policies ? judgeAll(manifests, policiesOf([...readManifests('--policies', flags.policies), ...manifests]), flags) : await judgeByChain(manifests, flags);
    if (judged.length === 0) throw new CliError(`${files.join(', ')}: no pod, nothing with a pod template and no Workload of an enforced namespace is in there`);
    print(report(judged, flags.output));
    const refused = judged.filter(({ verdict }) => verdict.decision === 'refuse').length;
    if (refused > 0) throw new CliError(`${refused} of ${judged.length} would be refused`, 1);
  });
}

function judgeAll(manifests: readonly Manifest[], set: PolicySet, flags: Flags, labelsOf: (name: string) => Record<string, string> | undefined = () => undefined): Judged[] {
  const own = namespacesOf(manifests);
  const nodes = nodesOf(manifests);
  const asked = questionsOf(manifests, { set, namespace: flags.namespace ?? 'default', namespaceLabels: (name) => own.get(name) ?? labelsOf(name), now: flags.at ?? Date.now() });
  return asked.map((question) => judge(set, question, nodes));
}

async function judgeByChain(manifests: readonly Manifest[], flags: Flags): Promise<Judged[]> {
  const set = await withChain(flags, ({ client }) => Promise.resolve(policiesOf(manifests.filter(isOurs), client.policySet())));
  const labels = await clusterNamespaces(manifests, flags);
  return judgeAll(manifests, set, flags, (name) => labels.get(name));
}

/** Labels of the manifests' namespaces as the cluster has them; without a cluster they count as enforced. */
async function clusterNamespaces(manifests: readonly Manifest[], flags: Flags): Promise<Map<string, Record<string, string>>> {
  const file = kubeconfigFile(flags.kubeconfig);
  if (file === undefined) return new Map();
  const cluster = openCluster(file);
  const names = new Set(manifests.map(({ metadata }) => metadata.namespace ?? flags.namespace ?? 'default'));
  const found = await Promise.all([...names].map(async (name) => [name, await cluster.get<{ metadata: { labels?: Record<string, string> } }>(`/api/v1/namespaces/${encodeURIComponent(name)}`)] as const));
  return new Map(found.flatMap(([name, namespace]) => (namespace ? [[name, namespace.metadata.labels ?? {}]] : [])));
}
