// Why a transaction may not enter a block, a block may not be accepted, or an operation is refused.

/** Faults of the transaction itself: it leaves no receipt, and a block that holds it is invalid. */
export type InvalidCode =
  'TooLarge' | 'NotJson' | 'NotCanonical' | 'Malformed' | 'WrongChain' | 'BadSignature' | 'Expired' | 'TooFarAhead' | 'Duplicate' | 'UnknownSender';

/** Faults of a block, or of what the caller gave to execute it with. */
export type BlockFaultCode = 'BadHeight' | 'BadTimestamp' | 'BlockTooLarge' | 'NotConserved' | 'MissingState' | 'UnsupportedProtocol';

/** Rules that an operation broke: its receipt has this code and outcome 'refused'. */
export type RefusalCode =
  | 'NotPermitted'
  | 'InsufficientFunds'
  | 'InsufficientStake'
  | 'StaleGeneration'
  | 'GenerationConflict'
  | 'InvalidSpec'
  | 'LimitReached'
  | 'Immutable'
  | 'Exists'
  | 'InUse'
  | 'RequiredByAgreement'
  | 'MissingSignature'
  | 'BadPartySignature'
  | 'AgreementEnded'
  | 'UnknownPolicy'
  | 'UnknownTarget'
  | 'NotApproved'
  | 'Expired'
  | 'TooLong'
  | 'UnknownCluster'
  | 'UnknownWorkload'
  | 'UnknownEndpoint'
  | 'UnknownNode'
  | 'NotAVictim'
  | 'NotOwner'
  | 'BadAttestation'
  | 'BadCommitment'
  | 'BadInstruction'
  | 'BadEndpoint'
  | 'BadPossession'
  | 'BelowAllocated'
  | 'IllegalTransition'
  | 'StaleVerdict'
  | 'UnknownPolicyHeight'
  | 'StalePolicyHeight'
  | 'VerdictMismatch'
  | 'AdmissionConflict'
  | 'DecisionMismatch'
  | 'NotAdmitted'
  | 'SpecChanged'
  | 'AlreadyEnded'
  | 'NotPlaced'
  | 'NotSilent'
  | 'RefusedByPolicy'
  | 'RefusedByGuard'
  | 'StaleValidatorSet'
  | 'ChangePending'
  | 'EmptyChange'
  | 'DuplicateValidator'
  | 'UnknownValidator'
  | 'BadSetSize'
  | 'TooManyReplaced'
  | 'DuplicateSigner'
  | 'UnknownSigner'
  | 'BadSetSignature'
  | 'TooFewSignatures'
  | 'InvalidAmount'
  | 'UnknownAccount'
  | 'UnknownSlash'
  | 'TooLate'
  | 'InArrears'
  | 'NoEscrow'
  | 'Stale'
  | 'StaleEvidence'
  | 'NotConflicting'
  | 'BadEvidenceSignature'
  | 'BadCertificate'
  | 'NotMetered'
  | 'NotIdentified'
  | 'ClusterTerminated'
  | 'InvalidProposal'
  | 'LocksOutReversal'
  | 'UnknownProposal'
  | 'AlreadyVoted'
  | 'EmergencyHalt'
  | 'GovernedByVote'
  | 'Removed'
  | 'InvalidCase'
  | 'UnknownCase'
  | 'BallotMismatch'
  | 'NotRegistered'
  | 'BadEvidence'
  | 'DuplicateEvidence';

/** Unlike a refusal, this says that nothing was executed. `field` is the member at fault, as body.payload.name. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  constructor(
    readonly code: InvalidCode | BlockFaultCode | RefusalCode | 'InternalError',
    message: string,
    readonly field?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Thrown by an operation whose rule is broken: what it has written is dropped. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly code: RefusalCode,
    message: string,
    readonly details?: unknown,
  ) {
    super(message);
  }
}
