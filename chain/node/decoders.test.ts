// No bytes crash or hang a node: everything that reads what others send either reads it or refuses it with its own error.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createNoise, NoiseError } from '../../crypto/noiseXX.js';
import { utf8 } from '../../crypto/encoding.js';
import { MerkleFrontier } from '../../receipts/merkle/merkleFrontier.js';
import { checkpointText, openCheckpoint, validatorCosignature } from '../../receipts/log/cosignedCheckpoint.js';
import { formatNote, NoteError } from '../../receipts/log/signedNote.js';
import { SseError, SseParser } from '../client/sseParser.js';
import { LedgerError } from '../ledger/ledgerError.js';
import { samplePayloads } from '../ledger/testing/samplePayloads.js';
import { encodeTransaction, parseTransaction, signTransaction } from '../ledger/transaction.js';
import { damaged, FUZZ_TIMEOUT_MS, fuzzing } from '../testing/fuzz.js';
import type { TransactionType } from '../types.js';
import { Reassembler, SendQueue } from './links/channels.js';
import { certifyLink, checkLinkCertificate, encodeLinkCertificate } from './links/linkCertificate.js';
import { LinkError } from './links/linkError.js';
import { frameRecord, RecordReader } from './links/recordReader.js';
import { decodePeerMessage, encodePeerMessage } from './peerMessages.js';
import { encodeLog, parseLog } from './storage/logFrames.js';
import { testBlock } from './testing/testBlocks.js';
import { testCertificate, testChain, testReport } from './testing/testChain.js';

const network = testChain(4);
const [ours] = network.keys;
const set = network.genesis.validatorSet;
const hash = 'ab'.repeat(32);
const block = testBlock(1, 2, MerkleFrontier.empty());
const transaction = testReport(network, 'a');
const cosigned = checkpointText(network.chainId, { logSize: 3, logRoot: hash });

function recordsOf(): Uint8Array[] {
  const queue = new SendQueue();
  queue.push('votes', utf8('a vote'));
  queue.push('blocks', new Uint8Array(70_000));
  const records: Uint8Array[] = [];
  for (let record = queue.next(); record; record = queue.next()) records.push(record);
  return records;
}

const decoders: [what: string, samples: Uint8Array[], decode: (bytes: Buffer) => unknown, error: new (...rest: never[]) => Error][] = [
  [
    'a message of another validator',
    [
      encodePeerMessage('status', { height: 3 }),
      encodePeerMessage('consensus', { message: { from: 1, payload: { type: 'prepare', height: 1, round: 0, digest: hash }, signature: '' } }),
      encodePeerMessage('compact', { message: { block: { header: block.header } }, leaves: [hash] }),
      encodePeerMessage('transactions', { transactions: [transaction] }),
      encodePeerMessage('getBlocks', { from: 1, limit: 3 }),
      encodePeerMessage('getReceipt', { id: hash }),
      encodePeerMessage('receipt', { id: hash, bundle: null }),
      encodePeerMessage('verify', { id: hash, bundle: { version: 1 } }),
      encodePeerMessage('verified', { id: hash, ok: true }),
      encodePeerMessage('blocks', { blocks: [{ header: block.header, certificate: testCertificate(network, 1, hash), transactions: [transaction] }] }),
    ],
    decodePeerMessage,
    LinkError,
  ],
  ['records on a link', recordsOf(), (bytes) => new Reassembler().push(bytes), LinkError],
  ['a stream of records', [Buffer.concat(recordsOf().map((record) => frameRecord(record)))], (bytes) => new RecordReader().push(bytes), LinkError],
  ['a handshake', [createNoise({ initiator: true, staticKey: hash, prologue: utf8('p') }).writeMessage(new Uint8Array(0))], (bytes) => createNoise({ initiator: false, staticKey: hash, prologue: utf8('p') }).readMessage(bytes), NoiseError],
  ['a link certificate', [encodeLinkCertificate(certifyLink(network.chainId, ours!, hash, 5))], (bytes) => checkLinkCertificate(bytes, hash, network.chainId, set.validators), LinkError],
  ['a log on the disk', [encodeLog([utf8('one'), utf8('two')])], parseLog, LinkError],
  ['a stream of events', [utf8(`: alive\n\nevent: block\nid: 1\ndata: ${JSON.stringify(block)}\n\n`)], (bytes) => new SseParser(100_000).push(bytes.toString('latin1')), SseError],
  [
    'a checkpoint',
    [utf8(formatNote(cosigned, [validatorCosignature(network.chainId, set.validators[0]!.address, ours!.ed25519, cosigned, 5)]))],
    (bytes) => openCheckpoint(bytes.toString('utf8'), network.chainId, set),
    NoteError,
  ],
];

it.each(decoders)('%s', (_, samples, decode, error) => {
  for (const sample of samples) expect(() => decode(Buffer.from(sample))).not.toThrow();
  fc.assert(
    fc.property(damaged(samples), (bytes) => {
      try {
        decode(bytes);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(error);
      }
    }),
    fuzzing(400),
  );
}, FUZZ_TIMEOUT_MS);

it('transactions of every type', () => {
  const { operator } = network;
  const makers = Object.entries(samplePayloads) as [TransactionType, () => never][];
  const raws = makers.map(([type, payload]) => {
    const body = { chainId: network.chainId, type, operationId: '7f2c1d0e-5a7b-4c3d-9e8f-0a1b2c3d4e5f', sender: operator.publicKey, validUntil: 5, payload: payload() };
    return encodeTransaction(signTransaction(body, operator.privateKey));
  });
  for (const raw of raws) expect(parseTransaction(raw)).not.toBeInstanceOf(LedgerError);
  fc.assert(
    fc.property(damaged(raws.map(utf8)), (bytes) => {
      const read = parseTransaction(bytes.toString('utf8'));
      if (!(read instanceof LedgerError)) expect(encodeTransaction(read)).toBe(bytes.toString('utf8'));
    }),
    fuzzing(2_000),
  );
}, FUZZ_TIMEOUT_MS);
