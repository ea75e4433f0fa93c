import { beforeEach, describe, expect, it } from 'vitest';
import { PLACE_LABELS } from '../../api/labels.js';
import { createNodeKey } from '../../chain/client/keyFile.js';
import { ReadyChain } from '../../chain/ledger/testing/readyChain.js';
import { nodeCommit } from '../../chain/ledger/testing/samplePayloads.js';
import { stateKeys, type NodeCommitment, type NodeRecord } from '../../chain/types.js';
import { ChainWriter } from '../ledger/chainWriter.js';
import { EventRecorder } from '../runtime/eventRecorder.js';
import type { KubeApi } from '../runtime/kubeApi.js';
import { KubeError } from '../runtime/kubeError.js';
import type { ConfigMap, Node } from '../runtime/kubeObject.js';
import { createMetrics } from '../runtime/metrics.js';
import { MemoryChain } from '../testing/memoryChain.js';
import { silentLogger } from '../testing/silentLogger.js';
import { AgentReconciler } from './agentReconciler.js';
import type { NodePlace } from './config.js';
import { OFFER_KEY, offeredCommitments, offerOf } from './offer.js';
import { OfferReconciler } from './offerReconciler.js';
import { placeOf } from './place.js';

const CHAIN = 'enc-test';
const node = (labels: Record<string, string> = {}, name = 'eu-7', memory = '8Gi'): Node => ({
  metadata: { name, uid: `uid-${name}`, labels },
  status: { allocatable: { cpu: '4', memory, pods: '110' } },
});
const inEu = { [PLACE_LABELS.region]: 'EU' };
const named = new Map<string, NodePlace>([['eu-9', { name: 'eu-9', region: 'EU', zone: 'eu-a' }]]);

describe('placeOf', () => {
  it.each<[string, Node, NodePlace | RegExp]>([
    ['named in the settings, whatever its labels', node({ [PLACE_LABELS.region]: 'US' }, 'eu-9'), named.get('eu-9')!],
    ['labelled', node({ ...inEu, [PLACE_LABELS.zone]: 'eu-b' }), { name: 'eu-7', region: 'EU', zone: 'eu-b' }],
    ['neither', node(), /nobody has said in which region it stands: kubectl label node eu-7 /],
    ['what its own kubelet may say', node({ 'topology.kubernetes.io/region': 'EU' }), /nobody has said/],
    ['no region that there is', node({ [PLACE_LABELS.region]: 'Mars' }), /"Mars", none of US, EU, APAC/],
  ])('%s', (_, given, place) => expect(placeOf(given, named)).toEqual(place instanceof RegExp ? expect.stringMatching(place) : place));
});

/** Offers as an API server keeps them. */
function store() {
  const offers = new Map<string, ConfigMap>();
  const nameIn = (path: string) => path.split('/').at(-1)!;
  const api = {
    get: (path: string) => {
      const offer = offers.get(nameIn(path));
      return offer ? Promise.resolve(offer) : Promise.reject(new KubeError('NotFound', 404, 'there is none'));
    },
    patch: (path: string, _type: string, body: ConfigMap) => {
      offers.set(nameIn(path), body);
      return Promise.resolve(body);
    },
    create: (path: string, body: unknown) => {
      events.push(body as (typeof events)[number]);
      return Promise.resolve({ metadata: { name: path } });
    },
  } as unknown as KubeApi;
  const events: { reason: string; note: string }[] = [];
  return { offers, api, events };
}

