// Why a validator refuses to start or has to stop: a code, one line for people, and the exit code of the process.

export type NodeErrorCode =
  | 'BadConfig'
  | 'BadKeyFile'
  | 'BadGenesis'
  | 'AlreadyRunning'
  | 'PortInUse'
  | 'OtherChain'
  | 'CorruptStore'
  | 'CorruptLog'
  | 'RolledBack'
  | 'StorageFailed'
  | 'KeyUsedElsewhere'
  | 'Diverged'
  | 'UnsupportedProtocol'
  | 'BadBlock'
  | 'BadSnapshot'
  | 'Unexpected';

/** Codes that the operator has to cure before another start makes sense; the others may be cured by a restart. */
const NEEDS_CURE: ReadonlySet<NodeErrorCode> = new Set([
  'BadConfig',
  'BadKeyFile',
  'BadGenesis',
  'AlreadyRunning',
  'PortInUse',
  'OtherChain',
  'CorruptStore',
  'CorruptLog',
  'RolledBack',
  'KeyUsedElsewhere',
  'Diverged',
  'UnsupportedProtocol',
]);

export class NodeError extends Error {
  override readonly name = 'NodeError';
  constructor(
    readonly code: NodeErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** 2: nothing was changed and the cause must be removed first; 1: it failed while running. */
  get exitCode(): 1 | 2 {
    return NEEDS_CURE.has(this.code) ? 2 : 1;
  }
}

/** `how` it was noticed. */
export function keyUsedElsewhere(how: string): NodeError {
  return new NodeError('KeyUsedElsewhere', `${how}; two that vote with one key contradict each other and are slashed. Stop one of them, and start this one only when the other will not come back`);
}

/** The message of anything thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
