// One validator's HTTP API over a FakeChain, which a test may make slow, silent or untruthful, answer by answer.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256OfJson } from '../../../crypto/canonicalJson.js';
import { signEd25519 } from '../../../crypto/ed25519.js';
import { toHex, utf8 } from '../../../crypto/encoding.js';
import { signEnvelope } from '../../../receipts/dsse.js';
import { proveInclusion } from '../../../receipts/merkle/inclusionProof.js';
import { leafHash, merkleRoot, type HashReader } from '../../../receipts/merkle/treeHash.js';
import { PAYLOAD_TYPE, type ReceiptBundle, type Statement } from '../../../receipts/types.js';
import { stateKeys, type FinalisedBlock, type SignedTransaction } from '../../types.js';
import { acknowledgementMessage } from '../acknowledgement.js';
import type { SubmissionAnswer } from '../answers.js';
import type { FakeChain, Snapshot } from './fakeChain.js';

/** Changes an answer before it leaves: `path` is that of the request without its query. */
export type Tamper = (answer: unknown, path: string) => unknown;
export type Fault = 'hang' | 'close' | 'garbage' | 'oversized' | 'error';

class Missing extends Error {}

export class FakeValidator {
  tamper: Tamper = (answer) => answer;
  /** For a request path: how it fails. */
  fault: (path: string) => Fault | undefined = () => undefined;
  /** It knows no later block. */
  frozenAt: number | undefined;
  /** Refuses transactions with the code. */
  refuse: ((transaction: SignedTransaction) => { code: string; message: string } | undefined) | undefined;
  /** What was posted, request by request. */
  readonly posts: string[][] = [];
  readonly requests: string[] = [];
  #server: Server | undefined;
  #port = 0;

