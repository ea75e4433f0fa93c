// Makes of a Workload's template the pods that carry its identity: labels, annotations and the scheduler that places by consensus.
import type { Workload } from '../../api/index.js';
import { ANNOTATIONS, LABELS, SCHEDULER_NAME } from '../../api/labels.js';
import type { DataFacts } from '../../policy/types.js';

/** Sorted and without repetition, so that the same workload is the same data whatever the order it was written in. */
const set = (values: readonly string[]) => [...new Set(values)].toSorted();

export function dataOf({ spec }: Workload): DataFacts {
  return {
    classification: spec.dataClassification,
    sourceRegion: spec.dataRegion,
    destinationRegions: set(spec.destinationRegions),
    operationType: spec.operationType,
    regulations: set(spec.regulatoryContext.regulations),
    agreements: set(spec.agreementRefs),
  };
}

export interface IdentifiedTemplate {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: Record<string, unknown> & { schedulerName: string };
}

export function podTemplate(workload: Workload): IdentifiedTemplate {
  const { template, kind } = workload.spec;
  const data = dataOf(workload);
  const lists = {
    [ANNOTATIONS.destinationRegions]: data.destinationRegions,
    [ANNOTATIONS.regulations]: data.regulations,
    [ANNOTATIONS.agreements]: data.agreements,
  };
  return {
    metadata: {
      labels: {
        ...template.metadata?.labels,
        [LABELS.workload]: workload.metadata.name,
        [LABELS.dataClassification]: data.classification,
        [LABELS.dataRegion]: data.sourceRegion,
        [LABELS.operationType]: data.operationType,
      },
      annotations: {
        ...template.metadata?.annotations,
        ...Object.fromEntries(Object.entries(lists).flatMap(([key, values]) => (values.length > 0 ? [[key, values.join(',')]] : []))),
      },
    },
    spec: { ...(kind === 'Job' ? { restartPolicy: 'Never' } : {}), ...template.spec, schedulerName: SCHEDULER_NAME },
  };
}
