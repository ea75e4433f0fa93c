// What the API server answered when it did not do what was asked; `code` is the Status reason, as NotFound or Conflict.

interface Status {
  reason?: string;
  message?: string;
  code?: number;
}

export class KubeError extends Error {
  constructor(
    readonly code: string,
    /** HTTP status; 0 when there was no answer. */
    readonly status: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'KubeError';
  }

  static fromAnswer(what: string, status: number, body: string): KubeError {
    let parsed: Status = {};
    try {
      parsed = JSON.parse(body) as Status;
    } catch {
      parsed = { message: body.slice(0, 300) };
    }
    return new KubeError(parsed.reason || `Http${status}`, status, `${what}: ${parsed.message || `HTTP ${status}`}`);
  }
}

export const isKubeError = (error: unknown, ...codes: string[]): error is KubeError => error instanceof KubeError && codes.includes(error.code);
