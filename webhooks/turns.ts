// Who is decided about first when more come at once than two cores can answer: what was let in is bound before more is let in, or pods that wait to be bound pile up.
import type { AdmissionRequest } from './admission/review.js';

/** As many as the operator binds at a time (operator/scheduler): while it does, nothing new is begun. */
const AT_ONCE = 24;
/** Then it is its turn whatever else goes on: the API server waits for so long, and no answer says less than a refusal. */
const PATIENCE_MS = 3_000;

/** Brings a new pod, which can wait; all else is about something that is there. */
export const bringsPod = ({ operation, resource, subResource }: Pick<AdmissionRequest, 'operation' | 'resource' | 'subResource'>): boolean =>
  operation === 'CREATE' && resource.group === '' && resource.resource === 'pods' && subResource === '';

/** What brings a pod waits, in the order in which it came, until fewer than `room` are decided about; nothing else waits. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(
    private readonly room = AT_ONCE,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  /** Resolves or rejects as `work` does. */
  async through<T>(request: Parameters<typeof bringsPod>[0], work: () => Promise<T>): Promise<T> {
    if (bringsPod(request) && (this.#waiting.length > 0 || this.#inside >= this.room)) await this.#turn();
    else this.#inside += 1;
    try {
      return await work();
    } finally {
      this.#inside -= 1;
      if (this.#inside < this.room) this.#waiting[0]?.();
    }
  }

  /** Resolves inside. */
  #turn(): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        this.#inside += 1;
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        resolve();
      };
      const timer = setTimeout(go, this.patienceMs);
      this.#waiting.push(go);
    });
  }
}
