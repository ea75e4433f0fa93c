// Our chain under test: validators as processes that make everything durable; the client checks every certificate and receipt root.
import { randomUUID } from 'node:crypto';
import { createChainClient } from '../../chain/client/chainClient.js';
import { buildTransaction } from '../../chain/client/buildTransaction.js';
import type { ChainClient } from '../../chain/client/types.js';
import { ProcessSet, until } from '../../chain/node/testing/processSet.js';
import type { Payloads } from '../../chain/types.js';
import { OPERATION_BYTES, type ChainUnderTest } from './chainUnderTest.js';

export class OurChain implements ChainUnderTest {
  readonly name: string;
  readonly #payload: Payloads['reconcile.report'];
  #client!: ChainClient;

  private constructor(private readonly set: ProcessSet) {
    this.name = `ours, ${set.size} validators`;
    this.#payload = paddedPayload(set.genesis.chainId, set.key('operator'));
  }

  static async start(size: number): Promise<OurChain> {
    // Beside a store of keys and values: without rewards and fees by time, which that has not.
    const set = await ProcessSet.create(size, '--no-economy');
    set.start(...set.all);
    await until('every validator to be linked', async () =>
      (await Promise.all(set.all.map((i) => set.status(i)))).every(({ height, peersConnected }) => height > 0 && peersConnected === size - 1),
    );
    const chain = new OurChain(set);
    chain.#client = createChainClient({ endpoints: set.all.map((i) => set.endpoint(i)), genesis: set.genesis, key: set.key('operator') });
    await chain.#client.start();
    return chain;
  }

  async commit(): Promise<void> {
    const submission = await this.#client.submit('reconcile.report', this.#payload);
    await submission.finalised();
  }

  pids(): (number | undefined)[] {
    return this.set.all.map((index) => this.set.pid(index));
  }

  leader(): Promise<number> {
    return Promise.resolve((this.#client.head().height + 1) % this.set.size);
  }

  kill(validator: number): Promise<void> {
    return this.set.kill('SIGKILL', validator);
  }

  async revive(validator: number): Promise<void> {
    this.set.start(validator);
    await until('the validator to be back', async () => {
      const { syncing, peersConnected, height } = await this.set.status(validator);
      return !syncing && peersConnected === this.set.size - 1 && height >= this.#client.head().height;
    });
  }

  async stop(): Promise<void> {
    await this.#client.stop();
    await this.set.destroy();
  }
}

/** A report whose whole transaction has OPERATION_BYTES. */
function paddedPayload(chainId: string, { publicKey, privateKey }: { publicKey: string; privateKey: string }): Payloads['reconcile.report'] {
  const payload = (reason: string): Payloads['reconcile.report'] => ({
    object: { kind: 'Workload', namespace: 'bench', name: 'load', uid: 'load' },
    generation: 1,
    outcome: 'applied',
    reason,
    actions: [],
  });
  const body = { chainId, type: 'reconcile.report' as const, operationId: randomUUID(), sender: publicKey, validUntil: 1_000, payload: payload('x') };
  const bytes = Buffer.byteLength(buildTransaction(body, privateKey).raw);
  return payload('x'.repeat(OPERATION_BYTES - bytes + 1));
}
