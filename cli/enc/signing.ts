// Sends one transaction signed with a key file, and tells what came of it: for commands that decide something.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { createChainClient } from '../../chain/client/chainClient.js';
import { loadKeyFile, type AccountKey } from '../../chain/client/keyFile.js';
import type { FinalisedResult } from '../../chain/client/types.js';
import type { Payloads, TransactionType } from '../../chain/types.js';
import { ed25519FromSeed } from '../../crypto/ed25519.js';
import { hex, object, ShapeError } from '../../receipts/shape.js';
import { CliError } from '../bpci/cliError.js';
import { chainSettings, type ChainFlags } from './config.js';
import { chainOptions, type Print } from './options.js';

export type SigningFlags = ChainFlags & { key: string };
const FINAL_WITHIN_MS = 30_000;

export const signingOptions = (command: Command): Command =>
  chainOptions(command).requiredOption('--key <file>', 'key file of the account that signs: an account\'s, or a validator\'s own');

/** Of commands that put a signature into a file. */
export interface FileFlags extends SigningFlags {
  output?: string;
}
export const fileOptions = (command: Command): Command =>
  command
    .requiredOption('--key <file>', 'key file of the account that signs: an account\'s, or a validator\'s own')
    .option('--genesis <file>', 'of the chain that it is for (default: ENC_GENESIS, or .enc/mainnet/genesis.json)')
    .option('-o, --output <file>', 'where the signed object goes (default: standard output)');

const pair = (bytes: number) => object({ publicKey: hex(bytes), privateKey: hex(32) });
const validatorKeys = object({ ed25519: pair(32), bls: pair(48) });

/** Of an account, or the identity key of a validator's key file. Throws ChainError 'BadKeyFile' or CliError. */
export function signingKey(file: string): AccountKey {
  const keys = validatorKeyOf(file);
  if (!keys) return loadKeyFile(file);
  if (ed25519FromSeed(keys.privateKey).publicKey !== keys.publicKey) throw new CliError(`--key ${file}: its publicKey does not belong to its privateKey; restore it from a backup`);
  return keys;
}

function validatorKeyOf(file: string): AccountKey | undefined {
  try {
    return validatorKeys(JSON.parse(readFileSync(file, 'utf8')), 'key').ed25519;
  } catch (error) {
    if (error instanceof ShapeError || error instanceof SyntaxError || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}

/** Resolves with the certified result. Throws CliError when the ledger refused it. */
export async function submit<T extends TransactionType>(flags: SigningFlags, type: T, payload: Payloads[T]): Promise<FinalisedResult> {
  const client = createChainClient({ ...chainSettings(flags), key: signingKey(flags.key) });
  await client.start();
  try {
    const result = await (await client.submit(type, payload)).finalised(FINAL_WITHIN_MS);
    if (result.outcome === 'refused' || result.outcome === 'failed') throw new CliError(`${result.code}: ${result.reason} (receipt ${result.transactionId})`, 1);
    return result;
  } finally {
    await client.stop();
  }
}

export function tell(print: Print, { code, reason, transactionId, height }: FinalisedResult): void {
  print(`${code}: ${reason}\nreceipt ${transactionId}, certified in block ${height}`);
}
