// What the environment says about the cluster: the only place in e2e/cluster that reads it.
import os from 'node:os';
import path from 'node:path';
import { checkout } from './checkout.js';
import { ClusterError } from './clusterError.js';
import type { ProviderContext, ProviderName } from './provider.js';

export interface ClusterConfig {
  /** CLUSTER: the provider to use; undefined lets the machine decide. */
  provider?: ProviderName;
  /** KUBEBUILDER_ASSETS: a folder with etcd, kube-apiserver and kubectl. */
  assets?: string;
  /** KUBECONFIG's first file or ~/.kube/config. */
  kubeconfig: string;
  /** ENC_HOST_ADDRESS: address under which an existing cluster's API server reaches this machine. */
  hostAddress?: string;
  /** ENC_LOAD_IMAGE: command that gives an existing cluster's nodes the image in the archive that is its last argument. */
  loadImage?: string;
  /** ENC_NETWORK_POLICY=enforced: an existing cluster does; nobody can ask it. */
  networkPolicy: boolean;
  stateDir: string;
  cacheDir: string;
}

const PROVIDERS: readonly string[] = ['local', 'kind', 'existing'] satisfies ProviderName[];

export function readClusterConfig(environment: NodeJS.ProcessEnv = process.env): ClusterConfig {
  const provider = environment.CLUSTER || undefined;
  if (provider !== undefined && !PROVIDERS.includes(provider)) {
    throw new ClusterError('bad-options', `CLUSTER=${provider}: must be one of ${PROVIDERS.join(', ')}, or unset to choose by what the machine has`);
  }
  const home = environment.HOME || os.homedir();
  return {
    provider: provider as ProviderName | undefined,
    assets: environment.KUBEBUILDER_ASSETS || undefined,
    kubeconfig: environment.KUBECONFIG?.split(path.delimiter).find(Boolean) ?? path.join(home, '.kube/config'),
    hostAddress: environment.ENC_HOST_ADDRESS || undefined,
    loadImage: environment.ENC_LOAD_IMAGE || undefined,
    networkPolicy: isEnforced(environment.ENC_NETWORK_POLICY),
    stateDir: path.join(checkout, '.enc/cluster'),
    cacheDir: path.join(environment.XDG_CACHE_HOME || path.join(home, '.cache'), 'enc-cluster'),
  };
}

function isEnforced(said: string | undefined): boolean {
  if (said && said !== 'enforced') throw new ClusterError('bad-options', `ENC_NETWORK_POLICY=${said}: must be enforced, or unset where nothing in the cluster enforces NetworkPolicies`);
  return said === 'enforced';
}

/** Fills in what the caller did not say. */
export function providerContext(given: Partial<ProviderContext> = {}, config: ClusterConfig = readClusterConfig()): ProviderContext {
  return {
    stateDir: path.resolve(given.stateDir ?? config.stateDir),
    cacheDir: path.resolve(given.cacheDir ?? config.cacheDir),
    log: given.log ?? (() => undefined),
  };
}

/** The environment that programs are started with: no proxy, since everything they talk to is on this machine. */
export function programEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(https?|all|no)_proxy$/i.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

/** The environment that `go` is run with: the user's own, proxies and all, without C. */
export const goEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, CGO_ENABLED: '0', GOWORK: 'off' });
