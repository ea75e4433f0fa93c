// QBFT cut down until every state can be visited: what four validators, one of them faulty, have signed in rounds 0 to 2 of one height.
//
// A correct validator acts on any part of what was signed, whenever it likes: lost, late and reordered messages, time-outs at any moment and restarts are all contained.
// Of the faulty one nothing is kept: it has signed everything already. Fresh blocks are A or B. So there is more behaviour here than in the core, and none is missing.

export const VALIDATORS = 4;
export const ROUNDS = 3;
/** 0 = nothing. */
export type Digest = 0 | 1 | 2;
const DIGESTS: readonly Digest[] = [1, 2];

export interface Rules {
  quorum: number;
  proposalsProved: boolean;
  /** A round change tells what was prepared. */
  preparedTold: boolean;
  highestChosen: boolean;
}
export const SOUND: Rules = { quorum: 3, proposalsProved: true, preparedTold: true, highestChosen: true };

/** Of one correct validator: the round it last spoke in, and by round what it prepared, whether it committed to that, and whether it asked for the round. */
export interface Signer {
  round: number;
  prepared: Digest[];
  committed: boolean[];
  asked: boolean[];
}
export interface State {
  signers: Signer[];
  /** By round, of correct proposers. */
  proposed: Digest[];
}

export function initialState(): State {
  const rounds = <T>(value: T): T[] => Array.from({ length: ROUNDS }, () => value);
  return {
    signers: Array.from({ length: VALIDATORS - 1 }, () => ({
      round: 0,
      prepared: rounds<Digest>(0),
      committed: rounds(false),
      asked: rounds(false),
    })),
    proposed: rounds<Digest>(0),
  };
}

const count = (state: State, holds: (signer: Signer) => boolean): number => state.signers.filter(holds).length;
/** With the faulty validator's. */
const isPrepared = (state: State, { quorum }: Rules, round: number, digest: Digest): boolean =>
  count(state, (s) => s.prepared[round] === digest) + 1 >= quorum;

interface Claim {
  round: number;
  digest: Digest;
}
/** What a round change for `round` says to be prepared: a committed block of an earlier round is. */
function claimOf(signer: Signer, round: number, { preparedTold }: Rules): Claim | undefined {
  for (let at = round - 1; preparedTold && at >= 0; at--) if (signer.committed[at]) return { round: at, digest: signer.prepared[at]! };
  return undefined;
}

/** Claims that the faulty validator can prove, and that nothing is prepared. */
function faultyClaims(state: State, rules: Rules, round: number): (Claim | undefined)[] {
  const claims: (Claim | undefined)[] = [undefined];
  for (let at = 0; at < round; at++) for (const digest of DIGESTS) if (isPrepared(state, rules, at, digest)) claims.push({ round: at, digest });
  return claims;
}

/** Digests for which some quorum of round changes justifies a proposal of the round. */
export function justified(state: State, rules: Rules, round: number): Digest[] {
  if (round === 0 || !rules.proposalsProved) return [...DIGESTS];
  const own = state.signers.filter(({ asked }) => asked[round]).map((signer) => claimOf(signer, round, rules));
  const found = new Set<Digest>();
  for (let part = 0; part < 1 << own.length; part++) {
    const shown = own.filter((_, i) => part & (1 << i));
    if (shown.length >= rules.quorum) addAllowed(found, shown, rules);
    if (shown.length + 1 >= rules.quorum) for (const claim of faultyClaims(state, rules, round)) addAllowed(found, [...shown, claim], rules);
  }
  return [...found];
}

function addAllowed(found: Set<Digest>, shown: (Claim | undefined)[], { highestChosen }: Rules): void {
  const claims = shown.filter((claim) => claim !== undefined);
  const chosen = (highestChosen ? Math.max : Math.min)(...claims.map(({ round }) => round));
  const allowed = claims.length === 0 ? DIGESTS : claims.filter(({ round }) => round === chosen).map(({ digest }) => digest);
  for (const digest of allowed) found.add(digest);
}

/** All states one step away. `faultyLeads`: rounds that the faulty validator proposes in. */
export function successors(state: State, rules: Rules, faultyLeads: readonly number[]): State[] {
  const next: State[] = [];
  const allowed = Array.from({ length: ROUNDS }, (_, round) => justified(state, rules, round));
  for (let round = 0; round < ROUNDS; round++) {
    if (faultyLeads.includes(round) || state.proposed[round] !== 0) continue;
    for (const digest of allowed[round]!) next.push({ ...state, proposed: state.proposed.with(round, digest) });
  }
  state.signers.forEach((signer, i) => {
    for (const changed of moves(signer, state, rules, (round) =>
      faultyLeads.includes(round) ? allowed[round]! : [state.proposed[round]!].filter((d) => d !== 0),
    )) {
      next.push({ ...state, signers: state.signers.with(i, changed) });
    }
  });
  return next;
}

function moves(signer: Signer, state: State, rules: Rules, proposals: (round: number) => Digest[]): Signer[] {
  const { round, prepared, committed, asked } = signer;
  const next: Signer[] = [];
  for (let at = round + 1; at < ROUNDS; at++) next.push({ ...signer, round: at, asked: asked.with(at, true) });
  for (let at = round; at < ROUNDS; at++) {
    if (prepared[at] !== 0) continue;
    for (const digest of proposals(at)) next.push({ ...signer, round: at, prepared: prepared.with(at, digest) });
  }
  const mine = prepared[round]!;
  if (mine !== 0 && !committed[round] && isPrepared(state, rules, round, mine)) next.push({ ...signer, committed: committed.with(round, true) });
  return next;
}

/** What is wrong, or undefined. */
export function fault(state: State, rules: Rules): string | undefined {
  const decidable: { round: number; digest: Digest }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const certificates = DIGESTS.filter(
      (digest) => isPrepared(state, rules, round, digest) && state.signers.some((s) => s.committed[round] && s.prepared[round] === digest),
    );
    if (certificates.length > 1) return `two blocks are prepared in round ${round}`;
    for (const digest of DIGESTS) {
      if (count(state, (s) => s.committed[round]! && s.prepared[round] === digest) + 1 >= rules.quorum) decidable.push({ round, digest });
    }
  }
  for (const { round, digest } of decidable) {
    if (decidable.some((other) => other.digest !== digest)) return 'two blocks are decided';
    const later = state.signers.some(({ prepared }) => prepared.some((other, at) => at > round && other !== 0 && other !== digest));
    if (later) return `another block is prepared after one that may have been decided in round ${round}`;
  }
  return undefined;
}

const SIGNER_CODES = ROUNDS * 12 ** ROUNDS;
/** A number for each state, the same for states that differ only in which correct validator did what: none of the rules tells them apart. */
export function encode(state: State): number {
  const codes = state.signers.map(({ round, prepared, committed, asked }) => {
    let code = round;
    for (let at = 0; at < ROUNDS; at++) code = ((code * 3 + prepared[at]!) * 2 + Number(committed[at])) * 2 + Number(asked[at]);
    return code;
  });
  codes.sort((a, b) => a - b);
  const proposed = state.proposed.reduce<number>((sum, digest) => sum * 3 + digest, 0);
  return codes.reduce((sum, code) => sum * SIGNER_CODES + code, proposed);
}
