// The OpenAPI document, made from the same table that the server runs.
import type { Parameter, Route } from './route.js';

const ERROR = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: { code: { type: 'string' }, message: { type: 'string' }, field: { type: 'string' } },
    },
  },
};

const json = (description: string, schema: object) => ({ description, content: { 'application/json': { schema } } });

function parameterObject({ name, in: where, description, required, type, ...limits }: Parameter): object {
  const { minimum, maximum, pattern, maxLength, default: preset } = limits;
  const schema = { type: pattern === undefined ? type : 'string', minimum, maximum, pattern, maxLength, default: preset };
  return { name, in: where, description, required: required ?? false, schema: Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined)) };
}

function operation({ summary, parameters = [], body, status = 200, answer }: Route): object {
  return {
    summary,
    parameters: parameters.map(parameterObject),
    ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    responses: { [status]: json('Answer', answer), '4XX': json('Refused', ERROR), '5XX': json('Failed', ERROR) },
  };
}

export function openApiDocument(routes: Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) (paths[route.path.replace('*}', '}')] ??= {})[route.method] = operation(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'BPCI validator',
      version,
      description: 'Blocks, certificates, state with proofs, receipts and submission. Verify answers against the validator set; trust no single validator.',
    },
    paths,
  };
}
