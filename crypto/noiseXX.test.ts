// The handshake against published vectors, and against changed, cut, repeated and misplaced messages.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { fromHex, toHex, utf8 } from './encoding.js';
import { CipherState, createNoise, MAX_PLAINTEXT_BYTES, type Noise } from './noiseXX.js';
import { generateX25519, x25519FromPrivateKey } from './x25519.js';

interface Vector {
  name: string;
  prologue: string;
  initiator: { staticKey: string; ephemeralKey: string };
  responder: { staticKey: string; ephemeralKey: string };
  handshakeHash?: string;
  messages: [payload: string, ciphertext: string][];
}

// Published for Noise_XX_25519_ChaChaPoly_SHA256 by the cacophony and snow projects.
const vectors: Vector[] = [
  {
    name: 'cacophony',
    prologue: '4a6f686e2047616c74',
    initiator: {
      staticKey: 'e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1',
      ephemeralKey: '893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a',
    },
    responder: {
      staticKey: '4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893',
      ephemeralKey: 'bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b',
    },
    handshakeHash: 'c8e5f64e846193be2a834104c2a009868d6c9f3bd3c186299888b488b2f1f58e',
    messages: [
      ['4c756477696720766f6e204d69736573', 'ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c756477696720766f6e204d69736573'],
      [
        '4d757272617920526f746862617264',
        '95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f14480884381cbad1f276e038c48378ffce2b65285e08d6b68aaa3629a5a8639392490e5b9bd5269c2f1e4f488ed8831161f19b7815528f8982ffe09be9b5c412f8a0db50f8814c7194e83f23dbd8d162c9326ad',
      ],
      [
        '462e20412e20486179656b',
        'c7195ffacac1307ff99046f219750fc47693e23c3cb08b89c2af808b444850a80ae475b9df0f169ae80a89be0865b57f58c9fea0d4ec82a286427402f113e4b6ae769a1d95941d49b25030',
      ],
      ['4361726c204d656e676572', '96763ed773f8e47bb3712f0e29b3060ffc956ffc146cee53d5e1df'],
      ['4a65616e2d426170746973746520536179', '3e40f15f6f3a46ae446b253bf8b1d9ffb6ed9b174d272328ff91a7e2e5c79c07f5'],
      ['457567656e2042f6686d20766f6e2042617765726b', 'eb3f3515110702e047a6c9da4478b6ead94873c11c0f2d710ddb3f09fce024b3a58502ae3f'],
    ],
  },
  {
    name: 'snow',
    prologue: '5468657265206973206e6f20726967687420616e642077726f6e672e2054686572652773206f6e6c792066756e20616e6420626f72696e672e',
    initiator: {
      staticKey: '7dec208517a3b81a2861d7a71266d5d6dc944c5a8816634a86fe63198a0148ee',
      ephemeralKey: 'a32daf21e93c0131495ce1d903181fde81cc46937daaeb990bae7c992709421e',
    },
    responder: {
      staticKey: '4d0aed5098e3b4ef20357e9f686ce66204c792b358da2e475017d6c485304881',
      ephemeralKey: '4eece0f195d026db035ff987597c429d3ad3bcc2944df37d649528951b2a27c5',
    },
    messages: [
      [
        'd03c489139e645d0711a3c9e810d776b46a84912463fafa87b884eebf242dc34',
        'f9fa868ba97ab8a2686deccfaad5a484ee10a5bb85e3d1dce015a84797f92818d03c489139e645d0711a3c9e810d776b46a84912463fafa87b884eebf242dc34',
      ],
      [
        'd8190a92f7dc0c93dbea9118ba8055751fb7c6590c416ffbd419964132b99a85',
        '8c4e6fdb7d09d501a86f7eca5c234522751706ed409182c05cdf5f827d4dae47b81c6c5f43b025692c24391eefee725c17d8cb0fbe3e4abb8aedf42c4fd2592d4ea48ac08989d6ae8b4adae08b2c34087c808c7aa55a63c02b0fab9e930612336bd43eaea04d3c670a0a146691aa9cc9d357872320dc735dbc48580cffb553db',
      ],
      [
        '77891b19dcb92ef7c055b672c4a5aa7fdf1c84146b8b303459022729473ce254',
        '933ca6b5ed60df3df66121f0ab49a09e49efa45c613a86a3cecbf4c535cef2f83f72b42837b18e3572f2fdc2b74c331e2368a545cef54bdca081678ab0e9dd5348122459e0c034c851984d88ce610963d43cde6cfe73a67fbd5a63e8bfca96d0',
      ],
      [
        'd7efdf988072881941db045a42882433817555128fbf5663e56081712ec7d212',
        '54ef0ff0629e1aaa7685a2806ab111cba76b52331f2642276736f415868eacb69ab2577f3bda0cbf72f879685f6ed25f',
      ],
      [
        'dd7bf01a588bafb52c6cfba952e5d8fe35cc2b3f92b4730ae2474615157345ce',
        '356be70f110306d5c699bb834bb9d58d909e325924dfbec972e406e6f294dc63e1daebefe8a62a334facc8048ab4ad66',
      ],
    ],
  },
];

