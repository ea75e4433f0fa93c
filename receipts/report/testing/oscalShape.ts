// The parts of NIST's JSON schema for assessment results (OSCAL 1.1.3) that the report uses: its required members, patterns, and no others than it names.
import { Ajv } from 'ajv';

const text = { type: 'string', pattern: '^\\S(.*\\S)?$' };
const uuid = { type: 'string', pattern: '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[45][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$' };
const token = { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_.-]*$' };
const uri = { type: 'string', minLength: 1 };
const dateTime = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$' };
const list = (items: object) => ({ type: 'array', minItems: 1, items });
const object = (properties: Record<string, object>, required: string[]) => ({ type: 'object', properties, required, additionalProperties: false });

const props = list(object({ name: token, uuid, ns: uri, value: text, class: token, group: token, remarks: { type: 'string' } }, ['name', 'value']));
const observation = object(
  { uuid, title: text, description: { type: 'string' }, props, methods: list({ type: 'string', enum: ['EXAMINE', 'INTERVIEW', 'TEST', 'UNKNOWN'] }), types: list(token), 'relevant-evidence': list(object({ href: uri, description: { type: 'string' }, props }, ['description'])), collected: dateTime, expires: dateTime, remarks: { type: 'string' } },
  ['uuid', 'description', 'methods', 'collected'],
);
const finding = object(
  {
    uuid,
    title: text,
    description: { type: 'string' },
    props,
    target: object({ type: { type: 'string', enum: ['statement-id', 'objective-id'] }, 'target-id': token, title: text, status: object({ state: { type: 'string', enum: ['satisfied', 'not-satisfied'] }, reason: { anyOf: [{ enum: ['pass', 'fail', 'other'] }, token] }, remarks: { type: 'string' } }, ['state']) }, ['type', 'target-id', 'status']),
    'related-observations': list(object({ 'observation-uuid': uuid }, ['observation-uuid'])),
  },
  ['uuid', 'title', 'description', 'target'],
);
const result = object(
  { uuid, title: text, description: { type: 'string' }, start: dateTime, end: dateTime, 'reviewed-controls': object({ 'control-selections': list(object({ 'include-controls': list(object({ 'control-id': token }, ['control-id'])) }, [])) }, ['control-selections']), observations: list(observation), findings: list(finding) },
  ['uuid', 'title', 'description', 'start', 'reviewed-controls'],
);
const schema = object(
  {
    'assessment-results': object(
      {
        uuid,
        metadata: object({ title: text, 'last-modified': dateTime, version: text, 'oscal-version': text, props }, ['title', 'last-modified', 'version', 'oscal-version']),
        'import-ap': object({ href: uri }, ['href']),
        results: list(result),
        'back-matter': object({ resources: list(object({ uuid, title: text, description: { type: 'string' }, props }, ['uuid'])) }, []),
      },
      ['uuid', 'metadata', 'import-ap', 'results'],
    ),
  },
  ['assessment-results'],
);

const validate = new Ajv({ allErrors: true }).compile(schema);

/** What is wrong, with where; undefined when nothing is. */
export function oscalFault(report: unknown): string | undefined {
  if (validate(report)) return undefined;
  return validate.errors!.map(({ instancePath, message }) => `${instancePath || '/'} ${message}`).join('; ');
}
