// The one rule of the comparison in three languages: a pod of Restricted EU data may ask for EU nodes only.
import { withDefaults } from '../../api/defaults.js';
import type { BisoPolicySpec } from '../../api/index.js';
import { CLASSIFICATIONS, LABELS } from '../../api/labels.js';
import { NAMESPACE } from './load.js';

const label = (object: string, key: string) => `(has(${object}) && "${key}" in ${object} ? ${object}["${key}"] : "")`;
const RULE = [
  `${label('object.metadata.labels', LABELS.dataClassification)} != "Restricted"`,
  `${label('object.metadata.labels', LABELS.dataRegion)} != "EU"`,
  `${label('object.spec.nodeSelector', LABELS.region)} == "EU"`,
].join(' || ');
const PODS = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
const MESSAGE = 'Restricted data of the EU stays in the EU';
const HERE = { matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } };

export const admissionPolicy = [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'bench' },
    spec: { failurePolicy: 'Fail', matchConstraints: { resourceRules: [PODS] }, validations: [{ expression: RULE, message: MESSAGE }] },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'bench' },
    spec: { policyName: 'bench', validationActions: ['Deny'], matchResources: { namespaceSelector: HERE } },
  },
];

export const kyvernoPolicy = {
  apiVersion: 'policies.kyverno.io/v1',
  kind: 'ValidatingPolicy',
  metadata: { name: 'bench' },
  spec: {
    validationActions: ['Deny'],
    failurePolicy: 'Fail',
    autogen: { podControllers: { controllers: [] } },
    evaluation: { background: { enabled: false } },
    matchConstraints: { namespaceSelector: HERE, resourceRules: [PODS] },
    validations: [{ expression: RULE, message: MESSAGE }],
  },
};

const clause = { text: MESSAGE, regulation: 'GDPR', article: 'Art. 44', cure: 'ask for EU nodes' };
export const ownPolicy = withDefaults('BisoPolicy', {
  description: MESSAGE,
  regions: ['EU'],
  classifications: ['Restricted'],
  enforcement: 'pre-scheduling',
  violationAction: 'reject_workload',
  rules: [{ name: 'stays', requirement: { regions: ['EU'] }, clause }],
} as BisoPolicySpec);

/** One in four concerns the measured pods, and holds; the others speak of other classes of data. */
export function otherPolicy(index: number): BisoPolicySpec {
  return withDefaults('BisoPolicy', {
    description: `Limit ${index}.`,
    regions: ['EU'],
    classifications: [CLASSIFICATIONS[index % CLASSIFICATIONS.length]!],
    enforcement: 'pre-scheduling',
    violationAction: 'reject_workload',
    rules: [{ name: 'limit', requirement: { expression: `pod.cpuMillis <= ${4_000 + index}` }, clause: { text: `A pod takes at most ${4_000 + index} mCPU.` } }],
  } as BisoPolicySpec);
}
