// Why a node's commitment was not taken, as a failed pass shows it.

export class CommitmentRefused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'CommitmentRefused';
  }
}
