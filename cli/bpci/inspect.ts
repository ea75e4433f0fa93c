// The commands that look at a running chain: status, validators, peers, block, tx, why-halted.
import type { Command } from 'commander';
import { fromBase64, fromUtf8 } from '../../crypto/encoding.js';
import { verifyEnvelope } from '../../receipts/dsse.js';
import { signersOf, verifyCertificate } from '../../receipts/certificates.js';
import { followSteps } from '../../receipts/setSteps.js';
import type { DsseEnvelope, ValidatorSet } from '../../receipts/types.js';
import { stepsAnswer } from '../../chain/client/answers.js';
import type { FinalisedBlock, Genesis, TransactionResult } from '../../chain/types.js';
import type { NodeStatus } from '../../chain/node/api/context.js';
import type { HaltStatement } from '../../chain/node/haltStatement.js';
import { CliError } from './cliError.js';
import { DEFAULT_ENDPOINT } from './config.js';
import { endpoint } from './flags.js';
import { facts, table, timeOf } from './table.js';
import { ask } from './validatorApi.js';

export interface Flags {
  endpoint: string;
  output: 'text' | 'json';
}
export type Print = (text: string) => void;

export function addInspectCommands(program: Command, print: Print): void {
  const command = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option('--endpoint <url>', "a validator's HTTP API", endpoint, DEFAULT_ENDPOINT)
      .option('-o, --output <format>', 'text or json', output, 'text');
  command('status', 'where the chain is and whether it is halted').action(async (flags: Flags) => show(flags, await ask<NodeStatus>(flags.endpoint, '/v1/status'), statusText, print));
  command('peers', 'whom this validator hears').action(async (flags: Flags) => show(flags, await ask<NodeStatus>(flags.endpoint, '/v1/status'), peersText, print));
  command('block', 'one block, its certificate verified')
    .argument('<height>', 'a height, or latest')
    .action(async (height: string, flags: Flags) => {
      if (!/^(latest|[1-9]\d{0,8})$/.test(height)) throw new CliError(`block ${height}: expected a height from 1, or latest`);
      const [block, genesis] = await Promise.all([ask<FinalisedBlock>(flags.endpoint, `/v1/blocks/${height}`), ask<Genesis>(flags.endpoint, '/v1/genesis')]);
      const set = await setAt(flags.endpoint, genesis, block.header.height);
      show(flags, block, () => blockText(block, genesis.chainId, set), print);
    });
  command('tx', 'what came of one transaction')
    .argument('<id>', 'transaction id')
    .action(async (id: string, flags: Flags) => {
      if (!/^[0-9a-f]{64}$/.test(id)) throw new CliError(`tx ${id}: expected a transaction id of 64 lower-case hex digits`);
      show(flags, await ask<{ height: number; index: number; result: TransactionResult }>(flags.endpoint, `/v1/transactions/${id}`), transactionText, print);
    });
  command('why-halted', 'the signed statement of which validators are missing since when').action(async (flags: Flags) => {
    const [envelope, genesis] = await Promise.all([ask<DsseEnvelope | null>(flags.endpoint, '/v1/halt'), ask<Genesis>(flags.endpoint, '/v1/genesis')]);
    const { height } = await ask<NodeStatus>(flags.endpoint, '/v1/status');
    const set = await setAt(flags.endpoint, genesis, height + 1);
    show(flags, envelope, () => haltText(envelope, set), print);
  });
}

export function output(text: string): 'text' | 'json' {
  if (text !== 'text' && text !== 'json') throw new CliError(`--output ${text}: expected text or json`);
  return text;
}

export function show<T>(flags: Flags, value: T, text: (value: T) => string, print: Print): void {
  print(flags.output === 'json' ? JSON.stringify(value, null, 2) : text(value));
}

function statusText({ chainId, height, headHash, address, index, peersConnected, validators, syncing, halted, mempool, withheld, version }: NodeStatus): string {
  const missing = halted?.missing.map(({ address: who, since }) => `${who} (not heard since ${timeOf(since)})`).join(', ');
  return facts([
    ['chain', chainId],
    ['height', height],
    ['head', headHash],
    ['validator', `${address} (${index === null ? 'follows only' : `index ${index}`}, version ${version})`],
    ['connected', `${peersConnected + (index === null ? 0 : 1)} of ${validators.length} validators`],
    ['mempool', `${mempool.size} transactions`],
    ...(withheld && withheld.count > 0 ? [withheldFact(withheld)] : []),
    ['state', halted ? `halted since ${timeOf(halted.since)}: missing ${missing || 'nobody'}` : syncing ? 'catching up' : 'running'],
  ]);
}

