import dgram from 'node:dgram';
import { decode, encode, type Packet } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import type { ChainClient } from '../../chain/client/types.js';
import type { FinalisedBlock, LoadBalancingDecision } from '../../chain/types.js';
import { slicesOf, withEmptied } from '../mesh/endpointSlices.js';
import { silentLogger } from '../testing/silentLogger.js';
import { dnsAnswer, serviceOf } from './dnsAnswer.js';
import { startDnsServer, startHttpServer } from './servers.js';
import { changedBy, resolvedOf, ServiceTable } from './serviceTable.js';

const decided = (weights: Record<string, number>, height = 5): LoadBalancingDecision => ({
  serviceId: 'payments/api',
  routingWeights: weights,
  performanceMetrics: Object.fromEntries(Object.keys(weights).map((url) => [url, { nodeId: 'eu-1', latencyMicros: 1 }])),
  height,
  time: 0,
});
const both = decided({ 'http://10.0.0.2:8080': 250, 'http://10.0.0.1:8080': 750 });
const question = (type: 'A' | 'AAAA' | 'SRV', name: string): Packet => ({ type: 'query', id: 7, questions: [{ type, name }] });
const answer = (packet: Packet, decision = both) => dnsAnswer(packet, (serviceId) => (serviceId === decision.serviceId ? resolvedOf(decision) : undefined));
const rcode = ({ flags = 0 }: Packet) => flags & 15;

describe('DNS', () => {
  it.each([
    ['api.payments.svc.enc.local', 'payments/api'],
    ['_http._tcp.API.payments.svc.enc.local.', 'payments/api'],
    ['api.svc.enc.local', undefined],
    ['api.payments.example', undefined],
  ])('reads %s as %s', (name, service) => expect(serviceOf(name)).toBe(service));

  it('answers addresses, heaviest first, and SRV with ports and weights', () => {
    expect(answer(question('A', 'api.payments.svc.enc.local')).answers?.map((record) => 'data' in record && record.data)).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(answer(question('SRV', '_http._tcp.api.payments.svc.enc.local')).answers).toMatchObject([
      { type: 'SRV', data: { weight: 750, port: 8080, target: '10-0-0-1.ip.svc.enc.local' } },
      { type: 'SRV', data: { weight: 250, port: 8080 } },
    ]);
  });
  it.each<[string, Packet, number]>([
    ['an unknown service', question('A', 'none.payments.svc.enc.local'), 3],
    ['another zone', question('A', 'example.com'), 5],
    ['no question', { type: 'query', id: 1, questions: [] }, 5],
    ['IPv6 of a service that has none', question('AAAA', 'api.payments.svc.enc.local'), 0],
  ])('answers %s', (_name, packet, code) => {
    const said = answer(packet);
    expect([rcode(said), said.answers ?? []]).toEqual([code, []]);
  });
});

describe('the servers', () => {
  it('answer over UDP and HTTP what the chain decided, and nothing to what is no question', async () => {
    let listener: (block: FinalisedBlock) => void = () => undefined;
    let current = both;
    const client = {
      onBlock: (given: typeof listener) => ((listener = given), () => undefined),
      listState: () => Promise.resolve([{ key: '', value: current }]),
      getState: () => Promise.resolve({ value: current, height: 9 }),
    } as unknown as ChainClient;
    const changed: string[] = [];
    let tell: () => void = () => undefined;
    const table = new ServiceTable(client, silentLogger(), ({ serviceId }) => {
      changed.push(serviceId);
      tell();
    });
    await table.start();
    const dns = await startDnsServer(table, '127.0.0.1', 0);
    const http = await startHttpServer(table, '127.0.0.1', 0);
    try {
      const socket = dgram.createSocket('udp4');
      const reply = new Promise<Packet>((resolve) => socket.once('message', (message) => resolve(decode(message))));
      socket.send(Buffer.from('no DNS'), dns.address().port, '127.0.0.1');
      socket.send(encode(question('A', 'api.payments.svc.enc.local')), dns.address().port, '127.0.0.1');
      expect((await reply).answers).toHaveLength(2);
      socket.close();
      const { port } = http.address() as { port: number };
      expect(await (await fetch(`http://127.0.0.1:${port}/v1/services/payments/api`)).json()).toMatchObject({ height: 5, targets: [{ weight: 750 }, { weight: 250 }] });
      expect((await fetch(`http://127.0.0.1:${port}/v1/services/payments/none`)).status).toBe(404);

      current = decided({ 'http://10.0.0.2:8080': 1_000 }, 9);
      const told = new Promise<void>((resolve) => (tell = resolve));
      const predicate = { operationType: 'endpoint.beat', outcome: 'applied', details: { balanced: ['payments/api'] } };
      listener({ header: { height: 9 }, statements: [JSON.stringify({ predicate })] } as unknown as FinalisedBlock);
      await told;
      expect(table.get('payments/api')?.targets).toEqual([{ url: 'http://10.0.0.2:8080', nodeId: 'eu-1', weight: 1_000 }]);
      expect(changed).toEqual(['payments/api', 'payments/api']);
    } finally {
      dns.close();
      http.close();
    }
  });
  it('look only at blocks that share calls anew', () => {
    const of = (predicate: object) => changedBy({ statements: [JSON.stringify({ predicate })] } as unknown as FinalisedBlock);
    expect(of({ operationType: 'endpoint.beat', outcome: 'applied', details: { balanced: ['a/b'] } })).toEqual(['a/b']);
    expect(of({ operationType: 'endpoint.beat', outcome: 'refused', details: { balanced: ['a/b'] } })).toEqual([]);
    expect(of({ operationType: 'node.beat', outcome: 'applied' })).toEqual([]);
  });
});

describe('EndpointSlices', () => {
  it('are one for each port and family, with every target that gets calls', () => {
    const slices = slicesOf(resolvedOf(decided({ 'http://10.0.0.1:8080': 500, 'http://10.0.0.2:8080': 300, 'tcp://[fd00::1]:5432': 200 })));
    expect(slices.map(({ metadata, endpoints, ports }) => [metadata.name, endpoints.flatMap(({ addresses }) => addresses), ports[0]!.port])).toEqual([
      ['api-enc-ipv4-8080', ['10.0.0.1', '10.0.0.2'], 8080],
      ['api-enc-ipv6-5432', ['fd00::1'], 5432],
    ]);
    expect(slices[0]!.metadata.labels['kubernetes.io/service-name']).toBe('api');
  });
  it('are emptied when nobody serves any more', () => {
    expect(withEmptied(slicesOf(resolvedOf(decided({}))), slicesOf(resolvedOf(both)))).toMatchObject([{ metadata: { name: 'api-enc-ipv4-8080' }, endpoints: [] }]);
  });
});
