// What the Dockerfile puts beside the programs: npm's bill of materials without what differs from run to run.
import { readFileSync } from 'node:fs';
import { reproducible } from '../e2e/cluster/images/sbom.js';

process.stdout.write(reproducible(readFileSync(process.argv[2]!, 'utf8'), { version: process.version.slice(1) }));
