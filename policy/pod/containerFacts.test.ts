import { describe, expect, it } from 'vitest';
import { podFactsFrom } from './podFacts.js';
import type { PodSpecLike } from './podLike.js';

const read = (spec: PodSpecLike) => podFactsFrom({ spec });
const one = (container: object, pod: object = {}) => read({ ...pod, containers: [{ name: 'a', image: 'i', ...container }] }).containers![0]!;

describe('containers of a pod', () => {
  it('are in the pod\'s order, with their kind', () => {
    const { containers } = read({ initContainers: [{ name: 'i' }, { name: 's', restartPolicy: 'Always' }], containers: [{ name: 'c' }], ephemeralContainers: [{ name: 'e' }] });
    expect(containers!.map(({ name, kind }) => [name, kind])).toEqual([['i', 'init'], ['s', 'sidecar'], ['c', undefined], ['e', 'ephemeral']]);
  });

  it.each<[name: string, container: object, pod: object, facts: object]>([
    ['nothing', {}, {}, {}],
    ['limits as stated', { resources: { limits: { cpu: '1500m' }, requests: { memory: '1Gi' } } }, {}, { limits: { cpuMillis: 1_500 } }],
    ['what is explicitly not privileged', { securityContext: { privileged: false } }, {}, {}],
    ['the pod\'s settings where it has none of its own', {}, { securityContext: { runAsNonRoot: true, runAsUser: 5, seccompProfile: { type: 'RuntimeDefault' }, seLinuxOptions: { user: 'u' } } }, { runAsNonRoot: true, runAsUser: 5, seccompProfile: 'RuntimeDefault', seLinux: { user: 'u' } }],
    ['its own settings over the pod\'s', { securityContext: { runAsNonRoot: false, runAsUser: 0 } }, { securityContext: { runAsNonRoot: true, runAsUser: 5 } }, { runAsNonRoot: false, runAsUser: 0 }],
    ['capabilities sorted, once, without prefix', { securityContext: { capabilities: { add: ['CAP_SYS_ADMIN', 'CHOWN', 'SYS_ADMIN'], drop: ['ALL'] } } }, {}, { capabilitiesAdded: ['CHOWN', 'SYS_ADMIN'], capabilitiesDropped: ['ALL'] }],
    ['host ports, and not those of the container', { ports: [{ containerPort: 1 }, { hostPort: 9 }, { hostPort: 0 }] }, {}, { hostPorts: [9] }],
    ['hosts of probes and hooks', { livenessProbe: { httpGet: { host: 'b' } }, lifecycle: { preStop: { tcpSocket: { host: 'a' } } }, readinessProbe: { httpGet: {} } }, {}, { probeHosts: ['a', 'b'] }],
    ['host processes of the pod', {}, { securityContext: { windowsOptions: { hostProcess: true } } }, { hostProcess: true }],
  ])('record %s', (_name, container, pod, facts) => expect(one(container, pod)).toEqual({ name: 'a', image: 'i', ...facts }));

  it('have nothing that canonical JSON cannot hold', () => expect(Object.values(one({})).includes(undefined as never)).toBe(false));
});

it('records kinds of volumes and names of sysctls, sorted, each once, and nothing when there are none', () => {
  expect(read({ volumes: [{ name: 'a', hostPath: {} }, { name: 'b', configMap: {} }, { name: 'c', configMap: {} }], securityContext: { sysctls: [{ name: 'b' }, { name: 'a' }] } })).toMatchObject({ volumeTypes: ['configMap', 'hostPath'], sysctls: ['a', 'b'] });
  expect(Object.keys(read({}))).not.toContain('volumeTypes');
});
