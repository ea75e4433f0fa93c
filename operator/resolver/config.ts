// The resolver's flags.
import { Command, Option } from 'commander';
import type { Genesis } from '../../chain/types.js';
import { endpointsOf, parseFlags, portOf, readGenesis } from '../config.js';
import { LOG_LEVELS, type LogLevel } from '../runtime/logger.js';

export interface ResolverConfig {
  endpoints: string[];
  genesis: Genesis;
  logLevel: LogLevel;
  host: string;
  dnsPort: number;
  httpPort: number;
}

/** Throws ConfigError or HelpShown. */
export function readConfig(arguments_: readonly string[]): ResolverConfig {
  const command = new Command('enc-resolver')
    .description('Answers, over DNS and HTTP, which endpoints serve a service, as the chain decided.')
    .requiredOption('--chain-endpoints <urls>', 'HTTP APIs of the validators, comma-separated', endpointsOf)
    .requiredOption('--genesis <file>', "genesis of the chain: where the validators' keys come from")
    .addOption(new Option('--log-level <level>', 'least level that is logged').choices([...LOG_LEVELS]).default('info'))
    .option('--host <address>', 'where it listens', '127.0.0.1')
    .option('--dns-port <port>', 'UDP', portOf, 21_153)
    .option('--http-port <port>', 'HTTP', portOf, 21_154);
  const { chainEndpoints, genesis, ...rest } = parseFlags<Omit<ResolverConfig, 'endpoints' | 'genesis'> & { chainEndpoints: string[]; genesis: string }>(command, arguments_);
  return { ...rest, endpoints: chainEndpoints, genesis: readGenesis(genesis) };
}
