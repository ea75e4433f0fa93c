// Tells of pods that run past the API server: an event of their node, a count, and a receipt that says which and where.
import type { ChainWriter } from '../ledger/chainWriter.js';
import type { StatsSummary } from '../metering/podUsage.js';
import { describeError } from '../runtime/describeError.js';
import type { EventRecorder } from '../runtime/eventRecorder.js';
import type { Node } from '../runtime/kubeObject.js';
import type { Logger } from '../runtime/logger.js';
import type { OperatorMetrics } from '../runtime/metrics.js';
import { HiddenPods, hiddenPodText, type HiddenPod, type KnownPods } from './hiddenPods.js';

export interface HiddenPodSources {
  chain: Pick<ChainWriter, 'send'>;
  events: Pick<EventRecorder, 'record'>;
  logger: Logger;
  metrics: Pick<OperatorMetrics, 'hiddenPods'>;
  running: KnownPods;
  node: (name: string) => Node | undefined;
}

export class HiddenPodWatch {
  readonly #pods: HiddenPods;

  constructor(private readonly sources: HiddenPodSources) {
    this.#pods = new HiddenPods(sources.running);
  }

  look(node: string, summary: StatsSummary): void {
    for (const pod of this.#pods.look(node, summary)) void this.#tell(node, pod);
  }

  /** Never rejects: what could not be recorded is told at the next look. */
  async #tell(node: string, pod: HiddenPod): Promise<void> {
    this.#pods.told(node, pod);
    const { chain, events, logger, metrics } = this.sources;
    const reason = hiddenPodText(node, pod);
    const object = this.sources.node(node);
    try {
      const reference = { kind: 'Node', namespace: '', name: node, uid: object?.metadata.uid ?? '' };
      const { transactionId } = await chain.send('reconcile.report', { object: reference, generation: 0, outcome: 'failed', reason, actions: [`found: pod ${pod.namespace}/${pod.name}`] });
      metrics.hiddenPods.inc();
      logger.error(reason, { code: 'HiddenPod', node, receiptId: transactionId });
      if (object) await events.record(object, { type: 'Warning', reason: 'HiddenPod', note: `${reason} (receipt ${transactionId})`, action: 'Look' });
    } catch (error) {
      this.#pods.untold(node, pod);
      const { code, message } = describeError(error);
      logger.warn(`a pod that runs past the API server could not be recorded: ${message}`, { code, node, reason });
    }
  }
}
