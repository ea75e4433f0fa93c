// What runs, by namespace and by node, and what was last found of it: the index by which a change is followed to the pods that it concerns.
import type { Pod } from '../runtime/kubeObject.js';
import type { Judged } from './policyReport.js';

export class RunningPods {
  readonly #byUid = new Map<string, Pod>();
  readonly #byNamespace = new Map<string, Map<string, Pod>>();
  readonly #byNode = new Map<string, Set<string>>();
  readonly #judged = new Map<string, Judged>();

  put(pod: Pod): void {
    const { uid, namespace } = pod.metadata;
    this.remove(uid);
    this.#byUid.set(uid, pod);
    const there = this.#byNamespace.get(namespace) ?? new Map<string, Pod>();
    this.#byNamespace.set(namespace, there.set(uid, pod));
    const { nodeName } = pod.spec;
    if (nodeName !== undefined) this.#byNode.set(nodeName, (this.#byNode.get(nodeName) ?? new Set()).add(uid));
  }

  /** What was found of it stays until it is found to be gone. */
  remove(uid: string): void {
    const old = this.#byUid.get(uid);
    if (!old) return;
    this.#byUid.delete(uid);
    const there = this.#byNamespace.get(old.metadata.namespace);
    there?.delete(uid);
    if (there?.size === 0) this.#byNamespace.delete(old.metadata.namespace);
    const onNode = this.#byNode.get(old.spec.nodeName ?? '');
    onNode?.delete(uid);
    if (onNode?.size === 0) this.#byNode.delete(old.spec.nodeName ?? '');
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
    return [...(this.#byNode.get(node) ?? [])];
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
