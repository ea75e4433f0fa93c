// Whether a node proves what it is, where an EncCluster demands that for a class of data (agreement 1.2).
import { withDefaults } from '../../api/defaults.js';
import type { AdmissionFacts, LedgerNode, PolicySet } from '../types.js';

export interface AttestationDemand {
  /** Allowed PCR values by index; an index that is not named may have any. */
  pcrs: Record<string, string[]>;
  /** Allowed attestation keys, sha256 of x ‖ y; any where the list is empty. */
  keys: string[];
  maxAgeSeconds: number;
  /** Block time, ms. */
  now: number;
}

/** undefined when the pod's cluster demands nothing for its data. */
export function attestationDemand({ clusters }: PolicySet, { cluster, data, time }: AdmissionFacts): AttestationDemand | undefined {
  const spec = clusters.find(({ name }) => name === cluster)?.spec;
  if (!spec?.attestation || data === null) return undefined;
  const { classifications, pcrs, keys, maxAgeSeconds } = withDefaults('EncCluster', spec).attestation!;
  if (!classifications.includes(data.classification)) return undefined;
  return { pcrs: Object.fromEntries(pcrs.map(({ index, sha256 }) => [String(index), sha256])), keys, maxAgeSeconds, now: time };
}

/** Why the node's proof is not good enough; undefined when it is. */
export function unattested({ attested }: LedgerNode, { pcrs, keys, maxAgeSeconds, now }: AttestationDemand): string | undefined {
  if (!attested) return 'without a TPM quote';
  if (now - attested.time > 1_000 * maxAgeSeconds) return 'whose TPM quote is too old';
  if (keys.length > 0 && !keys.includes(attested.keyHash)) return 'with an attestation key that is not allowed';
  const wrong = Object.entries(pcrs).find(([index, allowed]) => !allowed.includes(attested.pcrs[index] ?? ''));
  return wrong && `with a value of PCR ${wrong[0]} that is not allowed`;
}
