// A pod's part in the ceremony: it makes its key on its own volume, shows the public side, and takes the published genesis only if its own key is in it. A relay has no key and takes it as it is.
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeApi } from '../../../operator/runtime/kubeApi.js';
import { KubeError } from '../../../operator/runtime/kubeError.js';
import { utf8 } from '../../../crypto/encoding.js';
import { homeFiles } from '../../../chain/node/config.js';
import { disk, makeDirectory, replaceFile } from '../../../chain/node/storage/durableFile.js';
import type { Genesis } from '../../../chain/types.js';
import { CliError } from '../cliError.js';
import { identityBytes, type PublicIdentity } from './identity.js';
import type { Home } from './home.js';
import { genesisText, publishedGenesis, type Place } from './publication.js';
import type { ClusterSettings } from './settings.js';

export const IDENTITY_PATH = '/v1/identity';
const EVERY_MS = 500;
const REQUEST_MS = 5_000;

export interface JoinOptions {
  home: Home;
  settings: ClusterSettings;
  place: Place;
  /** Asked for only when the volume holds no genesis yet. */
  api: () => Promise<KubeApi>;
  print: (line: string) => void;
  timeoutMs: number;
}

/** Resolves when the home is ready to start from. Rejects with CliError when the genesis is not this member's, or none came in time. */
export async function join({ home, settings, place, api, print, timeoutMs }: JoinOptions): Promise<void> {
  const kept = home.genesis();
  if (kept) return print(await home.accept(kept));
  const kube = await api();
  const server = await show(home.identity, settings.ports.ceremony);
  print(`shows its public identity ${home.identity.ed25519PublicKey} on port ${settings.ports.ceremony} until the genesis is published`);
  try {
    print(await home.accept(await awaitGenesis(kube, place, settings.chainId, timeoutMs)));
  } finally {
    server.closeAllConnections();
    server.close();
    kube.close();
  }
}

/** Of a relay: puts the published genesis into the directory, unless one is there. */
export async function takeGenesis(directory: string, { settings, place, api, print, timeoutMs }: Omit<JoinOptions, 'home'>): Promise<void> {
  const file = homeFiles(directory).genesis;
  if (existsSync(file)) return print(`${file} is there already`);
  await makeDirectory(disk, directory);
  const kube = await api();
  try {
    await replaceFile(disk, file, utf8(genesisText(await awaitGenesis(kube, place, settings.chainId, timeoutMs))), 0o644);
  } finally {
    kube.close();
  }
  print(`${file} is the published genesis`);
}

async function awaitGenesis(api: KubeApi, place: Place, chainId: string, timeoutMs: number): Promise<Genesis> {
  const deadline = Date.now() + timeoutMs;
  let last = 'it is still empty';
  while (Date.now() < deadline) {
    try {
      const genesis = await publishedGenesis(api, place, chainId);
      if (genesis) return genesis;
      last = 'it is still empty';
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      last = error.message;
    }
    await sleep(EVERY_MS);
  }
  throw new CliError(`no genesis came into ConfigMap ${place.namespace}/${place.name} within ${timeoutMs} ms (${last}); see the log of the genesis Job`, 1);
}

function show(identity: PublicIdentity, port: number): Promise<Server> {
  const body = identityBytes(identity);
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, maxHeaderSize: 8_192 }, (request, response) => {
    const found = request.method === 'GET' && request.url === IDENTITY_PATH;
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(found ? body : '{}');
  });
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new CliError(`ports.ceremony ${port}: ${cause.message}`, 1, { cause })));
    server.listen(port, () => resolve(server));
  });
}
