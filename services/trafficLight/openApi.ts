// The OpenAPI description of the decision API, served at /openapi.json.
import { CLASSIFICATIONS, OPERATION_TYPES, REGIONS } from '../../api/labels.js';

const classification = { type: 'string', enum: [...CLASSIFICATIONS] };
const labels = { type: 'object', maxProperties: 64, additionalProperties: { type: 'string', maxLength: 63 }, default: {} };
const names = { type: 'array', maxItems: 32, items: { type: 'string' }, default: [] };
const measured = (type: string, description: string) => ({ type: [type, 'null'], default: null, description });
const end = {
  type: 'object',
  required: ['region'],
  additionalProperties: false,
  properties: {
    region: { type: 'string', enum: [...REGIONS] },
    classification: { ...classification, type: ['string', 'null'], enum: [...CLASSIFICATIONS, null], default: null, description: 'Highest class this end is cleared for.' },
    namespace: { type: 'object', additionalProperties: false, properties: { name: { type: 'string', maxLength: 63, default: '' }, labels } },
    labels,
  },
};
const flow = {
  type: 'object',
  required: ['data', 'source', 'destination'],
  additionalProperties: false,
  properties: {
    data: { type: 'object', required: ['classification'], additionalProperties: false, properties: { classification, operationType: { type: 'string', enum: [...OPERATION_TYPES], default: 'Transfer' }, regulations: names, agreements: names } },
    source: end,
    destination: end,
    live: {
      type: 'object',
      additionalProperties: false,
      description: 'What was measured. What is left out never opens a flow: it holds for Red rules and for no others.',
      properties: {
        encrypted: measured('boolean', 'The flow is encrypted.'),
        requestsPerSecond: measured('integer', 'Requests per second.'),
        bytesPerSecond: measured('integer', 'Bytes per second.'),
        budget: measured('integer', 'µBPI the sender has left for flows.'),
        healthy: measured('boolean', 'The destination is healthy.'),
      },
    },
    requester: { type: 'string', maxLength: 253, default: '' },
    record: { type: 'boolean', description: 'Record the decision on the chain; the default follows --pipeline-mode.' },
  },
};
const decision = {
  type: 'object',
  required: ['decisionId', 'state', 'allowed', 'message', 'policyHeight', 'obligations', 'recorded'],
  properties: {
    decisionId: { type: 'string', format: 'uuid' },
    state: { type: 'string', enum: ['Green', 'Yellow', 'Red'] },
    allowed: { type: 'boolean' },
    message: { type: 'string' },
    policyHeight: { type: 'integer' },
    complianceStatus: { type: 'object' },
    policyResult: { type: 'object' },
    obligations: { type: 'array', items: { type: 'object', properties: { type: { type: 'string' }, parameters: { type: 'object' }, rule: { type: 'string' } } } },
    enforcementAction: { type: ['string', 'null'] },
    exceptions: { type: 'array', items: { type: 'object' } },
    without: { type: ['object', 'null'] },
    request: { type: 'object' },
    recorded: { type: ['object', 'null'], properties: { receiptId: { type: 'string' }, acknowledgements: { type: 'integer' } } },
  },
};
const fault = { type: 'object', properties: { error: { type: 'object', properties: { code: { type: 'string' }, message: { type: 'string' } } } } };
const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const faults = Object.fromEntries([['400', 'The body is no JSON.'], ['413', 'The body is too large.'], ['422', 'A member is missing, unknown or has a value that is not allowed; the message names it.'], ['503', 'The decision was to be recorded and too few validators took it; there is no decision.']].map(([status, description]) => [status, { description, ...json(reference('Fault')) }]));

export const MAX_BATCH = 256;

export const openApi = {
  openapi: '3.1.0',
  info: { title: 'Traffic light', version: 'v1', description: 'Decides flows of data by the policies, rules and agreements on the chain.' },
  paths: {
    '/v1/decisions': { post: { summary: 'Decide on one flow', requestBody: { required: true, ...json(reference('Flow')) }, responses: { 200: { description: 'Decided; Red is an answer, not an error.', ...json(reference('Decision')) }, ...faults } } },
    '/v1/decisions/batch': {
      post: {
        summary: 'Decide on several flows, each by itself, in their order',
        requestBody: { required: true, ...json({ type: 'object', required: ['flows'], additionalProperties: false, properties: { flows: { type: 'array', minItems: 1, maxItems: MAX_BATCH, items: reference('Flow') } } }) },
        responses: { 200: { description: 'All decided.', ...json({ type: 'object', properties: { decisions: { type: 'array', items: reference('Decision') } } }) }, ...faults },
      },
    },
    '/v1/status': { get: { summary: 'Policy height, mode and the services named on the command line', responses: { 200: { description: 'Status.', ...json({ type: 'object' }) } } } },
  },
  components: { schemas: { Flow: flow, Decision: decision, Fault: fault } },
} as const;
