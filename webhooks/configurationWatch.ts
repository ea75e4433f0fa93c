// Sees when somebody changes or deletes this program's webhook configurations, which admission itself never is asked about: puts them right at once and leaves a receipt.
import { AdmissionregistrationV1Api, makeInformer, type KubeConfig, type KubernetesListObject, type KubernetesObject } from '@kubernetes/client-node';
import { evaluate } from '../policy/evaluate.js';
import type { AdmissionFacts } from '../policy/types.js';
import { guard } from '../policy/violation.js';
import type { CheckContext } from './checks/check.js';
import type { Logger } from './logger.js';
import { CONFIGURATION, FIELD_MANAGER } from './ownObjects.js';
import { tamperedHooks, type Hooked } from './tamperedHooks.js';

const AGAIN_AFTER_MS = 1_000;
const CURE = 'leave the configuration to its program; what was admitted meanwhile has no verdict and does not keep running';

/** Who wrote last, as far as the API server tells: a field manager, not a user. */
function lastManager({ metadata }: KubernetesObject): string {
  const written = (metadata?.managedFields ?? []).filter(({ manager }) => manager !== FIELD_MANAGER);
  return written.toSorted((a, b) => Number(b.time ?? 0) - Number(a.time ?? 0))[0]?.manager ?? 'unknown';
}

export interface Tampering {
  kind: string;
  operation: 'UPDATE' | 'DELETE';
  object: KubernetesObject;
  hooks: string[];
}

export function tamperingFacts({ kind, operation, object, hooks }: Tampering, time: number): AdmissionFacts {
  const { uid = '', resourceVersion = '0' } = object.metadata ?? {};
  const manager = lastManager(object);
  const did = operation === 'DELETE' ? 'was deleted' : `was changed by ${manager} (${hooks.join(', ')})`;
  return {
    operation,
    time,
    requestUid: `${uid}/${resourceVersion}`.slice(0, 128),
    user: manager,
    cluster: null,
    namespace: { name: '', labels: {} },
    object: { kind, namespace: '', name: CONFIGURATION, uid, specHash: '' },
    workload: null,
    data: null,
    pod: null,
    guards: [guard('ConfigurationTampered', `${kind} ${CONFIGURATION} ${did}, so that requests could pass unasked; it was put right`, CURE)],
  };
}

/** Resolves with the receipt's id. */
export async function recordTampering({ client, now }: Pick<CheckContext, 'client' | 'now'>, tampering: Tampering): Promise<string> {
  const facts = tamperingFacts(tampering, now());
  return (await client.submit('admission.verdict', { facts, verdict: evaluate(client.policySet(), facts) })).receiptId;
}

export interface ConfigurationWatch {
  start(): void;
  stop(): Promise<void>;
}

/** `wanted` is asked at each change, for a renewed certificate changes it. */
export function watchConfigurations(
  config: KubeConfig,
  wanted: () => KubernetesObject[],
  found: (tampering: Tampering) => Promise<void>,
  logger: Logger,
): ConfigurationWatch {
  const api = config.makeApiClient(AdmissionregistrationV1Api);
  const lists: [string, string, () => Promise<KubernetesListObject<KubernetesObject>>][] = [
    ['ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', () => api.listValidatingWebhookConfiguration()],
    ['MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', () => api.listMutatingWebhookConfiguration()],
  ];
  let stopped = false;
  const informers = lists.map(([kind, plural, list]) => {
    const informer = makeInformer(config, `/apis/admissionregistration.k8s.io/v1/${plural}`, list);
    const look = (object: KubernetesObject, operation: Tampering['operation']) => {
      if (object.metadata?.name !== CONFIGURATION) return;
      const mine = wanted().find((one) => one.kind === kind);
      const hooks = mine ? tamperedHooks(mine as Hooked, operation === 'DELETE' ? undefined : (object as Hooked)) : [];
      if (hooks.length > 0 && !stopped) void found({ kind, operation, object, hooks });
    };
    const start = () =>
      informer.start().catch((error: unknown) => {
        logger.warn('watching the webhook configurations failed; trying again', { code: 'WatchFailed', reason: String(error) });
        if (!stopped) setTimeout(() => void start(), AGAIN_AFTER_MS).unref();
      });
    informer.on('add', (object) => look(object, 'UPDATE'));
    informer.on('update', (object) => look(object, 'UPDATE'));
    informer.on('delete', (object) => look(object, 'DELETE'));
    informer.on('error', () => {
      if (!stopped) setTimeout(() => void start(), AGAIN_AFTER_MS).unref();
    });
    return { informer, start };
  });
  return {
    start: () => informers.forEach(({ start }) => void start()),
    async stop() {
      stopped = true;
      await Promise.all(informers.map(({ informer }) => informer.stop()));
    },
  };
}
