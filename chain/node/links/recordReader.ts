// Cuts a byte stream into records: u16 length, then that many bytes (one Noise message each).

const NOTHING = Buffer.alloc(0);

/** Holds at most one incomplete record and what arrived with it. */
export class RecordReader {
  #pending: Buffer[] = [];
  #bytes = 0;

  /** The records that the chunk completes, in order. */
  push(chunk: Buffer): Buffer[] {
    this.#pending.push(chunk);
    this.#bytes += chunk.length;
    const records: Buffer[] = [];
    for (let record = this.#next(); record; record = this.#next()) records.push(record);
    return records;
  }

  /** First two bytes, when they are there: lets garbage be told from a handshake at once. */
  announcedLength(): number | undefined {
    return this.#bytes < 2 ? undefined : this.#joined().readUInt16BE(0);
  }

  #joined(): Buffer {
    if (this.#pending.length > 1) this.#pending = [Buffer.concat(this.#pending)];
    return this.#pending[0] ?? NOTHING;
  }

  #next(): Buffer | undefined {
    if (this.#bytes < 2) return undefined;
    const first = this.#pending[0]!;
    const length = (first.length >= 2 ? first : this.#joined()).readUInt16BE(0);
    if (this.#bytes < 2 + length) return undefined;
    const all = this.#joined();
    const record = all.subarray(2, 2 + length);
    const rest = all.subarray(2 + length);
    this.#pending = rest.length === 0 ? [] : [rest];
    this.#bytes = rest.length;
    return record;
  }
}

export function frameRecord(bytes: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(2 + bytes.length);
  framed.writeUInt16BE(bytes.length, 0);
  framed.set(bytes, 2);
  return framed;
}
