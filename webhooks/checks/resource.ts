// The custom resources: what their schema cannot say, what the ledger would refuse, and who may write their status.
import { withDefaults } from '../../api/defaults.js';
import { showValue, type FieldError } from '../../api/fieldError.js';
import type { Agreement, BisoPolicy, Dispute, PolicyException, Proposal, Resource, TrafficRule, Workload } from '../../api/index.js';
import { ANNOTATIONS, FINALIZER, LABELS, SCHEDULER_NAME, type Kind } from '../../api/labels.js';
import { validateResource } from '../../api/validate/validateResource.js';
import { verifyAgreementSignatures } from '../../chain/client/agreementSignatures.js';
import { disputeSignatureErrors } from '../../chain/client/disputeObject.js';
import { exceptionSignatureErrors } from '../../chain/client/exceptionSignatures.js';
import { proposalSignatureErrors } from '../../chain/client/proposalObject.js';
import { inForce } from '../../policy/court/checkAgreements.js';
import { missingApprovals } from '../../policy/missingApprovals.js';
import { podFactsFrom } from '../../policy/pod/podFacts.js';
import type { PodLike } from '../../policy/pod/podLike.js';
import type { AdmissionFacts, PolicySet, Violation } from '../../policy/types.js';
import { validateBisoPolicy, validateTrafficRule } from '../../policy/validatePolicy.js';
import { contradictingPolicies, overlappingRules, shadowingRules } from '../../policy/overlaps.js';
import { guard } from '../../policy/violation.js';
import type { AdmissionRequest } from '../admission/review.js';
import { factsOf, type Check, type CheckContext, type Warn } from './check.js';
import { enforcementOf } from './enforcement.js';

const fieldGuard = ({ path, value, message, cure }: FieldError): Violation => guard('InvalidField', `${path}: ${showValue(value)} ${message}`, cure);

const objectOf = ({ kind, namespace, name, object, oldObject }: AdmissionRequest): AdmissionFacts['object'] => {
  const metadata = (object ?? oldObject)?.metadata;
  return { kind: kind.kind, namespace, name: name || metadata?.name || `${metadata?.generateName ?? ''}*`, uid: metadata?.uid ?? '', specHash: '' };
};

/** What of an object its kind's meaning forbids, beyond its shape. */
function meaningErrors(resource: Resource, chainId: string): FieldError[] {
  switch (resource.kind) {
    case 'BisoPolicy':
      return validateBisoPolicy((resource as BisoPolicy).spec);
    case 'TrafficRule':
      return validateTrafficRule((resource as TrafficRule).spec);
    case 'Agreement':
      return verifyAgreementSignatures((resource as Agreement).spec).errors; // missing ones leave a draft
    case 'PolicyException':
      return exceptionSignatureErrors(resource.metadata.name ?? '', (resource as PolicyException).spec);
    case 'Proposal':
      return proposalSignatureErrors(chainId, (resource as Proposal).spec);
    case 'Dispute':
      return disputeSignatureErrors(chainId, (resource as Dispute).spec);
    case 'EncCluster':
    case 'Workload':
      return [];
  }
}

/** Agreements in force that require the policy unchanged (docs/adr/0003). */
export function requiredBy(set: PolicySet, policy: string, time: number): string[] {
  return set.agreements
    .filter((agreement) => inForce(agreement, time) && agreement.spec.terms.requiredPolicies.includes(policy))
    .map(({ name }) => name);
}

/** Without its finalizer an object could be gone from the cluster while it stays in force on the ledger. */
function finalizerGuards({ operation, user, name, object, oldObject, kind }: AdmissionRequest, { operatorUser }: CheckContext): Violation[] {
  const held = (of: AdmissionRequest['object']) => of?.metadata?.finalizers?.includes(FINALIZER) ?? false;
  if (operation !== 'UPDATE' || user === operatorUser || !held(oldObject) || held(object)) return [];
  const message = `finalizer ${FINALIZER} of ${kind.kind} ${name} is taken off by ${user}; only ${operatorUser} does that, when the ledger has let go of it`;
  return [guard('FinalizerTaken', message, 'delete the object and wait; kubectl enc explain tells what holds it')];
}

function pinnedPolicyGuards(request: AdmissionRequest, context: CheckContext): Violation[] {
  if (request.kind.kind !== 'BisoPolicy' || request.operation === 'CREATE') return [];
  if (request.operation === 'UPDATE' && JSON.stringify(request.object?.spec) === JSON.stringify(request.oldObject?.spec)) return [];
  // The API server deletes collections object by object without naming them in the request.
  const { name } = objectOf(request);
  const agreements = requiredBy(context.client.policySet(), name, context.now());
  return agreements.map((agreement) =>
    guard(
      'RequiredByAgreement',
      `policy ${name} is required unchanged by Agreement ${agreement}, which is in force`,
      'have the parties agree on a successor agreement first',
    ),
  );
}

