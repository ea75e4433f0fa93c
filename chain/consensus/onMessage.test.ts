// What a core does with messages that are forged, contradictory, malformed or far away: each rule's refusals, and bounded memory.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contradict } from './contradict.js';
import { digestOf, TestNetwork, type TestBlock } from './testing/testNetwork.js';
import type { Effect, Payload, PreparePayload, RoundChangePayload, Signed } from './types.js';

const block: TestBlock = { text: 'a block' };
const digest = digestOf(block);
const other: TestBlock = { text: 'another' };

/** Node 0 of four at height 1, in round 0; validator 1 proposes round 0, 2 round 1. */
function fixture() {
  const net = new TestNetwork(4);
  net.lost = () => true;
  net.start(1);
  const signed = <P extends Payload>(from: number, payload: P): Signed<P> => ({ from, payload, signature: net.config(from).crypto.sign(payload) });
  const prepare = (from: number, round = 0, of = digest) => signed<PreparePayload>(from, { type: 'prepare', height: 1, round, digest: of });
  const bareRoundChange = (from: number, round: number, prepared: [number, string] | null = null) =>
    signed<RoundChangePayload>(from, {
      type: 'roundChange',
      height: 1,
      round,
      preparedRound: prepared?.[0] ?? null,
      preparedDigest: prepared?.[1] ?? null,
    });
  const roundChange = (from: number, round: number) => ({ ...bareRoundChange(from, round), prepares: [], block: null });
  const proposal = (from: number, round: number, body: TestBlock, roundChanges: Signed[] = [], prepares: Signed[] = []) => ({
    ...signed(from, { type: 'proposal', height: 1, round, digest: digestOf(body) }),
    block: body,
    justification: { roundChanges, prepares },
  });
  const hear = (...messages: unknown[]): Effect<TestBlock>[] => {
    const before = net.nodes[0]!.effects.length;
    for (const message of messages) net.push(0, { type: 'Message', peer: 1, message });
    net.run();
    return net.nodes[0]!.effects.slice(before);
  };
  return { net, signed, prepare, bareRoundChange, roundChange, proposal, hear };
}
type Fixture = ReturnType<typeof fixture>;

