// Evidence of a case, checked when it is filed: certificates, receipts and state proofs against this chain, commitments against their opening (agreement 9.3).
import { sha256OfJson } from '../../../crypto/canonicalJson.js';
import { verifyStateProof, type StateProof } from '../../../crypto/stateProof.js';
import { verifyCertificate } from '../../../receipts/certificates.js';
import type { BlockHeader, Certificate } from '../../../receipts/types.js';
import { verifyReceipt } from '../../../receipts/verify/verifyReceipt.js';
import { evidenceCommitment } from '../../courtBallot.js';
import type { CaseRecord, Evidence, FiledEvidence } from '../../courtTypes.js';
import { Refusal } from '../ledgerError.js';
import type { BlockContext } from '../operation.js';
import { validatorSetAt } from '../staking/validatorsInForce.js';
import type { Overlay } from '../state.js';

const MAX_EVIDENCE = 64;
/** Of one account, and of all who are no party: so that nobody fills a case of others before its parties are heard. */
const MAX_EACH = 16;
const MAX_OF_OTHERS = 32;
const DAY_MS = 86_400_000;
/** Before the case was opened. */
const MAX_AGE_MS = 90 * DAY_MS;

type Filing = Pick<CaseRecord, 'evidence' | 'opened' | 'claimant' | 'respondent'>;

/** The case's evidence with one more. Throws Refusal naming what is wrong with it. */
export function fileEvidence(state: Overlay, block: BlockContext, filing: Filing, evidence: Evidence, by: string): FiledEvidence[] {
  const hash = evidence.type === 'commitment' ? evidence.hash : sha256OfJson(evidence);
  if (filing.evidence.some((known) => known.hash === hash && known.type === evidence.type))
    throw new Refusal('DuplicateEvidence', `evidence ${hash} was filed in this case already`);
  mustHaveRoom(filing, by);
  const shows = verified(state, block, filing, evidence);
  return [...filing.evidence, { type: evidence.type, hash, by, height: block.height, shows }];
}

/** Throws Refusal 'LimitReached'. */
function mustHaveRoom({ evidence, claimant, respondent }: Filing, by: string): void {
  const isParty = (account: string) => account === claimant || account === respondent;
  const full = (most: number, whose: string) => new Refusal('LimitReached', `a case has at most ${most} pieces of evidence ${whose}`);
  if (evidence.length >= MAX_EVIDENCE) throw full(MAX_EVIDENCE, 'in all');
  if (evidence.filter((one) => one.by === by).length >= MAX_EACH) throw full(MAX_EACH, 'of one account');
  if (!isParty(by) && evidence.filter((one) => !isParty(one.by)).length >= MAX_OF_OTHERS) throw full(MAX_OF_OTHERS, 'of those who are no party');
}

function verified(state: Overlay, block: BlockContext, filing: Filing, evidence: Evidence): string {
  switch (evidence.type) {
    case 'receipt': {
      const { header, certificate } = evidence.bundle;
      mustBeCertified(state, block, filing, header, certificate);
      const checked = verifyReceipt(evidence.bundle, { chainId: block.genesis.chainId, validatorSet: validatorSetAt(state, header.height) });
      if (!checked.ok) throw new Refusal('BadEvidence', `evidence.bundle: ${checked.code}: ${checked.message}`);
      const { operationType, outcome, code, receiptId } = checked.statement.predicate;
      return `receipt ${receiptId}: ${operationType} was ${outcome} (${code}) at height ${header.height}`;
    }
    case 'certificate':
      mustBeCertified(state, block, filing, evidence.header, evidence.certificate);
      return `block ${evidence.header.height} was certified in round ${evidence.certificate.round}`;
    case 'state': {
      const { key, value, proof, header, certificate } = evidence;
      mustBeCertified(state, block, filing, header, certificate);
      if (!verifyStateProof(header.stateRoot, key, value, proof as StateProof))
        throw new Refusal('BadEvidence', `evidence.proof: does not lead from ${key} to the state root of block ${header.height}`);
      return `${key} as it was after block ${header.height}`;
    }
    case 'record': {
      const value = state.get(evidence.key);
      if (value === undefined) throw new Refusal('BadEvidence', `evidence.key: the ledger has no record ${evidence.key}`);
      return `${evidence.key} with hash ${sha256OfJson(JSON.parse(value))} at height ${block.height}`;
    }
    case 'testimony':
      return 'testimony';
    case 'commitment':
      return 'confidential evidence, committed to';
    case 'disclosure': {
      const hash = evidenceCommitment(evidence.salt, evidence.content);
      if (!filing.evidence.some((known) => known.type === 'commitment' && known.hash === hash))
        throw new Refusal('BadEvidence', `evidence.salt and content open commitment ${hash}, which was not made in this case`);
      return `opens commitment ${hash}`;
    }
  }
}

/** Of this chain, by the set of its height, not of the future and not too old. */
function mustBeCertified(state: Overlay, block: BlockContext, { opened }: Filing, header: BlockHeader, certificate: Certificate): void {
  if (header.chainId !== block.genesis.chainId)
    throw new Refusal('BadEvidence', `evidence is of chain "${header.chainId}", this court sits on "${block.genesis.chainId}"`);
  if (header.height >= block.height || header.height < 1)
    throw new Refusal('StaleEvidence', `evidence is of height ${header.height}, which is not one of this chain before ${block.height}`);
  if (header.timestamp < opened - MAX_AGE_MS)
    throw new Refusal('StaleEvidence', `evidence is of ${new Date(header.timestamp).toISOString()}, more than 90 days before the case was opened`);
  const verdict = verifyCertificate(block.genesis.chainId, validatorSetAt(state, header.height), header, certificate);
  if (!verdict.ok) throw new Refusal('BadEvidence', `evidence.certificate: ${verdict.code}: ${verdict.message}`);
}
