// Pods that a kubelet runs and the API server does not know: static pods whose mirror was refused, or what else was started past it on its node.
import type { StatsSummary } from '../metering/podUsage.js';
import type { Pod } from '../runtime/kubeObject.js';

export interface HiddenPod {
  namespace: string;
  name: string;
  /** The kubelet's; of a static pod the hash of its file. */
  uid: string;
}

/** Under it a mirror pod names the static pod that it shows. */
const MIRRORED = 'kubernetes.io/config.mirror';
/** At one look, a pod may just have come or gone; at so many in a row, nobody but its kubelet knows it. */
const LOOKS = 2;
/** Of one node; who puts more there is known by then. */
const MOST = 256;

export interface KnownPods {
  get(uid: string): unknown;
  all(): Iterable<Pod>;
}

/** Pure. */
export function unknownIn({ pods = [] }: StatsSummary, known: KnownPods): HiddenPod[] {
  const strange = pods.flatMap(({ podRef: { uid, name, namespace } = {} }) => (uid && name && namespace && known.get(uid) === undefined ? [{ namespace, name, uid }] : []));
  if (strange.length === 0) return strange;
  // Of that name alone, or any pod could be made to hide another by its annotations.
  const mirrors = new Set([...known.all()].map(({ metadata }) => `${metadata.namespace}/${metadata.name} ${metadata.annotations?.[MIRRORED]}`));
  return strange.filter(({ namespace, name, uid }) => !mirrors.has(`${namespace}/${name} ${uid}`)).slice(0, MOST);
}

/** Remembers what was seen on each node at its last looks. */
export class HiddenPods {
  /** By node and uid, in how many looks in a row; Infinity once it was told. */
  readonly #seen = new Map<string, Map<string, number>>();

  constructor(private readonly known: KnownPods) {}

  /** Those to be told of now. */
  look(node: string, summary: StatsSummary): HiddenPod[] {
    const before = this.#seen.get(node);
    const now = unknownIn(summary, this.known);
    this.#seen.set(node, new Map(now.map(({ uid }) => [uid, (before?.get(uid) ?? 0) + 1])));
    return now.filter(({ uid }) => this.#times(node, uid) >= LOOKS && this.#times(node, uid) !== Infinity);
  }

  /** Not told again while it stays. */
  told(node: string, { uid }: HiddenPod): void {
    this.#seen.get(node)?.set(uid, Infinity);
  }

  /** What was told came to nothing: told again at the next look. */
  untold(node: string, { uid }: HiddenPod): void {
    this.#seen.get(node)?.set(uid, LOOKS);
  }

  #times(node: string, uid: string): number {
    return this.#seen.get(node)?.get(uid) ?? 0;
  }
}

/** What people and the receipt are told. */
export function hiddenPodText(node: string, { namespace, name, uid }: HiddenPod): string {
  return `node ${node} runs pod ${namespace}/${name} (uid ${uid}), which the API server does not know: no verdict let it in and no decision placed it. Remove its file from the kubelet's static pod folder, or what else starts it there`;
}
