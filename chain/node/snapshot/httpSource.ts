// A peer's snapshots over its HTTP API.
import type { Endpoint } from '../../client/endpointPool.js';
import type { Timing } from '../../client/timing.js';
import type { SnapshotSource } from './fetchSnapshot.js';

export function httpSource({ url, transport }: Endpoint, { callMs }: Timing): SnapshotSource {
  const get = async (path: string): Promise<unknown> => {
    const { status, body } = await transport.request({ path, timeoutMs: callMs });
    if (status === 200) return body;
    if (status === 404) return undefined;
    throw new Error(`${path} was answered with status ${status}`);
  };
  return {
    name: url,
    manifest: () => get('/v1/snapshot'),
    part: (height, depth, index) => get(`/v1/snapshot/${height}/${depth}/${index}`),
  };
}
