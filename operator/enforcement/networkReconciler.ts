// Keeps the NetworkPolicies of one namespace as the traffic light wants them: makes, mends what was edited by hand, and takes away. Keys are namespaces.
import { isDeepStrictEqual } from 'node:util';
import type { EncCluster } from '../../api/index.js';
import { RUNTIME_LABELS } from '../../api/labels.js';
import type { ChainClient } from '../../chain/client/types.js';
import { enforcingCluster } from '../../policy/enforcingCluster.js';
import type { AdmissionFacts } from '../../policy/types.js';
import type { ChainWriter } from '../ledger/chainWriter.js';
import type { Informer } from '../runtime/informer.js';
import type { PassResult, Reconciler } from '../runtime/controller.js';
import type { KubeApi } from '../runtime/kubeApi.js';
import { isKubeError } from '../runtime/kubeError.js';
import { RESOURCES } from '../runtime/kubeObject.js';
import type { OperatorMetrics } from '../runtime/metrics.js';
import { serverSideApply } from '../runtime/serverSideApply.js';
import type { AdmissionBook } from './admissionBook.js';
import { CUT_POLICY, cutPolicy, ENFORCES_ANNOTATION, LIGHTS_ANNOTATION, nextEnd, wantedPolicies, type Group, type NetworkPolicy } from './networkPolicies.js';
import type { RunningPods } from './runningPods.js';

export interface NetworkSources {
  client: ChainClient;
  chain: ChainWriter;
  api: KubeApi;
  metrics: OperatorMetrics;
  running: RunningPods;
  admissions: AdmissionBook;
  encClusters: Informer<EncCluster>;
  /** Those that the operator made. */
  networkPolicies: Informer<NetworkPolicy>;
  namespaceLabels: (name: string) => Record<string, string> | undefined;
}

interface Change {
  code: 'Made' | 'Changed' | 'Mended' | 'Removed';
  policy: NetworkPolicy;
}
/** Facts never change, so what they ask is written once. */
const questions = new WeakMap<AdmissionFacts, string>();

function questionOf(facts: AdmissionFacts): string {
  let question = questions.get(facts);
  if (question === undefined) questions.set(facts, (question = JSON.stringify([facts.data!.operationType, facts.pod!.labels, facts.data!.regulations, facts.data!.agreements])));
  return question;
}

const LONGEST_WAIT_MS = 24 * 60 * 60_000;
/** By then the watch has told of a label that was written, or none was. */
const LABELLED_WITHIN_MS = 10_000;

export class NetworkReconciler implements Reconciler {
  readonly name = 'NetworkPolicy';
  /** As last applied: what differs from it was changed by somebody else. */
  readonly #applied = new Map<string, unknown>();
  /** Namespaces in which a pod is about to be labelled, so that their cut stays until then; ms since the epoch. */
  readonly #cutting = new Map<string, number>();

  constructor(private readonly sources: NetworkSources) {}

  async reconcile(namespace: string): Promise<PassResult> {
    const wanted = this.#wanted(namespace);
    const changes: Change[] = [];
    for (const policy of wanted.policies) {
      const change = await this.#apply(policy);
      if (change) changes.push(change);
    }
    for (const policy of this.#present(namespace)) if (!wanted.policies.some(({ metadata }) => metadata.name === policy.metadata.name)) changes.push(await this.#remove(policy));
    const again = wanted.nextEnd === undefined ? {} : { againMs: Math.min(LONGEST_WAIT_MS, Math.max(0, wanted.nextEnd - Date.now())) };
    if (changes.length === 0) return { quiet: 'its NetworkPolicies are as the traffic light wants them', ...again };
    return { receiptId: await this.#report(namespace, changes), ...again };
  }

  /** Before a pod is labelled: so that it is cut off from the moment on at which it is. */
  async cutOff(namespace: string): Promise<void> {
    this.#cutting.set(namespace, Date.now() + LABELLED_WITHIN_MS);
    await this.#apply(cutPolicy(namespace));
  }

  showFailure(): Promise<void> {
    return Promise.resolve();
  }

  #present(namespace: string): NetworkPolicy[] {
    return this.sources.networkPolicies.list().filter(({ metadata }) => metadata.namespace === namespace);
  }

  #wanted(namespace: string): { policies: NetworkPolicy[]; nextEnd: number | undefined } {
    const { client, running, namespaceLabels, encClusters } = this.sources;
    const set = client.policySet();
    const labels = namespaceLabels(namespace) ?? {};
    const cluster = enforcingCluster(set, { name: namespace, labels });
    if (cluster === null) return { policies: [], nextEnd: undefined };
    const elsewhere = new Set((encClusters.get(cluster)?.metadata.annotations?.[ENFORCES_ANNOTATION] ?? '').split(',').map((type) => type.trim()));
    const time = Date.now();
    const cutting = this.#cutting.get(namespace) ?? 0;
    if (cutting <= time) this.#cutting.delete(namespace);
    const anyCut = cutting > time || running.inNamespace(namespace).some(({ metadata }) => metadata.labels?.[RUNTIME_LABELS.cut] === 'true');
    const groups = this.#groups(namespace, labels);
    const ends = [nextEnd(groups, set, time), cutting > time ? cutting : undefined].filter((end) => end !== undefined);
    return { policies: wantedPolicies(namespace, groups, set, { time, elsewhere, anyCut }), nextEnd: ends.length > 0 ? Math.min(...ends) : undefined };
  }

