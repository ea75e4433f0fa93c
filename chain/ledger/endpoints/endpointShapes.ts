// The exact shape of what is said of service endpoints.
import { array, hex, integer, literal, pattern, text, type Shape } from '../../../receipts/shape.js';
import type { EndpointHealth, EndpointPayloads } from '../../endpointTypes.js';
import { objectName, shapeOf } from '../shapes.js';

const MAX_LATENCY_MICROS = 60_000_000;
const serviceId = pattern(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\/[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, 'a service as namespace/name');
const endpointUrl = pattern(/^(?:https?|tcp):\/\/[A-Za-z0-9.:[\]-]{1,253}:\d{1,5}$/, 'an address as http://10.0.0.1:8080 or tcp://10.0.0.1:5432');

export const endpointShapes: { [T in keyof EndpointPayloads]: Shape<EndpointPayloads[T]> } = {
  'endpoint.put': shapeOf<EndpointPayloads['endpoint.put']>()({
    serviceId,
    nodeId: objectName,
    endpointUrl,
    capabilities: array(text(1, 63), 0, 32),
    blsSignature: hex(96),
  }),
  'endpoint.remove': shapeOf<EndpointPayloads['endpoint.remove']>()({ serviceId, endpointUrl }),
  'endpoint.beat': shapeOf<EndpointPayloads['endpoint.beat']>()({
    endpoints: array(
      shapeOf<EndpointHealth>()({ serviceId, endpointUrl, healthy: literal(true, false), latencyMicros: integer(0, MAX_LATENCY_MICROS) }),
      1,
      256,
    ),
  }),
};
