// The exact shape of a flow request, for whoever asks for a decision and for the validators that record it.
import { CLASSIFICATIONS, OPERATION_TYPES, REGIONS } from '../../api/labels.js';
import type { FlowEndFacts, FlowRequest } from '../../policy/trafficLight/evaluateFlow.js';
import { array, integer, literal, nullable, object, pattern, ShapeError, text, type Shape } from '../../receipts/shape.js';

const LABEL_KEY = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,315}[A-Za-z0-9])?$/;
const MAX_LABELS = 64;
const labelValue = text(0, 63);

const labels: Shape<Record<string, string>> = (value, path) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ShapeError(path, 'an object of labels', value);
  const entries = Object.entries(value);
  if (entries.length > MAX_LABELS) throw new ShapeError(path, `at most ${MAX_LABELS} labels`, `${entries.length} labels`);
  for (const [key, label] of entries) {
    if (!LABEL_KEY.test(key)) throw new ShapeError(`${path}.${key.slice(0, 64)}`, 'a label key', key);
    labelValue(label, `${path}.${key}`);
  }
  return value as Record<string, string>;
};

const flag = literal(true, false);
const end: Shape<FlowEndFacts> = object({
  region: literal(...REGIONS),
  classification: nullable(literal(...CLASSIFICATIONS)),
  namespace: object({ name: pattern(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)?$/, 'a namespace, or nothing'), labels }),
  labels,
});

export const flowRequestShape: Shape<FlowRequest> = object({
  decisionId: pattern(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a UUID in lower case'),
  time: integer(),
  requester: text(0, 253),
  data: object({
    classification: literal(...CLASSIFICATIONS),
    operationType: literal(...OPERATION_TYPES),
    regulations: array(pattern(/^[A-Z][A-Z0-9-]{1,31}$/, 'a regulation as GDPR or PCI-DSS'), 0, 32),
    agreements: array(pattern(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, 'the name of an Agreement'), 0, 32),
  }),
  source: end,
  destination: end,
  live: object({
    encrypted: nullable(flag),
    requestsPerSecond: nullable(integer()),
    bytesPerSecond: nullable(integer()),
    budget: nullable(integer()),
    healthy: nullable(flag),
  }),
});
