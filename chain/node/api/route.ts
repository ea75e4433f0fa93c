// One route of the HTTP API as data: what it takes and answers (for the OpenAPI document and for checking) and what it does.
import type { Request, Response } from 'express';
import { ApiError } from './apiError.js';

export interface Parameter {
  name: string;
  in: 'path' | 'query';
  description: string;
  type: 'integer' | 'string';
  required?: boolean;
  default?: number | string;
  minimum?: number;
  maximum?: number;
  /** Anchored regular expression, also for integers given as words such as `latest`. */
  pattern?: string;
  maxLength?: number;
}

export type Values = Record<string, number | string | undefined>;

export interface Route {
  method: 'get' | 'post';
  /** As in OpenAPI: /v1/blocks/{height}. */
  path: string;
  summary: string;
  parameters?: Parameter[];
  /** JSON schema of the body, for the document; the handler checks it. */
  body?: object;
  status?: number;
  /** JSON schema of the answer. */
  answer: object;
  /** The answer's JSON; undefined when it was written to the response already. */
  handle(values: Values, request: Request, response: Response): unknown;
}

const DEFAULT_MAX_LENGTH = 512;

/** Checked and typed values of all parameters. Throws ApiError 'BadRequest' naming the parameter. */
export function readParameters(route: Route, path: Record<string, unknown>, query: Record<string, unknown>): Values {
  const parameters = route.parameters ?? [];
  for (const name of Object.keys(query)) {
    if (parameters.some((parameter) => parameter.in === 'query' && parameter.name === name)) continue;
    const known = parameters.filter((parameter) => parameter.in === 'query').map((parameter) => parameter.name);
    throw new ApiError('BadRequest', `unknown parameter "${name}"; ${known.length === 0 ? 'there are none here' : `there are ${known.join(', ')}`}`, name);
  }
  return Object.fromEntries(parameters.map((parameter) => [parameter.name, readParameter(parameter, (parameter.in === 'path' ? path : query)[parameter.name])]));
}

function readParameter(parameter: Parameter, value: unknown): number | string | undefined {
  const { name, type, pattern, maxLength = DEFAULT_MAX_LENGTH } = parameter;
  if (value === undefined) {
    if (parameter.required) throw new ApiError('BadRequest', `parameter "${name}" is missing`, name);
    return parameter.default;
  }
  if (typeof value !== 'string' || value.length > maxLength) {
    throw new ApiError('BadRequest', `parameter "${name}" must be given once, with at most ${maxLength} characters`, name);
  }
  if (pattern !== undefined && !new RegExp(pattern).test(value)) {
    throw new ApiError('BadRequest', `parameter "${name}" is "${value.slice(0, 80)}", expected ${parameter.description}`, name);
  }
  if (type === 'string') return value;
  return pattern !== undefined && !/^\d+$/.test(value) ? value : readInteger(parameter, value);
}

function readInteger({ name, minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Parameter, value: string): number {
  const number = /^\d{1,16}$/.test(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(number) || number < minimum || number > maximum) {
    throw new ApiError('BadRequest', `parameter "${name}" is "${value.slice(0, 80)}", expected an integer from ${minimum} to ${maximum}`, name);
  }
  return number;
}

export const hashParameter = (name: string, description: string): Parameter => ({
  name,
  in: 'path',
  description,
  type: 'string',
  required: true,
  pattern: '^[0-9a-f]{64}$',
});
