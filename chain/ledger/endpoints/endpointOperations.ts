// Service endpoints: put with their node's signature, kept alive by beats; each beat that changes who gets calls makes a new balancing decision (agreement 2.1, 2.3).
import { bls } from '../../../crypto/bls.js';
import { fromHex } from '../../../crypto/encoding.js';
import type { EndpointPayloads, EndpointRecord, LoadBalancingDecision, ServiceEndpoint } from '../../endpointTypes.js';
import { stateKeys, type NodeRecord, type ObjectReference } from '../../types.js';
import { watchFailover, watchHealthCheck } from '../court/serviceLevels.js';
import { sameJson } from '../firstDifference.js';
import { Refusal } from '../ledgerError.js';
import { mustOwn } from '../nodes/nodeOwner.js';
import { applied, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import type { Overlay } from '../state.js';
import { differs, routingWeights } from './balance.js';
import { endpointMessage } from './endpointMessage.js';

/** Of one service. */
const MAX_ENDPOINTS = 256;

const endpointsOf = (state: Overlay, serviceId: string): readonly EndpointRecord[] => state.records<EndpointRecord>(stateKeys.endpoints(serviceId));

function nodeOf(state: Overlay, name: string, sender: string): NodeRecord {
  const node = state.read<NodeRecord>(stateKeys.node(name));
  if (!node) throw new Refusal('UnknownNode', `node ${name} is not committed; its agent commits it first`);
  mustOwn(node, sender);
  return node;
}

function put({ payload: endpoint, body: { sender }, state, block }: Operation<'endpoint.put'>): Effect {
  const { serviceId, endpointUrl, nodeId } = endpoint;
  const node = nodeOf(state, nodeId, sender);
  const key = stateKeys.endpoint(serviceId, endpointUrl);
  const existing = state.read<EndpointRecord>(key);
  if (existing) {
    nodeOf(state, existing.nodeId, sender);
    const { healthStatus: _h, latencyMicros: _l, lastHeartbeat: _b, ...known } = existing;
    if (sameJson(known satisfies ServiceEndpoint, endpoint)) return applied('Unchanged', `endpoint ${endpointUrl} of ${serviceId} is known so already`);
  } else if (endpointsOf(state, serviceId).length >= MAX_ENDPOINTS)
    throw new Refusal('LimitReached', `service ${serviceId} has ${MAX_ENDPOINTS} endpoints already; remove one first`);
  if (!bls.verify(node.commitment.blsPublicKey, endpointMessage(block.genesis.chainId, endpoint), fromHex(endpoint.blsSignature)))
    throw new Refusal('BadEndpoint', `blsSignature of endpoint ${endpointUrl} is not by the key that node ${nodeId} is committed with`);
  state.write(key, { ...endpoint, healthStatus: 'Unknown', latencyMicros: 0, lastHeartbeat: block.timestamp } satisfies EndpointRecord);
  return applied(existing ? 'Updated' : 'Registered', `endpoint ${endpointUrl} of ${serviceId} is on node ${nodeId}; it gets calls once it is found healthy`);
}

function remove({ payload: { serviceId, endpointUrl }, body: { sender }, roles, state, block }: Operation<'endpoint.remove'>): Effect {
  const key = stateKeys.endpoint(serviceId, endpointUrl);
  const endpoint = state.read<EndpointRecord>(key);
  if (!endpoint) return applied('Absent', `endpoint ${endpointUrl} of ${serviceId} is not on the ledger`);
  if (!roles.includes('operator')) nodeOf(state, endpoint.nodeId, sender);
  state.remove(key);
  const balanced = balance(state, block, serviceId) ? [serviceId] : [];
  return applied('Removed', `endpoint ${endpointUrl} of ${serviceId} is removed`, { balanced });
}

function beat({ payload: { endpoints }, body: { sender }, state, block }: Operation<'endpoint.beat'>): Effect {
  for (const { serviceId, endpointUrl, healthy, latencyMicros } of endpoints) {
    const key = stateKeys.endpoint(serviceId, endpointUrl);
    const known = state.read<EndpointRecord>(key);
    if (!known) throw new Refusal('UnknownEndpoint', `endpoint ${endpointUrl} of ${serviceId} is not on the ledger; put it first`);
    nodeOf(state, known.nodeId, sender);
    // Three parts of what was, one of what is; the first measurement stands alone.
    const smoothed = known.healthStatus === 'Healthy' ? Math.floor((3 * known.latencyMicros + latencyMicros) / 4) : latencyMicros;
    const health = healthy ? { healthStatus: 'Healthy' as const, latencyMicros: smoothed } : { healthStatus: 'Unhealthy' as const, latencyMicros: known.latencyMicros };
    state.write(key, { ...known, ...health, lastHeartbeat: block.timestamp } satisfies EndpointRecord);
    if (healthy) watchHealthCheck(state, block, known, { operator: sender, ms: Math.floor(latencyMicros / 1_000) });
  }
  const balanced = [...new Set(endpoints.map(({ serviceId }) => serviceId))].filter((serviceId) => balance(state, block, serviceId));
  return applied('Heard', `${endpoints.length} endpoints were measured${balanced.length === 0 ? '' : `; the calls of ${balanced.join(', ')} are shared anew`}`, { balanced });
}

/** Whether it made another decision. */
function balance(state: Overlay, block: BlockContext, serviceId: string): boolean {
  const { timestamp, height } = block;
  const endpoints = endpointsOf(state, serviceId);
  const before = state.read<LoadBalancingDecision>(stateKeys.balancing(serviceId));
  const weights = routingWeights(endpoints, timestamp);
  if (!differs(before?.routingWeights ?? {}, weights)) return false;
  for (const endpoint of endpoints) if (before?.routingWeights[endpoint.endpointUrl] !== undefined && weights[endpoint.endpointUrl] === undefined) failedOver(state, block, endpoint);
  const metrics = endpoints.filter(({ endpointUrl }) => weights[endpointUrl] !== undefined).map(({ endpointUrl, nodeId, latencyMicros }) => [endpointUrl, { nodeId, latencyMicros }]);
  const decision: LoadBalancingDecision = {
    serviceId,
    routingWeights: weights,
    performanceMetrics: Object.fromEntries(metrics) as LoadBalancingDecision['performanceMetrics'],
    height,
    time: timestamp,
  };
  state.write(stateKeys.balancing(serviceId), decision);
  return true;
}

/** It gets no calls any more. Found unhealthy, that is at once; silent, it is as late as nobody said so. A time without blocks is nobody's silence. */
function failedOver(state: Overlay, block: BlockContext, endpoint: EndpointRecord): void {
  const operator = state.read<NodeRecord>(stateKeys.node(endpoint.nodeId))?.operator;
  if (operator !== undefined && endpoint.healthStatus === 'Healthy') watchFailover(state, block, endpoint, { operator, ms: Math.max(0, block.previousTimestamp - endpoint.lastHeartbeat) });
}

const service = (serviceId: string): ObjectReference => {
  const [namespace, name] = serviceId.split('/') as [string, string];
  return { kind: 'Service', namespace, name, uid: '' };
};

export const endpointOperations: OperationTable<keyof EndpointPayloads> = {
  'endpoint.put': { roles: ['node-operator'], object: ({ serviceId }) => service(serviceId), execute: put },
  'endpoint.remove': { roles: ['node-operator', 'operator'], object: ({ serviceId }) => service(serviceId), execute: remove },
  'endpoint.beat': { roles: ['node-operator'], object: ({ endpoints }) => service(endpoints[0]!.serviceId), execute: beat },
};
