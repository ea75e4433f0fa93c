// A test chain with an economy, whose validators vote and whose arbitrators sit: through days in a few blocks, conserving the supply in each.
import { ed25519FromSeed } from '../../../crypto/ed25519.js';
import { sha256Hex } from '../../../crypto/hash.js';
import type { Statement } from '../../../receipts/types.js';
import { ballotCommitment } from '../../courtBallot.js';
import type { Ballot, CaseRecord } from '../../courtTypes.js';
import type { ProposalContent, ProposalRecord } from '../../governanceTypes.js';
import type { AccountRecord, Genesis, Payloads, TransactionResult, TransactionType } from '../../types.js';
import { stateKeys } from '../../types.js';
import { checkSupply } from '../accounts/supply.js';
import type { BlockExecution } from '../executeBlock.js';
import { encodeTransaction, signTransaction } from '../transaction.js';
import { economyGenesis } from './economyWorld.js';
import { ReadyChain } from './readyChain.js';
import { BPI, keyOf, validators } from './testGenesis.js';

export const ARBITRATORS = Array.from({ length: 18 }, (_, i) => `arbitrator-${i}`);
export const VALIDATOR_KEYS = validators.ed25519Keys.map((seed) => ed25519FromSeed(seed));
export const DAY = 86_400_000;

export function governedGenesis(changes: Partial<Genesis> = {}): Genesis {
  const base = economyGenesis();
  const arbitrators = ARBITRATORS.map((name) => ({ name, publicKey: keyOf(name).publicKey, roles: [], balance: 1_000 * BPI, stake: 0 }));
  const accounts = [...base.accounts.map((one) => ({ ...one, balance: Math.max(one.balance, 1_000 * BPI) })), ...arbitrators];
  return economyGenesis({ accounts, ...changes });
}

export class GovernedChain extends ReadyChain {
  constructor(genesis = governedGenesis()) {
    super({}, genesis);
  }

  override commit(transactions: string[], timestamp?: number): BlockExecution {
    const execution = super.commit(transactions, timestamp);
    if (!checkSupply(this.state).ok) throw new Error(`block ${this.header.height} does not conserve the supply`);
    for (const { error } of execution.faults) throw error;
    return execution;
  }

  asValidator<T extends TransactionType>(index: number, type: T, payload: Payloads[T]): TransactionResult {
    const { publicKey, privateKey } = VALIDATOR_KEYS[index]!;
    const raw = encodeTransaction(signTransaction(this.body('operator', type, payload, { sender: publicKey }), privateKey));
    return this.commit([raw]).results[0]!;
  }

  /** An empty block, so much later; the receipts of what happened in it by itself. */
  pass(ms: number): Statement['predicate'][] {
    const { statements } = this.commit([], this.header.timestamp + ms);
    return statements.map((text) => (JSON.parse(text) as Statement).predicate);
  }

  propose(content: ProposalContent, actor = 'bank'): TransactionResult {
    return this.run(actor, 'proposal.submit', { title: 'a proposal', reason: 'a test', content });
  }
  vote(proposal: string, voters: number[], approve = true): TransactionResult[] {
    return voters.map((index) => this.asValidator(index, 'proposal.vote', { proposal, approve }));
  }
  proposal(id: string): ProposalRecord {
    return this.record<ProposalRecord>(`proposal/${id}`)!;
  }

  account(name: string): AccountRecord {
    return this.record<AccountRecord>(stateKeys.account(keyOf(name).publicKey))!;
  }
  case(id: string): CaseRecord {
    return this.record<CaseRecord>(`case/${id}`)!;
  }

  registerArbitrators(names = ARBITRATORS): void {
    this.commit(names.map((name) => this.sign(name, 'arbitrator.register', { categories: ['Economic', 'Security', 'Performance', 'Scheduling'], conflicts: [] })));
  }

  /** Ends the time for evidence and draws the panel: names of its members. */
  draw(caseId: string): string[] {
    this.pass(this.case(caseId).deadline - this.header.timestamp);
    this.pass(1_000);
    this.pass(1_000);
    return this.panel(caseId);
  }
  panel(caseId: string): string[] {
    const keys = new Map(ARBITRATORS.map((name) => [keyOf(name).publicKey, name]));
    return this.case(caseId).panel.map(({ account }) => keys.get(account)!);
  }

  /** Each member's ballot, in the panel's order: an award, or null to dismiss. Returns the last reveal's result. */
  judge(caseId: string, awards: (number | null)[]): TransactionResult {
    const { tier } = this.case(caseId);
    const ballots = this.panel(caseId).map((name, i): [string, Ballot] => [name, { upheld: awards[i] !== null, award: awards[i] ?? 0, salt: sha256Hex(name) }]);
    for (const [name, ballot] of ballots) {
      const commitment = ballotCommitment(caseId, tier, keyOf(name).publicKey, ballot);
      this.run(name, 'case.commit', { caseId, commitment });
    }
    return ballots.map(([name, ballot]) => this.run(name, 'case.reveal', { caseId, ballot })).at(-1)!;
  }
}
