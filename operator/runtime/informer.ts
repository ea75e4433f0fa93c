// A local copy of one kind of object, kept up to date by list and watch: lists again on 410 Gone, reconnects, and tells each change once.
import { isDeepStrictEqual } from 'node:util';
import { backoffMs } from './backoff.js';
import { describeError } from './describeError.js';
import type { KubeApi, Query } from './kubeApi.js';
import { isKubeError, KubeError } from './kubeError.js';
import { keyOf, type KubeList, type KubeObject, type ResourceType } from './kubeObject.js';
import type { Logger } from './logger.js';
import type { OperatorMetrics } from './metrics.js';

export type Change<T> = { type: 'added'; object: T } | { type: 'updated'; object: T; old: T } | { type: 'deleted'; object: T };

export interface InformerOptions<T> {
  /** labelSelector or fieldSelector. */
  query?: Query;
  /** Groups objects for byIndex(); undefined leaves an object out. */
  indexBy?: (object: T) => string | undefined;
  random?: () => number;
}

interface WatchLine<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: T & { code?: number; reason?: string; message?: string };
}

const PAGE = 500;
const WATCH_SECONDS = 300;
const RETRY = { baseMs: 200, maxMs: 10_000 };
const EXPIRED = ['Expired', 'Gone'];

export class Informer<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #index = new Map<string, Map<string, T>>();
  readonly #listeners: ((change: Change<T>) => void)[] = [];
  readonly #abort = new AbortController();
  #tellSynced: () => void = () => undefined;
  readonly #firstSync = new Promise<void>((resolve) => (this.#tellSynced = resolve));
  #running: Promise<void> | undefined;
  #resourceVersion = '';
  #synced = false;

  constructor(
    private readonly api: KubeApi,
    readonly resource: ResourceType,
    private readonly logger: Logger,
    private readonly metrics: OperatorMetrics,
    private readonly options: InformerOptions<T> = {},
  ) {}

  get synced(): boolean {
    return this.#synced;
  }
  get(key: string): T | undefined {
    return this.#objects.get(key);
  }
  list(): T[] {
    return [...this.#objects.values()];
  }
  byIndex(value: string): T[] {
    return [...(this.#index.get(value)?.values() ?? [])];
  }
  /** Listeners are called in the order of changes, after the copy has the change; one that comes later is told first of what is there, as added. */
  onChange(listener: (change: Change<T>) => void): void {
    this.#listeners.push(listener);
    for (const object of this.#objects.values()) listener({ type: 'added', object });
  }

  /** Resolves when the first list is there. */
  start(): Promise<void> {
    this.#running ??= this.#run();
    return this.#firstSync;
  }
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#abort.signal.aborted) {
      try {
        if (this.#resourceVersion === '') await this.#list();
        failures = 0;
        await this.#watch();
        this.metrics.restarts.inc({ kind: this.resource.kind, cause: 'ended' });
      } catch (error) {
        if (this.#abort.signal.aborted) return;
        const { code, message } = describeError(error);
        this.metrics.restarts.inc({ kind: this.resource.kind, cause: code });
        if (isKubeError(error, ...EXPIRED)) {
          this.#resourceVersion = '';
          continue;
        }
        failures += 1;
        this.logger.warn(`watching ${this.resource.collection}: ${message}`, { kind: this.resource.kind, code, failures });
        await this.#pause(backoffMs(failures, { ...RETRY, random: this.options.random ?? Math.random }));
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      const { signal } = this.#abort;
      function done() {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  }

  async #list(): Promise<void> {
    const found = new Map<string, T>();
    let next: string | undefined;
    let version = '';
    do {
      const page: KubeList<T> = await this.api.get(this.resource.collection, { ...this.options.query, limit: PAGE, continue: next });
      for (const object of page.items) found.set(keyOf(object), { apiVersion: this.resource.apiVersion, kind: this.resource.kind, ...object });
      next = page.metadata.continue || undefined;
      version = page.metadata.resourceVersion ?? '';
    } while (next !== undefined);
    for (const [key, object] of this.#objects) if (found.get(key)?.metadata.uid !== object.metadata.uid) this.#remove(object);
    for (const object of found.values()) this.#put(object);
    this.#resourceVersion = version;
    this.#synced = true;
    this.#tellSynced();
  }

  async #watch(): Promise<void> {
    const query = { ...this.options.query, resourceVersion: this.#resourceVersion, allowWatchBookmarks: true, timeoutSeconds: WATCH_SECONDS };
    await this.api.watch(this.resource.collection, query, (line) => this.#line(line as WatchLine<T>), this.#abort.signal);
  }

  #line({ type, object }: WatchLine<T>): void {
    if (type === 'ERROR')
      throw new KubeError(
        object.code === 410 ? 'Expired' : (object.reason ?? 'WatchError'),
        object.code ?? 0,
        object.message ?? 'the watch reported an error',
      );
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') this.#remove(object);
    else this.#put(object);
  }

  #put(object: T): void {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (old && old.metadata.uid !== object.metadata.uid) {
      this.#remove(old);
      return this.#put(object);
    }
    this.#objects.set(key, object);
    this.#reindex(key, old, object);
    if (!old) this.#tell({ type: 'added', object });
    else if (old.metadata.resourceVersion !== object.metadata.resourceVersion || !isDeepStrictEqual(old, object))
      this.#tell({ type: 'updated', object, old });
  }

  #remove(object: T): void {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (!old || old.metadata.uid !== object.metadata.uid) return;
    this.#objects.delete(key);
    this.#reindex(key, old, undefined);
    this.#tell({ type: 'deleted', object });
  }

  #reindex(key: string, old: T | undefined, object: T | undefined): void {
    const { indexBy } = this.options;
    if (!indexBy) return;
    const before = old && indexBy(old);
    const after = object && indexBy(object);
    if (before !== undefined && before !== after) {
      const group = this.#index.get(before);
      group?.delete(key);
      if (group?.size === 0) this.#index.delete(before);
    }
    if (object && after !== undefined) {
      let group = this.#index.get(after);
      if (!group) this.#index.set(after, (group = new Map()));
      group.set(key, object);
    }
  }

  #tell(change: Change<T>): void {
    for (const listener of this.#listeners) listener(change);
  }
}
