// The flags of agreement-court start (the plan: component 2); what is wrong is said in one line that names flag, value and cure.
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import type { Genesis } from '../../chain/types.js';
import { chainIdShape, validatorSetShape } from '../../receipts/chainShapes.js';
import { faultOf } from '../../receipts/shape.js';

export interface CourtConfig {
  bpciEndpoint: string[];
  genesis: Genesis;
  /** Of the agreements that this court takes: as Agreement spec.jurisdiction has it. */
  jurisdiction: string;
  /** BPI; claims of less about performance are decided by the ledger alone. */
  arbitrationThreshold: number;
  legalFrameworkVersion: string;
  courtApiPort: number;
  host: string;
}

const JURISDICTIONS: Readonly<Record<string, string>> = { delaware: 'US-DE' };

function endpoints(text: string): string[] {
  const list = text.split(',').map((part) => part.trim().replace(/\/+$/, '')).filter(Boolean);
  const wrong = list.find((url) => !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol));
  if (wrong !== undefined || list.length === 0) throw new InvalidArgumentError(`Expected URLs such as http://127.0.0.1:21001, separated by commas.`);
  return list;
}
function genesis(file: string): Genesis {
  let value: Genesis;
  try {
    value = JSON.parse(readFileSync(file, 'utf8')) as Genesis;
  } catch (error) {
    throw new InvalidArgumentError(`Cannot be read as a genesis document: ${(error as Error).message}`);
  }
  const fault = faultOf(chainIdShape, value?.chainId, 'chainId') ?? faultOf(validatorSetShape, value?.validatorSet, 'validatorSet');
  if (fault !== undefined) throw new InvalidArgumentError(`Is no genesis document: ${fault}.`);
  return value;
}
function jurisdiction(text: string): string {
  const known = JURISDICTIONS[text.toLowerCase()];
  if (known === undefined) throw new InvalidArgumentError(`This court sits in ${Object.keys(JURISDICTIONS).join(', ')}.`);
  return known;
}
function amount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a whole number of BPI, such as 200.');
  return Number(text);
}
function version(text: string): string {
  if (text !== 'v1.0') throw new InvalidArgumentError('Only v1.0 of the legal framework is there.');
  return text;
}
function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535) throw new InvalidArgumentError('Expected a port from 1 to 65535.');
  return value;
}

export function courtOptions(command: Command): Command {
  return command
    .option('--bpci-endpoint <urls>', 'the validators\' APIs, separated by commas', endpoints, ['http://127.0.0.1:21001'])
    .requiredOption('--genesis <file>', 'genesis document that is trusted', genesis)
    .option('--jurisdiction <name>', 'where the court sits', jurisdiction, 'US-DE')
    .option('--arbitration-threshold <bpi>', 'claims about performance below it are decided by the ledger alone; must be what the ledger has', amount, 200)
    .option('--legal-framework-version <version>', 'of the orchestration agreement', version, 'v1.0')
    .option('--court-api-port <port>', 'HTTP API', port, 21_002)
    .option('--host <address>', 'address to listen on', '127.0.0.1');
}
