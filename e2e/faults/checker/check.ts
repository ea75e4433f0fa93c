// Re-derives from validators' own files what they promised: one block at each height, certified; nothing acknowledged lost; no pod bound without a certified placement; no vote contradicted.
import type { Claims } from './claims.js';
import { verifyAll, type ValidatorSet } from './certificates.js';
import { blockHash, GrowingTree, leaf, sha256, treeRoot, canonical, type Certificate } from './format.js';
import { openChain, votesOf, type StoredBlock, type StoredChain, type Vote } from './stored.js';

export interface Finding {
  what: string;
  holds: boolean;
  detail: string;
}
export interface Checked {
  findings: Finding[];
  /** Acknowledged verdicts, receipts and pods that no block has. */
  lost: number;
  heights: number;
}
export interface Genesis {
  chainId: string;
  validatorSet: ValidatorSet;
}
interface Predicate {
  receiptId: string;
  operationType: string;
  outcome: string;
  code: string;
  object?: { kind: string; uid?: string };
  details?: { node?: string | null };
}

const BATCH = 100;
const ADMITTED = new Set(['Admitted', 'AlreadyAdmitted']);

class Derived {
  readonly receipts = new Set<string>();
  readonly admitted = new Set<string>();
  /** uid → nodes that were decided. */
  readonly placed = new Map<string, Set<string>>();

  take(statement: string): void {
    const { predicate } = JSON.parse(statement) as { predicate: Predicate };
    const { receiptId, operationType, object, details, outcome, code } = predicate;
    this.receipts.add(receiptId);
    if (object?.uid === undefined) return;
    if (operationType === 'admission.verdict' && outcome === 'allowed' && ADMITTED.has(code)) this.admitted.add(object.uid);
    if (operationType === 'placement.request' && outcome === 'applied' && details?.node) {
      const nodes = this.placed.get(object.uid) ?? new Set();
      this.placed.set(object.uid, nodes.add(details.node));
    }
  }
}

/** Throws with the height and the rule that does not hold. */
function follow(chain: StoredChain, { chainId, validatorSet }: Genesis, derived: Derived): { hashes: string[]; certificates: Certificate[] } {
  const set = sha256(canonical(validatorSet)).toString('hex');
  const log = new GrowingTree();
  const hashes = [blockHash(chain.genesisHeader)];
  const certificates: Certificate[] = [];
  const must = (height: number, rule: string, holds: boolean) => {
    if (!holds) throw new Error(`height ${height}: ${rule}`);
  };
  for (let height = 1; height <= chain.top; height++) {
    const { header, certificate, transactions, statements }: StoredBlock = chain.block(height);
    const hash = blockHash(header);
    must(height, 'chain id and height are its own', header.chainId === chainId && header.height === height && certificate.height === height);
    must(height, 'follows the block before', header.previousHash === hashes.at(-1));
    must(height, 'the certificate names it', certificate.blockHash === hash);
    must(height, 'is signed by the genesis set', header.validatorsHash === set && header.nextValidatorsHash === set);
    must(height, 'its transactions are those of the header', Buffer.from(treeRoot(transactions.map(leaf))).toString('hex') === header.transactionsRoot);
    for (const statement of statements) {
      log.add(leaf(statement));
      derived.take(statement);
    }
    must(height, 'its receipts lead to the log root', log.size === header.logSize && log.root() === header.logRoot);
    const ids = transactions.map((raw) => sha256(canonical((JSON.parse(raw) as { body: unknown }).body)).toString('hex'));
    must(height, 'each transaction has a receipt of its id', ids.every((id) => derived.receipts.has(id)));
    hashes.push(hash);
    certificates.push(certificate);
  }
  return { hashes, certificates };
}

function contradictions(votes: readonly Vote[]): string[] {
  const said = new Map<string, string>();
  const found: string[] = [];
  for (const vote of votes) {
    const key = `${vote.type} at ${vote.height}/${vote.round}`;
    const what = vote.type === 'roundChange' ? `${vote.preparedRound}/${vote.preparedDigest}` : `${vote.digest}`;
    if ((said.get(key) ?? what) !== what) found.push(key);
    said.set(key, what);
  }
  return found;
}

/** Where every validator has its data and none runs. `mayForget` = validators whose log a fault damaged: they count as faulty, their votes are not judged. */
export async function check(homes: readonly string[], genesis: Genesis, claims: Claims, mayForget: readonly number[]): Promise<Checked> {
  const findings: Finding[] = [];
  const attempt = (what: string, act: () => string) => {
    try {
      findings.push({ what, holds: true, detail: act() });
    } catch (error) {
      findings.push({ what, holds: false, detail: (error as Error).message });
    }
  };
  const derived = new Derived();
  const chains: { hashes: string[]; certificates: Certificate[] }[] = [];
  for (const [index, home] of homes.entries()) {
    const stored = openChain(home);
    attempt(`validator ${index}: every block follows, and its transactions and receipts lead to its roots`, () => {
      chains.push(follow(stored, genesis, derived));
      return `${stored.top} blocks, ${stored.block(stored.top).header.logSize} receipts`;
    });
    await stored.close();
  }
  const heights = Math.max(0, ...chains.map(({ hashes }) => hashes.length - 1));
  attempt('one block at each height, whoever is asked', () => {
    for (let height = 0; height <= heights; height++) {
      const different = new Set(chains.flatMap(({ hashes }) => hashes[height] ?? []));
      if (different.size !== 1) throw new Error(`height ${height} has ${different.size} blocks`);
    }
    return `${heights} heights, ${chains.length} validators`;
  });
  attempt('every certificate is a quorum\'s signature (@noble/curves)', () => {
    const all = chains.flatMap(({ certificates }) => certificates).toSorted((a, b) => a.height - b.height);
    const distinct = [...new Map(all.map((one) => [canonical(one), one])).values()];
    for (let from = 0; from < distinct.length; from += BATCH) verifyAll(genesis.chainId, genesis.validatorSet, distinct.slice(from, from + BATCH));
    return `${distinct.length} certificates that differ`;
  });
  attempt('no vote contradicts another of its validator', () => {
    const logs = homes.map((home, index) => (mayForget.includes(index) ? [] : votesOf(home)));
    const found = logs.flatMap((votes, index) => contradictions(votes).map((one) => `validator ${index}: ${one}`));
    if (found.length > 0) throw new Error(found.slice(0, 3).join('; '));
    return `${logs.reduce((sum, votes) => sum + votes.length, 0)} votes${mayForget.length > 0 ? `; those of validator ${mayForget.join(', ')} not judged, a fault damaged its log` : ''}`;
  });
  const lost = [
    ...claims.transactions.filter((id) => !derived.receipts.has(id)).map((id) => `receipt ${id}`),
    ...claims.admitted.filter(({ uid }) => !derived.admitted.has(uid)).map(({ name }) => `verdict of pod ${name}`),
  ];
  const promised = `${claims.transactions.length} receipts and ${claims.admitted.length} pods' verdicts acknowledged`;
  findings.push({ what: 'nothing acknowledged is lost', holds: lost.length === 0, detail: lost.length === 0 ? promised : `${promised}; lost: ${lost.slice(0, 5).join(', ')}` });
  const uncertified = claims.bound.filter(({ uid, node }) => !derived.placed.get(uid)?.has(node));
  const detail = uncertified.length === 0 ? `${claims.bound.length} pods bound` : uncertified.slice(0, 5).map(({ name, node }) => `${name} on ${node}`).join(', ');
  findings.push({ what: 'no pod is bound without a certified placement', holds: uncertified.length === 0, detail });
  return { findings, lost: lost.length, heights };
}
