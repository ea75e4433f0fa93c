// Keeps the openings of personal commitments as Secrets in a namespace of their own: whoever may delete them there may erase a name.
import { CoreV1Api, makeInformer, type KubeConfig, type V1Secret } from '@kubernetes/client-node';
import { PERSONAL_LABEL, PERSONAL_NAMESPACE, PERSONAL_SECRET_TYPE } from '../../api/labels.js';
import { openingIn, type PersonalOpening } from '../../receipts/personalCommitment.js';
import type { Logger } from '../logger.js';
import { PersonalNames } from './personalNames.js';

const AGAIN_AFTER_MS = 1_000;
const SELECTOR = `${PERSONAL_LABEL}=true`;

export interface WatchedNames {
  names: PersonalNames;
  /** Resolves when the openings that are kept are known, or could not be read yet. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function watchPersonalNames(config: KubeConfig, logger: Logger): WatchedNames {
  const api = config.makeApiClient(CoreV1Api);
  const list = () => api.listNamespacedSecret({ namespace: PERSONAL_NAMESPACE, labelSelector: SELECTOR });
  const informer = makeInformer<V1Secret>(config, `/api/v1/namespaces/${PERSONAL_NAMESPACE}/secrets`, list, SELECTOR);
  const names = new PersonalNames({
    keep: async ({ name, salt }) => {
      const metadata = { generateName: 'person-', namespace: PERSONAL_NAMESPACE, labels: { [PERSONAL_LABEL]: 'true' } };
      await api.createNamespacedSecret({ namespace: PERSONAL_NAMESPACE, body: { metadata, type: PERSONAL_SECRET_TYPE, immutable: true, stringData: { name, salt } } });
    },
  });
  let stopped = false;
  const start = () =>
    informer.start().catch((error: unknown) => {
      if (stopped) return;
      logger.warn('watching the openings of personal names failed; trying again', { code: 'WatchFailed', reason: String(error) });
      setTimeout(() => void start(), AGAIN_AFTER_MS).unref();
    });
  const told = (use: (opening: PersonalOpening) => void) => (secret: V1Secret) => {
    const opening = openingIn(secret.data);
    if (opening) use(opening);
  };
  informer.on('add', told((opening) => names.learn(opening)));
  informer.on('delete', told((opening) => names.forget(opening)));
  informer.on('error', () => {
    if (!stopped) setTimeout(() => void start(), AGAIN_AFTER_MS).unref();
  });
  return {
    names,
    start,
    async stop() {
      stopped = true;
      await informer.stop();
    },
  };
}
