// Why a secure channel was refused or broken off.

export type NoiseErrorCode = 'OutOfTurn' | 'Finished' | 'Broken' | 'TooShort' | 'TooLong' | 'NotAuthentic' | 'BadKey' | 'KeyExhausted';

export class NoiseError extends Error {
  override readonly name = 'NoiseError';
  constructor(
    readonly code: NoiseErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
