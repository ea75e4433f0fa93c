// Cosigns the receipt log's head once a second of block time and gathers the other validators' cosignatures into one note.
import { checkpointText, checkpointVerifiers, logSignatureLine, validatorCosignature } from '../../receipts/log/cosignedCheckpoint.js';
import { formatNote, NoteError, openNote, type NoteVerifier } from '../../receipts/log/signedNote.js';
import { quorum } from '../../receipts/quorum.js';
import type { BlockHeader, ValidatorSet } from '../../receipts/types.js';

/** Heads for which cosignatures are gathered at a time, those that a newer one replaced too: how late a line comes is measured. */
const KEPT_HEADS = 8;
/** Of the next heads, that another has and this validator has not yet. */
const KEPT_EARLY = 64;

export interface Cosignature {
  height: number;
  /** What the sender says that the log is at this height; `line` signs the checkpoint of it. */
  logSize: number;
  logRoot: string;
  /** A note line. */
  line: string;
}

interface Head {
  height: number;
  text: string;
  set: ValidatorSet;
  verifiers: NoteVerifier[];
  /** By validator index. */
  lines: Map<number, string>;
}

export interface CosignerIdentity {
  chainId: string;
  ed25519: { privateKey: string; publicKey: string };
}

export class Cosigner {
  #heads: Head[] = [];
  readonly #early = new Map<string, Cosignature>();
  /** The newest head that a quorum cosigned. */
  #published: Head | undefined;
  /** Made when it is asked for: most are not. */
  #note: { head: Head; lines: number; text: string } | undefined;

  /**
   * `lastTimestamp` = block time of the head, ms. `misfit`: a cosignature that is none of what this validator knows to be final. `taken`: a good one, the first of
   * this validator (its key) over the log at a height.
   */
  constructor(
    private readonly identity: CosignerIdentity,
    private lastTimestamp: number,
    private readonly misfit: (cosignature: Cosignature) => void = () => undefined,
    private readonly taken: (height: number, publicKey: string) => void = () => undefined,
  ) {}

  /** Of the newest head that a quorum cosigned; undefined until there is one. */
  get note(): string | undefined {
    const head = this.#published;
    if (!head) return undefined;
    if (this.#note?.head !== head || this.#note.lines !== head.lines.size) this.#note = { head, lines: head.lines.size, text: this.#noteOf(head) };
    return this.#note.text;
  }

  /** A block became final; `set` signed it. The own cosignature, to be sent to the others, where one is due. */
  committed(header: BlockHeader, set: ValidatorSet): Cosignature | undefined {
    const due = startsSecond(header.timestamp, this.lastTimestamp);
    this.lastTimestamp = header.timestamp;
    if (!due) return undefined;
    const { chainId, ed25519 } = this.identity;
    const head: Head = { height: header.height, text: checkpointText(chainId, header), set, verifiers: checkpointVerifiers(chainId, set), lines: new Map() };
    this.#heads = [...this.#heads, head].slice(-KEPT_HEADS);
    const waiting = [...this.#early].filter(([, { height }]) => height <= header.height);
    for (const [key, cosignature] of waiting) {
      this.#early.delete(key);
      this.received(cosignature);
    }
    const member = set.validators.find(({ ed25519PublicKey }) => ed25519PublicKey === ed25519.publicKey);
    if (!member) return undefined;
    const own = { height: header.height, logSize: header.logSize, logRoot: header.logRoot, line: validatorCosignature(chainId, member.address, ed25519, head.text, Math.floor(header.timestamp / 1_000)) };
    this.#take(head, own.line);
    return own;
  }

  /** Another validator's; false when it does not fit what this validator knows to be final. */
  received(cosignature: Cosignature): boolean {
    const { height, line } = cosignature;
    const newest = this.#heads.at(-1)?.height ?? 0;
    const head = this.#heads.find((kept) => kept.height === height);
    if (height > newest) {
      if (this.#early.size < KEPT_EARLY) this.#early.set(`${height} ${line}`, cosignature);
      return true;
    }
    if (head && this.#take(head, line)) return true;
    this.misfit(cosignature);
    return !head && height < (this.#heads[0]?.height ?? 0);
  }

  #take(head: Head, line: string): boolean {
    const signer = cosignerOf(head, line);
    if (signer === undefined) return false;
    const { validators, quorumPercent } = head.set;
    if (!head.lines.has(signer)) this.taken(head.height, validators[signer]!.ed25519PublicKey);
    head.lines.set(signer, line);
    if (head.height >= (this.#published?.height ?? 0) && head.lines.size >= quorum(validators.length, quorumPercent)) this.#published = head;
    return true;
  }

  #noteOf({ text, lines }: Head): string {
    const { chainId, ed25519 } = this.identity;
    const ascending = [...lines].toSorted(([a], [b]) => a - b).map(([, line]) => line);
    return formatNote(text, [logSignatureLine(chainId, text, ed25519), ...ascending]);
  }
}

/** The first block of a second of block time: the same on all validators. */
function startsSecond(timestamp: number, previousTimestamp: number): boolean {
  return Math.floor(timestamp / 1_000) > Math.floor(previousTimestamp / 1_000);
}

function cosignerOf({ text, set, verifiers }: Head, line: string): number | undefined {
  try {
    const [signature] = openNote(formatNote(text, [line]), verifiers).signatures;
    const index = set.validators.findIndex(({ ed25519PublicKey }) => ed25519PublicKey === signature?.verifier.publicKey);
    return signature?.time === undefined || index < 0 ? undefined : index;
  } catch (error) {
    if (error instanceof NoteError) return undefined;
    throw error;
  }
}
