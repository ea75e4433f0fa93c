// Generates api/generated/ from crds/: one file of TypeScript types a kind, shared.ts, and schemas.ts; `--check` fails on a difference.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { format } from 'prettier';
import { parse } from 'yaml';

type Schema = JSONSchema & { properties?: Record<string, Schema>; items?: Schema; 'x-kubernetes-preserve-unknown-fields'?: boolean };
interface Definition {
  spec: {
    group: string;
    scope: 'Cluster' | 'Namespaced';
    names: { kind: string; plural: string };
    versions: { name: string; schema: { openAPIV3Schema: Schema & { properties: { spec: Schema; status: Schema } } } }[];
  };
}

const NOTE = '// Generated from crds/ by scripts/generate-types.ts; do not edit.';
const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A schema's parts, with a function applied to each. */
function mapParts(schema: Schema, each: (part: Schema) => Schema): Schema {
  const mapped: Schema = { ...schema };
  if (schema.properties) mapped.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, part]) => [name, each(part)]));
  if (isSchema(schema.items)) mapped.items = each(schema.items);
  if (isSchema(schema.additionalProperties)) mapped.additionalProperties = each(schema.additionalProperties);
  return mapped;
}

/** Draft-07 without Kubernetes' extensions: closed objects, and what has a default is always there in what is read. */
function toJsonSchema(schema: Schema, extensions: 'defaults-required' | 'as-written'): Schema {
  const plain = mapParts(schema, (part) => toJsonSchema(part, extensions));
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  for (const key of Object.keys(plain)) if (key.startsWith('x-kubernetes-')) delete plain[key];
  if (plain.format === 'int32' || plain.format === 'int64') delete plain.format;
  if (plain.type === 'object' && plain.additionalProperties === undefined) plain.additionalProperties = open;
  if (extensions === 'defaults-required' && plain.properties) {
    const defaulted = Object.entries(plain.properties).flatMap(([name, part]) => (part.default === undefined ? [] : [name]));
    plain.required = [...new Set([...(Array.isArray(plain.required) ? plain.required : []), ...defaulted])];
  }
  return plain;
}

function collectTitles(schema: Schema, into: Map<string, Schema>): void {
  mapParts(schema, (part) => {
    collectTitles(part, into);
    if (part.title) {
      const { description: _text, default: _value, ...shape } = part;
      const known = into.get(part.title);
      if (known && JSON.stringify(known) !== JSON.stringify(shape)) throw new Error(`crds/: two different schemas are titled ${part.title}`);
      into.set(part.title, shape);
    }
    return part;
  });
}

/** Replaces each titled part by its type's name. */
function byName(schema: Schema): Schema {
  return mapParts(schema, (part) => (part.title ? { description: part.description, tsType: part.title } : byName(part)));
}

async function declare(name: string, schema: Schema): Promise<string> {
  const text = await compile({ ...byName(schema), title: name }, name, {
    bannerComment: '',
    format: false,
    ignoreMinAndMaxItems: true,
    additionalProperties: false,
  });
  return text.trim();
}

async function generate(definitions: Definition[]): Promise<Map<string, string>> {
  const uses = new Map<string, { shape: Schema; kinds: Set<string> }>();
  const kinds = definitions.map(({ spec }) => {
    const { spec: wanted, status } = spec.versions[0]!.schema.openAPIV3Schema.properties;
    const kind = spec.names.kind;
    const titled = new Map<string, Schema>();
    const parts = { spec: toJsonSchema(wanted, 'defaults-required'), status: toJsonSchema(status, 'defaults-required') };
    collectTitles(parts.spec, titled);
    collectTitles(parts.status, titled);
    for (const [title, shape] of titled) {
      const use = uses.get(title) ?? { shape, kinds: new Set() };
      if (JSON.stringify(use.shape) !== JSON.stringify(shape))
        throw new Error(`crds/: ${title} of ${kind} differs from that of ${[...use.kinds].join(', ')}`);
      uses.set(title, { shape, kinds: use.kinds.add(kind) });
    }
    return {
      kind,
      scope: spec.scope,
      version: `${spec.group}/${spec.versions[0]!.name}`,
      parts,
      description: spec.versions[0]!.schema.openAPIV3Schema.description,
    };
  });

  const files = new Map<string, string>();
  const shared = [...uses].filter(([, { kinds: users }]) => users.size > 1);
  files.set('shared.ts', [NOTE, ...(await Promise.all(shared.map(([title, { shape }]) => declare(title, shape))))].join('\n\n'));

  for (const { kind, scope, version, parts, description } of kinds) {
    const own = [...uses].filter(([, { kinds: users }]) => users.size === 1 && users.has(kind));
    const declarations = await Promise.all([
      declare(`${kind}Spec`, parts.spec),
      declare(`${kind}Status`, parts.status),
      ...own.map(([title, { shape }]) => declare(title, shape)),
    ]);
    const body = declarations.join('\n\n');
    const imports = shared
      .map(([title]) => title)
      .filter((title) => new RegExp(`\\b${title}\\b`).test(body))
      .sort();
    const metadata = scope === 'Namespaced' ? 'ObjectMeta & { namespace: string }' : 'ObjectMeta';
    files.set(
      `${kind[0]!.toLowerCase()}${kind.slice(1)}.ts`,
      [
        NOTE,
        `import type { ObjectMeta } from '../objectMeta.js';\nimport type { ${imports.join(', ')} } from './shared.js';`,
        `/** ${description} */\nexport interface ${kind} {\n  apiVersion: '${version}';\n  kind: '${kind}';\n  metadata: ${metadata};\n  spec: ${kind}Spec;\n  status?: ${kind}Status;\n}`,
        body,
      ].join('\n\n'),
    );
  }

  const schemas = Object.fromEntries(
    definitions.map(({ spec }) => [spec.names.kind, toJsonSchema(spec.versions[0]!.schema.openAPIV3Schema.properties.spec, 'as-written')]),
  );
  files.set(
    'schemas.ts',
    [
      NOTE,
      "import type { Kind } from '../labels.js';\nimport type { SpecSchema } from '../specSchema.js';",
      `/** JSON Schema (draft-07) of each kind's spec, with its defaults; CEL rules are the API server's. */\nexport const specSchemas: Readonly<Record<Kind, SpecSchema>> = ${JSON.stringify(schemas)};`,
    ].join('\n\n'),
  );
  return files;
}

async function main(arguments_: string[]): Promise<number> {
  const unknown = arguments_.find((argument) => argument !== '--check');
  if (unknown !== undefined) {
    console.error(`generate-types: unknown argument '${unknown}'; the only one is --check`);
    return 2;
  }
  const root = process.cwd();
  const target = path.join(root, 'api/generated');
  const definitions = readdirSync(path.join(root, 'crds'))
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => parse(readFileSync(path.join(root, 'crds', file), 'utf8')) as Definition);
  const style = JSON.parse(readFileSync(path.join(root, '.prettierrc.json'), 'utf8')) as object;
  const stale: string[] = [];
  mkdirSync(target, { recursive: true });
  for (const [file, text] of await generate(definitions)) {
    const wanted = await format(text, { ...style, parser: 'typescript' });
    const at = path.join(target, file);
    let present = '';
    try {
      present = readFileSync(at, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    if (present === wanted) continue;
    stale.push(path.relative(root, at));
    if (!arguments_.includes('--check')) writeFileSync(at, wanted);
  }
  const checking = arguments_.includes('--check');
  for (const file of stale) console.log(checking ? `${file} differs from crds/: run 'make generate' and commit it` : `wrote ${file}`);
  return checking && stale.length > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
