// Shares a service's calls among its endpoints in whole per mille, by measured latency: pure, the same on every validator (agreement 2.3).
import { ENDPOINT_SILENT_MS, type EndpointRecord } from '../../endpointTypes.js';

const WHOLE = 1_000;
/** A shorter time is not told apart from noise. */
const SHORTEST_MICROS = 100;
/** Microseconds whose inverse is one; larger than any latency that a beat may state. */
const SCALE = 1_000_000_000_000;

export const isUsable = ({ healthStatus, lastHeartbeat }: EndpointRecord, now: number): boolean =>
  healthStatus === 'Healthy' && now - lastHeartbeat <= ENDPOINT_SILENT_MS;

/** In inverse proportion to latency, largest remainders rounded up; at least 1 each. Empty when none is usable. Endpoints in any order, at most 1,000 usable. */
export function routingWeights(endpoints: readonly EndpointRecord[], now: number): Record<string, number> {
  const usable = endpoints.filter((endpoint) => isUsable(endpoint, now)).toSorted((a, b) => (a.endpointUrl < b.endpointUrl ? -1 : 1));
  if (usable.length === 0) return {};
  const speeds = usable.map(({ latencyMicros }) => BigInt(Math.floor(SCALE / Math.max(SHORTEST_MICROS, latencyMicros))));
  const sum = speeds.reduce((a, b) => a + b, 0n);
  // One each is given first; the rest is shared.
  const rest = BigInt(WHOLE - usable.length);
  const shares = speeds.map((speed, at) => ({ at, weight: 1 + Number((speed * rest) / sum), remainder: (speed * rest) % sum }));
  let left = WHOLE - shares.reduce((total, { weight }) => total + weight, 0);
  for (const share of shares.toSorted((a, b) => (a.remainder === b.remainder ? a.at - b.at : a.remainder > b.remainder ? -1 : 1))) {
    if (left === 0) break;
    share.weight += 1;
    left -= 1;
  }
  return Object.fromEntries(shares.map(({ at, weight }) => [usable[at]!.endpointUrl, weight]));
}

const NOTICEABLE = 50;

/** Whether it is another decision: who gets calls at all, or a share that has moved by a twentieth of all. Latency jitters; a decision should not. */
export function differs(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): boolean {
  const urls = Object.keys(after);
  if (urls.length !== Object.keys(before).length) return true;
  return urls.some((url) => before[url] === undefined || Math.abs(after[url]! - before[url]) >= NOTICEABLE);
}
