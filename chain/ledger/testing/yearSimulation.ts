// A simulated year of a cluster: nodes come, go and fail by a seeded plan, penalties are appealed and judged, rules are upgraded and parameters changed by vote.
import { ed25519FromSeed } from '../../../crypto/ed25519.js';
import { sha256Hex } from '../../../crypto/hash.js';
import { ballotCommitment } from '../../courtBallot.js';
import type { CaseRecord } from '../../courtTypes.js';
import type { SlashRecord } from '../../economyTypes.js';
import type { ProposalContent } from '../../governanceTypes.js';
import type { Genesis, Payloads, TransactionType } from '../../types.js';
import { checkSupply } from '../accounts/supply.js';
import { executeBlock, type BlockExecution } from '../executeBlock.js';
import { SeenWindow } from '../seen/seenTransactions.js';
import { encodeTransaction } from '../transaction.js';
import { economyGenesis } from './economyWorld.js';
import { nodeCommit } from './samplePayloads.js';
import { TestChain } from './testChain.js';
import { BPI, keyOf, validators } from './testGenesis.js';
import { UnverifiedReader } from './unverifiedReader.js';

export interface YearPlan {
  hours: number;
  nodes: number;
  seed: number;
}
export interface Year {
  stateRoot: string;
  logRoot: string;
  height: number;
  transactions: number;
  /** What happened by itself, by type. */
  events: Record<string, number>;
  /** Spent executing blocks, ms. */
  executionMs: number;
  conserved: boolean;
}

const HOUR = 3_600_000;
const UNSIGNED = '0'.repeat(128);
const VALIDATORS = validators.ed25519Keys.map((seed) => ed25519FromSeed(seed).publicKey);
const ARBITRATORS = Array.from({ length: 9 }, (_, i) => `judge-${i}`);
/** Nodes of one operator, which beat together, as an agent has them do. */
const NODES_EACH = 5;
const owner = (node: number) => `owner-${Math.floor(node / NODES_EACH)}`;
const publicKeys = new Map<string, string>();
function publicKeyOf(name: string): string {
  const known = publicKeys.get(name) ?? keyOf(name).publicKey;
  publicKeys.set(name, known);
  return known;
}

function yearGenesis(nodes: number): Genesis {
  const account = (name: string, roles: Genesis['accounts'][number]['roles'], stake: number) => ({ name, publicKey: publicKeyOf(name), roles, balance: 10_000 * BPI, stake });
  const base = economyGenesis();
  const accounts = [
    ...base.accounts.filter(({ name }) => !name.startsWith('owner-')),
    ...Array.from({ length: Math.ceil(nodes / NODES_EACH) }, (_, i) => account(owner(i * NODES_EACH), ['node-operator'], NODES_EACH * 1_000 * BPI)),
    ...ARBITRATORS.map((name) => account(name, [], 0)),
  ];
  const parameters = { heartbeatMs: HOUR, ...base.economy!.parameters };
  return economyGenesis({ accounts, economy: { rewardPool: 1_000_000 * BPI, insuranceFund: 10_000 * BPI, parameters } });
}

