// Makes NetworkPolicies of the traffic light: for each class and region of data in a namespace, which regions its pods may send to. Pure.
import { LABELS, REGIONS, RUNTIME_LABELS } from '../../api/labels.js';
import { evaluate } from '../../policy/evaluate.js';
import type { AdmissionFacts, Light, Obligation, PolicySet } from '../../policy/types.js';
import type { KubeObject } from '../runtime/kubeObject.js';

export const MANAGED = { 'app.kubernetes.io/managed-by': 'enc-operator' };
export const MANAGED_SELECTOR = 'app.kubernetes.io/managed-by=enc-operator';
export const CUT_POLICY = 'enc-cut';
export const LIGHTS_ANNOTATION = 'runtime.enc.metanode.io/lights';
/** On an EncCluster: obligations that its network enforces by other means, as rate-limit by a mesh; comma-separated. */
export const ENFORCES_ANNOTATION = 'enc.metanode.io/network-enforces';
const TLS_PORTS = '443,8443';
const PLACES = REGIONS.filter((region) => region !== 'Global');

export interface NetworkPolicy extends KubeObject {
  spec: Record<string, unknown>;
}

/** What a flow may do: `ports` null = any. */
interface Flow {
  light: Light;
  open: boolean;
  ports: number[] | null;
  why: string;
}

function portsOf({ parameters }: Obligation): number[] {
  const ports = (parameters.ports ?? TLS_PORTS).split(',').map(Number);
  return ports.filter((port) => Number.isInteger(port) && port > 0 && port <= 65_535);
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** When an obligation to end does end, ms since the epoch: `after` counts from the pod's admission. */
function endOf({ parameters: { at, after } }: Obligation, admitted: number): number {
  if (at !== undefined) return Date.parse(at);
  const [, amount = '0', unit = 's'] = /^(\d+)([smhd])$/.exec(after ?? '') ?? [];
  return admitted + Number(amount) * UNIT_MS[unit]!;
}

interface How {
  /** ms since the epoch */
  time: number;
  /** Types of obligations that the cluster's network enforces by other means. */
  elsewhere: ReadonlySet<string>;
}

/** Encryption is held to by ports that speak nothing else, an end by ending, a notice by the receipt that names it; what nothing enforces ends the flow. */
function yellow(obligations: readonly Obligation[], admitted: number, { time, elsewhere }: How): Flow {
  let ports: number[] | null = null;
  for (const obligation of obligations) {
    const { type, rule } = obligation;
    if (elsewhere.has(type) || type === 'notify') continue;
    if (type === 'encrypt') ports = ports === null ? portsOf(obligation) : ports.filter((port) => portsOf(obligation).includes(port));
    else if (type === 'expire' && endOf(obligation, admitted) > time) continue;
    else return { light: 'Yellow', open: false, ports: null, why: type === 'expire' ? `${type} of rule ${rule} has passed` : `nothing here enforces ${type} of rule ${rule}` };
  }
  return { light: 'Yellow', open: true, ports, why: 'under obligations' };
}

/** To pods of one region; decided by the same engine that gives verdicts. */
function flowTo(region: string, set: PolicySet, facts: AdmissionFacts, how: How): Flow {
  const data = { ...facts.data!, destinationRegions: [region] };
  const { flows } = evaluate(set, { ...facts, time: how.time, guards: [], data, pod: { ...facts.pod!, pinnedRegions: null } });
  const [flow] = flows;
  if (!flow || flow.light === 'Red') return { light: 'Red', open: false, ports: null, why: flow?.reason ?? 'no decision' };
  return flow.light === 'Yellow' ? yellow(flow.obligations, facts.time, how) : { light: 'Green', open: true, ports: null, why: flow.reason };
}

const SEVERITY: readonly Light[] = ['Green', 'Yellow', 'Red'];
/** Of pods that one selector cannot tell apart, what the strictest of them is bound by. */
function strictest(flows: readonly Flow[]): Flow {
  const closed = flows.find(({ open }) => !open);
  const worst = flows.reduce((a, b) => (SEVERITY.indexOf(b.light) > SEVERITY.indexOf(a.light) ? b : a));
  if (closed) return { ...closed, light: worst.light };
  const limited = flows.flatMap(({ ports }) => (ports === null ? [] : [ports]));
  return { ...worst, ports: limited.length === 0 ? null : limited.reduce((a, b) => a.filter((port) => b.includes(port))) };
}

const IN_CLUSTER_NAMES = {
  to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
  ports: [
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP' },
  ],
};

function egressTo(region: string, { ports }: Flow) {
  const to = [{ namespaceSelector: {}, podSelector: { matchLabels: { [RUNTIME_LABELS.region]: region } } }];
  return { to, ...(ports === null ? {} : { ports: ports.map((port) => ({ port, protocol: 'TCP' })) }) };
}

function policyOf(namespace: string, name: string, spec: Record<string, unknown>, annotations: Record<string, string> = {}): NetworkPolicy {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace, labels: MANAGED, annotations }, spec };
}