  constructor(
    readonly chain: FakeChain,
    readonly index: number,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** On the port it had before, if any. */
  async start(): Promise<this> {
    const server = createServer((request, response) => void this.#handle(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  get #height(): number {
    return Math.min(this.frozenAt ?? Infinity, this.chain.height);
  }
  get #head(): Snapshot {
    return this.chain.snapshots[this.#height - 1]!;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://validator');
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const fault = this.fault(url.pathname);
    if (fault) return fail(fault, response);
    if (url.pathname === '/v1/events') return this.#stream(Number(url.searchParams.get('from')), response);
    try {
      const answer = this.#answer(url, Buffer.concat(chunks).toString());
      send(response, request.method === 'POST' ? 202 : 200, this.tamper(answer, url.pathname));
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      send(response, 404, { error: { code: 'NotFound', message: error.message } });
    }
  }

  #answer({ pathname, searchParams }: URL, body: string): unknown {
    const query = (name: string) => searchParams.get(name) ?? '';
    if (pathname === '/v1/transactions') return this.#take((JSON.parse(body) as { transactions: string[] }).transactions);
    if (pathname === '/v1/status') return { chainId: this.chain.genesis.chainId, height: this.#height };
    if (pathname === '/v1/state') return this.#state(query('key'));
    if (pathname === '/v1/state-list') return this.#list(query('prefix'), query('after'), Number(query('limit') || 2));
    if (pathname === '/v1/headers') return this.#headers(Number(query('from')), Number(query('limit') || 500));
    if (pathname === '/v1/log/frontier') return this.#frontier(Number(query('size')));
    if (pathname === '/v1/receipts') return this.#receipts(query('kind'), query('namespace'), query('name'));
    if (pathname.startsWith('/v1/blocks/')) return this.#block(Number(pathname.slice(11)));
    if (pathname.startsWith('/v1/objects/')) return this.#object(pathname.slice(12));
    if (pathname.startsWith('/v1/receipts/')) return this.#receipt(pathname.slice(13));
    throw new Missing(`there is no ${pathname}`);
  }

  #take(transactions: string[]): SubmissionAnswer {
    this.posts.push(transactions);
    const answer: SubmissionAnswer = { acknowledgements: [], refusals: [] };
    for (const raw of transactions) {
      const transaction = JSON.parse(raw) as SignedTransaction;
      const transactionId = sha256OfJson(transaction.body);
      const refusal = this.refuse?.(transaction);
      if (refusal) answer.refusals.push({ transactionId, ...refusal });
      else {
        this.chain.waiting.set(transactionId, raw);
        const signature = toHex(
          signEd25519(this.chain.validators.ed25519Keys[this.index]!, acknowledgementMessage(this.chain.genesis.chainId, transactionId)),
        );
        answer.acknowledgements.push({ transactionId, validator: this.index, height: this.#height, signature });
      }
    }
    return answer;
  }

  #state(key: string): unknown {
    const { header, certificate, records, tree } = this.#head;
    return { key, value: records.get(key) ?? null, proof: tree.prove(key), header, certificate };
  }

  #list(prefix: string, after: string, limit: number): unknown {
    const { header, certificate, records, tree } = this.#head;
    const keys = [...records.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const entries = keys.slice(0, limit).map((key) => ({ key, value: records.get(key)!, proof: tree.prove(key) }));
    return { entries, header, certificate, more: keys.length > limit };
  }

  #headers(from: number, limit: number): unknown {
    return this.chain.snapshots.slice(from - 1, Math.min(this.#height, from - 1 + limit)).map(({ header, certificate }) => ({ header, certificate }));
  }

  #frontier(size: number): unknown {
    const snapshot = this.chain.snapshots.find(({ frontier }) => frontier.size === size);
    if (!snapshot) throw new Missing(`no block has a log of ${size}`);
    return { size, frontier: snapshot.frontier.toJson().hashes };
  }

  #block(height: number): FinalisedBlock {
    const block = this.chain.blocks[height - 1];
    if (!block || height > this.#height) throw new Missing(`block ${height} is not final`);
    return block;
  }

  #object(hash: string): unknown {
    const text = this.#head.records.get(stateKeys.object(hash));
    if (text === undefined) throw new Missing(`no object ${hash}`);
    return JSON.parse(text);
  }

  #bundles(): ReceiptBundle[] {
    const statements = this.chain.blocks.slice(0, this.#height).flatMap((block) => block.statements.map((statement) => ({ statement, block })));
    const leaves = statements.map(({ statement }) => leafHash(utf8(statement)));
    const read: HashReader = (level, index) => merkleRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
    const key = {
      privateKey: this.chain.validators.ed25519Keys[this.index]!,
      publicKey: this.chain.validators.set.validators[this.index]!.ed25519PublicKey,
    };
    return statements.map(({ statement, block: { header, certificate } }, leafIndex) => ({
      version: 1,
      envelope: signEnvelope(PAYLOAD_TYPE, utf8(statement), key),
      inclusion: { leafIndex, treeSize: header.logSize, path: proveInclusion(read, leafIndex, header.logSize).map(toHex) },
      header,
      certificate,
    }));
  }

  #receipt(id: string): ReceiptBundle {
    const bundle = this.#bundles().find((candidate) => predicateOf(candidate).receiptId === id);
    if (!bundle) throw new Missing(`no receipt ${id}`);
    return bundle;
  }

  #receipts(kind: string, namespace: string, name: string): unknown {
    const about = this.#bundles().filter((bundle) => {
      const { object } = predicateOf(bundle);
      return object?.kind === kind && (object.namespace ?? '') === namespace && object.name === name;
    });
    return { receipts: about.reverse() };
  }

  #stream(from: number, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': blocks\n\n');
    let next = from;
    const push = (): void => {
      for (; next <= this.#height; next++)
        response.write(`event: block\nid: ${next}\ndata: ${JSON.stringify(this.tamper(this.chain.blocks[next - 1], '/v1/events'))}\n\n`);
    };
    push();
    response.once('close', this.chain.onCommit(push));
  }
}

const predicateOf = ({ envelope }: ReceiptBundle) => (JSON.parse(Buffer.from(envelope.payload, 'base64').toString()) as Statement).predicate;

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function fail(fault: Fault, response: ServerResponse): void {
  if (fault === 'close') response.destroy();
  else if (fault === 'error') send(response, 500, { error: { code: 'Internal', message: 'this validator could not answer' } });
  else if (fault === 'garbage') response.end('{"header": oops');
  else if (fault === 'oversized') response.end(`"${'x'.repeat(17 * 1024 * 1024)}"`);
}
