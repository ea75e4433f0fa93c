// Runs `ctr` against the real node's own containerd, in the namespace that the kubelet looks in.
import { runCommand } from '../shell/runCommand.js';
import { containerdPaths } from './containerdConfig.js';

export const IMPORT_WITHIN_MS = 300_000;

export const ctr = (nodeDir: string, arguments_: string[]): Promise<string> =>
  runCommand('ctr', ['--address', containerdPaths(nodeDir).socket, '--namespace', 'k8s.io', ...arguments_], { timeoutMs: IMPORT_WITHIN_MS });
