// Sets one field of an object by its path, as spec.rules[0].name, for tests; undefined removes it.

export function setPath<T extends object>(object: T, path: string, value: unknown): T {
  const parts = path.split(/[.[\]]+/).filter(Boolean);
  const last = parts.pop()!;
  let at = object as Record<string, unknown>;
  for (const part of parts) at = (at[part] ??= {}) as Record<string, unknown>;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return object;
}
