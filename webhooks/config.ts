// The webhook server's configuration, from its command line; what is wrong is said in one line and ends the program with code 2.
import { existsSync, readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import type { Genesis } from '../chain/types.js';
import { chainIdShape, validatorSetShape } from '../receipts/chainShapes.js';
import { faultOf } from '../receipts/shape.js';
import type { ServiceReference } from './register.js';

/** One line that names the flag, the value and the cure. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'BadConfiguration';
}

export interface WebhookConfig {
  /** Undefined: the pod's service account. */
  kubeconfig?: string;
  chainEndpoints: string[];
  genesis: Genesis;
  key: string;
  port: number;
  metricsPort: number;
  host: string;
  register?: string;
  registerService?: ServiceReference;
  operatorUser: string;
  /** Users besides the group system:nodes whose word on a pod's status is taken. */
  kubeletUsers: string[];
  stateDir: string;
  tls?: { certificate: string; key: string; authority?: string };
  /** PEM file: only clients with a certificate of this authority are answered. */
  clientCa?: string;
  logLevel: string;
}

const LOG_LEVELS = ['error', 'warn', 'info', 'debug'];

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535) throw new InvalidArgumentError('must be a port from 1 to 65535');
  return value;
}
function readable(text: string): string {
  if (!existsSync(text)) throw new InvalidArgumentError('there is no such file');
  return text;
}
function genesisFile(text: string): Genesis {
  let genesis: Genesis;
  try {
    genesis = JSON.parse(readFileSync(readable(text), 'utf8')) as Genesis;
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw error;
    throw new InvalidArgumentError(`is no genesis file: ${error instanceof Error ? error.message : String(error)}`);
  }
  const fault = faultOf(chainIdShape, genesis?.chainId, 'chainId') ?? faultOf(validatorSetShape, genesis?.validatorSet, 'validatorSet');
  if (fault !== undefined) throw new InvalidArgumentError(`is no genesis file: ${fault}`);
  return genesis;
}
const names = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
function urls(text: string): string[] {
  const list = names(text);
  for (const url of list) if (!URL.canParse(url) || !/^https?:/.test(url)) throw new InvalidArgumentError(`"${url}" is no http URL`);
  if (list.length === 0) throw new InvalidArgumentError('name at least one validator');
  return list;
}
function httpsUrl(text: string): string {
  if (!URL.canParse(text) || !text.startsWith('https:')) throw new InvalidArgumentError('must be an https URL, as https://127.0.0.1:21443');
  return text.replace(/\/$/, '');
}
function serviceReference(text: string): ServiceReference {
  const match = /^([a-z0-9-]{1,63})\/([a-z0-9-]{1,63}):(\d{1,5})$/.exec(text);
  if (!match) throw new InvalidArgumentError('must be NAMESPACE/NAME:PORT of a Service, as enc-system/mainnet-webhooks:443');
  return { namespace: match[1]!, name: match[2]!, port: port(match[3]!) };
}
function level(text: string): string {
  if (!LOG_LEVELS.includes(text)) throw new InvalidArgumentError(`must be one of ${LOG_LEVELS.join(', ')}`);
  return text;
}

interface Flags extends Omit<WebhookConfig, 'tls'> {
  tlsCert?: string;
  tlsKey?: string;
  tlsCa?: string;
}

/** Throws CommanderError. */
export function readConfig(argv: readonly string[]): WebhookConfig {
  const command = new Command('enc-webhooks')
    .description('admission webhooks: court, BISO and traffic light before pods are scheduled')
    .exitOverride()
    .showSuggestionAfterError(false)
    .option('--kubeconfig <file>', "how to reach the API server; as the pod's service account when absent", readable)
    .requiredOption('--chain-endpoints <urls>', 'validators, separated by commas', urls)
    .requiredOption('--genesis <file>', 'the genesis file of the chain', genesisFile)
    .requiredOption('--key <file>', 'key of the webhook account on the chain', readable)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'HTTPS port', port, 21_443)
    .option('--metrics-port <port>', 'port of /healthz, /readyz and /metrics', port, 21_144)
    .option('--register <url>', 'register the webhook configurations with this base URL', httpsUrl)
    .option('--register-service <namespace/name:port>', 'register them with this Service, which several replicas may stand behind', serviceReference)
    .option('--operator-user <name>', 'user that may write status', 'system:serviceaccount:enc-system:enc-operator')
    .option('--kubelet-users <names>', 'users besides system:nodes that report what runs, separated by commas', names, [])
    .option('--state-dir <dir>', 'where a self-made certificate is kept', '.enc/webhooks')
    .option('--tls-cert <file>', 'serving certificate (PEM); self-made when absent', readable)
    .option('--tls-key <file>', 'its key (PEM)', readable)
    .option('--tls-ca <file>', 'CA bundle for the API server (PEM)', readable)
    .option('--client-ca <file>', 'answer only clients with a certificate of this authority (PEM)', readable)
    .option('--log-level <level>', LOG_LEVELS.join(', '), level, 'info');
  command.parse([...argv], { from: 'user' });
  const { tlsCert, tlsKey, tlsCa, ...rest } = command.opts<Flags>();
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    command.error('error: --tls-cert and --tls-key go together: give both, or neither for a self-made certificate');
  if (rest.register !== undefined && rest.registerService !== undefined)
    command.error('error: --register and --register-service exclude each other: give the one under which the API server reaches this process');
  return { ...rest, ...(tlsCert && tlsKey ? { tls: { certificate: tlsCert, key: tlsKey, ...(tlsCa ? { authority: tlsCa } : {}) } } : {}) };
}
