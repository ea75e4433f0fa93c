// Finds pods that the ledger still counts but the cluster no longer has: deleted while no operator ran, or never stored after their admission.
import type { AdmissionRecord } from '../../chain/types.js';

/** A pod that was just admitted may not be stored yet. */
const GRACE_MS = 60_000;

export interface SweepInput {
  admissions: readonly AdmissionRecord[];
  /** EncClusters of this Kubernetes cluster; pods of others are not ours to judge. */
  clusters: ReadonlySet<string>;
  exists: (uid: string) => boolean;
  /** Chain time, ms. */
  now: number;
}

export function gonePods({ admissions, clusters, exists, now }: SweepInput): string[] {
  return admissions
    .map(({ facts }) => facts)
    .filter(
      ({ object, cluster, time }) =>
        object.kind === 'Pod' && cluster !== null && clusters.has(cluster) && now - time > GRACE_MS && !exists(object.uid),
    )
    .map(({ object }) => object.uid);
}