  /** Pods of one class and region ask few distinct questions; each is asked once. */
  #groups(name: string, labels: Record<string, string>): Group[] {
    const groups = new Map<string, { group: Omit<Group, 'facts'>; facts: Map<string, AdmissionFacts> }>();
    for (const { metadata } of this.sources.running.inNamespace(name)) {
      const facts = this.sources.admissions.known(metadata.uid);
      if (!facts?.data || !facts.pod) continue;
      const { classification, sourceRegion } = facts.data;
      const key = `${classification}/${sourceRegion}`;
      const entry = groups.get(key) ?? { group: { classification, sourceRegion }, facts: new Map<string, AdmissionFacts>() };
      // Of those who ask the same, the one that came first: its time is up first.
      const question = questionOf(facts);
      const time = Math.min(facts.time, entry.facts.get(question)?.time ?? facts.time);
      entry.facts.set(question, { ...facts, time, namespace: { name, labels } });
      groups.set(key, entry);
    }
    return [...groups.values()].map(({ group, facts }) => ({ ...group, facts: [...facts.values()] }));
  }

  async #apply(policy: NetworkPolicy): Promise<Change | undefined> {
    const { name, namespace = '' } = policy.metadata;
    const key = `${namespace}/${name}`;
    const live = this.sources.networkPolicies.get(key);
    const content = { spec: policy.spec, lights: policy.metadata.annotations?.[LIGHTS_ANNOTATION] };
    const asWanted = live !== undefined && isDeepStrictEqual(live.spec, policy.spec) && live.metadata.annotations?.[LIGHTS_ANNOTATION] === content.lights;
    if (asWanted) {
      this.#applied.set(key, content);
      return undefined;
    }
    const before = this.#applied.get(key);
    await serverSideApply(this.sources.api, RESOURCES.NetworkPolicy, policy);
    this.#applied.set(key, content);
    // The cut is applied before the watch has told of it.
    if (live === undefined && name === CUT_POLICY && before !== undefined && isDeepStrictEqual(before, content)) return undefined;
    if (before !== undefined && isDeepStrictEqual(before, content)) return { code: 'Mended', policy };
    return { code: live ? 'Changed' : 'Made', policy };
  }

  async #remove(policy: NetworkPolicy): Promise<Change> {
    const { name, namespace, uid } = policy.metadata;
    try {
      await this.sources.api.delete(RESOURCES.NetworkPolicy.path(name, namespace), { preconditions: { uid } });
    } catch (error) {
      if (!isKubeError(error, 'NotFound', 'Conflict')) throw error;
    }
    this.#applied.delete(`${namespace}/${name}`);
    return { code: 'Removed', policy };
  }

  async #report(namespace: string, changes: readonly Change[]): Promise<string> {
    for (const { code } of changes) this.sources.metrics.networkPolicies.inc({ code });
    const mended = changes.filter(({ code }) => code === 'Mended').map(({ policy }) => policy.metadata.name);
    const { transactionId } = await this.sources.chain.send('reconcile.report', {
      object: { kind: 'NetworkPolicy', namespace, name: changes[0]!.policy.metadata.name, uid: '' },
      generation: 0,
      outcome: 'applied',
      reason: mended.length > 0 ? `somebody changed or deleted ${mended.join(', ')}; put right` : 'the traffic light of the data in this namespace',
      actions: changes.slice(0, 16).map(({ code, policy }) => `${code} ${policy.metadata.name}: ${policy.metadata.annotations?.[LIGHTS_ANNOTATION] ?? 'no traffic'}`.slice(0, 500)),
    });
    return transactionId;
  }
}
