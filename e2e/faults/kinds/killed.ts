// kill -9 of every program in turn; a kubelet (here the keeper, or the cluster's provider) starts it again.
import { VALIDATORS, WEBHOOKS, validatorName } from '../bed.js';
import type { Fault, FaultContext } from '../fault.js';
import { leadingOperator } from '../leadingOperator.js';

const kept = (kind: string, name: (context: FaultContext) => string | Promise<string>): Fault => ({
  kind,
  async inject(context) {
    const program = await name(context);
    await context.bed.keeper.kill(program);
    return program;
  },
});

const controlPlane = (program: 'etcd' | 'kube-apiserver'): Fault => ({
  kind: `${program} killed`,
  async inject({ bed }) {
    process.kill(bed.controlPlanePid(program), 'SIGKILL');
    const began = performance.now();
    await bed.restoreCluster();
    return `API server answers again after ${Math.round(performance.now() - began)} ms`;
  },
});

export const killed: Fault[] = [
  ...Array.from({ length: VALIDATORS }, (_, i) => kept(`validator ${i} killed`, () => validatorName(i))),
  kept('operator leader killed', ({ bed }) => leadingOperator(bed)),
  kept('webhook replica killed', ({ random }) => WEBHOOKS[random(WEBHOOKS.length)]!),
  kept('node agent killed', () => 'node-agent'),
  kept('traffic light killed', () => 'traffic-light'),
  controlPlane('kube-apiserver'),
  controlPlane('etcd'),
];
