// kubectl enc break-glass: writes the emergency's PolicyException, for the cluster's approvers to sign and for kubectl apply.
import { type Command, InvalidArgumentError } from 'commander';
import { stringify } from 'yaml';
import { formatFieldErrors } from '../../api/fieldError.js';
import type { PolicyException } from '../../api/index.js';
import { API_VERSION } from '../../api/labels.js';
import { validatePolicyException } from '../../api/validate/validatePolicyException.js';
import { CliError } from '../bpci/cliError.js';
import type { Print } from './options.js';

interface Flags {
  cluster: string;
  namespace: string[];
  workload?: string[];
  minutes: number;
  reason: string;
  name?: string;
}

function minutes(text: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text)) throw new InvalidArgumentError('Expected whole minutes, as 60.');
  return Number(text);
}

function objectName(text: string): string {
  if (!/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(text)) throw new InvalidArgumentError('Expected lower-case letters, digits, - and ., as an object is named.');
  return text;
}

export function addBreakGlassCommand(program: Command, print: Print, now: () => number = Date.now): void {
  program
    .command('break-glass')
    .description("write a PolicyException that opens a cluster's own policies in an emergency; then kubectl enc exception sign by its approvers, and kubectl apply")
    .requiredOption('--cluster <name>', 'EncCluster whose spec.breakGlass names the approvers')
    .requiredOption('-n, --namespace <name...>', 'namespaces that it is for')
    .option('--workload <name...>', 'only for these Workloads')
    .requiredOption('--minutes <count>', 'it ends so long from now; signing and applying are included', minutes)
    .requiredOption('--reason <text>', 'why, in words that an auditor understands')
    .option('--name <name>', 'name of the PolicyException (default: break-glass-<time>)', objectName)
    .action((flags: Flags) => print(stringify(breakGlass(flags, now()), { lineWidth: 0 }).trimEnd()));
}

/** Throws CliError naming the field. */
function breakGlass({ cluster, namespace, workload, reason, name, ...flags }: Flags, now: number): PolicyException {
  const stamp = new Date(now).toISOString().replace(/\..*$/, '').replaceAll(/[-:]/g, '').toLowerCase();
  const exception: PolicyException = {
    apiVersion: API_VERSION,
    kind: 'PolicyException',
    metadata: { name: name ?? `break-glass-${stamp}` },
    spec: {
      targets: [],
      breakGlass: { cluster },
      scope: { namespaces: namespace, ...(workload ? { workloads: workload } : {}) },
      reason,
      expiresAt: new Date(now + flags.minutes * 60_000).toISOString(),
      approvals: [],
    },
  };
  const errors = validatePolicyException(exception);
  if (errors.length > 0) throw new CliError(formatFieldErrors(errors));
  return exception;
}
