import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { signServiceEndpoint } from '../../client/serviceEndpoint.js';
import { ENDPOINT_SILENT_MS, type EndpointRecord, type LoadBalancingDecision, type ServiceEndpoint } from '../../endpointTypes.js';
import { stateKeys } from '../../types.js';
import { ReadyChain } from '../testing/readyChain.js';
import { nodeSecret } from '../testing/samplePayloads.js';
import { differs, routingWeights } from './balance.js';

const SERVICE = 'payments/api';
const url = (host: number) => `http://10.0.0.${host}:8080`;
let chain: ReadyChain;
beforeEach(() => {
  chain = new ReadyChain();
});

function endpoint(host: number, changes: Partial<ServiceEndpoint> = {}, signer = 'eu-1'): ServiceEndpoint {
  const fields = { serviceId: SERVICE, nodeId: 'eu-1', endpointUrl: url(host), capabilities: ['v1'], ...changes };
  return signServiceEndpoint(chain.genesis.chainId, fields, nodeSecret(signer));
}
const put = (...hosts: number[]) => hosts.map((host) => chain.run('node-operator', 'endpoint.put', endpoint(host)));
const beat = (measured: [host: number, latencyMicros: number | null][], timestamp?: number) =>
  chain.run(
    'node-operator',
    'endpoint.beat',
    { endpoints: measured.map(([host, latency]) => ({ serviceId: SERVICE, endpointUrl: url(host), healthy: latency !== null, latencyMicros: latency ?? 0 })) },
    timestamp,
  );
const decision = () => chain.record<LoadBalancingDecision>(stateKeys.balancing(SERVICE));

describe('endpoint.put', () => {
  it('takes what the node of the endpoint signed; it gets no calls before it is measured', () => {
    expect(put(1)[0]).toMatchObject({ outcome: 'applied', code: 'Registered', object: { kind: 'Service', namespace: 'payments', name: 'api' } });
    expect(chain.record<EndpointRecord>(stateKeys.endpoint(SERVICE, url(1)))).toMatchObject({ nodeId: 'eu-1', healthStatus: 'Unknown' });
    expect(decision()).toBeUndefined();
    expect(put(1)[0]).toMatchObject({ code: 'Unchanged' });
  });
  it.each<[string, () => ServiceEndpoint, string]>([
    ["another node's signature", () => endpoint(1, {}, 'us-1'), 'BadEndpoint'],
    ['another address than was signed', () => ({ ...endpoint(1), endpointUrl: url(2) }), 'BadEndpoint'],
    ['a node that is not committed', () => endpoint(1, { nodeId: 'nowhere' }), 'UnknownNode'],
  ])('refuses %s', (_name, given, code) => expect(chain.run('node-operator', 'endpoint.put', given())).toMatchObject({ outcome: 'refused', code }));
});

describe('endpoint.beat', () => {
  it('shares the calls by measured latency, and keeps to a decision while little changes', () => {
    put(1, 2);
    expect(beat([[1, 1_000], [2, 3_000]])).toMatchObject({ code: 'Heard', details: { balanced: [SERVICE] } });
    expect(decision()?.routingWeights).toEqual({ [url(1)]: 750, [url(2)]: 250 });
    expect(decision()?.performanceMetrics[url(2)]).toEqual({ nodeId: 'eu-1', latencyMicros: 3_000 });
    expect(beat([[1, 1_010], [2, 3_000]])).toMatchObject({ details: { balanced: [] } });
  });
  it('takes calls away from an endpoint that is found unhealthy, and from all when none is left', () => {
    put(1, 2);
    beat([[1, 1_000], [2, 1_000]]);
    beat([[1, null], [2, 1_000]]);
    expect(decision()?.routingWeights).toEqual({ [url(2)]: 1_000 });
    beat([[1, null], [2, null]]);
    expect(decision()?.routingWeights).toEqual({});
  });
  it('takes calls away from an endpoint whose agent fell silent, at the next beat of another', () => {
    put(1, 2);
    beat([[1, 1_000], [2, 1_000]]);
    beat([[2, 1_000]], chain.header.timestamp + ENDPOINT_SILENT_MS);
    expect(Object.keys(decision()!.routingWeights)).toEqual([url(1), url(2)]);
    beat([[2, 1_000]]);
    expect(decision()?.routingWeights).toEqual({ [url(2)]: 1_000 });
  });
  it('refuses what is not on the ledger, and shares anew when an endpoint is removed', () => {
    expect(beat([[9, 1]])).toMatchObject({ outcome: 'refused', code: 'UnknownEndpoint' });
    put(1, 2);
    beat([[1, 1_000], [2, 1_000]]);
    expect(chain.run('node-operator', 'endpoint.remove', { serviceId: SERVICE, endpointUrl: url(1) })).toMatchObject({ code: 'Removed', details: { balanced: [SERVICE] } });
    expect(decision()?.routingWeights).toEqual({ [url(2)]: 1_000 });
  });
});

describe('routingWeights', () => {
  const some = fc.uniqueArray(fc.record({ host: fc.integer({ min: 1, max: 254 }), latencyMicros: fc.integer({ min: 0, max: 60_000_000 }), healthy: fc.boolean() }), { maxLength: 12, selector: ({ host }) => host });
  const records = some.map((all) => all.map(({ host, latencyMicros, healthy }): EndpointRecord => ({ serviceId: SERVICE, nodeId: 'n', endpointUrl: url(host), capabilities: [], blsSignature: '', healthStatus: healthy ? 'Healthy' : 'Unhealthy', latencyMicros, lastHeartbeat: 0 })));
  it('are whole, sum to a thousand over the usable, favour the faster, whatever the order', () => {
    fc.assert(
      fc.property(records, (endpoints) => {
        const weights = routingWeights(endpoints, 0);
        const usable = endpoints.filter(({ healthStatus }) => healthStatus === 'Healthy');
        expect(Object.keys(weights).sort()).toEqual(usable.map(({ endpointUrl }) => endpointUrl).sort());
        if (usable.length > 0) expect(Object.values(weights).reduce((a, b) => a + b, 0)).toBe(1_000);
        expect(Object.values(weights).every((weight) => Number.isInteger(weight) && weight >= 1)).toBe(true);
        for (const a of usable) for (const b of usable) if (a.latencyMicros <= b.latencyMicros) expect(weights[a.endpointUrl]).toBeGreaterThanOrEqual(weights[b.endpointUrl]! - 1);
        expect(routingWeights(endpoints.toReversed(), 0)).toEqual(weights);
        expect(differs(weights, weights)).toBe(false);
      }),
    );
  });
});
