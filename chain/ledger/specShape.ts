// The shape of a resource's spec in a payload: its CRD's schema with every default filled in, so that one spec has one form and one hash.
import { withDefaults } from '../../api/defaults.js';
import { showValue } from '../../api/fieldError.js';
import type { ResourceByKind } from '../../api/index.js';
import type { Kind } from '../../api/labels.js';
import { schemaErrors } from '../../api/validate/schemaErrors.js';
import { ShapeError, type Shape } from '../../receipts/shape.js';
import { firstDifference } from './firstDifference.js';

export function specShape<K extends Kind>(kind: K): Shape<ResourceByKind[K]['spec']> {
  return (value, path) => {
    const [fault] = schemaErrors(kind, { spec: value });
    if (fault)
      throw new ShapeError(
        `${path}${fault.path.slice('spec'.length)}`,
        `what crds/ ask of a ${kind}: it ${fault.message} (${fault.cure})`,
        showValue(fault.value),
      );
    const spec = value as ResourceByKind[K]['spec'];
    const missing = firstDifference(spec, withDefaults(kind, spec as never), path);
    if (missing !== undefined) throw new ShapeError(missing, 'the default that the API server fills in', undefined);
    return spec;
  };
}
