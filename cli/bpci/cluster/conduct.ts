// The genesis ceremony's one Job: collects public identities, assembles and signs the genesis, publishes it once; an existing chain's genesis is published again.
import { setTimeout as sleep } from 'node:timers/promises';
import { generateEd25519 } from '../../../crypto/ed25519.js';
import { genesisHash } from '../../../chain/ledger/genesis.js';
import type { Genesis } from '../../../chain/types.js';
import type { KubeApi } from '../../../operator/runtime/kubeApi.js';
import { CliError } from '../cliError.js';
import { assembleGenesis, missingMembers } from './assembleGenesis.js';
import { readIdentity, type PublicIdentity } from './identity.js';
import { IDENTITY_PATH } from './join.js';
import { checkedGenesis, publishedGenesis, publishGenesis, type Place } from './publication.js';
import type { ClusterSettings } from './settings.js';

const EVERY_MS = 500;
const ASK_MS = 2_000;
const MAX_ANSWER_BYTES = 1_000_000;

export interface ConductOptions {
  settings: ClusterSettings;
  api: KubeApi;
  place: Place;
  print: (line: string) => void;
  timeoutMs: number;
}

/** Rejects with CliError naming who did not come. */
export async function conduct({ settings, api, place, print, timeoutMs }: ConductOptions): Promise<void> {
  const published = await publishedGenesis(api, place, settings.chainId);
  if (published) return print(`the genesis ${genesisHash(published)} of chain ${settings.chainId} is published already`);
  const identities = new Map<string, PublicIdentity>();
  const deadline = Date.now() + timeoutMs;
  let said = '';
  for (;;) {
    const existing = await existingGenesis(settings);
    const missing = existing ? [] : await collect(settings, identities, print);
    if (missing.length === 0) {
      const genesis = existing ?? assembleGenesis(settings, identities, generateEd25519());
      const hash = await publishGenesis(api, place, genesis);
      return print(`published the genesis ${hash} of chain ${settings.chainId}: ${genesis.validatorSet.validators.length} validators, ${genesis.accounts.length} accounts${existing ? ', as its validators hold it' : ''}`);
    }
    if (Date.now() > deadline) throw new CliError(`the ceremony was left by ${missing.join(', ')}: they did not show an identity within ${timeoutMs} ms`, 1);
    if (said !== (said = missing.join(', '))) print(`waiting for ${said}`);
    await sleep(EVERY_MS);
  }
}

/** Asks those who have not shown themselves yet; returns who is still missing. */
async function collect(settings: ClusterSettings, identities: Map<string, PublicIdentity>, print: (line: string) => void): Promise<string[]> {
  const missing = missingMembers(settings, identities);
  const hosts = new Map([...settings.validators, ...settings.accounts].map(({ name, host }) => [name, host]));
  await Promise.all(
    missing.map(async (name) => {
      const answer = await ask(`http://${hosts.get(name)}:${settings.ports.ceremony}${IDENTITY_PATH}`);
      if (answer === undefined) return;
      const identity = readIdentity(answer, settings.chainId, name);
      if (typeof identity === 'string') print(`${name}: ${identity}`);
      else identities.set(name, identity);
    }),
  );
  return missingMembers(settings, identities);
}

/** The genesis that running validators hold: after a reinstallation on kept volumes, the chain goes on. */
async function existingGenesis({ validators, ports, chainId }: ClusterSettings): Promise<Genesis | undefined> {
  const answers = await Promise.all(validators.map(async ({ name, host }) => ({ name, answer: await ask(`http://${host}:${ports.api}/v1/genesis`) })));
  const found = new Map<string, Genesis>();
  for (const { name, answer } of answers) {
    if (answer === undefined) continue;
    const genesis = checkedGenesis(JSON.stringify(answer), chainId, `validator ${name}`);
    found.set(genesisHash(genesis), genesis);
  }
  if (found.size > 1) throw new CliError(`the validators hold ${found.size} different genesis documents of chain ${chainId}; remove the volumes of those that are not of this chain`, 1);
  return [...found.values()][0];
}

async function ask(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ASK_MS) });
    const text = await response.text();
    return response.ok && text.length <= MAX_ANSWER_BYTES ? (JSON.parse(text) as unknown) : undefined;
  } catch {
    // Not up yet, or no JSON: who does not answer in the end is named.
    return undefined;
  }
}
