// The operator's settings: flags only, checked before anything starts; what is wrong is one line and exit code 2.
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { loadKeyFile, type AccountKey } from '../chain/client/keyFile.js';
import type { Genesis } from '../chain/types.js';
import { SYSTEM_NAMESPACE } from '../api/labels.js';
import { LOG_LEVELS, type LogLevel } from './runtime/logger.js';

export class ConfigError extends Error {
  readonly code = 'BadConfig';
}
/** --help was asked for and printed. */
export class HelpShown extends Error {}

export interface ChainSettings {
  /** Undefined: the pod's service account. */
  kubeconfig: string | undefined;
  endpoints: string[];
  genesis: Genesis;
  key: AccountKey;
  logLevel: LogLevel;
}
export interface OperatorConfig extends ChainSettings {
  leaseNamespace: string;
  leaseDurationMs: number;
  metricsHost: string;
  metricsPort: number;
}

export function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('It must be a port from 0 to 65535.');
  return port;
}

export function endpointsOf(text: string): string[] {
  const endpoints = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  for (const endpoint of endpoints) {
    if (!/^https?:\/\/[^/\s]+\/?$/.test(endpoint) || !URL.canParse(endpoint))
      throw new InvalidArgumentError(`"${endpoint}" is no URL of a validator, as http://127.0.0.1:21001.`);
  }
  if (endpoints.length === 0) throw new InvalidArgumentError('Name at least one validator, as http://127.0.0.1:21001.');
  return endpoints;
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 3 || seconds > 300) throw new InvalidArgumentError('It must be whole seconds from 3 to 300.');
  return seconds;
}

export function readGenesis(file: string): Genesis {
  let genesis: Partial<Genesis>;
  try {
    genesis = JSON.parse(readFileSync(file, 'utf8')) as Partial<Genesis>;
  } catch (cause) {
    throw new ConfigError(`--genesis ${file}: ${(cause as Error).message}: name the genesis.json that bpci init wrote`, { cause });
  }
  if (typeof genesis.chainId !== 'string' || !Array.isArray(genesis.validatorSet?.validators))
    throw new ConfigError(`--genesis ${file}: it has no chainId or validatorSet: name the genesis.json that bpci init wrote`);
  return genesis as Genesis;
}

/** Adds the flags that every program which talks to the chain and to Kubernetes takes. */
export function withChainFlags(command: Command): Command {
  return command
    .option('--kubeconfig <file>', "kubeconfig of the account the program acts as; the pod's service account when absent")
    .requiredOption('--chain-endpoints <urls>', 'HTTP APIs of the validators, comma-separated', endpointsOf)
    .requiredOption('--genesis <file>', "genesis of the chain: where the validators' keys come from")
    .requiredOption('--key <file>', 'key of the account on the chain, mode 0600')
    .addOption(new Option('--log-level <level>', 'least level that is logged').choices([...LOG_LEVELS]).default('info'));
}

/** Throws ConfigError, in one line, or HelpShown. */
export function parseFlags<T extends object>(command: Command, arguments_: readonly string[]): T {
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  try {
    return command.parse(arguments_, { from: 'user' }).opts<T>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') throw new HelpShown();
    throw new ConfigError(error.message.replace(/^error: /, '').replaceAll('\n', ' '), { cause: error });
  }
}

export function chainSettings(flags: {
  kubeconfig?: string;
  chainEndpoints: string[];
  genesis: string;
  key: string;
  logLevel: LogLevel;
}): ChainSettings {
  return {
    kubeconfig: flags.kubeconfig,
    endpoints: flags.chainEndpoints,
    genesis: readGenesis(flags.genesis),
    key: loadKeyFile(flags.key),
    logLevel: flags.logLevel,
  };
}

export function readConfig(arguments_: readonly string[]): OperatorConfig {
  const command = withChainFlags(
    new Command('enc-operator').description('Reconciles the custom resources with the chain, and places and binds pods.'),
  )
    .option('--lease-namespace <name>', 'namespace of the lease by which one replica leads', SYSTEM_NAMESPACE)
    .option('--lease-duration <seconds>', 'how long others wait for a leader that is gone', secondsOf, 4)
    .option('--metrics-host <address>', 'address of /healthz, /readyz and /metrics', '127.0.0.1')
    .option('--metrics-port <port>', 'port of /healthz, /readyz and /metrics', portOf, 21_145);
  const flags = parseFlags<
    Parameters<typeof chainSettings>[0] & { leaseNamespace: string; leaseDuration: number; metricsHost: string; metricsPort: number }
  >(command, arguments_);
  return {
    ...chainSettings(flags),
    leaseNamespace: flags.leaseNamespace,
    leaseDurationMs: flags.leaseDuration * 1_000,
    metricsHost: flags.metricsHost,
    metricsPort: flags.metricsPort,
  };
}