describe('a proposal', () => {
  it.each<[string, (f: Fixture) => unknown, number | undefined]>([
    ['of round 0 by its proposer', ({ proposal }) => proposal(1, 0, block), 0],
    ['by another', ({ proposal }) => proposal(2, 0, block), undefined],
    ['with a forged signature', ({ proposal }) => ({ ...proposal(1, 0, block), signature: '00'.repeat(64) }), undefined],
    ['signed by another than it says', ({ proposal }) => ({ ...proposal(2, 0, block), from: 1 }), undefined],
    ['with another block than its digest', ({ proposal }) => ({ ...proposal(1, 0, block), block: other }), undefined],
    ['of round 0 with a justification', ({ proposal, bareRoundChange }) => proposal(1, 0, block, [bareRoundChange(1, 1)]), undefined],
    ['of round 1 without any', ({ proposal }) => proposal(2, 1, block), undefined],
    [
      'of round 1 with a quorum',
      ({ proposal, bareRoundChange }) =>
        proposal(
          2,
          1,
          block,
          [1, 2, 3].map((i) => bareRoundChange(i, 1)),
        ),
      1,
    ],
    [
      'of round 1 with one too few',
      ({ proposal, bareRoundChange }) =>
        proposal(
          2,
          1,
          block,
          [1, 2].map((i) => bareRoundChange(i, 1)),
        ),
      undefined,
    ],
    [
      'of round 1 with one counted twice',
      ({ proposal, bareRoundChange }) =>
        proposal(
          2,
          1,
          block,
          [1, 2, 2].map((i) => bareRoundChange(i, 1)),
        ),
      undefined,
    ],
    [
      'of round 1 with those for round 5',
      ({ proposal, bareRoundChange }) =>
        proposal(
          2,
          1,
          block,
          [1, 2, 3].map((i) => bareRoundChange(i, 5)),
        ),
      undefined,
    ],
    [
      'of round 9, no proposal having been accepted before',
      ({ proposal, bareRoundChange }) =>
        proposal(
          2,
          9,
          block,
          [1, 2, 3].map((i) => bareRoundChange(i, 9)),
        ),
      9,
    ],
    [
      'of what is prepared, shown',
      ({ proposal, bareRoundChange, prepare }) =>
        proposal(
          2,
          1,
          block,
          [bareRoundChange(1, 1, [0, digest]), bareRoundChange(2, 1), bareRoundChange(3, 1)],
          [1, 2, 3].map((i) => prepare(i)),
        ),
      1,
    ],
    [
      'of something else than what is prepared',
      ({ proposal, bareRoundChange, prepare }) =>
        proposal(
          2,
          1,
          other,
          [bareRoundChange(1, 1, [0, digest]), bareRoundChange(2, 1), bareRoundChange(3, 1)],
          [1, 2, 3].map((i) => prepare(i)),
        ),
      undefined,
    ],
    [
      'of what is prepared, not shown',
      ({ proposal, bareRoundChange, prepare }) =>
        proposal(
          2,
          1,
          block,
          [bareRoundChange(1, 1, [0, digest]), bareRoundChange(2, 1), bareRoundChange(3, 1)],
          [1, 2].map((i) => prepare(i)),
        ),
      undefined,
    ],
    [
      'of a prepared round below the highest',
      ({ proposal, bareRoundChange, prepare }) => {
        const changes = [bareRoundChange(1, 4, [1, digestOf(other)]), bareRoundChange(2, 4, [0, digest]), bareRoundChange(3, 4)];
        return proposal(
          1,
          4,
          block,
          changes,
          [1, 2, 3].map((i) => prepare(i)),
        );
      },
      undefined,
    ],
    [
      'of the highest prepared round',
      ({ proposal, bareRoundChange, prepare }) => {
        const changes = [bareRoundChange(1, 4, [1, digest]), bareRoundChange(2, 4, [0, digestOf(other)]), bareRoundChange(3, 4)];
        return proposal(
          1,
          4,
          block,
          changes,
          [1, 2, 3].map((i) => prepare(i, 1)),
        );
      },
      4,
    ],
    [
      'with a known signature over other words',
      ({ proposal, bareRoundChange }) => {
        const said = bareRoundChange(3, 1);
        return proposal(2, 1, block, [
          bareRoundChange(1, 1),
          bareRoundChange(2, 1),
          { ...said, payload: { ...said.payload, preparedRound: 0, preparedDigest: digest } },
        ]);
      },
      undefined,
    ],
  ])('%s', (_name, make, round) => {
    const f = fixture();
    f.hear(make(f));
    const votes = f.net.sent(0).map(({ payload }) => payload);
    expect(votes).toEqual(round === undefined ? [] : [{ type: 'prepare', height: 1, round, digest }]);
  });

  it('is prepared only when the shell finds the block valid', () => {
    const f = fixture();
    f.net.isValid = () => false;
    f.hear(f.proposal(1, 0, block));
    expect(f.net.sent(0)).toEqual([]);
  });

  it('of the round that has been left gets no vote', () => {
    const f = fixture();
    f.hear(f.roundChange(1, 1), f.roundChange(2, 1), f.proposal(1, 0, block));
    expect(f.net.sent(0).map(({ payload }) => payload.type)).toEqual(['roundChange']);
  });

  it('says to the shell whether a quorum has prepared it, so that it is not refused for its time', () => {
    const f = fixture();
    const changes = [f.bareRoundChange(1, 1, [0, digest]), f.bareRoundChange(2, 1), f.bareRoundChange(3, 1)];
    const asked = f
      .hear(
        f.proposal(1, 0, other),
        f.proposal(
          2,
          1,
          block,
          changes,
          [1, 2, 3].map((i) => f.prepare(i)),
        ),
      )
      .filter(({ type }) => type === 'ValidateProposal');
    expect(asked).toMatchObject([
      { round: 0, prepared: false },
      { round: 1, prepared: true },
    ]);
  });
});

