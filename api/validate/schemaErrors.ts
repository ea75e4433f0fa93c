// Checks an object against its CRD's schema without an API server: types, enums, patterns, bounds and unknown members.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { FieldError } from '../fieldError.js';
import { specSchemas } from '../generated/schemas.js';
import type { Kind } from '../labels.js';

const ajv = new Ajv({ allErrors: true, verbose: true, strict: false });
addFormats.default(ajv, ['date-time', 'uuid']);
const compiled = new Map<Kind, ValidateFunction>();

const dotted = (pointer: string) =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
    .join('');

const CURES: Readonly<Record<string, (error: ErrorObject) => string>> = {
  required: ({ params }) => `add ${String(params.missingProperty)}`,
  additionalProperties: ({ params }) => `remove ${String(params.additionalProperty)}, or correct its spelling`,
  enum: ({ params }) => `use one of ${(params.allowedValues as unknown[]).join(', ')}`,
  pattern: ({ params }) => `write it as ${String(params.pattern)}`,
  format: ({ params }) => (params.format === 'date-time' ? 'write it as 2026-01-31T00:00:00Z' : `write it as a ${String(params.format)}`),
  type: ({ params }) => `give a ${String(params.type)}`,
};

function toFieldError(error: ErrorObject): FieldError {
  const path = `spec${dotted(error.instancePath)}`;
  const member = (error.params.missingProperty ?? error.params.additionalProperty) as string | undefined;
  return {
    path: member === undefined ? path : `${path}.${member}`,
    value:
      error.keyword === 'required'
        ? undefined
        : error.keyword === 'additionalProperties'
          ? (error.data as Record<string, unknown>)[member!]
          : error.data,
    message:
      error.keyword === 'additionalProperties' ? 'is not a field' : error.keyword === 'required' ? 'is required' : (error.message ?? error.keyword),
    cure: CURES[error.keyword]?.(error) ?? `it ${error.message ?? 'does not fit'}`,
  };
}

/** Empty when the spec has the shape that crds/ asks for; its defaults need not be filled in. */
export function schemaErrors(kind: Kind, object: { spec?: unknown }): FieldError[] {
  if (object.spec === undefined) return [{ path: 'spec', value: undefined, message: 'is required', cure: `add the ${kind}'s spec` }];
  let check = compiled.get(kind);
  if (!check) compiled.set(kind, (check = ajv.compile(specSchemas[kind])));
  return check(object.spec) ? [] : check.errors!.map(toFieldError);
}
