// Lets so many pieces of work run at a time, in the order in which they came.

export class Gate {
  readonly #waiting: (() => void)[] = [];

  constructor(private room: number) {}

  /** Resolves or rejects as `work` does. */
  async through<T>(work: () => Promise<T>): Promise<T> {
    if (this.room > 0) this.room -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.room += 1;
    }
  }
}
