// Runs the Go command: finds its version, and builds one package with lines of progress.
import { spawn } from 'node:child_process';
import { ClusterError } from '../clusterError.js';
import { goEnvironment } from '../config.js';
import type { Log } from '../provider.js';
import { secondsSince } from '../shell/eventually.js';
import { tryCommand } from '../shell/runCommand.js';

const OLDEST_GO = [1, 26] as const;
const SAY_SOMETHING_EVERY_MS = 15_000;

export interface Go {
  /** As `go env GOVERSION` says it: go1.26.8. */
  version: string;
  platform: string;
}

export function isNewEnough(version: string): boolean {
  const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  return major > OLDEST_GO[0] || (major === OLDEST_GO[0] && minor >= OLDEST_GO[1]);
}

/** The Go of the PATH, or one line that says what is lacking. */
export async function findGo(): Promise<Go | string> {
  const { code, stdout } = await tryCommand('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], { environment: goEnvironment() });
  if (code !== 0) return `no Go in the PATH (${OLDEST_GO.join('.')} or newer builds the Kubernetes programs)`;
  const [version = '', system = '', architecture = ''] = stdout.trim().split('\n');
  return isNewEnough(version) ? { version, platform: `${system}/${architecture}` } : `${version} is older than ${OLDEST_GO.join('.')}`;
}

export async function requireGo(): Promise<Go> {
  const go = await findGo();
  if (typeof go === 'string') throw new ClusterError('provider-unusable', `${go}: install Go, or set KUBEBUILDER_ASSETS or CLUSTER=existing`);
  return go;
}

/** `go build -v` in `folder`; counts compiled packages into the log while it runs. Throws 'build-failed' with the end of its output. */
export function goBuild(what: string, folder: string, arguments_: string[], log: Log): Promise<void> {
  const began = Date.now();
  let packages = 0;
  let tail = '';
  return new Promise((resolve, reject) => {
    const child = spawn('go', ['build', '-v', '-buildvcs=false', ...arguments_], {
      cwd: folder,
      env: goEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const timer = setInterval(() => log(`building ${what}: ${packages} packages compiled, ${secondsSince(began)}`), SAY_SOMETHING_EVERY_MS);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      packages += text.split('\n').filter((line) => /^[\w.-]+(\/[\w.~-]+)*$/.test(line)).length;
      tail = (tail + text).slice(-4_000);
    });
    child.once('error', (error) => {
      clearInterval(timer);
      reject(new ClusterError('build-failed', `${what}: go could not be started: ${error.message}`, { cause: error }));
    });
    child.once('close', (code) => {
      clearInterval(timer);
      if (code === 0) resolve();
      else reject(new ClusterError('build-failed', `${what}: go build ended with code ${code}: ${tail.trim().split('\n').slice(-8).join('\n')}`));
    });
  });
}
