// Options that several commands of kubectl enc share.
import { type Command, InvalidArgumentError } from 'commander';
import type { ChainFlags } from './config.js';

export type Print = (text: string) => void;
export interface Output {
  output: 'text' | 'json';
}
export interface ClusterFlags {
  kubeconfig?: string;
  namespace?: string;
}
export type CommonFlags = ChainFlags & ClusterFlags & Output;

function format(text: string): Output['output'] {
  if (text !== 'text' && text !== 'json') throw new InvalidArgumentError('Expected text or json.');
  return text;
}

export const outputOption = (command: Command): Command => command.option('-o, --output <format>', 'text or json', format, 'text');

export const chainOptions = (command: Command): Command =>
  command
    .option('--endpoints <urls>', 'the validators\' APIs, separated by commas (default: ENC_ENDPOINTS, or those of .enc/mainnet)')
    .option('--genesis <file>', 'genesis document that is trusted (default: ENC_GENESIS, or .enc/mainnet/genesis.json)');

export const clusterOptions = (command: Command): Command =>
  command
    .option('--kubeconfig <file>', 'kubeconfig of the cluster (default: KUBECONFIG, the local stack\'s, ~/.kube/config)')
    .option('-n, --namespace <namespace>', 'namespace of namespaced kinds (default: that of the kubeconfig\'s context)');
