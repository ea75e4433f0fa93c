// A whole stack for the end-to-end cases: its own state folder and ports, so that a user's own stack is left alone.
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readClusterConfig } from '../cluster/config.js';
import type { Cluster } from '../cluster/provider.js';
import { checkout, layoutOf, type Layout } from '../stack/layout.js';
import { printedProgress } from '../stack/progress.js';
import { down, up } from '../stack/stack.js';

export const VALIDATORS = 4;
const PORT_OFFSET = 2_000;

export interface RunningStack {
  layout: Layout;
  cluster: Cluster;
  stop(): Promise<void>;
}

/** `E2E_STATE_DIR` keeps the state elsewhere than in .enc/e2e. */
export async function startStack(): Promise<RunningStack> {
  const stateDir = path.resolve(process.env.E2E_STATE_DIR ?? path.join(checkout, '.enc', 'e2e'));
  const layout = layoutOf({ stateDir, validators: VALIDATORS, portOffset: PORT_OFFSET });
  const progress = printedProgress();
  await down(layout, progress);
  if (readClusterConfig().provider !== 'existing') rmSync(stateDir, { recursive: true, force: true });
  mkdirSync(stateDir, { recursive: true });
  const cluster = await up(layout, { validators: VALIDATORS, blockTime: '2s', finalityThreshold: 67 }, progress);
  return { layout, cluster, stop: () => down(layout, progress) };
}
