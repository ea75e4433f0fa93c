// Who is decided about first when more come at once than two cores can answer: what was let in is bound before more is let in, or pods that wait to be bound pile up.
import type { AdmissionRequest } from './admission/review.js';

/** As many as the operator binds at a time (operator/scheduler): while it does, nothing new is begun. */
const AT_ONCE = 24;

/** Brings a new pod, which can wait; all else is about something that is there. */
export const bringsPod = ({ operation, resource, subResource }: Pick<AdmissionRequest, 'operation' | 'resource' | 'subResource'>): boolean =>
  operation === 'CREATE' && resource.group === '' && resource.resource === 'pods' && subResource === '';

/** What brings a pod waits, in the order in which it came, until fewer than `room` are decided about; nothing else waits. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(private readonly room = AT_ONCE) {}

  /** Resolves or rejects as `work` does. */
  async through<T>(request: Parameters<typeof bringsPod>[0], work: () => Promise<T>): Promise<T> {
    if (bringsPod(request) && (this.#waiting.length > 0 || this.#inside >= this.room)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#inside += 1;
    try {
      return await work();
    } finally {
      this.#inside -= 1;
      this.#next();
    }
  }

  /** Who is let in takes the place at once. */
  #next(): void {
    while (this.#inside < this.room) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#inside += 1;
      next();
    }
  }
}
