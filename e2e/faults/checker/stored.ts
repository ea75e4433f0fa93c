// Reads one validator's files as they lie on the disk: blocks and receipts from its LMDB tables, votes from the frames of its log. Imports nothing of the project.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { open } from 'lmdb';
import type { Certificate, Header } from './format.js';

export interface StoredBlock {
  header: Header;
  certificate: Certificate;
  transactions: string[];
  statements: string[];
}

export interface StoredChain {
  top: number;
  genesisHeader: Header;
  block(height: number): StoredBlock;
  close(): Promise<void>;
}

export function openChain(home: string): StoredChain {
  const root = open({ path: path.join(home, 'data', 'blocks'), maxDbs: 12, readOnly: true });
  const headers = root.openDB<{ header: Header; certificate: Certificate }, number>({ name: 'headers', encoding: 'json' });
  const transactions = root.openDB<string[], number>({ name: 'transactions', encoding: 'json' });
  const entries = root.openDB<Buffer, number>({ name: 'entries', encoding: 'binary' });
  const meta = root.openDB<number, string>({ name: 'meta', encoding: 'json' });
  const header = (height: number) => {
    const found = headers.get(height);
    if (!found) throw new Error(`${home}: block ${height} is missing`);
    return found;
  };
  return {
    top: meta.get('head')!,
    genesisHeader: header(0).header,
    block(height) {
      const first = header(height - 1).header.logSize;
      const found = header(height);
      const statements: string[] = [];
      for (let at = first; at < found.header.logSize; at++) statements.push(entries.get(at)!.toString('utf8'));
      return { ...found, transactions: transactions.get(height) ?? [], statements };
    },
    close: () => root.close(),
  };
}

export interface Vote {
  type: string;
  height: number;
  round: number;
  digest?: string;
  preparedRound?: number;
  preparedDigest?: string;
}

const MAGIC = 8;
const HEAD = 16;

/** Frames: u32 length, u32 CRC-32 of what follows, u64 durable length, payload (JSON). Ends at the first that is not whole, as a crash leaves it. */
export function votesOf(home: string): Vote[] {
  const file = readFileSync(path.join(home, 'data', 'votes.log'));
  const votes: Vote[] = [];
  for (let at = MAGIC; at + HEAD <= file.length;) {
    const length = file.readUInt32BE(at);
    const end = at + HEAD + length;
    if (end > file.length || crc32(file.subarray(at + 8, end)) !== file.readUInt32BE(at + 4)) break;
    if (length > 0) {
      const { record } = JSON.parse(file.toString('utf8', at + HEAD, end)) as { record?: { vote: { payload: Vote } } };
      if (record) votes.push(record.vote.payload);
    }
    at = end;
  }
  return votes;
}
