// The full mesh of validators: of two the roster says who dials, both know each other by key, a lost link is dialled again with jitter.
import { createServer, Socket, type Server, type SocketConstructorOpts } from 'node:net';
import { generateX25519 } from '../../../crypto/x25519.js';
import { NodeError } from '../nodeError.js';
import type { RosterMember } from '../roster.js';
import type { ValidatorKeys } from '../validatorKeys.js';
import type { Channel } from './channels.js';
import { ConnectionGate } from './connectionGate.js';
import { Link, LINK_TIMINGS, type LinkTimings, type LocalIdentity } from './link.js';
import { certifyLink, checkOwnCertificate, encodeLinkCertificate } from './linkCertificate.js';
import { LinkError } from './linkError.js';

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;
/** What the socket holds before the queue, and with it the priorities, takes over. */
const SOCKET_BUFFER_BYTES = 256 * 1024;

export interface PeerAddress {
  host: string;
  port: number;
}
export interface PeerState {
  index: number;
  connected: boolean;
  /** ms since the epoch; undefined when never in this run. */
  lastHeardAt: number | undefined;
  /** When the link came or went last, ms since the epoch. */
  since: number;
  waitingBytes: number;
  dropped: number;
}
export interface MeshOptions {
  chainId: string;
  keys: ValidatorKeys;
  listen: PeerAddress;
  /** Everybody else, by number; undefined for who may not link. */
  members: readonly (RosterMember | undefined)[];
  timings?: Partial<LinkTimings>;
}
export interface MeshHandlers {
  connected(index: number): void;
  disconnected(index: number, reason: Error): void;
  message(index: number, channel: Channel, message: Uint8Array): void;
  /** A connection that never became a link; `address` is the remote IP. */
  refused(address: string, reason: Error): void;
  /** A peer has proved that another process links with this validator's key, begun at `startedAt`, ms since the epoch. */
  keyUsedElsewhere(index: number, startedAt: number): void;
}

interface Peer {
  link: Link | undefined;
  lastHeardAt: number | undefined;
  since: number;
  attempts: number;
  retry: NodeJS.Timeout | undefined;
  dialling: boolean;
}

export class PeerMesh {
  readonly #peers: Peer[] = [];
  readonly #identity: LocalIdentity;
  /** ms since the epoch */
  readonly startedAt = Date.now();
  readonly #staticKey: string;
  readonly #gate = new ConnectionGate();
  readonly #server: Server;
  readonly #handshaking = new Set<Link>();
  #members: MeshOptions['members'] = [];
  #started = false;
  #stopped = false;

