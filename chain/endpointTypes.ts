// Service discovery and load balancing by consensus: endpoints signed by their node's key, and how a service's calls are shared among them (agreement 2.1, 2.3).

/** ServiceEndpoint of agreement 2.1, signed with the BLS key of its node. */
export interface ServiceEndpoint {
  /** namespace/name of the service. */
  serviceId: string;
  nodeId: string;
  /** http://host:port or tcp://host:port */
  endpointUrl: string;
  capabilities: string[];
  /** Over utf8('enc-endpoint-v1') ‖ 0x00 ‖ sha256(canonicalJson({chainId, …all fields but this})), hex. */
  blsSignature: string;
}

export interface EndpointHealth {
  serviceId: string;
  endpointUrl: string;
  healthy: boolean;
  /** To connect, as measured by the node's agent; microseconds. */
  latencyMicros: number;
}

export interface EndpointPayloads {
  'endpoint.put': ServiceEndpoint;
  'endpoint.remove': { serviceId: string; endpointUrl: string };
  /** Of endpoints on the sender's nodes. */
  'endpoint.beat': { endpoints: EndpointHealth[] };
}

export interface EndpointRecord extends ServiceEndpoint {
  healthStatus: 'Unknown' | 'Healthy' | 'Unhealthy';
  /** Smoothed, microseconds. */
  latencyMicros: number;
  /** Block time, ms. */
  lastHeartbeat: number;
}

/** LoadBalancingDecision of agreement 2.3: consensus round and approval are those of the certificate of block `height`. */
export interface LoadBalancingDecision {
  serviceId: string;
  /** Per mille of the calls, by endpoint; they sum to 1,000, or there are none. An endpoint that is not here gets none. */
  routingWeights: Record<string, number>;
  /** What it follows from. */
  performanceMetrics: Record<string, { nodeId: string; latencyMicros: number }>;
  height: number;
  /** Block time, ms. */
  time: number;
}

/** An endpoint that was not heard for longer gets no calls, ms of block time: three beats. */
export const ENDPOINT_SILENT_MS = 3_000;
