// A FakeChain with its validators' servers and clients that are quick to lose patience; everything is stopped together.
import { createChainClient, type ChainClientOptions } from '../chainClient.js';
import type { ChainClient } from '../types.js';
import type { Timing } from '../timing.js';
import { FakeChain } from './fakeChain.js';
import { FakeValidator } from './fakeValidator.js';

const QUICK: Partial<Timing> = {
  requestMs: 1_200,
  hedgeMs: 40,
  watchMs: 60,
  quietMs: 0,
  behindMs: 40,
  idleMs: 2_000,
  callMs: 6_000,
  finalityMs: 10_000,
  startMs: 10_000,
  retryMs: 10,
  policyMs: 60_000,
};

export class FakeNetwork {
  readonly chain: FakeChain;
  validators: FakeValidator[] = [];
  readonly #clients: ChainClient[] = [];

  constructor(readonly size = 4) {
    this.chain = new FakeChain(size);
  }

  async start(): Promise<this> {
    this.validators = await Promise.all(Array.from({ length: this.size }, (_, index) => new FakeValidator(this.chain, index).start()));
    return this;
  }

  get endpoints(): string[] {
    return this.validators.map(({ url }) => url);
  }

  client(options: Partial<ChainClientOptions> = {}): ChainClient {
    const { endpoints, chain } = this;
    const client = createChainClient({ endpoints, genesis: chain.genesis, key: chain.account, ...options, timing: { ...QUICK, ...options.timing } });
    this.#clients.push(client);
    return client;
  }

  async startedClient(options: Partial<ChainClientOptions> = {}): Promise<ChainClient> {
    const client = this.client(options);
    await client.start();
    return client;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.stop()));
    await Promise.all(this.validators.map((validator) => validator.stop()));
  }
}
