// Volumes for a kind cluster of an own node image: folders on each node, made before anybody claims them; a claim takes one where its pod runs.
import type { AdminKubectl } from '../adminKubectl.js';
import { runCommand } from '../shell/runCommand.js';

const PER_NODE = 24;
const SIZE = '16Gi';

const folderOf = (index: number) => `/var/enc-volumes/${index}`;

export async function makeVolumes(kubectl: AdminKubectl, nodes: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  for (const node of nodes) await runCommand('docker', ['exec', node, 'mkdir', '-p', ...Array.from({ length: PER_NODE }, (_, i) => folderOf(i))], { environment });
  const items = nodes.flatMap((node) =>
    Array.from({ length: PER_NODE }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${node}-${index}` },
      spec: {
        capacity: { storage: SIZE },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: 'standard',
        local: { path: folderOf(index) },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }] } },
      },
    })),
  );
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
}
