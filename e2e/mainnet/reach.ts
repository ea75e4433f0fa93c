// What a pod that does not belong to the mainnet can reach of it; and one port that nothing protects, to know that the probe itself works.
import { getJson, must } from '../stack/kubectl.js';
import { waitFor } from '../stack/waitFor.js';
import { NAMESPACE, RELEASE } from './chart.js';
import type { RunningMainnet } from './runningMainnet.js';

const STRANGERS = 'strangers';
const IMAGE = 'enc.local/mainnet:1';

interface Pod {
  status: { podIP?: string; phase?: string };
}

/** Tries each target, which all listen, from one pod; prints a line of JSON. A firewall may drop the packets or refuse in the target's name. */
const PROBE = `const net=require('net');const t=JSON.parse(process.argv[1]);Promise.all(Object.entries(t).map(([n,[h,p]])=>new Promise(r=>{const s=net.connect({host:h,port:p,timeout:4000});s.on('connect',()=>{s.destroy();r([n,true])});s.on('error',()=>r([n,false]));s.on('timeout',()=>{s.destroy();r([n,false])})}))).then(a=>console.log(JSON.stringify(Object.fromEntries(a))))`;

function strangerPod(name: string, arguments_: string[]): string {
  const security = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } };
  const container = { name: 'main', image: IMAGE, imagePullPolicy: 'Never', command: ['/usr/bin/node', ...arguments_], securityContext: security };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: STRANGERS }, spec: { restartPolicy: 'Never', containers: [container] } });
}

export async function probePods({ kubectl }: RunningMainnet): Promise<Record<'open' | 'api' | 'peer' | 'admission', boolean>> {
  await must(kubectl, ['create', 'namespace', STRANGERS]);
  try {
    await must(kubectl, ['create', '-f', '-'], strangerPod('open', ['-e', "require('net').createServer(s=>s.end()).listen(9000)"]));
    const address = async (name: string, namespace: string) =>
      waitFor(`the address of ${name}`, async () => {
        const pod = await getJson<Pod>(kubectl, ['pod', name, '-n', namespace]);
        return pod?.status.phase === 'Running' && pod.status.podIP;
      });
    const validator = await address(`${RELEASE}-validator-0`, NAMESPACE);
    const targets = {
      open: [await address('open', STRANGERS), 9_000],
      api: [validator, 21_001],
      peer: [validator, 21_300],
      admission: [await address(`${RELEASE}-webhooks-0`, NAMESPACE), 21_443],
    };
    await must(kubectl, ['create', '-f', '-'], strangerPod('stranger', ['-e', PROBE, JSON.stringify(targets)]));
    await waitFor('the probe to end', async () => (await getJson<Pod>(kubectl, ['pod', 'stranger', '-n', STRANGERS]))?.status.phase === 'Succeeded');
    return JSON.parse(await must(kubectl, ['logs', 'stranger', '-n', STRANGERS])) as Record<'open' | 'api' | 'peer' | 'admission', boolean>;
  } finally {
    await kubectl(['delete', 'namespace', STRANGERS, '--wait=false']);
  }
}
