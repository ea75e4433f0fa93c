// Records events (events.k8s.io/v1) about objects; the same one again becomes a series instead of another event. Best effort: it never fails a pass.
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { describeError } from './describeError.js';
import type { KubeApi } from './kubeApi.js';
import { isKubeError } from './kubeError.js';
import type { KubeObject } from './kubeObject.js';
import type { Logger } from './logger.js';

export interface EventInput {
  type: 'Normal' | 'Warning';
  /** CamelCase. */
  reason: string;
  note: string;
  /** What was tried, CamelCase. */
  action: string;
}

interface Recorded {
  path: string;
  count: number;
}

const NOTE_BYTES = 1_024;
/** Kubernetes keeps events for an hour; a series that goes on is a new one then. */
const SERIES_MS = 10 * 60_000;

function cut(note: string): string {
  const bytes = Buffer.from(note);
  return bytes.length <= NOTE_BYTES
    ? note
    : `${bytes
        .subarray(0, NOTE_BYTES - 3)
        .toString('utf8')
        .replace(/\uFFFD+$/, '')}…`;
}
const microTime = () => new Date().toISOString().replace('Z', '000Z');

export class EventRecorder {
  readonly #recorded = new LRUCache<string, Recorded>({ max: 4_096, ttl: SERIES_MS });

  constructor(
    private readonly api: KubeApi,
    private readonly logger: Logger,
    private readonly instance: string,
  ) {}

  async record(object: KubeObject, event: EventInput): Promise<void> {
    const { uid, namespace = 'default', name } = object.metadata;
    const key = JSON.stringify([uid, event.type, event.reason, event.action, event.note]);
    try {
      const known = this.#recorded.get(key);
      if (known && (await this.#again(known))) return;
      const created = await this.api.create<KubeObject>(
        `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
        this.#event(object, event, `${name.slice(0, 230)}.${randomBytes(8).toString('hex')}`, namespace),
      );
      this.#recorded.set(key, { path: `/apis/events.k8s.io/v1/namespaces/${namespace}/events/${created.metadata.name}`, count: 1 });
    } catch (error) {
      const { code, message } = describeError(error);
      this.logger.warn(`event not recorded: ${message}`, { code, reason: event.reason, namespace, name });
    }
  }

  /** False when the event is not there any more. */
  async #again(known: Recorded): Promise<boolean> {
    known.count += 1;
    try {
      await this.api.patch(known.path, 'application/merge-patch+json', { series: { count: known.count, lastObservedTime: microTime() } });
      return true;
    } catch (error) {
      if (isKubeError(error, 'NotFound')) return false;
      throw error;
    }
  }

  #event({ apiVersion, kind, metadata: { uid, namespace, name } }: KubeObject, event: EventInput, eventName: string, eventNamespace: string) {
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: eventName, namespace: eventNamespace },
      eventTime: microTime(),
      reportingController: 'enc.metanode.io/operator',
      reportingInstance: this.instance.slice(0, 128),
      regarding: { apiVersion, kind, name, uid, ...(namespace ? { namespace } : {}) },
      ...event,
      note: cut(event.note),
    };
  }
}
