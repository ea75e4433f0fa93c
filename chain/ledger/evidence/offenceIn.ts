// What is objectively wrong with a transaction that somebody signed: a verdict that replay contradicts, an attestation that was forged (agreement 4.3; design: decision 5). Pure.
import { evaluate } from '../../../policy/evaluate.js';
import { evaluateFlow } from '../../../policy/trafficLight/evaluateFlow.js';
import type { PolicySet, Verdict } from '../../../policy/types.js';
import { forgedQuote } from '../../../crypto/tpmQuote.js';
import type { Offence } from '../../economyTypes.js';
import { stateKeys, type NodeRecord, type Payloads, type SignedTransaction } from '../../types.js';
import { LedgerError, Refusal } from '../ledgerError.js';
import { policySetAt } from '../policySet/policySet.js';
import type { StateReader } from '../state.js';
import { TransactionReader, type ReadTransaction } from '../transactionReader.js';

export interface FoundOffence {
  id: string;
  account: string;
  subject: string;
  offence: Offence;
  what: string;
}

/** Throws Refusal 'BadEvidence' when it is no signed transaction of this chain, 'UnknownPolicyHeight', and 'NotConflicting' when a correct party may have signed it. */
export function offenceIn(state: StateReader, chainId: string, raw: string): FoundOffence {
  const read = new TransactionReader(1).read(raw);
  if (read instanceof LedgerError) throw new Refusal('BadEvidence', `raw: ${read.code}: ${read.message}`);
  const { chainId: of, sender: account } = read.transaction.body;
  if (of !== chainId) throw new Refusal('BadEvidence', `raw: is a transaction of chain "${of}", this is "${chainId}"`);
  const found = faultOf(state, read);
  if (found === undefined) throw new Refusal('NotConflicting', `raw: a correct party may have signed transaction ${read.id}; evidence is a verdict that replay contradicts, or a forged attestation`);
  return { id: read.id, account, ...found };
}

function faultOf(state: StateReader, { transaction }: ReadTransaction): Pick<FoundOffence, 'subject' | 'offence' | 'what'> | undefined {
  const { body } = transaction as SignedTransaction;
  switch (body.type) {
    case 'admission.verdict': {
      const { facts, verdict } = body.payload as Payloads['admission.verdict'];
      return contradicted(body.sender, verdict, evaluate(setAt(state, verdict.policyHeight), facts));
    }
    case 'flow.decision': {
      const { request, verdict } = body.payload as Payloads['flow.decision'];
      return contradicted(body.sender, verdict, evaluateFlow(setAt(state, verdict.policyHeight), request));
    }
    case 'node.commit': {
      const { name, attestationProof } = body.payload as Payloads['node.commit'];
      const forged = attestationProof === null ? undefined : forgedQuote(attestationProof);
      // Whoever commits another's node by name offends by itself.
      const subject = ownerOf(state, name) === body.sender ? `node/${name}` : `account/${body.sender}`;
      return forged === undefined ? undefined : { subject, offence: 'resourceFraud', what: `the attestation of node ${name} is forged (${forged})` };
    }
    default:
      return undefined;
  }
}

/** A verdict is a receipt of what the policies say; a false one is tampering. Other words for the same answer, as a program of another version may use, are not. */
function contradicted(sender: string, { decision, light }: Verdict, own: Verdict): ReturnType<typeof faultOf> {
  if (decision === own.decision && light === own.light) return undefined;
  return { subject: `account/${sender}`, offence: 'receiptTampering', what: `the verdict says ${decision} (${light}), replay gives ${own.decision} (${own.light})` };
}

function setAt(state: StateReader, height: number): PolicySet {
  const set = policySetAt(state, height);
  if (!set) throw new Refusal('UnknownPolicyHeight', `raw: verdict.policyHeight ${height} is no policy set of this chain`);
  return set;
}

function ownerOf(state: StateReader, name: string): string | undefined {
  const text = state.get(stateKeys.node(name));
  return text === undefined ? undefined : (JSON.parse(text) as NodeRecord).operator;
}
