// Reads the nodes of a cluster from a JSON or YAML file, and checks any list of nodes.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ClusterError } from './clusterError.js';
import type { NodeSpec } from './provider.js';

const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const QUANTITY = /^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;
const FIELDS = ['name', 'region', 'zone', 'kind', 'cpu', 'memory', 'labels'];

function problemOf(node: Record<string, unknown>): string | undefined {
  const matches = (field: string, pattern: RegExp) => typeof node[field] === 'string' && pattern.test(node[field]);
  const optional = (field: string, pattern: RegExp) => node[field] === undefined || matches(field, pattern);
  const unknown = Object.keys(node).find((field) => !FIELDS.includes(field));
  if (unknown) return `field '${unknown}' is unknown (there are ${FIELDS.join(', ')})`;
  if (!matches('name', NAME)) return `name '${String(node.name)}' must be a DNS label: lower case letters, digits, '-'`;
  if (!matches('region', LABEL_VALUE)) return `region '${String(node.region)}' must be a label value such as EU`;
  if (!optional('zone', LABEL_VALUE)) return `zone '${String(node.zone)}' must be a label value such as eu-a`;
  if (node.kind !== 'real' && node.kind !== 'kwok') return `kind '${String(node.kind)}' must be real or kwok`;
  if (!optional('cpu', QUANTITY)) return `cpu '${String(node.cpu)}' must be a quantity such as 8`;
  if (!optional('memory', QUANTITY)) return `memory '${String(node.memory)}' must be a quantity such as 32Gi`;
  const { labels = {} } = node;
  if (typeof labels !== 'object' || labels === null || Object.values(labels).some((value) => typeof value !== 'string'))
    return 'labels must be a map of strings';
  return undefined;
}

/** Throws ClusterError 'bad-options' naming the node, the field and what would be right. */
export function checkNodes(nodes: unknown, source: string): NodeSpec[] {
  if (!Array.isArray(nodes)) throw new ClusterError('bad-options', `${source}: must be a list of nodes`);
  const names = new Set<unknown>();
  for (const [index, node] of nodes.entries()) {
    const where = `${source}: node ${index + 1}`;
    if (typeof node !== 'object' || node === null) throw new ClusterError('bad-options', `${where}: must be an object with name, region and kind`);
    const problem = problemOf(node as Record<string, unknown>);
    if (problem) throw new ClusterError('bad-options', `${where}: ${problem}`);
    const { name } = node as NodeSpec;
    if (names.has(name)) throw new ClusterError('bad-options', `${where}: name '${name}' is there twice`);
    names.add(name);
  }
  if (nodes.filter(({ kind }: NodeSpec) => kind === 'real').length > 1) {
    throw new ClusterError('bad-options', `${source}: one machine can carry one real node; make the others kind kwok`);
  }
  return nodes as NodeSpec[];
}

export function readNodesFile(file: string): NodeSpec[] {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ClusterError('bad-options', `--nodes ${file}: ${(error as Error).message.split('\n')[0]}`, { cause: error });
  }
  return checkNodes(content, file);
}
