// Reads what a client asks: the flow as it knows it, with everything it left out filled in; the time and the id are this program's.
import { randomUUID } from 'node:crypto';
import { flowRequestShape } from '../../chain/client/flowShape.js';
import type { FlowRequest } from '../../policy/trafficLight/evaluateFlow.js';
import { ShapeError } from '../../receipts/shape.js';

export interface Asked {
  request: FlowRequest;
  /** Whether it is to be recorded on the chain; undefined where the client leaves it to the program's mode. */
  record: boolean | undefined;
}

const MEMBERS: readonly string[] = ['data', 'source', 'destination', 'live', 'requester', 'record'];
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Defaults for members that are absent; whatever is there is left for the shape to judge. */
const filled = (value: unknown, defaults: Record<string, unknown>): unknown => (isObject(value) ? { ...defaults, ...value } : value);

function endOf(value: unknown): unknown {
  const end = filled(value, { classification: null, namespace: {}, labels: {} });
  return isObject(end) ? { ...end, namespace: filled(end.namespace, { name: '', labels: {} }) } : end;
}

const sortedOnce = (value: unknown): unknown => (Array.isArray(value) && value.every((item) => typeof item === 'string') ? [...new Set(value)].toSorted() : value);
function dataOf(value: unknown): unknown {
  const data = filled(value, { operationType: 'Transfer', regulations: [], agreements: [] });
  return isObject(data) ? { ...data, regulations: sortedOnce(data.regulations), agreements: sortedOnce(data.agreements) } : data;
}

/** `now` in ms since the epoch. Throws ShapeError with the path, what was found and what is allowed. */
export function readRequest(body: unknown, now: number, path = '$'): Asked {
  if (!isObject(body)) throw new ShapeError(path, 'an object with data, source and destination', body);
  const unknown = Object.keys(body).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw new ShapeError(`${path}.${unknown.slice(0, 64)}`, `one of ${MEMBERS.join(', ')}`, body[unknown]);
  const { record } = body;
  if (record !== undefined && typeof record !== 'boolean') throw new ShapeError(`${path}.record`, 'true or false', record);
  const request = {
    decisionId: randomUUID(),
    time: now,
    requester: body.requester ?? '',
    data: dataOf(body.data),
    source: endOf(body.source),
    destination: endOf(body.destination),
    live: filled(body.live ?? {}, { encrypted: null, requestsPerSecond: null, bytesPerSecond: null, budget: null, healthy: null }),
  };
  return { request: flowRequestShape(request, path), record };
}
