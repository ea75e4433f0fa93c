// AdmissionReview v1 as the API server sends it: read strictly, answered with reason, warnings and audit annotations (admission.k8s.io/v1).

export interface AdmissionRequest {
  uid: string;
  kind: { group: string; version: string; kind: string };
  resource: { group: string; version: string; resource: string };
  subResource: string;
  name: string;
  namespace: string;
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  user: string;
  /** The user's groups as the API server authenticated (or impersonated) them. */
  groups: string[];
  object: KubeObject | null;
  oldObject: KubeObject | null;
  dryRun: boolean;
}
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata?: {
    name?: string;
    generateName?: string;
    namespace?: string;
    uid?: string;
    generation?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    finalizers?: string[];
  };
  spec?: Record<string, unknown>;
  [field: string]: unknown;
}
export interface AdmissionAnswer {
  allowed: boolean;
  message: string;
  /** HTTP status of a refusal: 403 by policy, 503 when nobody could decide. */
  status: 403 | 422 | 500 | 503;
  warnings: string[];
  auditAnnotations: Record<string, string>;
  /** JSON patch of a mutating answer. */
  patch?: unknown[];
}

export class ReviewError extends Error {
  readonly code = 'MalformedReview';
  constructor(path: string, expected: string) {
    super(`${path} must be ${expected}`);
  }
}

const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;
type Json = Record<string, unknown>;

function objectAt(value: unknown, path: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ReviewError(path, 'an object');
  return value as Json;
}
function textAt(value: unknown, path: string, fallback?: string): string {
  if (value === undefined && fallback !== undefined) return fallback;
  if (typeof value !== 'string') throw new ReviewError(path, 'a string');
  return value;
}
function textMap(value: unknown, path: string): void {
  if (value === undefined || value === null) return;
  for (const [key, entry] of Object.entries(objectAt(value, path))) textAt(entry, `${path}.${key}`);
}

function textListAt(value: unknown, path: string): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new ReviewError(path, 'a list');
  return value.map((entry, index) => textAt(entry, `${path}[${index}]`));
}

/** The parts of an object that checks read without looking twice; the API server has validated the rest. */
function kubeObject(value: unknown, path: string): KubeObject | null {
  if (value === undefined || value === null) return null;
  const object = objectAt(value, path);
  if (object.metadata !== undefined) {
    const metadata = objectAt(object.metadata, `${path}.metadata`);
    textMap(metadata.labels, `${path}.metadata.labels`);
    textMap(metadata.annotations, `${path}.metadata.annotations`);
    textListAt(metadata.finalizers, `${path}.metadata.finalizers`);
    for (const field of ['name', 'namespace', 'uid']) textAt(metadata[field], `${path}.metadata.${field}`, '');
  }
  if (object.spec !== undefined) objectAt(object.spec, `${path}.spec`);
  return object as KubeObject;
}

/** Throws ReviewError naming the member that is wrong. */
export function readReview(body: unknown): AdmissionRequest {
  const review = objectAt(body, 'the body');
  if (review.apiVersion !== 'admission.k8s.io/v1' || review.kind !== 'AdmissionReview')
    throw new ReviewError('apiVersion and kind', 'admission.k8s.io/v1 AdmissionReview');
  const request = objectAt(review.request, 'request');
  const kind = objectAt(request.kind, 'request.kind');
  const resource = objectAt(request.resource, 'request.resource');
  const operation = OPERATIONS.find((one) => one === request.operation);
  if (!operation) throw new ReviewError('request.operation', `one of ${OPERATIONS.join(', ')}`);
  const uid = textAt(request.uid, 'request.uid');
  if (uid === '') throw new ReviewError('request.uid', 'a string that is not empty');
  const userInfo = objectAt(request.userInfo, 'request.userInfo');
  const part = (of: Json, path: string, name: string) => textAt(of[name], `${path}.${name}`, '');
  return {
    uid,
    kind: {
      group: part(kind, 'request.kind', 'group'),
      version: part(kind, 'request.kind', 'version'),
      kind: textAt(kind.kind, 'request.kind.kind'),
    },
    resource: {
      group: part(resource, 'request.resource', 'group'),
      version: part(resource, 'request.resource', 'version'),
      resource: textAt(resource.resource, 'request.resource.resource'),
    },
    subResource: part(request, 'request', 'subResource'),
    name: part(request, 'request', 'name'),
    namespace: part(request, 'request', 'namespace'),
    operation,
    user: textAt(userInfo.username, 'request.userInfo.username', ''),
    groups: textListAt(userInfo.groups, 'request.userInfo.groups'),
    object: kubeObject(request.object, 'request.object'),
    oldObject: kubeObject(request.oldObject, 'request.oldObject'),
    dryRun: request.dryRun === true,
  };
}

const REASONS = { 403: 'Forbidden', 422: 'Invalid', 500: 'InternalError', 503: 'ServiceUnavailable' } as const;
/** The API server cuts warnings beyond this length. */
const MAX_WARNING = 256;
const shorten = (text: string) => (text.length > MAX_WARNING ? `${text.slice(0, MAX_WARNING - 1)}…` : text);

export function writeReview(uid: string, { allowed, message, status, warnings, auditAnnotations, patch }: AdmissionAnswer): unknown {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed,
      ...(allowed ? {} : { status: { code: status, reason: REASONS[status], message } }),
      ...(warnings.length > 0 ? { warnings: warnings.map(shorten) } : {}),
      ...(Object.keys(auditAnnotations).length > 0 ? { auditAnnotations } : {}),
      ...(patch && patch.length > 0 ? { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') } : {}),
    },
  };
}

export const allowQuietly: AdmissionAnswer = { allowed: true, message: '', status: 403, warnings: [], auditAnnotations: {} };
