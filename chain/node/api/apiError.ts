// What the HTTP API answers when it refuses: a status and {error: {code, message, field?}}.

export type ApiErrorCode =
  | 'BadRequest'
  | 'BadJson'
  | 'TooLarge'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'UnsupportedMediaType'
  | 'Pruned'
  | 'NotYet'
  | 'TooManyStreams'
  | 'Internal';

const STATUS: Record<ApiErrorCode, number> = {
  BadRequest: 400,
  BadJson: 400,
  TooLarge: 413,
  NotFound: 404,
  MethodNotAllowed: 405,
  UnsupportedMediaType: 415,
  Pruned: 410,
  NotYet: 503,
  TooManyStreams: 503,
  Internal: 500,
};

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  constructor(
    readonly code: ApiErrorCode,
    message: string,
    readonly field?: string,
  ) {
    super(message);
    this.status = STATUS[code];
  }

  get body(): { error: { code: string; message: string; field?: string } } {
    return { error: { code: this.code, message: this.message, ...(this.field === undefined ? {} : { field: this.field }) } };
  }
}

/** What express and its body parser throw; undefined for anything unexpected. */
export function apiErrorOf(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  const { type, status, message, limit } = error as { type?: string; status?: number; message?: string; limit?: number };
  if (type === 'entity.too.large') return new ApiError('TooLarge', `the body is larger than ${limit ?? 0} bytes; send fewer transactions at once`);
  if (type === 'entity.parse.failed') return new ApiError('BadJson', `the body is no JSON: ${message ?? ''}`);
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') return new ApiError('UnsupportedMediaType', message ?? 'unsupported encoding');
  if (status !== undefined && status >= 400 && status < 500) return new ApiError('BadRequest', message ?? 'bad request');
  return undefined;
}

/** What is answered to a request that failed; `report` hears of what is no fault of the request. */
export function errorAnswer(error: unknown, report: (error: unknown) => void): ApiError {
  const known = apiErrorOf(error);
  if (!known) report(error);
  return known ?? new ApiError('Internal', 'this validator could not answer; its log says why');
}
