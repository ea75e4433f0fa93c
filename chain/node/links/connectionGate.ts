// How many connections may be in their handshake at once, in all and from one address, so that garbage stays cheap.

const MAX_HANDSHAKES = 128;
const MAX_HANDSHAKES_PER_ADDRESS = 32;

export class ConnectionGate {
  readonly #byAddress = new Map<string, number>();
  #all = 0;

  constructor(
    private readonly max = MAX_HANDSHAKES,
    private readonly maxPerAddress = MAX_HANDSHAKES_PER_ADDRESS,
  ) {}

  /** False: close the connection at once. True: call release when its handshake is over. */
  admit(address: string): boolean {
    const here = this.#byAddress.get(address) ?? 0;
    if (this.#all >= this.max || here >= this.maxPerAddress) return false;
    this.#byAddress.set(address, here + 1);
    this.#all += 1;
    return true;
  }

  release(address: string): void {
    const here = this.#byAddress.get(address) ?? 0;
    if (here === 0) return;
    this.#all -= 1;
    if (here === 1) this.#byAddress.delete(address);
    else this.#byAddress.set(address, here - 1);
  }
}
