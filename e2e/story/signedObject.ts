// Signs an example as its people would, command by command, and applies what came out.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import type { Resource } from '../../api/index.js';
import { must } from '../stack/kubectl.js';
import type { StoryContext } from './fact.js';

/** `commands`: kubectl enc's, the file put in after the second word. Returns the signed file. */
export async function signObject({ layout, enc }: StoryContext, object: Resource, commands: string[][]): Promise<string> {
  mkdirSync(layout.storyDir, { recursive: true });
  const file = path.join(layout.storyDir, `${object.metadata.name}.yaml`);
  writeFileSync(file, stringify(object));
  for (const [group, verb, ...rest] of commands) {
    const { code, stdout, stderr } = await enc([group!, verb!, file, ...rest, '-o', file]);
    if (code !== 0) throw new Error(`kubectl enc ${group} ${verb} failed: ${stderr || stdout}`);
  }
  return file;
}

export const applySigned = ({ kubectl }: StoryContext, file: string): Promise<string> => must(kubectl, ['apply', '-f', file]);
