// Runs kubectl against one cluster and returns what a person would have seen.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { checkout } from './layout.js';

export interface KubectlResult {
  code: number;
  stdout: string;
  stderr: string;
}
export type Kubectl = (arguments_: string[], input?: string) => Promise<KubectlResult>;

const LIMIT_BYTES = 32 * 1024 * 1024;
const TIMEOUT_MS = 120_000;

/** kubectl of the cluster's own binaries where there is one, else of the PATH; run in the checkout, so that files are named as a user there names them. */
export function kubectlFor(kubeconfig: string, binDir?: string): Kubectl {
  const own = binDir && path.join(binDir, 'kubectl');
  const command = own && existsSync(own) ? own : 'kubectl';
  return (arguments_, input) =>
    new Promise((resolve) => {
      const child = execFile(
        command,
        ['--kubeconfig', kubeconfig, ...arguments_],
        { maxBuffer: LIMIT_BYTES, timeout: TIMEOUT_MS, cwd: checkout },
        (error, stdout, stderr) => {
          const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
          resolve({ code, stdout, stderr: stderr || (error && code !== 0 && !stdout ? error.message : stderr) });
        },
      );
      child.stdin?.end(input ?? '');
    });
}

/** Runs kubectl and throws what it printed when it fails. */
export async function must(kubectl: Kubectl, arguments_: string[], input?: string): Promise<string> {
  const result = await kubectl(arguments_, input);
  if (result.code !== 0) throw new Error(`kubectl ${arguments_.join(' ')} failed: ${result.stderr.trim() || result.stdout.trim()}`);
  return result.stdout;
}

export async function getJson<T>(kubectl: Kubectl, arguments_: string[]): Promise<T | undefined> {
  const result = await kubectl(['get', ...arguments_, '-o', 'json']);
  if (result.code === 0) return JSON.parse(result.stdout) as T;
  if (/NotFound|not found/.test(result.stderr)) return undefined;
  throw new Error(`kubectl get ${arguments_.join(' ')} failed: ${result.stderr.trim()}`);
}
