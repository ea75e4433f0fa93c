// Any thrown value as a code, a message and, for faults of this program, a stack.

export interface DescribedError {
  code: string;
  message: string;
  /** Only for errors without a code of their own, which nothing foresaw. */
  stack?: string;
}

export function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error)) return { code: 'Unknown', message: String(error) };
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') return { code, message: error.message };
  return { code: 'InternalError', message: `${error.name}: ${error.message}`, ...(error.stack === undefined ? {} : { stack: error.stack }) };
}
