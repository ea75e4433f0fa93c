// The protocol on a bus: decisions, round changes, what is prepared carried over, restarts, evidence and late joiners.
import { describe, expect, it } from 'vitest';
import { commitSealMessage } from '../../receipts/commitSeal.js';
import { bls } from '../../crypto/bls.js';
import { fromHex } from '../../crypto/encoding.js';
import { quorum } from '../../receipts/quorum.js';
import { CHAIN, digestOf, TestNetwork } from './testing/testNetwork.js';
import type { ProposalMessage, Signed, SignedMessage } from './types.js';

const typeOf = (message: SignedMessage<unknown>): string => message.payload.type;
const all = (count: number, text: string): string[] => Array.from({ length: count }, () => text);

describe('the normal case', () => {
  it.each([1, 2, 3, 4, 5, 7, 10])(
    '%i validators decide in round 0 what the proposer of height 1 proposed, with a certificate that verifies',
    (count) => {
      const net = new TestNetwork(count);
      net.start(1);
      net.push(1 % count, { type: 'WorkAvailable' });
      net.run();
      expect(net.decided(1)).toEqual(all(count, `h1 r0 by ${1 % count}`));
      for (const { commits } of net.nodes) {
        const { certificate, digest } = commits[0]!;
        const signers = net.validators.set.validators.filter((_, i) => (fromHex(certificate.signers)[i >> 3]! >> (i & 7)) & 1);
        expect(signers.length).toBeGreaterThanOrEqual(quorum(count, 67));
        const message = commitSealMessage(CHAIN, 1, 0, digest);
        expect(
          bls.verifyAggregate(
            signers.map(({ blsPublicKey }) => blsPublicKey),
            message,
            fromHex(certificate.signature),
          ),
        ).toBe(true);
      }
    },
  );

  it('proposes nothing while there is no work, an empty block when the interval has passed, and no round has a time before', () => {
    const net = new TestNetwork(4);
    net.start(1);
    expect(net.decided(1)).toEqual([undefined, undefined, undefined, undefined]);
    expect(net.nodes.flatMap(({ timers }) => [...timers.keys()]).every((id) => id.startsWith('interval'))).toBe(true);
    net.fire('interval');
    expect(net.decided(1)).toEqual(all(4, 'h1 r0 by 1'));
  });

  it('goes on from height to height, hearing messages of the next height that come early', () => {
    const net = new TestNetwork(4);
    net.start(1);
    net.fire('interval');
    net.start(2, [0, 1, 2].values());
    net.fire('interval', [0, 1, 2]);
    expect(net.decided(2)).toEqual([...all(3, 'h2 r0 by 2'), undefined]);
    net.start(2, [3].values());
    expect(net.decided(2)).toEqual(all(4, 'h2 r0 by 2'));
  });

  it('lets one that only follows decide too, without voting', () => {
    const net = new TestNetwork(4);
    net.push(3, { type: 'Start', height: 1, set: net.validators.set, self: null });
    net.start(1, [0, 1, 2].values());
    net.fire('interval', [0, 1, 2]);
    expect(net.decided(1)).toEqual(all(4, 'h1 r0 by 1'));
    expect(net.sent(3)).toEqual([]);
  });

  it('leaves no timer behind when it has decided', () => {
    const net = new TestNetwork(4);
    net.start(1);
    net.fire('interval');
    expect(net.nodes.map(({ timers }) => timers.size)).toEqual([0, 0, 0, 0]);
  });
});

describe('round changes', () => {
  it('decide without a silent proposer, in round 1', () => {
    const net = new TestNetwork(4);
    net.crash(1);
    net.start(1);
    net.fire('interval');
    net.fire('round');
    expect(net.decided(1)).toEqual(['h1 r0 by 1', 'h1 r0 by 1', 'h1 r0 by 1', 'h1 r0 by 1'].map((_, i) => (i === 1 ? undefined : 'h1 r1 by 2')));
  });

  it('carry the prepared block over when its commits were lost, though the new proposer never saw it', () => {
    const net = new TestNetwork(4);
    net.lost = (_from, to, message) => typeOf(message) === 'commit' || (to === 2 && message.payload.round === 0);
    net.start(1);
    net.fire('interval');
    net.lost = () => false;
    net.fire('round');
    expect(net.decided(1)).toEqual(all(4, 'h1 r0 by 1'));
    expect(net.nodes.map(({ commits }) => commits[0]!.round)).toEqual([1, 1, 1, 1]);
  });

  it('do not go on alone: the round change is repeated at the base time until a quorum is there', () => {
    const net = new TestNetwork(4);
    net.crash(2);
    net.crash(3);
    net.start(1);
    net.fire('interval');
    for (let i = 0; i < 20; i++) net.fire('round');
    expect(net.nodes[0]!.state.round).toBe(1);
    expect([...net.nodes[0]!.timers.values()]).toContain(1_000);
    net.restart(2, 1);
    net.fire('round');
    expect(net.decided(1).filter((text) => text !== undefined)).toEqual(all(3, 'h1 r1 by 2'));
  });

  it('pull along one that missed them: f + 1 are enough', () => {
    const net = new TestNetwork(4);
    net.lost = (_from, to) => to === 3;
    net.crash(1);
    net.start(1);
    net.fire('interval', [0, 2, 3]);
    net.fire('round', [0, 2]);
    expect(net.nodes[3]!.state.round).toBe(0);
    net.lost = () => false;
    net.fire('round', [0, 2]);
    expect(net.decided(1)).toEqual(['h1 r1 by 2', undefined, 'h1 r1 by 2', 'h1 r1 by 2']);
  });

  it('give each round twice the time of the last, up to the cap', () => {
    const net = new TestNetwork(4);
    net.isValid = () => false;
    net.start(1);
    net.fire('interval');
    const times = Array.from({ length: 6 }, () => {
      const [time] = net.nodes[0]!.timers.values();
      net.fire('round');
      return time;
    });
    expect(times).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  });

  it('reach one that reconnects at once', () => {
    const net = new TestNetwork(4);
    net.lost = (from, to) => from === 3 || to === 3;
    net.crash(1);
    net.start(1);
    net.fire('interval', [0, 2, 3]);
    net.fire('round', [0, 2]);
    net.lost = () => false;
    for (const [a, b] of [
      [0, 3],
      [2, 3],
      [3, 0],
      [3, 2],
    ] as const)
      net.push(a, { type: 'PeerConnected', peer: b });
    net.run();
    expect(net.decided(1)).toEqual(['h1 r1 by 2', undefined, 'h1 r1 by 2', 'h1 r1 by 2']);
  });
});

