// Verifies a receipt offline: statement → leaf → log root → header → quorum certificate → the validator set that the verifier trusts.
import { canonicalJson } from '../../crypto/canonicalJson.js';
import { fromBase64, fromHex, fromUtf8, toHex } from '../../crypto/encoding.js';
import { verifyCertificate, type CertificateFaultCode } from '../certificates.js';
import { verifyEnvelope } from '../dsse.js';
import { rootFromInclusion } from '../merkle/inclusionProof.js';
import { leafHash } from '../merkle/treeHash.js';
import { bundleShape, statementShape } from '../receiptShapes.js';
import { faultOf } from '../shape.js';
import type { BlockHeader, InclusionProof, ReceiptBundle, ReceiptPredicate, Statement, ValidatorSet } from '../types.js';
import { followSteps } from '../setSteps.js';
import { validatorsHash } from '../validatorSet.js';

/** `validatorSet` is the set of the receipt's height or, with the steps in the receipt, of any earlier one; from a source the verifier trusts, and has passed checkValidatorSet. */
export interface Trust {
  chainId: string;
  validatorSet: ValidatorSet;
}

export type ReceiptFaultCode = CertificateFaultCode | 'BadStatement' | 'WrongTime' | 'NotInLog' | 'BadEnvelope' | 'UnknownKey';

export interface VerifiedReceipt {
  ok: true;
  statement: Statement;
  /** Height and time (milliseconds) of the block that finalised it, its hash, and the round that decided it. */
  height: number;
  timestamp: number;
  blockHash: string;
  round: number;
  /** That signed the block's height. */
  set: ValidatorSet;
  /** Indices in it of the validators that finalised the block, and of those that signed this copy of the receipt: the set's, then all others known by the steps. */
  signers: number[];
  servedBy: number[];
  /** Names of the latter. */
  servers: string[];
}

export interface ReceiptFault {
  ok: false;
  code: ReceiptFaultCode;
  /** Says what does not fit. */
  message: string;
}

/** Believes nothing in the bundle that the trusted set does not bear out. Never throws on any bundle. */
export function verifyReceipt(bundle: ReceiptBundle, trust: Trust): VerifiedReceipt | ReceiptFault {
  const malformed = faultOf(bundleShape, bundle, 'receipt');
  if (malformed !== undefined) return refuse('Malformed', malformed);
  const { envelope, header, certificate, inclusion } = bundle;
  const payload = decodePayload(envelope.payload);
  const statement = readStatement(payload);
  if ('ok' in statement) return statement;
  const fault = checkPlace(statement.predicate, header, trust) ?? checkCarriedSet(bundle) ?? checkInclusion(payload!, inclusion, header);
  if (fault) return fault;

  const { sets, fault: badStep } = followSteps(trust.chainId, trust.validatorSet, bundle.steps ?? []);
  if (badStep !== undefined) return refuse('WrongValidators', badStep);
  const { set } = sets.findLast(({ since }) => since <= header.height)!;
  const certified = verifyCertificate(trust.chainId, set, header, certificate);
  if (!certified.ok) return certified;
  const servers = [...set.validators, ...sets.flatMap((one) => (one.set === set ? [] : one.set.validators))];
  const signed = verifyEnvelope(
    envelope,
    servers.map((validator) => validator.ed25519PublicKey),
  );
  if (!signed.ok) return signed;
  return {
    ok: true,
    statement,
    height: header.height,
    timestamp: header.timestamp,
    blockHash: certificate.blockHash,
    round: certificate.round,
    set,
    signers: certified.signers,
    servedBy: signed.signers,
    servers: signed.signers.map((index) => servers[index]!.address),
  };
}

function decodePayload(base64: string): Uint8Array | undefined {
  try {
    return fromBase64(base64);
  } catch {
    return undefined;
  }
}

/** Only canonical JSON is read, so that no two readers can take the same bytes for different statements. */
function readStatement(payload: Uint8Array | undefined): Statement | ReceiptFault {
  if (payload === undefined) return refuse('BadStatement', "the envelope's payload is not base64");
  try {
    const text = fromUtf8(payload);
    const value: unknown = JSON.parse(text);
    const fault = faultOf(statementShape, value, 'statement');
    if (fault !== undefined) return refuse('BadStatement', fault);
    if (canonicalJson(value) !== text) return refuse('BadStatement', 'the statement is not canonical JSON (RFC 8785)');
    return value as Statement;
  } catch (error) {
    return refuse('BadStatement', `the envelope's payload is no statement: ${(error as Error).message}`);
  }
}

function checkPlace(predicate: ReceiptPredicate, header: BlockHeader, trust: Trust): ReceiptFault | undefined {
  if (predicate.chainId !== trust.chainId)
    return refuse('WrongChain', `the statement is of chain "${predicate.chainId}", expected "${trust.chainId}"`);
  if (predicate.blockHeight !== header.height) {
    return refuse('WrongHeight', `the statement is of block ${predicate.blockHeight}, the header is of block ${header.height}`);
  }
  if (predicate.timestamp !== header.timestamp) {
    return refuse('WrongTime', `the statement says ${predicate.timestamp} ms, its block has the time ${header.timestamp} ms`);
  }
  return undefined;
}

function checkCarriedSet({ validatorSet, header }: ReceiptBundle): ReceiptFault | undefined {
  if (validatorSet === undefined || validatorsHash(validatorSet) === header.validatorsHash) return undefined;
  return refuse('WrongValidators', `the validator set in the receipt is not the set ${header.validatorsHash} that its header names`);
}

function checkInclusion(payload: Uint8Array, { leafIndex, treeSize, path }: InclusionProof, header: BlockHeader): ReceiptFault | undefined {
  if (treeSize !== header.logSize) {
    return refuse('NotInLog', `the inclusion proof is for a log of ${treeSize} entries, the log of block ${header.height} has ${header.logSize}`);
  }
  const root = rootFromInclusion(
    leafHash(payload),
    leafIndex,
    treeSize,
    path.map((hash) => fromHex(hash)),
  );
  if (root === undefined) {
    return refuse('NotInLog', `the statement is not in the log: a path of ${path.length} hashes cannot belong to entry ${leafIndex} of ${treeSize}`);
  }
  if (toHex(root) !== header.logRoot) {
    return refuse(
      'NotInLog',
      `the statement is not in the log: the inclusion path leads to ${toHex(root)}, the log root of block ${header.height} is ${header.logRoot}`,
    );
  }
  return undefined;
}

function refuse(code: ReceiptFaultCode, message: string): ReceiptFault {
  return { ok: false, code, message };
}
