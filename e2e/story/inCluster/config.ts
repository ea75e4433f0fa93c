// What the story in a pod is given on its command line.
import { Command, InvalidArgumentError, Option } from 'commander';

export interface InClusterOptions {
  /** HTTP APIs of validators. */
  endpoints: string[];
  genesisFile: string;
  /** The story's own. */
  namespace: string;
  /** Of the pods that it makes: has node at /usr/bin/node. */
  image: string;
  imagePullPolicy: string;
  /** Writable. */
  workDir: string;
  /** How long the story's agreement is valid: what is told under it must be told by then. */
  agreementSeconds: number;
  kubeconfig?: string;
}

function seconds(text: string): number {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (!(value >= 10)) throw new InvalidArgumentError('expected whole seconds from 10 to 9999.');
  return value;
}

/** Throws CommanderError. */
export function readInClusterOptions(argv: readonly string[]): InClusterOptions {
  const program = new Command('story')
    .exitOverride()
    .requiredOption('--chain-endpoints <urls>', "validators' APIs, separated by commas")
    .requiredOption('--genesis <file>', 'the genesis document that is trusted')
    .requiredOption('--namespace <name>', 'a namespace made for the story, and deleted after it')
    .requiredOption('--image <name>', 'of the pods that it makes')
    .addOption(new Option('--image-pull-policy <policy>').choices(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'))
    .option('--work-dir <dir>', 'where it writes keys and files', '/tmp/story')
    .option('--agreement-seconds <n>', 'how long its agreement is valid', seconds, 60)
    .option('--kubeconfig <file>', "the pod's service account when absent")
    .parse(argv, { from: 'user' });
  const flags = program.opts<Omit<InClusterOptions, 'endpoints' | 'genesisFile'> & { chainEndpoints: string; genesis: string }>();
  return { ...flags, endpoints: flags.chainEndpoints.split(','), genesisFile: flags.genesis };
}
