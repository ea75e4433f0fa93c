// Reads the objects of YAML and JSON files and folders, each with the place it came from.
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { CliError } from '../../bpci/cliError.js';
import { readInput } from '../config.js';

export interface Manifest {
  file: string;
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isTextMap = (value: unknown) => value === undefined || (isObject(value) && Object.values(value).every((item) => typeof item === 'string'));

function filesOf(flag: string, given: string): string[] {
  let folder: boolean;
  try {
    folder = statSync(given).isDirectory();
  } catch {
    readInput(flag, given);
    return [];
  }
  if (!folder) return [given];
  const files = readdirSync(given).filter((name) => /\.(ya?ml|json)$/.test(name)).toSorted();
  if (files.length === 0) throw new CliError(`${flag} ${given}: holds no YAML or JSON file`);
  return files.map((name) => path.join(given, name));
}

function manifestOf(file: string, value: unknown): Manifest[] {
  if (value === null || value === undefined) return [];
  if (!isObject(value) || typeof value.kind !== 'string') throw new CliError(`${file}: holds something that is no Kubernetes object, for it has no kind`);
  if (value.kind === 'List') return (Array.isArray(value.items) ? value.items : []).flatMap((item) => manifestOf(file, item));
  const { metadata } = value;
  if (!isObject(metadata) || (typeof metadata.name !== 'string' && typeof metadata.generateName !== 'string')) throw new CliError(`${file}: a ${value.kind} has no metadata.name`);
  if (!isTextMap(metadata.labels) || !isTextMap(metadata.annotations)) throw new CliError(`${file}: ${value.kind} ${String(metadata.name)}: labels and annotations are maps from text to text; put numbers and true into quotes`);
  const name = (metadata.name ?? `${String(metadata.generateName)}*`) as string;
  return [{ ...value, file, apiVersion: String(value.apiVersion ?? ''), kind: value.kind, metadata: { ...metadata, name } }];
}

/** '-' is standard input. Throws CliError naming the file and what is wrong with it. */
export function readManifests(flag: string, given: readonly string[]): Manifest[] {
  return given.flatMap((one) => (one === '-' ? ['/dev/stdin'] : filesOf(flag, one))).flatMap((file) => {
    const documents = parseAllDocuments(readInput(flag, file));
    return (Array.isArray(documents) ? documents : []).flatMap((document) => {
      const [error] = document.errors;
      if (error) throw new CliError(`${file}: is neither YAML nor JSON: ${error.message.split('\n')[0]}`);
      return manifestOf(file, document.toJS({ maxAliasCount: 100 }));
    });
  });
}