const prologue = utf8('enc-test 1');
const ends = (): [Noise, Noise] => [
  createNoise({ initiator: true, staticKey: generateX25519().privateKey, prologue }),
  createNoise({ initiator: false, staticKey: generateX25519().privateKey, prologue }),
];

function handshake([a, b]: [Noise, Noise]): void {
  b.readMessage(a.writeMessage(utf8('one')));
  a.readMessage(b.writeMessage(utf8('two')));
  b.readMessage(a.writeMessage(utf8('three')));
}

describe('createNoise', () => {
  it.each(vectors)('gives the published messages of $name', ({ prologue: text, initiator, responder, handshakeHash, messages }) => {
    const a = createNoise({ initiator: true, prologue: fromHex(text), ...initiator });
    const b = createNoise({ initiator: false, prologue: fromHex(text), ...responder });
    messages.forEach(([payload, ciphertext], i) => {
      const [from, to] = i % 2 === 0 ? [a, b] : [b, a];
      const sent = i < 3 ? from.writeMessage(fromHex(payload)) : from.done!.send.encrypt(fromHex(payload));
      expect(toHex(sent)).toBe(ciphertext);
      expect(toHex(i < 3 ? to.readMessage(sent) : to.done!.receive.decrypt(sent))).toBe(payload);
    });
    expect(a.done!.handshakeHash).toEqual(b.done!.handshakeHash);
    if (handshakeHash) expect(toHex(a.done!.handshakeHash)).toBe(handshakeHash);
    expect(a.done!.remoteStatic).toBe(x25519FromPrivateKey(responder.staticKey).publicKey);
    expect(b.done!.remoteStatic).toBe(x25519FromPrivateKey(initiator.staticKey).publicKey);
  });

  it('breaks when any byte of a message changes, and stays broken', () => {
    fc.assert(
      fc.property(fc.nat(2), fc.nat(500), fc.integer({ min: 1, max: 255 }), (at, position, change) => {
        const [a, b] = ends();
        let failed = 0;
        for (let i = 0; i < 3 && failed === 0; i++) {
          const [from, to] = i % 2 === 0 ? [a, b] : [b, a];
          const message = from.writeMessage(new Uint8Array(0));
          if (i === at) message[position % message.length]! ^= change;
          try {
            to.readMessage(message);
          } catch {
            failed += 1;
            expect(() => to.readMessage(message)).toThrow(expect.objectContaining({ code: 'Broken' }));
          }
        }
        // X25519 ignores the top bit of a public key, but the transcript hash does not.
        expect(failed).toBe(1);
        expect(a.done === undefined || b.done === undefined).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('fails at the second message when the prologues differ', () => {
    const a = createNoise({ initiator: true, staticKey: generateX25519().privateKey, prologue: utf8('chain 1') });
    const b = createNoise({ initiator: false, staticKey: generateX25519().privateKey, prologue: utf8('chain 2') });
    b.readMessage(a.writeMessage(new Uint8Array(0)));
    expect(() => a.readMessage(b.writeMessage(new Uint8Array(0)))).toThrow(expect.objectContaining({ code: 'NotAuthentic' }));
  });

  it.each<[string, string, (a: Noise, b: Noise) => unknown]>([
    ['the responder writes first', 'OutOfTurn', (_a, b) => b.writeMessage(prologue)],
    ['the initiator reads first', 'OutOfTurn', (a) => a.readMessage(prologue)],
    ['a message is cut', 'TooShort', (a, b) => b.readMessage(a.writeMessage(new Uint8Array(0)).subarray(1))],
    ['a message is empty', 'TooShort', (_a, b) => b.readMessage(new Uint8Array(0))],
    ['a message is too long to read', 'TooLong', (_a, b) => b.readMessage(new Uint8Array(65_536))],
    ['a payload is too long to write', 'TooLong', (a) => a.writeMessage(new Uint8Array(65_535))],
    ['an ephemeral key has small order', 'BadKey', (_a, b) => (b.readMessage(new Uint8Array(32)), b.writeMessage(new Uint8Array(0)))],
    ['the handshake is over', 'Finished', (a, b) => (handshake([a, b]), a.writeMessage(prologue))],
  ])('refuses when %s', (_name, code, act) => {
    expect(() => act(...ends())).toThrow(expect.objectContaining({ name: 'NoiseError', code }));
  });
});

describe('CipherState', () => {
  it('refuses repeated, reordered and changed messages, and goes on with the right one', () => {
    const pair = ends();
    handshake(pair);
    const [{ send }, { receive }] = [pair[0].done!, pair[1].done!];
    const [first, second] = [send.encrypt(utf8('first')), send.encrypt(utf8('second'))];
    expect(() => receive.decrypt(second)).toThrow(expect.objectContaining({ code: 'NotAuthentic' }));
    expect(receive.decrypt(first)).toEqual(utf8('first'));
    expect(() => receive.decrypt(first)).toThrow(expect.objectContaining({ code: 'NotAuthentic' }));
    expect(() => receive.decrypt(second.map((byte, i) => (i === 0 ? byte ^ 1 : byte)))).toThrow(expect.objectContaining({ code: 'NotAuthentic' }));
    expect(receive.decrypt(second)).toEqual(utf8('second'));
    expect(() => receive.decrypt(new Uint8Array(15))).toThrow(expect.objectContaining({ code: 'TooShort' }));
  });

  it('rekeys as section 4.2 says, and only both ends together', () => {
    const key = new Uint8Array(32).fill(7);
    const nonce = fromHex('00000000ffffffffffffffff');
    const expected = chacha20poly1305(key, nonce).encrypt(new Uint8Array(32)).subarray(0, 32);
    const [a, b, c] = [new CipherState(key), new CipherState(key), new CipherState(expected)];
    a.rekey();
    const sealed = a.encrypt(utf8('x'));
    expect(sealed).toEqual(c.encrypt(utf8('x')));
    expect(() => b.decrypt(sealed)).toThrow(expect.objectContaining({ code: 'NotAuthentic' }));
    b.rekey();
    expect(b.decrypt(sealed)).toEqual(utf8('x'));
  });

  it('stops at its message limit until it is rekeyed, without repeating a nonce', () => {
    const [a, b] = [new CipherState(new Uint8Array(32), 2), new CipherState(new Uint8Array(32), 9)];
    const sealed = [a.encrypt(utf8('1')), a.encrypt(utf8('2'))];
    expect(() => a.encrypt(utf8('3'))).toThrow(expect.objectContaining({ code: 'KeyExhausted' }));
    expect(sealed.map((message) => Buffer.from(b.decrypt(message)).toString())).toEqual(['1', '2']);
    a.rekey();
    b.rekey();
    expect([a.used, b.used]).toEqual([0, 0]);
    expect(Buffer.from(b.decrypt(a.encrypt(utf8('3')))).toString()).toBe('3');
  });

  it('carries up to the longest Noise message', () => {
    const [a, b] = [new CipherState(new Uint8Array(32)), new CipherState(new Uint8Array(32))];
    expect(b.decrypt(a.encrypt(new Uint8Array(MAX_PLAINTEXT_BYTES)))).toHaveLength(MAX_PLAINTEXT_BYTES);
    expect(() => a.encrypt(new Uint8Array(MAX_PLAINTEXT_BYTES + 1))).toThrow(expect.objectContaining({ code: 'TooLong' }));
    expect(() => b.decrypt(new Uint8Array(65_536))).toThrow(expect.objectContaining({ code: 'TooLong' }));
  });
});
