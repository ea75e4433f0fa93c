// Labels of namespaces: watched, and asked for live when the watch does not know one yet.
import { CoreV1Api, makeInformer, type KubeConfig, type V1Namespace } from '@kubernetes/client-node';
import type { Logger } from './logger.js';

export interface Namespaces {
  labels(name: string): Promise<Record<string, string>>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const AGAIN_AFTER_MS = 1_000;

export function watchNamespaces(config: KubeConfig, logger: Logger): Namespaces {
  const api = config.makeApiClient(CoreV1Api);
  const informer = makeInformer<V1Namespace>(config, '/api/v1/namespaces', () => api.listNamespace());
  const known = new Map<string, Record<string, string>>();
  let stopped = false;
  const learn = ({ metadata }: V1Namespace) => void known.set(metadata!.name!, metadata!.labels ?? {});
  const start = () =>
    informer.start().catch((error: unknown) => {
      if (stopped) return;
      logger.warn('watching namespaces failed; trying again', { code: 'WatchFailed', reason: String(error) });
      setTimeout(() => void start(), AGAIN_AFTER_MS).unref();
    });
  informer.on('add', learn);
  informer.on('update', learn);
  informer.on('delete', ({ metadata }) => void known.delete(metadata!.name!));
  informer.on('error', () => {
    known.clear();
    if (!stopped) setTimeout(() => void start(), AGAIN_AFTER_MS).unref();
  });
  return {
    async labels(name) {
      const labels = known.get(name);
      if (labels) return labels;
      const live = await api.readNamespace({ name });
      return live.metadata?.labels ?? {};
    },
    start,
    async stop() {
      stopped = true;
      await informer.stop();
    },
  };
}
