// Answers DNS questions for services: A and AAAA for their addresses, SRV with ports and weights; pure.
import { isIPv4, isIPv6 } from 'node:net';
import type { Answer, Packet } from 'dns-packet';
import type { Resolved, Target } from './serviceTable.js';

export const ZONE = 'svc.enc.local';
/** Seconds: a change is to be seen within one. */
const TTL = 1;
const AUTHORITATIVE = 1 << 10;
const NXDOMAIN = 3;
const REFUSED = 5;

interface Place {
  host: string;
  port: number;
  weight: number;
}

function placeOf({ url, weight }: Target): Place | undefined {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIPv4(host) || isIPv6(host) ? { host, port: Number(port || (protocol === 'https:' ? 443 : 80)), weight } : undefined;
}

/** namespace/name of name.namespace.svc.enc.local, SRV's _port._proto before it left out; undefined for names outside the zone. */
export function serviceOf(name: string): string | undefined {
  const lower = name.toLowerCase().replace(/\.$/, '');
  if (!lower.endsWith(`.${ZONE}`)) return undefined;
  const labels = lower.slice(0, -ZONE.length - 1).split('.').filter((label) => !label.startsWith('_'));
  return labels.length === 2 ? `${labels[1]}/${labels[0]}` : undefined;
}

const addressName = ({ host }: Place) => `${host.replaceAll(/[.:]/g, '-')}.ip.${ZONE}`;
const addressRecord = (name: string, { host }: Place): Answer => ({ type: isIPv4(host) ? 'A' : 'AAAA', name, ttl: TTL, data: host });

/** For one question; a packet with none or several is refused. */
export function dnsAnswer({ id = 0, questions = [] }: Packet, resolve: (serviceId: string) => Resolved | undefined): Packet {
  const [question] = questions;
  const answer = (rcode: number, answers: Answer[] = [], additionals: Answer[] = []): Packet => ({ type: 'response', id, flags: AUTHORITATIVE | rcode, questions, answers, additionals });
  const serviceId = questions.length === 1 && question ? serviceOf(question.name) : undefined;
  if (!question || serviceId === undefined) return answer(REFUSED);
  const resolved = resolve(serviceId);
  if (!resolved) return answer(NXDOMAIN);
  const places = resolved.targets.flatMap((target) => placeOf(target) ?? []);
  if (question.type === 'SRV') {
    const records = places.map((place): Answer => ({ type: 'SRV', name: question.name, ttl: TTL, data: { priority: 0, weight: place.weight, port: place.port, target: addressName(place) } }));
    return answer(0, records, places.map((place) => addressRecord(addressName(place), place)));
  }
  const wanted = places.filter(({ host }) => (question.type === 'A' ? isIPv4(host) : question.type === 'AAAA' && isIPv6(host)));
  const hosts = [...new Map(wanted.map((place) => [place.host, place])).values()];
  return answer(0, hosts.map((place) => addressRecord(question.name, place)));
}
