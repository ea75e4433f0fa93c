// What an EncCluster must satisfy beyond its schema (the plan: EncClusterRegistration).
import type { FieldError } from '../fieldError.js';
import type { EncCluster } from '../index.js';
import { withDefaults } from '../defaults.js';
import { duplicateErrors } from './duplicates.js';
import { selectorErrors } from './labelSyntax.js';
import { schemaErrors } from './schemaErrors.js';

const MAX_PORT = 65_535;

function endpointErrors(path: string, endpoints: readonly string[], most: number, of: string): FieldError[] {
  const ports = endpoints.flatMap((endpoint, index) => {
    const port = /:(\d+)\/?$/.exec(endpoint)?.[1];
    const bad = port !== undefined && (Number(port) < 1 || Number(port) > MAX_PORT);
    return bad ? [{ path: `${path}[${index}]`, value: endpoint, message: 'has no possible port', cure: `use a port from 1 to ${MAX_PORT}` }] : [];
  });
  const many =
    endpoints.length > most
      ? [{ path, value: endpoints.length, message: `endpoints are more than the ${most} ${of}`, cure: 'name at most one for each' }]
      : [];
  return [...many, ...ports];
}

export function validateEncCluster(object: EncCluster, old?: EncCluster): FieldError[] {
  const shape = schemaErrors('EncCluster', object);
  if (shape.length > 0) return shape;
  const spec = withDefaults('EncCluster', object.spec);
  const errors = [
    ...endpointErrors('spec.validators.endpoints', spec.validators.endpoints, spec.validators.size, 'validators'),
    ...endpointErrors('spec.relays.endpoints', spec.relays.endpoints, spec.relays.count, 'relays'),
    ...selectorErrors('spec.nodeSelector', spec.nodeSelector),
    ...selectorErrors('spec.enforcedNamespaceSelector', spec.enforcedNamespaceSelector),
  ];
  const { approvers = [], required = 0 } = spec.breakGlass ?? {};
  errors.push(...duplicateErrors('spec.breakGlass.approvers', approvers, 'publicKey', 'let each approver have a key of its own'));
  if (required > approvers.length)
    errors.push({ path: 'spec.breakGlass.required', value: required, message: 'is more than there are approvers', cure: 'name more approvers, or require fewer' });
  if (spec.validators.size === 2)
    errors.push({
      path: 'spec.validators.size',
      value: 2,
      message: 'tolerates no fault and stops with either',
      cure: 'use 1 for development, or 4 and more',
    });
  if (old && old.spec.clusterId !== spec.clusterId)
    errors.push({
      path: 'spec.clusterId',
      value: spec.clusterId,
      message: `cannot be changed from ${old.spec.clusterId}`,
      cure: 'delete the EncCluster and register a new one',
    });
  if (old && JSON.stringify(withDefaults('EncCluster', old.spec).breakGlass) !== JSON.stringify(spec.breakGlass))
    errors.push({
      path: 'spec.breakGlass',
      value: spec.breakGlass,
      message: 'cannot be changed, for whoever could would let itself in',
      cure: 'leave it as it was; delete the EncCluster and register a new one where the approvers have to change',
    });
  return errors;
}
