import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Resource } from './index.js';
import { validateResource } from './validate/validateResource.js';

const folder = new URL('../examples/', import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml') && !file.startsWith('00-'));

describe('examples/', () => {
  it.each(files)('%s is valid', (file) => expect(validateResource(parse(readFileSync(new URL(file, folder), 'utf8')) as Resource)).toEqual([]));
});
