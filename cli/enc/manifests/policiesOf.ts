// A policy set from files, as the ledger would have it if everything in them were in force.
import { formatFieldErrors, type FieldError } from '../../../api/fieldError.js';
import type { Agreement, BisoPolicy, EncCluster, PolicyException, Resource, ResourceByKind, TrafficRule } from '../../../api/index.js';
import { API_VERSION, KINDS, type Kind } from '../../../api/labels.js';
import { withDefaults } from '../../../api/defaults.js';
import { validateResource } from '../../../api/validate/validateResource.js';
import { agreementHash } from '../../../chain/client/agreementSignatures.js';
import { exceptionSignatureErrors } from '../../../chain/client/exceptionSignatures.js';
import type { Named, PolicySet } from '../../../policy/types.js';
import { validateBisoPolicy, validateTrafficRule } from '../../../policy/validatePolicy.js';
import { CliError } from '../../bpci/cliError.js';
import type { Manifest } from './readManifests.js';

/** What a policy set is made of. */
const NO_POLICY: readonly string[] = ['Workload', 'Proposal', 'Dispute'] satisfies Kind[];
type PolicyKind = Exclude<Kind, 'Workload' | 'Proposal' | 'Dispute'>;

export const isOurs = ({ apiVersion, kind }: Manifest): boolean => apiVersion === API_VERSION && (KINDS as readonly string[]).includes(kind);
const isPolicy = (manifest: Manifest) => isOurs(manifest) && !NO_POLICY.includes(manifest.kind);

function meaningErrors(resource: Resource): FieldError[] {
  switch (resource.kind) {
    case 'BisoPolicy':
      return validateBisoPolicy((resource as BisoPolicy).spec);
    case 'TrafficRule':
      return validateTrafficRule((resource as TrafficRule).spec);
    case 'PolicyException':
      return exceptionSignatureErrors(resource.metadata.name, resource.spec as PolicyException['spec']);
    default:
      return [];
  }
}

/** Throws CliError naming file, object and field. */
export function mustBeValid(manifest: Manifest): void {
  const resource = manifest as unknown as Resource;
  const shape = validateResource(resource);
  const errors = shape.length > 0 ? shape : meaningErrors(resource);
  if (errors.length > 0) throw new CliError(`${manifest.file}: ${manifest.kind} ${manifest.metadata.name}: ${formatFieldErrors(errors)}`);
}

function named<K extends PolicyKind>(manifests: readonly Manifest[], kind: K): Named<ResourceByKind[K]['spec']>[] {
  const found = new Map<string, Named<ResourceByKind[K]['spec']>>();
  for (const manifest of manifests.filter((one) => one.kind === kind)) {
    const { name } = manifest.metadata;
    found.set(name, { name, uid: '', generation: 1, spec: withDefaults(kind, manifest.spec as never) });
  }
  return [...found.values()];
}

/** `base` with the objects of the files put in the place of those of their kind and name. Agreements in files count as in force within their dates. */
export function policiesOf(manifests: readonly Manifest[], base?: PolicySet): PolicySet {
  const ours = manifests.filter(isPolicy);
  ours.forEach(mustBeValid);
  const over = <T extends { name: string }>(before: readonly T[] | undefined, put: readonly T[]): T[] => [...(before ?? []).filter(({ name }) => !put.some((one) => one.name === name)), ...put];
  return {
    policyHeight: base?.policyHeight ?? 0,
    clusters: over<Named<EncCluster['spec']>>(base?.clusters, named(ours, 'EncCluster')),
    agreements: over(base?.agreements, named(ours, 'Agreement').map((agreement) => ({ ...agreement, state: 'InForce' as const, hash: agreementHash(agreement.spec as Agreement['spec']) }))),
    policies: over(base?.policies, named(ours, 'BisoPolicy')),
    rules: over(base?.rules, named(ours, 'TrafficRule')),
    exceptions: over(base?.exceptions, named(ours, 'PolicyException')),
  };
}