/** A Workload's template as the pod it will become, so that a refusal is known when the Workload is applied. */
async function workloadQuestion(request: AdmissionRequest, context: CheckContext): Promise<Partial<AdmissionFacts>> {
  const workload = request.object as unknown as Workload;
  const { spec } = workload;
  const enforcement = await enforcementOf(request.namespace, context);
  if (!enforcement)
    return {
      guards: [
        guard(
          'NamespaceNotEnforced',
          `namespace ${request.namespace} is not enforced by any registered EncCluster`,
          "label it as the EncCluster's enforcedNamespaceSelector asks, and register the EncCluster first",
        ),
      ],
    };
  const known = context.client.policySet().clusters.some(({ name }) => name === spec.clusterRef);
  const data: AdmissionFacts['data'] = {
    classification: spec.dataClassification,
    sourceRegion: spec.dataRegion,
    destinationRegions: [...new Set(spec.destinationRegions ?? [])].toSorted(),
    operationType: spec.operationType,
    regulations: [...new Set(spec.regulatoryContext?.regulations ?? [])].toSorted(),
    agreements: [...new Set(spec.agreementRefs ?? [])].toSorted(),
  };
  const labels = {
    ...spec.template.metadata?.labels,
    [LABELS.workload]: request.name,
    [LABELS.cluster]: enforcement.cluster,
    [LABELS.dataClassification]: data.classification,
    [LABELS.dataRegion]: data.sourceRegion,
    [LABELS.operationType]: data.operationType,
  };
  const annotations = { ...spec.template.metadata?.annotations, [ANNOTATIONS.agreements]: data.agreements.join(',') };
  const pod = { metadata: { labels, annotations }, spec: { ...spec.template.spec, schedulerName: SCHEDULER_NAME } } as PodLike;
  const guards = known
    ? []
    : [
        guard(
          'UnknownCluster',
          `spec.clusterRef names EncCluster "${spec.clusterRef}", which is not registered`,
          'apply the EncCluster and wait until it is Registered',
        ),
      ];
  return { ...enforcement, data, pod: podFactsFrom(pod), guards };
}

async function questionOf(request: AdmissionRequest, context: CheckContext): Promise<Partial<AdmissionFacts>> {
  const resource = request.object as unknown as Resource;
  const shape = validateResource(resource, (request.oldObject ?? undefined) as unknown as Resource | undefined);
  const errors = shape.length > 0 ? shape : meaningErrors(resource, context.client.chainId);
  if (errors.length > 0) return { guards: errors.map(fieldGuard) };
  return (resource.kind as Kind) === 'Workload' ? workloadQuestion(request, context) : {};
}

/** Updates of metadata alone (finalizers, labels) are not a new question. */
const specUnchanged = ({ operation, object, oldObject }: AdmissionRequest) =>
  operation === 'UPDATE' && JSON.stringify(object?.spec) === JSON.stringify(oldObject?.spec);

export const checkResource: Check = async (request, context) => {
  const pinned = pinnedPolicyGuards(request, context);
  if (request.operation === 'DELETE') return pinned.length === 0 ? null : factsOf(request, context, { object: objectOf(request), guards: pinned });
  const taken = finalizerGuards(request, context);
  if (taken.length > 0) return factsOf(request, context, { object: objectOf(request), guards: taken });
  if (specUnchanged(request)) return null;
  const question = await questionOf(request, context);
  return factsOf(request, context, { object: objectOf(request), ...question, guards: [...pinned, ...(question.guards ?? [])] });
};

/** The status of this project's resources is what the chain finalised; only the operator writes it. */
export const checkStatus: Check = async (request, context) => {
  if (request.user === context.operatorUser) return null;
  const message = `status of ${request.kind.kind} ${request.name} is written by ${context.operatorUser} only, not by ${request.user}`;
  return factsOf(request, context, {
    object: objectOf(request),
    guards: [guard('StatusEditedByHand', message, 'leave the status alone; it follows what the chain has finalised')],
  });
};

/** What works otherwise than its author may think: overlaps, contradictions, exceptions that nobody has approved yet. */
export const warnOfMeaning: Warn = (request, { client }) => {
  const { kind, metadata, spec } = request.object as unknown as Resource;
  const named = { name: metadata.name ?? request.name, uid: '', generation: 0 };
  if (kind === 'TrafficRule') {
    const applied = { ...named, spec: spec as TrafficRule['spec'] };
    return [...shadowingRules(client.policySet(), applied), ...overlappingRules(client.policySet(), applied)];
  }
  if (kind === 'BisoPolicy') return contradictingPolicies(client.policySet(), { ...named, spec: spec as BisoPolicy['spec'] });
  if (kind === 'PolicyException') return missingApprovals(client.policySet(), withDefaults('PolicyException', spec as PolicyException['spec']));
  return [];
};
