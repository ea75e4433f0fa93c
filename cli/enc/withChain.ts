// Opens a verifying client for one command and closes it again, whatever happens.
import { createChainClient } from '../../chain/client/chainClient.js';
import type { ChainClient } from '../../chain/client/types.js';
import { chainSettings, type ChainFlags, type ChainSettings } from './config.js';

export interface OpenChain extends ChainSettings {
  client: ChainClient;
}

export async function withChain<T>(flags: ChainFlags, use: (chain: OpenChain) => Promise<T>): Promise<T> {
  const settings = chainSettings(flags);
  const client = createChainClient(settings);
  await client.start();
  try {
    return await use({ ...settings, client });
  } finally {
    await client.stop();
  }
}
