// A TCP relay that a fault can reach into: passes bytes on, or cuts, slows or silences its connections. Carries links between validators, and stands for a Service.
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * 'cut': connections end and new ones are refused. 'slow': every piece arrives `delayMs` late, in order. 'half-open': connections stay and new
 * ones are taken, what the caller sends arrives, nothing comes back.
 */
export type RelayState = 'open' | 'cut' | 'slow' | 'half-open';

interface Pair {
  caller: Socket;
  target: Socket;
}

export class Relay {
  readonly #pairs = new Set<Pair>();
  #state: RelayState = 'open';
  #delayMs = 0;
  #turn = 0;

  private constructor(
    private readonly server: Server,
    private readonly targets: readonly number[],
  ) {
    server.on('connection', (caller) => this.#take(caller));
  }

  /** Connections to `port` go to the targets in turn; to the next one where one refuses. */
  static async listen(port: number, targets: readonly number[]): Promise<Relay> {
    const server = createServer({ allowHalfOpen: false });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve());
    });
    return new Relay(server, targets);
  }

  set(state: RelayState, delayMs = 0): void {
    const before = this.#state;
    this.#state = state;
    this.#delayMs = delayMs;
    // What was silenced has lost nothing yet, but a network that heals after minutes has: the connection ends.
    if (state === 'cut' || before === 'half-open') for (const pair of this.#pairs) end(pair);
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) end(pair);
    await new Promise((resolve) => this.server.close(resolve));
  }

  #take(caller: Socket): void {
    caller.on('error', () => undefined);
    if (this.#state === 'cut') return void caller.destroy();
    this.#reach(caller, this.#turn++, this.targets.length);
  }

  #reach(caller: Socket, turn: number, left: number): void {
    const target = connect({ host: '127.0.0.1', port: this.targets[turn % this.targets.length]! });
    target.once('connect', () => this.#join({ caller, target }));
    target.once('error', () => {
      if (left > 1 && target.connecting === false && !caller.destroyed && target.bytesRead === 0) this.#reach(caller, turn + 1, left - 1);
      else caller.destroy();
    });
  }

  #join(pair: Pair): void {
    const { caller, target } = pair;
    target.removeAllListeners('error').on('error', () => undefined);
    this.#pairs.add(pair);
    for (const socket of [caller, target]) {
      socket.setNoDelay(true);
      socket.once('close', () => {
        this.#pairs.delete(pair);
        end(pair);
      });
    }
    this.#pass(caller, target, false);
    this.#pass(target, caller, true);
  }

  #pass(from: Socket, to: Socket, back: boolean): void {
    from.on('data', (piece) => {
      if (this.#state === 'half-open' && back) return;
      const write = () => {
        if (!to.destroyed && !to.write(piece)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      };
      if (this.#delayMs > 0) setTimeout(write, this.#delayMs);
      else write();
    });
  }
}

function end({ caller, target }: Pair): void {
  caller.destroy();
  target.destroy();
}
