// What runs, by namespace and by node, and what was last found of it: the index by which a change is followed to the pods that it concerns.
import { RUNTIME_LABELS } from '../../api/labels.js';
import type { Pod } from '../runtime/kubeObject.js';
import type { Judged } from './policyReport.js';
import { subjectKeyOf } from './subjectKey.js';

type Pods = Map<string, Pod>;

function addTo(index: Map<string, Pods>, key: string, pod: Pod): void {
  const there = index.get(key) ?? new Map<string, Pod>();
  index.set(key, there.set(pod.metadata.uid, pod));
}

function removeFrom(index: Map<string, Pods>, key: string, uid: string): void {
  const there = index.get(key);
  there?.delete(uid);
  if (there?.size === 0) index.delete(key);
}

export class RunningPods {
  readonly #byUid: Pods = new Map();
  readonly #byNamespace = new Map<string, Pods>();
  readonly #byNode = new Map<string, Pods>();
  readonly #bySubject = new Map<string, Pods>();
  /** Those that wait for the one in their place, by namespace. */
  readonly #moving = new Map<string, Pods>();
  readonly #judged = new Map<string, Judged>();

  put(pod: Pod): void {
    const { uid, namespace, labels } = pod.metadata;
    this.remove(uid);
    this.#byUid.set(uid, pod);
    addTo(this.#byNamespace, namespace, pod);
    addTo(this.#bySubject, subjectKeyOf(pod), pod);
    if (pod.spec.nodeName !== undefined) addTo(this.#byNode, pod.spec.nodeName, pod);
    if (labels?.[RUNTIME_LABELS.moving] !== undefined) addTo(this.#moving, namespace, pod);
  }

  /** What was found of it stays until it is found to be gone. */
  remove(uid: string): void {
    const old = this.#byUid.get(uid);
    if (!old) return;
    this.#byUid.delete(uid);
    removeFrom(this.#byNamespace, old.metadata.namespace, uid);
    removeFrom(this.#bySubject, subjectKeyOf(old), uid);
    removeFrom(this.#byNode, old.spec.nodeName ?? '', uid);
    removeFrom(this.#moving, old.metadata.namespace, uid);
  }

  get(uid: string): Pod | undefined {
    return this.#byUid.get(uid);
  }
  all(): Iterable<Pod> {
    return this.#byUid.values();
  }
  inNamespace(namespace: string): Pod[] {
    return [...(this.#byNamespace.get(namespace)?.values() ?? [])];
  }
  onNode(node: string): string[] {
    return [...(this.#byNode.get(node)?.keys() ?? [])];
  }
  /** By the key that subjectKeyOf gives. */
  ofSubject(key: string): Pod[] {
    return [...(this.#bySubject.get(key)?.values() ?? [])];
  }
  movingIn(namespace: string): Pod[] {
    return [...(this.#moving.get(namespace)?.values() ?? [])];
  }
  namespaces(): string[] {
    return [...this.#byNamespace.keys()];
  }

  judged(uid: string): Judged | undefined {
    return this.#judged.get(uid);
  }
  setJudged(uid: string, judged: Judged | undefined): void {
    if (judged) this.#judged.set(uid, judged);
    else this.#judged.delete(uid);
  }
}
