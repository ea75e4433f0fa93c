// The software bill of materials of the image (CycloneDX, by npm), without what differs from run to run.
import { createHash } from 'node:crypto';
import { checkout } from '../checkout.js';
import { runCommand } from '../shell/runCommand.js';

interface Component {
  type: string;
  name: string;
  version: string;
  'bom-ref': string;
}
interface Bom {
  serialNumber?: string;
  metadata?: { timestamp?: string };
  components?: Component[];
}

/** Pure: no time, a serial number that follows from the content, and Node itself as a component. */
export function reproducible(text: string, node: { version: string }): Buffer {
  const bom = JSON.parse(text) as Bom;
  delete bom.metadata?.timestamp;
  delete bom.serialNumber;
  bom.components = [...(bom.components ?? []), { type: 'platform', name: 'node', version: node.version, 'bom-ref': `node@${node.version}` }].toSorted((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  const digest = createHash('sha256').update(JSON.stringify(bom)).digest('hex');
  const uuid = [digest.slice(0, 8), digest.slice(8, 12), `5${digest.slice(13, 16)}`, `8${digest.slice(17, 20)}`, digest.slice(20, 32)].join('-');
  return Buffer.from(`${JSON.stringify({ ...bom, serialNumber: `urn:uuid:${uuid}` }, null, 1)}\n`);
}

/** Of a checkout's packages. */
export async function imageSbom(root = checkout): Promise<Buffer> {
  const text = await runCommand('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'], { cwd: root, timeoutMs: 120_000, environment: process.env });
  return reproducible(text, { version: process.version.slice(1) });
}