describe("a node's own agent and who holds the account", () => {
  let ledger: ReadyChain;
  let kube: ReturnType<typeof store>;
  let nodes: Map<string, Node>;
  let agent: AgentReconciler;
  let now = 0;
  const recorder = () => new EventRecorder(kube.api, silentLogger(), 'test');
  const onNode = () => new OfferReconciler({ api: kube.api, events: recorder(), node: (name) => nodes.get(name), named, namespace: 'enc-nodes', chainId: CHAIN, key: createNodeKey(), networkBandwidth: 1_000 });
  const committed = () => ledger.record<NodeRecord>(stateKeys.node('eu-7'));
  const offerThat = (commitment: NodeCommitment) => kube.offers.set('eu-7', offerOf('enc-nodes', node(inEu), commitment));

  beforeEach(() => {
    ledger = new ReadyChain();
    kube = store();
    nodes = new Map([['eu-7', node(inEu)]]);
    const client = new MemoryChain(ledger, 'node-operator');
    const commitments = offeredCommitments((name) => kube.offers.get(name), named, () => now);
    agent = new AgentReconciler({ client, chain: new ChainWriter(client, createMetrics()), events: recorder(), node: (name) => nodes.get(name), commitments });
  });

  it('bring a node to the ledger that nobody named before, once', async () => {
    const own = onNode();
    expect(await agent.reconcile('eu-7')).toEqual({ quiet: 'its agent has offered nothing yet' });
    await own.reconcile('eu-7');
    expect(await agent.reconcile('eu-7')).toMatchObject({ receiptId: expect.any(String) as string });
    expect(committed()).toMatchObject({ region: 'EU', capacity: { cpuMillis: 4_000 } });
    expect(await own.reconcile('eu-7')).toMatchObject({ quiet: 'it is committed so' });
    expect(await agent.reconcile('eu-7')).toEqual({ quiet: 'it is committed so' });
    expect([...agent.committed]).toEqual(['eu-7']);
  });

  it('commit anew what a node can give now, and the key of an agent that is a new one', async () => {
    const own = onNode();
    await own.reconcile('eu-7');
    await agent.reconcile('eu-7');
    const { blsPublicKey } = committed()!.commitment;
    nodes.set('eu-7', node(inEu, 'eu-7', '4Gi'));
    await own.reconcile('eu-7');
    now += 4_000;
    expect(await agent.reconcile('eu-7'), 'not again at once, whatever is offered').toMatchObject({ quiet: expect.stringContaining('a moment ago') as string, againMs: 6_000 });
    now += 6_000;
    await agent.reconcile('eu-7');
    expect(committed()!.commitment).toMatchObject({ memoryBytes: 4 * 2 ** 30, blsPublicKey });
    await onNode().reconcile('eu-7');
    now += 10_000;
    await agent.reconcile('eu-7');
    expect(committed()!.commitment.blsPublicKey).not.toBe(blsPublicKey);
  });

  it('wait for a node whose place nobody has said, and say so at the node', async () => {
    nodes.set('eu-7', node());
    expect(await onNode().reconcile('eu-7')).toMatchObject({ quiet: expect.stringContaining('nobody has said') as string });
    expect(kube.offers.size).toBe(0);
    expect(kube.events).toMatchObject([{ reason: 'PlaceUnknown' }]);
  });

  it.each<[string, () => void, RegExp]>([
    ['that commits another node', () => offerThat(nodeCommit('eu-1')), /it commits node "eu-1"/],
    ['with another region than an administrator said', () => offerThat(nodeCommit('eu-7', { region: 'US', zone: '' })), /it says region "US".*stands in region "EU"/],
    ['with a zone that nobody said', () => offerThat(nodeCommit('eu-7')), /zone "eu-a".*zone ""/],
    ['with a quote', () => offerThat(nodeCommit('eu-7', { zone: '', attestationProof: {} as never })), /answers no challenge/],
    ['that is none', () => kube.offers.set('eu-7', { metadata: { name: 'eu-7' }, data: { [OFFER_KEY]: '[' } }), /it holds no commitment\.json/],
    ['whose label was taken away', () => { offerThat(nodeCommit('eu-7', { zone: '' })); nodes.set('eu-7', node()); }, /nobody has said/],
    ['whose signature is not by its key', () => offerThat({ ...nodeCommit('eu-7', { zone: '' }), cpuMillis: 64_000 }), /commitmentSignature of node eu-7/],
    ['with the key of another node', () => offerThat(nodeCommit('eu-1', { name: 'eu-7', zone: '' })), /is that of node eu-1/],
  ])('take no offer %s', async (_, offer, why) => {
    offer();
    await expect(agent.reconcile('eu-7')).rejects.toThrow(why);
    expect(committed()).toBeUndefined();
  });
});
