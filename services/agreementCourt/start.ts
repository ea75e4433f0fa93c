// Starts the court: a verifying client of the chain, its threshold compared with the ledger's, and the API.
import { createChainClient } from '../../chain/client/chainClient.js';
import type { ChainClient } from '../../chain/client/types.js';
import type { Genesis } from '../../chain/types.js';
import type { CourtConfig } from './config.js';
import { CourtError } from './courtError.js';
import { postToValidator } from './relay.js';
import { courtApplication, listen } from './server.js';

const BPI = 1_000_000;
/** The plan's; a genesis or a vote may have changed it. */
const AGREED_THRESHOLD = 200;

/** The ledger decides by its own number: a court that claimed another would mislead. Throws CourtError. */
export async function mustAgree(client: Pick<ChainClient, 'getState'>, genesis: Genesis, threshold: number): Promise<void> {
  const { value } = await client.getState<{ arbitrationThreshold?: number }>('parameters');
  const inForce = (value?.arbitrationThreshold ?? genesis.economy?.parameters.arbitrationThreshold ?? AGREED_THRESHOLD * BPI) / BPI;
  if (inForce !== threshold)
    throw new CourtError('BadRequest', `--arbitration-threshold ${threshold}: the ledger has ${inForce} BPI; use that, or propose a change of parameter arbitrationThreshold`);
}

export async function startCourt(config: CourtConfig, print: (line: string) => void): Promise<() => Promise<void>> {
  const { bpciEndpoint: endpoints, genesis, jurisdiction, arbitrationThreshold, legalFrameworkVersion, courtApiPort, host } = config;
  const client = createChainClient({ endpoints, genesis });
  await client.start();
  try {
    await mustAgree(client, genesis, arbitrationThreshold);
    const context = { client, endpoints, post: postToValidator, jurisdiction, arbitrationThreshold, legalFrameworkVersion };
    const app = courtApplication(context, (error) => print(`error: ${(error as Error).stack ?? String(error)}`));
    const server = await listen(app, host, courtApiPort);
    print(`agreement court of ${jurisdiction} on http://${host}:${courtApiPort}, chain "${client.chainId}" at height ${client.head().height}`);
    return async () => {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await client.stop();
    };
  } catch (error) {
    await client.stop();
    throw error;
  }
}
