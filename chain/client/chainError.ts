// Why the verifying client could not do what was asked: a code, the sentence for a person, and what the validators said.

export type ChainErrorCode =
  /** Fewer than f+1 validators answered. */
  | 'Unreachable'
  /** Validators refused the transaction; `refusal` has their code and reason. */
  | 'Refused'
  /** Not within the time given; a submitted transaction may still be executed. */
  | 'Timeout'
  /** The transaction's last height passed without it: it will never be executed. */
  | 'Expired'
  /** No answer was borne out by a certificate, a proof or a signature. */
  | 'Unverified'
  /** f+1 validators say that there is none. */
  | 'NotFound'
  | 'NoKey'
  | 'NotStarted'
  | 'Stopped'
  | 'BadKeyFile'
  | 'BadConfiguration';

export interface ChainErrorDetails {
  /** Of the first validator that refused. */
  refusal?: { code: string; message: string; field?: string };
  /** Endpoints that did not answer, or not with anything usable, and why. */
  faults?: { endpoint: string; fault: string }[];
}

export class ChainError extends Error {
  override readonly name = 'ChainError';
  constructor(
    readonly code: ChainErrorCode,
    message: string,
    readonly details: ChainErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
