// One WebSocket to a CometBFT node: JSON-RPC calls answered by id, and its stream of new blocks.
import WebSocket from 'ws';

interface Answer {
  id: number;
  result?: unknown;
  error?: { message: string; data?: string };
}
interface NewBlock {
  data?: { value?: { block?: { data: { txs: string[] | null } } } };
}

const BLOCKS = 0;

export class CometRpc {
  readonly #open = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #listener: (transactions: string[]) => void = () => undefined;
  #ids = 1;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => this.#received(JSON.parse(data.toString('utf8')) as Answer));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const { reject } of this.#open.values()) reject(new Error('the connection was closed'));
      this.#open.clear();
    });
  }

  static async connect(host: string, port: number): Promise<CometRpc> {
    const socket = new WebSocket(`ws://${host}:${port}/websocket`, { perMessageDeflate: false, maxPayload: 256 * 1024 * 1024 });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return new CometRpc(socket);
  }

  /** Resolves when the node's application has checked it and the mempool holds it. */
  async broadcast(transaction: string): Promise<void> {
    const { code, log } = (await this.#call('broadcast_tx_sync', { tx: Buffer.from(transaction).toString('base64') })) as {
      code: number;
      log: string;
    };
    if (code !== 0) throw new Error(`refused: ${log}`);
  }

  async peers(): Promise<number> {
    return Number(((await this.#call('net_info', {})) as { n_peers: string }).n_peers);
  }

  /** Address of the validator whose turn it is. */
  async proposer(): Promise<string> {
    const state = (await this.#call('consensus_state', {})) as { round_state: { proposer: { address: string } } };
    return state.round_state.proposer.address;
  }

  async blocks(listener: (transactions: string[]) => void): Promise<void> {
    this.#listener = listener;
    await this.#call('subscribe', { query: "tm.event='NewBlock'" }, BLOCKS);
  }

  close(): void {
    this.socket.close();
  }

  #call(method: string, params: object, id = this.#ids++): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  #received({ id, result, error }: Answer): void {
    const waiting = this.#open.get(id);
    this.#open.delete(id);
    if (error) return waiting?.reject(new Error(`${error.message} ${error.data ?? ''}`));
    if (waiting) return waiting.resolve(result);
    if (id === BLOCKS) this.#listener((result as NewBlock).data?.value?.block?.data.txs ?? []);
  }
}
