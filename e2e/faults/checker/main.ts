// Checks stopped validators' files against what a load was promised: node dist/e2e/faults/checker/main.js <network directory> <claims.json> [validators whose log a fault damaged].
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { check, type Genesis } from './check.js';
import type { Claims } from './claims.js';

const [directory, claimsFile, damaged = ''] = process.argv.slice(2);
if (directory === undefined || claimsFile === undefined) {
  console.error('checker: name the network directory (with validator-0, …) and the file of claims');
  process.exit(2);
}
const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const homes = readdirSync(directory).filter((name) => /^validator-\d+$/.test(name)).map((name) => path.join(directory, name));
const checked = await check(homes, read(path.join(directory, 'genesis.json')) as Genesis, read(claimsFile) as Claims, damaged === '' ? [] : damaged.split(',').map(Number));
console.log(JSON.stringify(checked));
process.exit(checked.findings.every(({ holds }) => holds) ? 0 : 1);
