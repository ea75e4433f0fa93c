// Gives a cluster's real nodes an image from an archive, without a registry.
import path from 'node:path';
import { ClusterError } from '../clusterError.js';
import { readClusterConfig } from '../config.js';
import { ensureBinaries } from '../build/ensureBinaries.js';
import { runningEngine } from '../kind/engine.js';
import { ctr, IMPORT_WITHIN_MS } from '../node/ctr.js';
import type { Cluster } from '../provider.js';
import { runCommand } from '../shell/runCommand.js';

/**
 * Imports `archive` (a docker-archive or OCI-archive tar, as `docker save` or dockerArchive() makes it) into the cluster's real nodes.
 * Pods then use the image's name with imagePullPolicy Never or IfNotPresent. Importing the same archive again changes nothing.
 * Throws ClusterError 'image-not-loaded' where the cluster has no node that this machine can load into.
 */
export async function loadImage(cluster: Cluster, archive: string): Promise<void> {
  if (cluster.provider === 'kind') {
    const { cacheDir } = readClusterConfig();
    const { kind } = await ensureBinaries(['kind'], { cacheDir, log: () => undefined });
    const engine = await runningEngine(cacheDir);
    if (!engine) throw new ClusterError('image-not-loaded', `${path.basename(archive)}: no Docker engine answers; bring the cluster up first`);
    await runCommand(kind!, ['load', 'image-archive', archive, '--name', cluster.name], { environment: engine.environment, timeoutMs: IMPORT_WITHIN_MS });
  } else if (cluster.provider === 'local' && cluster.capabilities.realNode) {
    await ctr(path.join(cluster.stateDir, 'node'), ['images', 'import', archive]);
  } else if (cluster.provider === 'existing') {
    await runCommand('/bin/sh', ['-c', `${loadCommand(archive)} "$1"`, 'sh', archive], { timeoutMs: IMPORT_WITHIN_MS });
  } else throw new ClusterError('image-not-loaded', `${path.basename(archive)}: this local cluster has no real node`);
}

function loadCommand(archive: string): string {
  const { loadImage: command } = readClusterConfig();
  if (command !== undefined) return command;
  throw new ClusterError('image-not-loaded', `${path.basename(archive)}: nobody says how this cluster's nodes get an image from an archive; set ENC_LOAD_IMAGE, as to 'kind load image-archive --name NAME', 'minikube image load' or 'k3s ctr images import'`);
}
