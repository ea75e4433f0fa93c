// Kubernetes' own OpenAPI document as one JSON schema for each kind, as kubeconform reads them: unknown fields are refused.
type Node = Record<string, unknown>;
interface Definition extends Node {
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
}
export interface OpenApi {
  definitions: Record<string, Definition>;
}

const REFERENCE = '#/definitions/';

/** The schema that says the same as an OpenAPI 2 node: quantities and ports may be numbers, objects have no more members than are named. */
function translate(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(translate);
  if (typeof node !== 'object' || node === null) return node;
  const { format, ...rest } = node as Node;
  if (format === 'int-or-string') return { type: ['string', 'integer'] };
  const translated: Node = Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith('x-kubernetes') && name !== 'description').map(([name, value]) => [name, translate(value)]));
  if (translated['properties'] !== undefined && translated['additionalProperties'] === undefined) translated['additionalProperties'] = false;
  return translated;
}

const SPECIAL: Record<string, Node> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'] },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['string', 'integer'] },
};

function referenced(text: string): string[] {
  return [...text.matchAll(/"#\/definitions\/([^"]+)"/g)].map(([, name]) => name!);
}

/** File name (as kubeconform's default template wants it) → schema with everything it refers to. */
export function schemasOf({ definitions }: OpenApi): Map<string, object> {
  const translated = new Map(Object.entries(definitions).map(([name, node]) => [name, SPECIAL[name] ?? translate(node)]));
  const files = new Map<string, object>();
  for (const [name, definition] of Object.entries(definitions)) {
    for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
      const needed = new Set([name]);
      for (const one of needed) for (const other of referenced(JSON.stringify(translated.get(one)))) needed.add(other);
      const parts = [kind, ...(group === '' ? [] : [group.split('.')[0]!]), version].map((part) => part.toLowerCase());
      files.set(`${parts.join('-')}.json`, { $ref: `${REFERENCE}${name}`, definitions: Object.fromEntries([...needed].map((one) => [one, translated.get(one)])) });
    }
  }
  return files;
}