describe('restart', () => {
  it('sends no vote before its record is durable', () => {
    const net = new TestNetwork(4);
    net.start(1);
    net.fire('interval');
    for (const { effects, log } of net.nodes) {
      const order = effects.filter(({ type }) => type === 'Persist' || type === 'Broadcast').map(({ type }) => type);
      expect(order.filter((type) => type === 'Broadcast')).toHaveLength(log.length);
      for (let i = 0; i < order.length; i++)
        expect(order.slice(0, i + 1).filter((type) => type === 'Broadcast').length).toBeLessThanOrEqual(
          order.slice(0, i + 1).filter((type) => type === 'Persist').length,
        );
    }
  });

  it('of everybody after the commits were cast but not sent decides the same block', () => {
    const net = new TestNetwork(4);
    net.lost = (_from, _to, message) => typeOf(message) === 'commit';
    net.start(1);
    net.fire('interval');
    expect(net.decided(1)).toEqual([undefined, undefined, undefined, undefined]);
    net.lost = () => false;
    for (const i of net.nodes.keys()) net.crash(i);
    for (const i of net.nodes.keys()) net.restart(i, 1);
    net.fire('round');
    net.fire('round');
    expect(net.decided(1)).toEqual(all(4, 'h1 r0 by 1'));
  });

  it('of a single validator between its commit and the block being durable decides the same block again', () => {
    const net = new TestNetwork(1);
    net.start(1);
    net.fire('interval');
    net.nodes[0]!.commits = [];
    net.restart(0, 1);
    expect(net.decided(1)).toEqual(['h1 r0 by 0']);
  });

  it('votes for nothing else in a round it has voted in', () => {
    const net = new TestNetwork(4);
    net.lost = (_from, _to, message) => typeOf(message) !== 'proposal';
    net.start(1);
    net.fire('interval');
    net.restart(0, 1);
    const other = { text: 'another' };
    const payload = { type: 'proposal' as const, height: 1, round: 0, digest: digestOf(other) };
    const proposal: ProposalMessage<unknown> = {
      from: 1,
      payload,
      signature: net.config(1).crypto.sign(payload),
      block: other,
      justification: { roundChanges: [], prepares: [] },
    };
    net.push(0, { type: 'Message', peer: 1, message: proposal });
    net.run();
    const prepared = net.sent(0).filter((message) => typeOf(message) === 'prepare');
    expect(prepared.map(({ payload: { ...vote } }) => 'digest' in vote && vote.digest)).toEqual([digestOf({ text: 'h1 r0 by 1' })]);
    expect(net.nodes[0]!.log.filter(({ vote }) => vote.payload.type === 'prepare')).toHaveLength(1);
  });

  it('returns to the round of the last vote and shows what was prepared', () => {
    const net = new TestNetwork(4);
    net.lost = (_from, _to, message) => typeOf(message) === 'commit';
    net.start(1);
    net.fire('interval');
    net.lost = () => true;
    net.fire('round', [0]);
    net.restart(0, 1);
    expect(net.nodes[0]!.state.round).toBe(1);
    const [again] = net.sent(0);
    expect(again).toMatchObject({ payload: { type: 'roundChange', round: 1, preparedRound: 0 }, block: { text: 'h1 r0 by 1' } });
    expect((again as { prepares: Signed[] }).prepares.length).toBeGreaterThanOrEqual(3);
  });
});

describe('others at another height', () => {
  it('asks for sync once when a peer is ahead, and takes up the height it is then started at', () => {
    const net = new TestNetwork(4);
    net.lost = (_from, to) => to === 3;
    net.start(1);
    net.fire('interval');
    net.start(2, [0, 1, 2].values());
    net.lost = () => false;
    net.fire('interval', [0, 1, 2]);
    const hints = net.nodes[3]!.effects.filter(({ type }) => type === 'RequestSync');
    expect(hints.filter((hint) => 'fromPeer' in hint && hint.fromPeer === 2)).toEqual([{ type: 'RequestSync', height: 1, fromPeer: 2 }]);
    net.start(2, [3].values());
    expect(net.decided(2)).toEqual(all(4, 'h2 r0 by 2'));
  });

  it('ignores a Start that does not go forward', () => {
    const net = new TestNetwork(4);
    net.start(1);
    net.fire('interval');
    const before = net.nodes[0]!.state;
    net.start(1);
    expect(net.nodes[0]!.state).toEqual(before);
  });
});
