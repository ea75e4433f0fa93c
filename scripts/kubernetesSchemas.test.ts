// From an OpenAPI document to schemas that refuse what the API server would drop.
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { schemasOf } from './kubernetesSchemas.js';

const files = schemasOf({
  definitions: {
    'io.k8s.api.apps.v1.Thing': {
      'x-kubernetes-group-version-kind': [{ group: 'apps.k8s.io', version: 'v1', kind: 'Thing' }],
      properties: { kind: { type: 'string' }, port: { format: 'int-or-string', type: 'string' }, spec: { $ref: '#/definitions/Spec' } },
      type: 'object',
    },
    Spec: { properties: { replicas: { type: 'integer', format: 'int32' }, labels: { additionalProperties: { type: 'string' }, type: 'object' } }, type: 'object' },
    Other: { type: 'object' },
  },
});

describe('schemasOf', () => {
  const validate = new Ajv({ strict: false }).compile(files.get('thing-apps-v1.json')!);
  it('makes one file for each kind', () => expect([...files.keys()]).toEqual(['thing-apps-v1.json']));
  it.each<[string, object, boolean]>([
    ['what is named', { kind: 'Thing', port: 'http', spec: { replicas: 1, labels: { any: 'x' } } }, true],
    ['a number for a port', { port: 80 }, true],
    ['a member that is not there', { spec: { replcas: 1 } }, false],
    ['another type', { spec: { replicas: 'one' } }, false],
  ])('%s', (_, value, good) => expect(validate(value)).toBe(good));
});
