// What the court's API answers when it refuses: a status, a code and a sentence.

const STATUS = { BadRequest: 400, BadJson: 400, NotFound: 404, MethodNotAllowed: 405, TooLarge: 413, UnsupportedMediaType: 415, Refused: 422, Internal: 500, Unavailable: 503 } as const;
export type CourtErrorCode = keyof typeof STATUS;

export class CourtError extends Error {
  override readonly name = 'CourtError';
  constructor(
    readonly code: CourtErrorCode,
    message: string,
    readonly field?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
  get status(): number {
    return STATUS[this.code];
  }
  get body(): object {
    return { error: { code: this.code, message: this.message, ...(this.field === undefined ? {} : { field: this.field }) } };
  }
}

/** Everything that express, its body parser and the chain's client throw, in one place. */
export function courtErrorOf(error: unknown): CourtError {
  if (error instanceof CourtError) return error;
  const { type, status, message = '', code, name } = error as { type?: string; status?: number; message?: string; code?: string; name?: string };
  if (type === 'entity.too.large') return new CourtError('TooLarge', 'the body is too large; a transaction has at most 256 KiB');
  if (type === 'entity.parse.failed') return new CourtError('BadJson', `the body is no JSON: ${message}`);
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') return new CourtError('UnsupportedMediaType', message);
  if (name === 'ChainError') return new CourtError(code === 'NotFound' ? 'NotFound' : 'Unavailable', message, undefined, { cause: error });
  if (status !== undefined && status >= 400 && status < 500) return new CourtError('BadRequest', message);
  return new CourtError('Internal', 'the court could not answer; its log says why', undefined, { cause: error });
}
