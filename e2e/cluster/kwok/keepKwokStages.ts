// Keeps the stages (what a fake node and a fake pod go through) from kwok's own module next to its binary, as one file for `--config`.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { goEnvironment } from '../config.js';
import { runCommand } from '../shell/runCommand.js';

const STAGES = [
  'node/fast/node-initialize.yaml',
  'node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
  'pod/fast/pod-ready.yaml',
  'pod/fast/pod-complete.yaml',
  'pod/fast/pod-delete.yaml',
];

export const kwokStagesFile = (kwokBinary: string): string => path.join(path.dirname(kwokBinary), 'stages.yaml');

/** `folder` holds the go.mod that requires kwok; the file goes into `into`. */
export async function keepKwokStages(folder: string, into: string): Promise<void> {
  const environment = goEnvironment();
  await runCommand('go', ['mod', 'download', 'sigs.k8s.io/kwok'], { cwd: folder, environment, timeoutMs: 300_000 });
  const module = (await runCommand('go', ['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/kwok'], { cwd: folder, environment })).trim();
  const documents = STAGES.map((stage) => readFileSync(path.join(module, 'kustomize/stage', stage), 'utf8').trim());
  const unfinished = path.join(into, `.stages.${process.pid}`);
  writeFileSync(unfinished, `${documents.join('\n---\n')}\n`);
  renameSync(unfinished, path.join(into, 'stages.yaml'));
}
