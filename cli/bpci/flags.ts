// How the values of bpci's flags are read: each reader returns the value or says in one line what is allowed.
import { InvalidArgumentError } from 'commander';
import { faulty, quorum } from '../../receipts/quorum.js';

const MAX_VALIDATORS = 100;
const MICRO = 1_000_000;

function integer(what: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`expected ${what} from ${min} to ${max}.`);
    return value;
  };
}

export const port = integer('a port number', 1, 65_535);
export const blocks = integer('a number of blocks', 0, 999_999_999);
export const retained = integer('a number of blocks', 1, 999_999_999);
export const height = integer('a height', 1, 999_999_999);

/** 67 is the least that two quorums always share an honest validator with. */
export function finalityThreshold(text: string): number {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  if (!(value >= 67 && value <= 100)) {
    throw new InvalidArgumentError('expected a percentage from 67 to 100: below 67 two conflicting blocks could both be final, above 100 none.');
  }
  return value;
}

/** 1 is for development; 3 (agreement 5: three validators and two relays) goes on with nobody gone, which is said at the start. */
export function validatorSetSize(text: string): number {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (value === 2) throw new InvalidArgumentError(`2 validators stop as soon as one of them does; use 1 (development), 3, or at least 4 (tolerates ${faulty(4)}, quorum ${quorum(4, 67)}).`);
  if (!(value >= 1 && value <= MAX_VALIDATORS)) throw new InvalidArgumentError(`expected 1 (development) or 3 to ${MAX_VALIDATORS} validators.`);
  return value;
}

/** Milliseconds of "2s" or "500ms". */
export function blockTime(text: string): number {
  const match = /^(\d{1,6})(ms|s)$/.exec(text);
  const value = match ? Number(match[1]) * (match[2] === 's' ? 1_000 : 1) : NaN;
  if (!(value >= 100 && value <= 60_000)) throw new InvalidArgumentError('expected a time from 100ms to 60s, such as 2s or 500ms.');
  return value;
}

export function chainId(text: string): string {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) throw new InvalidArgumentError('expected 1 to 63 lower-case letters, digits and inner hyphens, such as bpci-mainnet.');
  return text;
}

export function consensus(text: string): 'ibft' {
  if (text !== 'ibft') throw new InvalidArgumentError('expected ibft, the only algorithm there is.');
  return text;
}

export function endpoint(text: string): string {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    url = undefined;
  }
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new InvalidArgumentError('expected a URL such as http://127.0.0.1:21001.');
  return text.replace(/\/+$/, '');
}

export interface HostPort {
  host: string;
  port: number;
}

/** Collects repeated HOST:PORT flags in order. */
export function hostPorts(text: string, earlier: HostPort[] = []): HostPort[] {
  return [...earlier, hostPort(text)];
}

export function hostPort(text: string): HostPort {
  const match = /^([a-zA-Z0-9.-]{1,253}|\[[0-9a-f:]+\]):(\d{1,5})$/.exec(text);
  if (!match) throw new InvalidArgumentError('expected HOST:PORT, such as bpci-0.bpci:21300.');
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port: port(match[2]!) };
}

const ROLES = ['operator', 'webhook', 'node-operator', 'party', 'validator', 'identity'] as const;
export type AccountRole = (typeof ROLES)[number];

/** Amounts in µBPI. */
export interface AccountFlag {
  name: string;
  roles: AccountRole[];
  balance: number;
  stake: number;
}

/** Collects NAME:ROLE[,ROLE]:BALANCE:STAKE, amounts in BPI with up to six decimals. */
export function accounts(text: string, earlier: AccountFlag[] = []): AccountFlag[] {
  const [name = '', roles = '', balance = '', stake = '', ...rest] = text.split(':');
  if (rest.length > 0 || !/^[a-z0-9][a-z0-9-]{0,61}$/.test(name)) {
    throw new InvalidArgumentError('expected NAME:ROLE[,ROLE]:BALANCE:STAKE, such as operator:operator:1000000:2000.');
  }
  const list = roles.split(',');
  const unknown = list.find((role) => !(ROLES as readonly string[]).includes(role));
  if (unknown !== undefined) throw new InvalidArgumentError(`role "${unknown}" of account ${name}: expected ${ROLES.join(', ')}.`);
  if (earlier.some((other) => other.name === name)) throw new InvalidArgumentError(`account ${name} is given twice.`);
  return [...earlier, { name, roles: list as AccountRole[], balance: amount(balance, `balance of account ${name}`), stake: amount(stake, `stake of account ${name}`) }];
}

/** µBPI of an amount in BPI with up to six decimals. */
export function bpi(text: string): number {
  const value = amount(text, 'the amount');
  if (value === 0) throw new InvalidArgumentError('the amount is 0: expected more.');
  return value;
}

function amount(text: string, what: string): number {
  const match = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) throw new InvalidArgumentError(`${what} is "${text}": expected an amount in BPI with at most six decimals.`);
  return Number(match[1]) * MICRO + Number((match[2] ?? '').padEnd(6, '0') || 0);
}
