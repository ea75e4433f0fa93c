// Signs an example as its people would, command by command.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import type { StoryObject } from './clusterAccess.js';
import type { StoryContext } from './fact.js';

/** `commands`: kubectl enc's, the file put in after the second word. */
export async function signObject<T extends StoryObject>({ storyDir, enc }: StoryContext, object: T, commands: string[][]): Promise<T> {
  mkdirSync(storyDir, { recursive: true });
  const file = path.join(storyDir, `${object.metadata.name}.yaml`);
  writeFileSync(file, stringify(object));
  for (const [group, verb, ...rest] of commands) {
    const { code, stdout, stderr } = await enc([group!, verb!, file, ...rest, '-o', file]);
    if (code !== 0) throw new Error(`kubectl enc ${group} ${verb} failed: ${stderr || stdout}`);
  }
  return parse(readFileSync(file, 'utf8')) as T;
}
