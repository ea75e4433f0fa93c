// Past blocks, one by one, each verified on its own: its certificate, its transactions, its receipts.
import { MerkleFrontier } from '../../receipts/merkle/merkleFrontier.js';
import type { FinalisedBlock } from '../types.js';
import { certifiedHeaders, finalisedBlock } from './answers.js';
import type { Validators } from './askValidators.js';
import { unverified, type HeaderChain } from './headerChain.js';
import { logEdgeAt } from './logEdge.js';
import type { Timing } from './timing.js';
import { verifyBody } from './verifyBlock.js';

export class BlockReader {
  /** The log's edge after the last block that was read. */
  #edge: { height: number; frontier: MerkleFrontier } | undefined;

  constructor(
    private readonly validators: Validators,
    private readonly chain: HeaderChain,
    private readonly timing: Timing,
  ) {}

  /** The block at a height from 1; consecutive heights are cheapest. */
  async read(height: number): Promise<FinalisedBlock> {
    const before = this.#edge?.height === height - 1 ? this.#edge.frontier : await this.#edgeAfter(height - 1);
    const { block, frontier } = await this.validators.ask({
      path: `/v1/blocks/${height}`,
      timeoutMs: this.timing.callMs,
      read: (body) => {
        const answered = finalisedBlock(body, 'block');
        if (answered.header.height !== height) throw unverified(`block ${answered.header.height} was answered for block ${height}`);
        this.chain.certify(answered);
        return { block: answered, frontier: verifyBody(answered, before).frontier };
      },
    });
    this.#edge = { height, frontier };
    return block;
  }

  async #edgeAfter(height: number): Promise<MerkleFrontier> {
    if (height === 0) return MerkleFrontier.empty();
    const header = await this.validators.ask({
      path: `/v1/headers?from=${height}&limit=1`,
      timeoutMs: this.timing.callMs,
      read: (body) => {
        const shown = certifiedHeaders(body, 'headers')[0];
        if (shown?.header.height !== height) throw unverified(`header ${height} was not shown`);
        this.chain.prove(shown);
        return shown.header;
      },
    });
    return logEdgeAt(this.validators, header, this.timing.callMs);
  }
}
