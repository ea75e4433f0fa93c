// A Docker engine for kind where none runs: Debian's dockerd, started by hand on a socket of its own and stopped by its pid.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkout } from '../checkout.js';
import { ClusterError } from '../clusterError.js';
import { programEnvironment } from '../config.js';
import type { Log } from '../provider.js';
import { runCommand, tryCommand } from '../shell/runCommand.js';

const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 30_000;
const PACKAGES = ['docker.io', 'runc', 'iptables', 'jq'];

export interface Engine {
  /** With DOCKER_HOST where the engine is an own one. */
  environment: NodeJS.ProcessEnv;
  own: boolean;
}

const own = (cacheDir: string) => ({
  socket: `unix://${path.join(cacheDir, 'docker.sock')}`,
  pidFile: path.join(cacheDir, 'docker.pid'),
  data: path.join(cacheDir, 'docker'),
  log: path.join(cacheDir, 'docker.log'),
});

const answers = async (environment: NodeJS.ProcessEnv) =>
  (await tryCommand('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 10_000, environment })).code === 0;

/** The engine that answers already: the user's, else the own one; undefined when neither does. */
export async function runningEngine(cacheDir: string): Promise<Engine | undefined> {
  const users = programEnvironment();
  if (await answers(users)) return { environment: users, own: false };
  const environment = programEnvironment({ DOCKER_HOST: own(cacheDir).socket });
  return existsSync(own(cacheDir).pidFile) && (await answers(environment)) ? { environment, own: true } : undefined;
}

/** Whether an own engine can be started: undefined, or one line that says what is lacking. */
export function whyNoEngine(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'no Docker daemon answers, and only root on Linux can start one';
  return existsSync('/usr/bin/apt-get') || existsSync('/usr/sbin/dockerd') ? undefined : 'no Docker daemon answers, and there is no dockerd to start';
}

async function install(log: Log): Promise<void> {
  if (existsSync('/usr/sbin/dockerd')) return;
  log(`installing ${PACKAGES.join(', ')} with apt-get`);
  const options = { timeoutMs: 600_000, environment: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await runCommand('apt-get', ['update', '-qq'], options);
  await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...PACKAGES], options);
}

/** Throws ClusterError 'not-ready' with the end of the engine's log. */
export async function startEngine(cacheDir: string, log: Log): Promise<Engine> {
  const running = await runningEngine(cacheDir);
  if (running) return running;
  await install(log);
  const { socket, pidFile, data, log: logFile } = own(cacheDir);
  mkdirSync(data, { recursive: true });
  rmSync(pidFile, { force: true });
  const wrapper = path.join(checkout, 'dist/e2e/cluster/kind/runtimeWrapper.js');
  chmodSync(wrapper, 0o755);
  writeFileSync('/proc/sys/fs/inotify/max_user_instances', '1024');
  const out = openSync(logFile, 'w');
  const child = spawn(
    'dockerd',
    ['--host', socket, '--pidfile', pidFile, '--data-root', data, '--exec-root', `${data}-run`, '--add-runtime', `enc=${wrapper}`, '--default-runtime', 'enc', '--log-level', 'warn'],
    { detached: true, stdio: ['ignore', out, out], env: programEnvironment() },
  );
  child.unref();
  const environment = programEnvironment({ DOCKER_HOST: socket });
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await answers(environment))) {
    if (Date.now() > deadline || child.exitCode !== null) throw new ClusterError('not-ready', `dockerd does not answer: ${readFileSync(logFile, 'utf8').split('\n').slice(-4).join(' ')}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  // Docker closes forwarding for everybody else on the machine.
  await tryCommand('iptables', ['-P', 'FORWARD', 'ACCEPT']);
  log(`started dockerd (pid ${child.pid})`);
  return { environment, own: true };
}

/** Only the own engine; its images stay in the cache. */
export async function stopEngine(cacheDir: string, log: Log): Promise<void> {
  const { pidFile, socket } = own(cacheDir);
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  const isOurs = () => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(socket);
    } catch {
      return false;
    }
  };
  if (isOurs()) process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + STOPPED_WITHIN_MS;
  while (isOurs() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 200));
  if (isOurs()) process.kill(pid, 'SIGKILL');
  rmSync(pidFile, { force: true });
  await tryCommand('ip', ['link', 'delete', 'docker0']);
  log(`stopped dockerd (pid ${pid})`);
}
