// Where the genesis of a mainnet on Kubernetes is published: one ConfigMap that the chart makes empty, that is filled once and then cannot be changed.
import { genesisHash, validateGenesis } from '../../../chain/ledger/genesis.js';
import type { Genesis } from '../../../chain/types.js';
import { formatFieldErrors } from '../../../api/fieldError.js';
import type { KubeApi } from '../../../operator/runtime/kubeApi.js';
import { CliError } from '../cliError.js';

export const GENESIS_KEY = 'genesis.json';

export interface Place {
  namespace: string;
  name: string;
}
interface ConfigMap {
  metadata: { resourceVersion: string };
  data?: Record<string, string>;
}

const pathOf = ({ namespace, name }: Place) => `/api/v1/namespaces/${namespace}/configmaps/${name}`;

/** Undefined while nothing is published. Throws CliError when what is there is no good genesis of the chain, KubeError when the API server does not answer. */
export async function publishedGenesis(api: KubeApi, place: Place, chainId: string): Promise<Genesis | undefined> {
  const text = (await api.get<ConfigMap>(pathOf(place))).data?.[GENESIS_KEY];
  return text === undefined ? undefined : checkedGenesis(text, chainId, `ConfigMap ${place.namespace}/${place.name}`);
}

export function checkedGenesis(text: string, chainId: string, source: string): Genesis {
  let genesis: Genesis;
  try {
    genesis = JSON.parse(text) as Genesis;
  } catch (cause) {
    throw new CliError(`${source}: ${GENESIS_KEY} is no JSON`, 1, { cause });
  }
  const errors = validateGenesis(genesis);
  if (errors.length > 0) throw new CliError(`${source}: ${formatFieldErrors(errors)}`, 1);
  if (genesis.chainId !== chainId) throw new CliError(`${source}: it is the genesis of chain ${genesis.chainId}, not ${chainId}`, 1);
  return genesis;
}

/** Fills the ConfigMap unless somebody did meanwhile; rejects with KubeError 'Conflict' then. */
export async function publishGenesis(api: KubeApi, place: Place, genesis: Genesis): Promise<string> {
  const { metadata } = await api.get<ConfigMap>(pathOf(place));
  await api.patch(pathOf(place), 'application/merge-patch+json', {
    metadata: { resourceVersion: metadata.resourceVersion },
    immutable: true,
    data: { [GENESIS_KEY]: genesisText(genesis) },
  });
  return genesisHash(genesis);
}

export const genesisText = (genesis: Genesis): string => `${JSON.stringify(genesis, null, 2)}\n`;