/** Every number it draws follows from the seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

class YearChain extends TestChain {
  override readonly reader = new UnverifiedReader();
  executionMs = 0;
  transactions = 0;
  readonly events: Record<string, number> = {};
  readonly #seen = new SeenWindow();
  #serial = 0;

  raw<T extends TransactionType>(sender: string, type: T, payload: Payloads[T]): string {
    this.#serial += 1;
    const operationId = `00000000-0000-4000-8000-${String(this.#serial).padStart(12, '0')}`;
    const body = { chainId: this.genesis.chainId, type, operationId, sender, validUntil: this.header.height + 500, payload };
    return encodeTransaction({ body, signature: UNSIGNED });
  }

  override execute(transactions: string[], timestamp = this.nextTime): BlockExecution {
    const began = performance.now();
    const execution = executeBlock(this.state, {
      genesis: this.genesis,
      height: this.nextHeight,
      timestamp,
      transactions,
      tree: this.tree,
      frontier: this.frontier,
      previousHeader: this.header,
      transactionReader: this.reader,
      isKnown: this.#seen.isKnown,
      supportedProtocol: 9,
    });
    this.executionMs += performance.now() - began;
    return execution;
  }

  block(transactions: string[], timestamp: number): BlockExecution {
    const execution = this.commit(transactions, timestamp);
    const [fault] = execution.faults;
    if (fault) throw fault.error;
    this.transactions += transactions.length;
    this.#seen.add(this.header.height, execution.results.map(({ transactionId }) => transactionId)); // prettier-ignore
    for (const text of execution.statements.slice(transactions.length)) {
      const { operationType } = (JSON.parse(text) as { predicate: { operationType: string } }).predicate;
      this.events[operationType] = (this.events[operationType] ?? 0) + 1;
    }
    this.blocks.length = 0;
    this.reader.forget();
    return execution;
  }
}

function byOwner(nodes: readonly number[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const node of nodes) found.set(owner(node), [...(found.get(owner(node)) ?? []), node]);
  return found;
}

/** One block an hour. `silentUntil`: by node, the hour from which it is heard again. */
export function simulateYear({ hours, nodes, seed }: YearPlan): Year {
  const chain = new YearChain(yearGenesis(nodes));
  const random = randomOf(seed);
  const present = new Set<number>();
  const silentUntil = new Map<number, number>();
  const join = (i: number) => (present.add(i), chain.raw(publicKeyOf(owner(i)), 'node.commit', nodeCommit(`node-${i}`)));
  let setup = [...ARBITRATORS.map((name) => chain.raw(publicKeyOf(name), 'arbitrator.register', { categories: ['Security', 'Performance'], conflicts: [] }))];
  setup.push(...Array.from({ length: Math.ceil((nodes * 9) / 10) }, (_, i) => join(i)));
  const pending: string[] = [];

  for (let hour = 0; hour < hours; hour++) {
    const transactions = [...setup, ...pending.splice(0)];
    setup = [];
    if (hour % 37 === 20) {
      const node = random(nodes);
      if (!present.has(node)) transactions.push(join(node));
      else if (random(6) === 0) {
        present.delete(node);
        transactions.push(chain.raw(publicKeyOf(owner(node)), 'node.remove', { name: `node-${node}` }));
      } else silentUntil.set(node, hour + 30);
    }
    const heard = [...present].filter((node) => (silentUntil.get(node) ?? 0) <= hour);
    for (const [name, own] of byOwner(heard)) transactions.push(chain.raw(publicKeyOf(name), 'node.beat', { nodes: own.map((node) => `node-${node}`) }));
    if (hour % 700 === 100) transactions.push(...proposals(chain, hour));
    const { results, statements } = chain.block(transactions, chain.header.timestamp + HOUR);
    for (const result of results) if (result.code === 'Proposed') pending.push(...VALIDATORS.slice(0, 3).map((key) => chain.raw(key, 'proposal.vote', { proposal: result.transactionId, approve: true })));
    if (statements.length > transactions.length) pending.push(...appeals(chain, random));
    pending.push(...ballots(chain));
  }
  const { header, transactions, events, executionMs } = chain;
  return { stateRoot: header.stateRoot, logRoot: header.logRoot, height: header.height, transactions, events, executionMs, conserved: checkSupply(chain.state).ok };
}

function proposals(chain: YearChain, hour: number): string[] {
  const contents: ProposalContent[] = [
    { kind: 'EconomicParameter', changes: { baseReward: 10_000 + hour }, height: chain.nextHeight + 400 },
    { kind: 'SecurityPatch', version: 2 + Math.floor(hour / 2_000), height: 1 },
  ];
  return contents.map((content, i) => chain.raw(VALIDATORS[i]!, 'proposal.submit', { title: `of hour ${hour}`, reason: '', content }));
}

/** Half of those who were penalised go to court. */
function appeals(chain: YearChain, random: (below: number) => number): string[] {
  const found: string[] = [];
  for (const [, text] of chain.state.list('slash/')) {
    const { id, account, state, time } = JSON.parse(text) as SlashRecord;
    if (state !== 'Held' || time !== chain.header.timestamp || random(2) === 0) continue;
    found.push(chain.raw(account, 'case.open', { category: 'Security', respondent: '', remedy: 'ReverseSlash', subject: `slash/${id}`, amount: 0, claim: 'it was the network', evidence: [] }));
  }
  return found;
}

/** What the panels of open cases still have to give. */
function ballots(chain: YearChain): string[] {
  const found: string[] = [];
  for (const [, text] of chain.state.list('case/')) {
    const { id, tier, state, panel } = JSON.parse(text) as CaseRecord;
    for (const [index, { account, commitment, ballot: given }] of panel.entries()) {
      const ballot = { upheld: index !== 0, award: 0, salt: sha256Hex(`${id} ${account}`) };
      if (state === 'Commit' && commitment === null) found.push(chain.raw(account, 'case.commit', { caseId: id, commitment: ballotCommitment(id, tier, account, ballot) }));
      if (state === 'Reveal' && given === null) found.push(chain.raw(account, 'case.reveal', { caseId: id, ballot }));
    }
  }
  return found;
}
