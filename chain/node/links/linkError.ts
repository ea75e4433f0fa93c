// Why a peer-to-peer connection was refused or broken off.

export type LinkErrorCode =
  | 'BadRecord'
  | 'TooLong'
  | 'NotAllowed'
  | 'BadCertificate'
  | 'WrongPeer'
  | 'HandshakeTimeout'
  | 'Closed'
  | 'Dead';

export class LinkError extends Error {
  override readonly name = 'LinkError';
  constructor(
    readonly code: LinkErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
