// Where everything of one local stack lives: folders, ports and the programs' command lines (README: ports).
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout; this file is dist/e2e/stack/layout.js when it runs compiled, e2e/stack/layout.ts under vitest. */
export const checkout = (() => {
  const here = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
  return path.basename(here) === 'dist' ? path.dirname(here) : here;
})();

export interface StackOptions {
  stateDir: string;
  /** Number of validators, 1 or at least 4 to tolerate a fault. */
  validators: number;
  /** Added to every documented port, so that a test's stack can stand beside a user's. */
  portOffset: number;
}

export interface Layout {
  checkout: string;
  stateDir: string;
  clusterDir: string;
  mainnetDir: string;
  genesis: string;
  keyFile(name: string): string;
  logFile(program: string): string;
  pidDir: string;
  binDir: string;
  storyDir: string;
  ports: { api: number; metrics: number; apiOthers: number; peers: number; webhooks: number; webhookMetrics: number; operatorMetrics: number; trafficLight: number };
  /** HTTP API of every validator. */
  endpoints: string[];
  kubeconfig(program: string): string;
  program(relative: string): string;
}

/** Validator 0 has the plan's API port 21001; the others follow from 21201 (the plan's 21002… belong to other services). */
export function layoutOf({ stateDir, validators, portOffset }: StackOptions): Layout {
  const ports = {
    api: 21_001 + portOffset,
    metrics: 21_101 + portOffset,
    apiOthers: 21_200 + portOffset,
    peers: 21_300 + portOffset,
    webhooks: 21_443 + portOffset,
    webhookMetrics: 21_144 + portOffset,
    operatorMetrics: 21_145 + portOffset,
    trafficLight: 21_004 + portOffset,
  };
  const mainnetDir = path.join(stateDir, 'mainnet');
  return {
    checkout,
    stateDir,
    clusterDir: path.join(stateDir, 'cluster'),
    mainnetDir,
    genesis: path.join(mainnetDir, 'genesis.json'),
    keyFile: (name) => path.join(mainnetDir, 'keys', `${name}.key`),
    logFile: (program) => path.join(stateDir, 'logs', `${program}.log`),
    pidDir: path.join(stateDir, 'pids'),
    binDir: path.join(stateDir, 'bin'),
    storyDir: path.join(stateDir, 'story'),
    ports,
    endpoints: Array.from({ length: validators }, (_, i) => `http://127.0.0.1:${i === 0 ? ports.api : ports.apiOthers + i}`),
    kubeconfig: (program) => path.join(stateDir, 'kubeconfigs', `${program}.yaml`),
    program: (relative) => path.join(checkout, 'dist', relative),
  };
}
