// Shows a pod's owner how its placement goes: the PodScheduled condition and the events that kube-scheduler would record.
import type { EventRecorder } from '../runtime/eventRecorder.js';
import type { KubeApi } from '../runtime/kubeApi.js';
import { isKubeError } from '../runtime/kubeError.js';
import { RESOURCES, type Pod } from '../runtime/kubeObject.js';

export interface Bound {
  node: string;
  why: string;
  height: number;
  receiptId: string;
}

export class PodShow {
  constructor(
    private readonly api: KubeApi,
    private readonly events: EventRecorder,
  ) {}

  async bound(pod: Pod, { node, why, height, receiptId }: Bound): Promise<void> {
    const { namespace, name } = pod.metadata;
    const proof = receiptId === '' ? `decision at height ${height}` : `decision at height ${height}, receipt ${receiptId}`;
    await this.events.record(pod, {
      type: 'Normal',
      reason: 'Scheduled',
      note: `Successfully assigned ${namespace}/${name} to ${node}: ${why} (${proof})`,
      action: 'Binding',
    });
  }

  /** PodScheduled=False, as kube-scheduler sets it; `reason` is Unschedulable, or SchedulerError when it is no matter of placement. */
  async failed(pod: Pod, reason: 'Unschedulable' | 'SchedulerError', message: string): Promise<void> {
    await this.events.record(pod, { type: 'Warning', reason: 'FailedScheduling', note: message, action: 'Scheduling' });
    const present = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (present?.status === 'False' && present.reason === reason && present.message === message) return;
    const { namespace, name, uid } = pod.metadata;
    const condition = { type: 'PodScheduled', status: 'False', reason, message, lastTransitionTime: new Date().toISOString() };
    try {
      await this.api.patch(`${RESOURCES.Pod.path(name, namespace)}/status`, 'application/strategic-merge-patch+json', {
        metadata: { uid },
        status: { conditions: [condition] },
      });
    } catch (error) {
      if (!isKubeError(error, 'NotFound', 'Conflict')) throw error;
    }
  }

  async complain(pod: Pod, reason: string, message: string): Promise<void> {
    await this.events.record(pod, { type: 'Warning', reason, note: message, action: 'Scheduling' });
  }
}