  constructor(
    private readonly options: MeshOptions,
    private readonly handlers: MeshHandlers,
  ) {
    const staticKey = generateX25519();
    const certificate = certifyLink(options.chainId, options.keys, staticKey.publicKey, this.startedAt);
    this.#staticKey = staticKey.publicKey;
    this.#identity = {
      chainId: options.chainId,
      allowed: [],
      staticKey: staticKey.privateKey,
      certificate: encodeLinkCertificate(certificate),
      timings: { ...LINK_TIMINGS, ...options.timings },
    };
    this.update(options.members);
    this.#server = createServer({ highWaterMark: SOCKET_BUFFER_BYTES }, (socket) => this.#accept(socket));
  }

  /** Listens, and dials whom the members say. Throws NodeError 'PortInUse'. */
  async start(): Promise<void> {
    const { host, port } = this.options.listen;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => {
        reject(new NodeError('PortInUse', `peer port ${host}:${port} cannot be opened: ${cause.code ?? cause.message}; stop what uses it or choose another`, { cause }));
      });
      this.#server.listen(port, host, resolve);
    });
    this.#started = true;
    this.#members.forEach((_, index) => this.#dial(index));
  }

  /** From now on these may link: who is missing loses its link, who is new is dialled. */
  update(members: MeshOptions['members']): void {
    this.#members = members;
    this.#identity.allowed = members.map((member) => member?.validator);
    members.forEach((member, index) => {
      const peer = (this.#peers[index] ??= { link: undefined, lastHeardAt: undefined, since: Date.now(), attempts: 0, retry: undefined, dialling: false });
      if (member === undefined) peer.link?.close(new LinkError('NotAllowed', 'it is no validator any more'));
      else if (this.#started && peer.retry === undefined) this.#dial(index);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const { retry, link } of this.#peers) {
      clearTimeout(retry);
      link?.close(new LinkError('Closed', 'this validator stops'));
    }
    for (const link of this.#handshaking) link.close(new LinkError('Closed', 'this validator stops'));
    await closed;
  }

  /** To one peer; false when it is not connected: the message is dropped. */
  send(index: number, channel: Channel, message: Uint8Array): boolean {
    const link = this.#peers[index]?.link;
    link?.send(channel, message);
    return link !== undefined;
  }

  broadcast(channel: Channel, message: Uint8Array): void {
    for (const { link } of this.#peers) link?.send(channel, message);
  }

  /** Of all who may link. */
  states(): PeerState[] {
    const states = this.#peers.map(({ link, lastHeardAt, since }, index) => ({
      index,
      connected: link !== undefined,
      lastHeardAt: link?.lastHeardAt ?? lastHeardAt,
      since,
      waitingBytes: link?.waitingBytes ?? 0,
      dropped: link?.dropped ?? 0,
    }));
    return states.filter(({ index }) => this.#members[index] !== undefined);
  }

  #accept(socket: Socket): void {
    const address = socket.remoteAddress ?? 'unknown';
    const admitted = this.#gate.admit(address);
    if (!admitted) {
      socket.destroy();
      return;
    }
    this.#run(socket, undefined, address, () => this.#gate.release(address));
  }

  #dial(index: number): void {
    const peer = this.#peers[index]!;
    const { address, dial } = this.#members[index] ?? { dial: false };
    peer.retry = undefined;
    if (this.#stopped || peer.link || peer.dialling || !dial || !address) return;
    peer.dialling = true;
    const socket = new Socket({ writableHighWaterMark: SOCKET_BUFFER_BYTES } as SocketConstructorOpts).connect(address.port, address.host);
    this.#run(socket, index, `${address.host}:${address.port}`, () => undefined);
  }

  /** `settled` is called once: when the handshake is over, well or not. */
  #run(socket: Socket, expected: number | undefined, address: string, settled: () => void): void {
    const link = new Link(socket, this.#identity, expected, {
      ready: (ready) => {
        this.#handshaking.delete(ready);
        settled();
        this.#adopt(ready);
      },
      message: (from, channel, message) => {
        if (this.#peers[from.index]!.link === from) this.handlers.message(from.index, channel, message);
      },
      closed: (lost, reason) => {
        if (this.#handshaking.delete(lost)) {
          settled();
          if (expected === undefined) this.handlers.refused(address, reason);
        }
        this.#lost(lost, expected, reason);
      },
      otherRun: (from, certificate) => this.#otherRun(from, certificate),
    });
    this.#handshaking.add(link);
  }

  #adopt(link: Link): void {
    const peer = this.#peers[link.index]!;
    const old = peer.link;
    if (old && old.startedAt > link.startedAt) return link.closeForOtherRun(old.certificate, new LinkError('NotAllowed', 'a later run of the same validator is connected'));
    if (old?.startedAt === link.startedAt && old.initiator !== link.initiator && old.initiator === this.#dialsFirst(link.index))
      return link.close(new LinkError('Closed', 'both ends dialled; the other link stays'));
    peer.link = link;
    peer.dialling = false;
    peer.since = Date.now();
    peer.attempts = 0;
    if (old && old.startedAt < link.startedAt) old.closeForOtherRun(link.certificate, new LinkError('Closed', 'a later run of the same validator has linked'));
    else old?.close(new LinkError('Closed', 'replaced by a newer link'));
    this.handlers.connected(link.index);
  }

  /** Only what this validator's own key has signed, after this run began, proves anything: a peer cannot make it up. */
  #otherRun(link: Link, shown: Uint8Array): void {
    const { chainId, keys } = this.options;
    const self = { address: 'this validator', ed25519PublicKey: keys.ed25519.publicKey, blsPublicKey: keys.bls.publicKey };
    const { startedAt, staticKey } = checkOwnCertificate(shown, chainId, self);
    if (startedAt > this.startedAt && staticKey !== this.#staticKey) this.handlers.keyUsedElsewhere(link.index, startedAt);
  }

  /** When both ends dial at once, the link of the lower key stays, so that they do not close each other's. */
  #dialsFirst(index: number): boolean {
    return this.options.keys.ed25519.publicKey < this.#members[index]!.validator.ed25519PublicKey;
  }

  #lost(link: Link, dialled: number | undefined, reason: Error): void {
    const peer = this.#peers[link.index];
    if (peer?.link === link) {
      peer.link = undefined;
      peer.lastHeardAt = link.lastHeardAt;
      peer.since = Date.now();
      this.handlers.disconnected(link.index, reason);
    }
    if (dialled === undefined) return;
    this.#peers[dialled]!.dialling = false;
    this.#retry(dialled);
  }

  #retry(index: number): void {
    const peer = this.#peers[index]!;
    if (this.#stopped || peer.link || this.#members[index]?.dial !== true) return;
    const delay = Math.min(FIRST_RETRY_MS * 2 ** Math.min(peer.attempts, 10), LONGEST_RETRY_MS);
    peer.attempts += 1;
    clearTimeout(peer.retry);
    peer.retry = setTimeout(() => this.#dial(index), delay * (0.5 + Math.random() / 2));
  }
}
