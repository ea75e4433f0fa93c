// kubectl enc verify: is this receipt genuine, by the validator set that the user trusts and nothing else.
import type { Command } from 'commander';
import type { ReceiptBundle } from '../../receipts/types.js';
import { readBundle } from '../../receipts/verify/readBundle.js';
import { verifyReceipt } from '../../receipts/verify/verifyReceipt.js';
import { CliError } from '../bpci/cliError.js';
import { readInput } from './config.js';
import { checksOf, describeReceipt, namesOf } from './describeReceipt.js';
import { chainOptions, outputOption, type Output, type Print } from './options.js';
import { withChain } from './withChain.js';
import { trustFrom, type TrustFlags } from './trust.js';

interface Flags extends TrustFlags, Output {
  offline?: string;
  endpoints?: string;
}
const RECEIPT_ID = /^[0-9a-f]{64}$/;

export function addVerifyCommand(program: Command, print: Print): void {
  const command = program
    .command('verify')
    .description('verify a receipt against the validator set: exits 0 when it is genuine, 1 when it is not')
    .argument('[receipt]', 'receipt id; left out with --offline')
    .option('--offline <file>', 'a saved receipt; nothing is asked of any validator')
    .option('--validator-set <file>', 'JSON of the validator set to trust, instead of the genesis document')
    .option('--chain-id <id>', 'chain the receipt must be of (default: that of the genesis document)');
  outputOption(chainOptions(command)).action(async (receipt: string | undefined, flags: Flags) => {
    const bundle = await bundleOf(receipt, flags);
    print(verifyText(bundle, receipt, flags));
  });
}

async function bundleOf(receipt: string | undefined, flags: Flags): Promise<ReceiptBundle> {
  if (receipt !== undefined && !RECEIPT_ID.test(receipt)) throw new CliError(`verify ${receipt}: expected a receipt id of 64 lower-case hex digits`);
  if (flags.offline === undefined) {
    if (receipt === undefined) throw new CliError('verify: name a receipt id, or a saved receipt with --offline FILE');
    return withChain(flags, ({ client }) => client.receipt(receipt));
  }
  const reading = readBundle(readInput('--offline', flags.offline));
  if (!reading.ok) throw new CliError(`not verified: ${flags.offline}: ${reading.message} (${reading.code})`, 1);
  return reading.bundle;
}

function verifyText(bundle: ReceiptBundle, asked: string | undefined, flags: Flags): string {
  const trust = trustFrom(flags, bundle);
  const receipt = verifyReceipt(bundle, trust);
  if (!receipt.ok) throw new CliError(`not verified: ${receipt.message} (${receipt.code})`, 1);
  const { predicate } = receipt.statement;
  if (asked !== undefined && predicate.receiptId !== asked) throw new CliError(`not verified: the receipt is ${predicate.receiptId}, not ${asked} (WrongReceipt)`, 1);
  if (flags.output === 'json') return JSON.stringify({ verified: true, signers: namesOf(receipt.set, receipt.signers), predicate }, null, 2);
  const checks = checksOf(receipt, bundle).map(([check, found]) => `ok  ${check.padEnd(14)} ${found}`);
  const against = flags.validatorSet !== undefined && flags.chainId === undefined ? ['ok  chain          as the receipt says; give --chain-id to demand one'] : [];
  return [...checks, ...against, `verified: receipt ${predicate.receiptId}`, '', describeReceipt(receipt)].join('\n');
}
