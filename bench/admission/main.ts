// `make bench-admission`: the same pod creates on one API server without a webhook, with a ValidatingAdmissionPolicy, with Kyverno, and with ours.
import { startControlPlane } from '../../e2e/cluster/controlPlane.js';
import { freePorts } from '../../chain/node/testing/freePorts.js';
import { kubectlFor, must, type Kubectl } from '../../e2e/stack/kubectl.js';
import { until } from '../../chain/node/testing/processSet.js';
import { LABELS } from '../../api/labels.js';
import { writeTable, type Measured } from './table.js';
import { startKyverno } from './kyverno.js';
import { NAMESPACE, PodClient } from './load.js';
import { startOurs } from './ours.js';
import { useOf } from './processUse.js';
import { admissionPolicy } from './rules.js';

const CREATES = Number(process.env.BENCH_CREATES ?? 1_500);
/** Of each variant; a just-in-time compiler needs more of them than a compiled program. */
const WARM_UP = 500;
const CLIENTS = [1, 16];
const POLICIES = process.env.BENCH_POLICIES?.split(',').map(Number) ?? [1, 50, 500];
/** Only these, for a quick look: BENCH_ONLY=none,ours BENCH_POLICIES=1,500 */
const only = process.env.BENCH_ONLY?.split(',');
const log = (text: string) => console.log(`bench-admission: ${text}`);

async function measure(what: string, pods: PodClient, refusing: boolean, pids: readonly number[]): Promise<Measured[]> {
  await pods.create(WARM_UP, 4, refusing);
  const measured: Measured[] = [];
  for (const clients of CLIENTS) {
    const before = useOf(pids);
    const { took, seconds } = await pods.create(CREATES, clients, refusing);
    const after = useOf(pids);
    measured.push({ what, clients, took, seconds, cpuSeconds: after.cpuSeconds - before.cpuSeconds, residentMiB: after.residentMiB });
    log(`${what}, ${clients} clients: ${Math.round(took.length / seconds)} creates/s`);
  }
  await pods.clear();
  return measured;
}

async function withPolicy(kubectl: Kubectl, pods: PodClient): Promise<Measured[]> {
  for (const object of admissionPolicy) await must(kubectl, ['create', '-f', '-'], JSON.stringify(object));
  await until('the ValidatingAdmissionPolicy to be in force', () => pods.refuses());
  const measured = await measure('ValidatingAdmissionPolicy', pods, true, []);
  for (const { kind, metadata } of admissionPolicy) await must(kubectl, ['delete', kind, metadata.name]);
  return measured;
}

const plane = await startControlPlane();
const kubectl = kubectlFor(plane.kubeconfig, plane.binDir);
const pods = new PodClient(plane.kubeconfig);
const all: Measured[] = [];
try {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: { [LABELS.enforced]: 'true' } } };
  await must(kubectl, ['create', '-f', '-'], JSON.stringify(namespace));
  if (!only || only.includes('none')) all.push(...(await measure('no webhook', pods, false, [])));
  if (!only || only.includes('vap')) all.push(...(await withPolicy(kubectl, pods)));
  if (!only || only.includes('kyverno')) {
    const [port] = await freePorts(1);
    const kyverno = await startKyverno(kubectl, { kubeconfig: plane.kubeconfig, folder: plane.folder, port: port!, pods, log });
    try {
      all.push(...(await measure('Kyverno', pods, true, [kyverno.pid])));
    } finally {
      await kyverno.stop();
    }
  }
  if (!only || only.includes('ours')) {
    const ours = await startOurs(kubectl, { kubeconfig: plane.kubeconfig, folder: plane.folder });
    try {
      for (const count of POLICIES) {
        await ours.policies(count);
        await until('the rule to be in force', () => pods.refuses());
        all.push(...(await measure(`ours, ${count} ${count === 1 ? 'policy' : 'policies'}`, pods, true, [ours.webhookPid, ...ours.validatorPids])));
      }
    } finally {
      await ours.stop();
    }
  }
  writeTable(all, only === undefined);
} finally {
  pods.close();
  await plane.stop();
}
