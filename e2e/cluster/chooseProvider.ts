// Chooses where the cluster comes from: what is already up, what CLUSTER says, or the first provider that this machine has all for.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ClusterError } from './clusterError.js';
import { providerContext, readClusterConfig } from './config.js';
import { ExistingProvider } from './existing/existingProvider.js';
import { KindProvider } from './kind/kindProvider.js';
import { localLayout } from './local/layout.js';
import { LocalProvider } from './local/localProvider.js';
import type { Cluster, Provider, ProviderContext, ProviderName } from './provider.js';

const providers: Record<ProviderName, new (context: Partial<ProviderContext>) => Provider> = {
  local: LocalProvider,
  kind: KindProvider,
  existing: ExistingProvider,
};
/** In this order the machine is asked when CLUSTER is unset. */
const ORDER: readonly ProviderName[] = ['local', 'kind', 'existing'];

export const providerNamed = (name: ProviderName, context: Partial<ProviderContext> = {}): Provider => new providers[name](context);

/** The cluster that is up in the state folder; undefined when none is. */
export function recordedCluster(stateDir: string): Cluster | undefined {
  const file = path.join(stateDir, 'cluster.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Cluster) : undefined;
}

/**
 * Logs one line for every provider asked. Throws ClusterError 'bad-options' when CLUSTER contradicts the cluster that is up in the state
 * folder, 'provider-unusable' when nothing can be used.
 */
export async function chooseProvider(given: Partial<ProviderContext> = {}): Promise<Provider> {
  const config = readClusterConfig();
  const context = providerContext(given, config);
  const recorded = recordedCluster(context.stateDir);
  if (recorded) {
    if (config.provider && config.provider !== recorded.provider) {
      throw new ClusterError(
        'bad-options',
        `CLUSTER=${config.provider}: a cluster of provider '${recorded.provider}' is up in ${context.stateDir}; stop it first`,
      );
    }
    return providerNamed(recorded.provider, context);
  }
  // An `up` that did not come to its end has left no record, but its processes.
  if (!config.provider && existsSync(localLayout(context.stateDir).pids)) return providerNamed('local', context);
  const reasons: string[] = [];
  for (const name of config.provider ? [config.provider] : ORDER) {
    const provider = providerNamed(name, context);
    const { usable, why } = await provider.probe();
    context.log(why);
    if (usable) return provider;
    reasons.push(why);
  }
  throw new ClusterError('provider-unusable', `no cluster can be had: ${reasons.join('; ')}`);
}
