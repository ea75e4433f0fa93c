// One object in a YAML or JSON file that a signature is put into: read whole, written back with its comments.
import { writeFileSync } from 'node:fs';
import { parseDocument, type Document } from 'yaml';
import { formatFieldErrors } from '../../api/fieldError.js';
import type { Resource, ResourceByKind } from '../../api/index.js';
import type { Kind } from '../../api/labels.js';
import { validateResource } from '../../api/validate/validateResource.js';
import { CliError } from '../bpci/cliError.js';
import { readInput } from './config.js';
import type { Print } from './options.js';

export interface ObjectFile<R extends Resource> {
  document: Document;
  object: R;
}

/** Throws CliError naming the file and what is wrong: no YAML, another kind, a bad field. */
export function readObjectFile<K extends Kind>(file: string, kind: K): ObjectFile<ResourceByKind[K]> {
  const document = parseDocument(readInput('FILE', file));
  if (document.errors.length > 0) throw new CliError(`${file}: is neither YAML nor JSON: ${document.errors[0]!.message.split('\n')[0]}`);
  const object = document.toJS() as ResourceByKind[K] | null;
  if (object?.kind !== kind) throw new CliError(`${file}: kind is "${String(object?.kind)}", expected ${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`);
  const errors = validateResource(object as Resource);
  if (errors.length > 0) throw new CliError(`${file}: ${formatFieldErrors(errors)}`);
  return { document, object };
}

/** To a file, with a line that says so, or to standard output alone. */
export function writeObjectFile(document: Document, output: string | undefined, { print, line }: { print: Print; line: string }): void {
  const text = document.toString({ lineWidth: 0 });
  if (output === undefined) return print(text.trimEnd());
  try {
    writeFileSync(output, text);
  } catch (cause) {
    throw new CliError(`--output ${output}: cannot be written (${(cause as NodeJS.ErrnoException).code})`, 2, { cause });
  }
  print(line);
}
