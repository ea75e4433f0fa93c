// Verified blocks of the past, one after the other, from the client.
import type { ChainClient } from '../../chain/client/types.js';
import type { FinalisedBlock } from '../../chain/types.js';
import { CliError } from '../bpci/cliError.js';

const PATIENCE_MS = 15_000;

/** Blocks `from` to `to`, each verified. Throws CliError when the next one does not arrive in time. */
export async function* readBlocks(client: Pick<ChainClient, 'onBlock'>, from: number, to: number, patienceMs = PATIENCE_MS): AsyncIterable<FinalisedBlock> {
  const arrived: FinalisedBlock[] = [];
  let wake: () => void = () => undefined;
  const stop = client.onBlock((block) => {
    if (block.header.height <= to) arrived.push(block);
    wake();
  }, from);
  try {
    for (let height = from; height <= to; height++) {
      if (arrived.length === 0) await arrival(height, (resolve) => (wake = resolve), patienceMs);
      yield arrived.shift()!;
    }
  } finally {
    stop();
  }
}

function arrival(height: number, listen: (resolve: () => void) => void, patienceMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new CliError(`block ${height} did not arrive within ${patienceMs} ms; are the validators running?`, 1)), patienceMs);
    listen(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
