// Fills in the defaults of crds/ as the API server does, for objects that have not been through it (files, tests).
import { specSchemas } from './generated/schemas.js';
import type { ResourceByKind } from './index.js';
import type { Kind } from './labels.js';
import type { SpecSchema } from './specSchema.js';

type Loose<T> = T extends readonly (infer Item)[] ? Loose<Item>[] : T extends object ? { [Key in keyof T]?: Loose<T[Key]> } : T;

function fill(value: unknown, schema: SpecSchema): unknown {
  if (Array.isArray(value)) return schema.items ? value.map((item) => fill(item, schema.items!)) : value;
  if (typeof value !== 'object' || value === null) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    if (filled[name] === undefined && part.default !== undefined) filled[name] = structuredClone(part.default);
    if (filled[name] === undefined) delete filled[name];
    else filled[name] = fill(filled[name], part);
  }
  return filled;
}

/** A copy of `spec` with every default of its kind; members without a default stay as they are. */
export function withDefaults<K extends Kind>(kind: K, spec: Loose<ResourceByKind[K]['spec']>): ResourceByKind[K]['spec'] {
  return fill(spec, specSchemas[kind]) as ResourceByKind[K]['spec'];
}