/** Cuts pods off that carry the label: no traffic in or out. */
export const cutPolicy = (namespace: string): NetworkPolicy =>
  policyOf(namespace, CUT_POLICY, { podSelector: { matchLabels: { [RUNTIME_LABELS.cut]: 'true' } }, policyTypes: ['Ingress', 'Egress'] });

export interface Group {
  classification: string;
  sourceRegion: string;
  /** Distinct questions that pods of this class and region ask. */
  facts: readonly AdmissionFacts[];
}

/** None where every region is Green: nothing has to be kept apart. */
function groupPolicy(namespace: string, { classification, sourceRegion, facts }: Group, set: PolicySet, how: How): NetworkPolicy[] {
  const flows = PLACES.map((region) => [region, strictest(facts.map((one) => flowTo(region, set, one, how)))] as const);
  if (flows.every(([, { light }]) => light === 'Green')) return [];
  const lights = Object.fromEntries(flows.map(([region, { light, open, why }]) => [region, `${light}${open ? '' : ', closed'}: ${why}`]));
  const spec = {
    podSelector: {
      matchLabels: { [LABELS.dataClassification]: classification, [LABELS.dataRegion]: sourceRegion },
      // NetworkPolicies add up: this one must not open what the cut closed.
      matchExpressions: [{ key: RUNTIME_LABELS.cut, operator: 'DoesNotExist' }],
    },
    policyTypes: ['Egress'],
    egress: [IN_CLUSTER_NAMES, ...flows.filter(([, { open }]) => open).map(([region, flow]) => egressTo(region, flow))],
  };
  return [policyOf(namespace, `enc-flows-${classification}-${sourceRegion}`.toLowerCase(), spec, { [LIGHTS_ANNOTATION]: JSON.stringify(lights) })];
}

/** Every NetworkPolicy that the namespace is to have. */
export function wantedPolicies(namespace: string, groups: readonly Group[], set: PolicySet, how: How & { anyCut: boolean }): NetworkPolicy[] {
  return [...(how.anyCut ? [cutPolicy(namespace)] : []), ...groups.flatMap((group) => groupPolicy(namespace, group, set, how))];
}

/** The earliest end of a flow that an obligation sets, after `time`; for looking again then. */
export function nextEnd(groups: readonly Group[], set: PolicySet, time: number): number | undefined {
  const flowsOf = (one: AdmissionFacts) => PLACES.flatMap((region) => evaluate(set, { ...one, time, guards: [], data: { ...one.data!, destinationRegions: [region] } }).flows);
  const ends = groups.flatMap(({ facts }) =>
    facts.flatMap((one) =>
      flowsOf(one)
        .flatMap(({ obligations }) => obligations)
        .filter(({ type }) => type === 'expire')
        .map((obligation) => endOf(obligation, one.time)),
    ),
  );
  const coming = ends.filter((end) => end > time);
  return coming.length === 0 ? undefined : Math.min(...coming);
}