describe('a round change', () => {
  const shown = (f: Fixture, prepares: Signed[], body: TestBlock | null = block, round = 0) => ({
    ...f.bareRoundChange(2, 3, [round, digest]),
    prepares,
    block: body,
  });
  it.each<[string, (f: Fixture) => unknown, boolean]>([
    ['without anything prepared', (f) => f.roundChange(2, 3), true],
    [
      'with a certificate',
      (f) =>
        shown(
          f,
          [1, 2, 3].map((i) => f.prepare(i)),
        ),
      true,
    ],
    ['with a forged prepare', (f) => shown(f, [f.prepare(1), f.prepare(2), { ...f.prepare(3), signature: '00'.repeat(64) }]), false],
    [
      'with two prepares',
      (f) =>
        shown(
          f,
          [1, 2].map((i) => f.prepare(i)),
        ),
      false,
    ],
    [
      'with one prepare twice',
      (f) =>
        shown(
          f,
          [1, 2, 2].map((i) => f.prepare(i)),
        ),
      false,
    ],
    [
      'with prepares of another round',
      (f) =>
        shown(
          f,
          [1, 2, 3].map((i) => f.prepare(i, 1)),
        ),
      false,
    ],
    [
      'with prepares of another block',
      (f) =>
        shown(
          f,
          [1, 2, 3].map((i) => f.prepare(i, 0, digestOf(other))),
        ),
      false,
    ],
    [
      'without the block',
      (f) =>
        shown(
          f,
          [1, 2, 3].map((i) => f.prepare(i)),
          null,
        ),
      false,
    ],
    [
      'with another block',
      (f) =>
        shown(
          f,
          [1, 2, 3].map((i) => f.prepare(i)),
          other,
        ),
      false,
    ],
    [
      'prepared in the round that it asks for',
      (f) =>
        shown(
          f,
          [1, 2, 3].map((i) => f.prepare(i, 3)),
          block,
          3,
        ),
      false,
    ],
    [
      'with half a prepared pair',
      (f) => ({ ...f.signed(2, { type: 'roundChange', height: 1, round: 3, preparedRound: 0, preparedDigest: null }), prepares: [], block: null }),
      false,
    ],
  ])('%s', (_name, make, counted) => {
    const f = fixture();
    f.hear(f.roundChange(1, 3), make(f));
    expect(f.net.nodes[0]!.state.round).toBe(counted ? 3 : 0);
  });

  it('of far-future rounds by the faulty alone moves nobody', () => {
    const f = fixture();
    f.hear(f.roundChange(3, 5), f.roundChange(3, 0xffff_ffff));
    expect(f.net.nodes[0]!.state.round).toBe(0);
    f.hear(f.roundChange(1, 2));
    expect(f.net.nodes[0]!.state.round).toBe(2);
  });
});

describe('evidence', () => {
  it.each<[string, (f: Fixture) => [unknown, unknown]]>([
    ['proposal', (f) => [f.proposal(1, 0, block), f.proposal(1, 0, other)]],
    ['prepare', (f) => [f.prepare(2), f.prepare(2, 0, digestOf(other))]],
    [
      'commit',
      (f) =>
        [block, other].map((body) => f.signed(2, { type: 'commit', height: 1, round: 0, digest: digestOf(body), seal: '00'.repeat(96) })) as [
          unknown,
          unknown,
        ],
    ],
    ['roundChange', (f) => [f.roundChange(2, 1), { ...f.bareRoundChange(2, 1, [0, digest]), prepares: [], block: null }]],
  ])('of two of kind %s is given once, with both signed parts', (kind, make) => {
    const f = fixture();
    const [first, second] = make(f);
    const found = f.hear(first, second, second).filter(({ type }) => type === 'Evidence');
    const bare = (message: unknown) => ({
      from: (message as Signed).from,
      payload: (message as Signed).payload,
      signature: (message as Signed).signature,
    });
    expect(found).toEqual([{ type: 'Evidence', kind, first: bare(first), second: bare(second) }]);
  });

  it('is given for each different thing said, up to a flood of 16; of whoever flooded nothing more is looked at', () => {
    const f = fixture();
    const messages = Array.from({ length: 20 }, (_, i) => f.prepare(2, 0, i.toString(16).padStart(64, '0')));
    const found = f.hear(...messages, ...messages).filter(({ type }) => type === 'Evidence');
    expect(found).toHaveLength(15);
    expect(found.every((effect) => effect.type === 'Evidence' && contradict(effect.first, effect.second))).toBe(true);
    const state = () => f.net.nodes[0]!.state;
    const before = state();
    expect(f.hear(f.prepare(2, 1))).toEqual([]);
    expect(state()).toEqual(before);
    f.hear(f.roundChange(2, 1));
    expect(state().roundChanges.size).toBe(1);
  });

  it('needs good signatures', () => {
    const f = fixture();
    expect(f.hear(f.prepare(2), { ...f.prepare(2, 0, digestOf(other)), signature: '00'.repeat(64) })).not.toContainEqual(
      expect.objectContaining({ type: 'Evidence' }),
    );
  });
});

