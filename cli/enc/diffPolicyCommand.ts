// kubectl enc diff-policy: which running workloads would turn Green, Yellow or Red if these policies were applied.
import type { Command } from 'commander';
import { type AdmissionRecord, type NodeRecord, type SchedulingDecision } from '../../chain/types.js';
import type { PolicySet } from '../../policy/types.js';
import { CliError } from '../bpci/cliError.js';
import { table } from '../bpci/table.js';
import { isOurs, policiesOf } from './manifests/policiesOf.js';
import { readManifests } from './manifests/readManifests.js';
import { chainOptions, outputOption, type Output, type Print } from './options.js';
import { policyImpact, type Impact, type Running } from './policyImpact.js';
import type { ChainFlags } from './config.js';
import { withChain, type OpenChain } from './withChain.js';

interface Flags extends ChainFlags, Output {
  remove?: boolean;
}

export function addDiffPolicyCommand(program: Command, print: Print): void {
  const command = program
    .command('diff-policy')
    .description('which running pods would turn Green, Yellow or Red under changed policies; nothing is applied. Exits 1 when one would turn Red')
    .argument('<file...>', 'BisoPolicies, TrafficRules, PolicyExceptions, Agreements, YAML or JSON')
    .option('--remove', 'as if the objects of the files were removed');
  outputOption(chainOptions(command)).action(async (files: string[], flags: Flags) => {
    const manifests = readManifests('FILE', files).filter((manifest) => isOurs(manifest) && manifest.kind !== 'Workload');
    if (manifests.length === 0) throw new CliError(`${files.join(', ')}: no policy, rule, exception or agreement is in there`);
    const { impact, pods } = await withChain(flags, async (chain) => {
      const before = chain.client.policySet();
      const after = flags.remove ? without(before, manifests) : policiesOf(manifests, before);
      const running = await runningOf(chain);
      return { impact: policyImpact(before, after, running, chain.client.head().timestamp), pods: running.length };
    });
    print(flags.output === 'json' ? JSON.stringify(impact, null, 2) : impactText(impact, pods));
    const red = impact.filter(({ after }) => after === 'Red').length;
    if (red > 0) throw new CliError(`${red} running ${red === 1 ? 'pod' : 'pods'} would turn Red`, 1);
  });
}

function without(set: PolicySet, manifests: readonly { kind: string; metadata: { name: string } }[]): PolicySet {
  const kept = <T extends { name: string }>(kind: string, list: readonly T[]): T[] => list.filter(({ name }) => !manifests.some((manifest) => manifest.kind === kind && manifest.metadata.name === name));
  return {
    ...set,
    agreements: kept('Agreement', set.agreements),
    policies: kept('BisoPolicy', set.policies),
    rules: kept('TrafficRule', set.rules),
    exceptions: kept('PolicyException', set.exceptions ?? []),
  };
}

async function runningOf({ client }: OpenChain): Promise<Running[]> {
  const [admissions, decisions, nodes] = await Promise.all([
    client.listState<AdmissionRecord>('admission/'),
    client.listState<SchedulingDecision>('decision/'),
    client.listState<NodeRecord>('node/'),
  ]);
  const byPod = new Map(decisions.map(({ value }) => [value.pod.uid, value]));
  const byName = new Map(nodes.map(({ value }) => [value.name, value]));
  return admissions.map(({ value: admission }) => {
    const decision = byPod.get(admission.facts.object.uid);
    const node = decision && byName.get(decision.targetNode);
    return { admission, ...(decision ? { decision } : {}), ...(node ? { node } : {}) };
  });
}

export function impactText(impact: readonly Impact[], pods: number): string {
  if (impact.length === 0) return `no light changes: ${pods} admitted ${pods === 1 ? 'pod' : 'pods'} asked`;
  const rows = impact.map(({ pod, workload, node, before, after }) => [pod, workload ?? '-', node ?? '-', before, after]);
  const red = impact.filter(({ after }) => after === 'Red').map(({ message }) => message);
  return [table([['POD', 'WORKLOAD', 'NODE', 'NOW', 'THEN'], ...rows]), ...(red.length > 0 ? ['', ...red] : [])].join('\n');
}
