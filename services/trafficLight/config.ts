// The traffic light's configuration, from its command line (the plan: traffic-light start); what is wrong is said in one line and ends the program with code 2.
import { existsSync, readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import type { Genesis } from '../../chain/types.js';
import { chainIdShape, validatorSetShape } from '../../receipts/chainShapes.js';
import { faultOf } from '../../receipts/shape.js';

/** real-time: a decision is recorded unless the request says otherwise; advisory: only where it asks for it. */
export const PIPELINE_MODES = ['real-time', 'advisory'] as const;
export type PipelineMode = (typeof PIPELINE_MODES)[number];
const LOG_LEVELS = ['error', 'warn', 'info', 'debug'];

export interface TrafficLightConfig {
  bpciEndpoint: string[];
  bisoEndpoint?: string;
  courtEndpoint?: string;
  pipelineMode: PipelineMode;
  /** Decisions that take longer are counted and logged. */
  decisionLatencyMs: number;
  dashboardPort: number;
  host: string;
  genesis: Genesis;
  key: string;
  logLevel: string;
}

function whole(min: number, max: number, what: string) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) throw new InvalidArgumentError(`must be ${what} from ${min} to ${max}`);
    return value;
  };
}

function url(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new InvalidArgumentError(`"${text}" is no http URL`);
  return text.replace(/\/+$/, '');
}
const urls = (text: string) => text.split(',').map((part) => url(part.trim()));

function oneOf<const T extends string>(allowed: readonly T[]) {
  return (text: string): T => {
    if (!(allowed as readonly string[]).includes(text)) throw new InvalidArgumentError(`must be one of ${allowed.join(', ')}`);
    return text as T;
  };
}

function readable(file: string): string {
  if (!existsSync(file)) throw new InvalidArgumentError('there is no such file');
  return file;
}

function genesisFile(file: string): Genesis {
  let genesis: Partial<Genesis> | null;
  try {
    genesis = JSON.parse(readFileSync(readable(file), 'utf8')) as Partial<Genesis> | null;
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw error;
    throw new InvalidArgumentError(`is no genesis file: ${(error as Error).message}`);
  }
  const fault = faultOf(chainIdShape, genesis?.chainId, 'chainId') ?? faultOf(validatorSetShape, genesis?.validatorSet, 'validatorSet');
  if (fault !== undefined) throw new InvalidArgumentError(`is no genesis file: ${fault}`);
  return genesis as Genesis;
}

/** Throws CommanderError. */
export function readConfig(argv: readonly string[]): TrafficLightConfig {
  const program = new Command('traffic-light').description('decides data flows: Green, Yellow under obligations, or Red').exitOverride();
  let config: TrafficLightConfig | undefined;
  program
    .command('start')
    .description('serve POST /v1/decisions')
    .exitOverride()
    .requiredOption('--bpci-endpoint <urls>', "the validators' APIs, separated by commas; more than f of them, so that a decision can be acknowledged", urls)
    .option('--biso-endpoint <url>', 'BISO service; looked at for /v1/status only, for policies are read from the chain with their proof', url)
    .option('--court-endpoint <url>', 'agreement court; looked at for /v1/status only, for agreements are read from the chain with their proof', url)
    .option('--pipeline-mode <mode>', PIPELINE_MODES.join(' or '), oneOf(PIPELINE_MODES), 'real-time')
    .option('--decision-latency-ms <ms>', 'time that a decision should take at most, recording apart', whole(1, 10_000, 'whole milliseconds'), 10)
    .option('--dashboard-port <port>', 'port of the API, of /metrics and of /healthz', whole(1, 65_535, 'a port'), 21_004)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .requiredOption('--genesis <file>', 'genesis document of the chain that is trusted', genesisFile)
    .requiredOption('--key <file>', 'key of an account with the role webhook', readable)
    .option('--log-level <level>', LOG_LEVELS.join(', '), oneOf(LOG_LEVELS), 'info')
    .action((options: TrafficLightConfig) => void (config = options));
  program.parse([...argv], { from: 'user' });
  return config!;
}