describe('commits', () => {
  const commit = (f: Fixture, from: number, seal = f.net.config(from).crypto.seal(1, 0, digest)) =>
    f.signed(from, { type: 'commit', height: 1, round: 0, digest, seal });
  it('decide when they come before the proposal', () => {
    const f = fixture();
    expect(f.hear(commit(f, 1), commit(f, 2), commit(f, 3), f.proposal(1, 0, block)).filter(({ type }) => type === 'Commit')).toHaveLength(1);
  });
  it('with a bad seal do not count, and are told apart from the good ones', () => {
    const f = fixture();
    const bad = commit(f, 3, f.net.config(3).crypto.seal(1, 1, digest));
    expect(f.hear(f.proposal(1, 0, block), commit(f, 1), commit(f, 2), bad).filter(({ type }) => type === 'Commit')).toHaveLength(0);
    expect(f.hear(...[1, 2, 3].map((i) => f.prepare(i))).filter(({ type }) => type === 'Commit')).toMatchObject([{ certificate: { signers: '07' } }]);
  });
  it('of an unknown block ask for sync', () => {
    const f = fixture();
    expect(f.hear(commit(f, 1), commit(f, 2), commit(f, 3)).filter(({ type }) => type === 'RequestSync')).toHaveLength(3);
  });
  it('of a round that was left decide all the same', () => {
    const f = fixture();
    f.hear(f.proposal(1, 0, block), f.roundChange(1, 1), f.roundChange(2, 1));
    expect(f.hear(commit(f, 1), commit(f, 2), commit(f, 3)).filter(({ type }) => type === 'Commit')).toMatchObject([{ round: 0 }]);
  });
});

describe('memory', () => {
  it('does not grow with rounds and heights that somebody makes up', () => {
    const f = fixture();
    for (let round = 0; round < 200; round++) f.hear(f.prepare(3, round), f.roundChange(3, round + 1));
    for (let i = 0; i < 100; i++) f.hear({ ...f.prepare(3, i), payload: { ...f.prepare(3, i).payload, height: 2 } });
    const { prepares, roundChanges, early } = f.net.nodes[0]!.state;
    expect(prepares.size).toBeLessThanOrEqual(13);
    expect(roundChanges.size).toBe(1);
    expect(early.get(1)).toHaveProperty('size', 1);
  });
});

describe('garbage', () => {
  it('does nothing and throws nothing', () => {
    const f = fixture();
    const before = f.net.nodes[0]!.state;
    const mutilated = fc.record(
      {
        from: fc.oneof(fc.integer(), fc.anything()),
        payload: fc.record(
          {
            type: fc.constantFrom('proposal', 'prepare', 'commit', 'roundChange', '__proto__', 'x'),
            height: fc.constantFrom(1, 2 ** 53, '1'),
            round: fc.oneof(fc.nat(), fc.double()),
            digest: fc.string(),
          },
          { requiredKeys: ['type'] },
        ),
        signature: fc.string(),
        justification: fc.anything(),
        prepares: fc.anything(),
      },
      { requiredKeys: ['payload'] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), mutilated), (message) => {
        expect(f.hear(message)).toEqual([]);
        expect(f.net.nodes[0]!.state).toBe(before);
      }),
      { numRuns: 300 },
    );
  });
});