function withheldFact({ count, oldest }: NonNullable<NodeStatus['withheld']>): [string, string] {
  const by = [...new Set(oldest.flatMap(({ withheldBy }) => withheldBy))].join(', ');
  return ['withheld', `${count} transactions were left out of blocks with room for them by ${by}; the oldest is ${oldest[0]?.transactionId ?? 'none'}`];
}

function peersText({ validators, index, halted }: NodeStatus): string {
  const since = new Map(halted?.missing.map((missing) => [missing.index, timeOf(missing.since)]));
  const state = (validator: NodeStatus['validators'][number]) =>
    validator.index === index ? 'this one' : validator.connected ? 'connected' : `missing${since.has(validator.index) ? ` since ${since.get(validator.index)}` : ''}`;
  const rows = validators.map((validator) => [validator.index, validator.address, state(validator), validator.lastHeight ?? '-']);
  return table([['INDEX', 'ADDRESS', 'STATE', 'HEIGHT'], ...rows]);
}

/** The set that signs a height, followed from the genesis by steps that each set before certified. */
async function setAt(from: string, { chainId, validatorSet }: Genesis, height: number): Promise<ValidatorSet> {
  const { steps } = stepsAnswer(await ask<unknown>(from, '/v1/validators/steps'), 'steps');
  const { sets, fault } = followSteps(chainId, validatorSet, steps);
  if (fault !== undefined) throw new CliError(`${from} shows a step of the validator set that does not verify: ${fault}`, 1);
  return sets.findLast(({ since }) => since <= height)!.set;
}

function blockText({ header, certificate, transactions, statements }: FinalisedBlock, chainId: string, validatorSet: ValidatorSet): string {
  const verdict = verifyCertificate(chainId, validatorSet, header, certificate);
  const names = (signersOf(certificate, validatorSet.validators.length) ?? []).map((i) => validatorSet.validators[i]?.address ?? `${i}`);
  const operations = statements.map((statement, i) => {
    const { receiptId, operationType, outcome, code } = (JSON.parse(statement) as { predicate: Record<string, string> }).predicate;
    return [i, operationType!, outcome!, code!, receiptId!];
  });
  const head = facts([
    ['height', header.height],
    ['hash', certificate.blockHash],
    ['time', timeOf(header.timestamp)],
    ['proposer', validatorSet.validators[header.proposer]?.address ?? header.proposer],
    ['round', certificate.round],
    ['signers', `${names.length} of ${validatorSet.validators.length}: ${names.join(', ')}`],
    ['certificate', verdict.ok ? 'valid' : `NOT VALID: ${verdict.message}`],
    ['state root', header.stateRoot],
    ['receipt log', `${header.logSize} entries, root ${header.logRoot}`],
    ['transactions', transactions.length],
  ]);
  return operations.length === 0 ? head : `${head}\n\n${table([['INDEX', 'TYPE', 'OUTCOME', 'CODE', 'RECEIPT'], ...operations])}`;
}

function transactionText({ height, index, result }: { height: number; index: number; result: TransactionResult }): string {
  const { transactionId, outcome, code, reason, object } = result;
  return facts([
    ['transaction', transactionId],
    ['block', `${height}, index ${index}`],
    ['outcome', `${outcome} (${code})`],
    ['reason', reason],
    ...(object ? [['object', [object.kind, object.namespace, object.name].filter(Boolean).join('/')] as [string, string]] : []),
  ]);
}

function haltText(envelope: DsseEnvelope | null, validatorSet: ValidatorSet): string {
  if (!envelope) return 'the chain is not halted';
  const verdict = verifyEnvelope(envelope, validatorSet.validators.map(({ ed25519PublicKey }) => ed25519PublicKey));
  if (!verdict.ok) throw new CliError(`the statement does not verify: ${verdict.message}`, 1);
  const statement = JSON.parse(fromUtf8(fromBase64(envelope.payload))) as HaltStatement;
  return facts([
    ['chain', statement.chainId],
    ['height', statement.height],
    ['no block since', timeOf(statement.since)],
    ['needed', `${statement.quorum} of ${validatorSet.validators.length} validators`],
    ...statement.missing.map(({ address, since }) => ['missing', `${address}, not heard since ${timeOf(since)}`] as [string, string]),
    ['stated by', `${validatorSet.validators[verdict.signers[0]!]!.address} at ${timeOf(statement.statedAt)}, signature valid`],
  ]);
}
