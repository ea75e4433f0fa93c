// What a Workload must satisfy beyond its schema, so that the pods made of its template can be admitted and placed (agreement 1.3).
import type { FieldError } from '../fieldError.js';
import type { Workload, WorkloadSpec } from '../index.js';
import { withDefaults } from '../defaults.js';
import { ANNOTATIONS, LABELS, SCHEDULER_NAME } from '../labels.js';
import { duplicateErrors } from './duplicates.js';
import { isLabelValue, labelErrors } from './labelSyntax.js';
import { schemaErrors } from './schemaErrors.js';

const RESTART_POLICIES = { Deployment: ['Always'], Job: ['Never', 'OnFailure'] } as const;
const TEMPLATE = 'spec.template';

function podErrors({ template, kind }: WorkloadSpec): FieldError[] {
  const { nodeName, schedulerName, restartPolicy, containers } = template.spec;
  const errors: FieldError[] = duplicateErrors(`${TEMPLATE}.spec.containers`, containers, 'name', 'give each container a name of its own');
  if (nodeName !== undefined)
    errors.push({
      path: `${TEMPLATE}.spec.nodeName`,
      value: nodeName,
      message: 'must not be set: pods are placed by consensus',
      cure: 'choose nodes with nodeSelector or affinity',
    });
  if (schedulerName !== undefined && schedulerName !== SCHEDULER_NAME)
    errors.push({
      path: `${TEMPLATE}.spec.schedulerName`,
      value: schedulerName,
      message: 'cannot place pods of a Workload',
      cure: `leave it out, or use ${SCHEDULER_NAME}`,
    });
  const allowed: readonly unknown[] = RESTART_POLICIES[kind];
  if (restartPolicy !== undefined && !allowed.includes(restartPolicy))
    errors.push({
      path: `${TEMPLATE}.spec.restartPolicy`,
      value: restartPolicy,
      message: `does not go with kind ${kind}`,
      cure: `leave it out, or use ${allowed.join(' or ')}`,
    });
  return errors;
}

/** The template must not state data of another class or place than the Workload does. */
function identityErrors({ template, dataClassification, dataRegion, operationType }: WorkloadSpec, name: string): FieldError[] {
  const stated: Record<string, string> = {
    [LABELS.workload]: name,
    [LABELS.dataClassification]: dataClassification,
    [LABELS.dataRegion]: dataRegion,
    [LABELS.operationType]: operationType,
  };
  const labels = template.metadata?.labels ?? {};
  const contradictions = Object.entries(stated).flatMap(([key, wanted]) =>
    labels[key] === undefined || labels[key] === wanted
      ? []
      : [
          {
            path: `${TEMPLATE}.metadata.labels[${key}]`,
            value: labels[key],
            message: `contradicts the Workload, which says ${wanted}`,
            cure: 'leave the label out: the operator sets it',
          },
        ],
  );
  const annotations = Object.values(ANNOTATIONS)
    .filter((key) => template.metadata?.annotations?.[key] !== undefined)
    .map((key) => ({
      path: `${TEMPLATE}.metadata.annotations[${key}]`,
      value: template.metadata!.annotations![key],
      message: 'is set by the operator from the Workload',
      cure: 'leave it out, and use the fields of spec',
    }));
  return [...contradictions, ...annotations];
}

export function validateWorkload(object: Workload, old?: Workload): FieldError[] {
  const shape = schemaErrors('Workload', object);
  if (shape.length > 0) return shape;
  const spec = withDefaults('Workload', object.spec);
  const { name } = object.metadata;
  const errors = [
    ...podErrors(spec),
    ...labelErrors(`${TEMPLATE}.metadata.labels`, spec.template.metadata?.labels),
    ...labelErrors(`${TEMPLATE}.spec.nodeSelector`, spec.template.spec.nodeSelector),
    ...identityErrors(spec, name),
  ];
  if (!isLabelValue(name))
    errors.push({ path: 'metadata.name', value: name, message: 'cannot label its pods', cure: 'use a name of at most 63 characters' });
  if ((spec.operationType === 'Transfer' || spec.operationType === 'Replicate') && spec.destinationRegions.length === 0)
    errors.push({
      path: 'spec.destinationRegions',
      value: [],
      message: `is empty, but operationType is ${spec.operationType}`,
      cure: 'name the regions the data is sent to, or use Process, Store or Analyze',
    });
  if (spec.destinationRegions.length > 1 && spec.destinationRegions.includes('Global'))
    errors.push({
      path: 'spec.destinationRegions',
      value: spec.destinationRegions,
      message: 'names regions beside Global, which means every region',
      cure: 'name Global alone, or the regions',
    });
  if (old && old.spec.kind !== spec.kind)
    errors.push({
      path: 'spec.kind',
      value: spec.kind,
      message: `cannot be changed from ${old.spec.kind}`,
      cure: 'delete the Workload and make a new one',
    });
  return errors;
}
