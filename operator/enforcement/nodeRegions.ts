// The region of each node as its commitment attests it, never as its label claims; read with its proof once, and again when the ledger says it changed.
import type { ChainClient } from '../../chain/client/types.js';
import { stateKeys, type NodeRecord } from '../../chain/types.js';

export class NodeRegions {
  readonly #known = new Map<string, Promise<string | undefined>>();

  constructor(private readonly client: Pick<ChainClient, 'getState'>) {}

  /** undefined: nobody has committed such a node. */
  of(node: string): Promise<string | undefined> {
    let region = this.#known.get(node);
    if (!region) {
      region = this.client.getState<NodeRecord>(stateKeys.node(node)).then(({ value }) => value?.region);
      this.#known.set(node, region);
      region.catch(() => this.#known.delete(node));
    }
    return region;
  }

  /** From a verified receipt. */
  learn(node: string, region: string): void {
    this.#known.set(node, Promise.resolve(region));
  }

  forget(node: string): void {
    this.#known.delete(node);
  }
}
